"""placements.xlsx of agreements that are not like those of 2001, filled at random.

Rates of at most, commissions that no document states, capacities in shares, over a split, and
capacities that other agreements share: each row against the contract, in exact fractions.
"""

from __future__ import annotations

import datetime
import functools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import Answer, Filling, Template, by_the_office, chances, how_many
from paths import DATA

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

SPLIT: Final = datetime.date(2024, 7, 1)
USD: Final = 1e-6


@dataclass(frozen=True)
class Kind:
    """What the file of a deal says of one agreement."""

    begins: datetime.date
    rate: str = ""
    own_rates: bool = False
    dollars: str = ""
    shares: int = 0
    pooled: bool = False
    old_for_new: int = 1
    agents: tuple[str, ...] = ()


KINDS: Final = {
    "MORF-2020": Kind(datetime.date(2020, 7, 1), "0.03", dollars="75000000"),
    "CIK886128-SHARES": Kind(datetime.date(2024, 2, 27), "0.02", shares=95_000_000),
    "CGTX-2022": Kind(
        datetime.date(2022, 12, 23),
        dollars="40000000",
        agents=("Cantor Fitzgerald & Co.", "B. Riley Securities, Inc."),
    ),
    "TODAY": Kind(
        datetime.date(2023, 1, 3), "0.03", True, "40000000", agents=("One & Co.", "Two LLC")
    ),
    "POOLED-2024": Kind(datetime.date(2024, 2, 1), "0.03", dollars="12000000", pooled=True),
    "POOLED-2024/SECOND": Kind(datetime.date(2024, 3, 4), "0.025", dollars="12000000", pooled=True),
    "POOLED-2024/BLOCK": Kind(
        datetime.date(2024, 2, 1), "0.04", True, shares=250_000, old_for_new=8
    ),
    "POOLED-2024/DIRECT": Kind(datetime.date(2024, 2, 1), dollars="5000000.50"),
}


@dataclass
class Expected:
    """A filling, and what the log must show of it."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: list[tuple[Fraction, ...]] = field(default_factory=list)
    """Gross, commission, net proceeds and capacity left of each row."""


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest) -> Iterator[str]:
    for deal in ("POOLED-2024", "TODAY"):
        offer(read_terms(DATA / f"{deal}.toml"), DATA / f"{deal}.toml")
    yield request.param
    forget()


def test_fillings(name: str) -> None:
    run(name, how_many(8, len(KINDS)))


@pytest.mark.long
def test_many_fillings(name: str) -> None:
    run(name, how_many(200, len(KINDS)))


@functools.cache
def log(name: str) -> Template:
    return Template("placements", select(name), "Placements")


def run(name: str, count: int) -> None:
    kind, template = KINDS[name], log(name)
    for number, chance in chances("placements", name, count):
        expected = draw(kind, chance)
        office = by_the_office(number, tuple(KINDS), name)
        answer = template.compute(Filling({}, expected.rows), office=office)
        judge(answer, expected, f"{name}, filling {number}")


@pytest.mark.parametrize("number", [0, 1])
def test_what_passes_a_limit_is_named(name: str, number: int) -> None:
    kind = KINDS[name]
    row: dict[str, Any] = {"Date": kind.begins, "Shares": 1000, "Price": 1.5}
    if number:
        whole = kind.shares * kind.old_for_new or int(float(kind.dollars))
        row |= {"Shares": whole + kind.old_for_new, "Price": 0.01 if kind.shares else 1.01}
    elif kind.own_rates:
        row["Own rate"] = float(kind.rate) + 1e-9
    elif kind.pooled:
        row["Sold by others"] = float(kind.dollars) - 1499.99
    elif not kind.rate:
        row["Fee paid"] = "$75"
    else:
        row["Price"] = 0
    answer = log(name).compute(Filling({}, [row]))
    assert answer.holds() is False
    assert str(answer.column("Remark")[0]).startswith("Failure: ")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("TODAY", {"Agent": "Two LLC"}),
        ("TODAY", {"Own rate": 0.01}),
        ("TODAY", {"Date": datetime.date(2023, 2, 6), "Own rate": 0.01}),
        ("CGTX-2022", {"Agent": "B. Riley Securities, Inc."}),
        ("CGTX-2022", {"Fee paid": 75.25}),
        ("POOLED-2024", {"Sold by others": 1_000_000}),
        ("POOLED-2024", {"Date": datetime.date(2024, 2, 6), "Sold by others": 1_000_000}),
    ],
    indirect=["name"],
)
def test_what_is_typed_beside_no_sale_is_named(name: str, typed: dict[str, Any]) -> None:
    """A row that lacks its sale says so, whichever of its other cells is typed into."""
    sale: dict[str, Any] = {"Date": KINDS[name].begins, "Shares": 1000, "Price": 1.5}
    if KINDS[name].agents:
        sale["Agent"] = KINDS[name].agents[0]
    lacks = ", ".join(one.lower() for one in ("Date", "Shares", "Price") if one not in typed)
    answer = log(name).compute(Filling({}, [sale, typed]))
    assert answer.holds(), answer.failing()
    assert answer.column("Remark")[1] == f"Warning: Missing: {lacks}"
    assert not answer.column("Remark")[2]
    assert answer.named("Gross_total") == 1500


def draw(kind: Kind, chance: random.Random) -> Expected:
    """Draw sales within the capacity."""
    days = sorted(
        kind.begins + datetime.timedelta(days=chance.randint(0, 250))
        for _ in range(chance.randint(1, 10))
    )
    found, gross, shares, others = Expected(), Fraction(), Fraction(), Fraction()
    dollars = Fraction(kind.dollars or 10**8)
    for day in days:
        old = kind.old_for_new if day < SPLIT else 1
        price = Fraction(chance.randint(5_000, 400_000), 10_000)
        if kind.pooled and chance.random() < 0.5:
            others += Fraction(int((dollars - gross - others) * chance.randint(0, 10)), 100)
        most = (dollars - gross - others) / price / 8
        if kind.shares:
            most = min(most, (kind.shares - shares) * old)
        sold = chance.randint(0, int(most))
        row: dict[str, Any] = {"Date": day, "Shares": sold, "Price": float(price)}
        if kind.agents:
            row["Agent"] = chance.choice(kind.agents)
        if kind.pooled:
            row["Sold by others"] = float(others) if chance.random() < 0.8 or not others else None
            if row["Sold by others"] is None:
                others = _shown(found)
        fee = _fee(kind, row, sold * price, chance)
        gross, shares = gross + sold * price, shares + Fraction(sold, old)
        left = Fraction(math.floor(kind.shares - shares))
        if not kind.shares:
            left = dollars - gross - others
        found.rows.append(row)
        found.figures.append((sold * price, fee, sold * price - fee, left))
    return found


def _shown(found: Expected) -> Fraction:
    """What others sold, as the rows above have it, where a row says nothing."""
    typed = [row["Sold by others"] for row in found.rows if row["Sold by others"] is not None]
    return Fraction(str(max(typed))) if typed else Fraction()


def _fee(kind: Kind, row: dict[str, Any], gross: Fraction, chance: random.Random) -> Fraction:
    if not kind.rate:
        row["Fee paid"] = chance.choice((None, round(float(gross) * chance.random() / 20, 2)))
        return Fraction(str(row["Fee paid"] or 0))
    if kind.own_rates:
        row["Own rate"] = chance.choice((None, float(kind.rate), 0.01, 0.0275, 0.000001))
    return gross * Fraction(str(row.get("Own rate") or kind.rate))


def judge(answer: Answer, expected: Expected, label: str) -> None:
    """Hold every row, its twin and the totals against the contract."""
    assert answer.holds(), (label, answer.failing())
    for at, heading in enumerate(("Gross", "Commission", "Net proceeds", "Capacity left")):
        for shown in (heading, f"Plain {heading.lower()}")[: 1 + bool(at)]:
            for row, figures in enumerate(expected.figures):
                found = answer.column(shown)[row]
                assert found == pytest.approx(float(figures[at]), abs=USD), (label, shown, row)
    gross, fee, net = (sum(row[at] for row in expected.figures) for at in range(3))
    for total, exact in (
        ("Gross_total", gross),
        ("Commission_total", fee),
        ("Net_total", net),
        ("Capacity_left", expected.figures[-1][3]),
    ):
        assert answer.named(total) == pytest.approx(float(exact), abs=USD), (label, total)
