"""Widths, schemes and languages in which every page is tried; most of them in `make soak`."""

import pytest

DAILY = [(320, "light", "ja"), (1440, "dark", "en")]
ALL = [(w, s, l) for w in (320, 390, 768, 1440) for s in ("light", "dark") for l in ("ja", "en")]
LOOKS = [pytest.param(*look, marks=() if look in DAILY else pytest.mark.long) for look in ALL]
