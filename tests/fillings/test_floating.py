"""floating.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import pytest
from deals import NEOT_1
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from fillings.floating_drawn import Drawn, spoil
from oracles import floating as oracle
from paths import DATA

from xladdin.cells import serial_of
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

PRICE: Final = 1e-9
"""Tolerance of prices and fractions, which are some units: the workbook's own."""

CENTS: Final = oracle.Figures(
    ("33.335", "0.965", "0.9425", "4.995", "1.995"), ("1.155", 4), ("0.9725", 45, 7, 11)
)
"""The 2001 deal with other figures, each with edges within a cent."""


@dataclass(frozen=True)
class Case:
    """A deal, and the years whose dates are drawn."""

    figures: oracle.Figures
    years: tuple[int, int]
    deal: str


CASES: Final = {
    "NEOT-2001": Case(oracle.NEOT, (2000, 2009), ""),
    "AWKWARD": Case(oracle.AWKWARD, (2009, 2018), (DATA / "AWKWARD.toml").read_text("utf-8")),
    # Its workbook takes dates until 2032; the answer file of sessions ends in 2030.
    "MERIDIAN-2024": Case(
        oracle.MERIDIAN, (2023, 2029), (DATA / "MERIDIAN-2024.toml").read_text("utf-8")
    ),
    "CENTS-1": Case(CENTS, (2000, 2009), "made from NEOT-2001"),
}


def cent_edged() -> str:
    """The 2001 deal's file with the figures of CENTS."""
    text = NEOT_1.replace("NEOT-2001", "CENTS-1")
    text = re.sub(r"\[printed\]\n(.+\n)+", "", text)
    for key, value in {
        "cap_price": "33.335",
        "rate": "0.965",
        "low_price_rate": "0.9425",
        "low_price_threshold": "4.995",
        "financing_floor": "1.995",
        "initial_multiple": "1.155",
        "initial_sessions": "4",
        "floating_after_days": "45",
        "floating_multiple": "0.9725",
        "lowest_bids": "7",
        "lookback_sessions": "11",
    }.items():
        head, _, rest = text.partition("[class_b]")
        rest, found = re.subn(rf"(?m)^({key} = \{{ value = )[\d_.]+", rf"\g<1>{value}", rest)
        assert found == 1, key
        text = f"{head}[class_b]{rest}"
    return text


@pytest.fixture(scope="module", params=CASES)
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Case, Template]]:
    """A deal and its workbook."""
    name = request.param
    case = CASES[name]
    if case.deal:
        path = tmp_path_factory.mktemp("deal") / f"{name}.toml"
        path.write_text(cent_edged() if name == "CENTS-1" else case.deal, "utf-8")
        offer(read_terms(path), path)
    yield name, case, Template("floating", select(name), "Quotes")
    forget()


def run(subject: tuple[str, Case, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, case, template = subject
    over = template.formulas(11)
    for number, chance in chances("floating", name, count):
        drawn = Drawn(chance, case.figures, case.years, template.rows - 2)
        if chance.random() < 0.4:
            spoil(drawn, over, template.below)
        office = by_the_office(number, CASES, name)
        answer = template.compute(drawn.filling, office=office)
        label = f"{name}, filling {number}: {drawn.filling.wrong or 'valid'}"
        if drawn.filling.wrong:
            answer.judge_wrong(drawn.filling, label)
        else:
            judge_valid(answer, drawn.filling, case.figures, label)


def judge_valid(answer: Answer, filling: Filling, figures: oracle.Figures, label: str) -> None:
    """See that no check fails, and that every figure and twin is right."""
    expected = oracle.Expected(filling.cells, filling.rows, figures)
    assert answer.failing() == [], label
    assert answer.holds(), label
    assert answer.named("Checks_Warnings") == expected.warnings(), label
    assert answer.errors("Start", "Quotes", "Latest", "Debentures", "Windows", "Checks") == [], (
        label
    )
    _judge_conversion(answer, expected, label)
    _judge_last(answer, expected, label)
    if figures.class_b:
        _judge_class_b(answer, filling, expected, label)


def _same(found: Any, right: Fraction | int | str, label: str) -> None:
    if isinstance(right, Fraction):
        assert isinstance(found, float), (label, found, float(right))
        assert abs(Fraction(found) - right) <= PRICE, (label, found, float(right))
    else:
        assert found == right, (label, found, right)


def _judge_conversion(answer: Answer, expected: oracle.Expected, label: str) -> None:
    missing = expected.missing()
    serial = 0 if missing is None else serial_of(missing)
    _same(answer.named("First_missing"), serial, f"{label}: first missing session")
    sheet = answer.template.workbook["Debentures"]
    figures: tuple[tuple[str, Fraction | int], ...] = (
        ("Initial_price", expected.initial_price()),
        ("Floating_price", expected.floating_price(0) or Fraction()),
        ("Conversion_price", expected.conversion_price()),
        ("Shares_issued", expected.shares()),
        ("Dilution_share", expected.dilution()),
    )
    for name, right in figures:
        _same(answer.named(name), right, f"{label}: {name}")
        place = answer.template.place(name)[1]
        _same(answer.at("Debentures", f"C{place[1:]}"), right, f"{label}: {name}, plain")
    top = next(row for row in range(1, 40) if sheet[f"A{row}"].value == "Fall")
    headings = {  # without their units
        str(cell.value).split(",")[0]: cell.column_letter for cell in sheet[top] if cell.value
    }
    for row, fall in enumerate((0, 25, 50, 75), top + 1):
        bid = expected.last_bid * Fraction(100 - fall, 100)
        rights: dict[str, Fraction | int | str] = {
            "Conversion price": expected.conversion_price(fall),
            "Shares issued": expected.shares(fall),
            "Dilution": expected.dilution(fall),
        }
        if expected.figures.class_b:
            rights |= {
                "Class B price": expected.class_b_price(bid),
                "Class B usable": expected.class_b_usable(bid),
            }
        for heading, wanted in rights.items():
            lower = heading if heading[:5] == "Class" else f"{heading[0].lower()}{heading[1:]}"
            for column in (heading, f"Plain {lower}"):
                found = answer.at("Debentures", f"{headings[column]}{row}")
                _same(found, wanted, f"{label}: {column}, {fall}%")


def _judge_last(answer: Answer, expected: oracle.Expected, label: str) -> None:
    last = expected.last_day
    _same(answer.named("Last_day"), 0 if last is None else serial_of(last), label)
    _same(answer.named("Last_bid"), expected.last_bid, f"{label}: last bid")


def _judge_class_b(answer: Answer, filling: Filling, expected: oracle.Expected, label: str) -> None:
    columns = {
        heading: answer.column(heading)
        for heading in ("Class B price", "Plain Class B price", "Class B usable", "Plain usable")
    }
    for number in range(answer.template.rows):
        row = filling.rows[number] if number < len(filling.rows) else {}
        typed = row.get("Closing bid")
        bid = Fraction() if typed is None else oracle.shown(typed)
        price, usable = expected.class_b_price(bid), expected.class_b_usable(bid)
        for heading, found in columns.items():
            right = usable if "usable" in heading else price
            _same(found[number], right, f"{label}: row {number}, {heading}")


@pytest.mark.sample(2, contained=True)
def test_a_sample(subject: tuple[str, Case, Template]) -> None:
    run(subject, how_many(SHORT, len(CASES)))


@pytest.mark.long
def test_many(subject: tuple[str, Case, Template]) -> None:
    run(subject, how_many(LONG, len(CASES)))
