"""Counts of cells up to the edge of a sheet, put as counts up to the sheet's last cell.

COUNT and COUNTA leave blank cells out, but the engine goes through all columns of ``BA:XFD``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from xladdin.engines.embedded.areas import area_from
from xladdin.formulas.tokens import CALL, CLOSE, SHEET, WORD, Token, function_name, tokens
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, column_letters

_EDGE: Final = re.compile(rf"{column_letters(LAST_COLUMN)}|{LAST_ROW}")
_COUNTS: Final = ("COUNT", "COUNTA")

Reach = Callable[[str], Place | None]
"""Gives the last row and column of a sheet in which there may be something; None if unknown."""


def ended(formula: str, sheet: str, reach: Reach) -> str:
    """End ranges that are counted where their sheet does.

    Args:
        formula: The formula without an equals sign, structured references already plain.
        sheet: Sheet of the cell that holds it.
        reach: How far sheets reach.

    Returns:
        The formula for the engine; the same text where nothing is to be done.
    """
    if _EDGE.search(formula) is None:
        return formula
    return "".join(_ended(tokens(formula), sheet, reach))


def _ended(parts: tuple[Token, ...], sheet: str, reach: Reach) -> Iterator[str]:
    at = 0
    while at < len(parts):
        kind, text = parts[at]
        at += 1
        yield text
        if kind != CALL or function_name(text) not in _COUNTS:
            continue
        name = sheet
        if at < len(parts) and parts[at].kind == SHEET:
            prefix = parts[at].text
            name = prefix[:-1].removeprefix("'").removesuffix("'").replace("''", "'")
            yield prefix
            at += 1
        argument = parts[at : at + 4]
        if [part.kind for part in argument[::2]] == [WORD, WORD] and argument[-1].kind == CLOSE:
            found = _cut("".join(part.text for part in argument[:3]), reach(name))
            if found:
                yield found
                at += 3


def _cut(text: str, reach: Place | None) -> str:
    """Cut a range that goes on to the edge of its sheet; return nothing for any other."""
    area = area_from(text)
    if area is None or reach is None:
        return ""
    if area.last_row < LAST_ROW and area.last_column < LAST_COLUMN:
        return ""
    rows, columns = reach
    return area._replace(
        last_row=max(area.first_row, min(area.last_row, rows)),
        last_column=max(area.first_column, min(area.last_column, columns)),
    ).text


def reach_of(layout: Layout) -> Place:
    """Return how far a sheet reaches, with the cells that its array formulas fill."""
    areas = [formula.area for formula in layout.formulas if formula.area is not None]
    rows = (layout.reach[0], *(area.last_row for area in areas))
    columns = (layout.reach[1], *(area.last_column for area in areas))
    return max(rows), max(columns)
