"""What a workbook came with, kept in it: so that an upgrade knows what its user entered.

A sheet that no program shows says which template and terms the workbook was made from, which of
its cells are for input, and a digest of the content of every cell. A cell with another digest
has been changed since.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from openpyxl.worksheet.worksheet import Worksheet

from xladdin._version import __version__
from xladdin.building.sheet_features import features_to_come
from xladdin.building.sheet_rules import SheetRule
from xladdin.cells import Cell, serial_of
from xladdin.checking import checks_sheet
from xladdin.checking.fingerprint import digest, value_digest
from xladdin.errors import FileError
from xladdin.formulas.tokens import CALL, SHEET, SPACE, STRING, name_of_ours, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.terms_sheet import TERMS
from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.parts import TO_SEAL
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.tall_sheet import Filling
from xladdin.xlsx.workbook_part import area_of, column_letters

TITLE: Final = checks_sheet.FINGERPRINT
"""Name of the sheet."""

_NOTE: Final = "What this workbook came with, for `xladdin upgrade`. Nothing to be changed here."
READ_AGAIN: Final = 6_000
"""Rows of a table up to which a workbook's cells are read again, of which there are millions in
longer ones. A workbook with a longer one has a seal instead; see `parts.sealed`."""

_LONGEST: Final = 8_000
"""Characters put into one cell of the sheet: so few that two texts of the workbook joined in a
formula are no longer than a cell's, whichever they are, for which engines would refuse it."""

_EXACT: Final = re.compile(r"(?<![\w.$])(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?(?![\w.(])", re.ASCII)
_NEWER: Final = re.compile(r"_XL(?:FN|WS|UDF)\.")
_LOGICAL: Final = re.compile(r"\b(TRUE|FALSE)\(\)")


@dataclass(frozen=True)
class Origin:
    """What a workbook came with.

    Attributes:
        version: The package's version that made it.
        template: The template's name.
        deal: Its deal and agreement, as the name Deal has them.
        own: Names of the inputs and tables with figures of the user's own already.
        typed: Those of them that somebody had typed, so that no data file has them.
        inputs: Defined names of its input cells.
        names: All its defined names.
        charts: Number of its charts.
        tables: By name of a table: its headings, each with the digest of the formula in every row,
            empty for an input column.
        cells: By sheet: digests of its cells; those of tables' formulas are left out.
        features: By sheet, and the workbook's own under an empty name: a digest for each of its
            features; none of a workbook that an earlier release made.
        rules: Digests of the rules of each sheet; none of a workbook that an earlier release made.
    """

    version: str
    template: str
    deal: str
    own: frozenset[str]
    typed: frozenset[str]
    inputs: tuple[str, ...]
    names: frozenset[str]
    charts: int
    tables: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, Mapping[Place, str]]
    features: Mapping[str, Mapping[str, str]]
    rules: Mapping[str, frozenset[str]]

    @property
    def layout(self) -> object:
        """What is the same in two workbooks of which an upgrade would make the same."""
        terms = self.cells.get(TERMS, {})
        return self.version, self.template, self.deal, self.tables, terms, self.names


def write_origin(book: Book, template: str, deal: str) -> None:
    """Add the sheet to a workbook that is finished otherwise.

    Args:
        book: The workbook.
        template: The template's name.
        deal: The deal and agreement that was requested.
    """
    rows: list[tuple[str, str, str]] = [
        ("version", "", __version__),
        ("template", "", template),
        ("deal", "", deal),
        ("own", "", " ".join(sorted(book.entries.own))),
        ("typed", "", " ".join(sorted(book.entries.typed))),
        ("inputs", "", " ".join(book.inputs)),
        ("names", "", " ".join(book.workbook.defined_names)),
        ("charts", "", str(sum(len(sheet._charts) for sheet in book.workbook.worksheets))),
    ]
    for table, placed in book.tables.items():
        for column in placed.columns:
            digest = formula_digest(column.formula) if column.formula else ""
            rows.append(("column", f"{table} {column.header}", digest))
    rows += [("cells", sheet, text) for sheet, text in _digests(book)]
    described, ruled = features_to_come(book.workbook, formula_digest)
    rows += [
        ("feature", f"{what}/{sheet}", feature_digest(text))
        for sheet, features in described.items()
        for what, text in features.items()
    ]
    rows += [
        ("rules", sheet, " ".join(sorted({rule_digest(rule) for rule in rules})))
        for sheet, rules in ruled.items()
    ]
    long = any(one.last_row - one.first_row > READ_AGAIN for one in book.tables.values())
    if long and not book.entries.typed:  # what somebody typed is in no data file
        book.workbook.properties.identifier = TO_SEAL.decode()
    worksheet = book.workbook.create_sheet(TITLE)
    worksheet.sheet_state = "veryHidden"
    for number, row in enumerate([(_NOTE, "", ""), *rows], 1):
        for at, text in enumerate(row, 1):
            cell = worksheet.cell(number, at, text or None)
            cell.data_type = "s" if text else "n"


def read_origin(cells: Mapping[Place, Cell], path: Path) -> Origin:
    """Read the sheet.

    Args:
        cells: Its cells.
        path: The workbook, for messages.

    Returns:
        What it says.

    Raises:
        FileError: It does not say what it should.
    """
    single: dict[str, str] = {}
    tables: dict[str, dict[str, str]] = {}
    digests: dict[str, dict[Place, str]] = {}
    features: dict[str, dict[str, str]] = {}
    rules: dict[str, frozenset[str]] = {}
    for _, places in groupby(sorted(cells), lambda place: place[0]):
        texts = {column: str(cells[row, column]) for row, column in places}
        key, name, text = (texts.get(column, "") for column in (1, 2, 3))
        if key == "column":
            table, _, header = name.partition(" ")
            tables.setdefault(table, {})[header] = text
        elif key == "cells":
            words = text.split()
            found = digests.setdefault(name, {})
            for cell, digest in zip(words[::2], words[1::2], strict=False):
                found[_place(cell, path)] = digest
        elif key == "feature":
            what, _, sheet = name.partition("/")
            features.setdefault(sheet, {})[what] = text
        elif key == "rules":
            rules[name] = frozenset(text.split())
        else:
            single[key] = text
    needed = {"version", "template", "deal", "inputs", "names", "charts"}
    if not needed <= single.keys() or not single["charts"].isdecimal():
        raise _changed(path)
    return Origin(
        single["version"],
        single["template"],
        single["deal"],
        frozenset(single.get("own", "").split()),
        # Release 0.1 did not distinguish them from those of a data file.
        frozenset(single.get("typed", single.get("own", "")).split()),
        tuple(single["inputs"].split()),
        frozenset(single["names"].split()),
        int(single["charts"]),
        tables,
        digests,
        features,
        rules,
    )


def _place(cell: str, path: Path) -> Place:
    try:
        area = area_of(cell)
    except ValueError:
        raise _changed(path) from None
    return area.first_row, area.first_column


def _changed(path: Path) -> FileError:
    return FileError(path, f"its hidden sheet {TITLE} has been changed", "take an older copy")


def feature_digest(text: str) -> str:
    """Return the fingerprint of what describes a feature."""
    return digest(text)


def rule_digest(rule: SheetRule) -> str:
    """Return the fingerprint of a rule, in however many cells it is."""
    return digest(repr((rule.what, rule.key)))


@lru_cache(maxsize=KEPT)
def formula_digest(formula: str) -> str:
    """Return the fingerprint of a formula without its equals sign, however a program writes it.

    Programs differ in spaces, the case of names, quotes around sheets, and in how they write
    numbers and truth values.
    """
    pieces: list[str] = []
    for kind, text in tokens(formula):
        if kind == STRING:
            pieces.append(text)
        elif kind == SHEET:
            pieces.append(text.replace("'", "").upper())
        elif kind == CALL:
            name = name_of_ours(text, FUNCTIONS)  # whichever add-in it is called from
            pieces.append(f"{name}(" if name else _NEWER.sub("", text.upper()))
        elif kind != SPACE:
            pieces.append(text.upper())
    parts = re.split(r'("(?:[^"]|"")*")', "".join(pieces))
    parts[::2] = [
        _EXACT.sub(lambda match: repr(float(match[0])), _LOGICAL.sub(r"\1", part))
        for part in parts[::2]
    ]
    return digest("=" + "".join(parts))


def _digests(book: Book) -> Iterator[tuple[str, str]]:
    """List the cells of each sheet, those of tables' formulas left out: sheet, digests of cells."""
    for worksheet in book.workbook.worksheets:
        worked_out = {
            (row, column)
            for table in worksheet.tables
            for placed in [book.tables[table]]
            for column, item in enumerate(placed.columns, 1)
            if item.formula
            for row in range(placed.first_row + 1, placed.last_row + 1)
            if (row, column) in worksheet._cells
        }
        digests: list[str] = []
        room = _LONGEST
        # Going through rows would have openpyxl make every cell that is not there.
        for place, cell in _cells(worksheet):
            value = cell._value
            if value in (None, "") or place in worked_out:
                continue
            row, column = place
            digest = f"{column_letters(column)}{row} {_digest_of(value, cell.data_type)}"
            if len(digest) >= room:
                yield worksheet.title, " ".join(digests)
                digests, room = [], _LONGEST
            digests.append(digest)
            room -= len(digest) + 1
        yield worksheet.title, " ".join(digests)


def _cells(worksheet: Worksheet) -> Iterator[tuple[Place, Any]]:
    """Go through the cells of a sheet, row by row; of a tall table, through what is typed alone."""
    filling: Filling | None = getattr(worksheet, "filling", None)
    for place, cell in sorted(worksheet._cells.items()):
        if filling is None or place[0] < filling.first:
            yield place, cell
    for row in range(filling.first, filling.last + 1) if filling else ():
        for column, make in filling.typed.items() if filling else ():
            yield (row, column), make(row)


def _digest_of(value: Any, data_type: str) -> str:
    """Return the fingerprint of what openpyxl is about to write."""
    if data_type == "f":
        return formula_digest(value[1:])
    return value_digest(stored(value))


def stored(value: Any) -> Cell:
    """Return a cell's value as it will be read from the file.

    Args:
        value: What openpyxl holds: a number, text, truth value, date, or None.

    Returns:
        The value; a date's serial.
    """
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    return value if value is None or isinstance(value, bool | str) else float(value)
