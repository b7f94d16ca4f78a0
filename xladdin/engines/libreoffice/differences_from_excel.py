"""What LibreOffice is known to compute otherwise than Excel: such formulas are refused there."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.dependencies import Index
from xladdin.engines.libreoffice.criteria import CriteriaIndex
from xladdin.engines.libreoffice.function_groups import (
    BY_CRITERIA,
    DAYS,
    ITS_OWN,
    LOGICAL_RESULT,
    OF_TEXTS,
    OTHERS,
    ROUNDED_TEXTS,
    SUMS,
    TAKES_LOGICALS,
    TO_TEXT,
)
from xladdin.engines.libreoffice.known_differences import (
    CRITERIA,
    EARLY,
    EMPTY,
    HALVES,
    LOGICALS,
    OMITTED,
    OTHER,
    POWER,
    TEXTS,
    WRITTEN,
)
from xladdin.engines.libreoffice.part_values import PartValues, inside
from xladdin.engines.libreoffice.written_numbers import is_half
from xladdin.engines.result import Computed, Refusal
from xladdin.engines.text_lengths import TOO_LONG, may_be_too_long
from xladdin.formulas.syntax_tree import (
    BINARY,
    COMPARISONS,
    FUNCTION,
    GAP,
    LOGICAL,
    NUMBER,
    REFERENCE,
    TEXT,
    UNARY,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import function_name
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.workbook_part import Workbook, column_letters

_DECIMALS: Final = re.compile(r"\.([0#?]+)")
_DATED: Final = re.compile("[dmyhs]", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_PLAINLY: Final = (1e-4, 1e10)
"""Sizes of numbers that are written without an exponent in both programs."""

_ISLOGICAL: Final = re.compile(r"\bISLOGICAL\(([^()]*)\)", re.IGNORECASE)
"""Formulas that ask this treat a logical apart, as the checks of our workbooks do."""


def refused(book: Workbook, computed: Computed) -> Computed:
    """Refuse the formulas that LibreOffice is known to compute otherwise than Excel.

    Args:
        book: The workbook.
        computed: What LibreOffice made of it.

    Returns:
        The same with these formulas among its refusals.

    Raises:
        FileError: A sheet cannot be read.
    """
    judge = _Judge(book, computed)
    known = {(item.sheet, item.cell) for item in computed.refusals}
    more = []
    for sheet, part in computed.parts.items():
        for formula in computed.layouts[part].formulas:
            cell = f"{column_letters(formula.column)}{formula.row}"
            reason = next(judge.reasons(sheet, (formula.row, formula.column)), "")
            if reason and (sheet, cell) not in known:
                more.append(Refusal(sheet, cell, reason))
    return replace(computed, refusals=(*computed.refusals, *more)) if more else computed


def refuses_some(book: Workbook, computed: Computed) -> bool:
    """Whether LibreOffice is known to compute a formula of a workbook otherwise than Excel.

    Args:
        book: The workbook.
        computed: What another engine made of it.
    """
    judge = _Judge(book, computed)
    return any(
        reason
        for sheet, part in computed.parts.items()
        for formula in computed.layouts[part].formulas
        for reason in judge.reasons(sheet, (formula.row, formula.column))
    )


class _Judge(PartValues):
    """Goes through the parts of a workbook's formulas."""

    def __init__(self, book: Workbook, computed: Computed) -> None:
        super().__init__(book, computed)
        self._longest = 0  # characters of a text
        self._logicals = Index()
        self._typed = Index()  # those among them that are no formulas
        self._asked: set[str] = set()  # what the formula at hand asks ISLOGICAL about itself
        for where, value in self._cells():
            if isinstance(value, str):
                self._longest = max(self._longest, len(value))
            if isinstance(value, bool):
                self._logicals.add(where)
                if where[1] not in computed.values[where[0]]:
                    self._typed.add(where)

    @cached_property
    def _criteria(self) -> CriteriaIndex:
        return CriteriaIndex(self._cells())

    def reasons(self, sheet: str, place: Place) -> Iterator[str]:
        """Go through the reasons why a formula is refused."""
        self._sheet, self._place = sheet, place
        text = self._dependencies.text(sheet, place)
        if not text:
            return
        plain = self._dependencies.plain(text, sheet, place)
        try:
            root = parsed(plain)
        except (UnprovedError, UnreadableError):
            if "^" in plain:
                yield POWER
            if any(self._logicals.within(*one) for one in self._dependencies.areas(plain, sheet)):
                yield LOGICALS
            return
        self._asked = set(_ISLOGICAL.findall(plain))
        if may_be_too_long(root, self._longest):
            yield TOO_LONG
        yield from self._walk(root, plain)

    def _walk(self, node: Node, plain: str) -> Iterator[str]:
        name = function_name(node.text) if node.kind == FUNCTION else ""
        if name in OTHERS or name.startswith(ITS_OWN):
            yield OTHER.format(name)
        if name.endswith(".INTL") and any(part.kind == GAP for part in node.parts):
            yield OMITTED
        if name in SUMS and any(part.kind == TEXT for part in node.parts):
            yield TEXTS
        if (name == "POWER" or (node.kind == BINARY and node.text == "^")) and len(node.parts) == 2:
            base, exponent = (self._least(part, plain) for part in node.parts)
            whole = self._whole(node.parts[1], plain)
            if not (base > 0 or (base == 0 and exponent > 0) or (whole and exponent > 0)):
                yield POWER
        if name == "DATE" and not self._least(node.parts[0], plain) > 1900:
            yield EARLY
        if name == "DATE" and any(
            year >= 10_000 for year in self._computed_numbers(node.parts[0], plain)
        ):
            yield OTHER.format("a date after 9999")
        if name in ("SMALL", "LARGE") and self._is_beyond(node, plain):
            yield OTHER.format(f"{name} of a place that there is not")
        for part in node.parts[: DAYS.get(name, 0)]:
            simple = inside(part).kind in (NUMBER, REFERENCE, UNARY)
            if simple and self._least(part, plain) < 61:
                yield EARLY
        if name == "TEXT" and self._shows_an_early_date(node, plain):
            yield EARLY
        if name in BY_CRITERIA and self._mistakes_criteria(node, plain):
            yield CRITERIA
        takes_texts = name in OF_TEXTS or (node.kind == BINARY and node.text == "&")
        if takes_texts and any(self._is_written_otherwise(part, plain) for part in node.parts):
            yield WRITTEN
        if name == "FIND" and any(
            value in (None, "") for value in self._values(node.parts[0], plain)
        ):
            yield EMPTY
        if self._rounds_in_a_text(node, name, plain):
            yield HALVES
        if self._mistakes_logicals(node, name, plain):
            yield LOGICALS
        for part in node.parts:
            yield from self._walk(part, plain)

    def _rounds_in_a_text(self, node: Node, name: str, plain: str) -> bool:
        """Whether a number is written that may be half-way between two texts."""
        if not node.parts or not (
            name in ROUNDED_TEXTS
            or (
                name == "TEXT"
                and any("%" in str(one) for one in self._formats(node.parts[-1], plain))
            )
        ):
            return False
        decimals = self._decimals(node, name, plain)
        number = inside(node.parts[0])
        if number.kind in (NUMBER, REFERENCE):
            values = list(self._values(number, plain))
        else:
            values = [self._evaluated(number, plain)]
            if values == [None]:
                return True
        return any(
            isinstance(value, float) and (value == -math.inf or is_half(value, places))
            for value in values
            for places in decimals
        )

    def _decimals(self, node: Node, name: str, plain: str) -> list[int]:
        """Return how many decimals may be written; those of a per cent stand for two more."""
        if name == "TEXT":
            formats = [str(one) for one in self._formats(node.parts[-1], plain)]
            sections = [section for one in formats for section in one.split(";")]
            return [
                len("".join(_DECIMALS.findall(section))) + 2 * section.count("%")
                for section in sections
            ]
        if len(node.parts) == 1:
            return [2]
        found = list(self._values(node.parts[1], plain))
        numbers = [int(one) for one in found if isinstance(one, float)]
        return numbers if len(numbers) == len(found) > 0 else list(range(-9, 16))

    def _formats(self, node: Node, plain: str) -> list[Cell]:
        """Return the number formats that a part may be; one that is computed may be any."""
        return list(self._values(node, plain)) or [f"0.{'0' * places}%" for places in range(9)]

    def _shows_an_early_date(self, node: Node, plain: str) -> bool:
        """Whether a number that may be a day before March 1900 is shown as a date."""
        formats = [str(one) for one in self._values(node.parts[-1], plain)] or ["d"]
        dated = any(_DATED.search(_QUOTED.sub("", one)) for one in formats)
        return dated and self._numbers_below(node.parts[0], plain, 61)

    def _numbers_below(self, node: Node, plain: str, limit: float) -> bool:
        """Whether a part may be a number below a limit, as far as it can be computed by itself."""
        return any(value < limit for value in self._computed_numbers(node, plain))

    def _is_beyond(self, node: Node, plain: str) -> bool:
        """Whether a place among the numbers of a range is asked for that there may not be."""
        count = sum(type(value) is float for value in self._values(node.parts[0], plain))
        places = self._computed_numbers(node.parts[-1], plain)
        return not places or not all(1 <= place <= count for place in places)

    def _mistakes_criteria(self, node: Node, plain: str) -> bool:
        """Whether criteria meet texts of digits, or wildcards meet numbers."""
        parts = [inside(part) for part in node.parts]
        areas = [
            area for part in parts if part.kind == REFERENCE for area in self._areas(part, plain)
        ]
        criteria: list[Cell] = []
        for part in parts:
            if part.kind in (NUMBER, TEXT):
                criteria += self._values(part, plain)
            elif part.kind not in (REFERENCE, LOGICAL, GAP):
                value = self._evaluated(part, plain)
                if value is None:
                    return True  # it may be any criterion, or any range
                criteria.append(value)
        return self._criteria.mistaken(areas, criteria)

    def _is_written_otherwise(self, node: Node, plain: str) -> bool:
        """Whether a part is a number with an exponent, or a text of characters beyond 16 bits."""
        inner = inside(node)
        if inner.kind not in (NUMBER, REFERENCE, TEXT, BINARY, UNARY, FUNCTION):
            return False
        if inner.text == "&" or (inner.kind == FUNCTION and function_name(inner.text) in TO_TEXT):
            return False  # a text: what it is made of is judged by itself
        if inner.kind in (NUMBER, REFERENCE, TEXT):
            for value in self._values(inner, plain):
                if isinstance(value, str) and any(one > "\uffff" for one in value):
                    return True
        numbers = self._computed_numbers(inner, plain)
        return any(one and not _PLAINLY[0] <= abs(one) < _PLAINLY[1] for one in numbers)

    def _mistakes_logicals(self, node: Node, name: str, plain: str) -> bool:
        """Whether an operator or function takes a logical for something else than Excel does."""
        parts = [inside(part) for part in node.parts]
        if node.kind == BINARY and node.text in COMPARISONS:
            kinds = [self._logical(part, plain) for part in parts]
            return any(kinds) and not all(kinds) and not self._without_numbers(parts, plain)
        if name in ("COUNTIF", "COUNTIFS") and any(part.kind == LOGICAL for part in parts):
            return not self._without_numbers(parts, plain)
        joins = (node.kind == BINARY and node.text == "&") or name in OF_TEXTS
        texts = parts[:1] + parts[2:] if name == "TEXTJOIN" else parts  # whether to skip blanks
        if joins and any(self._logical(part, plain) for part in texts):
            return True
        if name == "ISFORMULA":
            areas = self._areas(parts[0], plain)
            return any(self._typed.within(*one) for one in areas)
        if node.kind != FUNCTION or name in TAKES_LOGICALS:
            return False
        return any(part.kind == REFERENCE and self._logical(part, plain) for part in parts)

    def _logical(self, node: Node, plain: str) -> bool:
        if node.kind == REFERENCE:
            if plain[node.start : node.stop] in self._asked:
                return False
            return any(self._logicals.within(*one) for one in self._areas(node, plain))
        return (
            node.kind == LOGICAL
            or (node.kind == BINARY and node.text in COMPARISONS)
            or (node.kind == FUNCTION and function_name(node.text) in LOGICAL_RESULT)
        )

    def _without_numbers(self, parts: list[Node], plain: str) -> bool:
        """Whether what is no logical among some operands is cells without numbers."""
        return all(
            self._logical(part, plain)
            if part.kind != REFERENCE
            else not any(type(value) is float for value in self._values(part, plain))
            for part in parts
        )
