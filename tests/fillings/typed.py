"""Tables of further sheets of reporting.xlsx, typed into by their headings."""

from __future__ import annotations

from typing import Any, Final

from fillings.base import Template

from xladdin.terms import select

ROOM: Final = 20
"""Rows of each table."""


def reporting_of(deal: str) -> Template:
    """Write reporting.xlsx of a deal, with or without a log of sales."""
    selection = select(deal)
    return Template("reporting", selection, "Sales" if selection.deal.agreements else "")


def typed(template: Template, sheet: str, rows: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """Type rows into a table of another sheet, and clear the rest of it."""
    worksheet = template.workbook[sheet]
    found: dict[tuple[str, str], Any] = {}
    for column in range(1, worksheet.max_column + 1):
        heading = worksheet.cell(4, column).value
        if heading == "Remark":
            break
        if heading == "No":
            continue
        for number in range(ROOM):
            row = rows[number] if number < len(rows) else {}
            found[sheet, worksheet.cell(5 + number, column).coordinate] = row.get(heading)
    return found
