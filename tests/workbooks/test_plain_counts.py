"""Counts in plain Excel are exact: held against fractions, where the quotient is nearly whole."""

from __future__ import annotations

import datetime
import io
import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from deals import head
from draws import draws
from fillings.base import Filling, Template
from offices import BY_BOTH
from oracles.contract import shown
from paths import DATA

from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.functions.debentures import debenture_shares_twin
from xladdin.functions.exercise import net_exercise_shares_twin
from xladdin.functions.warrants import CANTOR_WARRANTS, cantor_warrants_twin, most_shares
from xladdin.terms import read_terms, select
from xladdin.terms.selection import Selection, selected
from xladdin.terms.store import forget, offer

SEED: Final = 20011101
CASES: Final = draws(400)


def price(chance: random.Random) -> float:
    """A price: cents, parts of a cent, least ones, or all digits that a formula leaves."""
    kind = chance.randrange(5)
    if kind == 0:
        return chance.choice((1e-7, 3e-7, 0.0001, 0.01, 0.1 + 0.2, 1.1 * 3, 10 / 3, 1 / 3, 1e7))
    if kind == 1:
        return chance.randint(1, 10**6) / 10 ** chance.choice((2, 4, 6, 7))
    if kind == 2:
        digits = float(f"{max(1e-7, chance.random() * 10.0 ** chance.randint(-6, 7)):.14e}")
        return math.nextafter(digits, math.inf)
    return chance.randint(1, 2_000) / 100


def nearly(exact: Fraction, chance: random.Random) -> float:
    """A number that shows 15 digits at or next to an exact one, now and then with binary dust."""
    number = float(f"{float(exact):.14e}")
    if chance.random() < 0.5:
        digits = f"{float(exact):.14e}".partition("e")
        last = Fraction(1, 10**14) * Fraction(10) ** int(digits[2])
        number = float(Fraction(digits[0] + "e" + digits[2]) + chance.choice((-1, 1, 2)) * last)
    return math.nextafter(number, math.inf) if chance.random() < 0.2 else number


def count(chance: random.Random, most: int) -> int:
    """A count of any size."""
    return chance.randint(1, 10 ** chance.randint(1, most))


def computed(formula: str, rows: Sequence[tuple[float, ...]], engine: str) -> list[object]:
    """Compute a formula over columns A, B and C, in each row."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for number, row in enumerate(rows, 1):
        sheet.append(row)
        sheet.cell(number, 4).value = f"={formula}".replace("#", str(number))
    buffer = io.BytesIO()
    workbook.save(buffer)
    compute = {"embedded": embedded.compute, "libreoffice": libreoffice.compute}[engine]
    result = compute(buffer.getvalue(), Path("counts.xlsx"))
    assert result.refusals == (), result.refusals[:5]
    return [result.value("Sheet", number, 4) for number in range(1, len(rows) + 1)]


def purchases(chance: random.Random) -> Iterator[tuple[float, float]]:
    """Amounts that buy a whole number of shares, or nearly so, and their price."""
    while True:
        one = price(chance)
        amount = nearly(count(chance, 13) * shown(one), chance)
        if 0 < amount <= 1e9 and shown(amount) / shown(one) < 10**15:
            yield amount, one


HALF: Final = Fraction(1, 2)
WHOLE: Final = {"down": math.floor, "up": math.ceil, "nearest": lambda one: math.floor(one + HALF)}
NOTES: Final = (
    head("OTHER-1")
    + """
[[instruments]]
source = "1"
key = "note"
kind = "note"
principal = 9_000_000
rounding = "{rounding}"
"""
)


def rounded_as(rounding: str, folder: Path) -> Selection:
    """A deal whose notes are rounded in a way."""
    path = folder / "OTHER-1.toml"
    path.write_text(NOTES.format(rounding=rounding), "utf-8")
    return selected(read_terms(path))


@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize("rounding", WHOLE)
def test_shares_that_an_amount_buys(tmp_path: Path, rounding: str, engine: str) -> None:
    drawn = purchases(random.Random(SEED))
    rows = [next(drawn) for _ in range(CASES)]
    twin = debenture_shares_twin(rounded_as(rounding, tmp_path), "A#", "B#")
    found = computed(twin, rows, engine)
    right = [float(WHOLE[rounding](shown(amount) / shown(one))) for amount, one in rows]
    wrong = [case for case in zip(rows, found, right, strict=True) if case[1] != case[2]]
    assert not wrong, (len(wrong), wrong[:8])


def nearly_bought(chance: random.Random) -> Iterator[tuple[float, float]]:
    """Amounts that buy up to 50 billion shares but for the least difference that 15 digits show.

    What is left, or lacks, is some units of the last of a product's digits.
    """
    while True:
        digits = chance.randrange(10**14 + 1, 10**15, 2)
        if digits % 5 == 0:
            continue
        behind = chance.choice((7, 8, 9, 10))
        inverse = pow(digits, -1, 10**behind)
        for units in (*range(1, 12), *range(-1, -12, -1)):
            count = units * inverse % 10**behind
            amount = (count * digits - units) // 10**behind
            if 10**14 <= amount < 10**15:  # so that its last digit is 10^behind of the product's
                yield float(amount) / 10 ** (14 - behind), float(digits) / 1e14


@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize("rounding", WHOLE)
def test_shares_that_an_amount_nearly_buys(tmp_path: Path, rounding: str, engine: str) -> None:
    drawn = nearly_bought(random.Random(SEED))
    rows = [next(drawn) for _ in range(CASES)]
    twin = debenture_shares_twin(rounded_as(rounding, tmp_path), "A#", "B#")
    found = computed(twin, rows, engine)
    right = [float(WHOLE[rounding](shown(amount) / shown(one))) for amount, one in rows]
    parts = [shown(amount) / shown(one) % 1 for amount, one in rows]
    assert {part < HALF for part in parts} == {True, False}
    assert all(min(part, 1 - part) < Fraction(1, 10**12) for part in parts)
    wrong = [case for case in zip(rows, found, right, strict=True) if case[1] != case[2]]
    assert not wrong, (len(wrong), wrong[:8])


def test_shares_of_advances_that_an_amount_nearly_buys() -> None:
    """equityline.xlsx takes the same steps in columns; CGTX-2022 has prices typed."""
    line = Template("equityline", select("CGTX-2022"), "Advances")
    drawn = (pair for pair in nearly_bought(random.Random(SEED)) if pair[0] <= 1e9)
    day = datetime.date(2024, 6, 3)
    for _ in range(max(1, CASES // line.rows // 4)):
        pairs = list(islice(drawn, line.rows))
        rows = [{"Date": day, "Amount": amount, "Price": one} for amount, one in pairs]
        answer = line.compute(Filling(rows=rows))
        right = [float(shown(amount) // shown(one)) for amount, one in pairs]
        assert answer.column("Shares") == right
        assert answer.column("Plain shares") == right


def exercises(chance: random.Random) -> Iterator[tuple[float, float, float]]:
    """Warrants, a market price, and an exercise price that takes a whole number, or nearly so."""
    while True:
        market, warrants = price(chance), count(chance, 10)
        paid = chance.randint(0, warrants)
        exercise = nearly(shown(market) * paid / warrants, chance) if paid else 0.0
        if chance.random() < 0.2:
            exercise = price(chance)
        if exercise <= 1e7:
            yield float(warrants), market, exercise


@pytest.mark.parametrize("engine", BY_BOTH)
def test_shares_of_a_cashless_exercise(engine: str) -> None:
    drawn = exercises(random.Random(SEED))
    rows = [next(drawn) for _ in range(CASES)]
    found = computed(net_exercise_shares_twin(select(), "A#", "B#", "C#"), rows, engine)
    right = [
        float(max(0, math.floor(warrants * (shown(market) - shown(exercise)) / shown(market))))
        if exercise
        else warrants
        for warrants, market, exercise in ((int(one), *rest) for one, *rest in rows)
    ]
    wrong = [case for case in zip(rows, found, right, strict=True) if case[1] != case[2]]
    assert not wrong, (len(wrong), wrong[:8])


WARRANTS: Final = (
    head("OTHER-1")
    + """
[agreements.SALES]
source = "1"
capacity = 9_000_000
[agreements.SALES.warrants]
source = "1"
rate = {rate}
exercise_multiple = 1.3
rounding = "{rounding}"
"""
)


def shares_at_edges(rate: Fraction, most: int) -> Iterator[int]:
    """Counts at, one below and one above those where the warrants are whole or half ones."""
    for steps in sorted({*range(12), *(10**power + 3 for power in range(1, 15))}):
        for half in (0, HALF):
            at = math.floor((steps + half) / rate)
            yield from (one for one in (at - 1, at, at + 1, at + 2) if 0 <= one <= most)
    yield from (most - 1, most)


@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize("rounding", WHOLE)
@pytest.mark.parametrize("rate", ["0.1", "0.05", "0.065", "0.0733", '"1/3"', '"1/6"', '"70/70001"'])
def test_warrants_on_shares(tmp_path: Path, rate: str, rounding: str, engine: str) -> None:
    path = tmp_path / "OTHER-1.toml"
    path.write_text(WARRANTS.format(rate=rate, rounding=rounding), "utf-8")
    selection = selected(read_terms(path))
    exact = Fraction(rate.strip('"'))
    counts = [*shares_at_edges(exact, most_shares(selection))]
    twin = cantor_warrants_twin(selection, "A#").replace("agreement.warrants.rate", "B#")
    found = computed(twin, [(one, float(exact)) for one in counts], engine)
    right = [WHOLE[rounding](one * exact) for one in counts]
    assert [CANTOR_WARRANTS.implementation(one, selection) for one in counts] == right
    wrong = [case for case in zip(counts, found, right, strict=True) if case[1] != case[2]]
    assert not wrong, (len(wrong), wrong[:8])


@pytest.fixture
def odd_cents() -> Iterator[str]:
    """A deal whose rate of warrants has four digits."""
    path = DATA / "ODD-CENTS.toml"
    offer(read_terms(path), path)
    yield "ODD-CENTS/FIRST"
    forget()


def test_more_shares_than_warrants_can_be_counted_on(odd_cents: str) -> None:
    most = most_shares(select(odd_cents))
    assert most == 10**15 // 733
    log = Template("placements", select(odd_cents), "Placements")
    day = datetime.date(2019, 6, 3)
    rows = [{"Date": day, "Shares": shares, "Price": 1e-7} for shares in (10**12, most - 10**12, 1)]
    assert log.compute(Filling({}, rows[:2])).failing() == []
    over = log.compute(Filling({}, rows))
    assert not over.holds()
    words = "Failure: More shares than warrants can be counted on in 15 digits"
    assert [remark for remark in over.column("Remark") if remark] == [words]


def test_more_shares_than_proceeds_can_count_warrants_on(odd_cents: str) -> None:
    proceeds = Template("proceeds", select(odd_cents))
    few, many = (
        proceeds.compute(Filling({"Gross_1": gross, "Price_1": 1e-7})).failing()
        for gross in (136_000, 137_000)
    )
    assert few == []
    assert "more than warrants can be counted on in 15 digits: 1.0 against 0.0" in many[0]


def test_a_derivation_says_how_warrants_are_rounded() -> None:
    terms = read_terms(DATA / "ROUNDED.toml")
    last = {
        key: CANTOR_WARRANTS.explain([1010.0, selected(terms, key)])[-1]
        for key in ("UP", "NEAREST", "PLACED")
    }
    assert {key: (step.label, step.result) for key, step in last.items()} == {
        "UP": ("Whole warrants, rounded up", 66),
        "NEAREST": ("Whole warrants, rounded to the nearest", 51),
        "PLACED": ("Whole warrants, rounded to the nearest", 56),
    }
