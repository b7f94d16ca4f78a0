"""Other limits, and edges in cents, in the workbooks of deals that have them, in both engines."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
from fillings.base import Filling, Template
from fillings.test_captable import deal_file
from offices import office_too

from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DATA: Final = Path(__file__).parents[1] / "data"
OUTSTANDING: Final = 21_927_372
ENGINES: Final = (False, pytest.param(True, marks=office_too))


@pytest.fixture(autouse=True)
def _office() -> Iterator[None]:
    with libreoffice.session():
        yield
    forget()


@pytest.mark.sample(1)
@pytest.mark.parametrize("office", ENGINES)
@pytest.mark.parametrize(("name", "limit"), [("FIFTEEN-1", "0.15"), ("ODD-1", "0.1999")])
def test_another_limit_of_the_exchange(
    tmp_path: Path, name: str, limit: str, *, office: bool
) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(deal_file(name), "utf-8")
    offer(read_terms(path), path)
    most = math.ceil(OUTSTANDING * Fraction(limit)) - 1
    template = Template("captable", select(name), "Tranches")
    for planned, below in ((most, "yes"), (most + 1, "no")):
        answer = template.compute(Filling({"Planned_issue": planned}), office=office)
        assert answer.failing() == []
        assert answer.named("Exchange_headroom") == most
        assert answer.named("Issue_below_limit") == below


@pytest.mark.long
@pytest.mark.parametrize("office", ENGINES)
def test_edges_in_cents(*, office: bool) -> None:
    path = DATA / "ODD-CENTS.toml"
    offer(read_terms(path), path)
    log = Template("placements", select("ODD-CENTS"), "Placements")
    first = {"Date": datetime.date(2019, 6, 3), "Shares": 1_000_000, "Price": 7.0}
    for price, left, fills in ((None, 0.07, True), (0.07, 0, True), (0.08, None, False)):
        rest = [] if price is None else [{**first, "Shares": 1, "Price": price}]
        answer = log.compute(Filling(rows=[first, *rest]), office=office)
        assert answer.holds() is fills
        if fills:
            assert answer.named("Capacity_left") == left
            assert answer.failing() == []
