"""A made-up issuer's quarter done through the workbooks, held against the contract in fractions."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pytest
from oracles import deals

from tools import quarter_figures as quarter
from tools.quarter import PAGE, Quarter, page

pytestmark = pytest.mark.long

SPLIT: Final = datetime.date(2024, 5, 20)
RATIO: Final = 4
QUARTER: Final = (datetime.date(2024, 4, 1), datetime.date(2024, 6, 30))
YEAR: Final = (datetime.date(2024, 1, 1), datetime.date(2024, 6, 30))
SPANS: Final = {"Quarter": QUARTER, "Year": YEAR}
DOLLARS: Final = Fraction(1, 10**6)
PER_SHARE: Final = Fraction(1, 10**9)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Quarter:
    return Quarter(tmp_path_factory.mktemp("quarter"))


def exact(number: float) -> Fraction:
    """A price as a sheet shows it."""
    return Fraction(repr(number))


def near(found: Any, right: Fraction, tolerance: Fraction = DOLLARS) -> None:
    assert isinstance(found, int | float)
    assert abs(Fraction(found) - right) <= tolerance, (found, float(right))


def total(parts: Sequence[Fraction]) -> Fraction:
    return sum(parts, Fraction())


def fee(sold: Fraction) -> Fraction:
    """The programme's commission: 3% to 4,000,000, 2.5% beyond."""
    edge = Fraction(4_000_000)
    return min(sold, edge) * Fraction(3, 100) + max(sold - edge, Fraction()) * Fraction(25, 1000)


def after(count: Fraction, day: datetime.date) -> Fraction:
    """A count of some day in shares after the split."""
    return count / RATIO if day < SPLIT else count


PLACED: Final = (*quarter.FROM_CSV, *quarter.TYPED)


class Sold(NamedTuple):
    """A sale as the contract has it."""

    day: datetime.date
    shares: int
    gross: Fraction
    fee: Fraction


def placed() -> list[Sold]:
    """The placements, each charged on what was sold before."""
    found, sold = list[Sold](), Fraction()
    for _, day, shares, price in PLACED:
        gross = shares * exact(price)
        found.append(Sold(day, shares, gross, fee(sold + gross) - fee(sold)))
        sold += gross
    return found


def advance() -> tuple[Fraction, int]:
    """96% of the lowest price of the three sessions before the notice, and the shares of it."""
    price = Fraction(96, 100) * min(map(exact, quarter.VWAPS.values()))
    return price, int(quarter.ADVANCE[1] / price)


def conversion() -> tuple[Fraction, int]:
    """The lesser of 120% of the average at issuance and 92% of the five lowest before."""
    bids = {
        day: exact(bid) * (RATIO if day < SPLIT else 1) for day, bid in quarter.BIDS.items()
    }  # fmt: skip
    issue = [bid for day, bid in bids.items() if day < quarter.ISSUED]
    lookback = sorted(bid for day, bid in bids.items() if day > quarter.ISSUED)
    assert (len(issue), len(lookback)) == (5, 20)
    assert (quarter.CONVERTED - quarter.ISSUED).days > 90
    price = min(Fraction(120, 100) * sum(issue) / 5, Fraction(92, 100) * sum(lookback[:5]) / 5)
    return price, int(quarter.PRINCIPAL / price)


def weighted(span: tuple[datetime.date, datetime.date]) -> Fraction:
    """Shares outstanding on average, by days, both ends counted, after the split."""
    first, last = span
    changes = [
        (quarter.OPENING[0], Fraction(quarter.OPENING[1])),
        (quarter.VESTED[0], Fraction(quarter.VESTED[1])),
        (quarter.EXERCISED[0], Fraction(quarter.EXERCISED[1])),
        (quarter.CONVERTED, Fraction(conversion()[1])),
        (quarter.ADVANCE[0], Fraction(advance()[1])),
        *((one.day, Fraction(one.shares)) for one in placed()),
    ]
    whole = Fraction((last - first).days + 1)
    total = Fraction()
    for day, count in changes:
        if day <= last:
            total += after(count, day) * ((last - max(day, first)).days + 1) / whole
    return total


def test_every_workbook_checks_out(done: Quarter) -> None:
    for name in ("placements", "equityline", "floating", "proceeds", "reporting"):
        assert done.named(name, "Checks_OK") is True, name
        assert done.named(name, "Checks_Warnings") == 0, name


def test_placements(done: Quarter) -> None:
    right = placed()
    assert any(day < SPLIT for day, *_ in right)
    columns = {name: done.column("placements", "Placements", name) for name in _LOG}
    assert columns["Agent"] == [one.agent for one in PLACED]
    for number, (day, shares, gross, commission) in enumerate(right):
        assert columns["Date"][number].date() == day
        assert columns["Shares"][number] == shares
        near(columns["Gross"][number], gross)
        near(columns["Commission"][number], commission)
        near(columns["Net proceeds"][number], gross - commission)
        left = 12_000_000 - total([one.gross for one in right[: number + 1]])
        near(columns["Capacity left"][number], left)
    # The quarter crosses from a tier into the next, or the tiers would prove nothing.
    sold = [total([one.gross for one in right[: at + 1]]) for at in range(len(right))]
    assert any(a < 4_000_000 < b for a, b in pairwise(sold))


_LOG: Final = (
    "Agent", "Date", "Shares", "Gross", "Commission", "Net proceeds", "Capacity left",
)  # fmt: skip


def test_the_advance(done: Quarter) -> None:
    price, shares = advance()
    (found,) = done.column("equityline", "Advances", "Price")
    near(found, price, PER_SHARE)
    assert done.column("equityline", "Advances", "Shares") == [shares]
    (left,) = done.column("equityline", "Advances", "Left under the cap")
    assert left == int(Fraction(1999, 10_000) * 20_000_000 / RATIO) - shares


def test_the_conversion(done: Quarter) -> None:
    price, shares = conversion()
    # A bid from before the split is among the lowest.
    assert min(quarter.BIDS[one] * RATIO for one in quarter.BIDS if one.month == 5) < 5.85
    near(done.named("floating", "Conversion_price"), price, PER_SHARE)
    assert done.named("floating", "Shares_issued") == shares


def test_proceeds_take_the_log(done: Quarter) -> None:
    gross = total([one.gross for one in placed()])
    near(done.named("proceeds", "Gross_1"), gross)
    book = done.book("proceeds")["Proceeds"]
    rows = {row[0].value: row for row in book.iter_rows() if row[0].value}
    near(rows["Commission"][1].value, fee(gross))
    # The price is the one at which these dollars buy the shares of the log, carried over the split;
    # a part of a share counts as one, once for all.
    shares = exact(done.named("proceeds", "Gross_1")) / exact(done.named("proceeds", "Price_1"))
    carried = total([after(Fraction(one.shares), one.day) for one in placed()])
    assert int(shares) == math.ceil(carried)


@pytest.mark.parametrize("span", ["Quarter", "Year to date", "Cumulative", "After the period"])
def test_the_table_of_the_quarter(done: Quarter, span: str) -> None:
    first, last = {
        "Quarter": QUARTER,
        "Year to date": YEAR,
        "Cumulative": (datetime.date.min, YEAR[1]),
        "After the period": (datetime.date(2024, 7, 1), datetime.date.max),
    }[span]
    price, shares = advance()
    of_line = Sold(quarter.ADVANCE[0], shares, shares * price, shares * price / 50)
    logs = [placed(), [of_line]]
    for number, log in enumerate([[*logs[0], *logs[1]], *logs]):
        within = [one for one in log if first <= one.day <= last]
        # Shares after the split are not rounded, as none are issued by it for the log.
        count = total([after(Fraction(one.shares), one.day) for one in within])
        gross, paid = total([one.gross for one in within]), total([one.fee for one in within])
        near(done.period("Shares sold, shares", span, number), count, PER_SHARE)
        near(done.period("Gross proceeds, USD", span, number), gross)
        near(done.period("Fees, USD", span, number), paid)
        near(done.period("Net proceeds, USD", span, number), gross - paid)
        average = gross / count if count else Fraction()
        near(done.period("Average price, USD a share", span, number), average, PER_SHARE)
        if number:
            capacity = (12_000_000, 5_000_000)[number - 1]
            sold = total([one.gross for one in log if one.day <= last])
            near(done.period("Left on the last day, USD", span, number - 1), capacity - sold)


@pytest.mark.parametrize("span", SPANS)
def test_earnings_a_share(done: Quarter, span: str) -> None:
    shares, income = weighted(SPANS[span]), Fraction(quarter.INCOME[span])
    near(done.named("reporting", f"{span}_weighted"), shares, Fraction(1, 100))
    basic = income / shares
    near(done.named("reporting", f"{span}_basic"), basic, PER_SHARE)
    average = exact(quarter.AVERAGE[span])
    count, exercise = quarter.OPTIONS
    assert average < quarter.WARRANTS[1]
    options = count * (1 - exact(exercise) / average)
    diluted = income / (shares + quarter.UNITS + options)
    note = int(quarter.NOTE_LEFT / conversion()[0])
    effect = Fraction(quarter.INTEREST[span])
    assert effect / note > diluted
    near(done.named("reporting", f"{span}_diluted"), diluted, PER_SHARE)
    heading = "In the quarter" if span == "Quarter" else "In the year"
    sheet = done.book("reporting")["Securities"]
    at = [cell.value for cell in sheet[4]].index(heading) + 1
    words = [sheet.cell(row, at).value for row in range(5, 9)]
    assert words == ["dilutes", "adds no shares", "dilutes", "antidilutive"]
    left_out = quarter.WARRANTS[0] + note
    assert done.named("reporting", f"{span}_left_out") == left_out


@pytest.mark.parametrize("span", quarter.COMPARED)
def test_earnings_of_the_year_before(done: Quarter, span: str) -> None:
    said = quarter.COMPARED[span]
    assert quarter.COMPARED_REPORTED < SPLIT
    shares = {"weighted": said.shares, "diluted_shares": said.diluted}
    for name, count in shares.items():
        near(done.named("reporting", f"Compared_{span}_{name}"), Fraction(count, RATIO))
    for name, count in zip(("basic", "diluted"), shares.values(), strict=True):
        right = Fraction(said.income * RATIO, count)
        near(done.named("reporting", f"Compared_{span}_{name}"), right, PER_SHARE)
    sheet = done.book("reporting")["EPS compared"]
    column = {"quarter": 3, "year": 5}[span]
    assert sheet.cell(7, column).value == said.income
    near(sheet.cell(11, column).value, Fraction(said.income * RATIO, said.diluted), PER_SHARE)


OPENINGS: Final = {"Quarter": "Quarter_start", "Year": "Year_start"}
KINDS: Final = (quarter.LENDERS, quarter.INVESTORS)


def held(name: str, until: datetime.date) -> Fraction:
    """Warrants of a kind at the end of a day, after the split."""
    return total(
        [
            after(Fraction(one.number), one.day) * (1 if one.kind == "Issued" else -1)
            for one in quarter.CHANGES
            if one.name == name and one.day <= until
        ]
    )


def worth(until: datetime.date, which: str) -> Fraction:
    """What all warrants are worth at the end of a day, by Black, Scholes and Merton."""
    price, volatility, rate = quarter.VALUATIONS[which]
    return total(
        [
            held(one.name, until)
            * Fraction(
                deals.warrant_value(
                    price, one.price, (one.expires - until).days / 365, volatility, rate, 0.0
                )
            )
            for one in KINDS
            if until <= one.expires
        ]
    )


@pytest.mark.parametrize("span", SPANS)
def test_the_warrants(done: Quarter, span: str) -> None:
    first, last = SPANS[span]
    before = first - datetime.timedelta(days=1)
    for key, day in (("opening", before), ("closing", last)):
        counts = [held(one.name, day) for one in KINDS]
        near(done.named("reporting", f"{span}_warrants_{key}"), total(counts))
        cost = total([held(one.name, day) * exact(one.price) for one in KINDS])
        near(done.named("reporting", f"{span}_price_{key}"), cost / total(counts), PER_SHARE)
        which = {"opening": OPENINGS[span], "closing": "Closing"}[key]
        near(done.named("reporting", f"{span}_value_{key}"), worth(day, which), Fraction(1, 100))
    for kind in ("Issued", "Exercised", "Expired"):
        moved = [
            after(Fraction(one.number), one.day)
            for one in quarter.CHANGES
            if one.kind == kind and first <= one.day <= last
        ]
        near(done.named("reporting", f"{span}_warrants_{kind.lower()}"), total(moved))
    assert held(quarter.INVESTORS.name, last) == quarter.WARRANTS[0]
    life = Fraction((quarter.INVESTORS.expires - last).days, 365)
    near(done.named("reporting", f"{span}_life_closing"), life, PER_SHARE)


@pytest.mark.parametrize(("span", "months"), [("Quarter", 3), ("Year", 6)])
def test_the_runway(done: Quarter, span: str, months: int) -> None:
    assert done.named("reporting", f"{span}_months") == months
    burn = Fraction(quarter.CASH_USED[span], months)
    near(done.named("reporting", f"{span}_burn"), burn)
    near(done.named("reporting", f"{span}_runway"), quarter.CASH / burn)
    # Whole months are counted from July 1, the day after the end; then days of the next month.
    whole = int(quarter.CASH / burn)
    first, following = (
        datetime.date(2024 + (6 + months) // 12, (6 + months) % 12 + 1, 1)
        for months in (whole, whole + 1)
    )
    days = int((quarter.CASH / burn - whole) * (following - first).days)
    ends = done.named("reporting", f"{span}_runway_ends").date()
    assert ends == first + datetime.timedelta(days=days - 1)
    after_it = total([one.gross - one.fee for one in placed() if one.day > QUARTER[1]])
    near(done.named("reporting", "Cash_with_sales_after"), quarter.CASH + after_it)


def test_the_page_shows_these_figures(done: Quarter) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, done) == text, "run python -m tools.quarter"
