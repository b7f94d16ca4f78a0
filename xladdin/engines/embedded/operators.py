"""Operators by Excel's rules."""

from __future__ import annotations

import math
import operator
import struct
import sys
from collections.abc import Callable
from typing import Any, Final

from xladdin.engines.embedded.notes import Notes, elementwise, require_one, rounded
from xladdin.engines.embedded.substitutes.values import (
    DIV,
    NUM,
    VALUE,
    Raw,
    UnknownRuleError,
    called,
    fitted,
    number_in,
)
from xladdin.engines.letters import UNSURE, alike, lowered

_APART: Final = 7
"""How far the bits of two numbers are apart at most, of which the difference is 0 to Excel."""

ARRAYS: Final = "[]"
"""What stands behind an operator that works on arrays."""


_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Operators:
    """Operators by Excel's rules."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def compare(self, left: Raw, right: Raw, sign: str, cell: float) -> Raw:
        """Compare at 15 digits, texts without regard to capitals."""
        if not sign.endswith(ARRAYS):
            require_one(left, "a comparison", cell, self._notes)
            require_one(right, "a comparison", cell, self._notes)
        sign = sign.removesuffix(ARRAYS)

        def one(a: Raw, b: Raw) -> Raw:
            return self._compared(a, b, sign, int(cell))

        return _broadcast(one, left, right)

    def _compared(self, left: Raw, right: Raw, sign: str, cell: int) -> Raw:
        for side in (left, right):
            if isinstance(side, dict):
                return side
        if left is None:
            left = _blank_beside(right)
        if right is None:
            right = _blank_beside(left)
        ranks = _rank(left), _rank(right)
        if ranks[0] != ranks[1]:
            return _COMPARED[sign](*ranks)
        if ranks[0] == 0:
            return _COMPARED[sign](rounded(float(left)), rounded(float(right)))
        if ranks[0] == 1:
            same = alike(left, right)
            if same is None:
                self._notes.refused[cell] = UNSURE
            left, right = lowered(left), lowered(right)
            plain = all(
                text.isascii() and text.replace(" ", "").isalnum() for text in (left, right) if text
            )
            if sign not in ("=", "<>") and not plain and not same:
                self._notes.refused[cell] = (
                    "it asks which of two texts comes first, as only Excel sorts them"
                )
        return _COMPARED[sign](left, right)

    def power(self, base: Raw, exponent: Raw, cell: float) -> Raw:
        """Raise to a power: 0^0 is #NUM!, and a blank counts as 0."""

        def one(a: Raw, b: Raw) -> Raw:
            return self._power(a, b, int(cell))

        return _broadcast(one, base, exponent)

    def _power(self, base: Raw, exponent: Raw, cell: int) -> Raw:
        numbers: list[float] = []
        for value in (base, exponent):
            if isinstance(value, dict):
                return value
            if value is None or isinstance(value, bool | int | float):
                numbers.append(float(value or 0))
            else:
                read = self._read(value, cell)
                if isinstance(read, dict):
                    return read
                numbers.append(read)
        if numbers[0] == 0 and numbers[1] <= 0:
            return DIV if numbers[1] else NUM
        if numbers[0] < 0 and not numbers[1].is_integer():
            # Excel takes some roots of negative numbers, for exponents that are close to a part.
            self._notes.refused[cell] = "it raises a negative number to a power that is not whole"
        try:
            result = math.pow(*numbers)
        except (ValueError, OverflowError):
            return NUM
        if 0 < abs(result) < sys.float_info.min:
            return 0.0
        return result if math.isfinite(result) else NUM

    def difference(self, left: Raw, right: Raw, sign: str, cell: float) -> Raw:
        """Subtract or add, and give 0 where Excel takes the operands for the same.

        It does where their bits, read as whole numbers, are 1 to 7 apart, as was observed in
        microsoft.public.excel.worksheet.functions, April 2009: neither at fifteen digits, as
        comparisons are made, nor by a share of the operands.
        """
        for side in (left, right):
            if isinstance(side, dict):
                return side
        # A blank cell is 0; whole numbers come as such from ROW and from arithmetic on it.
        left, right = (
            float(side or 0) if side is None or isinstance(side, int) else side
            for side in (left, right)
        )
        if type(left) is not float or type(right) is not float:
            self._notes.refused[int(cell)] = "it subtracts what is no number"
            return VALUE
        other = right if sign == "-" else -right
        result = left - other
        return 0.0 if result and abs(_bits(left) - _bits(other)) <= _APART else result

    def number(self, value: Raw, cell: float) -> Raw:
        """Read texts as numbers."""
        return elementwise(lambda one: self._read(one, int(cell)), value)

    def _read(self, value: Raw, cell: int) -> Raw:
        if not isinstance(value, str):
            return value
        try:
            return called(number_in, value)
        except UnknownRuleError as unknown:
            self._notes.refused[cell] = f"it takes for a number {unknown}"
            return VALUE


def _bits(number: float) -> int:
    """Read the 64 bits of a number as a whole number: neighbours are 1 apart."""
    return int.from_bytes(struct.pack(">d", number), signed=True)


def _rank(value: Raw) -> int:
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def _blank_beside(other: Raw) -> Raw:
    """Return what a blank cell counts as beside something else."""
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0.0


def _broadcast(function: Callable[[Raw, Raw], Raw], left: Raw, right: Raw) -> Raw:
    """Work on two values or arrays as operators do: one row, column or value serves for all."""
    if not isinstance(left, list) and not isinstance(right, list):
        return function(left, right)
    blocks = [value if isinstance(value, list) else [[value]] for value in (left, right)]
    height, width = (max(len(block) for block in blocks), max(len(block[0]) for block in blocks))
    pairs = zip(*(fitted(block, height, width) for block in blocks), strict=True)
    return [[function(*sides) for sides in zip(*lines, strict=True)] for lines in pairs]


def is_residue(value: object) -> bool:
    """Whether a number may be what is left of two numbers of nearly the same bits.

    It has few binary digits then: of bits at most 7 apart, at most 14 times the last one. From 1
    on, the two have to be past `LEAST_ROUNDED`.
    """
    if type(value) is not float or not value:
        return False
    digits = int(math.frexp(abs(value))[0] * 2**53)
    return digits & -digits >= 2**49


LEAST_ROUNDED: Final = 2.0**49
"""The least number that a neighbour of at most 7 bits apart is 1 away from, or a little less."""
