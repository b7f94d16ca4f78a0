"""Functions of ours that formulas call in the embedded engine's copy, and never in a workbook.

They compute by Excel's rules what the engine computes by others, and see to it that a value on its
way from one function to the next is of a kind that the engine is proved to handle. What is not is
noted with the number of its cell.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import formualizer

from xladdin.cells import Cell
from xladdin.engines.embedded import substitutes
from xladdin.engines.embedded.substitutes import SUBSTITUTES, UnknownRuleError, number_in
from xladdin.engines.proved import SEVERAL, SHORT, WORDS, kind_of_value
from xladdin.xlsx.workbook_part import area_of

Raw: TypeAlias = Any

CHECK: Final = "XLADDIN.CHECK"
REACHED: Final = "XLADDIN.REACHED"
COMPARE: Final = "XLADDIN.COMPARE"
POWER: Final = "XLADDIN.POWER"
WRITTEN: Final = "XLADDIN.WRITTEN"
DIFFERENCE: Final = "XLADDIN.DIFFERENCE"
ADDRESS: Final = "XLADDIN.ADDRESS"
READ: Final = "XLADDIN.READ"
WHOLE: Final = "XLADDIN.WHOLE"
SHOWN: Final = "XLADDIN.SHOWN"
RATE: Final = "XLADDIN.RATE"
SUBSTITUTE: Final = "XLADDIN."
"""What the names of `SUBSTITUTES` begin with."""

NAMES: Final = (
    *(CHECK, REACHED, COMPARE, POWER, WRITTEN, DIFFERENCE, ADDRESS, READ, WHOLE, SHOWN, RATE),
    *(SUBSTITUTE + name for name in SUBSTITUTES),
)

ARRAYS: Final = "[]"
"""What stands behind an operator that works on arrays."""

_ADDRESS: Final = re.compile(
    r"""
      (?: '(?:[^'\[\]]|'')+'!
        | (?! (?:[A-Z]{1,3}[0-9]+|R[0-9]*C?[0-9]*|C[0-9]*)! )  # such a sheet needs quotes
          [A-Z_]\w*! )?
      (\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6} (?: :\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6} )? )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""The address of a cell or a range that every program reads alike."""

_VALUE: Final = {"type": "Error", "kind": "Value"}
_NUM: Final = {"type": "Error", "kind": "Num"}
_DIV: Final = {"type": "Error", "kind": "Div"}

_NEARLY_HALF: Final = 1e-14
"""Parts within which a number in per cent is not told from one that ends in a half."""

_COMPARED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass
class Notes:
    """What was noted while the engine computed.

    Attributes:
        checks: By number: the kinds that a value may have, and who takes it.
        refused: By number of a cell: why its value is not to be trusted.
        interruption: What stopped one of the functions, such as a key.
    """

    checks: list[tuple[int, str]]
    refused: dict[int, str] = field(default_factory=dict)
    interruption: BaseException | None = None


def rounded(value: float) -> float:
    """Round a number to the 15 digits that Excel compares."""
    return float(f"{value:.15g}") if math.isfinite(value) else value


def register(workbook: formualizer.Workbook, notes: Notes, cell_of: Callable[[Raw], Cell]) -> None:
    """Make the functions known to the engine.

    Args:
        workbook: The engine's workbook.
        notes: Where they note what is not proved.
        cell_of: Turns a value of the engine into a cell's.
    """

    def check(value: Raw, number: float, cell: float) -> Raw:
        allowed, taker = notes.checks[int(number)]
        for one in _each(value):
            kind = kind_of_value(cell_of(one))
            if not kind & allowed:
                notes.refused[int(cell)] = given(taker, kind)
        if not allowed & SEVERAL:
            alone(value, taker, cell)
        return value

    def alone(value: Raw, taker: str, cell: float) -> None:
        if isinstance(value, list) and (len(value) != 1 or len(value[0]) != 1):
            notes.refused[int(cell)] = given(taker, SEVERAL)

    def address(value: Raw, cell: float) -> Raw:
        # What is no address is #NAME? in the engine, and a range from its end to its start #REF!.
        if isinstance(value, str) and not _is_address(value):
            notes.refused[int(cell)] = "INDIRECT is given a text that is no plain address"
        return value

    def reached(cell: float, number: float) -> bool:
        kind, taker = notes.checks[int(number)]
        notes.refused[int(cell)] = given(taker, kind)
        return True

    def written(value: Raw, number: float, cell: float) -> Raw:
        check(value, number, cell)
        return _elementwise(lambda one: _written(one, int(cell)), value)

    def _written(value: Raw, cell: int) -> Raw:
        if value is None:
            return ""
        if type(value) is not float:
            return value
        short = rounded(value)
        tail = f"{value:.17e}".lstrip("-").replace(".", "")[15:18]
        if kind_of_value(short) & SHORT and not "490" <= tail <= "510":
            return f"{short + 0.0:.0f}" if short.is_integer() else repr(short)
        notes.refused[cell] = "it joins a number to a text that Excel writes in a form of its own"
        return value

    def compare(left: Raw, right: Raw, sign: str, cell: float) -> Raw:
        if not sign.endswith(ARRAYS):
            alone(left, "a comparison", cell)
            alone(right, "a comparison", cell)
        sign = sign.removesuffix(ARRAYS)

        def one(a: Raw, b: Raw) -> Raw:
            return _compared(a, b, sign, int(cell))

        return _broadcast(one, left, right)

    def _compared(left: Raw, right: Raw, sign: str, cell: int) -> Raw:
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
            left, right = left.lower(), right.lower()
            plain = all(
                text.isascii() and text.replace(" ", "").isalnum() for text in (left, right) if text
            )
            if sign not in ("=", "<>") and not plain and left != right:
                notes.refused[cell] = (
                    "it asks which of two texts comes first, as only Excel sorts them"
                )
        return _COMPARED[sign](left, right)

    def whole(value: Raw, cell: float) -> Raw:
        if type(value) is float and not value.is_integer():
            notes.refused[int(cell)] = "it counts days between times of day, which Excel may round"
        return value

    def rate(value: Raw, cell: float) -> Raw:
        if type(value) is float and value > 1:
            notes.refused[int(cell)] = "it is given a rate above 100% a period"
        return value

    def shown(value: Raw, decimals: float, cell: float) -> Raw:
        if type(value) is float and math.isfinite(value):
            last = rounded(value) * 10 ** int(decimals)
            if abs(last - math.floor(last) - 0.5) < _NEARLY_HALF * max(1.0, abs(last)):
                notes.refused[int(cell)] = "it rounds a half per cent, which depends on rounding"
        return value

    def power(base: Raw, exponent: Raw, cell: float) -> Raw:
        def one(a: Raw, b: Raw) -> Raw:
            return _power(a, b, int(cell))

        return _broadcast(one, base, exponent)

    def _power(base: Raw, exponent: Raw, cell: int) -> Raw:
        numbers: list[float] = []
        for value in (base, exponent):
            if isinstance(value, dict):
                return value
            if value is None or isinstance(value, bool | int | float):
                numbers.append(float(value or 0))
            else:
                read = _read(value, cell)
                if isinstance(read, dict):
                    return read
                numbers.append(read)
        if numbers[0] == 0 and numbers[1] <= 0:
            return _DIV if numbers[1] else _NUM
        if numbers[0] < 0 and not numbers[1].is_integer():
            # Excel takes some roots of negative numbers, for exponents that are close to a part.
            notes.refused[cell] = "it raises a negative number to a power that is not whole"
        try:
            result = math.pow(*numbers)
        except (ValueError, OverflowError):
            return _NUM
        return result if math.isfinite(result) else _NUM

    def difference(left: Raw, right: Raw, sign: str, cell: float) -> Raw:
        # Whole numbers come as such from ROW and from arithmetic on it.
        if type(left) is int:
            left = float(left)
        if type(right) is int:
            right = float(right)
        if type(left) is not float or type(right) is not float:
            notes.refused[int(cell)] = "it subtracts what is no number"
            return _VALUE
        other = right if sign == "-" else -right
        result = left - other
        if result and rounded(left) == rounded(other):
            if abs(result) > abs(left) * 2**-49:
                notes.refused[int(cell)] = "its difference is at the limit of Excel's 15 digits"
            return 0.0
        return result

    def number(value: Raw, cell: float) -> Raw:
        return _elementwise(lambda one: _read(one, int(cell)), value)

    def _read(value: Raw, cell: int) -> Raw:
        if not isinstance(value, str):
            return value
        try:
            return substitutes.called(number_in, value)
        except UnknownRuleError as unknown:
            notes.refused[cell] = f"it takes for a number {unknown}"
            return _VALUE

    def noting(function: Callable[..., Raw]) -> Callable[..., Raw]:
        """Note what goes wrong in a function: the engine would make an error value of it."""

        def call(*arguments: Raw) -> Raw:
            try:
                return function(*arguments)
            except Exception as error:
                what = f"a function of this package fails on it ({type(error).__name__}: {error})"
                notes.refused[int(arguments[-1])] = what
            except BaseException as error:  # raised again once the engine has stopped
                notes.interruption = error
            return _VALUE

        return call

    def substitute(function: Callable[..., Raw]) -> Callable[..., Raw]:
        def call(*arguments: Raw) -> Raw:
            *given_, cell = arguments
            try:
                return substitutes.called(function, *given_)
            except UnknownRuleError as unknown:
                notes.refused[int(cell)] = str(unknown)
                return _VALUE

        return call

    workbook.register_function(REACHED, reached, min_args=2, max_args=2)
    for name, function, count in (
        (ADDRESS, address, 2),
        (CHECK, check, 3),
        (WRITTEN, written, 3),
        (COMPARE, compare, 4),
        (POWER, power, 3),
        (DIFFERENCE, difference, 4),
        (READ, number, 2),
        (WHOLE, whole, 2),
        (SHOWN, shown, 3),
        (RATE, rate, 2),
    ):
        workbook.register_function(name, noting(function), min_args=count, max_args=count)
    for name, function in SUBSTITUTES.items():
        workbook.register_function(SUBSTITUTE + name, noting(substitute(function)), min_args=1)


def given(taker: str, kind: int) -> str:
    """Say what somebody is given that the engine is not proved for."""
    word = next(word for one, word in WORDS.items() if one & kind)
    return f"{taker} is given {word}"


def _is_address(text: str) -> bool:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return False
    try:
        area_of(match[1])
    except ValueError:  # past the edge of a sheet, or from its end to its start
        return False
    return True


def _rank(value: Raw) -> int:
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def _blank_beside(other: Raw) -> Raw:
    """Return what a blank cell counts as beside something else."""
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0.0


def _each(value: Raw) -> list[Raw]:
    return [one for row in value for one in row] if isinstance(value, list) else [value]


def _elementwise(function: Callable[[Raw], Raw], value: Raw) -> Raw:
    if isinstance(value, list):
        return [[function(one) for one in row] for row in value]
    return function(value)


def _broadcast(function: Callable[[Raw, Raw], Raw], left: Raw, right: Raw) -> Raw:
    """Work on two values or arrays as operators do: one row, column or value serves for all."""
    if not isinstance(left, list) and not isinstance(right, list):
        return function(left, right)
    blocks = [value if isinstance(value, list) else [[value]] for value in (left, right)]
    height, width = (max(len(block) for block in blocks), max(len(block[0]) for block in blocks))
    return [
        [function(*(_at(block, row, column) for block in blocks)) for column in range(width)]
        for row in range(height)
    ]


def _at(block: list[Any], row: int, column: int) -> Raw:
    row = 0 if len(block) == 1 else row
    if row < len(block):
        line = block[row]
        column = 0 if len(line) == 1 else column
        if column < len(line):
            return line[column]
    return {"type": "Error", "kind": "Na"}
