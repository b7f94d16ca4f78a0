"""The sheet Terms that every template has: the deal's figures, each with its source."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from xladdin.checking.checks_sheet import Check
from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.functions.twins import TIERS_FROM, TIERS_STEP
from xladdin.terms import fields
from xladdin.terms.fields import Figure
from xladdin.terms.selection import Selection
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.share_basis import in_words
from xladdin.workbooks.sold import agreements_of, sold_under
from xladdin.xlsx.workbook_part import LAST_ROW

TERMS: Final = "Terms"
"""Name of the sheet of terms: figures' names in column A, their values in column C."""

_INDENTED: Final = Alignment("left", "center", indent=1, wrap_text=True)
_WRAPPED: Final = Alignment("left", "center", wrap_text=True)
_TO_THE_RIGHT: Final = Alignment("right", "center", wrap_text=True)

_NAME: Final = 30
_NAMES: Final = re.compile(r"(?=.{1,255}\Z)[^\W\d][\w.]*", re.ASCII)
"""What Excel takes for a name; printed figures may be named in words. Of ASCII, letters that differ
in case alone are the same to Excel and to the reader, which refuses two such names."""

_MEANING: Final = 38, 60
_SOURCE: Final = 24, 56
"""Least and most width of columns of words, in characters: most of these stand on one line."""

_VALUE: Final = 18
_INDENT: Final = 2
"""Widths of a value, and of what stands between a frame and the words beside it."""

_PRINTED: Final = 5
"""Number of columns that print: those of the terms installed behind them stay on the screen."""

_HEADERS: Final = (
    "Name", "Meaning", "Value", "Unit", "Source", "Installed", "Its source", "Same",
)  # fmt: skip

FORMATS: Final = {
    fields.USD: styles.USD,
    fields.USD_A_SHARE: styles.QUOTE,
    fields.SHARES: styles.COUNT,
    fields.FRACTION: styles.RATE,
    fields.MULTIPLE: styles.MULTIPLE,
}
"""Number formats of figures, by unit."""

_SHOWN_IN: Final = {fields.FRACTION: "per cent"}
"""Units as a sheet shows them, where they are others than the deal's."""


def write_terms(book: Book) -> None:
    """Write every figure of the deal with its source, beside what the installed terms say."""
    listed = list(_listed(book))
    names = styles.width_for((figure.name for figure, _ in listed), _NAME, 60)
    meaning = styles.width_for((figure.meaning for figure, _ in listed), *_MEANING)
    source = styles.width_for((figure.source for figure, _ in listed), *_SOURCE) + _INDENT
    sheet = book.sheet(TERMS, (names, meaning, _VALUE, 14, source, _VALUE, source, 9))
    sheet.title(
        "Terms",
        "The deal's figures, each with its page. The plain-Excel twins use them by the defined "
        "names in the first column. The last columns compare each with the terms installed."
        + in_words(book.selection),
        _PRINTED,
    )
    sheet.headers(4, _HEADERS)
    row = 4
    for figure, asked in listed:
        row += 1
        dated = isinstance(figure.value, datetime.date)
        number_format = styles.DATE if dated else FORMATS.get(figure.unit, styles.GENERAL)
        sheet.put(f"A{row}", figure.name, styles.RESULT)
        sheet.put(f"B{row}", figure.meaning, styles.RESULT)
        sheet.put(f"C{row}", figure.value, styles.TERM, number_format)
        sheet.put(f"D{row}", _SHOWN_IN.get(figure.unit, figure.unit), styles.RESULT)
        sheet.put(f"E{row}", figure.source, styles.RESULT)
        which = asked.format(name=f"A{row}")
        sheet.formula(f"F{row}", f"DEAL_TERM({which})", styles.RESULT, number_format)
        sheet.formula(f"G{row}", f"DEAL_SOURCE({which})")
        # Other programs may write sixteen digits of a figure, and not every one compares fifteen.
        near = f"ABS(C{row}-F{row})<=ABS(C{row})*1E-15"
        figures = near if isinstance(figure.value, Decimal | int) else f"C{row}=F{row}"
        same = f"IFERROR(AND({figures},E{row}=G{row}),FALSE)"
        sheet.formula(f"H{row}", same, number_format=styles.FLAG)
        sheet.centre(f"H{row}")
        sheet.align(f"B{row}", _WRAPPED)
        for letter in "DEG":
            sheet.align(f"{letter}{row}", _INDENTED)
        words = [(figure.meaning, meaning), (figure.source, source - _INDENT)]
        if isinstance(figure.value, str):
            words.append((figure.value, _VALUE - 1))
        sheet.fit(row, words)
        for letter in "CF":
            if not isinstance(figure.value, Decimal | int):
                sheet.align(f"{letter}{row}", _TO_THE_RIGHT)
        if _NAMES.fullmatch(figure.name):
            book.name(figure.name, sheet, f"C{row}")
    sheet.flag_false(f"H5:H{row}")
    sheet.worksheet.freeze_panes = "B5"
    sheet.worksheet.print_area = f"A1:{get_column_letter(_PRINTED)}{LAST_ROW}"
    sheet.print_titles("4:4")
    book.checks.append(
        Check(
            "Terms shown that are not the terms installed",
            f"COUNTIF(Terms!H5:H{row},FALSE)",
            0,
            source="DEAL_TERM and DEAL_SOURCE",
        )
    )
    if book.selection.all_splits:
        _write_splits(sheet)


def split_day(number: int) -> str:
    """Name the cell with the day of a split, counted from 1."""
    return f"split_{number}.day"


def _split_ratio(number: int) -> str:
    return f"split_{number}.ratio"


def splits_after(selection: Selection, day: str, *, quoted: bool = False) -> str:
    """Write in plain Excel what carries a price of a day to the deal's day, as a product.

    A split in force multiplies what is older than it. One later than the deal's day is taken back
    from what is dated after it.

    Args:
        selection: The deal, which has a split.
        day: Reference to the day.
        quoted: Whether the price is a quotation, which a deal may have in shares after all splits.
    """
    in_force = len(selection.splits)
    if quoted and selection.quotes_are_adjusted:
        numbers = range(in_force + 1, len(selection.all_splits) + 1)
        return "*".join(f"(1/{_split_ratio(number)})" for number in numbers)
    return "*".join(
        f"IF({day}<{split_day(number)},{_split_ratio(number)},1)"
        if number <= in_force
        else f"IF({day}<{split_day(number)},1,1/{_split_ratio(number)})"
        for number in range(1, len(selection.all_splits) + 1)
    )


def carries_quotations(selection: Selection) -> bool:
    """Check whether a split moves quotations; see `splits_after`."""
    every, in_force = selection.all_splits, selection.splits
    return len(every) > len(in_force) if selection.quotes_are_adjusted else bool(every)


def count_carried(selection: Selection, count: str, day: str) -> str:
    """Carry a count of a day to the deal's day, by SPLIT_ADJUSTED.

    Args:
        selection: The deal, which has a split.
        count: Formula of the count.
        day: Reference to its day.
    """
    return _carried(selection, count, day, "count", "price")


def price_carried(selection: Selection, price: str, day: str) -> str:
    """Carry a price of a day to the deal's day likewise."""
    return _carried(selection, price, day, "price", "count")


def _carried(selection: Selection, value: str, day: str, what: str, back: str) -> str:
    in_force = len(selection.splits)
    if in_force:
        value = f'SPLIT_ADJUSTED({value},{day},,"{what}",Deal)'
    if in_force < len(selection.all_splits):
        # A count goes back over a split as a price goes on over it.
        before = f"{split_day(in_force + 1)}-1"
        value = f'SPLIT_ADJUSTED({value},{before},MAX({day},{before}),"{back}",Deal)'
    return value


def in_whole_shares(count: str) -> str:
    """Round a count carried over splits up, once for all: a part of a share counts as one."""
    return f"-INT(-ROUND({count},{PARTS_OF_A_SHARE}))"


def _write_splits(sheet: Sheet) -> None:
    """Write the deal's splits under its figures, each beside the one installed."""
    book = sheet.book
    row = sheet.worksheet.max_row + 2
    sheet.put(f"B{row}", "Splits: old shares for one new share", styles.HEADING)
    row += 1
    headers = ("Split", "From", "Old for new", "Source", "Installed, of the day", "", "Same")
    # Not in column A, where the figures have their names.
    for letter, header in zip("BCDEFGH", headers, strict=True):
        if header:
            sheet.put(f"{letter}{row}", header, styles.HEADER)
    first = row + 1
    selection = book.selection
    for number, (day, ratio) in enumerate(selection.all_splits, 1):
        row += 1
        later = " (after the deal's day)" if number > len(selection.splits) else ""
        sheet.put(f"B{row}", f"Split {number}{later}", styles.RESULT)
        sheet.put(f"C{row}", day, styles.TERM, styles.DATE)
        sheet.put(f"D{row}", float(ratio), styles.TERM, styles.MULTIPLE)
        source = selection.source_of_splits([(day, ratio)])
        sheet.put(f"E{row}", source, styles.RESULT)
        sheet.align(f"E{row}", _INDENTED)
        sheet.fit(row, [(source, sheet.worksheet.column_dimensions["E"].width - _INDENT)])
        # A price of 1 carried over that day alone, over all splits of the day at once.
        over = f'SPLIT_ADJUSTED(1,C{row}-1,C{row},"price",Deal)'
        sheet.formula(f"F{row}", over, styles.RESULT, styles.MULTIPLE)
        splits = enumerate(selection.all_splits, first)
        ratios = "*".join(f"D{at}" for at, (since, _) in splits if since == day)
        same = f"IFERROR(ABS({ratios}-F{row})<=F{row}*1E-15,FALSE)"
        sheet.formula(f"H{row}", same, number_format=styles.FLAG)
        sheet.centre(f"H{row}")
        book.name(split_day(number), sheet, f"C{row}")
        book.name(_split_ratio(number), sheet, f"D{row}")
    sheet.flag_false(f"H{first}:H{row}")
    book.checks.append(
        Check(
            "Splits shown that are not those of the terms installed",
            f"COUNTIF(Terms!H{first}:H{row},FALSE)",
            0,
            source="SPLIT_ADJUSTED",
        )
    )


def write_tiers(book: Book) -> None:
    """Write what the plain-Excel twins of commissions need under the figures of the Terms sheet.

    A commission is the sum, over the tiers, of what is sold beyond a tier's beginning times what
    its rate is above that of the tier before.
    """
    sheet = Sheet(book, book.workbook[TERMS])
    selection = book.selection
    every = agreements_of(selection) if book.every_agreement else [sold_under(selection)]
    row = sheet.worksheet.max_row + 2
    sheet.put(
        f"B{row}",
        "Tiers, each with its rate less that of the tier before, for the plain-Excel twins",
        styles.HEADING,
    )
    row += 1
    # Not in column A, where the figures have their names.
    for letter, header in zip("BCD", ("Tier", "Begins at, USD", "Step of the rate"), strict=True):
        sheet.put(f"{letter}{row}", header, styles.HEADER)
    for sold in every:
        first = row + 1
        for number, (begins, step) in enumerate(sold.tiers(), 1):
            row += 1
            sheet.put(f"B{row}", f"{sold.title}, tier {number}", styles.RESULT)
            sheet.formula(f"C{row}", begins, styles.TWIN, styles.USD)
            sheet.formula(f"D{row}", step, styles.TWIN, styles.STEP)
        if row >= first:
            book.name(f"{sold.prefix}.{TIERS_FROM}", sheet, f"C{first}:C{row}")
            book.name(f"{sold.prefix}.{TIERS_STEP}", sheet, f"D{first}:D{row}")


def _listed(book: Book) -> Iterator[tuple[Figure, str]]:
    """Yield the figures that the workbook shows, each with the arguments that ask for it."""
    if not book.every_agreement:
        for figure in book.selection.figures.values():
            yield figure, "{name},Deal"
        return
    for figure, key in book.selection.figures_by_agreement.values():
        # What is agreement_2.capacity here is the capacity of the agreement that terms name.
        own = "agreement." + figure.name.partition(".")[2]
        yield figure, f'"{own}",{terms_of(key)}' if key else "{name},Deal"


def terms_of(key: str) -> str:
    """Name an agreement of the workbook's deal in a formula."""
    return f'Deal&"/{key}"'
