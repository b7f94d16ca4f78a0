"""Whether the texts that a formula reaches may make one on its way that Excel refuses."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.formula_parts import are_cells, within
from xladdin.engines.embedded.verdicts import Verdict
from xladdin.engines.text_lengths import may_be_too_long
from xladdin.formulas.syntax_tree import NAME, REFERENCE, Node
from xladdin.xlsx.workbook_part import Area

_SHORT: Final = 255
"""Characters of a text of which it does not matter where it stands."""


class Text(NamedTuple):
    """How many characters the text of a cell has; on which sheet is left open."""

    length: int
    row: int
    column: int


class LongTexts:
    """The longest texts of a workbook."""

    def __init__(self, texts: Iterable[Text]) -> None:
        """Take all texts."""
        found = sorted(texts, reverse=True)
        self._longest = found[0].length if found else 0
        self._long = [text for text in found if text.length > _SHORT]
        self._too_long: dict[tuple[int, int], bool] = {}

    def anywhere(self, verdict: Verdict) -> bool:
        """Whether formulas may make too long a text if they reach all texts."""
        return self._with(verdict, self._longest)

    def reached(self, cell: FormulaCell) -> bool:
        """Whether a formula may make too long a text of those that it reaches."""
        verdict = cell.judged
        assert verdict.root is not None
        areas = list(_areas(verdict, verdict.root, cell))
        longest = min(self._longest, _SHORT)
        for text in self._long:
            if any(area is None or _holds(area, text) for area in areas):
                longest = text.length
                break
        return self._with(verdict, longest)

    def _with(self, verdict: Verdict, longest: int) -> bool:
        key = (id(verdict), longest)
        if key not in self._too_long:
            root = verdict.root
            self._too_long[key] = root is not None and may_be_too_long(root, longest)
        return self._too_long[key]


def _areas(verdict: Verdict, root: Node, cell: FormulaCell) -> Iterator[Area | None]:
    """Go through the cells that a formula refers to; None for such as are not known."""
    for node in within(root):
        if node.kind == NAME or are_cells(node):
            yield None
        elif node.kind == REFERENCE:
            text = node.text.rpartition("!")[2]
            start = node.stop - len(text)
            at = bisect.bisect_left(verdict.spans, (start, 0))
            differs = at < len(verdict.spans) and verdict.spans[at][0] == start
            yield area_from(cell.references[at] if differs else text)


def _holds(area: Area, text: Text) -> bool:
    rows = area.first_row <= text.row <= area.last_row
    return rows and area.first_column <= text.column <= area.last_column
