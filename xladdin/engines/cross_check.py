"""What LibreOffice computes, held against what the embedded engine is proved for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from xladdin.cells import Cell, described
from xladdin.engines.dependencies import Dependencies, Where
from xladdin.engines.partial import where_of
from xladdin.engines.result import Computed, Refusal
from xladdin.engines.tolerance import (
    ITERATIVE,
    ITERATIVE_TOLERANCE,
    TOLERANCE,
    VOLATILE,
    comparable,
    relative,
    same,
)
from xladdin.xlsx.workbook_part import Workbook, column_letters

DIFFERENT: Final = "LibreOffice gives {}, and the embedded engine, which is proved for it, {}"


def checked(book: Workbook, office: Computed, best: Computed) -> Computed:
    """Refuse each cell to which LibreOffice gives another value than the engine proved for it.

    What is left where a sum cancels is compared like any other value, since it is stored and may
    decide a condition.

    Args:
        book: The workbook.
        office: What LibreOffice made of it.
        best: What the engines made of it, each of what it is proved for.

    Returns:
        The same with these cells among its refusals, but for those that only follow from others.
    """
    dependencies = Dependencies(book, office)

    def reached(cells: Collection[Where]) -> set[Where]:
        return dependencies.dependents(cells).union(cells)

    skip = reached({where_of(item) for item in (*office.refusals, *best.refusals)})
    skip |= reached(dependencies.callers(VOLATILE))
    iterative = reached(dependencies.callers(ITERATIVE))
    found = {
        (sheet, dependencies.master(sheet, place)): (value, other)
        for sheet, values in office.values.items()
        for place, value in values.items()
        if (sheet, place) not in skip
        and not _agree(value, other := best.value(sheet, *place), (sheet, place) in iterative)
    }
    if not found:
        return office
    follow = dependencies.dependents(found)
    first = {where: pair for where, pair in found.items() if where not in follow} or found
    more = [
        Refusal(sheet, f"{column_letters(at[1])}{at[0]}", DIFFERENT.format(*map(described, pair)))
        for (sheet, at), pair in sorted(first.items(), key=lambda item: item[0])
    ]
    return replace(office, refusals=(*office.refusals, *more))


def _agree(one: Cell, other: Cell, iterative: bool) -> bool:
    one, other = comparable(one, False), comparable(other, False)
    if type(one) is type(other) is float:
        return relative(one, other) <= (ITERATIVE_TOLERANCE if iterative else TOLERANCE)
    return same(one, other)
