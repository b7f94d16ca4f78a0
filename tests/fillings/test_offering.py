"""offering.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from derivations import check_steps, steps_of
from fillings.base import (
    LONG,
    SHORT,
    Answer,
    Filling,
    Template,
    by_the_office,
    chances,
    how_many,
    once,
)
from fillings.quoted import TIMES
from offices import BY_BOTH
from oracles.offering import Expected, Figures
from paths import DATA

from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

A_SHARE: Final = 1e-6
DOLLARS: Final = 0.005
"""Tolerances: the workbook's own."""

CASES: Final = {
    "NEOT-2001": (
        Figures(
            fee={"tiers": [("10000000", "0.04"), ("20000000", "0.035"), ("25000000", "0.03")]},
            limit=Fraction(25_000_000),
            warrants=(Fraction(1, 10), Fraction("1.3")),
        ),
        2001,
    ),
    "CGTX-2022": (Figures(limit=Fraction(40_000_000)), 2022),
    "CANOO-2022": (Figures(fee={"tiers": [(None, "0.05")]}), 2022),
    "MORF-2020": (Figures(fee={"tiers": [(None, "0.03")]}, limit=Fraction(75_000_000)), 2020),
    "CIK886128-SHARES": (Figures(fee={"tiers": [(None, "0.02")]}, shares=95_000_000), 2024),
    "POOLED-2024": (
        Figures(fee={"tiers": [(None, "0.03")]}, limit=Fraction(12_000_000)),
        2024,
    ),
    "POOLED-2024/SECOND": (
        Figures(fee={"tiers": [(None, "0.025")]}, limit=Fraction(12_000_000)),
        2024,
    ),
    "POOLED-2024/BLOCK": (
        Figures(fee={"tiers": [(None, "0.04")], "rate_is": "at most"}, shares=250_000),
        2024,
    ),
    "POOLED-2024/DIRECT": (Figures(limit=Fraction("5000000.50")), 2024),
    "POOLED-2024/LINE": (
        Figures(
            fee={
                "tiers": [("1000000", "0.05"), (None, "0.03")],
                "mode": "whole",
                "minimum": "5000",
                "maximum": "400000",
            },
            limit=Fraction(20_000_000),
        ),
        2024,
    ),
}
"""What each deal says, and the year of its document."""

RATE: Final = "Offering_rate"
WRONG: Final = (
    ("Offer_price", ("2", -1, 0, 10_001, True)),
    ("Offered_shares", (1.5, "many", -1)),
    ("Outstanding_before", (999, "x")),
    ("Book_value", ("1e6", 1e11)),
    ("Close_3", (True, -1, 0)),
    ("Float_price", (0, -1)),
    ("Use_1", (-5, "rest")),
)


@pytest.fixture(scope="module", params=CASES)
def subject(request: pytest.FixtureRequest) -> Iterator[tuple[str, Template]]:
    """A deal or one of its agreements, and its workbook."""
    path = DATA / "POOLED-2024.toml"
    offer(read_terms(path), path)
    yield request.param, once("offering", select(request.param), "Shelf")
    forget()


def drawn(chance: random.Random, figures: Figures, year: int, rows: int) -> Filling:
    """Draw a valid filling, but for limits that it may pass."""

    def amount(most: int) -> float | None:
        return chance.choice(
            (None, 0, 0.01, chance.randint(0, most), chance.randint(0, most) / 100)
        )

    def price() -> float | None:
        return chance.choice((None, 0.0001, 0.1 + 0.2, 10 / 3, chance.randint(1, 5_000) / 100))

    cells: dict[str, Any] = {
        "Offer_price": price(),
        "Offered_shares": chance.choice((None, 0, 1, chance.randint(1, 10**6))),
        "Other_costs": amount(10**6),
        "Book_value": chance.choice((None, -1, 1)) and chance.randint(-(10**8), 10**8),
        "Outstanding_before": chance.choice((None, 1000, chance.randint(1000, 10**9))),
        "Cash_actual": amount(10**8),
        "Debt_actual": amount(10**8),
        "Equity_actual": chance.randint(-(10**8), 10**8) / 100,
        "Float_shares": chance.choice((None, 0, chance.randint(0, 10**8))),
        "Float_price": price(),
    }
    cells["Sold_before" if figures.fee else "Offering_fee"] = amount(10**6)
    if figures.fee.get("rate_is"):
        cells[RATE] = chance.choice((None, 0.04, 0.0325, 0.02 + 0.01, 0.0401))
    for number in range(1, 4):
        cells[f"Use_{number}"] = chance.choice((None, None, 0, amount(10**4)))
    for number in range(1, 6):
        cells[f"Close_{number}"] = price() or (None if chance.random() < 0.2 else 2.5)
    test = datetime.date(year, 1, 31) + datetime.timedelta(days=chance.randint(0, 700))
    cells["Shelf_day"] = None if chance.random() < 0.1 else test
    sales = []
    for _ in range(chance.randint(0, rows)):
        back = chance.choice((-1, 0, 1, 364, 365, 366, chance.randint(0, 500)))
        sold: Any = max(datetime.date(year - 1, 1, 1), test - datetime.timedelta(days=back))
        if chance.random() < 0.2:
            sold = datetime.datetime.combine(sold, chance.choice(TIMES))
        row = {"Date": sold, "Amount": chance.randint(0, 10**8) / 100}
        kind = chance.random()
        if kind < 0.1:
            row = {}
        elif kind < 0.2:
            del row[chance.choice(list(row))]
        sales.append(row)
    return Filling(cells=cells, rows=sales)


def run(subject: tuple[str, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, template = subject
    figures, year = CASES[name]
    for number, chance in chances("offering", name, count):
        filling = drawn(chance, figures, year, template.rows)
        wrong = ""
        if chance.random() < 0.25:
            own_rate = [(RATE, (0, 1.5, "3%"))] if RATE in filling.cells else []
            wrong, values = chance.choice([*WRONG, *own_rate])
            filling.cells[wrong] = chance.choice(values)
        answer = template.compute(filling, office=by_the_office(number, CASES, name))
        said = f"{name}, filling {number}: {wrong or 'valid'}"
        if wrong:
            assert any(wrong.replace("_", " ") in line for line in answer.failing()), said
            assert not answer.holds(), said
        else:
            judge(answer, Expected(filling.cells, filling.rows, figures), said)


def judge(answer: Answer, expected: Expected, said: str) -> None:
    """See that every figure and its twin is right, or that what passes a limit is named."""
    if expected.failures():
        assert not answer.holds(), said
        named = [
            line
            for line in answer.failing()
            if "capacity" in line or "Use" in line or "rate" in line
        ]
        assert named, said
        return
    assert answer.failing() == [], said
    assert answer.holds(), said
    for name, right in expected.figures().items():
        sheet, place = answer.template.place(name)
        _same(answer.named(name), right, f"{said}: {name}")
        if name != "Shelf_fits":  # which is plain itself
            _same(answer.at(sheet, f"C{place[1:]}"), right, f"{said}: {name}, plain")
    assert answer.named("Checks_Warnings") == expected.warnings(), said
    closing = ("Terms", "Functions", "_xladdin")
    sheets = [name for name in answer.template.workbook.sheetnames if name not in closing]
    assert answer.errors(*sheets) == [], said


def _same(found: Any, right: Any, said: str) -> None:
    if isinstance(right, Fraction):
        assert isinstance(found, float), (said, found, float(right))
        tolerance = A_SHARE if abs(right) < 100_000 else DOLLARS
        near = max(tolerance, 8 * math.ulp(float(right)))
        assert abs(Fraction(found) - right) <= near, (said, found, float(right))
    else:
        assert found == right, (said, found, right)


@pytest.mark.sample(2, contained=True)
def test_a_sample(subject: tuple[str, Template]) -> None:
    run(subject, how_many(SHORT, len(CASES)))


@pytest.mark.long
def test_many(subject: tuple[str, Template]) -> None:
    run(subject, how_many(LONG, len(CASES)))


AMENDMENT: Final = """
[[actions]]
source = "amendment no. 1"
kind = "amendment"
date = 2024-05-01
figure = "agreements.FIRST.rate"
value = 0.02
"""


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("deal", "rate"),
    [
        ("AMENDED-2024@2024-04-30", "0.03"),
        ("AMENDED-2024@2024-05-01", "0.02"),
        ("AMENDED-2024", "0.02"),
    ],
)
def test_the_commission_is_that_of_the_deals_day(deal: str, rate: str, tmp_path: Path) -> None:
    text = (DATA / "POOLED-2024.toml").read_text("utf-8").replace("POOLED-2024", "AMENDED-2024")
    path = tmp_path / "AMENDED-2024.toml"
    path.write_text(text + AMENDMENT, "utf-8")
    offer(read_terms(path), path)
    template = once("offering", select(deal), "Shelf")
    cells = {"Offer_price": 2.5, "Offered_shares": 400_000, "Sold_before": 11_000_000}
    answer = template.compute(Filling(cells))
    forget()
    assert answer.failing() == []
    _same(answer.named("Agent_fee"), 1_000_000 * Fraction(rate), deal)


WARRANTS: Final = """
[agreements.FIRST.warrants]
source = "s. 1(d)"
rate = 0.035
exercise_multiple = {multiple}
price_round_to = {step}
rounding = "up"
"""


@pytest.mark.sample(3)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize(
    ("multiple", "step", "price"),
    [
        ("1.25", "0.01", 3.54),  # 4.425, half a cent, which goes up
        ("1.25", "0.01", 3.539),
        ("1.25", "0.01", 3.53999999999999),  # 4.4249999999999875
        ("1.1", "0.05", 2.25),  # 2.475, half a step
        ("1.355", "0.001", 0.1 + 0.2),
        ("1.25", "0.01", 0.0001),  # no step of it at all
        ("1.3", "0.125", 10),
    ],
)
def test_the_exercise_price_is_rounded_as_the_deal_has_it(
    multiple: str, step: str, price: float, engine: str, tmp_path: Path
) -> None:
    text = (DATA / "POOLED-2024.toml").read_text("utf-8").replace("POOLED-2024", "STEPPED-2024")
    path = tmp_path / "STEPPED-2024.toml"
    path.write_text(text + WARRANTS.format(multiple=multiple, step=step), "utf-8")
    offer(read_terms(path), path)
    template = once("offering", select("STEPPED-2024"), "Shelf")
    exact = Fraction(str(float(f"{price:.15g}"))) * Fraction(multiple)
    right = math.floor(exact / Fraction(step) + Fraction(1, 2)) * Fraction(step)
    steps = steps_of("CANTOR_EXERCISE_PRICE", [[123_457]], [[price]], "STEPPED-2024")
    check_steps(FUNCTIONS["CANTOR_EXERCISE_PRICE"], steps)
    assert (steps[-2].result, steps[-1].result) == (float(exact), float(right))
    sheet, place = template.place("Agent_exercise_price")
    filling = Filling({"Offer_price": price, "Offered_shares": 123_457, "Other_costs": 0})
    answer = template.compute(filling, office=engine == "libreoffice")
    forget()
    assert answer.failing() == []
    assert answer.named("Agent_exercise_price") == float(right)
    plain = answer.at(sheet, f"C{place[1:]}")
    assert isinstance(plain, float)
    assert abs(Fraction(plain) - right) <= Fraction(1, 10**12)


def test_an_offering_of_no_shares_is_valid() -> None:
    template = once("offering", select("NEOT-2001"), "Shelf")
    cells = {"Offer_price": 4, "Offered_shares": 0, "Other_costs": 185_000}
    uses = {f"Use_{number}": None for number in range(1, 4)}
    answer = template.compute(Filling({**cells, **uses}))
    assert answer.failing() == []
    assert answer.named("Net_proceeds") == answer.named("Uses_rest") == -185_000
    answer = template.compute(Filling({**cells, **uses, "Use_1": 1}))
    assert any("Use of proceeds" in line for line in answer.failing())


FLOAT_CAP: Final = """
[caps.shelf]
source = "s. 9"
kind = "float"
rate = "1/3"
months = 12
below_float = "200000000/3"
"""


def test_a_float_below_which_sales_are_limited_need_be_no_decimal(tmp_path: Path) -> None:
    text = (DATA / "POOLED-2024.toml").read_text("utf-8").replace("POOLED-2024", "THIRDS-2024")
    path = tmp_path / "THIRDS-2024.toml"
    path.write_text(text + FLOAT_CAP, "utf-8")
    offer(read_terms(path), path)
    template = once("offering", select("THIRDS-2024"), "Shelf")
    for shares, left, fits in (
        (16_000_000, Fraction(64_000_000, 3), "yes"),
        (20_000_000, Fraction(), "not limited"),
    ):
        cells = {"Float_shares": shares, "Float_price": 4, "Shelf_day": datetime.date(2024, 3, 1)}
        answer = template.compute(Filling(cells))
        assert (answer.failing(), answer.named("Shelf_fits")) == ([], fits)
        _same(answer.named("Shelf_before"), left, f"{shares} shares")
    forget()


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("blank", "sheet", "waiting"),
    [
        ("Close_2", "Minimum price", ("Average_close", "Minimum_price")),
        ("Outstanding_before", "Dilution", ("Book_value_after", "Dilution_a_share")),
        ("Offer_price", "Offering", ("Gross_proceeds", "Dilution_a_share")),
        ("Float_shares", "Baby shelf", ("Shelf_before", "Shelf_after")),
        ("Float_price", "Baby shelf", ("Shelf_before", "Shelf_after")),
        ("Shelf_day", "Baby shelf", ("Shelf_before", "Shelf_after")),
    ],
)
def test_what_is_missing_is_named_and_waited_for(
    blank: str, sheet: str, waiting: tuple[str, ...]
) -> None:
    template = once("offering", select("NEOT-2001"), "Shelf")
    answer = template.compute(Filling({blank: None}))
    assert (answer.failing(), answer.holds()) == ([], True)
    assert answer.named("Checks_Warnings") == 1
    place = template.place(blank)
    assert place[0] == sheet
    assert warned(answer) == [f"{sheet}!{place[1]}, {blank.replace('_', ' ')}: missing"]
    assert [answer.named(name) for name in waiting] == [0] * len(waiting)
    if sheet == "Baby shelf":
        assert answer.named("Shelf_fits") == "–"


def test_what_is_typed_as_0_is_not_missing() -> None:
    template = once("offering", select("NEOT-2001"), "Shelf")
    answer = template.compute(Filling({"Float_shares": 0, "Cash_actual": 0, "Book_value": 0}))
    assert (answer.failing(), answer.named("Shelf_fits")) == ([], "no")
    assert warned(answer) == [TOO_MUCH]


def test_an_offering_beyond_what_the_baby_shelf_rule_leaves() -> None:
    # A third of 20,000,000 times 3 is 20,000,000.
    template = once("offering", select("CANOO-2022"), "Shelf")
    cells = {"Offer_price": 3, "Float_shares": 20_000_000, "Float_price": 3}
    cells |= {f"Close_{number}": 3 for number in range(1, 6)}
    for shares, warnings in ((6_666_666, []), (6_666_667, [TOO_MUCH])):
        answer = template.compute(Filling(cells | {"Offered_shares": shares}, rows=[]))
        assert answer.failing() == []
        assert warned(answer) == warnings


TOO_MUCH: Final = "Offering!B6, Offered shares: above what the baby-shelf rule leaves"


def warned(answer: Answer) -> list[Any]:
    """The lines of the Checks sheet that warn."""
    rows = range(6, 200)
    warning = [row for row in rows if answer.at("Checks", f"G{row}") == "warning"]
    return [answer.at("Checks", f"A{row}") for row in warning if answer.at("Checks", f"B{row}")]


def test_shares_sold_before_are_not_counted_and_that_is_said() -> None:
    template = once("offering", select("CIK886128-SHARES"), "Shelf")
    warned = []
    for offered, before in ((95_000_000, None), (95_000_000, 0.01), (95_000_001, None)):
        cells = {"Offer_price": 0.5, "Offered_shares": offered, "Sold_before": before}
        answer = template.compute(Filling(cells, []))
        over = [line for line in answer.failing() if "above the capacity of the deal" in line]
        assert bool(over) is (offered > 95_000_000)
        assert all("without shares sold before" in line for line in over)
        warned.append(float(str(answer.named("Checks_Warnings"))))
    assert warned[1] == warned[0] + 1
    assert warned[2] == warned[0]
