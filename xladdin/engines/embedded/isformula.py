"""ISFORMULA for the embedded engine, whose own one is always FALSE.

Which cells hold formulas is known before anything is computed, so each call is replaced by what it
gives: TRUE or FALSE for a cell, an array of ones and zeros for a range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from xladdin.formulas.tokens import CALL, CLOSE, SHEET, SPACE, WORD, Token, function_name, tokens
from xladdin.xlsx.sheet_part import places
from xladdin.xlsx.workbook_part import Area, area_of

NAME: Final = "ISFORMULA"

UNANSWERED: Final = f"{NAME} is asked of something else than a range of cells"
"""Why a formula is refused in which a call is left."""

BLOCK_CALL: Final = "XLADDIN.BLOCK"
"""Name of the helper function that gives rows and columns of one number."""

_LONGEST_LIST: Final = 1_000
"""Cells whose answers are listed one by one where they are all the same."""

HoldsFormula = Callable[[str, int, int], bool]
"""Says of a sheet, a row and a column whether that cell holds a formula."""


def answered(formula: str, sheet: str, holds: HoldsFormula) -> str:
    """Replace the calls of ISFORMULA by their values.

    Args:
        formula: The formula without an equals sign, structured references already plain.
        sheet: Sheet of the cell that holds it.
        holds: Which cells hold formulas.

    Returns:
        The formula; a call of anything else than one plain reference is left as it is.
    """
    return "".join(_answered(tokens(formula), sheet, holds))


def _answered(parts: Sequence[Token], sheet: str, holds: HoldsFormula) -> Iterator[str]:
    at = 0
    while at < len(parts):
        token = parts[at]
        at += 1
        if token.kind == CALL and function_name(token.text) == NAME:
            end = next((i for i in range(at, len(parts)) if parts[i].kind == CLOSE), len(parts))
            found = _reference(parts[at:end], sheet)
            if found is not None:
                yield _value(*found, holds)
                at = end + 1
                continue
        yield token.text


def _reference(parts: Sequence[Token], sheet: str) -> tuple[str, Area] | None:
    """Read an argument that is one plain reference; None if it is anything else."""
    parts = [part for part in parts if part.kind != SPACE]
    if parts and parts[0].kind == SHEET:
        sheet = parts[0].text[:-1].removeprefix("'").removesuffix("'").replace("''", "'")
        parts = parts[1:]
    if not parts or parts[0].kind != WORD:
        return None
    try:
        return sheet, area_of("".join(part.text for part in parts))
    except ValueError:
        return None


def _value(sheet: str, area: Area, holds: HoldsFormula) -> str:
    if math.prod(area.shape) > _LONGEST_LIST:
        answers = {holds(sheet, *place) for place in places(area)}
        if len(answers) == 1:
            # A list would be too long to read.
            high, wide = area.shape
            return f"{BLOCK_CALL}({high},{wide},{int(answers.pop())})"
    if area.shape == (1, 1):
        return "TRUE" if holds(sheet, area.first_row, area.first_column) else "FALSE"
    columns = range(area.first_column, area.last_column + 1)
    rows = (
        ",".join("01"[holds(sheet, row, column)] for column in columns)
        for row in range(area.first_row, area.last_row + 1)
    )
    return "{" + ";".join(rows) + "}"
