"""The columns of the placement log: typed, of the add-in, of plain Excel, and what judges rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from xladdin.calendars import calendar
from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.functions import twins
from xladdin.functions.capacity import ceo_capacity_twin
from xladdin.functions.sessions import settlement_date_twin, trading_day_twin
from xladdin.functions.warrants import most_shares
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import calendar_years
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.illustrative import USUAL_PRICE, last_sale, part_of_price
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import (
    RowProblem,
    any_broken,
    half_typed,
    judged,
    no_session,
    number_columns,
    when,
)
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, whole
from xladdin.workbooks.placements import headings as col
from xladdin.workbooks.placements.agents import agent_column, agents_of
from xladdin.workbooks.placements.headings import TABLE, here, to_here
from xladdin.workbooks.placements.log_terms import USUAL_CAPACITY, LogTerms
from xladdin.workbooks.placements.paid import (
    helpers,
    results,
    sold_to_date,
    typed_columns,
    warnings,
)
from xladdin.workbooks.placements.shares import (
    carried_shares,
    shares_before,
    shares_in_all,
    shares_to_date,
    warrant_columns,
)
from xladdin.workbooks.sold import MOST_WITHOUT_CAPACITY

TOO_MANY: Final = "More shares than warrants can be counted on in 15 digits"
"""What is wrong where the part of the shares that the agent earns has more digits than a cell."""

_FIRST_RATIOS: Final = (60, 105, 45, 120, 80, 70, 90, 55)
"""Illustrative placements, in thousandths of the capacity: together past the first tier of the
shipped deal."""

_PRICE_STEPS: Final = (0, 7, -12, 21, 33, 15, 48, 62)
"""Their prices, in thousandths above the last sale."""

_SESSIONS_APART: Final = 9


def illustrative(selection: Selection) -> list[tuple[datetime.date, int, float]]:
    """Make up some placements that fit the deal.

    Args:
        selection: The deal and the agreement.

    Returns:
        Date, shares and price of each.
    """
    terms, sales = selection.terms, selection.sales
    base = last_sale(selection, USUAL_PRICE)
    capacity = Fraction(LogTerms(selection).limit or USUAL_CAPACITY)
    sessions = calendar(terms.calendar)
    amended, ends = LogTerms(selection).same_terms
    first = terms.document_date
    begins = max(first, sales.dated or first, amended or first)
    placements = []
    for number, (ratio, step) in enumerate(zip(_FIRST_RATIOS, _PRICE_STEPS, strict=True)):
        price = part_of_price(base, 1000 + step, 1000)
        day = sessions.offset(begins, 3 + number * _SESSIONS_APART)
        if ends is not None and day >= ends:
            break
        usd = capacity * ratio / 1000
        if sales.limit_shares:  # in shares of the deal's day
            count = Fraction(sales.limit_shares) * ratio / 1000 * selection.old_for_new(day)
            usd = min(count * Fraction(price), Fraction(MOST_WITHOUT_CAPACITY))
        shares = int(usd / Fraction(price))
        placements.append((day, shares, float(price)))
    return placements


def crossing_a_tier(selection: Selection) -> list[bool]:
    """Return of each illustrative placement whether it crosses from a tier into the next."""
    schedule = selection.sales.schedule
    edges = [edge for edge in schedule.edges if edge] if schedule else []
    sold, found = Fraction(), []
    for _, shares, price in illustrative(selection):
        before, sold = sold, sold + shares * Fraction(str(price))
        found.append(any(before < edge < sold for edge in edges))
    return found


def log_columns(book: Book) -> list[Column]:
    """Make the columns of the log: typed, of the add-in, of plain Excel, and for judging rows."""
    columns, log = _typed(book), LogTerms(book.selection)
    gross = f"{here('Shares')}*{here('Price')}"
    columns += [
        Column("Gross", styles.RESULT, styles.USD, 14, _counted(gross)),
        Column(
            col.PRIOR_GROSS,
            styles.RESULT,
            styles.USD,
            14,
            _counted(f"{here(sold_to_date(log))}-{here('Gross')}"),
        ),
    ]
    # Twice, because half a cent has no binary form and would be rounded to either side.
    cents = f"ROUND(ROUND({here('Commission')}*100,6),0)/100"
    rounding = f"{here(col.TO_THE_CENT)}-{here('Commission')}"
    columns += [
        Column(col.TO_THE_CENT, styles.RESULT, styles.USD, 13, cents),
        Column("Rounding", styles.RESULT, styles.USD_FINE, 10, rounding),
    ]
    waiting = f"{here(col.COUNTED)}=0"
    steps = [*_helpers(book.selection, columns), *_charted(log)]
    columns += figure_columns(book, TABLE, "the log", _results(book.selection), waiting, steps)
    return judged(
        book, TABLE, columns, _failures(book.selection), _warnings(book.selection, columns)
    )


def _counted(formula: str) -> str:
    """Give 0, shown as a dash, in a row that waits for input; an error in one that is wrong."""
    return f"IF({here(col.COUNTED)}=0,0,{formula})"


def _or_blank(formula: str) -> str:
    """Give an empty text in a row that waits for input; an error in one that is wrong."""
    return f'IF({here(col.COUNTED)}=0,"",{formula})'


def _typed(book: Book) -> list[Column]:
    placements = illustrative(book.selection)
    first_year, last_year = calendar_years(book)
    days = datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31)
    return [
        Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])"),
        *agent_column(book.selection, len(placements)),
        Column(
            "Date",
            styles.INPUT,
            styles.DATE,
            12,
            values=[day for day, _, _ in placements],
            allowed=allow.date_between(
                *days, f"Date of sale, from {days[0].year} to {days[1].year}."
            ),
        ),
        Column(
            "Shares",
            styles.INPUT,
            styles.COUNT,
            11,
            values=[count for _, count, _ in placements],
            allowed=allow.whole_number(0, "Shares sold"),
        ),
        Column(
            "Price",
            styles.INPUT,
            styles.QUOTE,
            10,
            values=[amount for _, _, amount in placements],
            allowed=allow.price_of("Sale price, USD a share:"),
        ),
        *typed_columns(LogTerms(book.selection), [count * price for _, count, price in placements]),
    ]


def _results(selection: Selection) -> list[FigureColumn]:
    """Make the columns of what the add-in works out for a placement, with the plain-Excel twins."""
    log = LogTerms(selection)
    found = [*carried_shares(log), *results(log), *warrant_columns(log), *_day_columns(selection)]
    if log.in_dollars or log.in_shares:
        used, quantity = f"{here(col.PRIOR_GROSS)}+{here('Gross')}", log.dollars
        plain = here(sold_to_date(log))
        if log.in_shares:
            used = plain = here(col.SHARES_TO_DATE)
            quantity = quantities.COUNT
        call = f"CEO_CAPACITY({used},,Deal)"
        twin = ceo_capacity_twin(selection, plain)
        found.append(FigureColumn(col.CAPACITY_LEFT, quantity, 14, call, twin))
    return found


def _day_columns(selection: Selection) -> Iterator[FigureColumn]:
    """Yield the days that follow from a placement's: those that the agreement states."""
    sales = selection.sales
    begins, ends = "-agreement.standstill_before", "agreement.standstill_after"
    delivered = sales.delivery_sessions is not None
    columns = (
        (
            "Standstill begins",
            sales.standstill_before is not None,
            f"TRADING_DAY({here('Date')},{begins},Deal)",
            trading_day_twin(selection, here(col.DAY), begins),
        ),
        (
            col.SETTLEMENT,
            delivered,
            f"SETTLEMENT_DATE({here('Date')},Deal)",
            settlement_date_twin(selection, here(col.DAY)),
        ),
        (
            "Standstill ends",
            delivered and sales.standstill_after is not None,
            f"TRADING_DAY({here(col.SETTLEMENT)},{ends},Deal)",
            trading_day_twin(selection, here("Plain settlement"), ends),
        ),
    )
    for header, stated, formula, twin in columns:
        if stated:
            yield FigureColumn(header, quantities.DATE, 12, formula, twin)


def _helpers(selection: Selection, columns: Sequence[Column]) -> list[Column]:
    """Make the columns that others stand on: whether a row counts, its sale, and all up to it.

    Day, count and price are those of a row that counts and 0 in any other, never text or an error.
    """
    inputs = f"{TABLE}[[#This Row],[Date]:[Price]]"
    wrong = any_broken(TABLE, columns)
    day, count, price = (
        f"IFERROR(IF({here(col.COUNTED)}=1,{given},0),0)"
        for given in (f"INT({here('Date')})", f"ROUND({here('Shares')},0)", here("Price"))
    )
    of_one = ",".join(f"{whole(TABLE, name)},{here(name)}" for name in (col.DAY, col.COUNT))
    # Prices are compared where day and shares, which are whole, are the same, so that the time does
    # not grow with the square of the rows: a price that a formula made may have 17 digits, with
    # which COUNTIFS is not known to compare as it does with 15.
    same = "*".join(
        f"({whole(TABLE, name)}={here(name)})" for name in (col.DAY, col.COUNT, col.PRICE)
    )
    return [
        *number_columns(TABLE, columns),
        Column(
            col.COUNTED,
            styles.TWIN,
            styles.COUNT,
            9,
            f"IF(COUNTBLANK({inputs})>0,0,IF({wrong}>0,NA(),1))",
        ),
        Column(col.SOLD, styles.TWIN, styles.COUNT, 11, _counted(here("Shares"))),
        *shares_before(LogTerms(selection)),
        Column(col.DAY, styles.TWIN, styles.DATE, 12, day),
        Column(col.COUNT, styles.TWIN, styles.COUNT, 11, count),
        Column(col.PRICE, styles.TWIN, styles.QUOTE, 10, price),
        # A function takes an empty text for a blank: a row that waits for input is no sale.
        Column(col.READ_SHARES, styles.RESULT, styles.COUNT, 11, _or_blank(here("Shares"))),
        Column(col.READ_PRICE, styles.RESULT, styles.QUOTE, 10, _or_blank(here("Price"))),
        Column(
            col.GROSS_TO_DATE, styles.TWIN, styles.USD, 14, _counted(f"SUM({to_here('Gross')})")
        ),
        *helpers(LogTerms(selection)),
        *shares_to_date(LogTerms(selection)),
        Column(
            col.OTHERS,
            styles.TWIN,
            styles.COUNT,
            9,
            f"IF({here(col.DAY)}=0,0,COUNTIFS({of_one})-1)",
        ),
        Column(
            col.ALIKE,
            styles.TWIN,
            styles.COUNT,
            9,
            f"IF({here(col.OTHERS)}=0,0,SUMPRODUCT({same}))",
        ),
    ]


def _charted(log: LogTerms) -> list[Column]:
    """Make the columns of the chart: a row that waits repeats the last point, and adds none."""
    day = whole(TABLE, col.DAY)
    paid = here(col.FEE_TO_DATE) if log.by_total else f"SUM({to_here(col.PLAIN_COMMISSION)})"
    net = f"{here(col.GROSS_TO_DATE)}-{paid}"
    return [
        Column(header, styles.TWIN, form, 14, f"IF({here(col.DAY)}=0,{last},{formula})")
        for header, form, last, formula in (
            (col.CHART_DAY, styles.DATE, f"MAX({day})", here(col.DAY)),
            (col.CHART_GROSS, styles.USD, "Gross_total", here(col.GROSS_TO_DATE)),
            (col.CHART_NET, styles.USD, "Net_total", net),
        )
    ]


def _failures(selection: Selection) -> list[RowProblem]:
    """List what is wrong about a placement, beside what breaks the rule of its cell."""
    log, found = LogTerms(selection), []
    if log.limit is not None:
        slack = twins.limit_tolerance(log.limit)
        over = f"{here(sold_to_date(log))}-{log.sold.limit_formula}>={slack}"
        whose = "pool" if log.pooled else "agreement"
        found.append(RowProblem(f"Above the capacity of the {whose}", when(over)))
    else:
        most = f"{MOST_WITHOUT_CAPACITY:.0E}".replace("E+0", "E+")
        lost = when(f"{here(col.COUNT)}*{here(col.PRICE)}>{most}")
        found.append(RowProblem("Gross above 1 billion of which cents are lost", lost))
    day, (begins, ends) = here(col.DAY), log.same_terms
    if begins is not None:
        early = when(f"AND({day}>0,{day}<DATE({begins.year},{begins.month},{begins.day}))")
        found.append(RowProblem(f"Before the amendment of {begins:%d %b %Y}", early))
    if ends is not None:
        late = when(f"{day}>=DATE({ends.year},{ends.month},{ends.day})")
        found.append(RowProblem(f"After the amendment of {ends:%d %b %Y}", late))
    if log.in_shares:
        left = f"{here(col.SHARES_TO_DATE)}-{log.sold.capacity_shares}"
        over = f"ROUND({left},{PARTS_OF_A_SHARE})>0"
        found.append(RowProblem("More shares than may be sold in all", when(over)))
    if selection.sales.warrants:
        most_counted = most_shares(selection)
        if log.limit is None or most_counted < log.limit / allow.LEAST_PRICE:
            many = f"{shares_in_all(log)}>{most_counted}"
            found.append(RowProblem(TOO_MANY, when(many)))
    return found


def _warnings(selection: Selection, columns: Sequence[Column]) -> list[RowProblem]:
    """List what is odd about a placement and may be right."""
    blanks, day = f"COUNTBLANK({TABLE}[[#This Row],[Date]:[Price]])", here(col.DAY)
    early = when(f"AND({day}>0,{day}<agreement.dated)")
    no_agent = when(f"AND({day}>0,LEN({here(col.AGENT)})=0)")
    return [
        half_typed(TABLE, columns, blanks),
        *([RowProblem("Agent missing", no_agent)] if agents_of(selection) else []),
        RowProblem("Before a placement above", when(f"AND({day}>0,{day}<MAX({to_here(col.DAY)}))")),
        RowProblem("Not on a session of the exchange", no_session(day)),
        *([RowProblem("Before the agreement", early)] if selection.sales.dated else []),
        RowProblem("The same as another placement", when(f"{here(col.ALIKE)}>1")),
        *warnings(LogTerms(selection)),
    ]
