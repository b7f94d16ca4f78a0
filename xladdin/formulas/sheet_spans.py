"""References to the same cells of several sheets, ``Jan:Mar!B2``, put as one reference to each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from xladdin.formulas.structured_references import quoted
from xladdin.formulas.tokens import (
    CALL,
    CLOSE,
    COMMA,
    OPEN,
    SHEET,
    SPACE,
    WORD,
    Token,
    function_name,
    is_reference,
    tokens,
)

_SPAN: Final = re.compile(r"'?([^':!\[\]]+):([^':!\[\]]+)'?!")
"""A prefix that names a first and a last sheet; no sheet's name has a colon."""

_FOUND: Final = re.compile(r":(?<=[^':!\[\]]:)[^':!\[\]]+'?!")
"""The same from its colon on, which is searched for in a fraction of the time."""

_TAKE_SEVERAL: Final = frozenset(
    {"SUM", "AVERAGE", "AVERAGEA", "MIN", "MAX", "COUNT", "COUNTA", "PRODUCT", "SUMSQ", "MEDIAN"}
    | {"STDEV", "STDEV.S", "STDEVP", "STDEV.P", "VAR", "VAR.S", "VARP", "VAR.P"}
)
"""Functions to which several ranges are what one over several sheets is."""

_ENDING: Final = frozenset({WORD, CLOSE})
_BEGINNING: Final = frozenset({WORD, SHEET, CALL, OPEN})

_MOST_SHEETS: Final = 100


def spans_sheets(formula: str) -> bool:
    """Whether a formula may refer to the same cells of several sheets."""
    return _FOUND.search(formula) is not None


def apart(formula: str, sheets: Sequence[str]) -> str:
    """Put references to several sheets as one to each, where that is the same.

    Args:
        formula: The formula, without an equals sign.
        sheets: The workbook's sheets, in order.

    Returns:
        The formula; such references stay where no function of several ranges takes them.
    """
    places = {name.casefold(): at for at, name in enumerate(sheets)}
    parts = [token for token in tokens(formula) if token.kind != SPACE]
    if any(one.kind in _ENDING and other.kind in _BEGINNING for one, other in pairwise(parts)):
        return formula  # there was a space between them, which means cells that both have
    out: list[str] = []
    calls: list[str] = []  # for every open parenthesis, the function
    at = 0
    while at < len(parts):
        kind, text = parts[at]
        cells = _argument(parts, at) if kind == SHEET else ""
        match = _SPAN.fullmatch(text) if cells else None
        ends = [places.get(name.casefold(), -1) for name in match.groups()] if match else [-1]
        if calls and calls[-1] in _TAKE_SEVERAL and -1 not in ends:
            first, last = min(ends), max(ends)
            if last - first < _MOST_SHEETS:
                names = sheets[first : last + 1]
                out.append(",".join(f"{quoted(name)}!{cells}" for name in names))
                at += 2 if ":" not in cells else 4
                continue
        if kind in (CALL, OPEN):
            calls.append(function_name(text) if kind == CALL else "")
        elif kind == CLOSE and calls:
            calls.pop()
        out.append(text)
        at += 1
    return "".join(out)


def _argument(parts: Sequence[Token], at: int) -> str:
    """Return the cells behind a prefix, if they are a whole argument."""
    if not at or parts[at - 1].kind not in (CALL, COMMA):
        return ""
    for length in (1, 3):
        cells = parts[at + 1 : at + 1 + length]
        behind = parts[at + 1 + length : at + 2 + length]
        text = "".join(part.text for part in cells)
        ends = cells[::2]
        if (
            behind
            and behind[0].kind in (COMMA, CLOSE)
            and all(part.kind == WORD and is_reference(part) for part in ends)
            and (length == 1 or cells[1].text == ":")
        ):
            return text
    return ""
