"""Whether a formula may make a text on its way that is longer than a cell's, which Excel refuses.

Excel gives #VALUE! for a text of more than 32,767 characters wherever it arises; the engines go on
with it, and only a cell's own value is cut off by them.
"""

from __future__ import annotations

import math
from typing import Final

from xladdin.formulas.syntax_tree import (
    BINARY,
    FUNCTION,
    GROUP,
    NAME,
    NUMBER,
    REFERENCE,
    TEXT,
    Node,
)
from xladdin.formulas.tokens import function_name
from xladdin.xlsx.stored_values import LONGEST_TEXT

TOO_LONG: Final = "it may make a text of more than 32,767 characters on its way"

_ENOUGH: Final = 40.0
"""Characters that a number, a logical or an error may be written with."""

_JOINING: Final = frozenset({"CONCATENATE", "CONCAT", "TEXTJOIN"})
_OF_THEIR_FIRST: Final = frozenset(
    {"LEFT", "RIGHT", "MID", "TRIM", "CLEAN", "UPPER", "LOWER", "PROPER", "T"}
)
_CHOOSING: Final = frozenset({"IF", "IFERROR", "IFNA", "IFS", "CHOOSE", "SWITCH"})
_LOOKING_UP: Final = frozenset({"INDEX", "VLOOKUP", "HLOOKUP", "LOOKUP", "XLOOKUP", "OFFSET"})


def may_be_too_long(root: Node, longest: int) -> bool:
    """Whether a part of a formula, which is not its result, may be too long a text.

    Args:
        root: The formula.
        longest: Characters of the longest text in the workbook.
    """
    return _inside(root, float(longest), passes_on=True)


def _inside(node: Node, longest: float, *, passes_on: bool) -> bool:
    """Whether there is such a part in another; `passes_on` says that it makes the result longer."""
    name = function_name(node.text) if node.kind == FUNCTION else ""
    makes = name in _JOINING | {"REPT", "SUBSTITUTE", "REPLACE"} or _joins(node)
    if makes and not passes_on and _most(node, longest) > LONGEST_TEXT:
        return True
    # What is joined, or handed on as it is, is as long in the end.
    on = passes_on and (_joins(node) or node.kind == GROUP or name in _JOINING | _CHOOSING)
    return any(_inside(part, longest, passes_on=on) for part in node.parts)


def _joins(node: Node) -> bool:
    return node.kind == BINARY and node.text == "&"


def _most(node: Node, longest: float) -> float:
    """Return the most characters that a part may have."""
    if node.kind == TEXT:
        return float(len(node.text))
    if node.kind in (REFERENCE, NAME):
        return max(longest, _ENOUGH) if ":" not in node.text else math.inf
    parts = [_most(part, longest) for part in node.parts]
    if node.kind == GROUP:
        return parts[0]
    if _joins(node):
        return sum(parts)
    if node.kind != FUNCTION:
        return _ENOUGH
    name = function_name(node.text)
    if name == "REPT" and len(parts) == 2:
        count = node.parts[1]
        return parts[0] * float(count.text) if count.kind == NUMBER else math.inf
    if name == "SUBSTITUTE" and len(parts) >= 3:
        return parts[0] * max(1.0, parts[2])
    if name in _JOINING | {"REPLACE"}:
        return sum(parts) + (parts[0] * len(parts) if name == "TEXTJOIN" and parts else 0.0)
    if name in _OF_THEIR_FIRST and parts:
        return parts[0]
    if name in _CHOOSING:
        return max(parts, default=_ENOUGH)
    return max(longest, _ENOUGH) if name in _LOOKING_UP else 255.0
