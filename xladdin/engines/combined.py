"""Workbooks of which the embedded engine computes the formulas, and LibreOffice calls within them.

The embedded engine is given copies of the workbook, in which the values of LibreOffice's calls
stand in the place of these. Where calls depend on each other, or on formulas that depend on others,
it is asked again, until no call is given anything else than before. See `single_calls`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.cell_index import Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.engines.partial import where_of
from xladdin.engines.parts_sheet import constant
from xladdin.engines.result import Computed, Refusal
from xladdin.engines.single_calls import Office, SingleCalls, known
from xladdin.formulas.tokens import placed
from xladdin.xlsx.workbook_part import Workbook, column_letters

BOTH: Final = "embedded and libreoffice"
"""What messages call the two engines where each computes a part."""

_UNSTEADY: Final = "LibreOffice would be given another value of it each time"

_PASSED_OVER: Final = frozenset({"SUBTOTAL", "AGGREGATE"})
"""Functions that other calls of them pass over, so that no constant may take their place."""

_MOST_TURNS: Final = 40
"""Turns of LibreOffice and the embedded engine."""

_PLAIN: Final = frozenset({"normal", "shared"})
"""Kinds of formulas that give one value."""

Compute = Callable[[Workbook], Computed]
"""Has the embedded engine compute a workbook."""


def combined(book: Workbook, first: Computed, embedded: Compute, office: Office) -> Computed:
    """Have LibreOffice compute calls in the formulas that the embedded engine does not compute.

    Args:
        book: The workbook.
        first: What the embedded engine made of it, with refusals.
        embedded: Has the embedded engine compute a workbook.
        office: Has LibreOffice compute calls.

    Returns:
        The values, and what is refused still; the same as before where there are no such calls.

    Raises:
        FileError: One of them cannot compute.
    """
    turns = _Turns(book, first)
    if not turns.calls:
        return first
    for _ in range(_MOST_TURNS):
        if not turns.take(embedded, office):
            break
    return turns.result()


class _Turns:
    """What was computed so far.

    Attributes:
        calls: The calls that LibreOffice may compute.
    """

    def __init__(self, book: Workbook, first: Computed) -> None:
        self._book, self._first = book, first
        self._dependencies = Dependencies(book, first)
        self.calls = SingleCalls(book, self._dependencies)
        self._kinds = {
            (sheet, (formula.row, formula.column)): formula.kind
            for sheet, part in first.parts.items()
            for formula in first.layouts[part].formulas
        }
        self._add(first)
        refused = {where_of(item) for item in first.refusals}
        # What depends on nothing that is refused has its value, volatile formulas among it.
        kept = self._kinds.keys() - refused - self._dependents(refused) if self.calls else ()
        self._kept = frozenset(kept)
        self._known = self._constants(kept)
        self._changed: set[Where] = set()
        self._last = first

    def _add(self, computed: Computed) -> bool:
        """Look for calls in formulas that are refused; return whether there are new ones."""
        found = False
        for where in map(where_of, computed.refusals):
            if self._kinds.get(where) in _PLAIN:
                text = self._dependencies.text(*where)
                plain = self._dependencies.plain(text, *where)
                found |= self.calls.add(where, plain.replace(f"{OMITTED_CALL}()", ""))
        return found

    def take(self, embedded: Compute, office: Office) -> bool:
        """Have the embedded engine compute, and LibreOffice the calls that it lacks.

        Returns:
            Whether another turn would change something.
        """
        copy = self._with(self._known | self.calls.formulas())
        self._last = embedded(self.calls.beside(copy))
        self._changed = self.calls.take(self._last, office)
        return self._add(self._last) or bool(self._changed)

    def _dependents(self, cells: Iterable[Where]) -> set[Where]:
        """Find the formulas that depend on some."""
        found = self._dependencies.dependents(cells)
        return {(sheet, self._dependencies.master(sheet, at)) for sheet, at in found}

    def result(self) -> Computed:
        """Return the values, and what has none."""
        values = {
            sheet: {
                at: value
                if (sheet, self._dependencies.master(sheet, at)) in self._kept
                # What was computed anew.
                else self._last.value(sheet, *at)
                for at, value in cells.items()
            }
            for sheet, cells in self._first.values.items()
        }

        def value(sheet: str, row: int, column: int) -> Cell:
            here, place = values[sheet], (row, column)
            return here[place] if place in here else self._first.value(sheet, row, column)

        reasons = {
            where_of(item): item.reason for item in self._last.refusals if item.sheet in values
        }
        for where in self._changed:
            reasons.setdefault(where, _UNSTEADY)
        # Cells are not named that are refused only because of another one.
        inherited = self._dependents(reasons) - {where_of(item) for item in self._first.refusals}
        return replace(
            self._first,
            engine=BOTH,
            values=values,
            value=value,
            reasons=(*(self._first.reasons or ()), *(self._last.reasons or ())),
            refusals=tuple(
                Refusal(sheet, f"{column_letters(at[1])}{at[0]}", why)
                for (sheet, at), why in sorted(reasons.items())
                if (sheet, at) not in inherited
            ),
        )

    def _constants(self, cells: Collection[Where]) -> dict[Where, str]:
        """Write values as constants, as far as they can be."""
        passed_over = self._dependencies.callers(_PASSED_OVER) if cells else ()
        found = {}
        for where in cells:
            if where in passed_over or len(self._dependencies.members(*where)) > 1:
                continue
            text = constant(self._first.value(where[0], *where[1]))
            if text:
                found[where] = known(text)
        return found

    def _with(self, constants: Mapping[Where, str]) -> Workbook:
        """Make a copy of the workbook with constants in the place of formulas."""
        by_sheet: dict[str, dict[tuple[int, int], str]] = {}
        for (sheet, at), text in constants.items():
            by_sheet.setdefault(sheet, {})[at] = text
        parts = {}
        for sheet, here in by_sheet.items():
            part = self._first.parts[sheet]
            layout = self._first.layouts[part]
            # Followers of a shared formula may lose the one that they share.
            shared = {(one.row, one.column) for one in layout.formulas if one.kind == "shared"}
            spelt = {at: text for at, text in placed(layout.formulas) if at in shared}
            parts[part] = layout.with_formulas(spelt | here, ())
        content = {name: parts.get(name) or self._book.read(name) for name in self._book.names}
        return Workbook(content, self._book.path)
