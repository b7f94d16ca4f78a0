"""What users entered: values for a workbook's input cells and tables, from files of theirs."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping, Sequence
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
    """

    path: Path = Path()
    cells: Mapping[str, Given] = field(default_factory=dict)
    tables: Mapping[str, Rows] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    as_they_stand: bool = False
    typed: frozenset[str] = frozenset()

    def cell(self, name: str, otherwise: Value, allowed: Allowed) -> Value:
        """Return the value for an input cell.

        Args:
            name: Its defined name.
            otherwise: What the template puts there.
            allowed: What may be typed there.

        Returns:
            The value.

        Raises:
            FileError: The value given is not allowed there.
        """
        given = self.cells.get(name)
        if given is None:
            return otherwise
        try:
            return self._read(given.value, allowed)
        except ValueError as error:
            raise FileError(self.path, f"{given.place}, {name}: {error}") from None

    def columns(
        self, table: str, columns: Mapping[str, Allowed], required: Sequence[str], known: set[str]
    ) -> Mapping[str, Sequence[Value]] | None:
        """Return the values for a table's input columns.

        Args:
            table: The table's name.
            columns: Its input columns by heading, with what may be typed there.
            required: Those that no row may leave blank.
            known: Headings of all its columns.

        Returns:
            Values by heading, all equally many; None if none are given for this table.

        Raises:
            FileError: A column is unknown or missing, or a value is not allowed.
        """
        given = self.tables.get(table)
        if given is None:
            return None
        if self.as_they_stand:
            required = ()  # whoever types may leave out what they like
        places = _places(given, columns, required, known)
        values: dict[str, list[Value]] = {name: [] for name in columns}
        wrong: list[str] = []
        for row, where in zip(given.rows, given.places, strict=True):
            if not self.as_they_stand and all(cell in (None, "") for cell in row):
                continue
            for name, allowed in columns.items():
                at = places.get(name)
                cell = None if at is None else row[at]
                try:
                    read = self._read(cell, allowed)
                except ValueError as error:
                    wrong.append(f"{where}, {name}: {error}")
                    continue
                if read is None and name in required:
                    wrong.append(f"{where}, {name}: {_NO_VALUE}")
                values[name].append(read)
        if wrong:
            raise _wrong_cells(given.path, wrong)
        return values

    def illustrative(self, *names: str) -> bool:
        """Return whether none of some cells and tables holds the user's own figures."""
        return self.own.isdisjoint(names)

    def require(self, table: str, *names: str) -> None:
        """Refuse own rows in a table without values for the cells that belong to them.

        Args:
            table: The table.
            names: Defined names of the cells.

        Raises:
            FileError: The table's rows are given and one of the cells' values is not.
        """
        missing = [name for name in names if name not in self.cells]
        if table in self.tables and missing:
            reason = f"it fills {table} and says nothing of {' and '.join(missing)}"
            raise FileError(self.path, reason, "say it among the Inputs")

    @property
    def digest(self) -> str:
        """Digest of all that is entered, wherever it was read from."""
        cells = [(name, self.cells[name].value) for name in sorted(self.cells)]
        tables = [
            (name, self.tables[name].headings, self.tables[name].rows)
            for name in sorted(self.tables)
        ]
        said = repr((cells, tables, sorted(self.own), self.as_they_stand))
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def refuse_strangers(self, cells: Iterable[str], tables: Iterable[str]) -> None:
        """Refuse entries for which the workbook has no place.

        Args:
            cells: Defined names of its input cells.
            tables: Names of its tables.

        Raises:
            FileError: There is such an entry. One that nobody typed is let go.
        """
        cells, tables = list(cells), list(tables)
        for name in [*self.cells, *self.tables]:
            if name not in cells and name not in tables and (name in self.own):
                place = self.cells[name].place if name in self.cells else "a table"
                there_are = ", ".join(sorted(cells))
                reason = f"{place}: the workbook has no input named {name}"
                raise FileError(self.path, reason, f"there are {there_are}" if there_are else "")

    def _read(self, value: Cell, allowed: Allowed) -> Value:
        if self.as_they_stand:
            # Cells hold whole numbers as doubles too; written as such they would look otherwise.
            whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
            return int(value) if whole else value  # type: ignore[arg-type,return-value]
        return allowed.read(value)


_NO_VALUE: Final = "there is no value; fill it in, or take the row out"

MOST_SHOWN: Final = 20
"""Wrong cells that a message names; it counts the rest."""


def _wrong_cells(path: Path, wrong: Sequence[str]) -> FileError:
    if len(wrong) == 1:
        return FileError(path, wrong[0])
    more = len(wrong) - MOST_SHOWN
    tail = f" | and {more:,} more" if more > 0 else ""
    told = " | ".join(wrong[:MOST_SHOWN])
    return FileError(path, f"{len(wrong):,} cells are wrong: {told}{tail}")


NOTHING = Entries()
"""No entries: the workbook as its template makes it."""


def _places(
    given: Rows, columns: Iterable[str], required: Iterable[str], known: Iterable[str]
) -> dict[str, int]:
    """Find the columns that the rows have; those that the workbook works out are passed over."""
    by_fold = {name.casefold(): name for name in known}
    there_are = f"there are {', '.join(columns)}"
    found: dict[str, int] = {}
    for at, heading in enumerate(given.headings):
        if heading.strip().startswith(ASIDE):
            continue
        name = by_fold.get(heading.strip().casefold())
        if name is None:
            _refuse_title(given, set(by_fold))
            reason = f"its column {heading!r} is none of the table's"
            raise FileError(given.path, reason, f"{there_are}; names with {ASIDE} are passed over")
        if name in found:
            raise FileError(given.path, f"it has the column {name} twice")
        if name in columns:
            found[name] = at
    missing = [name for name in required if name not in found]
    if missing:
        raise FileError(given.path, f"its column {missing[0]} is missing", there_are)
    return found


def _refuse_title(given: Rows, known: set[str]) -> None:
    """Refuse rows with a title above their headings, and say where the headings are."""
    for row, place in zip(given.rows, given.places, strict=True):
        cells = [cell.strip().casefold() for cell in row if isinstance(cell, str) and cell.strip()]
        if len(known.intersection(cells)) > 1 or (cells and known.issuperset(cells)):
            reason = f"its headings stand in {place}, below a title"
            raise FileError(given.path, reason, "take out what stands above the headings")
