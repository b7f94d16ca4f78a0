"""What formulas have in common that differ in the cells that they refer to alone."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from xladdin.formulas.syntax_tree import Node, parsed
from xladdin.formulas.tokens import ANY_CELL, shape


class FormulaForm:
    """The form of such formulas, as a tree; each formula has references of its own in it."""

    def __init__(self, text: str) -> None:
        """Parse a form.

        Args:
            text: One of the formulas, or what they have in common; see `tokens.shape`.

        Raises:
            UnreadableError: It cannot be read.
            UnprovedError: It has what no tree can hold.
        """
        self.text = text
        self.root = parsed(text)
        self._spans = [match.span() for match in ANY_CELL.finditer(text)]

    def written(self, node: Node, references: Sequence[str]) -> str:
        """Return a part as it is written in a formula with these references."""
        pieces: list[str] = []
        at = node.start
        for number in range(bisect.bisect_left(self._spans, (at, 0)), len(self._spans)):
            start, stop = self._spans[number]
            if start >= node.stop:
                break
            pieces += (self.text[at:start], references[number])
            at = stop
        return "".join((*pieces, self.text[at : node.stop]))


def form_and_references(formula: str) -> tuple[str, list[str]]:
    """Return what a formula has in common with others, and its own references in it.

    Args:
        formula: The formula, without names.
    """
    references = [match[0] for match in ANY_CELL.finditer(formula)]
    form = shape(formula)
    if sum(1 for _ in ANY_CELL.finditer(form)) != len(references):
        return formula, references
    return form, references
