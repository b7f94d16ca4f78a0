"""What is left where numbers cancel within a formula, which LibreOffice makes 0 or rounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Final

from xladdin.engines.libreoffice.number_rules import DifferenceRule
from xladdin.engines.libreoffice.own_functions import OwnFunctionRules
from xladdin.engines.tolerance import TOLERANCE
from xladdin.formulas.syntax_tree import BINARY, COMPARISONS, FUNCTION, Node
from xladdin.formulas.tokens import function_name

RESIDUE: Final = "LibreOffice makes 0 of what is left where numbers cancel within a formula"

_ADDING: Final = frozenset({"SUM", "AVERAGE"})


class ResidueRules(OwnFunctionRules):
    """What is looked at in sums and differences that are no last step of a formula."""

    def _of_residues(self, node: Node) -> Iterator[DifferenceRule]:
        for part in node.parts:
            if part.kind == BINARY and part.text in ("+", "-"):
                decides = (node.kind == BINARY and node.text in COMPARISONS) or (
                    node.kind == FUNCTION and function_name(node.text) in ("IF", "IFS")
                )
                yield DifferenceRule(RESIDUE, partial(self._leaves_residue, part, decides))
            if part.kind == FUNCTION and function_name(part.text) in _ADDING:
                yield DifferenceRule(RESIDUE, partial(self._cancels, part))
            yield from self._of_residues(part)

    def _leaves_residue(self, node: Node, decides: bool) -> bool:
        """Whether a sum may be a residue; one that cannot be looked at counts where it decides."""
        value = self._evaluated(node)
        if value is None:
            return decides and not self._calculator.may_compute(self._written(node))
        if not isinstance(value, float) or not value:
            return False
        sizes = [abs(one) for part in node.parts for one in self._computed_numbers(part)]
        return abs(value) <= TOLERANCE * max(sizes, default=0.0)

    def _cancels(self, node: Node) -> bool:
        numbers = [one for part in node.parts for one in self._computed_numbers(part)]
        if not all(map(math.isfinite, numbers)):
            return False
        plain, exact = sum(numbers), math.fsum(numbers)
        return abs(plain - exact) > TOLERANCE * max(abs(plain), abs(exact))
