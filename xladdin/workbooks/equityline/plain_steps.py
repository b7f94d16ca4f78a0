"""Columns of the advances that the plain-Excel checks stand on, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xladdin.functions.twins import PlainPurchase, SplitDigits
from xladdin.workbooks.equityline.headings import (
    AMOUNT,
    BEFORE,
    COMMITMENT,
    COUNTED,
    COUNTED_AMOUNT,
    DAY,
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
    here,
    to_here,
)
from xladdin.workbooks.equityline.line import EquityLine
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
    read.append(("Held that counts", styles.COUNT, f"N({here(HELD)})"))
    if not line.formulas:
        read.append(("Price that counts", styles.PRICE, here(PRICE)))
    columns += [
        Column(name, styles.TWIN, form, 12, f"IFERROR(IF({here(COUNTED)}=1,{formula},0),0)")
        for name, form, formula in read
    ]
    columns.append(Column(TO_DATE, styles.TWIN, styles.USD, 15, counted(to_here(COUNTED_AMOUNT))))
    before = f"MAX(0,{here(TO_DATE)}-{here(COUNTED_AMOUNT)})"
    columns.append(Column(BEFORE, styles.TWIN, styles.USD, 15, counted(before)))
    if line.changing:
        stage = f"IF({here(DAY)}=0,1,MATCH({here(DAY)},Stage_begins,1))"
        columns.append(Column(STAGE, styles.TWIN, styles.COUNT, 7, stage))
    if line.splits:
        factor = splits_after(line.selection, here(DAY))
        columns.append(Column(FACTOR, styles.TWIN, styles.MULTIPLE, 9, factor))
    if line.formulas:
        columns += PriceChecks(line).columns()
    columns += _purchase_steps(line)
    columns += _fee_steps(line)
    return columns


_NEAREST: Final = "Nearest count"
_LEFT: Final = "Left of the amount"
_ERROR: Final = "Error a share"


def _purchase(line: EquityLine) -> PlainPurchase:
    price = here(twin_header(PRICE)) if line.formulas else here("Price that counts")
    return PlainPurchase(here(COUNTED_AMOUNT), price, rounding=line.rounding)


def _purchase_steps(line: EquityLine) -> Iterator[Column]:
    """Yield the steps from amount and price to whole shares; see `PlainPurchase`."""
    steps = _purchase(line)
    split = SplitDigits(here("Digits of the price"), here("Behind the amount"))
    nearest = here(_NEAREST)
    left = (
        f"{here('Digits of the amount')}-{nearest}*{here('First digits')}"
        f"-{nearest}*{here('Last digits')}"
    )
    for header, form, formula in (
        (_NEAREST, styles.DIGITS, steps.nearest),
        ("Digits of the price", styles.DIGITS, steps.digits),
        ("Behind the amount", styles.DIGITS, steps.behind),
        ("Digits of the amount", styles.DIGITS, steps.amount_digits),
        ("First digits", styles.DIGITS, split.first),
        ("Last digits", styles.DIGITS, split.last),
        (_LEFT, styles.DIGITS, left),
        (_ERROR, styles.SMALL, steps.error(nearest, split)),
    ):
        waits = f"IF({steps.price}*{steps.amount}=0,0,{formula})"
        yield Column(header, styles.TWIN, form, 12, waits)


def whole_shares(line: EquityLine) -> str:
    """Count the shares from the steps in helper columns; see `_purchase_steps`."""
    steps = _purchase(line)
    count = steps.counted(here(_NEAREST), here(_LEFT), here(_ERROR))
    return f"IF({steps.price}=0,0,{count})"


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
