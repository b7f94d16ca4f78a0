"""The log of sales under all agreements: typed, worked out, in plain Excel, judged."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import calendar_years, origin_of
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import any_broken, judged, number_columns, where_counted
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, twin_header, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.plain_fees import cumulative
from xladdin.workbooks.reporting import agreements as lists
from xladdin.workbooks.reporting import headings as col
from xladdin.workbooks.reporting.amendments import terms_of_day
from xladdin.workbooks.reporting.headings import TABLE, here, up_to
from xladdin.workbooks.reporting.illustrative import Sale
from xladdin.workbooks.reporting.programme import STAGE_BEGINS, Programme
from xladdin.workbooks.reporting.row_problems import blanks, failures, warnings
from xladdin.workbooks.share_basis import as_typed, basis, in_basis
from xladdin.workbooks.terms_sheet import count_carried, splits_after

ROWS: Final = 20
"""Rows of the table at first; those beyond the illustrative ones wait for input."""

_LEAST_RATE: Final = Decimal("0.000001")


def write_sales(book: Book, programme: Programme, sales: Sequence[Sale]) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        programme: The deal's agreements.
        sales: Illustrative sales.
    """
    typed = _typed_columns(book, programme, sales)
    waiting = f"{here(col.COUNTED)}=0"
    steps = _steps(programme, typed)
    figures = figure_columns(book, TABLE, "the log", _results(programme), waiting, steps)
    columns = [*typed, *figures]
    columns = judged(book, TABLE, columns, failures(programme), warnings(programme, typed))
    sheet = book.sheet(TABLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, ROWS)
    in_shares = basis(programme.selection)
    after = f", in shares {in_shares}" if in_shares else ""
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Sales under all agreements",
        f"One row each, oldest first; the sheet Periods adds them up{after}. Grey columns "
        "are the plain-Excel twins of the white ones. " + origin_of(book, TABLE, "The sales shown"),
        _units(programme.selection),
        frozen=2,
    )


def _units(selection: Selection) -> dict[str, str]:
    typed, sold = as_typed(selection, "shares"), in_basis(selection, "shares")
    price = as_typed(selection, "USD a share")
    return {
        **dict.fromkeys((col.SHARES, col.COUNT, col.COUNT_GIVEN), typed),
        **dict.fromkeys((col.SOLD, twin_header(col.SOLD), col.CARRIED, col.SHARES_TO_DATE), sold),
        **dict.fromkeys((col.PRICE, col.READ_PRICE), price),
        **dict.fromkeys((col.OWN_RATE, col.READ_RATE, col.RATE_GIVEN), "per cent"),
        col.COUNTED: "",
        col.FACTOR: "old for new",
    }


def _typed_columns(book: Book, programme: Programme, sales: Sequence[Sale]) -> list[Column]:
    first, last = calendar_years(book)
    days = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    columns = [Column("No", styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[No]])")]
    if programme.several:
        keys = [one.sales.key for one in programme.agreements]
        a_key = allow.one_of(keys, lists.KEYS, "An agreement of the deal, from the list.")
        width = max(12, *map(len, keys))
        named = _typed(
            col.AGREEMENT, styles.GENERAL, width, [one.agreement for one in sales], a_key
        )
        columns.append(named)
    a_day = allow.date_between(*days, f"Date of sale, from {first} to {last}.")
    columns += [
        _typed("Date", styles.DATE, 12, [one.day for one in sales], a_day),
        _typed(
            col.SHARES,
            styles.COUNT,
            12,
            [one.shares for one in sales],
            allow.whole_number(0, "Shares sold"),
        ),
        _typed(
            col.PRICE,
            styles.PRICE,
            11,
            [one.price for one in sales],
            allow.price_of("Average price of the sale, USD a share:"),
        ),
    ]
    if programme.own_rates:
        highest = programme.highest_rate
        words = f"Rate of this sale alone, up to {allow.part_in_words(highest)}; blank for that."
        a_rate = allow.part_between(_LEAST_RATE, highest, words)
        columns.append(_typed(col.OWN_RATE, styles.RATE, 9, (), a_rate)._replace(optional=True))
    if programme.fees_typed:
        a_fee = allow.amount_of("Fee paid on the sale, USD:")
        fees = [one.fee for one in sales]
        columns.append(_typed(col.FEE_PAID, styles.USD, 13, fees, a_fee)._replace(optional=True))
    return columns


def _typed(
    header: str, number_format: str, width: float, values: Sequence[Value], allowed: allow.Allowed
) -> Column:
    return Column(header, styles.INPUT, number_format, width, values=values, allowed=allowed)


_counts: Final = partial(where_counted, TABLE)


def _steps(programme: Programme, typed: Sequence[Column]) -> list[Column]:
    """Make the columns that others stand on: whether a row counts, and all that is sold up to it.

    They hold 0 in a row that waits or is wrong, so that it adds nothing to those below.
    """
    wrong = any_broken(TABLE, typed)
    counted = f"IF({blanks(programme)}>0,0,IF({wrong}>0,NA(),1))"
    named = f"SUMPRODUCT(({lists.KEYS}={here(col.AGREEMENT)})*{lists.NUMBERS})"
    given = f'IF({here(col.DAY)}=0,"",{{}})'.format
    columns = [
        Column(col.COUNTED, styles.TWIN, styles.COUNT, 9, counted),
        *number_columns(TABLE, typed),
        Column(col.AT, styles.TWIN, styles.COUNT, 11, _counts(named if programme.several else "1")),
        Column(col.DAY, styles.TWIN, styles.DATE, 12, _counts(f"INT({here('Date')})")),
        Column(col.COUNT, styles.TWIN, styles.COUNT, 12, _counts(f"ROUND({here(col.SHARES)},0)")),
        Column(col.READ_PRICE, styles.TWIN, styles.PRICE, 11, _counts(here(col.PRICE))),
        # A function takes an empty text for a blank: a row that waits for input is no sale.
        Column(col.DAY_GIVEN, styles.RESULT, styles.DATE, 12, given(here(col.DAY))),
        Column(col.COUNT_GIVEN, styles.RESULT, styles.COUNT, 12, given(here(col.COUNT))),
    ]
    if programme.own_rates:
        columns.append(
            Column(col.READ_RATE, styles.TWIN, styles.RATE, 9, _counts(f"N({here(col.OWN_RATE)})"))
        )
    if programme.fees_typed:
        columns.append(
            Column(col.READ_FEE, styles.TWIN, styles.USD, 13, _counts(f"N({here(col.FEE_PAID)})"))
        )
    if programme.amended:
        stage = f"MATCH({here(col.DAY)},{STAGE_BEGINS})"
        columns.append(Column(col.STAGE, styles.TWIN, styles.COUNT, 9, stage))
    if programme.several:
        pool = f"IF({here(col.AT)}=0,0,INDEX({lists.POOLS},{here(col.AT)}))"
        columns.append(Column(col.POOL, styles.TWIN, styles.COUNT, 11, pool))
    if programme.splits:
        factor = splits_after(programme.selection, here(col.DAY))
        carried = f"{here(col.COUNT)}/{here(col.FACTOR)}"
        columns += [
            Column(col.FACTOR, styles.TWIN, styles.MULTIPLE, 9, factor),
            Column(col.CARRIED, styles.TWIN, styles.COUNT, 12, carried),
        ]
    amount = f"{here(col.COUNT)}*{here(col.READ_PRICE)}"
    to_date, before = (
        _running(programme, col.AMOUNT),
        f"MAX(0,{here(col.TO_DATE)}-{here(col.AMOUNT)})",
    )
    columns += [
        Column(col.AMOUNT, styles.TWIN, styles.USD, 15, amount),
        Column(col.TO_DATE, styles.TWIN, styles.USD, 15, to_date),
        Column(col.BEFORE, styles.TWIN, styles.USD, 15, before),
    ]
    if programme.in_shares:
        # In shares of the deal's day, as the capacity is.
        running = _running(programme, col.CARRIED if programme.splits else col.COUNT)
        columns.append(Column(col.SHARES_TO_DATE, styles.TWIN, styles.COUNT, 13, running))
    return columns + _fee_steps(programme)


def _running(programme: Programme, column: str) -> str:
    """Add up a column of the same pool to this row."""
    if not programme.several:
        return f"IF({here(col.AT)}=0,0,SUM({up_to(column)}))"
    return f"IF({here(col.AT)}=0,0,SUMIF({up_to(col.POOL)},{here(col.POOL)},{up_to(column)}))"


def _results(programme: Programme) -> list[FigureColumn]:
    """Make the columns of what the add-in works out for a sale, with the plain-Excel twins."""
    shares, plain = here(col.SHARES), here(col.COUNT)
    if programme.splits:
        shares = count_carried(programme.selection, here(col.COUNT), here(col.DAY))
        plain = here(col.CARRIED)
    dollars = programme.dollars
    return [
        FigureColumn(
            col.GROSS, dollars, 15, f"{here(col.SHARES)}*{here(col.PRICE)}", here(col.AMOUNT)
        ),
        FigureColumn(col.SOLD, programme.shares, 12, shares, plain),
        FigureColumn(col.FEE, dollars, 14, _fee_formula(programme), _plain_fee(programme)),
        FigureColumn(
            col.NET,
            dollars,
            15,
            f"{here(col.GROSS)}-{here(col.FEE)}",
            f"{here(col.AMOUNT)}-{here(twin_header(col.FEE))}",
        ),
    ]


def _fee_formula(programme: Programme) -> str:
    """Write the fee on a row, by the add-in."""
    if not programme.pays:
        return here(col.READ_FEE)
    rate = here(col.RATE_GIVEN) if programme.own_rates else ""
    schedule = here(col.SCHEDULE) if programme.line is not None else ""
    terms = here(col.TERMS) if programme.terms_by_row else "Deal"
    call = f"DEAL_FEE({here(col.GROSS)},{here(col.BEFORE)},{rate},{schedule},{terms})"
    return f"IF({here(col.PAYS)}=1,{call},{here(col.READ_FEE)})" if programme.fees_typed else call


def _plain_fee(programme: Programme) -> str:
    """Write the same in plain Excel, from the columns of `_fee_steps`."""
    if not programme.pays:
        return here(col.READ_FEE)
    # Each of the two is 0 on a sale that bears the other.
    parts = [here(col.BY_TIERS)] if programme.tiered else []
    if programme.line is not None:
        parts.append(f"{here(col.DUE)}-{here(col.DUE_BEFORE)}")
    found = "+".join(parts)
    if programme.own_rates:
        rate = here(col.READ_RATE)
        found = f"IF({rate}=0,{found},{here(col.AMOUNT)}*{rate})"
    return f"IF({here(col.PAYS)}=1,{found},{here(col.READ_FEE)})" if programme.fees_typed else found


def _arguments(programme: Programme) -> list[Column]:
    """Make the columns of the arguments of a row's fee: empty texts where they are left out."""
    at, rate = here(col.AT), here(col.READ_RATE)
    columns = []
    if programme.terms_by_row:
        own = f"INDEX({lists.TERMS},{at})"
        if programme.amended:
            own = terms_of_day(here(col.STAGE), f"INDEX({lists.KEYS},{at})")
        terms = f'IF({at}=0,"",{own})'
        columns.append(Column(col.TERMS, styles.TWIN, styles.GENERAL, 18, terms))
    if programme.line is not None:
        key = f'IF({at}={programme.line.number},"{programme.line.key}","")'
        columns.append(Column(col.SCHEDULE, styles.TWIN, styles.GENERAL, 12, key))
    if programme.own_rates:
        given = f'IF({rate}=0,"",{rate})'
        columns.append(Column(col.RATE_GIVEN, styles.TWIN, styles.RATE, 9, given))
    if programme.fees_typed and programme.pays:
        pays = f"IF({at}=0,0,INDEX({lists.PAYS},{at}))"
        columns.append(Column(col.PAYS, styles.TWIN, styles.COUNT, 9, pays))
    return columns


def _fee_steps(programme: Programme) -> list[Column]:
    """Make the columns of the commission by tiers, and of the equity line's fee to date."""
    columns = _arguments(programme) if programme.pays else []
    if programme.tiered:
        to_date, before, begins = here(col.TO_DATE), here(col.BEFORE), lists.TIER_BEGINS
        # Not the difference of two commissions: large sums would lose the digits of a small sale.
        part = f"({before}>={begins})*{here(col.AMOUNT)}+({before}<{begins})*({to_date}-{begins})"
        beyond = f"({to_date}>{begins})*({part})*{lists.TIER_STEPS}"
        own = f"({lists.TIER_AGREEMENTS}={here(col.AT)})"
        if programme.amended:
            own += f"*({lists.TIER_STAGES}={here(col.STAGE)})"
        formula = f"SUMPRODUCT({own}*{beyond})"
        columns.append(Column(col.BY_TIERS, styles.TWIN, styles.USD, 14, formula))
    line = programme.line
    if line is not None:
        for name, sold in ((col.DUE, here(col.TO_DATE)), (col.DUE_BEFORE, here(col.BEFORE))):
            due = programme.on_the_day(cumulative(line.fee, sold), here(col.STAGE))
            if programme.several:
                due = f"IF({here(col.AT)}={line.number},{due},0)"
            columns.append(Column(name, styles.TWIN, styles.USD, 14, due))
    return columns
