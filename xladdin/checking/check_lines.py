"""The checks that a workbook makes of itself, read from its sheet Checks."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from functools import partial
from typing import Final, NamedTuple

from xladdin.cells import Cell, shown
from xladdin.checking.checks_sheet import (
    FINGERPRINT,
    JUDGED,
    LACKS,
    MISSING,
    OK_NAME,
    ROWS_WITH,
    TITLE,
    WARNING,
    Line,
    heading_row,
    read_lines,
)
from xladdin.checking.fingerprint import Fingerprint, read_fingerprint
from xladdin.engines.cell_index import Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.result import Computed
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Table, Workbook, area_of, column_letters

_NOT_FOUND: Final = "its checks were not found"


class Checks(NamedTuple):
    """The checks of a workbook.

    Attributes:
        sheet: The sheet that they are on; empty if the workbook has none.
        verdict: The cell that is TRUE where all hold; None if there is none.
        value: What that cell holds.
        lines: Those that have to hold.
        warnings: Those that count what is odd and may be right.
        odd_cells: What these count: a cell each, and what in words.
        problems: What of them is missing, or was changed: a cell each, and what in words.
        remedy: What to do where they do not hold because another release made the workbook.
    """

    sheet: str = ""
    verdict: Place | None = None
    value: Cell = None
    lines: tuple[Line, ...] = ()
    warnings: tuple[Line, ...] = ()
    odd_cells: tuple[str, ...] = ()
    problems: tuple[tuple[Where, str], ...] = ()
    remedy: str = ""

    @property
    def number(self) -> int:
        """Number of checks, the verdict included."""
        return len(self.lines) + (self.verdict is not None)

    @property
    def odd(self) -> tuple[str, ...]:
        """What its warnings count, in words, with the cell; and a remedy."""
        if self.remedy and not self.hold:
            return (*self.odd_cells, self.remedy)
        return self.odd_cells

    @property
    def failing(self) -> int:
        """Number of lines that do not hold."""
        return sum(not line.fits for line in self.lines)

    def own_failures(self, follow: Collection[Where]) -> list[Line]:
        """List the lines that do not hold, and not because of something named otherwise.

        Args:
            follow: The cells that are wrong because of such things.
        """
        return [
            line
            for line in self.lines
            if not line.fits
            and not any(
                (self.sheet, (line.place[0], column)) in follow
                for column in range(line.place[1], len(JUDGED) + 1)
            )
        ]

    @property
    def hold(self) -> bool:
        """Whether they were found, and all hold; True where the workbook has none."""
        well = self.verdict is None or self.value is True
        return well and not self.problems and all(line.fits for line in self.lines)


def is_ours(book: Workbook) -> bool:
    """Return whether a workbook is one that `xladdin build` made."""
    return any(sheet.name == FINGERPRINT for sheet in book.sheets)


def read_checks(book: Workbook, result: Computed, dependencies: Dependencies) -> Checks:
    """Read the checks of a workbook.

    Args:
        book: The workbook.
        result: What an engine made of it.
        dependencies: What its formulas refer to.

    Returns:
        Its checks. One that `xladdin build` made has as many as it came with, or a problem.

    Raises:
        FileError: The sheet of what it came with cannot be read.
    """
    found = _verdict(book, result)
    ours = is_ours(book)
    if found is None:
        sheet = TITLE if TITLE in result.parts else book.sheets[0].name
        reason = f"{_NOT_FOUND}: no cell has the name {OK_NAME}"
        return Checks(problems=(((sheet, (1, 1)), reason),) if ours else ())
    sheet, verdict = found
    value = partial(result.value, sheet)
    row = heading_row(value)
    lines = tuple(read_lines(value, row)) if row else ()
    checks = Checks(
        sheet,
        verdict,
        result.value(sheet, *verdict),
        tuple(line for line in lines if line.kind != WARNING),
        tuple(line for line in lines if line.kind == WARNING),
    )
    odd = (text for line in checks.warnings if not line.fits for text in _odd(book, result, line))
    checks = checks._replace(odd_cells=tuple(odd))
    if not ours:
        return checks
    fingerprint = fingerprint_of(book, result)
    came = frozenset(row for row, column in fingerprint.digests.get(TITLE, {}) if column == 1)
    remedy = ""
    if fingerprint.earlier:
        remedy = (
            f"it was made by release {fingerprint.earlier}, whose checks may not fit this one; "
            f"bring it up to date with `xladdin upgrade {book.path}`"
        )
    reasons = _problems(checks, row, came, dependencies)
    problems = tuple(((sheet, verdict), reason) for reason in reasons)
    return checks._replace(problems=problems, remedy=remedy)


def _odd(book: Workbook, result: Computed, line: Line) -> Iterator[str]:
    """Yield the cells that a warning counts: rows of a table, or the cell that it begins with.

    Where it has neither, the warning itself is given.
    """
    what = shown(line.what)
    name, _, words = what.partition(ROWS_WITH)
    table = next((one for one in book.tables if one.name == name), None)
    flags = table.column_numbers.get(words.casefold()) if table else None
    if table and flags:
        column = column_letters(column_named(words, table))
        lacks = words.casefold() == LACKS.casefold()
        named = table.column_numbers.get(MISSING.casefold(), 0) if lacks else 0
        for row in range(table.first_data_row, table.last_data_row + 1):
            if result.value(table.sheet, row, flags) == 1.0:
                what = shown(result.value(table.sheet, row, named)) if named else words
                yield f"{quoted(table.sheet)}!{column}{row}  row {row}: {what}"
        return
    cell, comma, words = what.partition(", ")
    where = cell_named(cell) if comma else None
    if where is None:
        yield f"{what}: {shown(line.figure)}"
    else:
        sheet, (row, at) = where
        yield f"{quoted(sheet)}!{column_letters(at)}{row}  {words}"


def column_named(words: str, table: Table) -> int:
    """Return the column of a table that some words begin with; of none, the first typed into."""
    typed = {
        at: heading.casefold()
        for at, (heading, formula) in enumerate(
            zip(table.columns, table.formulas, strict=True), table.area.first_column
        )
        if not formula
    }
    named = [at for at, heading in typed.items() if words.casefold().startswith(f"{heading} ")]
    first = next(iter(typed), table.area.first_column)
    return max(named, key=lambda at: len(typed[at]), default=first)


def cell_named(text: str) -> Where | None:
    """Read the name of a cell with its sheet, such as ``Quotes!C4``; None where it is none."""
    sheet, _, cell = text.rpartition("!")
    with contextlib.suppress(ValueError):
        area = area_of(cell)
        return sheet.strip("'").replace("''", "'"), (area.first_row, area.first_column)
    return None


def _verdict(book: Workbook, result: Computed) -> tuple[str, Place] | None:
    """Find the cell that is TRUE where all checks hold."""
    for name in book.defined_names:
        if name.name.casefold() == OK_NAME.casefold():
            sheet, _, cell = name.text.rpartition("!")
            sheet = sheet.strip("'").replace("''", "'")
            try:
                area = area_of(cell)
            except ValueError:
                continue
            if sheet in result.parts:
                return sheet, (area.first_row, area.first_column)
    return None


def fingerprint_of(book: Workbook, result: Computed) -> Fingerprint:
    """Read what a workbook of ours came with.

    Args:
        book: The workbook.
        result: What an engine made of it.

    Returns:
        What it came with.

    Raises:
        FileError: The sheet that lists it cannot be read.
    """
    part = result.parts[FINGERPRINT]
    try:
        return read_fingerprint(result.layouts[part].cell_values(book.texts))
    except xml_bytes.UnsafeXMLError as error:
        raise book.unsafe(part, error) from None


def _problems(
    checks: Checks, row: int, came: frozenset[int], dependencies: Dependencies
) -> Iterator[str]:
    """Yield what of the checks of a workbook of ours is missing, or was changed."""
    assert checks.verdict is not None
    if not row:
        yield f"{_NOT_FOUND}: the headings {', '.join(JUDGED)} are not on its sheet"
        return
    expected = sum(one > row for one in came)
    there_are = len(checks.lines) + len(checks.warnings)
    if there_are != expected:
        yield f"{there_are} lines of checks were found, and it came with {expected}"
    looked_at = dependencies.references(checks.sheet, checks.verdict)
    column = len(JUDGED)
    missed = sum(
        not any(
            where == checks.sheet
            and area.first_row <= line.place[0] <= area.last_row
            and area.first_column <= column <= area.last_column
            for where, area in looked_at
        )
        for line in checks.lines
    )
    if missed:
        yield f"{OK_NAME} does not look at {missed} of its {len(checks.lines)} lines"
