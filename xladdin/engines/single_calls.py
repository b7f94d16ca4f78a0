"""Calls within formulas that LibreOffice computes, each by itself.

LibreOffice is never given a formula of a workbook, nor its cells. Of a formula that the embedded
engine does not compute, it computes calls of functions for which it is proved: on constants, and
ranges of constants, whose kinds its table lists. The call's value stands in the formula then, and
the embedded engine computes all else of it. So operators, sums and logicals are Excel's, and what
a call is given is known before LibreOffice is asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from xladdin.cells import Cell, CellError
from xladdin.engines.cell_index import Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded.examination import IN_ORDER, ORDERS
from xladdin.engines.embedded.formula_parts import bare
from xladdin.engines.embedded.notes import given
from xladdin.engines.embedded.rewrite import KNOWN_CALL, UNKNOWN_CALL
from xladdin.engines.parts_sheet import PartsSheet, constant
from xladdin.engines.proved import ERROR, OFFICES, OMITTED, PROVED, Entry, kind_of_value
from xladdin.engines.result import Computed
from xladdin.engines.tolerance import VOLATILE
from xladdin.formulas.syntax_tree import (
    CONSTANTS,
    FAULT,
    FUNCTION,
    GAP,
    LOGICAL,
    NAME,
    NUMBER,
    REFERENCE,
    SPAN,
    TEXT,
    UNARY,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import function_name
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import places
from xladdin.xlsx.workbook_part import Workbook

_OF_THEIR_PLACE: Final = frozenset({"ROW", "COLUMN", "INDIRECT", "OFFSET", "CELL", "SHEET"})
"""Functions whose value may depend on where the formula stands."""

_BINDING: Final = frozenset({"LET", "LAMBDA"})
"""Functions whose arguments mean nothing by themselves."""

_MOST_CELLS: Final = 10_000
"""Cells of the largest range that a call is given."""

_LONGEST_REASON: Final = 200
"""Characters of a reason within a formula."""

Rows: TypeAlias = tuple[tuple[Cell, ...], ...]


class Request(NamedTuple):
    """A call that LibreOffice is asked to compute.

    Attributes:
        name: The function as the file writes it.
        arguments: What it is given: constants as a formula has them, empty for one left out, and
            ranges of cells.
    """

    name: str
    arguments: tuple[str | Rows, ...]


Office: TypeAlias = Callable[[Sequence[Request]], list[Cell]]
"""Has LibreOffice compute calls."""


class _NotProvedError(Exception):
    """LibreOffice is not proved for a call; the text says why."""


@dataclass(eq=False)
class _Call:
    """A call in a formula.

    Attributes:
        where: The formula's cell.
        node: The call.
        row: The row of the call on the sheet of parts.
        rows: Those of its arguments that are computed, by their place.
        instead: What stands in its place; empty for itself.
    """

    where: Where
    node: Node
    row: int
    rows: dict[int, int] = field(default_factory=dict)
    instead: str = ""


@dataclass
class _Formula:
    text: str
    root: Node
    calls: dict[int, _Call] = field(default_factory=dict)


class SingleCalls:
    """The calls in some formulas of one workbook that LibreOffice may compute."""

    def __init__(self, book: Workbook, dependencies: Dependencies) -> None:
        """Begin with no formula."""
        self.sheet = PartsSheet(book)
        self._dependencies = dependencies
        self._formulas: dict[Where, _Formula] = {}
        self._calls: list[_Call] = []
        self._rows = 0
        self._known: dict[Request, Cell] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def add(self, where: Where, text: str) -> bool:
        """Take a formula.

        Args:
            where: Its cell.
            text: It, without an equals sign, names and tables.

        Returns:
            Whether there are calls in it that were not known yet.
        """
        if where in self._formulas or not text:
            return False
        try:
            formula = _Formula(text, parsed(text))
        except (UnprovedError, UnreadableError):
            return False
        self._formulas[where] = formula
        for node in _candidates(formula.root):
            call = formula.calls[id(node)] = _Call(where, node, self._next_row())
            for place, part in enumerate(node.parts):
                if _is_computed(part):
                    call.rows[place] = self._next_row()
            self._calls.append(call)
        return bool(formula.calls)

    def _next_row(self) -> int:
        self._rows += 1
        return self._rows

    def formulas(self) -> dict[Where, str]:
        """Return the formulas in which something stands in the place of calls."""
        return {
            where: self._written(formula, formula.root)
            for where, formula in self._formulas.items()
            if any(call.instead for call in formula.calls.values())
        }

    def beside(self, copy: Workbook) -> Workbook:
        """Make another copy of the workbook that has a sheet with the calls and their arguments."""
        rows: dict[int, str] = {}
        for call in self._calls:
            formula, sheet = self._formulas[call.where], call.where[0]
            rows[call.row] = self.sheet.formula(sheet, self._written(formula, call.node, True))
            for place, row in call.rows.items():
                part = call.node.parts[place]
                rows[row] = self.sheet.formula(sheet, self._written(formula, part))
        return self.sheet.beside(copy, rows)

    def _written(self, formula: _Formula, node: Node, itself: bool = False) -> str:
        """Return a part with what stands in the place of calls in it; `itself` for its own call."""
        call = formula.calls.get(id(node))
        if call is not None and call.instead and not itself:
            return call.instead
        pieces, at = [], node.start
        for part in node.parts:
            pieces += [formula.text[at : part.start], self._written(formula, part)]
            at = part.stop
        return "".join((*pieces, formula.text[at : node.stop]))

    def take(self, computed: Computed, office: Office) -> set[Where]:
        """Put values in the place of calls which the embedded engine is not proved for.

        Args:
            computed: What it made of a copy that `beside` returned.
            office: Has LibreOffice compute calls.

        Returns:
            The formulas in which something else stands now than in that copy.
        """
        refused = self.sheet.refused(computed)
        wanted: dict[_Call, Request] = {}
        instead: dict[_Call, str] = {}
        for call in self._calls:
            instead[call] = ""
            if call.row in refused:
                try:
                    wanted[call] = self._request(call, computed, refused)
                except _NotProvedError as error:
                    instead[call] = unknown(f"{refused[call.row]}; {error}")
        # An error that a call is given is what it gives; the first one, as Excel has it.
        self._known |= {one: fault for one in wanted.values() if (fault := _fault(one))}
        new = [one for one in dict.fromkeys(wanted.values()) if one not in self._known]
        if new:
            self._known |= dict(zip(new, office(new), strict=True))
        for call, request in wanted.items():
            text = constant(self._known[request])
            name = function_name(request.name)
            reason = f"{refused[call.row]}; LibreOffice gives no value of {name} there"
            proved = text and (_fault(request) or _gives(name, self._known[request]))
            instead[call] = known(text) if proved else unknown(reason)
        changed = {call.where for call, text in instead.items() if text != call.instead}
        for call, text in instead.items():
            call.instead = text
        return changed

    def _request(self, call: _Call, computed: Computed, refused: dict[int, str]) -> Request:
        """Return what LibreOffice is to be asked.

        Raises:
            _NotProvedError: It is not proved for that, or an argument has no value.
        """
        name, parts = function_name(call.node.text), call.node.parts
        for row in call.rows.values():
            if row in refused:
                raise _NotProvedError(refused[row])
        problem = f"{name} is given {len(parts)} arguments"
        for entry in (one for one in OFFICES[name] if one.takes(len(parts))):
            try:
                arguments = [
                    self._argument(call, entry, place, computed) for place in range(len(parts))
                ]
                return Request(call.node.text.removesuffix("("), tuple(arguments))
            except _NotProvedError as error:
                problem = str(error)
        raise _NotProvedError(f"LibreOffice is not proved where {problem}")

    def _argument(self, call: _Call, entry: Entry, place: int, computed: Computed) -> str | Rows:
        part = bare(call.node.parts[place])
        argument = entry.arguments[entry.index(place)]
        if part.kind == GAP:
            if not argument.single & OMITTED:
                raise _NotProvedError(given(entry.name, OMITTED))
            return ""
        if part.kind == REFERENCE:
            rows = self._cells(call, part, computed)
        else:
            row = call.rows.get(place)
            value = self.sheet.value(computed, row) if row is not None else _literal(part)
            rows = ((value,),)
        ranged = part.kind == REFERENCE and argument.held is not None
        allowed = argument.held if ranged and argument.held is not None else argument.single
        if argument.literals:
            if not argument.accepts(constant(rows[0][0]).removesuffix(".0").upper()):
                raise _NotProvedError(f"{entry.name} is given something else there")
            allowed = -1
        for value in (one for cells in rows for one in cells):
            if kind_of_value(value) & ~allowed:
                raise _NotProvedError(given(entry.name, kind_of_value(value)))
            if argument.whole and isinstance(value, float) and not value.is_integer():
                raise _NotProvedError(f"{entry.name} is given a number that is not whole")
        if argument.order and not IN_ORDER[argument.order](
            [float(value or 0) for cells in rows for value in cells]  # type: ignore[arg-type]
        ):
            raise _NotProvedError(f"{entry.name} is given {ORDERS[argument.order]}")
        if ranged or rows == ((None,),):
            return rows
        text = constant(rows[0][0])
        if not text:
            raise _NotProvedError(f"{entry.name} is given what cannot stand in a formula")
        return text

    def _cells(self, call: _Call, part: Node, computed: Computed) -> Rows:
        """Return what the cells of a reference hold."""
        sheet = call.where[0]
        text = self._formulas[call.where].text[part.start : part.stop]
        areas = [*self._dependencies.areas(text, sheet)]
        if len(areas) != 1 or math.prod(areas[0][1].shape) > _MOST_CELLS:
            raise _NotProvedError("it refers to more than one range of 10,000 cells")
        [(where, area)] = areas
        cells = [computed.value(where, *place) for place in places(area)]
        width = area.shape[1]
        return tuple(tuple(cells[at : at + width]) for at in range(0, len(cells), width))


def unknown(reason: str) -> str:
    """Write a part of a formula for which there is no value; it refuses the formula if reached."""
    return f"{UNKNOWN_CALL}({constant(reason[:_LONGEST_REASON])})"


def known(text: str) -> str:
    """Write a constant as a part of a formula that has all its digits."""
    return f"{KNOWN_CALL}({text})"


def _gives(name: str, value: Cell) -> bool:
    """Whether a value is one that LibreOffice is proved to give, which an error is not."""
    return any(kind_of_value(value) & entry.gives & ~ERROR for entry in OFFICES[name])


def _fault(request: Request) -> CellError | None:
    """Return the first error that a call is given."""
    faults = (one for one in request.arguments if isinstance(one, str) and one.startswith("#"))
    return next(map(CellError, faults), None)


def _literal(part: Node) -> Cell:
    """Return the value of a constant in a formula."""
    if part.kind == NUMBER:
        return float(part.text)
    if part.kind == TEXT:
        return part.text[1:-1].replace('""', '"')
    if part.kind == LOGICAL:
        return part.text == "TRUE"
    return CellError(part.text)


def _is_computed(part: Node) -> bool:
    return bare(part).kind not in (NUMBER, TEXT, LOGICAL, FAULT, REFERENCE, GAP)


def _candidates(node: Node) -> Iterator[Node]:
    """Go through the calls that LibreOffice may compute; one comes after those within it."""
    if node.kind == FUNCTION and function_name(node.text) in _BINDING:
        return
    for part in node.parts:
        yield from _candidates(part)
    if node.kind == FUNCTION and function_name(node.text) in OFFICES and _is_steady(node):
        yield node


def _is_steady(node: Node) -> bool:
    """Whether a part has one value, and the same wherever it stands."""
    if node.kind in (SPAN, CONSTANTS) or (node.kind == UNARY and node.text == "@"):
        return False
    if node.kind == FUNCTION:
        name = function_name(node.text)
        if name in _OF_THEIR_PLACE or name in _BINDING or name in VOLATILE:
            return False
        return all(
            _is_steady(part) and (not _is_wide(part) or _takes_range(name, at))
            for at, part in enumerate(node.parts)
        )
    if any(map(_is_wide, node.parts)):
        return False  # Excel takes one cell of the range there, or works on each
    return all(map(_is_steady, node.parts))


def _is_wide(node: Node) -> bool:
    """Whether a part is a reference to several cells, or may be one."""
    inner = bare(node)
    return inner.kind == NAME or (
        inner.kind == REFERENCE and (":" in inner.text or "[" in inner.text)
    )


def _takes_range(name: str, at: int) -> bool:
    """Whether a function takes the whole range that stands in a place."""
    if name in FUNCTIONS:
        arguments = FUNCTIONS[name].arguments
        return at < len(arguments) and arguments[at].kind.ranged
    entries = [
        entry
        for entry in (*PROVED.get(name, ()), *OFFICES.get(name, ()))
        if at < len(entry.arguments) or entry.repeats
    ]
    held = [entry.arguments[entry.index(at)].held for entry in entries]
    return bool(held) and None not in held
