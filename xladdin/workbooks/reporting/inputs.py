"""The sheet of single inputs: the ends of the periods that are reported."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Final, NamedTuple

from openpyxl.formatting.rule import Rule

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks.common_sheets import calendar_years
from xladdin.workbooks.input_lines import InputLine
from xladdin.workbooks.input_lines import write_inputs as write_lines
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import date_between, number_between, price_of
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.reporting.compared_inputs import MOST_INCOME, compared_inputs
from xladdin.workbooks.reporting.headings import DAY, TABLE
from xladdin.workbooks.reporting.illustrative import Ends, a_year_before
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.reporting.runway import runway_inputs
from xladdin.workbooks.reporting.securities import SPANS
from xladdin.workbooks.reporting.valuation_days import valuation_inputs
from xladdin.workbooks.share_basis import basis

TITLE: Final = "Inputs"
PERIOD_END: Final = "Period_end"
QUARTER_BEFORE: Final = "Quarter_before"
YEAR_BEFORE: Final = "Year_before"
COMPARED_END: Final = "Compared_end"
COMPARED_QUARTER: Final = "Compared_quarter_before"
COMPARED_YEAR: Final = "Compared_year_before"
REPORTED_THROUGH: Final = "Reported_through"
"""Defined names of the inputs."""

_HEADER_ROW: Final = 4


class _Order(NamedTuple):
    """Two days of which the first has to come before the second."""

    first: str
    second: str
    words: str
    equal: bool = False


_ORDERS: Final = (
    _Order(QUARTER_BEFORE, PERIOD_END, "This quarter has to end before the period"),
    _Order(YEAR_BEFORE, QUARTER_BEFORE, "This year has to end by the end of that quarter", True),
    _Order(PERIOD_END, REPORTED_THROUGH, "The period has to end by what is reported through", True),
    _Order(COMPARED_END, PERIOD_END, "This period has to end before the one reported"),
    _Order(COMPARED_QUARTER, COMPARED_END, "This quarter has to end before the period compared"),
    _Order(
        COMPARED_YEAR, COMPARED_QUARTER, "This year has to end by the end of that quarter", True
    ),
)
_INCOMES: Final = (600_000, 1_100_000)
_NEEDED: Final = (PERIOD_END, QUARTER_BEFORE, YEAR_BEFORE)


def given_day(name: str) -> str:
    """Refer to the day that an input gives, without its time of day; 0 where it is blank."""
    return f"INT({as_counted(name)})"


def write_inputs(
    book: Book, programme: Programme, ends: Ends, price: float, *, sales: bool
) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        programme: The deal's agreements.
        ends: Illustrative ends of periods.
        price: An illustrative price of a share, in shares of the deal's day.
        sales: Whether there is a log of sales.
    """
    after = f", {words}" if (words := basis(book.selection)) else ""
    sheet = book.sheet(TITLE, (67, 17, 17, 9, 9, 12, 50))
    sheet.title(
        TITLE,
        "The days of the periods that are reported, and what earnings a share, the values of "
        "warrants and the runway need. A period begins on the day after the end that stands "
        "before it, so that fiscal quarters of 13 weeks can be reported as well.",
        7,
    )
    inputs = _inputs(book, ends)
    if not sales:
        inputs = [one for one in inputs if one.name != REPORTED_THROUGH]
    compared = compared_inputs(programme, a_year_before(ends.period), _days(book))
    others = [*_of_earnings(price, after), *compared, *valuation_inputs(price, after)]
    others += runway_inputs()
    write_lines(sheet, _HEADER_ROW, [*inputs, *others])
    sheet.put(f"F{_HEADER_ROW}", "Out of order", styles.TWIN_HEADER)
    sheet.put(f"G{_HEADER_ROW}", "What is odd", styles.HEADER)
    for row, item in enumerate(inputs, _HEADER_ROW + 1):
        _judge(book, sheet, row, item.name, [one.name for one in inputs])
    _colour(sheet, _HEADER_ROW + 1, _HEADER_ROW + len(inputs))
    sheet.worksheet.freeze_panes = f"A{_HEADER_ROW + 1}"
    missing = "+".join(f"COUNTBLANK({name})" for name in _NEEDED)
    later = f"SUMPRODUCT(({TABLE}[{DAY}]>{reported_through()})*1)"
    counted = [(f"{TITLE}: ends of periods that are missing", missing)]
    if sales:
        counted.append(("Sales after the day that is reported through", f"IFERROR({later},0)"))
    for words, formula in counted:
        book.warnings.append(Check(words, formula, 0, source=f"sheet {TITLE}"))


def reported_through() -> str:
    """Write the last day whose sales are reported: of the last sale where none is given."""
    given = given_day(REPORTED_THROUGH)
    return f"IF({given}=0,MAX({given_day(PERIOD_END)},{TABLE}[{DAY}]),{given})"


def _inputs(book: Book, ends: Ends) -> list[InputLine]:
    days = _days(book)
    rule = f"Last day of the period, from {days[0].year} to {days[1].year}."
    allowed = date_between(*days, rule)
    compared = [a_year_before(day) for day in ends]
    listed = (
        (PERIOD_END, "This period ends on", ends.period),
        (QUARTER_BEFORE, "The quarter before it ended on", ends.quarter_before),
        (YEAR_BEFORE, "The fiscal year before it ended on", ends.year_before),
        (REPORTED_THROUGH, "Sales after it are reported through; blank for all", None),
        (COMPARED_END, "The period compared with it ended on; blank for none", compared[0]),
        (COMPARED_QUARTER, "The quarter before that one ended on", compared[1]),
        (COMPARED_YEAR, "The fiscal year before that one ended on", compared[2]),
    )
    return [
        InputLine(name, label, day, styles.DATE, allowed, "illustrative" if day else "")
        for name, label, day in listed
    ]


def _days(book: Book) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day that a period may end on."""
    first, last = calendar_years(book)
    # The period compared with may lie before the first sale that can be typed.
    return datetime.date(first - 2, 1, 1), datetime.date(last, 12, 31)


def _of_earnings(price: float, after: str) -> Iterator[InputLine]:
    """Yield the inputs that earnings a share need, of the quarter and of the year to date."""
    income = number_between(
        -MOST_INCOME, MOST_INCOME, "Income to common stockholders, USD, below 0 for a loss:"
    )
    average = price_of("Average price of the share, USD:")
    for span, words, earned in zip(SPANS, ("Quarter", "Year to date"), _INCOMES, strict=True):
        label = f"{words}: income to common stockholders, USD; negative for a loss"
        yield InputLine(span.income, label, earned, styles.USD, income, "illustrative")
        label = f"{words}: average price, USD a share{after}"
        yield InputLine(span.average, label, price, styles.PRICE, average, "illustrative")


def _judge(book: Book, sheet: Sheet, row: int, name: str, given: list[str]) -> None:
    """Write whether an end is in a wrong order, or missing, and in words what is odd about it."""
    words = '"–"'
    order = next((one for one in _ORDERS if one.first == name and one.second in given), None)
    if order is not None:
        sheet.formula(f"F{row}", when(_broken(order)), styles.TWIN, styles.COUNT)
        words = f'IF(F{row}=1,"{order.words}: type the day anew",{words})'
        what = f"{TITLE}!B{row}: {order.words[0].lower()}{order.words[1:]}"
        source = f"type the day anew on {TITLE}"
        book.entry_checks.append(Check(what, f"'{TITLE}'!F{row}", 0, source=source))
    if name in _NEEDED:
        words = f'IF(COUNTBLANK({name})=1,"missing: its columns stay empty",{words})'
    sheet.formula(f"G{row}", words)


def _colour(sheet: Sheet, first: int, last: int) -> None:
    """Colour what is odd: red where it fails the checks, amber where it is a warning."""
    for colour, formula in (
        (styles.PALE_RED, f"$F{first}=1"),
        (styles.PALE_AMBER, f"LEN($G{first})>1"),
    ):
        rule = Rule("expression", dxf=styles.filled(colour), formula=[formula], stopIfTrue=True)
        sheet.worksheet.conditional_formatting.add(f"G{first}:G{last}", rule)


def _broken(order: _Order) -> str:
    first, second = given_day(order.first), given_day(order.second)
    sign = ">" if order.equal else ">="
    return f"AND({first}>0,{second}>0,{first}{sign}{second})"
