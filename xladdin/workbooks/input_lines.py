"""Single inputs, one below the other: what may be typed, what it counts for, where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xladdin.checking.checks_sheet import Check
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.cited import FirstValue, write_source
from xladdin.workbooks.layout.data_validation import Allowed
from xladdin.workbooks.layout.sheet import Sheet
from xladdin.workbooks.layout.user_inputs import Value


class InputLine(NamedTuple):
    """A single input.

    Attributes:
        name: Its defined name.
        label: What it is, with its unit.
        value: What it holds at first.
        format: Number format.
        allowed: What may be typed.
        source: Where the first value comes from; empty for nothing to say.
        needed: Whether results wait for it: a blank is a warning.
    """

    name: str
    label: str
    value: Value
    format: str
    allowed: Allowed
    source: str = ""
    needed: bool = False


def write_inputs(sheet: Sheet, row: int, lines: Sequence[InputLine]) -> None:
    """Write inputs: labels in column A, values in B, what they count for in C, sources in D and E.

    Args:
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
        if line.needed:
            where = f"{sheet.worksheet.title}!B{row}, {line.name.replace('_', ' ')}"
            blank = f"COUNTBLANK({line.name})"
            sheet.book.warnings.append(Check(f"{where}: missing", blank, 0, source=line.label))
        if line.source:
            cited = [FirstValue(line.name, f"B{row}", line.value)]
            write_source(sheet, f"D{row}", cited, line.source)
            sheet.merge(f"D{row}", 2)
            widths = sheet.worksheet.column_dimensions
            room = widths["D"].width + widths["E"].width - 1
            sheet.fit(row, [(line.source, room), (line.label, widths["A"].width)])
