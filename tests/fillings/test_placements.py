"""placements.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import (
    LONG,
    SHORT,
    Answer,
    Filling,
    Template,
    by_the_office,
    chances,
    how_many,
    notice_cell,
)
from fillings.placements_drawn import Drawn, spoil
from oracles.placements import Expected, Figures, Placement, cents, figures
from paths import DATA

from xladdin.cells import CellError, serial_of
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks.layout.remarks import TYPED_OVER

USD: Final = Fraction("0.000001")
PRICE: Final = Fraction("0.000000001")

DEALS: Final = (
    "NEOT-2001/SALES",
    "AWKWARD/ONLY",
    "MERIDIAN-2024/ATM",
    "ODD-CENTS/FIRST",
    "ROUNDED/UP",
    "ROUNDED/PLACED",
)
"""Agreements of several deals: edges in cents that no double holds, warrants rounded not down."""

Subject = tuple[str, Figures, Template]


@pytest.fixture(scope="module", params=DEALS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """A deal, what its file says, and its workbook."""
    name, _, key = request.param.partition("/")
    path = (DATA / "format_1" if name == "NEOT-2001" else DATA) / f"{name}.toml"
    if name != "NEOT-2001":
        offer(read_terms(path), path)
    template = Template("placements", select(request.param), "Placements")
    yield request.param, figures(path)[key], template
    forget()


@pytest.mark.sample(2, contained=True)
def test_a_few_fillings(subject: Subject) -> None:
    run(subject, how_many(SHORT, len(DEALS)))


@pytest.mark.long
def test_many_fillings(subject: Subject) -> None:
    run(subject, how_many(LONG, len(DEALS)))


def run(subject: Subject, count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, own, template = subject
    for number, chance in chances("placements", name, count):
        filling = draw(template, own, chance)
        office = by_the_office(number, DEALS, name)
        answer = template.compute(filling, office=office)
        judge(answer, filling, own, f"{name}, filling {number}: {filling.wrong or 'valid'}")


def draw(template: Template, own: Figures, chance: random.Random) -> Filling:
    """Draw a filling, valid or with one thing wrong."""
    placed = template.table
    drawn = Drawn(chance, own, template.rows)
    if chance.random() < 0.4:
        sheet = template.workbook[placed.sheet]
        calculated = [at for at, column in enumerate(placed.columns, 1) if column.formula]
        rows = range(placed.first_row + 1, placed.last_row + 1)
        over = [(placed.sheet, sheet.cell(row, at).coordinate) for row in rows for at in calculated]
        under = range(placed.last_row + 1, placed.last_row + 5)
        below = [
            (placed.sheet, sheet.cell(row, at).coordinate) for row in under for at in (2, 3, 9)
        ]
        spoil(drawn, over, below)
    return drawn.filling


def judge(answer: Answer, filling: Filling, own: Figures, label: str) -> None:
    """Hold a filled workbook against the oracle."""
    expected = Expected(own, filling.rows, answer.template.rows)
    failing = answer.failing()
    assert answer.holds() is (not filling.wrong), (label, failing)
    if not filling.wrong:
        assert failing == [], label
    if filling.wrong != "a formula typed over":
        assert answer.named("Checks_Warnings") == expected.warnings, label
        for row, placement in enumerate(expected.placements):
            remark = str(answer.column("Remark")[row] or "")
            kind = remark.partition(":")[0]
            assert kind == placement.remark, (label, row, remark)
        if not (expected.broken or expected.errors):
            judge_figures(answer, filling, expected, label)
    else:
        assert any(TYPED_OVER.lower() in line for line in failing), (label, failing)
    if filling.place is not None:
        assert expected.failures, label
    if expected.broken:
        assert isinstance(answer.named("Gross_total"), CellError) or any(
            isinstance(value, CellError) for value in answer.column("Commission")
        ), label
    if filling.wrong == "an entry under the table":
        notice = answer.at("Placements", notice_cell(answer.template))
        assert "in no total: 1." in str(notice), (label, notice)


def judge_figures(answer: Answer, filling: Filling, expected: Expected, label: str) -> None:
    """Hold every figure and its twin against the oracle."""
    own = expected.figures
    columns = {
        "Gross": USD,
        "Prior gross": USD,
        "Commission": USD,
        "Net proceeds": USD,
        "Commission to the cent": USD,
        "Capacity left": USD,
        "Standstill begins": Fraction(),
        "Settlement": Fraction(),
        "Standstill ends": Fraction(),
    } | ({"Warrants": Fraction(), "Exercise price": PRICE} if own.warrants else {})
    for heading, tolerance in columns.items():
        plain = f"Plain {heading[0].lower()}{heading[1:]}"
        for name in (heading, plain) if plain in answer.template.columns else (heading,):
            for row, (value, placement) in enumerate(
                zip(answer.column(name), expected.placements, strict=True)
            ):
                near(value, figure(heading, placement), tolerance, f"{label}, {name}, row {row}")
    assert all(value in (True, 1.0) for value in answer.column("Agrees")), label
    for name, exact, tolerance in totals(filling, expected):
        near(answer.named(name), exact, tolerance, f"{label}, {name}")
        sheet, place = answer.template.place(name)
        twin = f"F{place[1:]}"
        if answer.template.workbook[sheet][twin].value is not None:
            near(answer.at(sheet, twin), exact, tolerance, f"{label}, twin of {name}")


def figure(heading: str, item: Placement) -> Fraction:
    """A row's figure; 0 where it waits."""
    if not item.counted:
        return Fraction()
    begins, settled, ends = (Fraction(serial_of(day)) for day in item.days)
    return {
        "Gross": item.gross,
        "Prior gross": item.prior,
        "Commission": item.commission,
        "Net proceeds": item.gross - item.commission,
        "Commission to the cent": cents(item.commission),
        "Capacity left": item.left,
        "Standstill begins": begins,
        "Settlement": settled,
        "Standstill ends": ends,
        "Warrants": Fraction(item.warrants),
        "Exercise price": item.exercise,
    }[heading]


def totals(filling: Filling, expected: Expected) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Name the totals, with what they must be and their tolerance."""
    own = expected.figures
    paid = sum((cents(item.commission) for item in expected.placements), Fraction())
    yield "Gross_total", expected.sold, USD
    yield "Shares_total", Fraction(expected.shares), Fraction()
    yield "Commission_total", own.fee(expected.sold), USD
    yield "Commission_to_the_cent", paid, USD
    yield "Net_total", expected.sold - own.fee(expected.sold), USD
    yield "Capacity_left", own.left(expected.sold), USD
    price = filling.cells["Price_for_the_rest"]
    if not filling.wrong.endswith("Price_for_the_rest"):
        yield "Shares_left", Fraction(expected.shares_left(price)), Fraction()
    if own.warrants:
        earned = sum(item.warrants for item in expected.placements)
        yield "Warrants_total", Fraction(earned), Fraction()
        average = expected.sold / expected.shares if expected.shares else Fraction()
        yield "Exercise_price_overall", average * own.warrants[1], PRICE


def near(found: Any, exact: Fraction, tolerance: Fraction, label: str) -> None:
    """Hold a number against an exact one."""
    assert isinstance(found, float | int), (label, found, float(exact))
    assert abs(Fraction(found) - exact) <= tolerance, (label, found, float(exact))
