"""Conversions of captable.xlsx, filled at random and held against exact arithmetic."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from oracles.contract import shown

from xladdin.terms import select

DEALS: Final = {"NEOT-2001": "down", "CDIO-2023": "up"}
"""Deals, and how the shares of their conversions become whole."""

COLUMNS: Final = {
    "Shares": "shares",
    "Dilution if converted": "dilution",
    "Shares at once": "at_once",
}

Row = dict[str, Any]


def draw(chance: random.Random) -> list[Row]:
    """Draw rows: whole ones, half-typed and blank ones."""
    rows: list[Row] = []
    for number in range(chance.randint(0, 8)):
        price = chance.choice((0.2, 1.1 * 3, 10 / 3, 4.04, 2.3, round(0.01 + chance.random(), 4)))
        count = chance.randint(1, 10**6)
        row: Row = {
            "Name": f"Note {number}",
            "Principal": chance.choice((0, 5_000_000, 96_000, min(1e9, price * count), 0.01)),
            "Conversion price": price,
            "Interest a year": chance.choice((None, 0.05)),
            "Issue price": chance.choice((None, 0.9)),
            "Ownership limit": chance.choice((None, 0.0999, 0.2)),
        }
        if chance.random() < 0.15:
            del row[chance.choice(("Principal", "Conversion price"))]
        rows.append(row if chance.random() < 0.9 else {})
    return rows


class Right:
    """What a row must show, from the contract."""

    def __init__(self, row: Row, outstanding: int, rounding: str) -> None:
        """Work it out."""
        self.shares, self.dilution, self.at_once = 0, Fraction(), 0
        if row.get("Principal") is None or row.get("Conversion price") is None:
            return
        exact = shown(row["Principal"]) / shown(row["Conversion price"])
        self.shares = math.floor(exact) if rounding == "down" else math.ceil(exact)
        self.dilution = Fraction(self.shares, outstanding + self.shares)
        limit = shown(row["Ownership limit"] or 0.0499)
        self.at_once = min(self.shares, math.floor(limit * outstanding / (1 - limit)))


@pytest.fixture(scope="module", params=DEALS)
def subject(request: pytest.FixtureRequest) -> tuple[str, Template]:
    """A deal and its workbook."""
    return request.param, Template("captable", select(request.param), "Conversions")


def run(subject: tuple[str, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, template = subject
    for number, chance in chances("conversions", name, count):
        rows = draw(chance)
        outstanding = chance.choice((1, 21_862_772, 10_000_000))
        cells: Row = {"Shares_outstanding": outstanding, "Explained_conversion": None}
        if name == "NEOT-2001":
            cells |= {"Later_outstanding": None, "Planned_issue": 0}
        office = by_the_office(number, DEALS, name)
        answer = template.compute(Filling(cells, rows), office=office)
        judge(answer, rows, outstanding, DEALS[name], f"{name}, filling {number}")


def judge(answer: Answer, rows: list[Row], outstanding: int, rounding: str, said: str) -> None:
    """Hold each row, and the totals, against the contract."""
    assert answer.failing() == [], said
    rights = [Right(row, outstanding, rounding) for row in rows]
    for heading, field in COLUMNS.items():
        for column in (heading, f"Plain {heading[0].lower()}{heading[1:]}"):
            found = answer.column(column)
            for number, right in enumerate(rights):
                value, where = getattr(right, field), (said, number, column)
                cell = found[number]
                assert isinstance(cell, float), where
                assert abs(Fraction(cell) - value) <= 1e-9, (where, cell)
    half = sum(("Principal" in row) != ("Conversion price" in row) for row in rows)
    assert answer.named("Checks_Warnings") == half, said
    total = sum(right.shares for right in rights)
    assert answer.named("Conversion_total") == total, said
    if rounding == "down":  # the 2001 deal has the exchange's limit of 20%
        below = "yes" if Fraction(total) < Fraction(outstanding, 5) else "no"
        assert answer.named("Conversions_below_limit") == below, said
    for row, shows in zip(rows, answer.column("Interest saved a year"), strict=False):
        whole = "Principal" in row and "Conversion price" in row
        interest = (
            Fraction(row["Principal"]) * Fraction(row["Interest a year"] or 0) if whole else 0
        )
        assert isinstance(shows, float), said
        assert abs(Fraction(shows) - interest) <= 1e-6, said


@pytest.mark.sample(1, contained=True)
def test_a_sample(subject: tuple[str, Template]) -> None:
    run(subject, how_many(SHORT, len(DEALS)))


@pytest.mark.long
def test_many(subject: tuple[str, Template]) -> None:
    run(subject, how_many(LONG, len(DEALS)))
