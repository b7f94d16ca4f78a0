"""What tests read from a workbook."""

from __future__ import annotations

from typing import Any


def table_rows(sheet: Any, name: str) -> list[dict[str, Any]]:
    rows = list(sheet[sheet.tables[name].ref])
    header = [cell.value for cell in rows[0]]
    return [dict(zip(header, (cell.value for cell in row), strict=True)) for row in rows[1:]]


def named(book: Any, name: str) -> Any:
    sheet, reference = next(iter(book.defined_names[name].destinations))
    return book[sheet][reference.replace("$", "")].value


def checks_ok(book: Any) -> Any:
    return named(book, "Checks_OK")
