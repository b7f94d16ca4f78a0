"""What users entered: values for a workbook's input cells and tables, from files of theirs."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

from xladdin.cells import Cell
from xladdin.errors import FileError
from xladdin.workbooks.layout.data_validation import Allowed

ASIDE: Final = "_"
"""How the headings of columns begin that are passed over."""

Value: TypeAlias = str | float | int | Decimal | bool | datetime.date | None
"""What is put into a cell that holds no formula."""


@dataclass(frozen=True)
class Given:
    """A value for one input cell.

    Attributes:
        value: The value.
        place: Where it stands in its file, for messages.
    """

    value: Cell
    place: str


@dataclass(frozen=True)
class Rows:
    """Values for a table's input columns.

    Attributes:
        path: The file that they are from.
        headings: Headings of the columns.
        rows: The rows, each as long as the headings.
        places: Where each row stands in its file, for messages.
    """

    path: Path
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    places: tuple[str, ...]


Unless: TypeAlias = tuple[str, Collection[Value]]
"""Rows that may leave a column blank: the heading of another column, and its values in them."""

NEVER: Final[Unless] = ("", ())
"""No row may."""


@dataclass(frozen=True)
class Entries:
    """What is to stand in a workbook's yellow cells instead of what its template puts there.

    Attributes:
        path: Where it is from.
        cells: Values by the defined name of their cell.
        tables: Rows by the name of their table.
        own: Names of cells and tables that hold the user's own figures; the others are as their
            template had them, illustrative ones included.
        as_they_stand: Whether the values are from cells already typed into, which may hold
            anything that a cell can; from data files they have to be what the cells allow.
        typed: Names of cells and tables that somebody typed into, as an upgrade found.
        left_out: In words, what the source has and this workbook does not; Checks lists it.
        wrong: What was found wrong as a workbook was made of them; `refuse_wrong` raises all.
    """

    path: Path = Path()
    cells: Mapping[str, Given] = field(default_factory=dict)
    tables: Mapping[str, Rows] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    as_they_stand: bool = False
    typed: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    wrong: list[FileError] = field(default_factory=list, compare=False)

    def cell(self, name: str, otherwise: Value, allowed: Allowed) -> Value:
        """Return the value for an input cell.

        Args:
            name: Its defined name.
            otherwise: What the template puts there.
            allowed: What may be typed there.

        Returns:
            The value; the template's where the one that is given is not allowed there.
        """
        given = self.cells.get(name)
        if given is None:
            return otherwise
        try:
            return self._read(given.value, allowed)
        except ValueError as error:
            self.wrong.append(FileError(self.path, f"{given.place}, {name}: {error}"))
            return otherwise

    def columns(
        self,
        table: str,
        columns: Mapping[str, Allowed],
        required: Mapping[str, Unless],
        known: set[str],
    ) -> Mapping[str, Sequence[Value]] | None:
        """Return the values for a table's input columns.

        Args:
            table: The table's name.
            columns: Its input columns by heading, with what may be typed there.
            required: Those that no row may leave blank, with the rows that may all the same.
            known: Headings of all its columns.

        Returns:
            Values by heading, all equally many; None if none are given for this table, or if a
            column is unknown or missing, or a value is not allowed.
        """
        given = self.tables.get(table)
        if given is None:
            return None
        if self.as_they_stand:
            required = {}  # whoever types may leave out what they like
        always = [name for name, (_, without) in required.items() if not without]
        places, wrong = _places(given, columns, always, known)
        values: dict[str, list[Value]] = {name: [] for name in columns}
        for row, where in zip(given.rows, given.places, strict=True):
            if not self.as_they_stand and all(cell in (None, "") for cell in row):
                continue
            for name, at in places.items():
                try:
                    read = self._read(row[at], columns[name])
                except ValueError as error:
                    wrong.append(FileError(given.path, f"{where}, {name}: {error}"))
                    read = ""  # nothing is made of these values, and it does not count as blank
                values[name].append(read)
            for name in columns.keys() - places.keys():
                values[name].append(None)
            wrong += [
                FileError(given.path, f"{where}, {name}: {_NO_VALUE}")
                for name, (other, without) in required.items()
                if values[name][-1:] == [None]
                and (name in places or without)  # a column that none may do without is named once
                and values.get(other, [None])[-1] not in without
            ]
        self.wrong.extend(wrong)
        return None if wrong else values

    def illustrative(self, *names: str) -> bool:
        """Return whether none of some cells and tables holds the user's own figures."""
        return self.own.isdisjoint(names)

    def require(self, table: str, *names: str) -> None:
        """Call own rows in a table wrong without values for the cells that belong to them.

        Args:
            table: The table.
            names: Defined names of the cells.
        """
        missing = [name for name in names if name not in self.cells]
        if table in self.tables and missing:
            reason = f"it fills {table} and says nothing of {' and '.join(missing)}"
            self.wrong.append(FileError(self.path, reason, "say it among the Inputs"))

    @property
    def digest(self) -> str:
        """Digest of all that is entered, wherever it was read from."""
        cells = [(name, self.cells[name].value) for name in sorted(self.cells)]
        tables = [
            (name, self.tables[name].headings, self.tables[name].rows)
            for name in sorted(self.tables)
        ]
        said = repr((cells, tables, sorted(self.own), self.as_they_stand, self.left_out))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def refuse_wrong(self, cells: Iterable[str], tables: Iterable[str]) -> None:
        """Refuse entries that are wrong, or for which the workbook has no place.

        Args:
            cells: Defined names of its input cells.
            tables: Names of its tables.

        Raises:
            FileError: There are such entries, all at once. One without a place that nobody typed
                is passed over.
        """
        found = [*self.wrong, *self._unknown_names(cells, tables)]
        self.wrong.clear()
        if found:
            raise one_error(self.path, found)

    def _unknown_names(self, cells: Iterable[str], tables: Iterable[str]) -> Iterator[FileError]:
        cells, tables = list(cells), list(tables)
        for name in [*self.cells, *self.tables]:
            if name not in cells and name not in tables and (name in self.own):
                place = self.cells[name].place if name in self.cells else "a table"
                there_are = ", ".join(sorted(cells))
                reason = f"{place}: the workbook has no input named {name}"
                yield FileError(self.path, reason, f"there are {there_are}" if there_are else "")

    def _read(self, value: Cell, allowed: Allowed) -> Value:
        if self.as_they_stand:
            # Cells hold whole numbers as doubles too; written as such they would look otherwise.
            whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
            return int(value) if whole else value  # type: ignore[arg-type,return-value]
        return allowed.read(value)


_NO_VALUE: Final = "there is no value; fill it in, or take the row out"

MOST_SHOWN: Final = 20
"""Wrong things that a message names; it counts the rest."""


def one_error(path: Path, wrong: Sequence[FileError]) -> FileError:
    """Make one error of many: the first ones, a count of the rest, and each remedy once.

    Args:
        path: What they are all about, if that is not one file.
        wrong: The errors, one at least.
    """
    if len(wrong) == 1:
        return wrong[0]
    shown = wrong[:MOST_SHOWN]
    alone = len({error.path for error in wrong}) == 1
    listed = " | ".join(
        error.reason if alone or error.path == path else f"{error.path.name}: {error.reason}"
        for error in shown
    )
    more = len(wrong) - len(shown)
    tail = f" | and {more:,} more" if more else ""
    remedies = dict.fromkeys(error.remedy for error in shown if error.remedy)
    reason = f"{len(wrong):,} things are wrong: {listed}{tail}"
    return FileError(wrong[0].path if alone else path, reason, "; ".join(remedies))


NOTHING = Entries()
"""No entries: the workbook as its template makes it."""


def _places(
    given: Rows, columns: Iterable[str], required: Iterable[str], known: Iterable[str]
) -> tuple[dict[str, int], list[FileError]]:
    """Find the columns that the rows have, and what is wrong with their headings.

    Columns that the workbook works out are passed over.
    """
    by_fold = {name.casefold(): name for name in known}
    there_are = f"there are {', '.join(columns)}"
    found: dict[str, int] = {}
    seen: set[str] = set()
    wrong: list[FileError] = []
    for at, heading in enumerate(given.headings):
        if heading.strip().startswith(ASIDE):
            continue
        name = by_fold.get(heading.strip().casefold())
        if name is None:
            if title := _title(given, set(by_fold)):
                return {}, [title]
            reason = f"its column {heading!r} is none of the table's"
            remedy = f"{there_are}; names with {ASIDE} are passed over"
            wrong.append(FileError(given.path, reason, remedy))
        elif name in seen:
            wrong.append(FileError(given.path, f"it has the column {name} twice"))
        elif name in columns:
            found[name] = at
        seen.add(name or "")
    tail = "" if wrong else there_are
    wrong += [
        FileError(given.path, f"its column {name} is missing", tail)
        for name in required
        if name not in found
    ]
    return found, wrong


def _title(given: Rows, known: set[str]) -> FileError | None:
    """Find that rows have a title above their headings, and where the headings are."""
    for row, place in zip(given.rows, given.places, strict=True):
        cells = [cell.strip().casefold() for cell in row if isinstance(cell, str) and cell.strip()]
        if len(known.intersection(cells)) > 1 or (cells and known.issuperset(cells)):
            reason = f"its headings stand in {place}, below a title"
            return FileError(given.path, reason, "take out what stands above the headings")
    return None
