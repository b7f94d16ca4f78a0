"""Workbooks of which each engine computes a part.

The embedded engine computes the formulas that it is proved for, and LibreOffice the others. Each is
given a copy of the workbook in which formulas of the other one are replaced by their values, as
constants of 17 digits. Where the embedded engine is proved for parts of a formula, LibreOffice is
given these as constants, too. So it is not asked for what it adds up otherwise than Excel, and a
cell has one value whatever stands beside it. Where formulas of both depend on each other by turns,
the copies are computed by turns as well, until no value changes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from xladdin.cells import CLASSIC_ERRORS, Cell, CellError
from xladdin.engines.dependencies import Dependencies, Where
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.engines.libreoffice.differences_from_excel import refused
from xladdin.engines.partial import where_of
from xladdin.engines.proved_parts import ProvedParts
from xladdin.engines.result import Computed, Refusal
from xladdin.engines.tolerance import VOLATILE, comparable
from xladdin.errors import NAME
from xladdin.formulas.tokens import placed
from xladdin.xlsx.workbook_part import Workbook, column_letters

BOTH: Final = "embedded and libreoffice"
"""What messages call the two engines where each computes a part."""

UNSTEADY: Final = "LibreOffice has other last digits in cells that it depends on"

_PASSED_OVER: Final = frozenset({"SUBTOTAL", "AGGREGATE"})
"""Functions that other calls of them pass over, so that no constant may take their place."""

_MOST_TURNS: Final = 12
"""Turns of LibreOffice and the embedded engine."""

_LONGEST: Final = 1_000
"""Characters of the longest text that is given as a constant."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not have."""

_FOLLOWS: Final = "it depends on what LibreOffice alone computes"

_PLAIN: Final = frozenset({"normal", "shared"})
"""Kinds of formulas that give one value."""

Compute = Callable[[Workbook], Computed]
"""Has an engine compute a workbook."""


def combined(book: Workbook, first: Computed, embedded: Compute, office: Compute) -> Computed:
    """Have LibreOffice compute what the embedded engine does not, and the latter all else.

    Args:
        book: The workbook.
        first: What the embedded engine made of it, with refusals.
        embedded: Has the embedded engine compute a workbook.
        office: Has LibreOffice do so.

    Returns:
        The values of both. Refused is what neither computes, with the reasons of both.

    Raises:
        FileError: One of them cannot compute the workbook.
    """
    turns = _Turns(book, first)
    for _ in range(_MOST_TURNS):
        if turns.take(embedded, office):
            break
    return turns.result()


class _Turns:
    """What each engine has computed so far.

    A cell that an array formula fills goes by the one that holds the formula.
    """

    def __init__(self, book: Workbook, first: Computed) -> None:
        self._book, self._first = book, first
        self._dependencies = Dependencies(book, first)
        # LibreOffice's cells, with the reasons why they are; those of the embedded engine that
        # depend on them; and all others.
        self._reasons = {where_of(item): item.reason for item in first.refusals}
        self._later = self._dependents(self._reasons) - self._reasons.keys()
        self._formulas = {
            (sheet, (formula.row, formula.column)): formula.kind
            for sheet, part in first.parts.items()
            for formula in first.layouts[part].formulas
        }
        self._kept = self._formulas.keys() - self._later - self._reasons.keys()
        volatile = self._dependencies.callers(VOLATILE)
        self._volatile = volatile | self._dependents(volatile)
        self._passed_over = self._dependencies.callers(_PASSED_OVER)
        self._known = self._constants(self._kept, first)
        self._given: dict[Where, str] = {}  # what LibreOffice computed
        self._fed: dict[Where, str] = {}  # what the embedded engine computed from that
        self._refused: dict[Where, str] = {}
        self._unsteady: set[Where] = set()
        self._embedded = self._office = first
        self._office_book = book
        self._find_parts()

    def take(self, embedded: Compute, office: Compute) -> bool:
        """Have LibreOffice compute, and then the embedded engine what depends on that.

        Returns:
            Whether another turn would change nothing.
        """
        if self._parts and self._of_parts is None:
            self._look(embedded)
        used = self._of_parts or {}
        self._office_book = self._with(self._known | self._fed | self._parts.formulas(used))
        self._office = office(self._office_book)
        self._refused = self._refusals(self._office, self._reasons.keys())
        blocked = self._dependents(self._refused)
        wanted = self._reasons.keys() - self._refused.keys() - blocked
        self._given = self._constants(wanted, self._office)
        # What cannot be given to the embedded engine leaves all that depends on it to LibreOffice.
        lacking = wanted - self._given.keys()
        moved = dict.fromkeys(self._dependents(lacking) & self._later, _FOLLOWS)
        self._later -= moved.keys()
        waiting = self._later - blocked
        if waiting or self._parts.depending(self._reasons.keys() | self._later):
            self._look(embedded)
            moved |= self._refusals(self._embedded, waiting)
            self._later -= moved.keys()
            self._fed = self._constants(self._later, self._embedded)
        differing = {one for one in self._kept | waiting if not self._is_office_s(one)}
        # What is another each time that it is computed will be so the next time as well.
        self._unsteady = self._dependents(differing - self._volatile) & self._reasons.keys()
        done = not moved and not self._unsteady and (self._of_parts or {}) == used
        if moved:
            self._reasons |= moved
            self._find_parts()
        return done

    def _find_parts(self) -> None:
        texts = {where: self._text(where) for where in self._reasons}
        self._parts = ProvedParts(self._book, self._dependencies, texts)
        self._of_parts: dict[int, str] | None = None

    def _text(self, where: Where) -> str:
        """Return a formula without names and tables; empty where its parts may be arrays."""
        if self._formulas.get(where) not in _PLAIN:
            return ""
        text = self._dependencies.text(*where)
        # Gaps stay, as LibreOffice passes them on rightly.
        return self._dependencies.plain(text, *where).replace(f"{OMITTED_CALL}()", "") or text

    def _look(self, embedded: Compute) -> None:
        """Have the embedded engine compute, parts of LibreOffice's formulas included."""
        copy = self._with(self._known | self._given)
        self._embedded = embedded(self._parts.beside(copy) if self._parts else copy)
        lacking = self._reasons.keys() - self._given.keys()
        unclear = self._parts.depending(lacking | self._dependents(lacking))
        values = self._parts.values(self._embedded)
        written = {number: _constant(value) for number, value in values.items()}
        self._of_parts = {one: text for one, text in written.items() if text and one not in unclear}

    def result(self) -> Computed:
        """Return the values of both engines, and what neither computes."""
        values = {sheet: dict(cells) for sheet, cells in self._first.values.items()}
        for where in self._later | self._reasons.keys():
            for at in self._dependencies.members(*where):
                values[where[0]][at] = self._value(where, at)

        def value(sheet: str, row: int, column: int) -> Cell:
            here, place = values[sheet], (row, column)
            return here[place] if place in here else self._first.value(sheet, row, column)

        # What LibreOffice was asked for is judged: formulas with constants in them.
        judged = refused(
            self._office_book, replace(self._office, refusals=()), self._reasons.keys()
        )
        own = {where_of(item): item.reason for item in judged.refusals}
        own |= dict.fromkeys(self._unsteady, UNSTEADY) | self._refused
        # Cells are not named that LibreOffice computes only because of another one.
        inherited = self._dependents(own) - {where_of(item) for item in self._first.refusals}
        return replace(
            self._first,
            engine=BOTH,
            values=values,
            value=value,
            reasons=None,
            refusals=tuple(
                Refusal(
                    where[0], _name(where[1]), "; ".join(dict.fromkeys((self._reasons[where], why)))
                )
                for where, why in sorted(own.items())
                if where not in inherited
            ),
        )

    def _refusals(self, computed: Computed, among: Collection[Where]) -> dict[Where, str]:
        found = ((where_of(item), item.reason) for item in computed.refusals)
        return {where: reason for where, reason in found if where in among}

    def _dependents(self, cells: Iterable[Where]) -> set[Where]:
        """Find the formulas that depend on some."""
        found = self._dependencies.dependents(cells)
        return {(sheet, self._dependencies.master(sheet, at)) for sheet, at in found}

    def _value(self, where: Where, at: tuple[int, int]) -> Cell:
        engine = self._office if where in self._reasons else self._first
        if where in self._later:
            engine = self._embedded
        return engine.value(where[0], *at)

    def _is_office_s(self, where: Where) -> bool:
        """Whether LibreOffice computed with the value that a formula has."""
        sheet = where[0]
        for at in self._dependencies.members(*where):
            mine, other = self._value(where, at), self._office.value(sheet, *at)
            mine, other = comparable(mine, False), comparable(other, False)
            if mine != other or type(mine) is not type(other):
                return False
        return True

    def _constants(self, cells: Iterable[Where], computed: Computed) -> dict[Where, str]:
        """Write values as constants, as far as they can be."""
        found = {}
        for where in cells:
            if where in self._passed_over or len(self._dependencies.members(*where)) > 1:
                continue
            text = _constant(computed.value(where[0], *where[1]))
            if text:
                found[where] = text
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


def _constant(value: Cell) -> str:
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


def _name(at: tuple[int, int]) -> str:
    return f"{column_letters(at[1])}{at[0]}"
