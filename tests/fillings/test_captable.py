"""captable.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

import pytest
from deals import NEOT_1
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from fillings.captable_drawn import Drawn, spoil
from oracles.captable import Expected, Figures, half_typed
from paths import DATA

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

PARTS: Final = 1e-9
"""Tolerance of parts of all shares."""

AMOUNTS: Final = 1e-6
"""Tolerance of dollars and of shares that are not rounded."""

CASES: Final[Mapping[str, Figures]] = {
    "NEOT-2001": Figures("0.20", 3_413_600),
    "FIFTEEN-1": Figures("0.15", 3_413_600),
    "ODD-1": Figures("0.1999", 3_413_600),
    "MERIDIAN-2024": Figures("", voting=False),
}
"""Deals, and what they say: the 2001 deal, the same with other limits, one that has none."""

_OUTPUTS: Final = ("Start", "Capitalisation", "Headroom", "Exercise", "Totals", "Checks")


def deal_file(name: str) -> str:
    """The text of a deal's file."""
    if name == "MERIDIAN-2024":
        return (DATA / f"{name}.toml").read_text("utf-8")
    text = NEOT_1.replace("NEOT-2001", name)
    text = re.sub(r"\[printed\]\n(.+\n)+", "", text)
    limit = f"exchange_limit = {{ value = {CASES[name].limit}"
    text, found = re.subn(r"exchange_limit = \{ value = [\d.]+", limit, text)
    assert found == 1
    return text


@pytest.fixture(scope="module", params=CASES)
def subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Template]]:
    """A deal and its workbook."""
    name = request.param
    if name != "NEOT-2001":
        path = tmp_path_factory.mktemp("deal") / f"{name}.toml"
        path.write_text(deal_file(name), "utf-8")
        offer(read_terms(path), path)
    yield name, Template("captable", select(name), "Tranches")
    forget()


def run(subject: tuple[str, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, template = subject
    for number, chance in chances("captable", name, count):
        filling = draw(name, template, chance)
        office = by_the_office(number, CASES, name)
        answer = template.compute(filling, office=office)
        judge(answer, filling, name, f"{name}, filling {number}: {filling.wrong or 'valid'}")


def draw(name: str, template: Template, chance: Any) -> Filling:
    """Draw a filling, valid or with one thing wrong."""
    drawn = Drawn(chance, CASES[name], template.workbook.defined_names, template.rows)
    if chance.random() < 0.4:
        spoil(drawn, template.formulas(7), template.below)
    return drawn.filling


def judge(answer: Answer, filling: Filling, name: str, label: str) -> None:
    """See that what is wrong fails a check and is named, and that what is valid comes out right."""
    if filling.wrong:
        answer.judge_wrong(filling, label)
        return
    assert answer.failing() == [], label
    assert answer.holds(), label
    half = [row for row in filling.rows if half_typed(row)]
    expected = Expected(filling.cells, filling.rows, CASES[name])
    assert answer.named("Checks_Warnings") == len(half) + expected.warnings(), label
    assert answer.errors(*_OUTPUTS) == [], label
    for figure, right in (expected.shares() | expected.totals()).items():
        _same(answer.named(figure), right, f"{label}: {figure}")
    for figure, right in expected.totals().items():
        sheet, place = answer.template.place(figure)
        if figure != "Securities_total":  # which is plain itself
            _same(answer.at(sheet, f"C{place[1:]}"), right, f"{label}: {figure}, plain")
    _same(answer.named("Authorised_headroom"), expected.left(), f"{label}: left to issue")
    assert answer.named("Issue_authorised") == expected.fits(), label
    if CASES[name].limit:
        _judge_limit(answer, expected, label)
    _judge_tranches(answer, expected, label)


def _judge_limit(answer: Answer, expected: Expected, label: str) -> None:
    for name, right in (
        ("Exchange_headroom", expected.headroom()),
        ("Issue_below_limit", expected.below()),
    ):
        sheet, place = answer.template.place(name)
        assert answer.named(name) == right, (label, name, answer.named(name), right)
        assert answer.at(sheet, f"E{place[1:]}") == right, (label, name, "plain")


def _judge_tranches(answer: Answer, expected: Expected, label: str) -> None:
    for heading, field in (
        ("Treasury stock shares", "treasury"),
        ("Cashless shares", "cashless"),
        ("Dilution for cash", "dilution"),
    ):
        for column in (heading, f"Plain {heading[0].lower()}{heading[1:]}"):
            for number, found in enumerate(answer.column(column)):
                typed = number < len(expected.tranches)
                right = getattr(expected.tranches[number], field) if typed else 0
                _same(found, right, f"{label}: row {number}, {column}")


def _same(found: Any, right: Fraction | int, label: str) -> None:
    if isinstance(right, Fraction):
        assert isinstance(found, float), (label, found)
        # A sum over the rows is off by half a unit for each of them.
        rounding = 20 * math.ulp(float(right))
        tolerance = PARTS if abs(right) < 1 else max(AMOUNTS, rounding)
        assert abs(Fraction(found) - right) <= tolerance, (label, found, float(right))
    else:
        assert found == right, (label, found, right)


@pytest.mark.sample(2, contained=True)
def test_a_sample(subject: tuple[str, Template]) -> None:
    run(subject, how_many(SHORT, len(CASES)))


@pytest.mark.long
def test_many(subject: tuple[str, Template]) -> None:
    run(subject, how_many(LONG, len(CASES)))
