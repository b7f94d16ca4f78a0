"""Whether what a cell holds keeps the rule that its data validation sets."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from xladdin.cells import Cell, CellError, day_of, shown
from xladdin.core.decimals import slack
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.result import Computed
from xladdin.errors import day_shown
from xladdin.formulas.tokens import STRING, shifted, tokens
from xladdin.xlsx import data_validations
from xladdin.xlsx.data_validations import Validation
from xladdin.xlsx.sheet_part import Place, places

_THINGS: Final = {
    data_validations.WHOLE: "a whole number",
    data_validations.DECIMAL: "a number",
    data_validations.DATE: "a date",
    data_validations.TIME: "a time",
    data_validations.LENGTH: "a text",
}

_MOST_COMPUTED: Final = 1_000
"""Most bounds and conditions computed for one workbook; further ones are not judged."""

_LONGEST_LIST: Final = 10_000
"""Most entries of a list; a longer one is not judged."""

_ROUNDING: Final = 1e-12
"""A bound is met while it is passed by no more than this part of it, which is binary error, and by
less than a dollar limit has to be passed."""

_OPERATORS: Final[dict[str, tuple[str, Callable[[float, float], bool]]]] = {
    "greaterThan": ("above", lambda value, bound: value > bound),
    "greaterThanOrEqual": ("of at least", lambda value, bound: value >= bound),
    "lessThan": ("below", lambda value, bound: value < bound),
    "lessThanOrEqual": ("of at most", lambda value, bound: value <= bound),
    "equal": ("equal to", lambda value, bound: value == bound),
    "notEqual": ("other than", lambda value, bound: value != bound),
}


class EntryRules:
    """The rules of one workbook's cells."""

    def __init__(self, dependencies: Dependencies, explainer: Explainer, result: Computed) -> None:
        """Take a workbook's formulas and its values."""
        self._dependencies = dependencies
        self._explainer = explainer
        self._result = result
        self._computed: dict[tuple[str, str], Cell] = {}
        self._lists: dict[tuple[str, str], frozenset[str] | None] = {}

    def broken(self, rule: Validation, sheet: str, place: Place, value: Cell) -> str:
        """Return how a value breaks a rule.

        Args:
            rule: The rule.
            sheet: The cell's sheet.
            place: The cell.
            value: What it holds.

        Returns:
            What is wrong and what is wanted, in words; empty where the rule is kept, or cannot be
            judged here.
        """
        if value is None or value == "":
            # A rule that does not allow blanks stops nobody from leaving the cell alone.
            return ""
        if isinstance(value, CellError):
            # What a formula gives is named with the errors.
            if self._dependencies.text(sheet, self._dependencies.master(sheet, place)):
                return ""
            return f"an error value where {_THINGS.get(rule.kind, 'an entry')} belongs"
        problem = self._problem(rule, sheet, place, value)
        if not problem:
            return ""
        return f"{problem}: {rule.message}" if rule.message else problem

    def _problem(self, rule: Validation, sheet: str, place: Place, value: Cell) -> str:
        if rule.kind == data_validations.LIST:
            entries = self._entries(rule, sheet, place)
            known = entries is None or shown(value).strip().casefold() in entries
            return "" if known else "an entry that is not in the list of its cell"
        if rule.kind == data_validations.CUSTOM:
            kept = self._bound(rule, rule.first, sheet, place)
            return "an entry that breaks the rule of its cell" if kept in (False, 0.0) else ""
        thing = _THINGS.get(rule.kind)
        if thing is None:
            return ""
        if rule.kind == data_validations.LENGTH:
            size = float(len(shown(value)))
        elif isinstance(value, float):
            # Of a date, the time of day is left aside.
            size = float(math.floor(value)) if rule.kind == data_validations.DATE else value
        else:
            kind = "text" if isinstance(value, str) else "a truth value"
            return f"{kind} where {thing} belongs"
        if rule.kind == data_validations.WHOLE and abs(size - round(size)) > abs(size) * 5e-16:
            return f"not {thing}"
        return self._outside(rule, size, sheet, place)

    def _outside(self, rule: Validation, size: float, sheet: str, place: Place) -> str:
        """Return which bounds a number is outside of."""
        first = self._bound(rule, rule.first, sheet, place)
        if not isinstance(first, float):
            return ""
        thing = f"{_THINGS[rule.kind]}"
        dated = rule.kind == data_validations.DATE
        wrong = f"{_written(size, dated)} is not" if dated else "not"
        if rule.kind == data_validations.LENGTH:
            thing = "a text whose length is"
        if rule.operator in ("between", "notBetween"):
            second = self._bound(rule, rule.second, sheet, place)
            if not isinstance(second, float):
                return ""
            inside = _met(size, first, "greaterThanOrEqual") and _met(
                size, second, "lessThanOrEqual"
            )
            bounds = f"from {_written(first, dated)} to {_written(second, dated)}"
            if rule.operator == "notBetween":
                return f"{wrong} {thing} outside {bounds}" if inside else ""
            return "" if inside else f"{wrong} {thing} {bounds}"
        if rule.operator not in _OPERATORS or _met(size, first, rule.operator):
            return ""
        return f"{wrong} {thing} {_OPERATORS[rule.operator][0]} {_written(first, dated)}"

    def _bound(self, rule: Validation, text: str, sheet: str, place: Place) -> Cell:
        """Compute a bound or a condition; None where that cannot be done here."""
        with contextlib.suppress(ValueError):
            return float(text)
        plain = self._seen(rule, text, sheet, place)
        areas = list(self._dependencies.areas(plain, sheet))
        if len(areas) == 1 and areas[0][1].shape == (1, 1) and len(tokens(plain)) <= 2:
            where, area = areas[0]
            return self._result.value(where, area.first_row, area.first_column)
        key = sheet, plain
        if key not in self._computed:
            if len(self._computed) >= _MOST_COMPUTED:
                return None
            # Away from the cell, which the condition itself may look at.
            self._computed[key] = self._explainer.evaluate(plain, sheet, _ASIDE).value
        return self._computed[key]

    def _entries(self, rule: Validation, sheet: str, place: Place) -> frozenset[str] | None:
        """Return the entries of a list, in lower case; None where they cannot be read here."""
        parts = tokens(rule.first)
        if len(parts) == 1 and parts[0].kind == STRING:
            words = parts[0].text[1:-1].replace('""', '"').split(",")
            return frozenset(word.strip().casefold() for word in words)
        plain = self._seen(rule, rule.first, sheet, place)
        key = sheet, plain
        if key not in self._lists:
            self._lists[key] = self._range_of(plain, sheet)
        return self._lists[key]

    def _range_of(self, plain: str, sheet: str) -> frozenset[str] | None:
        areas = list(self._dependencies.areas(plain, sheet))
        if len(areas) != 1 or "(" in plain:
            return None
        where, area = areas[0]
        area = self._dependencies.reached(where, area)
        if math.prod(area.shape) > _LONGEST_LIST:
            return None
        values = (self._result.value(where, *one) for one in places(area))
        return frozenset(shown(value).strip().casefold() for value in values)

    def _seen(self, rule: Validation, text: str, sheet: str, place: Place) -> str:
        """Return a rule's formula as seen from a cell, without names."""
        first = rule.areas[0]
        moved = shifted(text, place[0] - first.first_row, place[1] - first.first_column)
        return self._dependencies.plain(moved, sheet, place)


_ASIDE: Final = (1, 16_000)


def _met(size: float, bound: float, operator: str) -> bool:
    """Return whether a number keeps to a bound; one that differs by rounding alone is the bound."""
    gap = abs(size - bound)
    if gap <= _ROUNDING * abs(bound) and gap < slack(abs(Decimal(bound))):
        size = bound
    return _OPERATORS[operator][1](size, bound)


def _written(bound: float, dated: bool) -> str:
    if dated:
        with contextlib.suppress(ValueError):
            return day_shown(day_of(bound))
    written = f"{bound:,.15g}"
    return f"{Decimal(written):f}" if "e-" in written else written
