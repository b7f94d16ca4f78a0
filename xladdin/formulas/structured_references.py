"""Structured references: what ``Sales[[#This Row],[Price]]`` means in plain cells."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from xladdin.errors import REF, VALUE
from xladdin.xlsx.workbook_part import Table, column_letters

ROW: Final = "\0"
"""Stands for a row's number; no formula can hold the character."""

_ALL: Final = "#all"
_DATA: Final = "#data"
_HEADERS: Final = "#headers"
_TOTALS: Final = "#totals"
_THIS_ROW: Final = "#this row"
_ITEMS: Final = frozenset({_ALL, _DATA, _HEADERS, _TOTALS, _THIS_ROW})


class Specifier(NamedTuple):
    """What stands in the brackets of a structured reference.

    Attributes:
        items: Which rows, such as ``#headers``; none means the data.
        first: First column; empty for all.
        last: Last column; empty for all.
    """

    items: frozenset[str]
    first: str
    last: str


@lru_cache(maxsize=1024)
def specifier(bracket: str) -> Specifier:
    """Read the brackets of a structured reference.

    Args:
        bracket: The brackets with what they hold: ``[[#This Row],[Price]]``, ``[@Price]``.

    Returns:
        What they ask for.

    Raises:
        ValueError: They cannot be read.
    """
    inner = bracket[1:-1].strip()
    items = set()
    if inner.startswith("@"):
        items.add(_THIS_ROW)
        inner = inner[1:].strip()
    if not inner:
        return Specifier(frozenset(items), "", "")
    if not inner.startswith("["):
        if inner.startswith("#"):
            return Specifier(frozenset({_item(inner)}), "", "")
        name = _unescaped(inner)
        return Specifier(frozenset(items), name, name)
    columns: list[str] = []
    separator = ","
    for piece in _pieces(inner):
        if piece in (",", ":"):
            separator = piece
            continue
        content = piece[1:-1]
        if content.strip().startswith("#"):
            items.add(_item(content))
        elif separator == ":" and len(columns) == 1:
            columns.append(_unescaped(content))
        elif columns:
            raise ValueError(f"{bracket} names columns apart")
        else:
            columns.append(_unescaped(content))
    if not columns:
        return Specifier(frozenset(items), "", "")
    return Specifier(frozenset(items), columns[0], columns[-1])


def resolved(table: Table | None, bracket: str, sheet: str, row: int) -> str:
    """Turn a structured reference into a plain one.

    Args:
        table: The table; None if there is no such table.
        bracket: The brackets; empty for the table's name alone.
        sheet: Sheet of the cell that holds the formula.
        row: Row of that cell.

    Returns:
        A reference such as ``'My data'!$A$2:$A$9``, without the sheet if it is the formula's own;
        or the error that Excel gives for one that leads nowhere. `ROW` stands in it for the number
        of the cell's own row, so that what is worked out for one row of a table serves the others.
    """
    if table is None:
        return REF
    try:
        wanted = specifier(bracket) if bracket else Specifier(frozenset(), "", "")
    except ValueError:
        return REF
    rows = _rows(table, wanted.items, sheet, row)
    columns = _columns(table, wanted.first, wanted.last)
    if isinstance(rows, str):
        return rows
    if columns is None:
        return REF
    # The engine has less to do for formulas that are the same seen from each row.
    own = _THIS_ROW in wanted.items and _ALL not in wanted.items
    first, last = (
        f"{column_letters(column)}{ROW}" if own else f"${column_letters(column)}${at}"
        for column, at in zip(columns, rows, strict=True)
    )
    prefix = "" if sheet == table.sheet else f"{quoted(table.sheet)}!"
    return prefix + (first if first == last else f"{first}:{last}")


def containing(tables: Iterable[Table], sheet: str, row: int, column: int) -> Table | None:
    """Find the table that a cell is in, which a reference without a table's name means."""
    for table in tables:
        area = table.area
        if (
            table.sheet == sheet
            and area.first_row <= row <= area.last_row
            and area.first_column <= column <= area.last_column
        ):
            return table
    return None


def quoted(sheet: str) -> str:
    """Write a sheet's name as formulas do, in quotes, which is right for every name."""
    return "'" + sheet.replace("'", "''") + "'"


def _rows(table: Table, items: frozenset[str], sheet: str, row: int) -> tuple[int, int] | str:
    """Return first and last row, or an error."""
    area = table.area
    if _ALL in items:
        return area.first_row, area.last_row
    if _THIS_ROW in items:
        inside = table.first_data_row <= row <= table.last_data_row
        return (row, row) if inside and sheet == table.sheet else VALUE
    spans = []
    if _HEADERS in items:
        if not table.header_rows:
            return REF
        spans.append((area.first_row, area.first_row))
    if _DATA in items or not items:
        spans.append((table.first_data_row, table.last_data_row))
    if _TOTALS in items:
        if not table.totals_rows:
            return REF
        spans.append((area.last_row, area.last_row))
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    # Headers with totals but not the data between them are no single range.
    return (
        (first, last)
        if first <= last and sum(b - a + 1 for a, b in spans) == last - first + 1
        else REF
    )


def _columns(table: Table, first: str, last: str) -> tuple[int, int] | None:
    left = table.area.first_column
    if not first:
        return left, table.area.last_column
    known = table.column_numbers
    start, end = known.get(first.casefold()), known.get(last.casefold())
    if start is None or end is None:
        return None
    return min(start, end), max(start, end)


def _item(text: str) -> str:
    item = " ".join(text.split()).casefold()
    if item not in _ITEMS:
        raise ValueError(f"{text} is no part of a table")
    return item


def _pieces(inner: str) -> list[str]:
    """Split ``[#Data],[A]:[B]`` into its brackets and what stands between them."""
    pieces = []
    at = 0
    while at < len(inner):
        character = inner[at]
        if character.isspace():
            at += 1
        elif character in ",:":
            pieces.append(character)
            at += 1
        elif character == "[":
            end = at + 1
            while end < len(inner) and inner[end] != "]":
                end += 2 if inner[end] == "'" else 1
            pieces.append(inner[at : end + 1])
            at = end + 1
        else:
            raise ValueError(f"{inner} cannot be read")
    return pieces


def _unescaped(name: str) -> str:
    """Take the apostrophes away that mark brackets, hashes and apostrophes in a column's name."""
    plain = []
    characters = iter(name)
    for character in characters:
        plain.append(next(characters, "") if character == "'" else character)
    return "".join(plain)
