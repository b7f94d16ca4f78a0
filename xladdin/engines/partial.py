"""Computing all of a workbook but what cannot be computed, and what depends on that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from xladdin.cells import Cell
from xladdin.engines.cell_index import Index, Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.result import Computed, Refusal
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Workbook, area_of, column_letters


class Part(NamedTuple):
    """What of a workbook can be computed.

    Attributes:
        kept: The cells that stay as they are: those refused, and all that depend on them.
        dependents: Those that depend on refused cells and are not refused themselves, such as
            ``'Sheet1'!B2``, in order.
        shown: The workbook's values, those of the kept cells as they are stored.
    """

    kept: frozenset[Where]
    dependents: tuple[str, ...]
    shown: Computed


def with_formulas(computed: Computed, dependencies: Dependencies) -> Computed:
    """Note with each refusal the formula that is refused."""
    refusals = (
        item._replace(formula=dependencies.text(item.sheet, _place(item.cell)))
        for item in computed.refusals
    )
    return replace(computed, refusals=tuple(refusals))


def part_of(book: Workbook, computed: Computed, dependencies: Dependencies | None = None) -> Part:
    """Find the cells that are to stay as they are, since some formulas are refused.

    Args:
        book: The workbook.
        computed: What an engine made of it.
        dependencies: What its formulas refer to, where that is known already.

    Returns:
        Those cells, and the workbook's values with them as they are.

    Raises:
        FileError: A sheet cannot be read.
    """
    dependencies = dependencies or Dependencies(book, computed)
    refused = {where_of(item) for item in computed.refusals}
    filled = {(sheet, one) for sheet, at in refused for one in dependencies.members(sheet, at)}
    dependents = dependencies.dependents(refused) - filled
    kept = frozenset(dependents | filled)
    stored = {sheet: _stored(book, computed, sheet) for sheet in {sheet for sheet, _ in kept}}

    def value(sheet: str, row: int, column: int) -> Cell:
        if (sheet, (row, column)) in kept:
            return stored[sheet].get((row, column))
        return computed.value(sheet, row, column)

    values = {
        sheet: {
            place: stored[sheet].get(place) if (sheet, place) in kept else found
            for place, found in computed_here.items()
        }
        for sheet, computed_here in computed.values.items()
    }
    order = {sheet.name: number for number, sheet in enumerate(book.sheets)}
    names = (
        f"{quoted(sheet)}!{column_letters(column)}{row}"
        for sheet, (row, column) in sorted(dependents, key=lambda one: (order[one[0]], one[1]))
    )
    return Part(kept, tuple(names), replace(computed, values=values, value=value))


def without_inherited(book: Workbook, computed: Computed, reasons: Collection[str]) -> Computed:
    """Refuse no formula for an error that it has from a cell which is refused for the same error.

    Args:
        book: The workbook.
        computed: What an engine made of it.
        reasons: Reasons that stand for an error which goes from a cell to those that refer to it.

    Returns:
        The same without these refusals: the cells are dependents of the others.
    """
    passed_on = [item for item in computed.refusals if item.reason in reasons]
    if len(passed_on) < 2:
        return computed
    dependencies = Dependencies(book, computed)
    places = {where_of(item): item for item in passed_on}
    index = Index(places)
    inherited = {
        item
        for (sheet, place), item in places.items()
        if any(
            index.within(
                other, dependencies.reached(other, area), place if other == sheet else None
            )
            for other, area in dependencies.references(sheet, place)
        )
    }
    kept = tuple(item for item in computed.refusals if item not in inherited)
    return replace(computed, refusals=kept)


def _stored(book: Workbook, computed: Computed, sheet: str) -> dict[Place, Cell]:
    part = computed.parts[sheet]
    layout = computed.layouts[part]
    try:
        held = layout.cell_values(book.texts, empty_texts=True)
    except xml_bytes.UnsafeXMLError as error:
        raise book.unsafe(part, error) from None
    return held | {(item.row, item.column): item.stored for item in layout.formulas}


def where_of(item: Refusal) -> Where:
    """Return the cell of a refusal, by sheet, row and column."""
    return item.sheet, _place(item.cell)


def _place(cell: str) -> Place:
    area = area_of(cell)
    return area.first_row, area.first_column
