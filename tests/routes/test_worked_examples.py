"""The worked examples of deals of today, through every route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from absences import missing
from oracles.calls import DEALS
from routes import worked_examples
from routes.route import Route, same
from routes.routes import ROUTES
from routes.worked_examples import CASES

OTHERS: Final = {"DEAL_TERM"}


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    for route in ROUTES:
        route.close()


def test_every_function_of_deals_of_today_has_one() -> None:
    assert {case.name for case in CASES} == DEALS | OTHERS


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_examples(route: Route) -> None:
    if not route.is_there():
        missing(f"what the route {route.name} needs")
    with worked_examples.installed():
        found = route.run(CASES)
    wrong = [
        f"{case.name}, {case.label}: {result} is not {case.expected}"
        for case, result in zip(CASES, found, strict=True)
        if not same(result, case.expected)
    ]
    assert not wrong, "\n".join(wrong)
