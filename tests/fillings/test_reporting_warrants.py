"""Warrants and runway of reporting.xlsx, filled at random and held against exact arithmetic."""

from __future__ import annotations

import datetime
import random
from calendar import monthrange
from fractions import Fraction
from typing import Any, Final

import pytest
from fillings.base import LONG, SHORT, Answer, Filling, Template, by_the_office, chances, how_many
from fillings.test_reporting_earnings import SPLITS
from fillings.typed import reporting_of, typed
from oracles import deals

from xladdin.terms import select

_DAY: Final = datetime.timedelta(days=1)
KINDS: Final = ("Issued", "Exercised", "Expired")
OPENINGS: Final = {"Quarter": "Quarter_start", "Year": "Year_start"}

Row = dict[str, Any]


class Drawn:
    """What is typed: warrants, their changes, and the inputs of their values and of the runway."""

    def __init__(self, chance: random.Random, name: str) -> None:
        """Draw it.

        Args:
            chance: Where it comes from.
            name: The deal.
        """
        self.chance, self.splits = chance, SPLITS[name]
        first = select(name).terms.document_date.year
        end = datetime.date(first + chance.randint(0, 3), 1, 1) + _DAY * chance.randint(90, 360)
        quarter = end - _DAY * chance.randint(80, 98)
        self.days = {
            "Closing": end,
            "Quarter_start": quarter,
            "Year_start": quarter - _DAY * chance.choice((0, 91, 182)),
        }
        self.cells: Row = dict.fromkeys(
            ("Compared_end", "Compared_quarter_before", "Compared_year_before")
        )
        names = ("Period_end", "Quarter_before", "Year_before")
        self.cells |= zip(names, self.days.values(), strict=True)
        for day in self.days:
            self.cells[f"{day}_price"] = chance.choice((None, 0.03, 4.04, 12.5, 4784.0))
            self.cells[f"{day}_volatility"] = chance.choice((None, 0.5, 0.85, 2.75))
            self.cells[f"{day}_rate"] = chance.choice((None, 0.0425, -0.005))
        self.cells["Dividends"] = chance.choice((None, None, 0.02))
        self.cells["Cash_at_the_end"] = chance.choice((None, 0, 12_345_678.9))
        for span in OPENINGS:
            self.cells[f"{span}_cash_used"] = chance.choice((None, 0, -5_000, 3_600_000, 0.01))
        self.warrants = [self._warrants(at) for at in range(chance.randint(0, 5))]
        self.changes: list[Row] = []
        for row in self.warrants:
            if "Exercise price" in row:
                self._changes(row["Name"])
        chance.shuffle(self.changes)

    def _warrants(self, at: int) -> Row:
        chance = self.chance
        if chance.random() < 0.1:
            return {}
        if chance.random() < 0.1:
            return {"Name": f"Half {at}"}
        price = chance.choice((0, 0.0001, 2.78, 989.0, round(30 * chance.random(), 2)))
        row: Row = {"Name": f"Warrants {at}", "Exercise price": price}
        if chance.random() < 0.8:
            row["Expires"] = self.days["Closing"] + _DAY * chance.randint(-40, 2500)
        return row

    def _changes(self, name: str) -> None:
        """Draw changes that leave no day with fewer than no warrants."""
        chance = self.chance
        begins = self.days["Year_start"] - _DAY * 30
        issued = chance.choice((0, 1, 61_200_000, chance.randint(1, 10**6)))
        self.changes.append({"Date": begins, "Warrants": name, "Issued": issued})
        for _ in range(chance.randint(0, 2)):
            day = begins + _DAY * chance.randint(1, 400)
            row: Row = {"Date": day, "Warrants": name}
            factor = self.carried(Fraction(1), begins) / self.carried(Fraction(1), day)
            for kind, part in (("Issued", 1), ("Exercised", 4), ("Expired", 5)):
                if chance.random() < 0.5:
                    row[kind] = int(issued * factor) * chance.randint(0, 100) // (100 * part)
            self.changes.append(row)
        if chance.random() < 0.2:
            self.changes.append({"Date": begins} if chance.random() < 0.5 else {"Issued": 7})

    def carried(self, count: Fraction, day: datetime.date) -> Fraction:
        """Carry a count over the splits after a day."""
        for since, ratio in self.splits:
            if day < since:
                count /= ratio
        return count

    def counts(
        self, name: str, first: datetime.date, last: datetime.date, kinds: tuple[str, ...] = KINDS
    ) -> Fraction:
        """Add up the changes of some warrants over a time, those of some kinds."""
        found = Fraction()
        for row in self.changes:
            if row.get("Warrants") != name or not first <= row["Date"] <= last:
                continue
            for kind in kinds:
                sign = 1 if kind == "Issued" or len(kinds) == 1 else -1
                found += sign * self.carried(Fraction(row.get(kind) or 0), row["Date"])
        return found

    def on(self, row: Row, day: datetime.date) -> Fraction:
        """How many of some warrants there are at the end of a day."""
        return self.counts(row["Name"], datetime.date.min, day)

    def value(self, row: Row, which: str) -> Fraction:
        """What one of some warrants is worth on one of the days."""
        day, price = self.days[which], self.cells[f"{which}_price"]
        expires = row.get("Expires")
        if price is None or (expires is not None and expires < day):
            return Fraction()
        years = (expires - day).days / 365 if expires else 0.0
        inputs = (
            self.cells[f"{which}_volatility"],
            self.cells[f"{which}_rate"],
            self.cells["Dividends"],
        )
        volatility, rate, dividends = (one or 0.0 for one in inputs)
        strike = float(row["Exercise price"])
        return Fraction(deals.warrant_value(price, strike, years, volatility, rate, dividends))


@pytest.fixture(scope="module", params=SPLITS)
def subject(request: pytest.FixtureRequest) -> tuple[str, Template]:
    """A deal and its workbook."""
    return request.param, reporting_of(request.param)


def run(subject: tuple[str, Template], count: int) -> None:
    """Draw, compute and judge so many fillings."""
    name, template = subject
    for number, chance in chances("warrants", name, count):
        drawn = Drawn(chance, name)
        others = typed(template, "Warrants", drawn.warrants)
        others |= typed(template, "Warrant changes", drawn.changes)
        filling = Filling(drawn.cells, [], others)
        answer = template.compute(filling, office=by_the_office(number, SPLITS, name))
        said = f"{name}, filling {number}"
        assert answer.failing() == [], said
        for span in OPENINGS:
            judge(answer, drawn, span, f"{said}: {span}")
            judge_runway(answer, drawn, span, f"{said}: {span}")


def judge(answer: Answer, drawn: Drawn, span: str, said: str) -> None:
    """Hold numbers, prices, lives and values of a time against the contract."""
    opening, end = drawn.days[OPENINGS[span]], drawn.days["Closing"]
    rows = [row for row in drawn.warrants if "Exercise price" in row]
    found: dict[str, list[tuple[Row, Fraction]]] = {
        "opening": [(row, drawn.on(row, opening)) for row in rows],
        "closing": [(row, drawn.on(row, end)) for row in rows],
    }
    for kind in KINDS:
        found[kind.lower()] = [
            (row, drawn.counts(row["Name"], opening + _DAY, end, (kind,))) for row in rows
        ]
    for key, counts in found.items():
        number = sum((count for _, count in counts), Fraction())
        _near(answer, f"{span}_warrants_{key}", number, 1e-4, said)
        cost = sum((count * Fraction(row["Exercise price"]) for row, count in counts), Fraction())
        if abs(number - 1) > 1e-6:
            average = cost / number if number > 1 else Fraction()
            _near(answer, f"{span}_price_{key}", average, 1e-6, said)
    worth = {}
    for key, which in (("opening", OPENINGS[span]), ("closing", "Closing")):
        worth[key] = sum((count * drawn.value(row, which) for row, count in found[key]), Fraction())
        _near(answer, f"{span}_value_{key}", worth[key], 0.01, said)
        dated = [(row["Expires"], count) for row, count in found[key] if "Expires" in row]
        number = sum((count for _, count in dated), Fraction())
        years = sum(
            (
                count * Fraction(max(0, (expires - drawn.days[which]).days), 365)
                for expires, count in dated
            ),
            Fraction(),
        )
        if abs(number - 1) > 1e-6:
            life = years / number if number > 1 else Fraction()
            _near(answer, f"{span}_life_{key}", life, 1e-6, said)
    _near(answer, f"{span}_value_change", worth["closing"] - worth["opening"], 0.02, said)


def judge_runway(answer: Answer, drawn: Drawn, span: str, said: str) -> None:
    """Hold months, pace and runway against their definitions."""
    opening, end = drawn.days[OPENINGS[span]], drawn.days["Closing"]
    months = max(1, round((end - opening).days * 12 / 365.25))
    assert answer.named(f"{span}_months") == months, said
    cash = Fraction(drawn.cells["Cash_at_the_end"] or 0)
    burn = Fraction(drawn.cells[f"{span}_cash_used"] or 0) / months
    _near(answer, f"{span}_burn", burn, 0.001, said)
    ends = answer.named(f"{span}_runway_ends")
    if burn <= 0:
        assert (answer.named(f"{span}_runway"), ends) == ("–", 0), said
        return
    runway = cash / burn
    right = max(1e-6, float(runway) * 1e-15 * 4)
    _near(answer, f"{span}_runway", runway, right, said)
    if runway > 1200:
        assert ends == 0, said
        return
    assert isinstance(ends, float), said
    whole = int(runway)
    last, following = (_months_on(end + _DAY, months) - _DAY for months in (whole, whole + 1))
    rest = (runway - whole) * (following - last).days
    # Within what a double holds of them, parts of a day make a day or not.
    right_days = {
        last + _DAY * int(rest + near)
        for near in (Fraction(-1, 10**5), 0, Fraction(1, 10**5))
        if rest + near >= 0
    }
    assert datetime.date(1899, 12, 30) + _DAY * int(ends) in right_days, said


def _months_on(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _near(answer: Answer, name: str, right: Fraction, tolerance: float, said: str) -> None:
    found = answer.named(name)
    assert isinstance(found, float), (said, name, found)
    assert abs(Fraction(found) - right) <= tolerance, (said, name, found, float(right))


@pytest.mark.sample(1, contained=True)
def test_a_sample(subject: tuple[str, Template]) -> None:
    run(subject, how_many(SHORT, len(SPLITS)))


@pytest.mark.long
def test_many(subject: tuple[str, Template]) -> None:
    run(subject, how_many(LONG, len(SPLITS)))
