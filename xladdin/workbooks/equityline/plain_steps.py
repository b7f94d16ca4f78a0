"""Columns of the advances that the plain-Excel checks stand on, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xladdin.functions.twins import PlainPurchase
from xladdin.workbooks import plain_purchases
from xladdin.workbooks.equityline.headings import (
    AMOUNT,
    BEFORE,
    COMMITMENT,
    COUNTED,
    COUNTED_AMOUNT,
    COUNTED_HELD,
    COUNTED_PRICE,
    DAY,
    DRAWN,
    FACTOR,
    FEE,
    HELD,
    ISSUE_DAY,
    ISSUED_ON,
    PRICE,
    STAGE,
    TABLE,
    TO_DATE,
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
from xladdin.workbooks.layout.remarks import any_broken, number_columns
from xladdin.workbooks.layout.table import Column, twin_header
from xladdin.workbooks.plain_fees import cumulative
from xladdin.workbooks.terms_sheet import splits_after


def plain_steps(line: EquityLine, typed: Sequence[Column]) -> list[Column]:
    """Columns that others stand on: whether a row counts, its days and amount, and the steps."""
    wrong = any_broken(TABLE, typed)
    columns = [
        Column(
            COUNTED,
            styles.TWIN,
            styles.COUNT,
            9,
            f"IF({blanks(line)}>0,0,IF({wrong}>0,NA(),1))",
        ),
        *number_columns(TABLE, typed),
    ]
    read = [(DAY, styles.DATE, f"INT({here('Date')})")]
    if line.takes_issue:
        read.append((ISSUE_DAY, styles.DATE, f"INT({here(ISSUED_ON)})"))
    read.append((COUNTED_AMOUNT, styles.USD, f"N({here(AMOUNT)})"))
    held = f"N({here(HELD)})"
    if line.splits:
        held = f"{held}/{here(FACTOR)}"
    read.append((COUNTED_HELD, styles.COUNT, held))
    if not line.formulas:
        read.append((COUNTED_PRICE, styles.PRICE, here(PRICE)))
    columns += [
        Column(name, styles.TWIN, form, 12, f"IFERROR(IF({here(COUNTED)}=1,{formula},0),0)")
        for name, form, formula in read
    ]
    if line.mixed:
        amount = f"IFERROR(IF({is_of(CONVERSION)},0,{here(COUNTED_AMOUNT)}),0)"
        columns.append(Column(DRAWN, styles.TWIN, styles.USD, 14, amount))
    columns.append(Column(TO_DATE, styles.TWIN, styles.USD, 15, counted(to_here(drawn(line)))))
    before = f"MAX(0,{here(TO_DATE)}-{here(drawn(line))})"
    columns.append(Column(BEFORE, styles.TWIN, styles.USD, 15, counted(before)))
    if line.changing:
        stage = f"IF({here(DAY)}=0,1,MATCH({here(DAY)},Stage_begins,1))"
        columns.append(Column(STAGE, styles.TWIN, styles.COUNT, 7, stage))
    if line.splits:
        factor = splits_after(line.selection, here(DAY))
        columns.append(Column(FACTOR, styles.TWIN, styles.MULTIPLE, 9, factor))
    if line.formulas:
        columns += PriceChecks(line).columns()
    columns += plain_purchases.steps(_purchase(line), here)
    columns += _fee_steps(line)
    return columns


def _purchase(line: EquityLine) -> PlainPurchase:
    price = here(twin_header(PRICE)) if line.formulas else here(COUNTED_PRICE)
    return PlainPurchase(here(COUNTED_AMOUNT), price, rounding=line.rounding)


def whole_shares(line: EquityLine) -> str:
    """Count the shares of a row from the steps in helper columns."""
    return plain_purchases.whole_shares(_purchase(line), here)


def _fee_steps(line: EquityLine) -> Iterator[Column]:
    """Yield what is due of each fee to a row, and before it, in plain Excel."""
    for header, fee, form in (
        (FEE, line.fee, styles.USD),
        (COMMITMENT, line.commitment, styles.COUNT),
    ):
        if fee is None:
            continue
        for name, sold in (
            (f"{header} to date", here(TO_DATE)),
            (f"{header} before", here(BEFORE)),
        ):
            yield Column(name, styles.TWIN, form, 13, counted(cumulative(fee, sold)))
