from __future__ import annotations

import pytest
from starlette.requests import Request

from gateway.face.lists import DEEPEST, SIZE, Pager, View, view


def _view(query: str) -> View:
    scope = {
        "type": "http",
        "path": "/audit",
        "headers": [(b"host", b"testserver")],
        "query_string": query.encode(),
    }
    return view(Request(scope), sorts=("-at", "login"), filters=("q", "verb"))


def test_it_works() -> None:
    shown = _view("q=yamada&sort=login&page=3&other=x")
    assert (shown.sort, shown.descending, shown.page) == ("login", False, 3)
    assert shown.filters == {"q": "yamada"}
    assert shown.offset == 2 * SIZE


def test_the_first_order_is_the_default() -> None:
    shown = _view("")
    assert (shown.sort, shown.descending, shown.page) == ("at", True, 1)


@pytest.mark.parametrize("sort", ["password", "--at", "", "at;drop", "-"])
def test_an_unknown_column_is_not_sorted_by(sort: str) -> None:
    assert _view(f"sort={sort}").sort == "at"


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "１", "1e9", "²"])
def test_an_odd_page_is_the_first(page: str) -> None:
    assert _view(f"page={page}").page == 1


def test_a_page_has_an_end() -> None:
    assert _view("page=99999999999999999999").page == DEEPEST


def test_links_keep_the_filters_and_drop_the_page() -> None:
    shown = _view("q=a%26b&page=3")
    assert shown.url(page=4) == "/audit?q=a%26b&sort=-at&page=4"
    assert shown.sort_url("login") == "/audit?q=a%26b&sort=login"
    assert shown.url(path="/audit.csv") == "/audit.csv?q=a%26b&sort=-at"


def test_a_heading_turns_the_order() -> None:
    assert _view("").sort_url("at").endswith("sort=at")
    assert _view("sort=at").sort_url("at").endswith("sort=-at")
    assert _view("").aria_sort("at") == "descending"
    assert _view("sort=at").aria_sort("at") == "ascending"
    assert _view("").aria_sort("login") == "none"


@pytest.mark.parametrize(
    ("page", "total", "first", "last", "before", "after"),
    [
        (1, 0, 0, 0, False, False),
        (1, 50, 1, 50, False, False),
        (1, 51, 1, 50, False, True),
        (2, 51, 51, 51, True, False),
        (9, 51, 51, 51, True, False),
    ],
)
def test_the_pager_counts(page, total, first, last, before, after) -> None:
    pager = Pager(_view(f"page={page}"), total)
    assert (pager.first, pager.last) == (first, last)
    assert (bool(pager.before), bool(pager.after)) == (before, after)


def test_back_from_beyond_the_end_leads_to_the_last_page() -> None:
    assert Pager(_view("page=9"), 51).before.endswith("page=2")
