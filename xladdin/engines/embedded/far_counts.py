"""Ranges that go on behind the last cell of a sheet, put as what the engine takes for the same.

COUNT and COUNTA leave blank cells out, but the engine goes through all columns of ``BA:XFD``. Of
whole columns that it holds against criteria, it passes over the blank cells behind the last cell
of the first; `COUNTIFS` counts those that meet them. `SUMIF` passes over such cells of any range,
`SUMIFS` does not. Of whole columns, and rows, that INDEX and lookups give cells of, it gives none
behind the last; of the same range by its corners, it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from xladdin.engines.embedded.areas import MOST_CELLS, area_from
from xladdin.engines.embedded.formula_parts import bare, blanks_meet, unquoted_sheet, within
from xladdin.formulas.syntax_tree import (
    FUNCTION,
    NAME,
    REFERENCE,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import CALL, CLOSE, SHEET, WORD, Token, function_name, tokens
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, Area, column_letters

_EDGE: Final = re.compile(rf"{column_letters(LAST_COLUMN)}|{LAST_ROW}")
_COUNTS: Final = ("COUNT", "COUNTA")
_CRITERIA: Final = re.compile(r"COUNTIFS\(", re.IGNORECASE)
_WHOLE: Final = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}(?![\w(])", re.IGNORECASE)
_WHOLE_ROWS: Final = re.compile(r"(?<![\w$])\$?\d+:\$?\d+(?!\w)")
_SINGLE: Final = re.compile(r"(?:SUM|AVERAGE)IF\(", re.IGNORECASE)
_GIVING: Final = {"INDEX": 0, "VLOOKUP": 1, "HLOOKUP": 1}
"""Functions that give cells of a range by their numbers, and which argument that is."""

_SUMMING: Final = ("SUMIF", "AVERAGEIF")

Change = tuple[int, int, str]
"""From where, and to where, a text takes the place of what is there."""

Reach = Callable[[str], Place | None]
"""Gives the last row and column of a sheet in which there may be something; None if unknown."""


Named = Callable[[str], str]
"""Gives the cells that a name stands for; nothing if it stands for anything else."""


def ended(formula: str, sheet: str, reach: Reach, named: Named = lambda _: "") -> str:
    """End ranges that are counted where their sheet does.

    Args:
        formula: The formula without an equals sign, structured references already plain.
        sheet: Sheet of the cell that holds it.
        reach: How far sheets reach.
        named: What names stand for.

    Returns:
        The formula for the engine; the same text where nothing is to be done.
    """
    whole = _WHOLE.search(formula) is not None
    if whole and _CRITERIA.search(formula) is not None:
        formula = _changed(formula, lambda node: _criteria_ended(node, formula, sheet, reach))
    if _SINGLE.search(formula) is not None:
        formula = _changed(formula, lambda node: _without_names(node, named))
        formula = _changed(formula, lambda node: _with_blanks(node, sheet, reach))
    if whole or _WHOLE_ROWS.search(formula) is not None:
        formula = _changed(formula, _by_corners)
    if _EDGE.search(formula) is None:
        return formula
    return "".join(_ended(tokens(formula), sheet, reach))


def _changed(formula: str, changes_of: Callable[[Node], Iterable[Change]]) -> str:
    """Change the text of a formula, call by call."""
    try:
        root = parsed(formula)
    except (UnreadableError, UnprovedError):
        return formula
    changes = [
        change for node in within(root) if node.kind == FUNCTION for change in changes_of(node)
    ]
    for start, stop, text in sorted(changes, reverse=True):
        formula = formula[:start] + text + formula[stop:]
    return formula


def _criteria_ended(node: Node, formula: str, sheet: str, reach: Reach) -> Iterator[Change]:
    """End whole columns that blank cells behind their last cells count in.

    Parentheses around a range say that criteria which are not known yet must not be met by these.
    """
    name = function_name(node.text)
    if name != "COUNTIFS":
        return
    ranges, met = node.parts[::2], {blanks_meet(one) for one in node.parts[1::2]}
    concerned = met != {False} or '"<>' in formula
    last = max((_last_row(one, sheet, reach) for one in ranges), default=0)
    if not concerned or not last or 0 in (_last_row(one, sheet, reach) for one in ranges):
        return
    widths = []
    marked = None in met and False not in met
    for one in ranges:
        prefix, mark, text = one.text.rpartition("!")
        area = area_from(text)
        if area is not None and area.last_row == LAST_ROW and ":" in text:
            widths.append(area.shape[1])
            cut = area._replace(last_row=last).text
            written = f"{prefix}{mark}{cut}"
            yield one.start, one.stop, f"({written})" if marked else written
    if met == {True}:
        beyond = (LAST_ROW - last) * min(widths)
        yield node.start, node.start, "("
        yield node.stop, node.stop, f"+{beyond})"


def _without_names(node: Node, named: Named) -> Iterator[Change]:
    """Put the cells of names in SUMIF and AVERAGEIF, whose blank cells may meet the criterion."""
    if function_name(node.text) not in _SUMMING or len(node.parts) != 3:
        return
    if blanks_meet(node.parts[1]) is not False:
        for part in node.parts[::2]:
            cells = named(part.text) if part.kind == NAME else ""
            if cells:
                yield part.start, part.stop, cells


def _with_blanks(node: Node, sheet: str, reach: Reach) -> Iterator[Change]:
    """Put SUMIF and AVERAGEIF, whose blank cells may meet the criterion, as SUMIFS and AVERAGEIFS.

    These take ranges of one shape; what SUMIF sums has the shape of what it holds to the criterion.
    """
    name = function_name(node.text)
    if name not in _SUMMING or len(node.parts) != 3 or blanks_meet(node.parts[1]) is False:
        return
    tested, criterion, summed = node.parts
    if ":" in criterion.text:
        return  # several criteria, each of which is held to what the two have
    area, corner = (area_from(one.text.rpartition("!")[2]) for one in (tested, summed))
    filled, given = (reach(_sheet_of(one, sheet)) for one in (tested, summed))
    if area is None or corner is None or filled is None or given is None:
        return
    if area.last_row <= filled[0] and area.last_column <= filled[1]:
        return
    # Behind the last cells of both sheets there is nothing to be summed.
    first, other = area[:2], corner[:2]
    rows, columns = (
        max(1, min(area.shape[at], max(filled[at] - first[at], given[at] - other[at]) + 1))
        for at in (0, 1)
    )
    if other[0] + rows - 1 > LAST_ROW or other[1] + columns - 1 > LAST_COLUMN:
        return
    shown = (
        f"{prefix}{mark}{Area(*start, start[0] + rows - 1, start[1] + columns - 1).text}"
        for start, (prefix, mark, _) in (
            (other, summed.text.rpartition("!")),
            (first, tested.text.rpartition("!")),
        )
    )
    yield node.start, tested.stop, f"{name}S({','.join(shown)}"
    yield criterion.stop, summed.stop, ""


def _by_corners(node: Node) -> Iterator[Change]:
    """Write whole columns and rows by their corners, as far as the engine takes so many cells."""
    at = _GIVING.get(function_name(node.text), len(node.parts))
    for part in map(bare, node.parts[at : at + 1]):
        prefix, mark, text = part.text.rpartition("!") if part.kind == REFERENCE else ("", "", "")
        area = area_from(text)
        if area is not None and (_WHOLE.fullmatch(text) or _WHOLE_ROWS.fullmatch(text)):
            most = MOST_CELLS // area.shape[1]
            last = min(area.last_row, area.first_row + most - 1)
            yield part.start, part.stop, f"{prefix}{mark}{area._replace(last_row=last).text}"


def _last_row(node: Node, sheet: str, reach: Reach) -> int:
    """Return the last row of the sheet of a whole column, or a range; 0 for anything else."""
    text = node.text.rpartition("!")[2] if node.kind == REFERENCE else ""
    place, area = reach(_sheet_of(node, sheet)), area_from(text)
    return place[0] if place is not None and area is not None else 0


def _sheet_of(node: Node, sheet: str) -> str:
    """Return the sheet of a reference, which may be that of its cell."""
    return unquoted_sheet(node.text.rpartition("!")[0]) or sheet


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
