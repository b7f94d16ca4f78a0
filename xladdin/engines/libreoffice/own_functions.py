"""What LibreOffice hands to the functions of this package otherwise than Excel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.libreoffice.function_groups import CHOOSING, LOGICAL_RESULT
from xladdin.engines.libreoffice.known_differences import LOGICALS
from xladdin.engines.libreoffice.number_rules import DifferenceRule, NumberRules
from xladdin.engines.libreoffice.part_values import inside
from xladdin.formulas.syntax_tree import (
    BINARY,
    COMPARISONS,
    FUNCTION,
    GAP,
    LOGICAL,
    TEXT,
    Node,
)
from xladdin.formulas.tokens import function_name
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice.udfs import takes_zero

ZERO: Final = "LibreOffice hands on a 0 there as it does a blank cell"


class OwnFunctionRules(NumberRules):
    """What is looked at in calls of the functions of this package."""

    def _of_own(self, node: Node, name: str) -> Iterator[DifferenceRule]:
        function, parts = FUNCTIONS.get(name), node.parts
        if name == "EXPLAIN" and parts and parts[0].kind == TEXT:
            function, parts = FUNCTIONS.get(parts[0].text[1:-1].strip().upper()), parts[1:]
        if function is None:
            return
        for argument, part in zip(function.arguments, parts, strict=False):
            if part.kind == GAP or argument.kind.ranged:
                continue
            if argument.optional and not takes_zero(argument):
                yield DifferenceRule(ZERO, partial(self._may_be_zero, part))
            yield DifferenceRule(LOGICALS, partial(self._may_give_logical, part))

    def _may_be_zero(self, part: Node) -> bool:
        values = self._all_values(part)
        return any(value == 0 or self._is_unknown(part, value) for value in values)

    def _may_give_logical(self, part: Node) -> bool:
        inner = inside(part)
        if inner.kind == FUNCTION and function_name(inner.text) in ("OFFSET", "INDIRECT"):
            return bool(self._kinds.logicals)
        return any(
            isinstance(value, bool) or (self._is_unknown(part, value) and may_be_logical(part))
            for value in self._all_values(part)
        )

    def _is_unknown(self, part: Node, value: Cell) -> bool:
        """Whether a value is that of a formula which cannot be computed by itself."""
        return value is None and inside(part).kind in (FUNCTION, BINARY)


def is_logical(node: Node) -> bool:
    """Whether a part that is no reference is a logical."""
    return (
        node.kind == LOGICAL
        or (node.kind == BINARY and node.text in COMPARISONS)
        or (node.kind == FUNCTION and function_name(node.text) in LOGICAL_RESULT)
    )


def may_be_logical(node: Node) -> bool:
    """Whether a part that is no reference may be a logical."""
    inner = inside(node)
    chooses = inner.kind == FUNCTION and function_name(inner.text) in CHOOSING
    return chooses or is_logical(inner)
