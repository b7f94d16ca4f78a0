"""Parts of formulas that the embedded engine is proved for, where it is not for the whole.

LibreOffice computes such a formula with the values of these parts in it. They are computed on a
sheet of their own, which a copy of the workbook has beside the others.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.dependencies import Dependencies, Index, Where
from xladdin.engines.embedded.formula_parts import are_cells, may_be_cells
from xladdin.engines.embedded.part_calculator import on_sheet
from xladdin.engines.proved import PROVED
from xladdin.engines.result import Computed
from xladdin.engines.tolerance import VOLATILE
from xladdin.formulas.syntax_tree import (
    BINARY,
    CONSTANTS,
    FUNCTION,
    GROUP,
    NAME,
    NUMBER,
    PERCENT,
    REFERENCE,
    SPAN,
    UNARY,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import function_name
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import LONGEST_FORMULA
from xladdin.xlsx.workbook_part import Workbook

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_PART: Final = "xl/worksheets/xladdin-parts.xml"

_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
_IDENTIFIER: Final = "xladdinParts"

_OF_THEIR_PLACE: Final = frozenset({"ROW", "COLUMN", "INDIRECT", "OFFSET", "CELL", "SHEET"})
"""Functions whose value may depend on where the formula stands."""

_BINDING: Final = frozenset({"LET", "LAMBDA"})
"""Functions whose arguments mean nothing by themselves."""


@dataclass(frozen=True)
class ProvedPart:
    """A part of a formula.

    Attributes:
        where: The formula's cell.
        start: Where it begins in the formula.
        stop: Where it ends.
        formula: The part as it is written on another sheet.
    """

    where: Where
    start: int
    stop: int
    formula: str


class ProvedParts:
    """The parts that may be computed by themselves of some formulas of one workbook."""

    def __init__(
        self, book: Workbook, dependencies: Dependencies, formulas: Mapping[Where, str]
    ) -> None:
        """Find the parts.

        Args:
            book: The workbook.
            dependencies: What its formulas refer to.
            formulas: The formulas, without equals signs.
        """
        self._book, self._dependencies, self._formulas = book, dependencies, formulas
        self._name = "Parts"
        while self._name.casefold() in {sheet.name.casefold() for sheet in book.sheets}:
            self._name += "_"
        self._parts = [part for where, text in formulas.items() for part in self._of(where, text)]

    def __bool__(self) -> bool:
        return bool(self._parts)

    def beside(self, copy: Workbook) -> Workbook:
        """Make another copy of the workbook that has a sheet with the parts besides.

        Args:
            copy: A copy of it.
        """
        main = copy.workbook
        folder, name = posixpath.split(main)
        relations, types = posixpath.join(folder, "_rels", f"{name}.rels"), "[Content_Types].xml"
        rows = "".join(
            f'<row r="{row}"><c r="A{row}"><f>{xml_bytes.escaped(part.formula)}</f></c></row>'
            for row, part in enumerate(self._parts, 1)
        )
        sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        number = 1 + max(self._numbers(copy))
        listed = (
            f'<sheet xmlns="{_MAIN}" xmlns:r="{_RELATIONS}" name="{self._name}" '
            f'sheetId="{number}" r:id="{_IDENTIFIER}"/>'
        )
        related = (
            f'<Relationship xmlns="{_PACKAGE}" Id="{_IDENTIFIER}" '
            f'Type="{_RELATIONS}/worksheet" Target="/{_PART}"/>'
        )
        typed = f'<Override xmlns="{_TYPES}" PartName="/{_PART}" ContentType="{_TYPE}"/>'
        more = {
            main: _with_last(copy.read(main), "sheets", listed),
            relations: _with_last(copy.read(relations), "Relationships", related),
            types: _with_last(copy.read(types), "Types", typed),
            _PART: sheet.encode(),
        }
        parts = {name: copy.read(name) for name in copy.names} | more
        return Workbook(parts, copy.path)

    def values(self, computed: Computed) -> dict[int, Cell]:
        """Return the values of the parts for which the embedded engine is proved.

        Args:
            computed: What it made of a copy that `beside` returned.

        Returns:
            Values by the part's number.
        """
        if not self._parts:
            return {}
        refused = {item.cell for item in computed.refusals if item.sheet == self._name}
        return {
            number: computed.value(self._name, number + 1, 1)
            for number in range(len(self._parts))
            if f"A{number + 1}" not in refused
        }

    def depending(self, cells: Collection[Where]) -> set[int]:
        """Return the numbers of the parts that refer to some cells."""
        index = Index(cells)
        return {
            number
            for number, part in enumerate(self._parts)
            if any(
                index.within(*area)
                for area in self._dependencies.areas(part.formula, part.where[0])
            )
        }

    def formulas(self, constants: Mapping[int, str]) -> dict[Where, str]:
        """Return the formulas with constants in the place of parts.

        Args:
            constants: By the part's number.
        """
        pieces: dict[Where, list[str]] = {}
        ends: dict[Where, int] = {}
        for number, part in enumerate(self._parts):  # larger parts come before those within them
            start, text = ends.get(part.where, 0), constants.get(number)
            if text is not None and part.start >= start:
                before = self._formulas[part.where][start : part.start]
                pieces.setdefault(part.where, []).append(f"{before}({text})")
                ends[part.where] = part.stop
        return {
            where: "".join((*found, self._formulas[where][ends[where] :]))
            for where, found in pieces.items()
        }

    def _numbers(self, copy: Workbook) -> Iterator[int]:
        for item in xml_bytes.elements(copy.read(copy.workbook), ("sheet",)):
            number = item.attributes.get("sheetId", "")
            yield int(number) if number.isdecimal() else 0

    def _of(self, where: Where, text: str) -> Iterator[ProvedPart]:
        try:
            root = parsed(text)
        except (UnprovedError, UnreadableError):
            return
        for node in _inside(root):
            plain = self._dependencies.plain(text[node.start : node.stop], *where)
            formula = "".join(on_sheet(where[0], plain))
            if node.kind == BINARY:
                formula = f"+({formula})"  # so that its last step is not taken for a formula's
            if plain and len(formula) < LONGEST_FORMULA:
                yield ProvedPart(where, node.start, node.stop, formula)


def _with_last(content: bytes, name: str, element: str) -> bytes:
    """Put an element behind all others in the element of a name."""
    [item] = xml_bytes.elements(content, (name,))
    return xml_bytes.splice(content, [xml_bytes.Edit(item.stop, item.stop, element.encode())])


def _inside(node: Node) -> Iterator[Node]:
    """Go through the parts of a formula, itself aside, that may be computed alone.

    A part comes before those within it, and these before what follows it.
    """
    if node.kind == FUNCTION and function_name(node.text) in _BINDING:
        return
    if node.kind in (SPAN, CONSTANTS, REFERENCE, NAME):
        return
    for part in node.parts:
        if _may_stand_alone(part):
            yield part
        yield from _inside(part)


def _may_stand_alone(node: Node) -> bool:
    """Whether a part has one value, and the same wherever it stands."""
    if node.kind == FUNCTION and (may_be_cells(node) or are_cells(node)):
        return False
    if node.kind == UNARY and node.parts[0].kind == NUMBER:
        return False
    return node.kind in (FUNCTION, BINARY, UNARY, PERCENT) and _is_steady(node)


def _is_steady(node: Node) -> bool:
    if node.kind == SPAN or (node.kind == UNARY and node.text == "@"):
        return False
    if node.kind == FUNCTION:
        name = function_name(node.text)
        if name in _OF_THEIR_PLACE or name in _BINDING or name in VOLATILE:
            return False
        return all(
            _is_steady(part) and (not _is_wide(part) or _takes_range(name, at))
            for at, part in enumerate(node.parts)
        )
    if node.kind != CONSTANTS and any(map(_is_wide, node.parts)):
        return False  # Excel takes one cell of the range there, or works on each
    return all(map(_is_steady, node.parts))


def _is_wide(node: Node) -> bool:
    """Whether a part is a reference to several cells, or may be one."""
    while node.kind == GROUP:
        [node] = node.parts
    return node.kind in (NAME, CONSTANTS) or (
        node.kind == REFERENCE and (":" in node.text or "[" in node.text)
    )


def _takes_range(name: str, at: int) -> bool:
    """Whether a function takes the whole range that stands in a place."""
    if name in FUNCTIONS:
        arguments = FUNCTIONS[name].arguments
        return at < len(arguments) and arguments[at].kind.ranged
    entries = [
        entry for entry in PROVED.get(name, ()) if at < len(entry.arguments) or entry.repeats
    ]
    held = [entry.arguments[entry.index(at)].held for entry in entries]
    return bool(held) and None not in held
