"""A sheet of formulas that a copy of a workbook has beside its own, for the embedded engine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError
from xladdin.engines.result import Computed
from xladdin.errors import NAME
from xladdin.formulas.structured_references import quoted
from xladdin.formulas.tokens import SHEET, SPACE, WORD, is_reference, tokens
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.parts import (
    CONTENT_TYPES,
    MAIN,
    OFFICE_RELATIONSHIPS,
    RELATIONSHIPS,
    relationships_of,
)
from xladdin.xlsx.workbook_part import Workbook

_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_PART: Final = "xl/worksheets/xladdin-parts.xml"
_IDENTIFIER: Final = "xladdinParts"

_LONGEST: Final = 1_000
"""Characters of the longest text that is given as a constant."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not have."""


class PartsSheet:
    """The sheet: formulas in its column A, by row.

    Attributes:
        name: Its name, which no sheet of the workbook has.
    """

    def __init__(self, book: Workbook) -> None:
        """Find a name for it."""
        self.name = "Parts"
        while self.name.casefold() in {sheet.name.casefold() for sheet in book.sheets}:
            self.name += "_"

    def formula(self, sheet: str, text: str) -> str:
        """Return a part of a formula as it is written on this sheet.

        Args:
            sheet: The formula's sheet.
            text: The part, without names.
        """
        # Within parentheses, its last step is not taken for a formula's.
        return f"({''.join(_on_sheet(sheet, text))})"

    def beside(self, copy: Workbook, rows: Mapping[int, str]) -> Workbook:
        """Make another copy of a workbook that has the sheet besides.

        Args:
            copy: A copy of the workbook.
            rows: Formulas by row.
        """
        main = copy.workbook
        relations, types = relationships_of(main), "[Content_Types].xml"
        cells = "".join(
            f'<row r="{row}"><c r="A{row}"><f>{xml_bytes.escaped(text)}</f></c></row>'
            for row, text in sorted(rows.items())
        )
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        number = 1 + max(_numbers(copy))
        listed = (
            f'<sheet xmlns="{MAIN}" xmlns:r="{OFFICE_RELATIONSHIPS}" name="{self.name}" '
            f'sheetId="{number}" r:id="{_IDENTIFIER}"/>'
        )
        related = (
            f'<Relationship xmlns="{RELATIONSHIPS}" Id="{_IDENTIFIER}" '
            f'Type="{OFFICE_RELATIONSHIPS}/worksheet" Target="/{_PART}"/>'
        )
        typed = f'<Override xmlns="{CONTENT_TYPES}" PartName="/{_PART}" ContentType="{_TYPE}"/>'
        more = {
            main: _with_last(copy.read(main), "sheets", listed),
            relations: _with_last(copy.read(relations), "Relationships", related),
            types: _with_last(copy.read(types), "Types", typed),
            _PART: sheet.encode(),
        }
        parts = {name: copy.read(name) for name in copy.names} | more
        return Workbook(parts, copy.path)

    def value(self, computed: Computed, row: int) -> Cell:
        """Return the value of a formula on the sheet."""
        return computed.value(self.name, row, 1)

    def refused(self, computed: Computed) -> dict[int, str]:
        """Return why formulas on the sheet are refused, by row."""
        return {
            int(item.cell.removeprefix("A")): item.reason
            for item in computed.refusals
            if item.sheet == self.name
        }


def constant(value: Cell) -> str:
    """Write a value as a formula of itself; empty where one of the engines would not read it."""
    if isinstance(value, bool):
        return f"{value}()".upper()
    if isinstance(value, float):
        return "" if 0 < abs(value) < sys.float_info.min else repr(value).upper()
    if isinstance(value, CellError):
        return value.code if value.code in CLASSIC_ERRORS and value.code != NAME else ""
    if value is None or len(value) > _LONGEST or _CONTROL.search(value):
        return ""
    return '"' + value.replace('"', '""') + '"'


def _numbers(copy: Workbook) -> Iterator[int]:
    for item in xml_bytes.elements(copy.read(copy.workbook), ("sheet",)):
        number = item.attributes.get("sheetId", "")
        yield int(number) if number.isdecimal() else 0


def _with_last(content: bytes, name: str, element: str) -> bytes:
    """Put an element behind all others in the element of a name."""
    [item] = xml_bytes.elements(content, (name,))
    return xml_bytes.splice(content, [xml_bytes.Edit(item.stop, item.stop, element.encode())])


def _on_sheet(sheet: str, text: str) -> Iterator[str]:
    """Go through the pieces of a formula with the sheet before references that have none."""
    parts = [token for token in tokens(text) if token.kind != SPACE]
    before = ""
    for at, (kind, piece) in enumerate(parts):
        first_corner = at + 1 < len(parts) and parts[at + 1].text == ":"
        if (
            kind == WORD
            and before not in (SHEET, ":")
            and (first_corner or is_reference(parts[at]))
        ):
            yield f"{quoted(sheet)}!"
        yield piece
        before = ":" if piece == ":" else kind
