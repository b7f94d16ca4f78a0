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
_ASKING: Final = _CHOOSING - {"IFNA"}
"""Those that ask what their first argument is, or whether it is an error."""


def may_be_too_long(root: Node, longest: int) -> bool:
    """Whether a part of a formula, which is not its result, may be too long a text.

    Args:
        root: The formula.
        longest: Characters of the longest text in the workbook.
    """
    lengths = _Lengths(float(longest))
    lengths.bind(root)
    return lengths.too_long_inside(root, passes_on=True)


class _Lengths:
    """Bounds on the characters of a formula's parts."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._bound: dict[str, float] = {}  # what LET gives a name

    def bind(self, node: Node) -> None:
        """Work out what LET gives names; one that is given twice takes the longer."""
        names = node.parts[:-1:2] if _named(node) == "LET" else ()
        for place, part in enumerate(node.parts):
            self.bind(part)
            if place % 2 and place // 2 < len(names):
                name = names[place // 2].text.casefold()
                self._bound[name] = max(self._bound.get(name, 0.0), self._most(part))

    def too_long_inside(self, node: Node, *, passes_on: bool) -> bool:
        """Whether there is such a part; `passes_on` says that a part makes the result longer."""
        name = _named(node)
        makes = name in _JOINING | {"REPT", "SUBSTITUTE", "REPLACE"} or _joins(node)
        if makes and not passes_on and self._most(node) > LONGEST_TEXT:
            return True
        # What is joined, or handed on as it is, is as long in the end.
        on = passes_on and (_joins(node) or node.kind == GROUP or name in _JOINING | _CHOOSING)
        return any(
            self.too_long_inside(part, passes_on=on and (place > 0 or name not in _ASKING))
            for place, part in enumerate(node.parts)
        )

    def _most(self, node: Node) -> float:
        """Return the most characters that a part may have."""
        if node.kind == TEXT:
            return float(len(node.text) - 2)  # without its quotes
        if node.kind in (REFERENCE, NAME):
            anywhere = max(self._longest, self._bound.get(node.text.casefold(), _ENOUGH))
            return anywhere if ":" not in node.text else math.inf
        parts = [self._most(part) for part in node.parts]
        if node.kind == GROUP:
            return parts[0]
        if _joins(node):  # of ranges it makes a text of each cell
            return sum(min(one, self._longest) if one == math.inf else one for one in parts)
        if node.kind != FUNCTION:
            return _ENOUGH
        return self._of_function(node, parts)

    def _of_function(self, node: Node, parts: list[float]) -> float:
        name = _named(node)
        if name == "REPT" and len(parts) == 2:
            count = node.parts[1]
            return parts[0] * float(count.text) if count.kind == NUMBER else math.inf
        if name == "SUBSTITUTE" and len(parts) >= 3:
            each = node.parts[0].kind == REFERENCE  # of a range it makes a text of each cell
            return (max(self._longest, _ENOUGH) if each else parts[0]) * max(1.0, parts[2])
        if name in _JOINING | {"REPLACE"}:
            if name in _JOINING and _has_range(node):
                return math.inf
            return sum(parts) + (parts[0] * len(parts) if name == "TEXTJOIN" and parts else 0.0)
        if name in _OF_THEIR_FIRST and parts:
            return parts[0]
        if name in _CHOOSING or name == "LET":
            return max(parts, default=_ENOUGH)
        # Others make short texts of their own, or may hand on one of the workbook's.
        return max(self._longest, 255.0)


def _named(node: Node) -> str:
    return function_name(node.text) if node.kind == FUNCTION else ""


def _has_range(node: Node) -> bool:
    return (node.kind == REFERENCE and ":" in node.text) or any(map(_has_range, node.parts))


def _joins(node: Node) -> bool:
    return node.kind == BINARY and node.text == "&"
