"""What goes through cells up to the edge of a sheet, put as ending with the sheet's last cell.

COUNT and COUNTA leave blank cells out, but the engine goes through all columns of ``BA:XFD``. Of
whole columns that it holds against criteria, it passes over the blank cells behind the last cell
of the first; `COUNTIFS` counts those that meet them, and beside them `SUMIF` sums what is there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.formula_parts import blanks_meet, unquoted_sheet, within
from xladdin.formulas.syntax_tree import (
    FUNCTION,
    REFERENCE,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import CALL, CLOSE, SHEET, WORD, Token, function_name, tokens
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, column_letters

_EDGE: Final = re.compile(rf"{column_letters(LAST_COLUMN)}|{LAST_ROW}")
_COUNTS: Final = ("COUNT", "COUNTA")
_CRITERIA: Final = re.compile(r"(?:SUMIF|AVERAGEIF|COUNTIFS)\(", re.IGNORECASE)
_WHOLE: Final = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}(?![\w(])", re.IGNORECASE)

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
    if _WHOLE.search(formula) is not None and _CRITERIA.search(formula) is not None:
        formula = _criteria_ended(formula, sheet, reach)
    if _EDGE.search(formula) is None:
        return formula
    return "".join(_ended(tokens(formula), sheet, reach))


def _criteria_ended(formula: str, sheet: str, reach: Reach) -> str:
    """End whole columns that blank cells behind their last cells count in.

    Parentheses around a range say that criteria which are not known yet must not be met by these.
    """
    try:
        root = parsed(formula)
    except (UnreadableError, UnprovedError):
        return formula
    changes: list[tuple[int, int, str]] = []
    for node in within(root):
        name = function_name(node.text) if node.kind == FUNCTION else ""
        if name == "COUNTIFS":
            ranges, met = node.parts[::2], {blanks_meet(one) for one in node.parts[1::2]}
            concerned = met != {False} or '"<>' in formula
        elif name in ("SUMIF", "AVERAGEIF") and len(node.parts) == 3:
            ranges, met = node.parts[::2], {blanks_meet(node.parts[1])}
            concerned = met != {False}
        else:
            continue
        last = max((_last_row(one, sheet, reach) for one in ranges), default=0)
        if not concerned or not last or 0 in (_last_row(one, sheet, reach) for one in ranges):
            continue
        widths = []
        marked = name == "COUNTIFS" and None in met and False not in met
        for one in ranges:
            prefix, mark, text = one.text.rpartition("!")
            area = area_from(text)
            if area is not None and area.last_row == LAST_ROW and ":" in text:
                widths.append(area.shape[1])
                cut = area._replace(last_row=last).text
                written = f"{prefix}{mark}{cut}"
                changes.append((one.start, one.stop, f"({written})" if marked else written))
        if name == "COUNTIFS" and met == {True}:
            beyond = (LAST_ROW - last) * min(widths)
            changes += [(node.start, node.start, "("), (node.stop, node.stop, f"+{beyond})")]
    for start, stop, text in sorted(changes, reverse=True):
        formula = formula[:start] + text + formula[stop:]
    return formula


def _last_row(node: Node, sheet: str, reach: Reach) -> int:
    """Return the last row of the sheet of a whole column, or a range; 0 for anything else."""
    prefix, _, text = node.text.rpartition("!") if node.kind == REFERENCE else ("", "", "")
    place, area = reach(unquoted_sheet(prefix) or sheet), area_from(text)
    return place[0] if place is not None and area is not None else 0


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
