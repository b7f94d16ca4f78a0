"""Calls that give cells which nobody knows before they are computed, and circles through them.

The engine sees that OFFSET or INDIRECT reaches a formula that depends on its own, and not that it
reaches the formula's own cell: of that cell it takes what was there before.
"""

from __future__ import annotations

import itertools
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.examination import where
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import (
    NOT_PROVED,
    PLAIN,
    PartInfo,
    RefusedFormulaError,
    bare,
    step_of,
    unquoted_sheet,
)
from xladdin.engines.embedded.notes import Notes, given
from xladdin.engines.embedded.operator_rules import OperatorRules
from xladdin.engines.embedded.verdicts import Action, Moved
from xladdin.engines.proved import (
    ANY,
    DATE,
    LONG_DATE,
    LONG_SMALL,
    NEARLY,
    OMITTED,
    SMALL,
    TEXTS,
)
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.structured_references import quoted
from xladdin.formulas.syntax_tree import FUNCTION, GAP, NUMBER, Node
from xladdin.formulas.tokens import function_name
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, Area

COUNTS: Final = DATE | LONG_DATE | SMALL | LONG_SMALL
"""Of what kinds numbers of rows and columns are."""

_MOST_STEPS: Final = 4
"""Numbers that are noted of one call; each has a number of its own among the formula's."""


def elsewhere(node: Node, name: str, notes: FormulaNotes, operators: OperatorRules) -> PartInfo:
    """Judge a call of OFFSET or INDIRECT, and have noted what it is given."""
    parts = node.parts
    notes.verdict.wide = True
    if name == "INDIRECT":
        if len(parts) != 1 or notes.scope.linked:
            raise RefusedFormulaError(f"{NOT_PROVED} to compute INDIRECT there")
        operators.operand(parts[0], TEXTS, name, PLAIN, node)
        whole = float(id(node) in notes.whole_taken)
        notes.verdict.wrap(parts[0], f"{instruments.ADDRESS}(", f",{whole:.0f},#)")
        return PartInfo(ANY, maybe=True)
    if not 3 <= len(parts) <= 5 or not notes.is_cells(parts[0]):
        raise RefusedFormulaError(f"{name} is given something else than cells")
    steps: list[int | None] = []
    start, place = notes.cells(bare(parts[0])), len(notes.verdict.moved)
    if start is None:
        raise RefusedFormulaError(f"{name} is given something else than cells")
    if notes.endless(parts[0]):
        _require_known_ends(node, start.text, notes)
    notes.verdict.moved.append(Moved(id(node), start, (None,) * (len(parts) - 1)))
    for at, part in enumerate(parts[1:]):
        if part.kind == GAP and (at < 2 or not notes.wide(parts[0])):
            steps.append(at // 2)
            notes.verdict.wrap(part, str(at // 2), "")
            continue
        if part.kind == GAP:
            raise RefusedFormulaError(given(name, OMITTED))
        steps.append(step_of(part))
        if steps[-1] is None:
            number = place * _MOST_STEPS + at
            notes.verdict.wrap(part, f"{instruments.STEP}(", f",{number},#)")
        if at >= 2 and part.kind != NUMBER:
            notes.verdict.wrap(part, f"{instruments.WHOLE}(", ",#)")
        elif at >= 2 and not float(part.text).is_integer():
            raise RefusedFormulaError(f"{name} is given part of a row or column")
        # Rows and columns below 0 reach up and to the left in Excel alone.
        taken = A_NUMBER & ~NEARLY if at < 2 else COUNTS
        operators.operand(part, taken, name, PLAIN, node)
    notes.verdict.moved[place] = Moved(id(node), start, tuple(steps))
    return PartInfo(ANY, maybe=len(parts) > 3 or notes.wide(parts[0]))


def _require_known_ends(node: Node, text: str, notes: FormulaNotes) -> None:
    """Refuse OFFSET of whole columns or rows, which the engine ends where their last cells are.

    It makes no difference where they are moved aside, for functions that pass over blank cells.
    """
    along = 0 if text.lstrip("$")[0].isalpha() else 1
    if len(node.parts) <= 3 + along and not (
        id(node) in notes.whole_taken and step_of(node.parts[1 + along]) == 0
    ):
        raise RefusedFormulaError(f"{NOT_PROVED} for OFFSET of whole columns or rows there")


def ends_elsewhere(node: Node, notes: FormulaNotes) -> bool:
    """Judge a range from a cell to one that OFFSET gives by constants; whether it is one."""
    first, last = (bare(part) for part in node.parts)
    corner, call = (first, last) if last.kind == FUNCTION else (last, first)
    if call.kind != FUNCTION or function_name(call.text) != "OFFSET" or len(call.parts) != 3:
        return False
    cells = [bare(part) for part in (corner, call.parts[0])]
    if not all(notes.is_cells(part) and not notes.wide(part) for part in cells):
        return False
    other, start = (notes.cells(part) for part in cells)
    steps = tuple(step_of(part) for part in call.parts[1:])
    if other is None or start is None or None in steps:
        return False
    notes.verdict.moved.append(Moved(id(node), start, steps, other))
    return True


def move(cell: FormulaCell) -> None:
    """Put the cells themselves where OFFSET gives them by constants, as far as that is needed.

    From the formula's own cell it is a circle to the engine, which has no such corners of ranges.
    """
    for moved in cell.judged.moved:
        start = _area(cell, *where(moved.cells, cell.references, cell.sheet))
        there = None if start is None else _constant(start, moved.steps)
        if moved.corner is not None:
            other = _area(cell, *where(moved.corner, cell.references, cell.sheet))
            if there is None or other is None:
                cell.refusal = cell.refusal or f"{NOT_PROVED} for a range between such corners"
                continue
            first_row, first_column = min(there[0], other[0]), min(there[1], other[1])
            last_row, last_column = max(there[2], other[2]), max(there[3], other[3])
            there = Area(first_row, first_column, last_row, last_column)
        elif there is None or start is None or start[:2] != cell.place or _holds(there, cell):
            continue
        cell.act(moved.node, Action(instead=f"{quoted(cell.sheet)}!{there.text}"))


def _constant(start: Area, steps: tuple[int | None, ...]) -> Area | None:
    """Return the cells that OFFSET gives from one cell; None where they are not known or none."""
    known = [step for step in steps if step is not None] + [1, 1][len(steps) - 2 :]
    if start.shape != (1, 1) or len(known) != _MOST_STEPS or 0 in known[2:]:
        return None
    rows, columns, height, width = known
    first_row, last_row = _ends(start.first_row + rows, height)
    first_column, last_column = _ends(start.first_column + columns, width)
    if first_row < 1 or first_column < 1 or last_row > LAST_ROW or last_column > LAST_COLUMN:
        return None
    return Area(first_row, first_column, last_row, last_column)


def reaches_itself(cell: FormulaCell, notes: Notes) -> bool:
    """Whether OFFSET or INDIRECT has reached the formula's own cell while it was computed.

    A formula that only asks where the cells are goes in no circle, and counts as well.
    """
    return any(
        _holds(_area(cell, unquoted_sheet(address.rpartition("!")[0]), address), cell)
        for address in notes.addresses.get(cell.number, ())
    ) or any(_moved_there(cell, at, moved, notes) for at, moved in enumerate(cell.judged.moved))


def _moved_there(cell: FormulaCell, at: int, moved: Moved, notes: Notes) -> bool:
    area = _area(cell, *where(moved.cells, cell.references, cell.sheet))
    if area is None or moved.corner is not None:  # the engine sees the circle of a whole range
        return False
    noted = [
        notes.steps.get((cell.number, at * _MOST_STEPS + which), ()) if step is None else (step,)
        for which, step in enumerate((*moved.steps, *area.shape[len(moved.steps) - 2 :]))
    ]
    for rows, columns, height, width in itertools.product(*noted):
        first_row, last_row = _ends(area.first_row + int(rows), int(height))
        first_column, last_column = _ends(area.first_column + int(columns), int(width))
        if _holds(Area(first_row, first_column, last_row, last_column), cell):
            return True
    return False


def _ends(first: int, size: int) -> tuple[int, int]:
    """Return the first and the last of so many rows or columns; those below 0 go backwards."""
    return (first, first + size - 1) if size > 0 else (first + size + 1, first)


def _area(cell: FormulaCell, sheet: str, text: str) -> Area | None:
    """Return the cells of a reference to the formula's own sheet."""
    if (sheet or cell.sheet).casefold() != cell.sheet.casefold():
        return None
    return area_from(text.rpartition("!")[2])


def _holds(area: Area | None, cell: FormulaCell) -> bool:
    row, column = cell.place
    return (
        area is not None
        and area.first_row <= row <= area.last_row
        and area.first_column <= column <= area.last_column
    )
