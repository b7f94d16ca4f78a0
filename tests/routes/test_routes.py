"""One table of calls through every route: the same doubles and the same errors everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from absences import missing
from routes import routes
from routes.cases import CASES, LEAST
from routes.route import Route, same, sample
from routes.routes import ROUTES

from tools import generate
from xladdin.functions.registry import FUNCTIONS

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    yield
    for route in ROUTES:
        route.close()


@every_function
def test_every_function_has_cases(name: str) -> None:
    assert len(CASES[name]) >= LEAST[name]


@every_function
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_route(route: Route, name: str) -> None:
    if not route.is_there():
        missing(f"what the route {route.name} needs")
    given = sample(route, name)
    found = route.run(given)
    wrong = [
        f"{case.label}: {result} is not {route.expected(case)}"
        for case, result in zip(given, found, strict=True)
        if not same(result, route.expected(case))
    ]
    assert not wrong, f"{len(wrong)} of {len(given)}:\n" + "\n".join(wrong[:20])
    routes.TALLY.setdefault(name, {})[route.name] = len(given)


@pytest.mark.long
def test_the_page_is_current() -> None:
    for route in ROUTES:
        if not route.is_there():
            missing(f"the page counts the route {route.name}")
    page = (generate.ROOT / generate.ROUTES_PAGE).read_text(encoding="utf-8")
    assert page == routes.page(), "run: python -m tools.generate"
