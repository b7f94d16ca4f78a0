"""What is known of the parts of a formula before it is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from xladdin.engines.embedded.function_groups import OF_ANY_SIZE
from xladdin.formulas.syntax_tree import (
    BINARY,
    FAULT,
    FUNCTION,
    GAP,
    GROUP,
    LOGICAL,
    NUMBER,
    PERCENT,
    SPAN,
    TEXT,
    UNARY,
    Node,
)
from xladdin.formulas.tokens import function_name

PLAIN: Final = "plain"
"""Where a range stands for the one of its cells that is in line with the formula."""
ARRAY: Final = "array"
"""Where operators work on every cell of a range."""
UNCLEAR: Final = "unclear"
"""Where it is not known which of the two Excel does."""

UNREADABLE: Final = "the engine cannot read it"
NOT_PROVED: Final = "the embedded engine is not proved"
ENDLESS: Final = f"{NOT_PROVED} to work on every cell of whole columns or rows"


class PartInfo(NamedTuple):
    """What is known of a part's value."""

    kinds: int
    several: bool = False  # whether it is surely an array
    maybe: bool = False  # whether it may be one


Value: TypeAlias = Callable[[Node, str], PartInfo]
"""Judges a part that stands where a value is wanted, in a context."""


class RefusedFormulaError(Exception):
    """A formula is not proved; the reason is its text."""


def bare(node: Node) -> Node:
    """Return what stands within parentheses."""
    while node.kind == GROUP:
        [node] = node.parts
    return node


def literal_of(node: Node) -> str:
    """Return a constant as it is written, in capitals; empty for anything else."""
    if node.kind in (NUMBER, TEXT, LOGICAL):
        return node.text.upper()
    if node.kind == UNARY and node.text == "-" and node.parts[0].kind == NUMBER:
        return f"-{node.parts[0].text}"
    if node.kind == PERCENT and node.parts[0].kind == NUMBER:
        return f"{node.parts[0].text}%"
    return ""


def step_of(node: Node) -> int | None:
    """Return the whole number that stands in a formula, 0 for a gap; None for anything else."""
    text = "0" if node.kind == GAP else literal_of(node)
    return int(text) if text.lstrip("-").isdecimal() else None


def blanks_meet(criterion: Node) -> bool | None:
    """Whether a blank cell meets a criterion; None where that depends on what is computed.

    One that begins with ``<`` or ``>`` is proved before a number alone, which no blank cell meets.
    """
    if criterion.kind in (NUMBER, LOGICAL, FAULT) or literal_of(criterion)[:1] == "-":
        return False
    if criterion.kind == TEXT:
        text = criterion.text[1:-1]
        return text in ("", "=") or (text.startswith("<>") and text != "<>")
    first = criterion
    while first.kind == BINARY and first.text == "&":
        first = first.parts[0]
    text = first.text[1:-1] if first.kind == TEXT else ""
    return None if text in ("", "=") or text.startswith("<>") else False


def is_small_power(node: Node) -> bool:
    """Whether a part is a whole number above 0 by which a factor may be raised."""
    return node.kind == NUMBER and float(node.text) in range(1, _MOST_FACTORS + 1)


_MOST_FACTORS: Final = 5
"""Factors of usual sizes of which a product is surely one that Excel keeps."""


def keys_of(switch: Node) -> list[Node]:
    """Return what SWITCH compares, constant texts apart."""
    return [one for one in (switch.parts[0], *switch.parts[1:-1:2]) if one.kind != TEXT]


def asks_for_blanks(switch: Node) -> bool:
    """Whether SWITCH may compare its value with what a blank cell counts as."""
    texts = [literal_of(key) for key in switch.parts[1:-1:2]]
    return any(
        text in ("", '""', "FALSE") or (text[0] in "-.0123456789" and not text.strip("-.0%"))
        for text in texts
    )


def within(node: Node) -> Iterator[Node]:
    """Yield a part and all that stands within it."""
    yield node
    for part in node.parts:
        yield from within(part)


def keeps_size(node: Node) -> bool:
    """Whether a computed part is of a usual size, as far as the cells in it are."""
    factors = 1
    for part in within(node):
        if part.kind == FUNCTION and function_name(part.text) in OF_ANY_SIZE:
            return False
        if part.kind == BINARY and part.text == "^":
            exponent = part.parts[1]
            factors += int(float(exponent.text)) if is_small_power(exponent) else _MOST_FACTORS
        factors += part.kind == BINARY and part.text in ("*", "/")
    return factors < _MOST_FACTORS


def may_be_cells(node: Node) -> bool:
    """Whether a part may give cells and not their values, which some functions distinguish."""
    inner = bare(node)
    return inner.kind == FUNCTION and function_name(inner.text) in (
        ["INDEX", "IF", "IFS", "CHOOSE", "SWITCH", "XLOOKUP", "IFERROR", "IFNA"]
    )


def are_cells(node: Node) -> bool:
    """Whether a part surely gives cells."""
    inner = bare(node)
    if inner.kind == FUNCTION:
        return function_name(inner.text) in ("OFFSET", "INDIRECT")
    return inner.kind == SPAN


def blank_is_zero(outer: Node, node: Node) -> bool:
    """Whether a part comes to a formula's value in ways that take a blank cell for 0."""
    name = function_name(outer.text) if outer.kind == FUNCTION else ""
    handing = (
        name in ("IF", "IFERROR", "IFNA", "ROUND", "SUM")
        or outer.kind in (GROUP, UNARY, PERCENT)
        or (outer.kind == BINARY and outer.text in ("+", "-", "*", "/"))
    )
    parts = outer.parts[name == "IF" :] if handing else []
    return outer is node or any(blank_is_zero(part, node) for part in parts)


def unquoted_sheet(prefix: str) -> str:
    """Return the sheet that a prefix names, without its apostrophes."""
    if prefix.startswith("'") and prefix.endswith("'"):
        return prefix[1:-1].replace("''", "'")
    return prefix
