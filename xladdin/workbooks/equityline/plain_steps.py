"""Columns of the advances that the plain-Excel checks stand on, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xladdin.functions.twins import PlainPurchase
from xladdin.workbooks import plain_purchases
from xladdin.workbooks.equityline import headings as col
from xladdin.workbooks.equityline.headings import (
    TABLE,
    blanks,
    counted,
    drawn,
    here,
    is_of,
    to_here,
)
from xladdin.workbooks.equityline.line import CONVERSION, EquityLine
from xladdin.workbooks.equityline.price_checks import PriceChecks
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import any_broken, number_columns, where_counted
from xladdin.workbooks.layout.table import Column, twin_header
from xladdin.workbooks.plain_fees import cumulative
from xladdin.workbooks.terms_sheet import splits_after


def plain_steps(line: EquityLine, typed: Sequence[Column]) -> list[Column]:
    """Columns that others stand on: whether a row counts, its days and amount, and the steps."""
    wrong = any_broken(TABLE, typed)
    columns = [
        Column(
            col.COUNTED,
            styles.TWIN,
            styles.COUNT,
            9,
            f"IF({blanks(line)}>0,0,IF({wrong}>0,NA(),1))",
        ),
        *number_columns(TABLE, typed),
    ]
    read = [(col.DAY, styles.DATE, f"INT({here('Date')})")]
    if line.takes_issue:
        read.append((col.ISSUE_DAY, styles.DATE, f"INT({here(col.ISSUED_ON)})"))
    read.append((col.COUNTED_AMOUNT, styles.USD, f"N({here(col.AMOUNT)})"))
    held = f"N({here(col.HELD)})"
    if line.splits:
        held = f"{held}/{here(col.FACTOR)}"
    read.append((col.COUNTED_HELD, styles.COUNT, held))
    if not line.formulas:
        read.append((col.COUNTED_PRICE, styles.PRICE, here(col.PRICE)))
    columns += [
        Column(name, styles.TWIN, form, 14, where_counted(TABLE, formula))
        for name, form, formula in read
    ]
    if line.mixed:
        amount = f"IFERROR(IF({is_of(CONVERSION)},0,{here(col.COUNTED_AMOUNT)}),0)"
        columns.append(Column(col.DRAWN, styles.TWIN, styles.USD, 14, amount))
    columns.append(Column(col.TO_DATE, styles.TWIN, styles.USD, 15, counted(to_here(drawn(line)))))
    before = f"MAX(0,{here(col.TO_DATE)}-{here(drawn(line))})"
    columns.append(Column(col.BEFORE, styles.TWIN, styles.USD, 15, counted(before)))
    if line.changing:
        stage = f"IF({here(col.DAY)}=0,1,MATCH({here(col.DAY)},Stage_begins,1))"
        columns.append(Column(col.STAGE, styles.TWIN, styles.COUNT, 7, stage))
    if line.splits:
        factor = splits_after(line.selection, here(col.DAY))
        columns.append(Column(col.FACTOR, styles.TWIN, styles.MULTIPLE, 9, factor))
    if line.formulas:
        columns += PriceChecks(line).columns()
    columns += plain_purchases.steps(_purchase(line), here)
    columns += _fee_steps(line)
    return columns


def _purchase(line: EquityLine) -> PlainPurchase:
    price = here(twin_header(col.PRICE)) if line.formulas else here(col.COUNTED_PRICE)
    return PlainPurchase(here(col.COUNTED_AMOUNT), price, rounding=line.rounding)


def whole_shares(line: EquityLine) -> str:
    """Count the shares of a row from the steps in helper columns."""
    return plain_purchases.whole_shares(_purchase(line), here)


def _fee_steps(line: EquityLine) -> Iterator[Column]:
    """Yield what is due of each fee to a row, and before it, in plain Excel."""
    for header, fee, form in (
        (col.FEE, line.fee, styles.USD),
        (col.COMMITMENT, line.commitment, styles.COUNT),
    ):
        if fee is None:
            continue
        for name, sold in (
            (f"{header} to date", here(col.TO_DATE)),
            (f"{header} before", here(col.BEFORE)),
        ):
            yield Column(name, styles.TWIN, form, 13, counted(cumulative(fee, sold)))
