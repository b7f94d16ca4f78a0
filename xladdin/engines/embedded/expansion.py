"""Calls that the engine computes wrongly, put as others that give the same to Excel.

An array of constants where a function takes one value makes an array of its results:
``SUM(COUNTIF(A:A,{"x","y"}))`` is ``SUM(COUNTIF(A:A,"x"),COUNTIF(A:A,"y"))``. XLOOKUP of the next
smaller or larger value is INDEX at the place that XMATCH gives, and of a text with wildcards at
that of MATCH. SWITCH by texts with letters beyond those of English, or of TRUE by conditions, is
IF. OFFSET of so many rows upwards is OFFSET from the first of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.formula_parts import bare, literal_of, within
from xladdin.engines.embedded.function_groups import BY_CRITERIA, LAZY
from xladdin.engines.embedded.substitutes.values import UnknownRuleError, date_in
from xladdin.engines.proved import ERROR, PROVED
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import (
    BINARY,
    COMPARISONS,
    CONSTANTS,
    FAULT,
    FUNCTION,
    GAP,
    GROUP,
    LOGICAL,
    NUMBER,
    PERCENT,
    REFERENCE,
    TEXT,
    UNARY,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import function_name
from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.sheet_part import LONGEST_FORMULA

_CONCERNED: Final = re.compile(
    r'\{|"[<>=]*\d{4}-|SUMPRODUCT\((?s:.*)(?:IFS|ROW)\(|XLOOKUP\(|SWITCH\(|WEEKNUM\(|INDIRECT\((?s:.*),|OFFSET\((?s:.*),-\d',
    re.IGNORECASE,
)

_ROWS: Final = re.compile(r'"?\$?(\d{1,7}):\$?(\d{1,7})"?')
"""Whole rows, or the text of them."""

_DAY: Final = re.compile(r'"(<=?|>=?|=?|<>)(\d{4}-\d{1,2}-\d{1,2})"')
"""A criterion that is a day."""

_ALIKE: Final[Mapping[str, int]] = {
    **dict.fromkeys(("SUM", "PRODUCT", "AVERAGE", "MIN", "MAX", "SUMPRODUCT"), A_NUMBER | ERROR),
    **dict.fromkeys(("AND", "OR"), A_NUMBER | A_LOGICAL | ERROR),
}
"""Functions, and the kinds that they take alike in an array and as arguments."""

_OF_ARRAYS: Final = LAZY.keys() | {"INDEX", "XLOOKUP", "TRANSPOSE"}
"""Functions that may give an array by themselves, or leave arguments alone."""

_MOST_VALUES: Final = 60
"""Values of an array for each of which a call is written."""


@lru_cache(maxsize=KEPT)
def expanded(formula: str) -> str:
    """Rewrite a formula.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        The formula for the engine; the same text where nothing needs doing.
    """
    if _CONCERNED.search(formula) is None:
        return formula
    try:
        root = parsed(formula)
    except (UnreadableError, UnprovedError):
        return formula
    changes = sorted(_listed_rows(root), reverse=True)
    if changes:
        for start, stop, rows in changes:
            formula = formula[:start] + rows + formula[stop:]
        root = parsed(formula)
    text = _Expansion(formula).text(root)
    return text if len(text) <= LONGEST_FORMULA else formula


def _listed_rows(root: Node) -> Iterator[tuple[int, int, str]]:
    """Yield the places of ``ROW(1:3)`` in SUMPRODUCT, as text as well, and the array that it is."""
    products = (one for one in within(root) if _calls(one, "SUMPRODUCT"))
    for node in {id(one): one for outer in products for one in within(outer)}.values():
        if not _calls(node, "ROW") or len(node.parts) != 1:
            continue
        [rows] = node.parts
        if _calls(rows, "INDIRECT") and len(rows.parts) == 1:
            [rows] = rows.parts
        match = _ROWS.fullmatch(rows.text)
        if match is not None and rows.kind in (REFERENCE, TEXT):
            first, last = sorted(map(int, match.groups()))
            if first and last - first < _MOST_VALUES:
                listed = ";".join(map(str, range(first, last + 1)))
                yield node.start, node.stop, f"{{{listed}}}"


def _calls(node: Node, name: str) -> bool:
    return node.kind == FUNCTION and function_name(node.text) == name


class _Expansion:
    """Writes the parts of one formula anew."""

    def __init__(self, formula: str) -> None:
        self._formula = formula
        self._otherwise: Mapping[str, Callable[[Node], str]] = {
            "XLOOKUP": self._next,
            "SWITCH": self._chosen,
            "OFFSET": self._upwards,
            "INDIRECT": self._in_a1,
            "WEEKNUM": self._of_iso,
            **dict.fromkeys(BY_CRITERIA, self._by_criteria),
        }

    def text(self, node: Node) -> str:
        """Write a part, with what is in it put otherwise."""
        if node.kind == FUNCTION:
            name = function_name(node.text)
            written = self._listed(node, name) if name in _ALIKE else ""
            otherwise = self._otherwise.get(name)
            written = written or (otherwise(node) if otherwise is not None else "")
            if written:
                return written
        return self._around(node, [self.text(part) for part in node.parts])

    def _around(self, node: Node, parts: Sequence[str]) -> str:
        """Write a part of other parts."""
        pieces, at = [], node.start
        for part, text in zip(node.parts, parts, strict=True):
            pieces += [self._formula[at : part.start], text]
            at = part.stop
        return "".join((*pieces, self._formula[at : node.stop]))

    def _listed(self, node: Node, name: str) -> str:
        """Write a call with an argument for each value of the arrays in one; empty if it has none.

        SUMPRODUCT of one array is its sum.
        """
        if name == "SUMPRODUCT" and len(node.parts) > 1:
            return ""
        given: list[str] = []
        changed = False
        for part in node.parts:
            alike = _has_array(part) and not _gives(part) & ~_ALIKE[name]
            many = self._each(part) if alike else []
            changed |= bool(many)
            given += many or [self.text(part)]
        if not changed:
            return ""
        call = "SUM(" if name == "SUMPRODUCT" else node.text
        return f"{call}{','.join(given)})"

    def _each(self, node: Node) -> list[str]:
        """Write a part once for each value of the arrays in it; nothing where that is not known."""
        if node.kind == CONSTANTS:
            several = ";" in self._formula[node.start : node.stop]
            one_row = not several or "," not in self._formula[node.start : node.stop]
            return [self.text(part) for part in node.parts] if one_row and _plain(node) else []
        if node.kind in (NUMBER, TEXT, LOGICAL, FAULT, GAP):
            return [self.text(node)]
        if node.kind == REFERENCE:
            return [] if ":" in node.text else [node.text]
        if node.kind not in (BINARY, UNARY, PERCENT, GROUP, FUNCTION):
            return []
        ranged: list[bool] = [False] * len(node.parts)
        if node.kind == FUNCTION:
            name = function_name(node.text)
            if name not in PROVED or name in _OF_ARRAYS:
                return []
            ranged = [_takes_ranges(name, at) for at in range(len(node.parts))]
        if any(one and _has_array(part) for one, part in zip(ranged, node.parts, strict=True)):
            return []
        columns = [
            [self.text(part)] if one else self._each(part)
            for one, part in zip(ranged, node.parts, strict=True)
        ]
        count = max((len(column) for column in columns), default=0)
        if count > _MOST_VALUES or any(len(column) not in (1, count) for column in columns):
            return []
        if sum(len(column) > 1 for column in columns) > 1:
            return []  # a row beside a column would make a table of both
        return [
            self._around(node, [column[at % len(column)] for column in columns])
            for at in range(count)
        ]

    def _chosen(self, node: Node) -> str:
        """Write SWITCH of one cell by texts not all English, or of TRUE; empty for others."""
        asked, *rest = node.parts
        keys = rest[: len(rest) // 2 * 2 : 2]
        if literal_of(asked) == "TRUE" and all(_gives(one) == A_LOGICAL | ERROR for one in keys):
            return self._conditions([self.text(one) for one in keys], rest)
        english = all(one.text.isascii() for one in keys)
        if asked.kind != REFERENCE or ":" in asked.text or english:
            return ""
        if any(one.kind != TEXT or one.text == '""' for one in keys):
            return ""  # how SWITCH takes blank cells beside others is not known
        return self._conditions([f"{asked.text}={key.text}" for key in keys], rest)

    def _conditions(self, conditions: Sequence[str], rest: Sequence[Node]) -> str:
        """Write what SWITCH gives for the first condition that holds, or for none."""
        results = [self.text(one) or "0" for one in rest[1::2]]
        chosen = self.text(rest[-1]) if len(rest) % 2 else "NA()"
        for condition, result in zip(conditions[::-1], results[::-1], strict=True):
            chosen = f"IF({condition},{result},{chosen})"
        return chosen

    def _upwards(self, node: Node) -> str:
        """Write OFFSET of a negative number of rows or columns; empty for others."""
        given = [self.text(part) for part in node.parts]
        negative = [
            at for at in range(3, len(given)) if re.fullmatch(r"-\d+", literal_of(node.parts[at]))
        ]
        for at in negative:
            size, moved = int(literal_of(node.parts[at])[1:]), given[at - 2] or "0"
            moved = moved if literal_of(node.parts[at - 2]) else f"TRUNC({moved})"
            given[at - 2 : at + 1] = [f"{moved}-{size - 1}", given[at - 1], str(size)]
        return f"{node.text}{','.join(given)})" if negative else ""

    def _in_a1(self, node: Node) -> str:
        """Write INDIRECT without TRUE behind it, which is as without; empty for others."""
        if len(node.parts) != 2 or literal_of(node.parts[1]) not in ("TRUE", "1"):
            return ""
        return f"{node.text}{self.text(node.parts[0])})"

    def _of_iso(self, node: Node) -> str:
        """Write WEEKNUM by ISO 8601, its system 21; empty for others."""
        if len(node.parts) != 2 or literal_of(node.parts[1]) != "21":
            return ""
        return f"_xlfn.ISOWEEKNUM({self.text(node.parts[0])})"

    def _by_criteria(self, node: Node) -> str:
        """Write criteria that are days by their numbers, and SUMIFS of one as SUMIF; or nothing."""
        name = function_name(node.text)
        last = name in ("COUNTIF", "SUMIF", "AVERAGEIF")
        first = 1 if last or name == "COUNTIFS" else 2
        if len(node.parts) <= first:
            return ""
        given = [self.text(part) for part in node.parts]
        asked = node.parts[first]
        several = asked.kind == REFERENCE and ":" in asked.text
        if several and name in ("SUMIFS", "COUNTIFS") and len(given) == first + 1:
            return f"{name[:-1]}({','.join((*given[first - 1 :], *given[: first - 1]))})"
        changed = False
        for at in range(first, min(len(given), 2) if last else len(given), 2):
            match = _DAY.fullmatch(given[at])
            day = _serial(match[2]) if match else None
            if match is not None and day is not None:
                given[at], changed = f'"{match[1]}{day:.0f}"', True
        return f"{node.text}{','.join(given)})" if changed else ""

    def _next(self, node: Node) -> str:
        """Write XLOOKUP of a next value or of one with wildcards; empty for others."""
        if not 5 <= len(node.parts) <= 6 or literal_of(node.parts[4]) not in ("-1", "1", "2"):
            return ""
        key, among, result, otherwise, *modes = node.parts
        if among.kind != REFERENCE or result.kind != REFERENCE or not _alike(among, result):
            return ""
        search = ",".join(map(self.text, (key, among, *modes)))
        place = f"_xlfn.XMATCH({search})"
        if literal_of(modes[0]) == "2":
            if literal_of(modes[-1]) not in ("1", "2") or not _has_text(key):
                return ""  # from the end, or maybe of a blank, which XLOOKUP alone finds
            place = f"MATCH({self.text(key)},{self.text(among)},0)"
        missing = "NA()" if otherwise.kind == GAP else self.text(otherwise)
        return f"IF(ISNA({place}),{missing},INDEX({self.text(result)},{place}))"


def _serial(day: str) -> float | None:
    try:
        return date_in(day)
    except UnknownRuleError:
        return None


def _gives(node: Node) -> int:
    """Return the kinds that a part may give, all where that depends on what it is given."""
    inner = bare(node)
    if inner.kind == BINARY:
        logical = inner.text in COMPARISONS
        return A_LOGICAL | ERROR if logical else A_NUMBER | ERROR if inner.text != "&" else -1
    if inner.kind in (UNARY, PERCENT):
        return A_NUMBER | ERROR if inner.text != "+" else -1
    if inner.kind != FUNCTION:
        return -1
    entries = PROVED.get(function_name(inner.text), ())
    passing = not entries or any(entry.passes for entry in entries)
    found = 0
    for entry in entries:
        found |= entry.gives
    return -1 if passing else found


def _takes_ranges(name: str, at: int) -> bool:
    """Whether a function takes something else than any single value in a place."""
    arguments = [
        entry.arguments[entry.index(at)]
        for entry in PROVED[name]
        if at < len(entry.arguments) or entry.repeats
    ]
    return any(one.held is not None or one.literals for one in arguments)


def _has_text(node: Node) -> bool:
    """Whether a part is surely a text that is not empty."""
    if node.kind == BINARY and node.text == "&":
        return any(map(_has_text, node.parts))
    return node.kind == TEXT and node.text != '""'


def _has_array(node: Node) -> bool:
    return node.kind == CONSTANTS or any(map(_has_array, node.parts))


def _plain(node: Node) -> bool:
    """Whether no text in an array of constants has what may be taken for its separators."""
    return not any("," in part.text or ";" in part.text for part in node.parts)


def _alike(one: Node, other: Node) -> bool:
    """Whether two references are rows, or columns, of the same length."""
    areas = [area_from(node.text.rpartition("!")[2]) for node in (one, other)]
    shapes = [area.shape for area in areas if area is not None]
    return len(shapes) == 2 and shapes[0] == shapes[1] and 1 in shapes[0]
