"""Which cells of a workbook hold what LibreOffice may take otherwise than Excel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xladdin.cells import Cell
from xladdin.engines.dependencies import Index, Where
from xladdin.xlsx.sheet_part import Place

_PLAINLY = (1e-4, 1e10)
"""Sizes of numbers that are written without an exponent in both programs."""


class CellKinds:
    """Cells by the kinds of what they hold.

    Attributes:
        logicals: Cells with TRUE or FALSE.
        typed_logicals: Those among them that are no formulas.
        numbers: Cells with numbers.
        written_otherwise: Cells with numbers that are written with an exponent, or with texts of
            characters beyond 16 bits.
        longest: Characters of the longest text.
    """

    def __init__(
        self, cells: Iterable[tuple[Where, Cell]], formulas: Mapping[str, Mapping[Place, Cell]]
    ) -> None:
        """Take the cells of a workbook, and which of them are formulas."""
        self.logicals, self.typed_logicals = Index(), Index()
        self.numbers, self.written_otherwise = Index(), Index()
        self.longest = 0
        for where, value in cells:
            if type(value) is float:
                self.numbers.add(where)
                if has_exponent(value):
                    self.written_otherwise.add(where)
            elif isinstance(value, str):
                self.longest = max(self.longest, len(value))
                if has_astral(value):
                    self.written_otherwise.add(where)
            elif isinstance(value, bool):
                self.logicals.add(where)
                if where[1] not in formulas[where[0]]:
                    self.typed_logicals.add(where)


def has_exponent(number: float) -> bool:
    """Whether a number may be written with an exponent."""
    return bool(number) and not _PLAINLY[0] <= abs(number) < _PLAINLY[1]


def has_astral(text: str) -> bool:
    """Whether a text has characters beyond 16 bits, which Excel counts as two."""
    return not text.isascii() and any(character > "\uffff" for character in text)
