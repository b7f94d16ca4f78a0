"""The deals shipped beside that of 2001: what their filings print, and how their terms compute."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from oracles.contract import SESSIONS
from templates import LINES, OF_2001

import xladdin
from xladdin.building import render
from xladdin.building.build import build
from xladdin.building.manifest import LEFT_OUT
from xladdin.building.printed import agrees, reproduced
from xladdin.engines.embedded.compute import evaluate
from xladdin.terms import deal_names, read_terms, select
from xladdin.terms.parsing import as_number
from xladdin.terms.store import SHIPPED
from xladdin.terms.writer import written

DEALS: Final = {
    "CANOO-2022": (11, 1),
    "CDIO-2023": (6, 1),
    "CGTX-2022": (30, 6),
    "CIK886128-SHARES": (3, 1),
    "MORF-2020": (3, 0),
}
"""By deal: figures that its filings print, and how many of them nothing gives."""


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def test_all_shipped_deals_are_tested_here_or_as_that_of_2001() -> None:
    shipped = {name for name, path in deal_names().items() if path.parent == SHIPPED}
    assert shipped == {*DEALS, "NEOT-2001"}


@pytest.mark.parametrize("name", DEALS)
def test_printed_results_are_reproduced(name: str) -> None:
    found = list(reproduced(select(name).deal, name))
    assert [one.figure.name for one in found if not one.agrees] == []
    assert (len(found), sum(one.figure.exception is not None for one in found)) == DEALS[name]


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", ["NEOT-2001", *DEALS])
def test_a_printed_result_changed_in_its_last_digit_is_not_reproduced(name: str) -> None:
    for one in reproduced(select(name).deal, name):
        if one.figure.exception is None:
            printed = one.figure.value
            last = list(re.finditer(r"\d", printed))[-1].start()
            for step in (1, -1):
                digit = str((int(printed[last]) + step) % 10)
                assert not agrees(printed[:last] + digit + printed[last + 1 :], one.found), printed


@pytest.mark.parametrize("name", DEALS)
def test_the_writer_gives_the_same_deal(name: str, tmp_path: Path) -> None:
    deal = select(name).undated
    assert deal is not None
    path = tmp_path / f"{name}.toml"
    path.write_text(written(deal.deal), encoding="utf-8")
    assert read_terms(path).deal == deal.deal


LOGGED: Final = {
    "CGTX-2022": {"placements"},
    "CIK886128-SHARES": {"placements"},
    "MORF-2020": {"placements", "proceeds"},
}
"""Deals with agents who sell: they have a log, and proceeds where every agreement has a commission
and a capacity in dollars."""


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", DEALS)
def test_workbooks_of_what_a_deal_has_not_are_left_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is written is left as it is: other tests compute it.
    monkeypatch.setattr(render, "computed", lambda *_: render.Rendered(b"", 0, True, ()))
    made = build(deals=[name], out=tmp_path)
    left_out = {one.path.stem for one in made if one.change == LEFT_OUT}
    has = {"equityline"} if name in LINES else set()
    has |= {"reporting", "offering"} if select(name).deal.agreements else {"reporting"}
    has |= {"captable"} if select(name).deal.instruments else set()
    assert left_out == {*OF_2001, "equityline"} - has - LOGGED.get(name, set())
    without = re.compile(r" has (no|an agreement, \w+, without) ")
    assert all(without.search(one.failures[0]) for one in made if one.change == LEFT_OUT)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("$50.2 million", Decimal("50.2E6")),
        ("2.7 million", Decimal("2.7E6")),
        ("$40 billion", Decimal("40E9")),
        ("12 thousand", Decimal("12E3")),
        ("(1.5 million)", None),
        ("million", None),
    ],
)
def test_numbers_in_words(printed: str, number: Decimal | None) -> None:
    found = as_number(printed)
    assert found == number
    if found is not None and number is not None:
        assert found.as_tuple() == number.as_tuple()  # its last printed digit is kept


def quotes(event: str, values: Sequence[float], last: int = -1) -> list[list[Any]]:
    """Prices of sessions, the last of them so many sessions from a day."""
    at = next(number for number, session in enumerate(SESSIONS) if session >= day(event)) + last
    days = SESSIONS[at - len(values) + 1 : at + 1]
    return [["Date", "VWAP"], *([one, value] for one, value in zip(days, values, strict=True))]


@pytest.mark.parametrize(
    ("event", "value", "price"),
    [
        ("2022-11-14", 1.40, 1.33),
        ("2022-11-14", 1.00, 1.00),
        ("2023-01-23", 0.60, 1.00),
        ("2023-01-24", 0.60, 0.57),
        ("2023-10-04", 0.20, 0.50),
        ("2023-10-05", 0.20, 0.19),
        ("2024-03-07", 0.05, 0.10),
        ("2024-03-11", 1.50, 2.30),
        ("2024-03-11", 3.00, 2.85),
        ("2024-12-26", 10.0, 46.0),
    ],
)
def test_a_floor_lowered_twice_over_two_splits(event: str, value: float, price: float) -> None:
    issue = "2022-08-23"
    rows = [*quotes(issue, [3.5]), *quotes(event, [value])[1:]]
    found = xladdin.deal_price("first", rows, day(event), day(issue), terms="CANOO-2022")
    assert found == pytest.approx(price, rel=1e-15)


def test_the_price_of_the_third_advance_takes_the_lowest_of_five_days() -> None:
    issue, event = "2022-11-09", "2022-12-15"
    rows = [*quotes(issue, [1.30]), *quotes(event, [1.5, 1.2, 1.4, 1.3, 1.6])[1:]]
    terms = "CANOO-2022"
    assert xladdin.deal_price("third", rows, day(event), day(issue), terms=terms) == 1.14
    rows[-4][1] = 2.0
    assert xladdin.deal_price("third", rows, day(event), day(issue), terms=terms) == 1.235
    rows[1][1] = 1.1
    assert xladdin.deal_price("third", rows, day(event), day(issue), terms=terms) == 1.21


def test_quotations_from_before_the_split_count_in_shares_of_the_day() -> None:
    event = "2024-03-11"  # two sessions after the split, a Friday, and the weekend
    rows = quotes(event, [0.20, 0.21, 0.19, 0.22, 4.6])
    found = xladdin.deal_price(
        "third", [*rows, [day("2022-11-08"), 3.0]], day(event), day("2022-11-09"), "CANOO-2022"
    )
    assert found == pytest.approx(0.19 * 23 * 0.95, rel=1e-15)


@pytest.mark.parametrize(
    ("event", "price"), [("2023-06-01", 0.55), ("2023-09-29", 0.55), ("2023-10-02", 0.345)]
)
def test_the_average_of_the_two_lowest_of_seven_days(event: str, price: float) -> None:
    rows = quotes(event, [0.50, 0.40, 0.45, 0.42, 0.35, 0.55, 0.60])
    found = xladdin.deal_price("conversion", rows, day(event), terms="CDIO-2023")
    assert found == pytest.approx(price if price == 0.55 else 0.92 * 0.375, rel=1e-15)
    rows = quotes(event, [1.0, 1.4, 1.1, 1.2, 1.3, 1.5, 1.6])
    found = xladdin.deal_price("conversion", rows, day(event), terms="CDIO-2023")
    assert found == pytest.approx(0.92 * 1.05, rel=1e-15)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=CEO_CAPACITY(525099.75,,"CGTX-2022")', 39_474_900.25),
        ('=CEO_CAPACITY(0,,"CGTX-2022/PURCHASE")', 35_000_000),
        (
            '=DEAL_TERM("agreement.agents","CGTX-2022")',
            "Cantor Fitzgerald & Co., B. Riley Securities, Inc.",
        ),
        ('=ISSUE_HEADROOM("purchase",811638,,"CGTX-2022")', 5_000_000),
        ('=CEO_FEE(166800000,0,"CIK886128-SHARES")', 3_336_000),
        ('=DEBENTURE_SHARES(11200000,0.55,"CDIO-2023")', 20_363_637),
        ('=DEBENTURE_SHARES(11200000,0.55,"CGTX-2022")', 20_363_636),
        (
            '=INDEX(EXPLAIN("DEBENTURE_SHARES",11200000,0.55,"CDIO-2023"),4,1)',
            "Whole shares, rounded up",
        ),
        (
            '=INDEX(EXPLAIN("DEBENTURE_SHARES",11200000,0.55,"CDIO-2023"),4,5)',
            "proxy statement of May 2023, in translation",
        ),
        (
            '=INDEX(EXPLAIN("DEBENTURE_SHARES",404,4.04,"CGTX-2022"),4,5)',
            "rule as in NEOT-2001, S-7",
        ),
        ('=CEO_CAPACITY(95000000,,"CIK886128-SHARES")', 0),
        ('=CEO_NET(6900000,68100000,"MORF-2020")', 6_693_000),
        (
            '=SPLIT_ADJUSTED(1309580844,DATE(2024,3,7),DATE(2024,3,8),"count","CANOO-2022")',
            1_309_580_844 / 23,
        ),
    ],
)
def test_what_the_terms_give(formula: str, value: float | str) -> None:
    found = evaluate(formula).value
    assert found == (pytest.approx(value, rel=1e-15) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("formula", "error"),
    [
        ('=CEO_FEE(1000000,0,"CGTX-2022")', "#REF!"),
        ('=CEO_NET(1000000,0,"CGTX-2022")', "#REF!"),
        ('=DEAL_FEE(1000000,,,,"CGTX-2022")', "#REF!"),
        ('=CEO_CAPACITY(40000000.01,,"CGTX-2022")', "#NUM!"),
        ('=CEO_CAPACITY(0,2.66,"CIK886128-SHARES")', "#VALUE!"),
        ('=CEO_CAPACITY(95000001,,"CIK886128-SHARES")', "#NUM!"),
        ('=CEO_FEE(75000001,0,"MORF-2020")', "#NUM!"),
        ('=CANTOR_WARRANTS(100,"MORF-2020")', "#REF!"),
        ('=FLOAT_HEADROOM(30000000,2.5,{"",""},DATE(2023,3,27),0,"CGTX-2022")', "#N/A"),
        ('=NASDAQ20_HEADROOM(1000,0,"CGTX-2022")', "#REF!"),
    ],
)
def test_what_a_deal_does_not_say(formula: str, error: str) -> None:
    assert str(evaluate(formula).value) == error
