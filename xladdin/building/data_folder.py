"""Data folders: for each deal, what is to stand in the tables and input cells of its workbooks.

A deal's data are a folder of CSV files, one for each table, or one workbook with a sheet or an
Excel table for each. Values are read as text is, never as formulas, and each is compared with what
may be typed into its cell.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from xladdin import files
from xladdin.building.origin import READ_AGAIN
from xladdin.building.render import TEMPLATES
from xladdin.cells import Cell
from xladdin.errors import FileError
from xladdin.terms import Selection
from xladdin.workbooks.layout.user_inputs import ASIDE, Entries, Given, Rows, one_error
from xladdin.workbooks.placements import headings as placements
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Area, Workbook, column_letters

INPUTS: Final = "Inputs"
"""The table of single cells: which workbook, which name, which value."""

_INPUT_COLUMNS: Final = ("Workbook", "Name", "Value")

MAX_SIZE: Final = 16 << 20
"""Bytes of a data file."""

MAX_ROWS: Final = READ_AGAIN
"""Rows of a table: a sale on every session of 23 years."""

LONGER: Final = {placements.TABLE: 50_000}
"""Rows of tables that may be longer: they are computed by windows of rows, and it was measured."""

_DELIMITERS: Final = ",;\t"
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""The line by which Excel learns the delimiter."""

_ASIDE: Final = (ASIDE, ".", "~")
"""How the names of files and sheets begin that are not looked at."""


class DataFolder:
    """A folder of data."""

    def __init__(self, folder: Path, tables: Mapping[str, str]) -> None:
        """Store the folder.

        Args:
            folder: The folder.
            tables: For each table that data may fill, the template whose workbook has it.

        Raises:
            FileError: It is none.
        """
        if not folder.is_dir():
            raise FileError(folder, "there is no such folder", "give a folder with deals' data")
        self._folder = folder
        self._tables = tables
        self._by_fold = {name.casefold(): name for name in (*tables, INPUTS)}

    def entries(self, selection: Selection) -> dict[str, Entries]:
        """Read what a deal's workbooks are to hold.

        Args:
            selection: The deal and agreement.

        Returns:
            Entries by template; a template without any keeps its own values.

        Raises:
            FileError: There are no data for the deal, or they cannot be read.
        """
        name = name_of(selection)
        folder, file = self._folder / name, self._folder / f"{name}.xlsx"
        if folder.is_dir() and file.exists():
            raise FileError(folder, f"there is {file.name}, too", "keep one of them")
        if folder.is_dir():
            path, found = folder, dict(self._from_folder(folder))
        elif file.exists():
            path, found = file, dict(self._from_workbook(file))
        else:
            remedy = f"put a folder {name} or a workbook {name}.xlsx there; empty, for no data"
            raise FileError(self._folder, f"it has no data for {selection.text}", remedy)
        inputs = _inputs(found.pop(INPUTS, None), set(TEMPLATES))
        by_template = {}
        for template in {*inputs, *(self._tables[table] for table in found)}:
            cells = inputs.get(template, {})
            rows = {table: rows for table, rows in found.items() if self._tables[table] == template}
            by_template[template] = Entries(path, cells, rows, frozenset([*cells, *rows]))
        return by_template

    def has(self, selection: Selection) -> bool:
        """Return whether there are data for a deal and agreement."""
        name = name_of(selection)
        return (self._folder / name).is_dir() or (self._folder / f"{name}.xlsx").exists()

    def for_nobody(self, known: Iterable[Selection]) -> list[Path]:
        """List the data that are for none of some deals, nor for an agreement of theirs.

        Args:
            known: The deals.

        Returns:
            Folders and files.
        """
        names = {
            name_of(one).casefold()
            for deal in known
            for one in (deal, *(deal.of(agreement.key) for agreement in deal.deal.agreements))
        }
        return [
            path
            for path in sorted(self._folder.iterdir())
            if not path.name.startswith(_ASIDE)
            and (path.name if path.is_dir() else path.stem).casefold() not in names
        ]

    def _from_folder(self, folder: Path) -> Iterator[tuple[str, Rows]]:
        seen: dict[str, Path] = {}
        wrong: list[FileError] = []
        for path in sorted(folder.iterdir()):
            if path.name.startswith(_ASIDE):
                continue
            try:
                if path.suffix.lower() != ".csv":
                    reason = "a data folder of a deal holds CSV files"
                    remedy = f"or put one workbook beside it, {folder.name}.xlsx"
                    raise FileError(path, reason, remedy)  # noqa: TRY301
                table = self._table(path.stem, path)
                if table in seen:
                    raise FileError(path, f"{seen[table].name} is the same table")  # noqa: TRY301
                seen[table] = path
                yield table, _csv(path, _limit(table))
            except FileError as error:
                wrong.append(error)
        if wrong:
            raise one_error(folder, wrong)

    def _from_workbook(self, path: Path) -> Iterator[tuple[str, Rows]]:
        book = Workbook(files.read(path, MAX_SIZE), path)
        if book.counts_from_1904:
            remedy = "clear 'Use 1904 date system' in Excel's options, and look at the dates"
            raise FileError(path, "its dates count from 1904", remedy)
        tables = {table.name.casefold() for table in book.tables}
        seen = set()
        for sheet in book.sheets:
            here = [table for table in book.tables if table.sheet == sheet.name]
            grid = _grid(book, sheet.part)
            for table in here:
                if table.name.casefold() in self._by_fold:
                    name = self._by_fold[table.name.casefold()]
                    seen.add(name)
                    area = table.area._replace(last_row=table.last_data_row)
                    yield name, _rows(path, sheet.name, grid, area, _limit(name))
            if here or sheet.name.startswith(_ASIDE) or not grid:
                continue
            name = self._table(sheet.name, path)
            if name in seen or name.casefold() in tables:
                raise FileError(path, f"it holds {name} twice, as a sheet and as a table")
            seen.add(name)
            yield name, _rows(path, sheet.name, grid, None, _limit(name))

    def _table(self, name: str, path: Path) -> str:
        found = self._by_fold.get(name.strip().casefold())
        if found is None:
            there_are = ", ".join(self._by_fold.values())
            reason = f"no table to fill is named {name}"
            raise FileError(path, reason, f"there are {there_are}; names with _ are passed over")
        return found


def _inputs(given: Rows | None, templates: set[str]) -> dict[str, dict[str, Given]]:
    """Read the table of single cells: for each template, values by name."""
    found: dict[str, dict[str, Given]] = {}
    if given is None:
        return found
    headings = [heading.strip().casefold() for heading in given.headings]
    named = [heading for heading in headings if not heading.startswith(ASIDE)]
    if sorted(named) != sorted(name.casefold() for name in _INPUT_COLUMNS):
        reason = f"{INPUTS} has the columns {', '.join(given.headings)}"
        raise FileError(given.path, reason, f"it needs {', '.join(_INPUT_COLUMNS)}")
    order = [headings.index(name.casefold()) for name in _INPUT_COLUMNS]
    wrong: list[FileError] = []
    for row, place in zip(given.rows, given.places, strict=True):
        template, name, value = (row[at] for at in order)
        if template in (None, "") and name in (None, "") and value in (None, ""):
            continue
        template = str(template).strip().removesuffix(".xlsx").lower()
        if template not in templates:
            reason = f"{place}: no workbook is named {template!r}"
            wrong.append(FileError(given.path, reason, f"there are {', '.join(sorted(templates))}"))
            continue
        cells = found.setdefault(template, {})
        name = str(name or "").strip()
        if name in cells:
            wrong.append(FileError(given.path, f"{place}: {name} is there twice"))
        cells[name] = Given(value, f"{given.path.name}, {place}")
    if wrong:
        raise one_error(given.path, wrong)
    return found


def name_of(selection: Selection) -> str:
    """Name the folder or workbook with the data of a deal, or of another agreement of it."""
    return selection.text.replace("/", "_")


def _limit(table: str) -> int:
    return LONGER.get(table, MAX_ROWS)


def _csv(path: Path, most: int) -> Rows:
    text = _text(path)
    separator = _SEPARATOR_LINE.match(text)
    delimiter = separator[1] if separator else _delimiter(text)
    lines: list[tuple[str, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if separator and reader.line_num == 1:
                continue
            if any(cell.strip() for cell in cells):
                lines.append((f"line {reader.line_num}", cells))
                _within(path, len(lines), most)
    except csv.Error as error:
        raise FileError(path, f"line {reader.line_num}: it is no sound CSV: {error}") from None
    if not lines:
        raise FileError(path, "it is empty", "its first line has to hold the headings")
    headings = _trimmed(lines[0][1])
    rows, places = [], []
    wrong: list[FileError] = []
    for place, cells in lines[1:]:
        wide = len(_trimmed(cells))
        if wide > len(headings) == 1:
            reason = f"{lines[0][0]} is a title and holds no headings: {place} has {wide} cells"
            raise FileError(path, reason, "take out what stands above the headings")
        if wide > len(headings):
            reason = f"{place}: it has more cells than there are headings"
            wrong.append(FileError(path, reason, "put text that holds the delimiter into quotes"))
        rows.append(tuple((cells + [""] * len(headings))[: len(headings)]))
        places.append(place)
    if wrong:
        raise one_error(path, wrong)
    return Rows(path, tuple(headings), tuple(rows), tuple(places))


def _delimiter(text: str) -> str:
    """Find the delimiter by the first line that has one; a title may stand above it."""
    for line in io.StringIO(text):
        found = max(_DELIMITERS, key=line.count)
        if found in line:
            return found
    return _DELIMITERS[0]


def _text(path: Path) -> str:
    """Read a text file: UTF-8, or what Excel saves as Unicode text."""
    data = files.read(path, MAX_SIZE)
    unicode_text = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if unicode_text else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"line {line}: it is not UTF-8"
        raise FileError(path, reason, "save it as CSV UTF-8 in Excel") from None


def _within(path: Path, rows: int, most: int) -> None:
    if rows > most + 1:
        remedy = "keep what is older in a workbook of its own, or leave blank rows out"
        raise FileError(path, f"it has more than {most:,} rows, which is the limit", remedy)


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Leave out empty cells at a line's end, which spreadsheet programs add."""
    last = max((at for at, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return list(cells[:last])


def _grid(book: Workbook, part: str) -> dict[int, dict[int, Cell]]:
    """Read a sheet: for each row that holds something, its cells by column."""
    try:
        layout = Layout(book.read(part))
        values = layout.cell_values(book.texts)
    except xml_bytes.UnsafeXMLError as error:
        raise book.unsafe(part, error) from None
    for item in layout.formulas:
        if item.stored is None:
            cell = f"{column_letters(item.column)}{item.row}"
            reason = f"its formula in {cell} ({part}) has no value stored"
            raise FileError(book.path, reason, "open and save it in Excel first")
    return {
        row: {column: values[row, column] for _, column in places}
        for row, places in groupby(sorted(values), lambda place: place[0])
    }


def _rows(
    path: Path, sheet: str, grid: Mapping[int, Mapping[int, Cell]], area: Area | None, most: int
) -> Rows:
    """Cut rows with headings out of a sheet: a table's, or all that it holds."""
    numbers = [row for row in grid if area is None or area.first_row <= row <= area.last_row]
    _within(path, len(numbers), most)
    head = grid[numbers[0]] if numbers else {}
    columns = [
        column for column in head if area is None or area.first_column <= column <= area.last_column
    ]
    rows = []
    for number in numbers[1:]:
        beyond = [column for column in grid[number] if column not in columns]
        if beyond and area is None and len(columns) == 1:
            reason = f"{sheet}, row {numbers[0]} is a title and holds no headings"
            raise FileError(path, reason, "take out what stands above the headings")
        if beyond and area is None:
            cell = f"{column_letters(beyond[0])}{number}"
            raise FileError(path, f"{sheet}!{cell} has no heading above it", "give it one")
        rows.append(tuple(grid[number].get(column) for column in columns))
    headings = tuple(str(head[column]) for column in columns)
    places = tuple(f"{sheet}, row {number}" for number in numbers[1:])
    return Rows(path, headings, tuple(rows), places)
