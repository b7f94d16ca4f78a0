"""Shares and earnings of reporting.xlsx, filled at random and held against exact arithmetic."""

from __future__ import annotations

import datetime
import random
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from fillings.typed import reporting_of, typed
from oracles import deals

from xladdin.terms import select

_DAY: Final = datetime.timedelta(days=1)
SPLITS: Final = {
    "MORF-2020": (),
    "CDIO-2023": (),
    "CANOO-2022": (
        (datetime.date(2024, 3, 8), Fraction(23)),
        (datetime.date(2024, 12, 24), Fraction(20)),
    ),
}
"""By deal: its splits, old shares per new one."""

Row = dict[str, Any]


class Drawn:
    """What is typed: changes of shares, securities, sales and inputs, all of them valid."""

    def __init__(self, chance: random.Random, name: str) -> None:
        """Draw it.

        Args:
            chance: Where it comes from.
            name: The deal.
        """
        self.chance = chance
        year = select(name).terms.document_date.year
        self.end = datetime.date(year + chance.randint(0, 3), 1, 1) + _DAY * chance.randint(90, 360)
        self.quarter = self.end - _DAY * chance.randint(80, 98)
        self.year = self.quarter - _DAY * chance.choice((0, 91, 182))
        self.splits = SPLITS[name]
        self.cells: Row = {
            "Period_end": self.end,
            "Quarter_before": self.quarter,
            "Year_before": self.year,
            "Compared_end": None,
            "Compared_quarter_before": None,
            "Compared_year_before": None,
        }
        for span in ("Quarter", "Year"):
            income = chance.choice(
                (0, -3_000_000, 5_000, 750_000, chance.randint(-(10**9), 10**9) / 100)
            )
            price = chance.choice((2.5, 0.04, 31.25, 4.04, round(0.01 + 20 * chance.random(), 4)))
            self.cells[f"{span}_income"] = None if chance.random() < 0.1 else income
            self.cells[f"{span}_average_price"] = None if chance.random() < 0.1 else price
        self._compared()
        self.changes = [self._change(at) for at in range(chance.randint(0, 7))]
        self.securities = [self._security(at) for at in range(chance.randint(0, 8))]
        has_log = bool(select(name).deal.agreements)
        self.sales = [self._sale() for _ in range(chance.randint(0, 5))] if has_log else []

    def _compared(self) -> None:
        """Draw what the report of the year before said, or nothing."""
        chance, cells = self.chance, self.cells
        cells["Compared_end"] = end = self.end - _DAY * 365 if chance.random() < 0.8 else None
        for span in ("quarter", "year"):
            income = chance.choice((0, -2_500_000.5, 450_000, chance.randint(0, 10**11) / 100))
            shares = chance.choice((1, 460, 20_000_001, 10**11, chance.randint(1, 10**8)))
            more = chance.choice((None, shares, shares + 7 * chance.randint(0, shares // 7)))
            interest = chance.choice((None, 0, 160_000.25))
            cells |= {
                f"Compared_{span}_income": income,
                f"Past_{span}_shares": shares,
                f"Past_{span}_diluted": more,
                f"Compared_{span}_interest": interest,
            }
            for name in (f"Compared_{span}_income", f"Past_{span}_shares"):
                if chance.random() < 0.1:
                    cells[name] = None
        if self.splits:
            since = chance.choice(self.splits)[0] + _DAY * chance.choice((-1, 0, 1))
            report = chance.choice((None, since, self.end - _DAY * 325))
            cells["Compared_reported_on"] = report
        self.reported_on = cells.get("Compared_reported_on") or end

    def restated(self, count: int | None) -> Fraction:
        """Shares of the report of then in shares of today: a split counts after its day."""
        if self.cells["Compared_end"] is None:
            return Fraction()
        restated = Fraction(count or 0)
        for since, ratio in self.splits:
            if self.reported_on and self.reported_on < since:
                restated /= ratio
        return restated

    def _within(self) -> datetime.date:
        return self.year + _DAY * self.chance.randint(-30, (self.end - self.year).days + 30)

    def _change(self, at: int) -> Row:
        chance = self.chance
        if at == 0:
            count = chance.choice((0, 1000, 20_000_000, 10**10))
            return {"Date": self.year - _DAY * 40, "What": "Outstanding", "Issued": count}
        if chance.random() < 0.1:
            return {}
        if chance.random() < 0.1:
            return {"Date": self._within()} if chance.random() < 0.5 else {"Issued": 5}
        row: Row = {"Date": self._within(), "Issued": chance.randint(0, 10**6)}
        if chance.random() < 0.3:
            row["Retired"] = chance.randint(0, row["Issued"])
        if chance.random() < 0.2:
            row["Date"] = datetime.datetime.combine(row["Date"], datetime.time(16))
        return row

    def _security(self, at: int) -> Row:
        chance = self.chance
        if chance.random() < 0.1:
            return {}
        if chance.random() < 0.1:
            return {"Name": f"Half {at}"}
        row: Row = {"Name": chance.choice((f"Security {at}", "Options")), "Shares issuable": 0}
        row["Shares issuable"] = chance.choice((0, 10_000, 3_413_600, chance.randint(1, 10**7)))
        if chance.random() < 0.5:
            row["Exercise price"] = chance.choice(
                (0, 2.5, 0.05, 4.04, round(15 * chance.random(), 2))
            )
        if chance.random() < 0.5:
            row["Quarter interest"] = chance.choice((0, 2_100, chance.randint(1, 10**8) / 100))
            row["Year interest"] = chance.choice((0, 4_200, chance.randint(1, 10**8) / 100))
        return row

    def _sale(self) -> Row:
        chance = self.chance
        day = max(self._within(), datetime.date(select("MORF-2020").terms.document_date.year, 1, 1))
        return {"Date": day, "Shares": chance.randint(0, 30_000), "Price": 1.25}

    def weighted(self, before: datetime.date) -> Fraction:
        """The average of the shares from the day after an end to the end of the period.

        There is none without an opening count: a change by the first day.
        """
        days = [
            (_day(row["Date"]), row.get("Issued", 0) - row.get("Retired", 0))
            for row in self.changes
            if row.get("Date") is not None and "Issued" in row
        ]
        if not any(day <= before + _DAY for day, _ in days):
            return Fraction()
        days += [(row["Date"], row["Shares"]) for row in self.sales]
        return deals.weighted_shares(days, before + _DAY, self.end, self.splits)

    def more(self, row: Row, span: str) -> Fraction:
        """Incremental shares of a security by the treasury stock method; all without a price."""
        shares, price = Fraction(row["Shares issuable"]), Fraction(row.get("Exercise price") or 0)
        average = self.cells[f"{span}_average_price"]
        if not price:
            return shares
        if average is None or price >= Fraction(average):
            return Fraction()
        return shares * (1 - price / Fraction(average))


def _day(when: datetime.date) -> datetime.date:
    return when.date() if isinstance(when, datetime.datetime) else when


@pytest.fixture(scope="module", params=SPLITS)
def subject(request: pytest.FixtureRequest) -> tuple[str, Template]:
    """A deal and its workbook."""
    return request.param, reporting_of(request.param)


def run(subject: tuple[str, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, template = subject
    for number, chance in chances("earnings", name, count):
        drawn = Drawn(chance, name)
        others = typed(template, "Shares", drawn.changes)
        others |= typed(template, "Securities", drawn.securities)
        filling = Filling(drawn.cells, drawn.sales, others)
        answer = template.compute(filling, office=by_the_office(number, SPLITS, name))
        said = f"{name}, filling {number}"
        assert answer.failing() == [], said
        for span, before in (("Quarter", drawn.quarter), ("Year", drawn.year)):
            judge(answer, drawn, span, before, f"{said}: {span}")
            judge_compared(answer, drawn, span.lower(), f"{said}: compared {span}")


def judge(answer: Answer, drawn: Drawn, span: str, before: datetime.date, said: str) -> None:
    """Hold the shares, both figures, and what is said of each security against the contract."""
    weighted = drawn.weighted(before)
    _near(answer.named(f"{span}_weighted"), weighted, 0.01, said)
    income = Fraction(drawn.cells[f"{span}_income"] or 0)
    whole = [row for row in drawn.securities if "Shares issuable" in row]
    listed = [
        (str(at), Fraction(row.get(f"{span} interest") or 0), drawn.more(row, span))
        for at, row in enumerate(whole)
    ]
    basic = diluted = Fraction()
    inside: list[str] = []
    if weighted >= 1:
        basic = income / weighted
        diluted, inside = deals.diluted_eps(income, weighted, listed)  # type: ignore[arg-type]
    _near(answer.named(f"{span}_basic"), basic, 1e-6, said)
    _near(answer.named(f"{span}_diluted"), diluted, 1e-6, said)
    sheet, place = answer.template.place(f"{span}_diluted")
    _near(answer.at(sheet, f"C{place[1:]}"), diluted, 1e-6, f"{said}, plain")
    if weighted < 1:
        return
    out = [row for at, row in enumerate(whole) if str(at) not in inside]
    assert answer.named(f"{span}_left_out") == sum(row["Shares issuable"] for row in out), said
    headings = [cell.value for cell in answer.template.workbook["Securities"][4]]
    letter = (
        answer.template.workbook["Securities"]
        .cell(4, headings.index(f"In the {span.lower()}") + 1)
        .column_letter
    )
    at = 0
    for number, row in enumerate(drawn.securities):
        words = "–"
        if "Shares issuable" in row:
            words = "antidilutive" if listed[at][2] else "adds no shares"
            words = "dilutes" if str(at) in inside else words
            at += 1
        assert answer.at("Securities", f"{letter}{5 + number}") == words, (said, row)


def judge_compared(answer: Answer, drawn: Drawn, span: str, said: str) -> None:
    """Hold the shares of the year before, restated, and what they earned against the contract."""
    own = f"Compared_{span}"
    income, reported, more, interest = (
        drawn.cells[name]
        for name in (
            f"{own}_income",
            f"Past_{span}_shares",
            f"Past_{span}_diluted",
            f"{own}_interest",
        )
    )
    income, interest = Fraction(income or 0), Fraction(interest or 0)
    basic, diluted = drawn.restated(reported), drawn.restated(more or reported)
    rights = {
        "weighted": (basic, 0.01),
        "diluted_shares": (diluted, 0.01),
        "basic": (income / basic if basic else Fraction(), 1e-6),
        "diluted": ((income + interest) / diluted if diluted else Fraction(), 1e-6),
    }
    sheet = answer.template.workbook["EPS compared"]
    column = {"quarter": "C", "year": "E"}[span]
    for row, (what, (right, tolerance)) in enumerate(rights.items(), 8):
        off = max(tolerance, abs(float(right)) * 1e-14)
        _near(answer.named(f"{own}_{what}"), right, off, f"{said}: {what}")
        _near(answer.at(sheet.title, f"{column}{row}"), right, off, f"{said}: {what}, printed")
    shown = income if drawn.cells["Compared_end"] else Fraction()
    _near(answer.at(sheet.title, f"{column}7"), shown, 0.001, f"{said}: income, printed")


def _near(found: Any, right: Fraction, tolerance: float, said: str) -> None:
    assert isinstance(found, float), (said, found)
    assert abs(Fraction(found) - right) <= tolerance, (said, found, float(right))


@pytest.mark.sample(1, contained=True)
def test_a_sample(subject: tuple[str, Template]) -> None:
    run(subject, how_many(SHORT, len(SPLITS)))


@pytest.mark.long
def test_many(subject: tuple[str, Template]) -> None:
    run(subject, how_many(LONG, len(SPLITS)))
