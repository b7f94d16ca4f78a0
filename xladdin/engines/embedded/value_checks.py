"""Functions that give what they are given, and note it where the engine is not proved for it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.embedded.notes import Notes, each, elementwise, given, require_one, rounded
from xladdin.engines.embedded.substitutes.values import Raw
from xladdin.engines.proved import SEVERAL, SHORT, is_of_digits, kind_of_value
from xladdin.xlsx.workbook_part import area_of

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


_NEARLY_HALF: Final = 1e-14
"""Parts within which a number in per cent is taken for one that ends in a half."""


class ValueChecks:
    """Functions that give what they are given, and note it where it is not proved."""

    def __init__(self, notes: Notes, cell_of: Callable[[Raw], Cell]) -> None:
        self._notes = notes
        self._cell_of = cell_of

    def reached(self, cell: float, number: float) -> bool:
        """Note that a part is computed which is not proved; give TRUE."""
        kind, taker = self._notes.checks[int(number)]
        self._notes.refused[int(cell)] = given(taker, kind)
        return True

    def check(self, value: Raw, number: float, cell: float) -> Raw:
        """Look at the kinds of a value, and whether it is one value."""
        allowed, taker = self._notes.checks[int(number)]
        for one in each(value):
            kind = kind_of_value(self._cell_of(one))
            if not kind & allowed:
                self._notes.refused[int(cell)] = given(taker, kind)
        if not allowed & SEVERAL:
            require_one(value, taker, cell, self._notes)
        return value

    def address(self, value: Raw, cell: float) -> Raw:
        """Look at a text that is to be an address."""
        # What is no address is #NAME? in the engine, and a range from its end to its start #REF!.
        if isinstance(value, str) and not _is_address(value):
            self._notes.refused[int(cell)] = "INDIRECT is given a text that is no plain address"
        return value

    def whole(self, value: Raw, cell: float) -> Raw:
        """Look at a number of days."""
        if type(value) is float and not value.is_integer():
            self._notes.refused[int(cell)] = (
                "it counts days between times of day, which Excel may round"
            )
        return value

    def rate(self, value: Raw, cell: float) -> Raw:
        """Look at a rate a period."""
        if type(value) is float and value > 1:
            self._notes.refused[int(cell)] = "it is given a rate above 100% a period"
        return value

    def pattern(self, value: Raw, cell: float) -> Raw:
        """Look at a text that is searched for."""
        if isinstance(value, str) and value and not value.strip("*"):
            self._notes.refused[int(cell)] = "it searches for nothing but a wildcard"
        return value

    def criterion(self, value: Raw, _cell: float) -> Raw:
        """Make a number of a criterion of digits: the engine compares the text as it is written."""
        return float(value) if isinstance(value, str) and is_of_digits(value) else value

    def shown(self, value: Raw, decimals: float, percent: bool, cell: float) -> Raw:
        """Look at a number that is to be written with so many decimals, in per cent or not."""
        if type(value) is float and math.isfinite(value):
            last = rounded(value) * 10 ** int(decimals)
            if -0.5 < last < 0:
                self._notes.refused[int(cell)] = (
                    "it writes a negative number that is rounded to 0, perhaps with a sign"
                )
            part = abs(last - math.floor(last) - 0.5)
            if percent and part < _NEARLY_HALF * max(1.0, abs(last)):
                self._notes.refused[int(cell)] = (
                    "it rounds a half per cent, which depends on rounding"
                )
        return value

    def written(self, value: Raw, number: float, cell: float) -> Raw:
        """Write numbers as texts, and look at all else."""
        self.check(value, number, cell)
        return elementwise(lambda one: self._written(one, int(cell)), value)

    def _written(self, value: Raw, cell: int) -> Raw:
        if value is None:
            return ""
        if type(value) is not float:
            return value
        short = rounded(value)
        tail = f"{value:.17e}".lstrip("-").replace(".", "")[15:18]
        if kind_of_value(short) & SHORT and not "490" <= tail <= "510":
            return f"{short + 0.0:.0f}" if short.is_integer() else repr(short)
        self._notes.refused[cell] = (
            "it joins a number to a text that Excel writes in a form of its own"
        )
        return value


def _is_address(text: str) -> bool:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return False
    try:
        area_of(match[1])
    except ValueError:  # past the edge of a sheet, or from its end to its start
        return False
    return True
