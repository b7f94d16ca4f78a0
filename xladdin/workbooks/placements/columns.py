"""The columns of the placement log: typed, of the add-in, of plain Excel, and what judges rows."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from xladdin.calendars import calendar
from xladdin.core.decimals import slack
from xladdin.functions import twins
from xladdin.functions.capacity import ceo_capacity_twin
from xladdin.functions.fees import ceo_fee_twin, ceo_net_twin
from xladdin.functions.sessions import settlement_date_twin, trading_day_twin
from xladdin.functions.warrants import (
    cantor_exercise_price_twin,
    cantor_warrants_twin,
    most_shares,
)
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import calendar_years
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.illustrative import USUAL_PRICE
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import (
    LEAST_PRICE,
    date_between,
    price_of,
    whole_number,
)
from xladdin.workbooks.layout.remarks import (
    RowProblem,
    any_broken,
    judged,
    no_session,
    number_columns,
    when,
)
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, this_row, whole
from xladdin.workbooks.placements.agents import AGENT, agent_column, agents_of
from xladdin.workbooks.quantities import Quantity

TABLE: Final = "Placements"

COUNTED: Final = "Counted"
SOLD: Final = "Shares sold"
PRIOR_SHARES: Final = "Prior shares"
DAY: Final = "Plain day"
COUNT: Final = "Plain shares"
PRICE: Final = "Plain price"
READ_SHARES: Final = "Shares that count"
READ_PRICE: Final = "Price that counts"
GROSS_TO_DATE: Final = "Gross to date"
FEE_TO_DATE: Final = "Plain commission to date"
FEE_BEFORE: Final = "Plain commission before"
PRIOR_GROSS: Final = "Prior gross"
OTHERS: Final = "Others"
ALIKE: Final = "Alike"
TO_THE_CENT: Final = "Commission to the cent"
CHART_DAY: Final = "Chart day"
CHART_GROSS: Final = "Chart gross"
CHART_NET: Final = "Chart net"
"""Headings of columns that others refer to."""

TOO_MANY: Final = "More shares than warrants can be counted on in 15 digits"
"""What is wrong where the part of the shares that the agent earns has more digits than a cell."""

_here: Final = partial(this_row, TABLE)

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
    terms, agreement = selection.terms, selection.agreement
    last_sale = terms.capitalisation.last_sale if terms.capitalisation else USUAL_PRICE
    sessions = calendar(terms.calendar)
    placements = []
    for number, (ratio, step) in enumerate(zip(_FIRST_RATIOS, _PRICE_STEPS, strict=True)):
        price = (last_sale * (1000 + step) / 1000).quantize(Decimal("0.01"))
        shares = int(agreement.capacity * ratio / 1000 / price)
        day = sessions.offset(terms.document_date, 3 + number * _SESSIONS_APART)
        placements.append((day, shares, float(price)))
    return placements


def crossing_a_tier(selection: Selection) -> list[bool]:
    """Return of each illustrative placement whether it crosses from a tier into the next."""
    edges = [tier.up_to for tier in selection.agreement.tiers]
    sold, found = Decimal(0), []
    for _, shares, price in illustrative(selection):
        before, sold = sold, sold + shares * Decimal(str(price))
        found.append(any(before < edge < sold for edge in edges))
    return found


def log_columns(book: Book) -> list[Column]:
    """Make the columns of the log: typed, of the add-in, of plain Excel, and for judging rows."""
    columns = _typed(book)
    gross = f"{_here('Shares')}*{_here('Price')}"
    columns += [
        Column("Gross", styles.RESULT, styles.USD, 14, _counted(gross)),
        Column(
            PRIOR_GROSS,
            styles.RESULT,
            styles.USD,
            14,
            _counted(f"{_here(GROSS_TO_DATE)}-{_here('Gross')}"),
        ),
    ]
    # Twice, because half a cent has no binary form and would be rounded to either side.
    cents = f"ROUND(ROUND({_here('Commission')}*100,6),0)/100"
    rounding = f"{_here(TO_THE_CENT)}-{_here('Commission')}"
    columns += [
        Column(TO_THE_CENT, styles.RESULT, styles.USD, 13, cents),
        Column("Rounding", styles.RESULT, styles.USD_FINE, 10, rounding),
    ]
    waiting = f"{_here(COUNTED)}=0"
    columns += figure_columns(book, TABLE, "the log", _results(book.selection), waiting)
    at = next(at for at, column in enumerate(columns) if column.style == styles.TWIN)
    columns[at:at] = [*_helpers(book.selection, columns), *_charted()]
    return judged(book, TABLE, columns, _failures(book.selection), _warnings(book.selection))


def _counted(formula: str) -> str:
    """Give 0, shown as a dash, in a row that waits for input; an error in one that is wrong."""
    return f"IF({_here(COUNTED)}=0,0,{formula})"


def _or_blank(formula: str) -> str:
    """Give an empty text in a row that waits for input; an error in one that is wrong."""
    return f'IF({_here(COUNTED)}=0,"",{formula})'


def _to_here(column: str) -> str:
    """Refer to a column from its heading, which no sum counts, to this row."""
    return f"{TABLE}[[#Headers],[{column}]]:{_here(column)}"


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
            allowed=date_between(*days, f"Date of sale, from {days[0].year} to {days[1].year}."),
        ),
        Column(
            "Shares",
            styles.INPUT,
            styles.COUNT,
            10,
            values=[count for _, count, _ in placements],
            allowed=whole_number(0, "Shares sold"),
        ),
        Column(
            "Price",
            styles.INPUT,
            styles.QUOTE,
            10,
            values=[amount for _, _, amount in placements],
            allowed=price_of("Sale price, USD a share:"),
        ),
    ]


def counted_by_placement(selection: Selection) -> bool:
    """Check whether warrants are counted on each placement, and not on all shares sold."""
    warrants = selection.sales.warrants
    return warrants is not None and warrants.by_placement


def log_dollars(selection: Selection) -> Quantity:
    """Return the quantity of a log's dollars: how far they and their twins may be apart, USD.

    Where the running sum of a log can be off by more than an amount's rounding, it is that error.
    """
    error = float(slack(selection.agreement.capacity))
    return Quantity(styles.USD, error) if selection.agreement.capacity >= 2**26 else quantities.USD


def _results(selection: Selection) -> list[FigureColumn]:
    """Make the columns of what the add-in works out for a placement, with the plain-Excel twins."""
    gross, prior = _here("Gross"), _here(PRIOR_GROSS)
    begins, ends = "-agreement.standstill_before", "agreement.standstill_after"
    dollars = log_dollars(selection)
    results = [
        FigureColumn(
            "Commission",
            dollars,
            13,
            f"CEO_FEE({gross},{prior},Deal)",
            f"{_here(FEE_TO_DATE)}-{_here(FEE_BEFORE)}",
        ),
        FigureColumn(
            "Net proceeds",
            dollars,
            14,
            f"CEO_NET({gross},{prior},Deal)",
            ceo_net_twin(selection, gross, _here("Plain commission")),
        ),
        FigureColumn(
            "Standstill begins",
            quantities.DATE,
            12,
            f"TRADING_DAY({_here('Date')},{begins},Deal)",
            trading_day_twin(selection, _here(DAY), begins),
        ),
        FigureColumn(
            "Settlement",
            quantities.DATE,
            12,
            f"SETTLEMENT_DATE({_here('Date')},Deal)",
            settlement_date_twin(selection, _here(DAY)),
        ),
        FigureColumn(
            "Standstill ends",
            quantities.DATE,
            12,
            f"TRADING_DAY({_here('Settlement')},{ends},Deal)",
            trading_day_twin(selection, _here("Plain settlement"), ends),
        ),
        FigureColumn(
            "Capacity left",
            dollars,
            14,
            f"CEO_CAPACITY({prior}+{gross},,Deal)",
            ceo_capacity_twin(selection, _here(GROSS_TO_DATE)),
        ),
    ]
    results[2:2] = _warrant_columns(selection)
    return results


def _warrant_columns(selection: Selection) -> list[FigureColumn]:
    """Make the columns of the warrants that a placement adds; none of an agreement without."""
    if not selection.agreement.warrants:
        return []
    price, sold, before = _here("Price"), _here(SOLD), _here(PRIOR_SHARES)
    # The agent earns a part of all shares sold, made whole once; a placement adds its share.
    # Where each placement is counted by itself, it is made whole by itself.
    to_here = f"({before}+{sold})"
    earned = f"CANTOR_WARRANTS({to_here},Deal)-CANTOR_WARRANTS({before},Deal)"
    plain = "-".join(cantor_warrants_twin(selection, count) for count in (to_here, before))
    if counted_by_placement(selection):
        earned = f"CANTOR_WARRANTS({sold},Deal)"
        plain = cantor_warrants_twin(selection, sold)
    exercise = cantor_exercise_price_twin(selection, sold, price)
    return [
        FigureColumn("Warrants", quantities.COUNT, 10, earned, plain),
        FigureColumn(
            "Exercise price",
            quantities.PRICE,
            10,
            f"IF({sold}=0,0,CANTOR_EXERCISE_PRICE({sold},{price},Deal))",
            f"IF({sold}=0,0,{exercise})",
        ),
    ]


def _helpers(selection: Selection, columns: Sequence[Column]) -> list[Column]:
    """Make the columns that others stand on: whether a row counts, its sale, and all up to it.

    Day, count and price are those of a row that counts and 0 in any other, never text or an error.
    """
    inputs = f"{TABLE}[[#This Row],[Date]:[Price]]"
    wrong = any_broken(TABLE, columns)
    prior_shares = f"SUM({_to_here(SOLD)})-{_here(SOLD)}"
    fee, before = (ceo_fee_twin(selection, _here(sold)) for sold in (GROSS_TO_DATE, PRIOR_GROSS))
    day, count, price = (
        f"IFERROR(IF({_here(COUNTED)}=1,{given},0),0)"
        for given in (f"INT({_here('Date')})", f"ROUND({_here('Shares')},0)", _here("Price"))
    )
    of_one = ",".join(f"{whole(TABLE, name)},{_here(name)}" for name in (DAY, COUNT))
    # Prices are compared where day and shares, which are whole, are the same, so that the time does
    # not grow with the square of the rows: a price that a formula made may have 17 digits, with
    # which COUNTIFS is not known to compare as it does with 15.
    same = "*".join(f"({whole(TABLE, name)}={_here(name)})" for name in (DAY, COUNT, PRICE))
    return [
        *number_columns(TABLE, columns),
        Column(
            COUNTED,
            styles.TWIN,
            styles.COUNT,
            9,
            f"IF(COUNTBLANK({inputs})>0,0,IF({wrong}>0,NA(),1))",
        ),
        Column(SOLD, styles.TWIN, styles.COUNT, 11, _counted(_here("Shares"))),
        Column(PRIOR_SHARES, styles.TWIN, styles.COUNT, 12, _counted(prior_shares)),
        Column(DAY, styles.TWIN, styles.DATE, 12, day),
        Column(COUNT, styles.TWIN, styles.COUNT, 11, count),
        Column(PRICE, styles.TWIN, styles.QUOTE, 10, price),
        # A function takes an empty text for a blank: a row that waits for input is no sale.
        Column(READ_SHARES, styles.RESULT, styles.COUNT, 11, _or_blank(_here("Shares"))),
        Column(READ_PRICE, styles.RESULT, styles.QUOTE, 10, _or_blank(_here("Price"))),
        Column(GROSS_TO_DATE, styles.TWIN, styles.USD, 14, _counted(f"SUM({_to_here('Gross')})")),
        # Nothing is sold to date in a row that waits.
        Column(FEE_TO_DATE, styles.TWIN, styles.USD, 14, fee),
        Column(FEE_BEFORE, styles.TWIN, styles.USD, 14, before),
        Column(OTHERS, styles.TWIN, styles.COUNT, 9, f"IF({_here(DAY)}=0,0,COUNTIFS({of_one})-1)"),
        Column(ALIKE, styles.TWIN, styles.COUNT, 9, f"IF({_here(OTHERS)}=0,0,SUMPRODUCT({same}))"),
    ]


def _charted() -> list[Column]:
    """Make the columns of the chart: a row that waits repeats the last point, and adds none."""
    day = whole(TABLE, DAY)
    net = f"{_here(GROSS_TO_DATE)}-{_here(FEE_TO_DATE)}"
    return [
        Column(header, styles.TWIN, form, 14, f"IF({_here(DAY)}=0,{last},{formula})")
        for header, form, last, formula in (
            (CHART_DAY, styles.DATE, f"MAX({day})", _here(DAY)),
            (CHART_GROSS, styles.USD, "Gross_total", _here(GROSS_TO_DATE)),
            (CHART_NET, styles.USD, "Net_total", net),
        )
    ]


def _failures(selection: Selection) -> list[RowProblem]:
    """List what is wrong about a placement, beside what breaks the rule of its cell."""
    slack = twins.limit_tolerance(selection.agreement.capacity)
    over = f"{_here(GROSS_TO_DATE)}-agreement.capacity>={slack}"
    found = [RowProblem("Above the capacity of the agreement", when(over))]
    if selection.agreement.warrants:
        most = most_shares(selection)
        if most < selection.agreement.capacity / LEAST_PRICE:
            many = f"{_here(PRIOR_SHARES)}+{_here(SOLD)}>{most}"
            found.append(RowProblem(TOO_MANY, when(many)))
    return found


def _warnings(selection: Selection) -> list[RowProblem]:
    """List what is odd about a placement and may be right."""
    inputs, day = f"{TABLE}[[#This Row],[Date]:[Price]]", _here(DAY)
    no_agent = when(f"AND({day}>0,LEN({_here(AGENT)})=0)")
    return [
        RowProblem("Date or shares or price missing", f"IF(MOD(COUNTBLANK({inputs}),3)>0,1,0)"),
        *([RowProblem("Agent missing", no_agent)] if agents_of(selection) else []),
        RowProblem("Before a placement above", when(f"AND({day}>0,{day}<MAX({_to_here(DAY)}))")),
        RowProblem("Not on a session of the exchange", no_session(day)),
        RowProblem("Before the agreement", when(f"AND({day}>0,{day}<agreement.dated)")),
        RowProblem(
            "The same as another placement",
            when(f"{_here(ALIKE)}>1"),
        ),
    ]
