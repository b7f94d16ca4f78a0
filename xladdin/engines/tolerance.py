"""What two sides of a comparison may differ by, and still be the same."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xladdin.cells import CLASSIC_ERRORS, EXACT_WHOLE, Cell, CellError
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.result import Computed
from xladdin.errors import NUM, REF, VALUE
from xladdin.formulas.tokens import CALL, OTHER, WORD, Token, function_name, tokens
from xladdin.xlsx.sheet_part import Place

TOLERANCE: Final = 1e-12
"""Greatest relative difference of two numbers that are the same figure."""

ITERATIVE_TOLERANCE: Final = 1e-7
"""The same for functions that search for their value step by step, and for what depends on them:
Excel itself ends the search there, wherever the steps have led."""

ITERATIVE: Final = frozenset(
    {"IRR", "XIRR", "RATE", "YIELD", "ODDFYIELD", "BETA.INV", "BETAINV", "GAMMA.INV", "GAMMAINV"}
    | {"CHISQ.INV", "CHISQ.INV.RT", "CHIINV", "F.INV", "F.INV.RT", "FINV", "T.INV", "T.INV.2T"}
    | {"TINV", "NORM.INV", "NORMINV", "NORM.S.INV", "NORMSINV", "LOGNORM.INV", "LOGINV"}
)
"""Those functions."""

VOLATILE: Final = frozenset({"NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"})
"""Functions whose value is another each time it is computed. OFFSET and INDIRECT, which Excel
computes each time as well, give the same value for the same cells."""

_NEXT_TO_NOTHING: Final = 1e-6
"""Below this, a figure may be what is left of a subtraction."""

_DEPTH: Final = 4
MOST_CELLS: Final = 20_000

UNCERTAIN: Final[Mapping[CellError, frozenset[str]]] = {
    CellError("Err:502"): frozenset({VALUE, NUM, REF}),
    CellError("Err:504"): frozenset(CLASSIC_ERRORS),
}
"""Errors of LibreOffice that stand for several of Excel's: 502 is an argument that will not do, and
504 is what it makes of any error in a range that it hands to an add-in."""


def relative(one: float, other: float) -> float:
    """Return how far two numbers differ, in parts of the larger one; infinite for counts.

    Whole numbers that a double holds exactly are counts, and equal or not.
    """
    if one == other:
        return 0.0
    difference = abs(one - other) / max(abs(one), abs(other))
    both_whole = one.is_integer() and other.is_integer()
    if both_whole and max(abs(one), abs(other)) < EXACT_WHOLE and difference <= TOLERANCE:
        return math.inf
    return difference


def comparable(value: Cell, loose: bool) -> Cell:
    """Bring a value into the form in which it is compared.

    Args:
        value: The value; nothing is stored as 0.
        loose: Whether a logical is to pass for the 1 or 0 that it may be in LibreOffice.

    Returns:
        The value to compare.
    """
    if value is None:
        return 0.0
    if loose and isinstance(value, bool):
        return float(value)
    return value


def same(one: Cell, other: Cell) -> bool:
    """Whether two values that are not both numbers are the same."""
    if isinstance(one, CellError) and isinstance(other, CellError):
        either = UNCERTAIN.get(one, ()), UNCERTAIN.get(other, ())
        return one is other or other.code in either[0] or one.code in either[1]
    return type(one) is type(other) and one == other


class Rounding:
    """How far a cell may be off by rounding alone.

    What is left where two equal figures are subtracted is rounding and nothing else: 0 in one
    engine, 1E-11 in the next, and no part of itself. Such a cell is compared at the tolerance of
    the figures that it was made from.
    """

    _CANCELS: Final = frozenset(
        {"SUM", "SUMIF", "SUMIFS", "SUBTOTAL", "AVERAGE", "SUMPRODUCT", "SUMXMY2", "SUMX2MY2"}
        | {"NPV", "IRR"}
    )

    def __init__(self, dependencies: Dependencies, result: Computed) -> None:
        """Take a workbook's formulas and its values."""
        self._dependencies = dependencies
        self._result = result

    def scale(self, sheet: str, place: Place) -> float:
        """Return the size of the figures that a cell's value is left over from.

        The tolerances, times this, are what rounding explains beside the relative difference; it
        is 0 where nothing cancels.
        """
        return self._scale(sheet, place, _DEPTH)

    def _scale(self, sheet: str, place: Place, depth: int) -> float:
        text = self._dependencies.text(sheet, place)
        if not text or not depth:
            return 0.0
        parts = tokens(text)
        cancels = any(
            (token.kind == OTHER and token.text in "+-")
            or (token.kind == CALL and function_name(token.text) in self._CANCELS)
            for token in parts
        )
        largest = max(_constants(parts), default=0.0) if cancels else 0.0
        count = 0
        for where, area in self._dependencies.references(sheet, place):
            count += math.prod(area.shape)
            if count > MOST_CELLS:
                break
            for row in range(area.first_row, area.last_row + 1):
                for column in range(area.first_column, area.last_column + 1):
                    value = self._result.value(where, row, column)
                    if type(value) is not float:
                        continue
                    if cancels:
                        largest = max(largest, abs(value))
                    if abs(value) < _NEXT_TO_NOTHING:
                        largest = max(largest, self._scale(where, (row, column), depth - 1))
        return largest


def _constants(parts: Sequence[Token]) -> Iterator[float]:
    """Go through the numbers that stand in a formula itself."""
    for token in parts:
        if token.kind == WORD:
            with contextlib.suppress(ValueError):
                yield abs(float(token.text))
