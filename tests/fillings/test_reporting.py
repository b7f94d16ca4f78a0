"""reporting.xlsx filled at random: no valid input fails a check, and nothing wrong passes one."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from fillings.reporting_drawn import Drawn, spoil
from fillings.typed import typed
from oracles.contract import LAST_DAY
from oracles.reporting import Agreement, Expected, Figures
from paths import DATA

from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

DOLLARS: Final = 1e-4
"""Tolerance of dollars; running sums up to hundreds of millions have error."""

_JUNE: Final = datetime.date(2001, 6, 12)
FIGURES: Final = {
    "NEOT-2001": Figures(
        (
            Agreement(
                "SALES",
                "Sales Agreement",
                limit="25000000",
                fee={
                    "tiers": [
                        ("10000000", "0.04"),
                        ("20000000", "0.035"),
                        ("25000000", "0.03"),
                    ]
                },
                dated=_JUNE,
            ),
            Agreement(
                "OTHER",
                "Other Agreement",
                limit="8400000",
                fee={"tiers": [("8400000", "0.04")]},
                dated=_JUNE,
            ),
        )
    ),
    "CIK886128-SHARES": Figures(
        (Agreement("SALES", shares=95_000_000, fee={"tiers": [(None, "0.02")]}),)
    ),
    "CGTX-2022": Figures(
        (
            Agreement("SALES", limit="40000000", dated=datetime.date(2022, 12, 23)),
            Agreement("PURCHASE", limit="35000000", dated=datetime.date(2023, 3, 10)),
        )
    ),
    "CANOO-2022": Figures(
        (
            Agreement(
                "ADVANCES",
                limit="300000000",
                fee={"tiers": [(None, "0.05")]},
                dated=datetime.date(2022, 7, 20),
            ),
        ),
        splits=((datetime.date(2024, 3, 8), 23), (datetime.date(2024, 12, 24), 20)),
    ),
    "POOLED-2024": Figures(
        (
            Agreement(
                "FIRST",
                "First Agreement",
                pool="shelf",
                limit="12000000",
                fee={"tiers": [("12000000", "0.03")]},
                dated=datetime.date(2024, 2, 1),
            ),
            Agreement(
                "SECOND",
                pool="shelf",
                limit="12000000",
                fee={"tiers": [("12000000", "0.025")]},
                dated=datetime.date(2024, 3, 4),
            ),
            Agreement(
                "BLOCK", shares=250_000, fee={"tiers": [(None, "0.04")], "rate_is": "at most"}
            ),
            Agreement("DIRECT", limit="5000000.50"),
            Agreement(
                "LINE",
                limit="20000000",
                fee={
                    "tiers": [("1000000", "0.05"), (None, "0.03")],
                    "mode": "whole",
                    "minimum": "5000",
                    "maximum": "400000",
                },
                dated=datetime.date(2024, 2, 15),
            ),
        ),
        splits=((datetime.date(2024, 7, 1), 8),),
    ),
}
_CLOSING: Final = ("Calendar", "Terms", "Functions", "_xladdin")


@pytest.fixture(scope="module", params=FIGURES)
def subject(request: pytest.FixtureRequest) -> Iterator[tuple[str, Figures, Template]]:
    """A deal and its workbook."""
    name = request.param
    path = DATA / f"{name}.toml"
    if path.exists():
        offer(read_terms(path), path)
    yield name, FIGURES[name], Template("reporting", select(name), "Sales")
    forget()


def run(subject: tuple[str, Figures, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, figures, template = subject
    year = select(name).terms.document_date.year
    years = year - 1, min(year + 8, LAST_DAY.year)
    over = template.formulas(3)
    for number, chance in chances("reporting", name, count):
        drawn = Drawn(chance, figures, years, template.rows)
        if chance.random() < 0.3:
            spoil(drawn, over, template.below)
        filling = drawn.filling
        # Some shares are outstanding in every period.
        filling.others["Shares", "A5"] = datetime.date(year - 3, 1, 1)
        # The warrants shown would have expired in some of them.
        filling.others |= typed(template, "Warrant changes", [])
        answer = template.compute(filling, office=by_the_office(number, FIGURES, name))
        said = f"{name}, filling {number}: {filling.wrong or 'valid'}"
        if filling.wrong:
            answer.judge_wrong(filling, said)
        else:
            judge(answer, filling, figures, said)


def judge(answer: Answer, filling: Filling, figures: Figures, said: str) -> None:
    """See that no check fails and every figure and twin is right, or that limits are named."""
    expected = Expected(filling.cells, filling.rows, figures)
    broken = expected.broken()
    if broken or expected.out_of_order():
        assert not answer.holds(), said
        if broken:
            remark = answer.column("Remark")[broken[0]]
            assert str(remark).startswith("Failure: "), (said, remark)
        return
    assert answer.failing() == [], said
    assert answer.holds(), said
    _judge_rows(answer, expected, said)
    _judge_periods(answer, expected, said)
    assert answer.named("Checks_Warnings") == expected.warnings(), said
    sheets = [name for name in answer.template.workbook.sheetnames if name not in _CLOSING]
    assert answer.errors(*sheets) == [], said


def _same(found: Any, right: Fraction | int, said: str, tolerance: float = DOLLARS) -> None:
    if isinstance(right, Fraction):
        assert isinstance(found, float), (said, found, float(right))
        near = max(tolerance, 8 * math.ulp(float(right)))
        assert abs(Fraction(found) - right) <= near, (said, found, float(right))
    else:
        assert found == right, (said, found, right)


def _judge_rows(answer: Answer, expected: Expected, said: str) -> None:
    columns = (
        ("Gross", "gross"),
        ("Shares sold", "shares"),
        ("Fee", "fee"),
        ("Net proceeds", "net"),
    )
    for heading, name in columns:
        for column in (heading, f"Plain {heading[0].lower()}{heading[1:]}"):
            found = answer.column(column)
            for number in range(answer.template.rows):
                sales = expected.sales
                right = getattr(sales[number], name) if number < len(sales) else 0
                _same(found[number], right, f"{said}: row {number}, {column}")


def places(template: Template) -> dict[tuple[str, str], int]:
    """Find the rows of the sheet Periods, by the heading of their section and their label."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for row in range(7, template.workbook["Periods"].max_row + 1):
        label = template.workbook["Periods"].cell(row, 1).value
        if label and template.workbook["Periods"].cell(row, 2).value is None:
            section = label
        elif label:
            found[section, label.split(",")[0]] = row
    return found


def _judge_periods(answer: Answer, expected: Expected, said: str) -> None:
    rows = places(answer.template)
    agreements = expected.figures.agreements
    sections: list[Agreement | None] = [*agreements, *([None] if expected.several else [])]
    assert len({section for section, _ in rows}) == len(sections)
    for agreement in sections:
        section = "All agreements" if agreement is None else agreement.title or agreement.key
        for column in range(6):
            right = _column(expected, column, agreement)
            assert {label for one, label in rows if one == section} == set(right)
            for label, value in right.items():
                tolerance = 1e-9 if label == "Average price" else DOLLARS
                for at in (column, column + 6):
                    cell = f"{'BCDEFGHIJKLM'[at]}{rows[section, label]}"
                    where = f"{said}: {section}, {label}, column {at}"
                    _same(answer.at("Periods", cell), value, where, tolerance)


def _column(
    expected: Expected, column: int, agreement: Agreement | None
) -> dict[str, Fraction | int]:
    """What a column of a section shows, by label."""
    sales = expected.inside(column, agreement)
    shares = sum((sale.shares for sale in sales), Fraction())
    gross = sum((sale.gross for sale in sales), Fraction())
    fees = sum((sale.fee for sale in sales), Fraction())
    found: dict[str, Fraction | int] = {
        "Shares sold": shares,
        "Gross proceeds": gross,
        "Average price": gross / shares if shares else Fraction(),
        "Fees": fees,
        "Net proceeds": gross - fees,
    }
    if agreement and (agreement.limit or agreement.shares):
        by, of = (" by the pool", " in the pool") if agreement.pool else ("", "")
        found[f"Sold{by} up to the last day"] = expected.used(column, agreement)
        found[f"Left{of} on the last day"] = expected.left(column, agreement)
    return found


@pytest.mark.sample(2, contained=True)
def test_a_sample(subject: tuple[str, Figures, Template]) -> None:
    run(subject, how_many(SHORT, len(FIGURES)))


@pytest.mark.long
def test_many(subject: tuple[str, Figures, Template]) -> None:
    run(subject, how_many(LONG, len(FIGURES)))
