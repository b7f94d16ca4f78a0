"""What LibreOffice computes of numbers and dates otherwise than Excel."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from xladdin.cells import CellError, day_of
from xladdin.engines.libreoffice.cell_kinds import CellKinds
from xladdin.engines.libreoffice.function_groups import (
    CUT_OFF,
    DATE_RESULT,
    DAYS,
    FROM_A_DAY,
    FROM_TEXTS,
    ITS_OWN,
    OF_PERIODS,
    OF_WHOLE_NUMBERS,
    OTHERS,
    SUMS,
    TO_MULTIPLES,
    WITHOUT_LOGICALS,
    WORKDAYS,
)
from xladdin.engines.libreoffice.known_differences import (
    EARLY,
    FRACTIONS,
    LATE,
    LOGICALS,
    OMITTED,
    OTHER,
    POWER,
    SMALL_POWER,
    TEXTS,
    TIMES,
)
from xladdin.engines.libreoffice.part_values import PartValues, inside
from xladdin.engines.libreoffice.written_numbers import is_number
from xladdin.engines.proved import DIGITS, DOUBTFUL, is_of_digits, kind_of_value
from xladdin.engines.result import Computed
from xladdin.formulas.syntax_tree import (
    BINARY,
    FUNCTION,
    GAP,
    NUMBER,
    REFERENCE,
    TEXT,
    UNARY,
    Node,
)
from xladdin.formulas.tokens import function_name
from xladdin.xlsx.workbook_part import Workbook

_DATED: Final = re.compile("[dy]|^[^hs]*m[^hs]*$")
_TIMED: Final = re.compile("[hs]")
"""Formats in lower case that show dates, and times of day."""
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]")
_MOMENT: Final = 1e-4
"""Seconds by which a time of day may be off for its last digits."""

_TODAY: Final = re.compile(r"\b(?:TODAY|NOW)\(\)", re.IGNORECASE)
_LATER_YEAR: Final = re.compile(r"(?<!\d)(?:190[1-9]|19[1-9]\d|[2-9]\d{3})(?!\d)")

_FIRST: Final = 61
_LAST: Final = 2_958_465
"""1 March 1900 and 31 December 9999."""

_LEAST_POWER: Final = -300
"""The power of 10 below which LibreOffice may give an error, where Excel gives 0."""

_PERIODS: Final = (0.01, 10_000)
"""Numbers of periods for which both programs give the same."""

_LARGEST: Final = 1e15
"""A number of more digits than both programs distinguish."""

_MOST_PAIRS: Final = 10_000
"""Pairs that are looked at of two ranges."""

_NEARLY: Final = 1e-9
"""Parts of one within which a quotient counts as a whole number."""


_LAST_DIGITS: Final = 1e-14
"""Parts of a number that its last digits in binary make."""


class DifferenceRule(NamedTuple):
    """A reason for which formulas may be refused, and when they are: always, or where it holds."""

    reason: str
    applies: Callable[[], bool] = lambda: True


class NumberRules(PartValues):
    """What is looked at in functions of numbers and dates."""

    def __init__(self, book: Workbook, computed: Computed) -> None:
        super().__init__(book, computed)
        self._kinds = CellKinds(self._cells(), computed.values)
        self._known_numbers: dict[tuple[str, str], frozenset[float]] = {}

    def _of_numbers(self, node: Node, name: str) -> Iterator[DifferenceRule]:
        if name in OTHERS or name.startswith(ITS_OWN):
            yield DifferenceRule(OTHER.format(name))
        if name.endswith(".INTL") and any(part.kind == GAP for part in node.parts):
            yield DifferenceRule(OMITTED)
        if name in SUMS and any(part.kind == TEXT for part in node.parts):
            yield DifferenceRule(TEXTS)
        raises = name == "POWER" or (node.kind == BINARY and node.text == "^")
        if raises and len(node.parts) == 2:
            yield DifferenceRule(
                SMALL_POWER, lambda: self._any_pair(node, _vanishes, otherwise=self._fails())
            )
            yield DifferenceRule(POWER, lambda: self._is_unclear_power(node))
        if name in ("SMALL", "LARGE") and node.parts:
            what = OTHER.format(f"{name} of a place that there is not")
            yield DifferenceRule(what, lambda: self._is_beyond(node))
        if name in ("RANK", "RANK.EQ", "RANK.AVG") and len(node.parts) > 1:
            what = OTHER.format(f"{name} of a number that is not among the others")
            yield DifferenceRule(what, lambda: self._is_not_among(*node.parts[:2]))
        if name in ("MROUND", "MOD") and len(node.parts) == 2:
            apart = _has_other_sign if name == "MROUND" else _is_nearly_multiple
            what = OTHER.format(f"{name} of such numbers")
            yield DifferenceRule(what, lambda: self._any_pair(node, apart))
        if name == "CHOOSE" and node.parts:
            yield DifferenceRule(FRACTIONS, partial(self._has_fraction, node.parts[0]))
        if name in OF_PERIODS and len(node.parts) > 1:
            what = OTHER.format(f"{name} of such a number of periods")
            yield DifferenceRule(what, lambda: self._is_no_usual_count(node.parts[1]))
        if name in ("EFFECT", "NOMINAL") and node.parts:
            what = OTHER.format(f"{name} of a rate that is not above 0")
            yield DifferenceRule(what, lambda: not self._is_above(node.parts[0], 0))
        for part in node.parts[name == "ROUND" :] if name in CUT_OFF else ():
            what = OTHER.format(f"{name} of a number that is whole but for its last digit")
            yield DifferenceRule(what, partial(self._is_nearly_whole, part))
        if name in TO_MULTIPLES and len(node.parts) == 2:
            what = OTHER.format(f"{name} of a number that is a multiple but for its last digits")
            yield DifferenceRule(what, lambda: self._any_pair(node, _is_almost_multiple))
        if name == "RATE" and len(node.parts) > 2:
            what = OTHER.format("RATE of payments that are all of one sign")
            yield DifferenceRule(what, lambda: self._have_one_sign(node.parts[1:4]))
        for part in node.parts if name in OF_WHOLE_NUMBERS else ():
            yield DifferenceRule(FRACTIONS, partial(self._has_fraction, part))

    def _of_dates(self, node: Node, name: str) -> Iterator[DifferenceRule]:
        if name == "DATE" and node.parts:
            year = node.parts[0]
            yield DifferenceRule(EARLY, lambda: self._may_be_early(year))
            yield DifferenceRule(LATE, lambda: self._is_above(year, 9_999))
        for part in node.parts[: DAYS.get(name, 0)]:
            yield DifferenceRule(EARLY, partial(self._is_early, part))
        for part in node.parts[: (DAYS | WORKDAYS | FROM_TEXTS).get(name, 0)]:
            yield DifferenceRule(
                EARLY, partial(self._may_be_read_early, part, numbers=name not in FROM_TEXTS)
            )
        for part in node.parts if name in WITHOUT_LOGICALS else ():
            yield DifferenceRule(LOGICALS, partial(self._is_true_or_false, part))
        for part in node.parts[: (DAYS | WORKDAYS).get(name, 0)]:
            yield DifferenceRule(LATE, partial(self._is_above, part, _LAST + 0.999))
        for part in node.parts[: WORKDAYS.get(name, 0)]:
            first = 0 if name == "DAYS" else _FIRST
            yield DifferenceRule(EARLY, partial(self._is_an_early_workday, part, first))
        if name in FROM_A_DAY and len(node.parts) > 1:
            yield DifferenceRule(EARLY, lambda: self._goes_back_early(node, FROM_A_DAY[name]))
            yield DifferenceRule(LATE, lambda: self._leaves_calendar(node, FROM_A_DAY[name]))
            yield DifferenceRule(FRACTIONS, lambda: self._has_fraction(node.parts[1]))
        if name == "WEEKNUM" and node.parts:
            what = OTHER.format("WEEKNUM of the last days of a year")
            yield DifferenceRule(what, lambda: self._ends_a_year(node.parts[0]))
        if name == "TEXT" and node.parts:
            yield DifferenceRule(EARLY, lambda: self._shows_an_early_date(node))
            yield DifferenceRule(TIMES, lambda: self._shows_part_of_a_second(node))

    def _is_unclear_power(self, node: Node) -> bool:
        """Whether a power may be one of which LibreOffice has another value, or Excel an error."""
        base, exponent = (self._least(part) for part in node.parts)
        if base > 0 or (base == 0 and exponent > 0):
            return False
        return not (exponent > 0 and self._whole(node.parts[1]))

    def _may_be_early(self, year: Node) -> bool:
        """Whether a year may be 1900, or one that is counted from there."""
        numbers = self._computed_numbers(year)
        return not numbers or min(numbers) <= 1900

    def _is_early(self, day: Node) -> bool:
        # What is computed may be so in a branch that is not taken, as in rows that wait for input.
        simple = inside(day).kind in (NUMBER, REFERENCE, UNARY)
        return simple and self._least(day) < _FIRST

    def _may_be_read_early(self, day: Node, *, numbers: bool = True) -> bool:
        """Whether a day is a logical, or a text that may stand for one before March 1900.

        Args:
            day: The day.
            numbers: Whether a number in a text is a day as well.
        """
        inner = inside(day)
        gives_dates = inner.kind == FUNCTION and function_name(inner.text) in DATE_RESULT
        if numbers and inner.kind in (FUNCTION, BINARY) and not gives_dates:
            known = self._calculator.may_compute(_TODAY.sub("1", self._written(inner)))
            if not known:
                return True
        for value in self._all_values(day):
            if isinstance(value, bool):
                return numbers
            if isinstance(value, str) and kind_of_value(value) & (DIGITS | DOUBTFUL):
                if is_of_digits(value):
                    early = numbers and float(value) < _FIRST
                elif is_number(value):
                    early = numbers
                else:
                    early = _LATER_YEAR.search(value) is None
                if early:
                    return True
        return False

    def _is_true_or_false(self, node: Node) -> bool:
        return any(isinstance(value, bool) for value in self._all_values(node))

    def _is_an_early_workday(self, day: Node, first: int) -> bool:
        """Whether a day, blank ones too, is early, and not in a branch that is not taken."""
        inner = inside(day)
        known = inner.kind in (NUMBER, REFERENCE)
        values = (
            [value or 0.0 for value in self._values(inner)] if known else [self._evaluated(inner)]
        )
        early = any(type(value) is float and value < first for value in values)
        return early and self._is_taken(day)

    def _is_taken(self, node: Node) -> bool:
        """Whether no condition of the formula leaves a part out, as in rows that wait for input."""
        at = self._form.root
        while holding := [
            one for one in at.parts if one.start <= node.start < node.stop <= one.stop
        ]:
            if (
                at.kind == FUNCTION
                and function_name(at.text) == "IF"
                and holding[0] is not at.parts[0]
            ):
                met = self._evaluated(at.parts[0])
                if isinstance(met, CellError):
                    return False
                if isinstance(met, bool | float) and bool(met) is not (holding[0] is at.parts[1]):
                    return False
            at = holding[0]
        return True

    def _goes_back_early(self, node: Node, step: int) -> bool:
        """Whether so many steps back from a day may lead to one before March 1900."""
        days, counts = (self._computed_numbers(part) for part in node.parts[:2])
        return any(day + step * count < _FIRST <= day for day in days for count in counts)

    def _is_above(self, node: Node, limit: float) -> bool:
        return any(number > limit for number in self._computed_numbers(node))

    def _leaves_calendar(self, node: Node, step: int) -> bool:
        """Whether so many steps from a day may lead out of the calendar."""
        days, counts = (self._computed_numbers(part) for part in node.parts[:2])
        return any(day + step * count > _LAST for day in days for count in counts)

    def _has_fraction(self, node: Node) -> bool:
        numbers = self._computed_numbers(node)
        return not all(number.is_integer() and abs(number) < _LARGEST for number in numbers)

    def _is_no_usual_count(self, node: Node) -> bool:
        """Whether a number of periods may be 0, a part of one, or thousands."""
        inner = inside(node)
        known = inner.kind in (NUMBER, REFERENCE)
        values = list(self._values(inner)) if known else [self._evaluated(inner)]
        low, high = _PERIODS
        return not all(isinstance(one, float) and low <= abs(one) <= high for one in values)

    def _fails(self) -> bool:
        """Whether the formula at hand gives an error."""
        return isinstance(self._computed.value(self._sheet, *self._place), CellError)

    def _is_nearly_whole(self, number: Node) -> bool:
        values = self._computed_numbers(number)
        return any(
            0 < abs(one - round(one)) <= _LAST_DIGITS * max(1.0, abs(one))
            for one in values
            if abs(one) < _LARGEST
        )

    def _is_an_error(self, node: Node) -> bool:
        inner = inside(node)
        known = inner.kind == REFERENCE
        values = list(self._values(inner)) if known else [self._evaluated(inner)]
        return bool(values) and all(isinstance(value, CellError) for value in values)

    def _have_one_sign(self, amounts: Iterable[Node]) -> bool:
        """Whether no amount may have another sign than the others, so that no rate is right."""
        numbers = [number for amount in amounts for number in self._computed_numbers(amount)]
        return not any(number > 0 for number in numbers) or not any(n < 0 for n in numbers)

    def _ends_a_year(self, day: Node) -> bool:
        """Whether a day may be in a week that the next year begins in."""
        numbers = self._computed_numbers(day)
        days = [day_of(number) for number in numbers if _FIRST <= number < _LAST]
        return not numbers or any((one.month, one.day) > (12, 25) for one in days)

    def _is_not_among(self, number: Node, cells: Node) -> bool:
        """Whether a number is asked for that a range may not hold."""
        cells = inside(cells)
        key = self._sheet, self._written(cells)
        if key not in self._known_numbers:
            values = self._values(cells)
            self._known_numbers[key] = frozenset(one for one in values if type(one) is float)
        numbers = self._computed_numbers(number)
        return not numbers or not self._known_numbers[key].issuperset(numbers)

    def _any_pair(
        self, node: Node, test: Callable[[float, float], bool], *, otherwise: bool = True
    ) -> bool:
        """Whether two numbers that an operation is given pass a test; what if they are unknown."""
        one, other = (self._computed_numbers(part) for part in node.parts)
        if not one or not other:
            # Of an error, either program makes the same error.
            return otherwise and not any(map(self._is_an_error, node.parts))
        if len(one) * len(other) > _MOST_PAIRS:
            return True
        return any(test(first, second) for first in one for second in other)

    def _shows_an_early_date(self, node: Node) -> bool:
        """Whether a number that may be a day before March 1900 is shown as a date."""
        shown = node.parts[0]
        formats = self._date_formats(node)
        first = _FIRST if any(map(_DATED.search, formats)) else 0
        early = any(number < first for number in self._computed_numbers(shown))
        return bool(formats) and (early or self._may_be_read_early(shown))

    def _shows_part_of_a_second(self, node: Node) -> bool:
        """Whether Excel may round a time: one between seconds, or just before a minute."""
        formats = self._date_formats(node)
        if not any(map(_TIMED.search, formats)):
            return False
        unit = 1 if any("s" in one for one in formats) else 60
        for number in self._computed_numbers(node.parts[0]):
            seconds = number * 86_400
            apart = seconds - round(seconds)
            before = unit - seconds % unit
            if abs(apart) > _MOMENT and (unit == 1 or before <= 0.5):
                return True
        return False

    def _date_formats(self, node: Node) -> list[str]:
        """Return the formats of a call of TEXT that show dates or times, in lower case."""
        formats = [str(one).lower() for one in self._values(node.parts[-1])] or ["d"]
        bare = [_QUOTED.sub("", _ELAPSED.sub(r"\1", one)).replace("am/pm", "") for one in formats]
        return [one for one in bare if re.search("[dmyhs]", one)]

    def _is_beyond(self, node: Node) -> bool:
        """Whether a place among the numbers of a range is asked for that there may not be."""
        cells = inside(node.parts[0])
        areas = self._areas(cells) if cells.kind == REFERENCE else ()
        count = sum(self._kinds.numbers.count(*area) for area in areas)
        places = self._computed_numbers(node.parts[-1])
        return not places or not all(1 <= place <= count for place in places)


def _has_other_sign(number: float, multiple: float) -> bool:
    return number * multiple < 0


def _is_nearly_multiple(number: float, divisor: float) -> bool:
    """Whether a remainder is near 0 or near the divisor, and depends on rounding."""
    if not divisor or not math.isfinite(number) or not math.fmod(number, divisor):
        return not math.isfinite(number)
    parts = number / divisor
    return abs(parts - round(parts)) < _NEARLY * max(1.0, abs(parts))


def _is_almost_multiple(number: float, multiple: float) -> bool:
    """Whether a number is no multiple, but would be with other last digits."""
    if not multiple or not math.isfinite(number):
        return not math.isfinite(number)
    apart = abs(math.remainder(number, multiple))
    return 0 < apart <= _LAST_DIGITS * max(abs(number), abs(multiple))


def _vanishes(base: float, exponent: float) -> bool:
    """Whether a power is so small that it may be 0."""
    return bool(base) and exponent * math.log10(abs(base)) < _LEAST_POWER
