"""The columns of the advances that are typed into."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from xladdin.workbooks.common_sheets import calendar_years
from xladdin.workbooks.equityline.headings import AMOUNT, FORMULA, HELD, ISSUED_ON, PRICE, TABLE
from xladdin.workbooks.equityline.illustrative import Advance
from xladdin.workbooks.equityline.line import PREPAID, EquityLine
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column
from xladdin.workbooks.layout.user_inputs import Value

_KEYS: Final = "Price_formulas"
"""Defined name of the cells that list the keys of the formulas."""


def typed_columns(book: Book, line: EquityLine, advances: Sequence[Advance]) -> list[Column]:
    """Make the columns, filled with illustrative rows.

    Args:
        book: The workbook.
        line: The deal's line.
        advances: The rows.
    """
    first, last = calendar_years(book)
    days = datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    words = f"from {first} to {last}."
    number = f"ROW()-ROW({TABLE}[[#Headers],[No]])"
    a_day = allow.date_between(*days, f"Day of the notice, {words}")
    an_amount = allow.amount_of("Amount sold or converted, USD:")
    a_price = allow.price_of("Price of the purchase, USD a share:")
    columns = [
        Column("No", styles.RESULT, styles.COUNT, 5, number),
        _typed("Date", styles.DATE, 12, [one.day for one in advances], a_day),
    ]
    if len(line.choices) > 1:
        keys = list(line.choices)
        words = "A price formula of the deal, from the list."
        if line.prepaid:
            words = f"A price formula of the deal, or {PREPAID}, from the list."
        a_key = allow.one_of(keys, _KEYS, words)
        width = max(10, *map(len, keys))
        named = _typed(FORMULA, styles.GENERAL, width, [one.formula for one in advances], a_key)
        columns.append(named._replace(centred=True))
    if line.takes_issue:
        issued = allow.date_between(*days, f"Day of issue of what is converted, {words}")
        days_of_issue = _typed(ISSUED_ON, styles.DATE, 12, [one.issued for one in advances], issued)
        columns.append(days_of_issue._replace(unless=(FORMULA, line.without_issue)))
    columns.append(_typed(AMOUNT, styles.USD, 14, [one.amount for one in advances], an_amount))
    if not line.formulas:
        columns.append(_typed(PRICE, styles.PRICE, 12, [one.price for one in advances], a_price))
    held = allow.whole_number(0, "Shares that the investor holds before")
    return [*columns, _typed(HELD, styles.COUNT, 11, (), held)._replace(optional=True)]


def _typed(
    header: str, number_format: str, width: float, values: Sequence[Value], allowed: allow.Allowed
) -> Column:
    return Column(header, styles.INPUT, number_format, width, values=values, allowed=allowed)
