"""What LibreOffice is known to compute otherwise than Excel: such formulas are refused there."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.dependencies import Where
from xladdin.engines.libreoffice.cell_kinds import has_astral, has_exponent
from xladdin.engines.libreoffice.criteria import CriteriaIndex
from xladdin.engines.libreoffice.formula_form import FormulaForm, form_and_references
from xladdin.engines.libreoffice.function_groups import (
    BY_CRITERIA,
    CHOOSING,
    OF_TEXTS,
    ROUNDED_TEXTS,
    SUMS,
    TAKES_LOGICALS,
    TO_TEXT,
)
from xladdin.engines.libreoffice.known_differences import (
    CRITERIA,
    EMPTY,
    HALVES,
    LOGICALS,
    MINUS_ZERO,
    POWER,
    WRITTEN,
)
from xladdin.engines.libreoffice.number_rules import DifferenceRule
from xladdin.engines.libreoffice.own_functions import is_logical, may_be_logical
from xladdin.engines.libreoffice.part_values import inside
from xladdin.engines.libreoffice.residues import ResidueRules
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
)
from xladdin.formulas.tokens import function_name
from xladdin.xlsx.sheet_part import Place
from xladdin.xlsx.stored_values import LONGEST_TEXT
from xladdin.xlsx.workbook_part import Workbook, column_letters

_DECIMALS: Final = re.compile(r"\.([0#?]+)")
_QUOTED: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_GENERAL: Final = re.compile(r"general|@|e[-+]|^\s*$|^\?", re.IGNORECASE)
"""Formats, or sections of them, that show numbers as they are."""

_WRITTEN: Final = frozenset({NUMBER, REFERENCE, TEXT, BINARY, UNARY, FUNCTION})
"""Parts that may be written as a text."""

_ISLOGICAL: Final = re.compile(r"\bISLOGICAL\(([^()]*)\)", re.IGNORECASE)
"""Formulas that ask this treat a logical apart, as the checks of our workbooks do."""


def refused(book: Workbook, computed: Computed, among: Collection[Where] | None = None) -> Computed:
    """Refuse the formulas that LibreOffice is known to compute otherwise than Excel.

    Args:
        book: The workbook.
        computed: What LibreOffice made of it.
        among: The cells that LibreOffice alone computed; None where it computed all, and the
            embedded engine what it is proved for as well.

    Returns:
        The same with these formulas among its refusals.

    Raises:
        FileError: A sheet cannot be read.
    """
    rules = _Rules(book, computed, unchecked=among is not None)
    known = {(item.sheet, item.cell) for item in computed.refusals}
    more = []
    for sheet, part in computed.parts.items():
        for formula in computed.layouts[part].formulas:
            place = formula.row, formula.column
            if among is not None and (sheet, place) not in among:
                continue
            reason = next(rules.reasons(sheet, place), "")
            cell = f"{column_letters(formula.column)}{formula.row}" if reason else ""
            if reason and (sheet, cell) not in known:
                more.append(Refusal(sheet, cell, reason))
    return replace(computed, refusals=(*computed.refusals, *more)) if more else computed


class _Rules(ResidueRules):
    """What is looked at in a workbook's formulas.

    A formula's parts are gone through once for all formulas of its form. What remains to be looked
    at in each of them are the cells that it refers to, and the values of its parts.
    """

    def __init__(self, book: Workbook, computed: Computed, *, unchecked: bool) -> None:
        super().__init__(book, computed)
        self._unchecked = unchecked
        self._known: dict[str, tuple[FormulaForm, tuple[DifferenceRule, ...]] | None] = {}
        self._asked: set[str] = set()  # what the formula at hand asks ISLOGICAL about itself

    @cached_property
    def _criteria(self) -> CriteriaIndex:
        return CriteriaIndex(self._cells(), self._kinds.numbers)

    def reasons(self, sheet: str, place: Place) -> Iterator[str]:
        """Go through the reasons why a formula is refused."""
        self._sheet, self._place = sheet, place
        text = self._dependencies.text(sheet, place)
        if not text:
            return
        plain = self._dependencies.plain(text, sheet, place)
        form, references = form_and_references(plain)
        if form not in self._known:
            self._known[form] = self._read(form)
        known = self._known[form]
        if known is None:
            if "^" in plain:
                yield POWER
            areas = self._dependencies.areas(plain, sheet)
            if any(self._kinds.logicals.within(*one) for one in areas):
                yield LOGICALS
            return
        self._begin(known[0], references)
        self._asked = set(_ISLOGICAL.findall(plain)) if known[1] else set()
        yield from (rule.reason for rule in known[1] if rule.applies())

    def _read(self, form: str) -> tuple[FormulaForm, tuple[DifferenceRule, ...]] | None:
        """Return the rules for formulas of a form; None where forms are not enough."""
        try:
            tree = FormulaForm(form)
        except (UnprovedError, UnreadableError):
            return None
        rules = list(self._of_parts(tree.root))
        if self._unchecked:
            rules += self._of_residues(tree.root)
        if may_be_too_long(tree.root, self._kinds.longest):
            rules.insert(0, DifferenceRule(TOO_LONG))
        return tree, tuple(rules)

    def _of_parts(self, node: Node) -> Iterator[DifferenceRule]:
        name = function_name(node.text) if node.kind == FUNCTION else ""
        yield from self._of_numbers(node, name)
        yield from self._of_dates(node, name)
        yield from self._of_own(node, name)
        yield from self._of_texts(node, name)
        if self._may_mistake_logicals(node, name):
            yield DifferenceRule(LOGICALS, lambda: self._mistakes_logicals(node, name))
        for part in node.parts:
            yield from self._of_parts(part)

    def _of_texts(self, node: Node, name: str) -> Iterator[DifferenceRule]:
        if name in BY_CRITERIA:
            yield DifferenceRule(CRITERIA, lambda: self._mistakes_criteria(node))
        if name in OF_TEXTS or (node.kind == BINARY and node.text == "&"):
            for part in node.parts[name == "TEXT" :]:
                inner = inside(part)
                gives_text = inner.kind == FUNCTION and function_name(inner.text) in TO_TEXT
                # Of a text, what it is made of is looked at by itself.
                if inner.kind in _WRITTEN and inner.text != "&" and not gives_text:
                    yield DifferenceRule(WRITTEN, partial(self._is_written_otherwise, inner))
        if name == "TEXT" and node.parts:
            yield DifferenceRule(WRITTEN, lambda: self._shows_all_digits(node))
        if name == "FIND" and node.parts:
            what = node.parts[0]
            yield DifferenceRule(
                EMPTY, lambda: any(one in (None, "") for one in self._values(what))
            )
        if name == "SEARCH" and node.parts:
            yield DifferenceRule(EMPTY, lambda: self._looks_for_anything(node.parts[0]))
        if name == "REPT" and len(node.parts) > 1:
            yield DifferenceRule(TOO_LONG, lambda: self._repeats_too_often(*node.parts[:2]))
        if node.parts and (name in ROUNDED_TEXTS or name == "TEXT"):
            yield DifferenceRule(HALVES, lambda: self._rounds_in_a_text(node, name))
            yield DifferenceRule(MINUS_ZERO, lambda: self._writes_minus_zero(node, name))

    def _shows_all_digits(self, node: Node) -> bool:
        """Whether a format of TEXT may show a number as a cell without a format does."""
        formats = [str(one) for one in self._formats(node.parts[-1])]
        general = any(_GENERAL.search(_QUOTED.sub("", one)) for one in formats)
        return general and self._is_written_otherwise(inside(node.parts[0]))

    def _looks_for_anything(self, what: Node) -> bool:
        """Whether a text that is looked for may be nothing but asterisks."""
        texts = self._all_values(what)
        return any(isinstance(one, str | None) and not (one or "").strip("*") for one in texts)

    def _repeats_too_often(self, what: Node, count: Node) -> bool:
        """Whether a repeated text is longer than a cell holds."""
        times = max(self._computed_numbers(count), default=0)
        return any(len(str(one)) * times > LONGEST_TEXT for one in self._all_values(what))

    def _rounds_in_a_text(self, node: Node, name: str) -> bool:
        """Whether a number is written that may be half-way between two texts."""
        if name == "TEXT" and not any("%" in str(one) for one in self._formats(node.parts[-1])):
            return False
        decimals = self._decimals(node, name)
        number = inside(node.parts[0])
        if number.kind in (NUMBER, REFERENCE):
            values = list(self._values(number))
        else:
            values = [self._evaluated(number)]
            if values == [None]:
                return True
        return any(
            isinstance(value, float) and (value == -math.inf or is_half(value, places))
            for value in values
            for places in decimals
        )

    def _writes_minus_zero(self, node: Node, name: str) -> bool:
        """Whether a negative number may be rounded to 0, which some versions write with a sign."""
        if name == "TEXT" and not any(
            _has_one_section(one) for one in self._formats(node.parts[-1])
        ):
            return False
        least = min((0.5 * 10.0**-places for places in self._decimals(node, name)), default=0.5)
        return any(-least < number < 0 for number in self._computed_numbers(node.parts[0]))

    def _decimals(self, node: Node, name: str) -> list[int]:
        """Return how many decimals may be written; those of a per cent stand for two more."""
        if name == "TEXT":
            formats = [str(one) for one in self._formats(node.parts[-1])]
            sections = [section for one in formats for section in one.split(";")]
            return [
                len("".join(_DECIMALS.findall(section))) + 2 * section.count("%")
                for section in sections
            ]
        if len(node.parts) == 1:
            return [2]
        found = list(self._values(node.parts[1]))
        numbers = [int(one) for one in found if isinstance(one, float)]
        return numbers if len(numbers) == len(found) > 0 else list(range(-9, 16))

    def _formats(self, node: Node) -> list[Cell]:
        """Return the number formats that a part may be; one that is computed may be any."""
        return list(self._values(node)) or [f"0.{'0' * places}%" for places in range(9)]

    def _mistakes_criteria(self, node: Node) -> bool:
        """Whether criteria meet texts of digits, or wildcards meet numbers."""
        parts = [inside(part) for part in node.parts]
        areas = [area for part in parts if part.kind == REFERENCE for area in self._areas(part)]
        criteria: list[Cell] = []
        for part in parts:
            if part.kind in (NUMBER, TEXT):
                criteria += self._values(part)
            elif part.kind not in (REFERENCE, LOGICAL, GAP):
                value = self._evaluated(part)
                if value is None:
                    return True  # it may be any criterion, or any range
                criteria.append(value)
        return self._criteria.mistaken(areas, criteria)

    def _is_written_otherwise(self, node: Node) -> bool:
        """Whether a part is written otherwise than by Excel.

        That is a number with an exponent, a text of characters beyond 16 bits, and a sum of so
        many digits that the last ones may be those of rounding.
        """
        if node.kind == REFERENCE:
            return any(self._kinds.written_otherwise.within(*one) for one in self._areas(node))
        if node.kind == TEXT:
            return has_astral(self._written(node))
        numbers = self._computed_numbers(node)
        sums = node.kind == FUNCTION and function_name(node.text) in (*SUMS, "SUMPRODUCT")
        return any(
            has_exponent(one) or (sums and f"{one:.12g}" != f"{one:.15g}") for one in numbers
        )

    def _may_mistake_logicals(self, node: Node, name: str) -> bool:
        """Whether an operator or function is given what may be a logical."""
        parts = [inside(part) for part in node.parts]
        cells = any(part.kind == REFERENCE for part in parts)
        if node.kind == BINARY and (node.text in COMPARISONS or node.text == "&"):
            return cells or any(map(may_be_logical, parts))
        if node.kind != FUNCTION:
            return False
        if name in OF_TEXTS or name in BY_CRITERIA or name in ("ISFORMULA", "ISNUMBER"):
            return cells or any(map(may_be_logical, parts))
        return cells and name not in TAKES_LOGICALS

    def _mistakes_logicals(self, node: Node, name: str) -> bool:
        """Whether an operator or function takes a logical for something else than Excel does."""
        parts = [inside(part) for part in node.parts]
        if node.kind == BINARY and node.text in COMPARISONS:
            kinds = [self._logical(part) for part in parts]
            # A logical equals no text in either program, but comes after all texts in Excel alone.
            unequal = node.text in ("=", "<>") and self._without_numbers(parts)
            return any(kinds) and not all(kinds) and not unequal
        if name in BY_CRITERIA and any(part.kind == LOGICAL for part in parts):
            return not self._without_numbers(parts)
        if name == "ISNUMBER":
            return self._logical(parts[0])
        joins = (node.kind == BINARY and node.text == "&") or name in OF_TEXTS
        texts = parts[:1] + parts[2:] if name == "TEXTJOIN" else parts  # whether to skip blanks
        if joins and any(self._logical(part) for part in texts):
            return True
        if name == "ISFORMULA":
            areas = self._areas(parts[0])
            return any(self._kinds.typed_logicals.within(*one) for one in areas)
        if node.kind != FUNCTION or name in TAKES_LOGICALS:
            return False
        return any(part.kind == REFERENCE and self._logical(part) for part in parts)

    def _logical(self, node: Node) -> bool:
        if node.kind == FUNCTION and function_name(node.text) in CHOOSING:
            return self._chooses_logical(node)
        if node.kind != REFERENCE:
            return is_logical(node)
        if self._asked and self._written(node) in self._asked:
            return False
        return any(self._kinds.logicals.within(*one) for one in self._areas(node))

    def _chooses_logical(self, node: Node) -> bool:
        """Whether a function that gives one of its arguments gives a logical, or none: FALSE."""
        name, parts = function_name(node.text), node.parts
        if name in ("OFFSET", "INDIRECT"):
            return bool(self._kinds.logicals)
        given = {"IF": parts[1:], "CHOOSE": parts[1:], "IFS": parts[1::2]}.get(name, parts)
        without = name == "IF" and len(parts) < 3
        if not without and not any(self._logical(inside(part)) for part in given):
            return False
        value = self._evaluated(node)
        return value is None or isinstance(value, bool)

    def _without_numbers(self, parts: list[Node]) -> bool:
        """Whether what is no logical among some operands is cells without numbers."""
        return all(
            self._logical(part)
            if part.kind != REFERENCE
            else not any(self._kinds.numbers.within(*one) for one in self._areas(part))
            for part in parts
        )


def _has_one_section(number_format: Cell) -> bool:
    """Whether a number format shows negative numbers as positive ones, with digits."""
    bare = _QUOTED.sub("", str(number_format))
    return ";" not in bare and "0" in bare and not re.search("[dyhse]", bare, re.IGNORECASE)
