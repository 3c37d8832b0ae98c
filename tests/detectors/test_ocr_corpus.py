"""What is promised of pictures, on a corpus that is drawn anew for each seed."""

import pytest

from benchmarks.pictures import is_kept, measure, table

pytestmark = pytest.mark.long


@pytest.mark.parametrize("seed", [1, 20261122])
def test_nine_of_ten_numbers_in_pictures_are_found_and_none_that_is_not_there(seed):
    pytest.importorskip("tesserocr")
    ways = measure(seed)
    assert is_kept(ways), table(ways)
