"""Single inputs, one below the other: what may be typed, what it counts for, where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from openpyxl.styles import Alignment

from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import Allowed
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.layout.user_inputs import Value

_INDENTED: Final = Alignment("left", vertical="center", wrap_text=True, indent=1)


class InputLine(NamedTuple):
    """A single input.

    Attributes:
        name: Its defined name.
        label: What it is, with its unit.
        value: What it holds at first.
        format: Number format.
        allowed: What may be typed.
        source: Where the first value comes from; empty for nothing to say.
    """

    name: str
    label: str
    value: Value
    format: str
    allowed: Allowed
    source: str = ""


def write_inputs(book: Book, sheet: Sheet, row: int, lines: Sequence[InputLine]) -> None:
    """Write inputs: labels in column A, values in B, what they count for in C, sources in D and E.

    Args:
        book: The workbook.
        sheet: The sheet to write on.
        row: Row of the headings.
        lines: The inputs.
    """
    headers = [
        ("A", "Input", styles.HEADER),
        ("B", "Value", styles.HEADER),
        ("C", "As counted", styles.TWIN_HEADER),
    ]
    with_sources = any(line.source for line in lines)
    if with_sources:
        headers.append(("D", "From", styles.HEADER))
    for letter, header, style in headers:
        sheet.put(f"{letter}{row}", header, style)
    if with_sources:
        sheet.merge(f"D{row}", 2)
    for line in lines:
        row += 1
        sheet.put(f"A{row}", line.label, styles.TEXT)
        sheet.input(f"B{row}", line.name, line.value, line.format, line.allowed, f"C{row}")
        if line.source:
            source = book.source_of_inputs([line.name], line.source)
            sheet.note(f"D{row}", source, 2)
            sheet.at(f"D{row}").alignment = _INDENTED
