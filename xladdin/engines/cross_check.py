"""What LibreOffice computes, held against what the embedded engine is proved for."""

from __future__ import annotations

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
    TOLERANCE,
    VOLATILE,
    Rounding,
    comparable,
    relative,
    same,
)
from xladdin.xlsx.workbook_part import Workbook, column_letters

DIFFERENT: Final = "LibreOffice gives {}, and the embedded engine, which is proved for it, {}"


def checked(book: Workbook, office: Computed, best: Computed) -> Computed:
    """Refuse each cell to which LibreOffice gives another value than the engine proved for it.

    Where rounding explains the difference, the value of that engine is taken: what is left where a
    sum cancels is stored as well.

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
            if _rounds(value, other, allowed, partial(rounding.scale, *where)):
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


def _rounds(one: Cell, other: Cell, allowed: float, scale: Callable[[], float]) -> bool:
    """Whether two values are numbers of which rounding explains the difference."""
    one, other = comparable(one, False), comparable(other, False)
    if type(one) is not float or type(other) is not float:
        return False
    return relative(one, other) <= allowed or abs(one - other) <= allowed * scale()
