"""What LibreOffice computes, held against what the embedded engine is proved for."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import Final

from xladdin.cells import Cell, described
from xladdin.engines.cell_index import Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.partial import where_of
from xladdin.engines.result import Computed, Refusal
from xladdin.engines.tolerance import (
    ITERATIVE,
    ITERATIVE_TOLERANCE,
    MOST_CELLS,
    TOLERANCE,
    VOLATILE,
    Rounding,
    comparable,
    relative,
    same,
)
from xladdin.xlsx.sheet_part import places
from xladdin.xlsx.workbook_part import Workbook, column_letters

DIFFERENT: Final = "LibreOffice gives {}, and the embedded engine, which is proved for it, {}"


def checked(book: Workbook, office: Computed, best: Computed) -> Computed:
    """Refuse each cell to which LibreOffice gives another value than the engine proved for it.

    Where rounding explains the difference, the value of that engine is taken: what is left where a
    sum cancels is stored as well, and so is what only follows from cells that differ so, as in the
    last rows of a schedule that hands its balance on.

    Args:
        book: The workbook.
        office: What LibreOffice made of it.
        best: What the engines made of it, each of what it is proved for.

    Returns:
        The same with these values, and with the other cells that differ among its refusals, but for
        those that only follow from others.
    """
    dependencies = Dependencies(book, office)

    def reached(cells: Collection[Where]) -> set[Where]:
        return dependencies.dependents(cells).union(cells)

    skip = reached({where_of(item) for item in (*office.refusals, *best.refusals)})
    skip |= reached(dependencies.callers(VOLATILE))
    iterative = reached(dependencies.callers(ITERATIVE))
    rounding = Rounding(dependencies, best)
    values = {sheet: dict(cells) for sheet, cells in office.values.items()}
    found: dict[Where, tuple[Cell, Cell]] = {}
    for sheet, cells in office.values.items():
        for place, value in cells.items():
            where, other = (sheet, place), best.value(sheet, *place)
            if where in skip or _is_one(value, other):
                continue
            allowed = ITERATIVE_TOLERANCE if where in iterative else TOLERANCE
            handed_on = partial(_handed_on, dependencies, office, best, where)
            if _rounds(value, other, allowed, partial(rounding.scale, *where), handed_on):
                values[sheet][place] = other
            else:
                found[sheet, dependencies.master(sheet, place)] = value, other

    def read(sheet: str, row: int, column: int) -> Cell:
        here, place = values[sheet], (row, column)
        return here[place] if place in here else office.value(sheet, row, column)

    follow = dependencies.dependents(found)
    first = {where: pair for where, pair in found.items() if where not in follow} or found
    more = [
        Refusal(sheet, f"{column_letters(at[1])}{at[0]}", DIFFERENT.format(*map(described, pair)))
        for (sheet, at), pair in sorted(first.items(), key=lambda item: item[0])
    ]
    return replace(office, values=values, value=read, refusals=(*office.refusals, *more))


def _is_one(one: Cell, other: Cell) -> bool:
    one, other = comparable(one, False), comparable(other, False)
    return one == other if type(one) is type(other) is float else same(one, other)


def _rounds(
    one: Cell,
    other: Cell,
    allowed: float,
    scale: Callable[[], float],
    handed_on: Callable[[], tuple[float, float]],
) -> bool:
    """Whether two values are numbers of which rounding explains the difference."""
    one, other = comparable(one, False), comparable(other, False)
    if type(one) is not float or type(other) is not float:
        return False
    apart = relative(one, other)
    if apart <= allowed or abs(one - other) <= allowed * scale():
        return True
    size, part = handed_on()
    return apart <= allowed + part or abs(one - other) <= allowed * scale() + size


def _handed_on(
    dependencies: Dependencies, office: Computed, best: Computed, where: Where
) -> tuple[float, float]:
    """Return twice what differs in the cells that a formula refers to: absolutely, relatively."""
    size = part = 0.0
    count = 0
    for sheet, area in dependencies.references(*where):
        count += math.prod(area.shape)
        if count > MOST_CELLS:
            break
        for place in places(area):
            one, other = office.value(sheet, *place), best.value(sheet, *place)
            if type(one) is type(other) is float and one != other:
                size += 2 * abs(one - other)
                part += 2 * relative(one, other)
    return size, part
