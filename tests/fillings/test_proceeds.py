"""proceeds.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from oracles.contract import shown
from oracles.placements import Figures, figures
from oracles.proceeds import NAMES, Shared, allowed, expected, shared
from paths import DATA

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks.layout.by_agreement import FIRST_ROW

DEALS: Final = ("NEOT-2001", "AWKWARD", "MERIDIAN-2024", "ODD-CENTS", "ROUNDED")

TOLERANCES: Final[Mapping[str, Fraction]] = {
    "Shares sold": Fraction(),
    "Warrants earned": Fraction(),
    "Compensation over proceeds": Fraction("0.00000001"),
    "Warrants over shares sold": Fraction("0.000000001"),
    "Exercise price of the warrants": Fraction("0.000000001"),
}
USD: Final = Fraction("0.000001")

_WRONG: Final = ("1,000", True, -0.01, 1e308, "x", "#N/A")

Subject = tuple[str, list[Figures], Shared, Template]


@pytest.fixture(scope="module", params=DEALS)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """A deal, what its file says, and its workbook."""
    yield subject_of(request.param)
    forget()


def subject_of(name: str) -> Subject:
    """Read a deal and write its workbook."""
    path = (DATA / "format_1" if name == "NEOT-2001" else DATA) / f"{name}.toml"
    if name != "NEOT-2001":
        offer(read_terms(path), path)
    return name, list(figures(path).values()), shared(path), Template("proceeds", select(name))


@pytest.mark.sample(2, contained=True)
def test_a_few_fillings(subject: Subject) -> None:
    run(subject, how_many(SHORT, len(DEALS)))


@pytest.mark.long
def test_many_fillings(subject: Subject) -> None:
    run(subject, how_many(LONG, len(DEALS)))


def test_no_filling_leaves_anything_to_the_next() -> None:
    """Each is as in a workbook of its own, though only the sheets that are filled are written."""
    often = subject_of("NEOT-2001")[-1]
    below = often.workbook.sheetnames[-1], "D99"
    fillings = [Filling({"Gross_1": 404.0}), Filling(others={below: "x"}), Filling({"Price_1": 3})]
    for filling in fillings:
        once = subject_of("NEOT-2001")[-1].compute(filling).computed
        found = often.compute(filling).computed
        assert found.values == once.values
        assert found.value(below[0], 99, 4) == once.value(below[0], 99, 4)


def run(subject: Subject, count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, agreements, _, template = subject
    for number, chance in chances("proceeds", name, count):
        filling = draw(agreements, chance)
        answer = template.compute(filling, office=by_the_office(number, DEALS, name))
        judge(answer, filling, subject, f"{name}, filling {number}: {filling.wrong or 'valid'}")


def draw(agreements: list[Figures], chance: random.Random) -> Filling:
    """Draw a filling, valid or with one thing wrong."""
    filling = Filling()
    for number, own in enumerate(agreements, 1):
        drawn = {
            "Gross": _amount(own.capacity, chance),
            "Price": chance.choice((None, _price(own, chance), max(_cents(50, chance), 0.01))),
            "Reimbursed": _amount(own.reimbursement, chance),
            "Other_expenses": chance.choice((None, 0, 0.01, _cents(10**6, chance))),
        }
        filling.cells |= {f"{name}_{number}": value for name, value in drawn.items()}
    if chance.random() < 0.4:
        number = chance.randint(1, len(agreements))
        own, name = agreements[number - 1], chance.choice(NAMES)
        most = {"Gross": own.capacity, "Reimbursed": own.reimbursement}.get(name)
        wrong = (*_WRONG, 0) if name == "Price" else _WRONG
        beyond = () if most is None else (float(most + Fraction("0.01")),)
        filling.cells[f"{name}_{number}"] = chance.choice((*wrong, *beyond))
        filling.wrong = f"{filling.cells[f'{name}_{number}']!r} in {name}_{number}"
    for number, own in enumerate(agreements, 1):
        price = filling.cells[f"Price_{number}"]
        if not filling.wrong and price and chance.random() < 0.5:
            filling.cells[f"Gross_{number}"] = _whole(own.capacity, price, chance)
    return filling


def _whole(most: Fraction, price: float, chance: random.Random) -> float:
    """What a whole count of shares costs, or the next number that a sheet shows above or below."""
    count = chance.randint(0, math.floor(most / shown(price)))
    cost = Decimal(f"{float(count * shown(price)):.14e}")
    amount = float(
        cost.scaleb(0) + chance.choice((-1, 0, 0, 1)) * Decimal(1).scaleb(cost.adjusted() - 14)
    )
    return min(max(amount, 0.0), float(most))


def _cents(most: int, chance: random.Random) -> float:
    return round(most * chance.random(), 2)


def _price(own: Figures, chance: random.Random) -> float:
    """A price of few digits or of many, or the least."""
    usual = (0.01, 4.04, 0.0001, 10 / 3, 1 / 3, 1.1 * 3, 0.1 + 0.2, 1e7)
    least = own.least_price()
    if own.warrants and own.warrants[0] != Fraction(1, 10):
        # The warrants, with the three decimals or more of their rate, have 15 digits at most.
        least = max(least, math.ceil(own.capacity) * 1e-12)
    return chance.choice((*usual, least))


def _amount(most: Fraction, chance: random.Random) -> Any:
    """An amount up to a limit: none, pennies, some, all of it, all with a binary error on top."""
    limit = float(most)
    some = math.floor(limit * chance.random() * 100) / 100
    penny = min(limit, chance.choice((0.01, 0.02, 0.99)))
    # Excel keeps no number nearer to 0 than the least normal one.
    more = max(math.nextafter(limit, math.inf), sys.float_info.min)
    return chance.choice((None, 0, penny, some, some, limit, more))


def judge(answer: Answer, filling: Filling, subject: Subject, label: str) -> None:
    """Hold a filled workbook against the oracle."""
    _, agreements, deal, template = subject
    failing = answer.failing()
    wrong = [
        f"{name}_{number}"
        for number, own in enumerate(agreements, 1)
        for name in NAMES
        if not allowed(name, filling.cells[f"{name}_{number}"], own)
    ]
    assert bool(wrong) is bool(filling.wrong), label
    assert answer.holds() is (not wrong), (label, failing)
    for name in wrong:
        assert any(f", {name.replace('_', ' ')}: not a number" in line for line in failing), label
    missing = [
        filling.cells[f"Price_{number}"] in (None, "")
        and isinstance(filling.cells[f"Gross_{number}"], int | float)
        and filling.cells[f"Gross_{number}"] > 0
        for number, _ in enumerate(agreements, 1)
        if f"Gross_{number}" not in wrong
    ]
    if not wrong:
        assert failing == [], label
        assert answer.named("Checks_Warnings") == sum(missing), label
        judge_figures(answer, expected(filling.cells, agreements, deal), template, label)


def judge_figures(
    answer: Answer, rows: Mapping[str, list[Any]], template: Template, label: str
) -> None:
    """Hold every figure and its twin against the oracle."""
    sheet = template.workbook["Proceeds"]
    labels = {sheet.cell(row, 1).value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    titles = [cell.value for cell in sheet[FIRST_ROW - 1]]
    half = (titles.index("Difference") - 1) // 2
    for what, values in rows.items():
        tolerance = TOLERANCES.get(what, USD)
        for column in range(2 * half):
            exact = values[column % half] if column % half < len(values) else None
            found = answer.computed.value("Proceeds", labels[what], 2 + column)
            where = f"{label}, {what}, column {column}"
            if exact is None:
                assert found is None, where
            elif isinstance(exact, str):
                assert found == exact, where
            else:
                assert isinstance(found, float), (where, found)
                assert abs(Fraction(found) - exact) <= tolerance, (where, found, float(exact))
