"""Functions that give what they are given, and note it where the engine is not proved for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.embedded.areas import area_from
from xladdin.engines.embedded.notes import Notes, each, elementwise, given, require_one, rounded
from xladdin.engines.embedded.substitutes.values import VALUE, Raw
from xladdin.engines.numerals import is_written_shorter
from xladdin.engines.proved import (
    BLANK,
    DIGITS,
    DOUBTFUL,
    NUMBER,
    SEVERAL,
    SHORT,
    is_of_digits,
    kind_of_value,
)
from xladdin.xlsx.workbook_part import area_of

_ADDRESS: Final = re.compile(
    r"""
      (?: '(?:[^'\[\]]|'')+'!
        | (?! (?:[A-Z]{1,3}[0-9]+|R[0-9]*C?[0-9]*|C[0-9]*)! )  # such a sheet needs quotes
          [A-Z_]\w*! )?
      ( \$?[A-Z]{1,3}\$?[1-9][0-9]{0,6} (?: :\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6} )?
      | \$?[A-Z]{1,3}:\$?[A-Z]{1,3} )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""The address of a cell or a range that every program reads alike."""


class ValueChecks:
    """Functions that give what they are given, and note it where it is not proved."""

    def __init__(self, notes: Notes, cell_of: Callable[[Raw], Cell]) -> None:
        self._notes = notes
        self._cell_of = cell_of

    def reached(self, number: float, cell: float) -> bool:
        """Note that a part is computed which is not proved; give TRUE."""
        kind, taker = self._notes.checks[int(number)]
        # Without a kind, the reason itself is there: an order, or rows that are hidden.
        self._notes.refused[int(cell)] = given(taker, kind) if kind else taker
        return True

    def unknown(self, reason: str, cell: float) -> Raw:
        """Note that a part is computed which has no value."""
        self._notes.refused[int(cell)] = reason
        return VALUE

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

    def key(self, value: Raw, number: float, search: float, cell: float) -> Raw:
        """Look at what is looked for, and remember it."""
        one = value.lstrip("<>=") if isinstance(value, str) else value
        keys = self._notes.keys.setdefault(int(cell), set())
        if is_of_digits(one) if isinstance(one, str) else type(one) in (int, float):
            keys.add((int(search), float(one)))
        elif isinstance(value, str):
            keys.add((int(search), value))
        return self.check(value, number, cell)

    def address(self, value: Raw, whole: float, cell: float) -> Raw:
        """Look at a text that is to be an address, which may be that of whole columns."""
        # What is no address is #NAME? in the engine, and a range from its end to its start #REF!.
        if isinstance(value, str) and not _is_address(value, bool(whole)):
            # The engine is not to look for it: with some texts, it finds no end.
            self._notes.refused[int(cell)] = "INDIRECT is given a text that is no plain address"
            return VALUE
        if isinstance(value, str):
            self._notes.addresses.setdefault(int(cell), set()).add(value)
        return value

    def step(self, value: Raw, number: float, cell: float) -> Raw:
        """Remember by how much OFFSET moves, or how large its cells are."""
        taken = {float(one or 0) for one in each(value) if one is None or type(one) in (int, float)}
        self._notes.steps.setdefault((int(cell), int(number)), set()).update(taken)
        return value

    def whole(self, value: Raw, cell: float) -> Raw:
        """Look at a number of days, or at a place from the largest or smallest."""
        if type(value) is float and not value.is_integer():
            self._notes.refused[int(cell)] = (
                "it is given a number that is not whole, which Excel may round"
            )
        return value

    def array(self, value: Raw, cell: float) -> Raw:
        """Look at what is made of several arrays: one error for all says that they do not fit."""
        if isinstance(value, dict) and value.get("kind") in ("Value", "Num"):
            self._notes.refused[int(cell)] = "it works on arrays that may be of different sizes"
        return value

    def found(self, value: Raw, cell: float) -> Raw:
        """Look at cells that a function is to find."""
        if isinstance(value, dict):
            reason = "it works on cells that give an error, or are not found"
            self._notes.refused.setdefault(int(cell), reason)
        return value

    def filled(self, value: Raw, cell: float) -> Raw:
        """Look at a cell that is given as 0, as blank ones are."""
        if type(value) is not bool and value in (0, "0"):  # which may be written out by now
            reason = "it looks up 0, or a blank cell, which the engine takes for the same"
            self._notes.refused.setdefault(int(cell), reason)
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
        if isinstance(value, str):
            return float(value) if is_of_digits(value) else value
        return 0.0 if value == 0 and type(value) is float else value  # Excel's has no sign

    def words(self, value: Raw, cell: float) -> Raw:
        """Look at a criterion of cells with texts that Excel may take for numbers."""
        if kind_of_value(self._cell_of(value)) & (NUMBER | BLANK | DIGITS | DOUBTFUL):
            what = "a criterion of numbers is held against a text that Excel may take for one"
            self._notes.refused[int(cell)] = what
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
        if (
            kind_of_value(short) & SHORT
            and not is_written_shorter(value)
            and not "490" <= tail <= "510"
        ):
            return f"{short + 0.0:.0f}" if short.is_integer() else repr(short)
        self._notes.refused[cell] = (
            "it joins a number to a text that Excel writes in a form of its own"
        )
        return value


def _is_address(text: str, whole: bool) -> bool:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return False
    first, _, last = match[1].replace("$", "").upper().partition(":")
    if first.isalpha():
        return (
            whole and area_from(match[1]) is not None and (len(first), first) <= (len(last), last)
        )
    try:
        area_of(match[1])
    except ValueError:  # past the edge of a sheet, or from its end to its start
        return False
    return True
