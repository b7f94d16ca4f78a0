"""What cells hold, once a workbook was computed, and whether formulas may be given it."""

from __future__ import annotations

import bisect
import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import formualizer

from xladdin.cells import Cell
from xladdin.engines.embedded.areas import MOST_CELLS, area_from
from xladdin.engines.embedded.notes import rounded
from xladdin.engines.embedded.verdicts import (
    CRITERION,
    FILTERED,
    HIDDEN,
    KEYS,
    LINE,
    NESTED,
    SIZED,
    Place,
)
from xladdin.engines.letters import alike, meets, widest
from xladdin.engines.proved import ANY, BLANK, NOT_ENGLISH, NOT_PLAIN, is_of_digits, kind_of_value
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx.workbook_part import LAST_ROW, Area, column_letters

_SAME_TO_THE_ENGINE: Final = 2e-12
"""More than the difference of two numbers of which the engine's lookups find one for the other."""

_FEW: Final = 40
"""Cells of a range that are looked at one by one."""

ORDERS: Final[Mapping[str, str]] = {
    "^": "a range whose numbers are not in ascending order",
    "/": "a range whose numbers are not in descending order",
    HIDDEN: "a range with hidden rows",
    FILTERED: "a range with rows that a filter hides",
    LINE: "a range of several rows and columns where it goes through one",
    NESTED: "a range with other subtotals",
    SIZED: f"a range of more than {MOST_CELLS:,} cells",
    "#": "more than the cells of a sheet, where blank cells count",
    "%": "cash flows that do not change their sign once, after the first",
}


class Values:
    """The kinds of what cells hold, found out as they are asked for.

    Attributes:
        known: Those found out so far, by sheet and reference.
    """

    def __init__(
        self,
        workbook: formualizer.Workbook,
        reaches: Mapping[str, tuple[int, int]],
        cell_of: Callable[[object], Cell],
        hidden: Callable[[str], tuple[frozenset[int], frozenset[int]]],
        nested: Callable[[str, Area], bool],
    ) -> None:
        """Prepare to look.

        Args:
            workbook: The engine's workbook, computed.
            reaches: By sheet: its last row and column.
            cell_of: Turns a value of the engine into a cell's.
            hidden: Which rows of a sheet are hidden, and which of these by a filter.
            nested: Whether an area of a sheet has subtotals in it.
        """
        self._hidden = hidden
        self._nested = nested
        self._workbook = workbook
        self._reaches = reaches
        self._sheets = {name.casefold(): name for name in reaches}
        self._cell_of = cell_of
        self.known: dict[tuple[str, str], int] = {}
        self._columns: dict[tuple[str, int], dict[int, list[int]]] = {}
        self._counts: dict[tuple[str, str], Counter[float]] = {}
        self._ascending: dict[tuple[str, str, str], bool] = {}
        self._sorted: dict[tuple[str, int], tuple[list[float], dict[float, list[int]]]] = {}
        self._texts: dict[tuple[str, int], dict[str, dict[str, list[int]]]] = {}

    def kinds(self, sheet: str, text: str) -> int:
        """Return the kinds of what the cells of a reference hold; all where that is not known.

        Args:
            sheet: Its sheet.
            text: It, without its sheet.
        """
        key = (sheet, text)
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = self._kinds(*key)
        return known

    def _kinds(self, sheet: str, text: str) -> int:
        name = self._sheets.get(sheet.casefold())
        area = area_from(text)
        if name is None or area is None:
            return ANY
        rows, columns = self._reaches[name]
        last_row, last_column = min(area.last_row, rows), min(area.last_column, columns)
        inside = Area(area.first_row, area.first_column, last_row, last_column)
        height, width = max(0, inside.shape[0]), max(0, inside.shape[1])
        found = BLANK if height * width < math.prod(area.shape) else 0
        if height == width == 1:  # nearly always
            row, column = inside.first_row, inside.first_column
            return found | kind_of_value(self._cell_of(self._workbook.get_value(name, row, column)))
        if height * width <= _FEW:
            for row in range(inside.first_row, last_row + 1):
                for column in range(inside.first_column, last_column + 1):
                    found |= kind_of_value(
                        self._cell_of(self._workbook.get_value(name, row, column))
                    )
            return found
        for column in range(inside.first_column, last_column + 1):
            for kind, where in self._column(name, column).items():
                at = bisect.bisect_left(where, inside.first_row)
                if at < len(where) and where[at] <= last_row:
                    found |= kind
        return found

    def hides(self, sheet: str, text: str, filtered: bool) -> bool:
        """Whether rows of a range are hidden, or are so by a filter."""
        name = self._sheets.get(sheet.casefold())
        area = area_from(text)
        if name is None or area is None:
            return True
        rows = self._hidden(name)[filtered]
        return any(area.first_row <= row <= area.last_row for row in rows)

    def visible(self, sheet: str, text: str, filtered: bool) -> list[str]:
        """Return the runs of rows of a range that are not hidden, as references."""
        name, area = self._sheets.get(sheet.casefold()), area_from(text)
        if name is None or area is None:
            return []
        hidden = self._hidden(name)[filtered]
        rows = range(area.first_row, min(area.last_row, self._reaches[name][0]) + 1)
        left, right = column_letters(area.first_column), column_letters(area.last_column)
        return [
            f"{quoted(name)}!${left}${run[0]}:${right}${run[-1]}"
            for shown, one in itertools.groupby(rows, lambda row: row not in hidden)
            if shown and (run := list(one))
        ]

    def nests(self, sheet: str, text: str) -> bool:
        """Whether a range has subtotals in it."""
        name, area = self._sheets.get(sheet.casefold()), area_from(text)
        return name is None or area is None or self._nested(name, area)

    def only(self, sheet: str, text: str, *, criterion: bool) -> Cell:
        """Return what a cell holds; as a criterion, the number that is written in it."""
        name, area = self._sheets.get(sheet.casefold()), area_from(text)
        if name is None or area is None:
            return None
        value = self._cell_of(self._workbook.get_value(name, area.first_row, area.first_column))
        digits = value.lstrip("<>=") if criterion and isinstance(value, str) else ""
        return float(digits) if is_of_digits(digits) else value

    def bounded(self, sheet: str, text: str) -> bool:
        """Whether a range ends where the cells of its sheet do, or before."""
        name, area = self._sheets.get(sheet.casefold()), area_from(text)
        if name is None or area is None:
            return False
        rows, columns = self._reaches[name]
        return area.last_row <= rows and area.last_column <= columns

    def numbers(self, sheet: str, text: str, *, blanks_behind: bool = False) -> list[float] | None:
        """Return the numbers of a range in order; None if it has anything else.

        Args:
            sheet: Its sheet.
            text: It, without its sheet.
            blanks_behind: Whether it may have blank cells behind the last number.
        """
        name = self._sheets.get(sheet.casefold())
        area = area_from(text)
        if name is None or area is None:
            return None
        rows, columns = self._reaches[name]
        found: list[float] = []
        ended = False
        for row in range(area.first_row, min(area.last_row, rows) + 1):
            for column in range(area.first_column, min(area.last_column, columns) + 1):
                value = self._cell_of(self._workbook.get_value(name, row, column))
                ended |= value is None and blanks_behind
                if not ended and type(value) is float:
                    found.append(value)
                elif value is not None or not ended:
                    return None
        return found

    def ascends(self, sheet: str, text: str, order: str = "^") -> bool:
        """Whether a range has numbers in an order, ascending or not, and nothing behind them."""
        key = (sheet, text, order)
        if key not in self._ascending:
            numbers = self.numbers(sheet, text, blanks_behind=True)
            self._ascending[key] = numbers is not None and IN_ORDER[order](numbers)
        return self._ascending[key]

    def below_heading(self, sheet: str, text: str, order: str) -> str:
        """Return the part of a range between texts above and below what a lookup goes through.

        Args:
            sheet: Its sheet.
            text: It, without its sheet.
            order: One of `KEYS`, for what of it is gone through, if that is not all.

        Returns:
            It, without its sheet; empty where there are none, or more than texts.
        """
        name, area = self._sheets.get(sheet.casefold()), area_from(text)
        if name is None or area is None or order == KEYS["HLOOKUP"]:
            return ""
        rows = min(area.last_row, self._reaches[name][0])
        at = area.first_row
        while at < rows and isinstance(
            self._cell_of(self._workbook.get_value(name, at, area.first_column)), str
        ):
            at += 1
        last = rows
        while last > at and isinstance(
            self._cell_of(self._workbook.get_value(name, last, area.first_column)), str | None
        ):
            last -= 1
        # The engine would go through all blank cells behind, as no column begins below row 1.
        changed = at > area.first_row or last < rows
        return area._replace(first_row=at, last_row=last).text if changed else ""

    def has(self, sheet: str, text: str, order: str, number: float) -> bool:
        """Whether what a lookup goes through of a range has a number, as far as is known."""
        name, area = self._sheets.get(sheet.casefold()), area_from(searched(text, order))
        if name is None or area is None:
            return True
        last_column = min(area.last_column, self._reaches[name][1])
        found = (
            self._numbers_of(name, column)[1].get(number, ())
            for column in range(area.first_column, last_column + 1)
        )
        return any(area.first_row <= row <= area.last_row for rows in found for row in rows)

    def beside(self, sheet: str, text: str, order: str, number: float) -> bool:
        """Whether a range has another number that Excel or the engine may take for a number.

        Args:
            sheet: The range's sheet.
            text: The range.
            order: What of it is gone through, or `CRITERION`; see `verdicts.Search`.
            number: The number.
        """
        name, area = self._sheets.get(sheet.casefold()), area_from(searched(text, order))
        if name is None or area is None:
            return True
        margin = abs(number) * 1e-14
        if order != CRITERION:
            margin = max(_SAME_TO_THE_ENGINE, margin)
        last_column = min(area.last_column, self._reaches[name][1])
        for column in range(area.first_column, last_column + 1):
            numbers, rows = self._numbers_of(name, column)
            for at in range(bisect.bisect_left(numbers, number - margin), len(numbers)):
                if numbers[at] > number + margin:
                    break
                alike = order != CRITERION or rounded(numbers[at]) == rounded(number)
                if numbers[at] != number and alike:
                    here = rows[numbers[at]]
                    first = bisect.bisect_left(here, area.first_row)
                    if first < len(here) and here[first] <= area.last_row:
                        return True
        return False

    def ended(self, sheet: str, text: str) -> str:
        """Return whole columns of no more than a first cell as far as sheets reach, or ""."""
        area = area_from(text)
        if area is None:
            return ""
        down = area.last_row == LAST_ROW
        rest = area._replace(first_row=2) if down else area._replace(first_column=2)
        if self.kinds(sheet, rest.text) & ~BLANK:
            return ""
        last = max(2, *(reach[not down] for reach in self._reaches.values()))
        return (area._replace(last_row=last) if down else area._replace(last_column=last)).text

    def has_letters(self, sheet: str, text: str, order: str, asked: str) -> bool:
        """Whether a range, or what it is asked for, has letters beyond those of English."""
        return not asked.isascii() or bool(self.kinds(sheet, searched(text, order)) & NOT_ENGLISH)

    def unsure(self, sheet: str, text: str, order: str, asked: str, wild: bool) -> bool:
        """Whether a range has a text of which it is not known whether Excel takes it for another.

        Args:
            sheet: The range's sheet.
            text: The range.
            order: As for `beside`.
            asked: The other text.
            wild: Whether ``*`` and ``?`` in it stand for more than themselves.
        """
        text = searched(text, order)
        if asked.isascii() and not self.kinds(sheet, text) & NOT_PLAIN:
            return False
        name, area = self._sheets.get(sheet.casefold()), area_from(text)
        if name is None or area is None:
            return True
        wild = wild and not {"*", "?"}.isdisjoint(asked)
        for column in range(area.first_column, min(area.last_column, self._reaches[name][1]) + 1):
            texts = self._texts_of(name, column)
            for found in texts.values() if wild else [texts.get(widest(asked), {})]:
                for one, rows in found.items():
                    plain = one.isascii() and asked.isascii()
                    if not plain and (meets(one, asked) if wild else alike(one, asked)) is None:
                        first = bisect.bisect_left(rows, area.first_row)
                        if first < len(rows) and rows[first] <= area.last_row:
                            return True
        return False

    def _texts_of(self, sheet: str, column: int) -> dict[str, dict[str, list[int]]]:
        """Return the texts of a column by what is `letters.widest` of them, with their rows."""
        key = (sheet, column)
        known = self._texts.get(key)
        if known is None:
            known = self._texts[key] = {}
            address = formualizer.RangeAddress(sheet, 1, column, self._reaches[sheet][0], column)
            for row, [raw] in enumerate(self._workbook.sheet(sheet).get_values(address), 1):
                if isinstance(raw, str):
                    known.setdefault(widest(raw), {}).setdefault(raw, []).append(row)
        return known

    def repeats(self, sheet: str, text: str, number: float) -> bool:
        """Whether a range has more than once the least of its numbers that is not below another."""
        key = (sheet, text)
        if key not in self._counts:
            self._counts[key] = Counter(self.numbers(sheet, text))
        counts = self._counts[key]
        return counts[min((one for one in counts if one >= number), default=math.inf)] > 1

    def _numbers_of(self, sheet: str, column: int) -> tuple[list[float], dict[float, list[int]]]:
        """Return the numbers of a column in order, and in which rows each is."""
        key = (sheet, column)
        known = self._sorted.get(key)
        if known is None:
            found: dict[float, list[int]] = {}
            address = formualizer.RangeAddress(sheet, 1, column, self._reaches[sheet][0], column)
            for row, [raw] in enumerate(self._workbook.sheet(sheet).get_values(address), 1):
                value = self._cell_of(raw)
                if type(value) is float:
                    found.setdefault(value, []).append(row)
            known = self._sorted[key] = sorted(found), found
        return known

    def _column(self, sheet: str, column: int) -> dict[int, list[int]]:
        """Return where in a column there are values of each kind, from the top."""
        key = (sheet, column)
        known = self._columns.get(key)
        if known is None:
            known = self._columns[key] = {}
            rows = self._reaches[sheet][0]
            address = formualizer.RangeAddress(sheet, 1, column, rows, column)
            block = self._workbook.sheet(sheet).get_values(address)
            for row, [value] in enumerate(block, 1):
                kind = kind_of_value(self._cell_of(value))
                known.setdefault(kind, []).append(row)
        return known


def searched(text: str, order: str) -> str:
    """Return the part of a range that a lookup goes through."""
    area = area_from(text)
    if area is None or order not in KEYS.values():
        return text
    if order == KEYS["VLOOKUP"]:
        return area._replace(last_column=area.first_column).text
    return area._replace(last_row=area.first_row).text


def _ascending(numbers: Sequence[float]) -> bool:
    return all(one <= other for one, other in itertools.pairwise(numbers))


def _invested(numbers: Sequence[float]) -> bool:
    signs = [number > 0 for number in numbers if number]
    return len(signs) > 1 and signs[0] not in signs[1:] and bool(numbers[0])


IN_ORDER: Final[Mapping[str, Callable[[Sequence[float]], bool]]] = {
    "^": _ascending,
    "/": lambda numbers: _ascending(numbers[::-1]),
    "%": _invested,
}
"""Whether numbers are in an order that a table asks for, by its sign."""


def where(place: Place, references: Sequence[str], sheet: str) -> tuple[str, str]:
    """Return the sheet and the text of a reference of one formula."""
    text = references[place.number] if place.number >= 0 else place.text
    return place.sheet or sheet, text
