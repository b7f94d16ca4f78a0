"""The cells where something is wrong with a workbook, apart from those that only follow from them.

A text in one cell of a log may give a hundred errors further on. Whoever has to put it right wants
to know of the one cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from xladdin.cells import Cell, CellError
from xladdin.checking.findings import ERROR
from xladdin.checking.root_cell import RootCell, count_of, name_of, once, root_cell
from xladdin.checking.wrong_entries import WrongEntries
from xladdin.engines.cell_index import Index, Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded.error_reasons import Explainer, Reason
from xladdin.engines.result import Computed
from xladdin.formulas.tokens import shifted
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Workbook

MOST_EXPLAINED: Final = 100
"""Most formulas whose errors are explained; the others are listed without a reason."""


class WithRoots:
    """A result that names root cells.

    Attributes:
        roots: The cells where something is wrong that follows from nothing else.
    """

    roots: tuple[RootCell, ...]

    @property
    def entries(self) -> tuple[RootCell, ...]:
        """The entries among the root cells."""
        return tuple(root for root in self.roots if root.is_entry)

    @property
    def wrong_entries(self) -> int:
        """Number of entries that are wrong."""
        return count_of(self.entries)


class RootCells:
    """The root cells of one workbook.

    Attributes:
        found: The root cells: entries first, then formulas.
        errors: Number of cells with errors.
        following: Number of those that only follow from root cells.
    """

    def __init__(self, book: Workbook, result: Computed, dependencies: Dependencies) -> None:
        """Find them.

        Args:
            book: The workbook.
            result: What an engine made of it.
            dependencies: What its formulas refer to.

        Raises:
            FileError: A sheet cannot be read.
        """
        self._result = result
        self._dependencies = dependencies
        self._explainer = Explainer(dependencies, result)
        self._entries = WrongEntries(book, result, dependencies, self._explainer)
        self._places = set(self._entries.places)
        wrong = list(self._errors())
        self.found = tuple(once(self._entries.found, wrong))
        self.errors = sum(map(len, self._error_places.values()))
        self.following = self.errors - count_of(wrong)

    @cached_property
    def reached(self) -> set[Where]:
        """The cells that depend on root cells."""
        return self._dependencies.dependents(self._places) if self._places else set()

    @cached_property
    def _error_places(self) -> dict[str, list[Place]]:
        """Cells with errors by sheet, in order."""
        return {
            sheet: sorted(place for place, value in values.items() if isinstance(value, CellError))
            for sheet, values in self._result.values.items()
        }

    def _errors(self) -> Iterator[RootCell]:
        """Yield the formulas that give an error none of whose arguments is wrong itself."""
        wrong = [(sheet, place) for sheet, found in self._error_places.items() for place in found]
        if not wrong:
            return
        refused = {(item.sheet, item.cell) for item in self._result.refusals}
        entries = self._entries.places
        follow = self._dependencies.dependents(entries) if entries else set()
        index = Index(wrong)
        alike: dict[tuple[str, Cell, str], list[Place]] = {}
        for sheet, place in wrong:
            master = self._dependencies.master(sheet, place)
            if (sheet, place) in follow or self._within_array_of_errors(sheet, place, master):
                continue
            if (sheet, name_of(master)) in refused or any(
                index.within(where, area, place if where == sheet else None)
                for where, area in self._dependencies.references(sheet, place)
            ):
                continue
            self._places.add((sheet, place))
            # Cells of one formula, in a table's column, as they all look from the first cell.
            text = shifted(self._dependencies.text(sheet, master), 1 - master[0], 1 - master[1])
            alike.setdefault((sheet, self._result.values[sheet][place], text), []).append(place)
        ours: list[RootCell] = []
        natives: list[RootCell] = []
        for number, ((sheet, value, _), found) in enumerate(alike.items()):
            explained = number < MOST_EXPLAINED
            why = self._explainer.reason(sheet, found[0]) if explained else Reason("", False)
            root = root_cell(self._dependencies, ERROR, (sheet, found[0]), value, why.words)
            (ours if why.ours else natives).append(replace(root, also=len(found) - 1))
        yield from (*ours, *natives)

    def _within_array_of_errors(self, sheet: str, place: Place, master: Place) -> bool:
        """Whether the array formula that fills a cell gives an error in its first cell, too."""
        values = self._result.values[sheet]
        return place != master and isinstance(values.get(master), CellError)
