"""Formulas given to the engine otherwise, by what their cells have turned out to hold."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import formualizer

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.areas import area_from, intersection, too_large
from xladdin.engines.embedded.bridge import cell_of
from xladdin.engines.embedded.constants import Constants
from xladdin.engines.embedded.examination import (
    IN_ORDER,
    ORDERS,
    Values,
    searched,
    where,
)
from xladdin.engines.embedded.formula_cell import FormulaCell
from xladdin.engines.embedded.long_texts import LongTexts, Text
from xladdin.engines.embedded.notes import OTHER_RESULT, Notes, given, number_of, rounded
from xladdin.engines.embedded.operators import LEAST_ROUNDED, is_residue
from xladdin.engines.embedded.search_rules import beside_another
from xladdin.engines.embedded.sizes import misfit
from xladdin.engines.embedded.verdicts import (
    ALONE,
    FILTERED,
    HIDDEN,
    KEYS,
    LINE,
    NESTED,
    SIZED,
    Action,
    Demand,
    Verdict,
)
from xladdin.engines.embedded.verdicts import Place as Reference
from xladdin.engines.letters import UNSURE
from xladdin.engines.proved import ANY, BLANK, DOUBTFUL, ERROR, NUMBER, TEXTS, TINY, kind_of_value
from xladdin.engines.text_lengths import TOO_LONG
from xladdin.engines.workbook_settings import hidden_rows
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Area, Workbook

_MOST_RUNS: Final = 250
"""Runs of visible rows that a range is written as; a function takes no more than 255 arguments."""

_MOST_COMPARED: Final = 100
"""Numbers of a range that are compared with each of another here, before the engine does."""

_SUBTOTALS: Final = frozenset({"SUBTOTAL", "AGGREGATE"})


class Adjustments:
    """Looks at what the cells of formulas hold."""

    def __init__(
        self,
        book: Workbook,
        layouts: Mapping[str, Layout],
        cells: Sequence[FormulaCell],
        checks: list[tuple[int, str]],
        constants: Constants,
    ) -> None:
        """Take a workbook and its formulas.

        Args:
            book: The workbook.
            layouts: The layouts of its sheets, by part.
            cells: Its formulas.
            checks: What values on their way may be; see `notes.Notes`.
            constants: What its other cells hold.
        """
        self._reaches = {sheet.name: layouts[sheet.part].reach for sheet in book.sheets}
        self._constants = constants
        self._book = book
        self._cells = cells
        self._checks = checks
        self._largest: float | None = None  # number that a formula gives
        self._texts: LongTexts | None = None
        self._letters: bool | None = None
        self._sheet_names = frozenset(sheet.name for sheet in book.sheets)
        self._subtotals: list[tuple[str, int, int]] | None = None
        self._hidden: dict[str, tuple[frozenset[int], frozenset[int]]] = {}

    def examine(self, workbook: formualizer.Workbook, notes: Notes) -> bool:
        """See to what cells hold for which formulas are not proved.

        Where there is a way of computing it by a function of ours, it is taken. Where the value
        may not have been looked at, as in a branch of IF, that is noted the next time.

        Args:
            workbook: The engine's workbook, computed.
            notes: What was noted meanwhile.

        Returns:
            Whether any formula changed.
        """
        self._letters = None
        values = Values(workbook, self._reaches, cell_of, self._hidden_rows, self._nested)
        changed = False
        too_long: dict[int, bool] = {}
        done: set[int] = set()  # verdicts of which no formula has anything to be seen to
        for cell in self._cells:
            verdict = cell.judged
            if cell.refusal or id(verdict) in done:
                continue
            if id(verdict) not in too_long:
                too_long[id(verdict)] = self._may_be_too_long(verdict)
                if not (
                    verdict.demands
                    or verdict.snaps
                    or verdict.only
                    or verdict.same_sized
                    or verdict.searches
                    or too_long[id(verdict)]
                ):
                    done.add(id(verdict))
                    continue
            if verdict.demands:
                changed |= self._demanded(cell, values)
            for arrays in verdict.same_sized:
                cell.refusal = cell.refusal or misfit(arrays, cell.references, cell.sheet)
            if verdict.searches:
                keys = notes.keys.get(cell.number, ())
                cell.refusal = cell.refusal or beside_another(
                    verdict, values, cell.references, cell.sheet, keys
                )
            if too_long[id(verdict)] and self._long_texts().reached(cell):
                cell.refusal = cell.refusal or TOO_LONG
            if verdict.snaps and not cell.snapped and self._leaves_residue(cell, workbook):
                cell.snapped = changed = True
            if verdict.only and not kind_of_value(cell_of(cell.raw)) & verdict.only:
                cell.refusal = cell.refusal or notes.refused.get(cell.number, OTHER_RESULT)
        return changed

    def _may_be_too_long(self, verdict: Verdict) -> bool:
        """Whether formulas may make too long a text on their way."""
        if verdict.root is None or not verdict.makes_texts:
            return False
        return self._long_texts().anywhere(verdict)

    def _long_texts(self) -> LongTexts:
        if self._texts is None:
            texts = [
                Text(len(cell.raw), *cell.place)
                for cell in self._cells
                if isinstance(cell.raw, str)
            ]
            texts += [
                Text(len(value), row, column)
                for sheet in self._book.sheets
                for column, rows, values in self._constants.columns(sheet.name)
                for row, value in zip(rows, values, strict=True)
                if isinstance(value, str)
            ]
            self._texts = LongTexts(texts)
        return self._texts

    def _has_letters(self) -> bool:
        """Whether any text of the workbook has letters beyond those of English."""
        if self._letters is None:
            self._letters = any(
                isinstance(value, str) and not value.isascii()
                for values in (
                    (cell.raw for cell in self._cells),
                    *(
                        values
                        for sheet in self._book.sheets
                        for _, _, values in self._constants.columns(sheet.name)
                    ),
                )
                for value in values
            )
        return self._letters

    def _leaves_residue(self, cell: FormulaCell, workbook: formualizer.Workbook) -> bool:
        """Whether Excel may give 0, taking near neighbours for the same."""
        if not is_residue(cell.raw):
            return False
        if abs(cell.raw) < 1:
            return True
        # One large operand is enough: the other one is nearly as large then.
        for operand in cell.judged.operands:
            value: object = operand
            if isinstance(operand, Reference):
                sheet, text = where(operand, cell.references, cell.sheet)
                area = area_from(text)
                if area is None or sheet not in self._sheet_names:
                    continue
                value = cell_of(workbook.get_value(sheet, area.first_row, area.first_column))
            if isinstance(value, float):
                return abs(value) >= LEAST_ROUNDED
        if self._largest is None:
            numbers = (abs(one.raw) for one in self._cells if type(one.raw) is float)
            self._largest = max(numbers, default=0.0)
        return self._largest >= LEAST_ROUNDED

    def _hidden_rows(self, sheet: str) -> tuple[frozenset[int], frozenset[int]]:
        """Return which rows of a sheet are hidden, and which of these by a filter."""
        if sheet not in self._hidden:
            self._hidden[sheet] = hidden_rows(self._book, sheet)
        return self._hidden[sheet]

    def _demanded(self, cell: FormulaCell, values: Values) -> bool:
        changed = False
        references = cell.references
        for demand in cell.judged.demands:
            english = demand.action == "letters" and not self._has_letters()
            if english or demand.node in cell.actions:
                continue
            sheet, text = where(demand.place, references, cell.sheet)
            if demand.intersected:
                text = intersection(text, *cell.place)
            wrong = unmet(demand, values, sheet, text)
            if not wrong or self._unreached(cell, demand, values):
                continue
            tiny = isinstance(wrong, int) and wrong & TINY
            if demand.action == "letters":
                asked = cell.judged.literals[demand.node].of(references)
                if not values.unsure(sheet, text, "", asked, False):
                    continue
                wrong = UNSURE
            if demand.action.startswith(instruments.SUBSTITUTE) and not tiny:
                if self._alike_in_digits(cell, demand, values):
                    continue
                cell.act(demand.node, Action(call=demand.action))
            elif demand.action == "write" and isinstance(wrong, int) and not wrong & ~NUMBER:
                noted = f",{self._noted(demand.taker, ANY)},#)"
                cell.act(demand.node, Action((f"{instruments.WRITTEN}(", noted)))
            elif demand.action == "read" and type(wrong) is int and not wrong & ~DOUBTFUL:
                cell.act(demand.node, Action((f"{instruments.READ}(", ",#)")))
            elif demand.action == "ended":
                cell.act(demand.node, Action(instead=f"{quoted(sheet)}!{wrong}"))
            elif demand.action in instruments.AROUND:
                cell.act(demand.node, Action((f"{instruments.AROUND[demand.action]}(", ",#)")))
            elif (
                demand.action == "visible"
                and isinstance(wrong, str)
                and self._narrowed(
                    cell, demand, values.visible(sheet, text, demand.order == FILTERED)
                )
            ) or (
                demand.action == "heading"
                and self._below_heading(cell, demand, values, sheet, text)
            ):
                pass
            elif demand.action == "key" and wrong == BLANK and self._nowhere(cell, demand, values):
                cell.act(demand.node, Action(instead="NA()"))
            elif demand.lazy:
                number = self._noted(demand.taker, wrong)
                reached = f"IF({instruments.REACHED}({number},#),"
                cell.act(demand.node, Action((reached, ")")))
            else:
                cell.refusal = _given(demand.taker, wrong)
                return changed
            changed = True
        return changed

    def _unreached(self, cell: FormulaCell, demand: Demand, values: Values) -> bool:
        """Whether a cell has the number with which the formula does not come to the place."""
        for place, number in demand.unless:
            sheet, text = where(place, cell.references, cell.sheet)
            if values.numbers(sheet, text) == [number]:
                return True
        return False

    def _alike_in_digits(self, cell: FormulaCell, demand: Demand, values: Values) -> bool:
        """Whether numbers compare at 15 digits as they do with all of theirs."""
        compared: list[list[float]] = []
        for operand in cell.judged.compared.get(demand.node, ()):
            found: list[float] | None = [operand.number]
            if operand.place is not None:
                sheet, text = where(operand.place, cell.references, cell.sheet)
                if operand.intersected:
                    text = intersection(text, *cell.place)
                found = values.numbers(sheet, text)
            if not found or len(found) > _MOST_COMPARED:
                return False
            compared.append(found)
        return bool(compared) and all(
            one == other or rounded(one) != rounded(other)
            for one, other in itertools.product(*compared)
        )

    def _below_heading(
        self, cell: FormulaCell, demand: Demand, values: Values, sheet: str, text: str
    ) -> bool:
        """Have a lookup begin below a heading; return whether its numbers are in order there."""
        below = values.below_heading(sheet, text, demand.order)
        if not below or unmet(demand, values, sheet, below):
            return False
        cell.act(demand.node, Action(instead=f"{quoted(sheet)}!{below}"))
        counting = cell.judged.headed.get(demand.node)
        if counting is not None:
            above = _first_row(below) - _first_row(text)
            cell.act(counting, Action((f"({above}+", ")")))
        return True

    def _nowhere(self, cell: FormulaCell, demand: Demand, values: Values) -> bool:
        """Whether a blank cell, which is 0 to a lookup, is looked for where there is no 0."""
        searches = [one for one in cell.judged.searches if one.asked == demand.place]
        return bool(searches) and not any(
            values.has(*where(one.held, cell.references, cell.sheet), one.order, 0.0)
            for one in searches
        )

    def _narrowed(self, cell: FormulaCell, demand: Demand, runs: Sequence[str]) -> bool:
        """Leave hidden rows out of a range; return whether that could be done."""
        if not 0 < len(runs) <= _MOST_RUNS:
            return False
        cell.act(demand.node, Action(instead=",".join(runs)))
        return True

    def _nested(self, sheet: str, area: Area) -> bool:
        """Whether an area of a sheet has subtotals in it."""
        if self._subtotals is None:
            self._subtotals = [
                (cell.sheet, *cell.place)
                for cell in self._cells
                if not _SUBTOTALS.isdisjoint(cell.judged.calls)
            ]
        return any(
            name == sheet
            and area.first_row <= row <= area.last_row
            and area.first_column <= column <= area.last_column
            for name, row, column in self._subtotals
        )

    def _noted(self, taker: str, wrong: int | str) -> int:
        check = (0, _given(taker, wrong)) if isinstance(wrong, str) else (wrong, taker)
        return number_of(check, self._checks)


def _first_row(text: str) -> int:
    area = area_from(text)
    assert area is not None
    return area.first_row


def _given(taker: str, wrong: int | str) -> str:
    if isinstance(wrong, str):
        return wrong if wrong == UNSURE else f"{taker} is given {wrong}"
    return given(taker, wrong)


def unmet(demand: Demand, values: Values, sheet: str, text: str) -> int | str:
    """Say what a reference holds that it may not.

    Args:
        demand: What it has to hold.
        values: What cells hold.
        sheet: The sheet that it is on.
        text: The reference, without its sheet.

    Returns:
        The kinds that are too much, or in words what is wrong with their order; 0 for nothing.
    """
    known = values.known.get((sheet, text))
    if known is not None and not (demand.order or known & ~demand.kinds):
        return 0  # nearly always
    if text.startswith("#"):  # an error in the place of a reference, or of one cell of it
        return ERROR & ~demand.kinds if demand.intersected else 0
    if too_large(text):
        return ORDERS[SIZED]
    if demand.order == SIZED:
        return 0
    if demand.order == ALONE:
        return values.ended(sheet, text)
    if demand.order == LINE:
        area = area_from(text)
        return 0 if area is not None and 1 in area.shape else ORDERS[LINE]
    if demand.order in KEYS.values():
        text = searched(text, demand.order)
        wrong = values.kinds(sheet, text) & ~demand.kinds
        if wrong or demand.kinds & TEXTS:
            return wrong
        return 0 if values.ascends(sheet, text) else ORDERS["^"]
    wrong = values.kinds(sheet, text) & ~demand.kinds
    if wrong or not demand.order:
        return wrong
    if demand.order in (HIDDEN, FILTERED):
        return ORDERS[demand.order] if values.hides(sheet, text, demand.order == FILTERED) else 0
    if demand.order == NESTED:
        return ORDERS[NESTED] if values.nests(sheet, text) else 0
    if demand.order == "#":
        return 0 if values.bounded(sheet, text) else ORDERS["#"]
    if demand.order in ("^", "/"):
        return 0 if values.ascends(sheet, text, demand.order) else ORDERS[demand.order]
    numbers = values.numbers(sheet, text)
    if numbers is None or not IN_ORDER[demand.order](numbers):
        return ORDERS[demand.order]
    return 0
