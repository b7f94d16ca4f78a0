"""A workbook's formulas as the embedded engine is to have them, and what it made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import formualizer

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import bridge, instruments, isformula
from xladdin.engines.embedded.bridge import Recorder, cell_of, kind_of
from xladdin.engines.embedded.examination import (
    LEAST_ROUNDED,
    Values,
    area_from,
    intersection,
    is_residue,
    unmet,
    where,
)
from xladdin.engines.embedded.filled_down import FilledDown
from xladdin.engines.embedded.guard import (
    SAMPLED,
    formula_count,
    is_misread_formula,
    misread_constant,
    misread_name,
)
from xladdin.engines.embedded.instruments import given
from xladdin.engines.embedded.judgement import (
    ARRAY,
    NOT_PROVED,
    PLAIN,
    UNREADABLE,
    NamedCells,
    Scope,
    judge,
)
from xladdin.engines.embedded.rewrite import Rewriter, TooLongError
from xladdin.engines.embedded.verdicts import FILTERED, Action, Demand, Part, Verdict
from xladdin.engines.embedded.verdicts import Place as Reference
from xladdin.engines.proved import ANY, DOUBTFUL, EXCELS, NUMBER, SEVERAL, kind_of_value
from xladdin.engines.result import CIRCULAR, DATA_TABLE, Refusal, UnfitError
from xladdin.engines.text_lengths import TOO_LONG, may_be_too_long
from xladdin.engines.workbook_settings import (
    hidden_rows,
    is_unusual,
    transitional,
    without_iteration,
)
from xladdin.errors import NAME, FileError
from xladdin.formulas.external_links import links_of
from xladdin.formulas.structured_references import ROW, quoted
from xladdin.formulas.tokens import ANY_CELL, in_order, shape, shifted, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Formula, Place, layouts_of, places
from xladdin.xlsx.workbook_part import Area, Workbook, area_of, column_letters

_LARGEST_REACH: Final = 1 << 26
"""Cells from the first of a sheet to its last, empty ones included: 64 whole columns."""

_DEFAULT_SHEET: Final = "Sheet1"
"""The sheet that the engine looks at where one is named the same but for capitals."""

_MOST_RUNS: Final = 250
"""Runs of visible rows that a range is written as; a function takes no more than 255 arguments."""

_WORD: Final = re.compile(r"[\w.\\?]+")

_SUBTOTALS: Final = frozenset({"SUBTOTAL", "AGGREGATE"})

MISREAD: Final = "the embedded engine reads it as another formula"

SPILLS: Final = "it gives an array, and an ordinary formula shows one value"

OURS: Final = {name: function.each for name, function in FUNCTIONS.items()}
"""Our functions, and whether each works element by element."""

SPILLING: Final = frozenset(name for name, function in FUNCTIONS.items() if function.spills)
"""Functions of ours that give arrays."""


@dataclass(slots=True)
class FormulaCell:
    """A formula of a workbook, on its way to the engine."""

    sheet: str
    part: str
    formula: Formula
    text: str  # rewritten, as far as that does not depend on what the engine is proved for
    judged: Verdict
    number: int
    refusal: str = ""
    filled_down: bool = False  # whether it is the one above, for its own row
    raw: bridge.Raw = None  # what the engine made of it
    actions: dict[int, Action] = field(default_factory=dict)  # see `Verdict.parts`
    snapped: bool = False  # whether its last step is made 0 where it nearly is
    fit: tuple[int, int, int] | None = None  # rows and columns that it fills, and its number

    @property
    def place(self) -> Place:
        """Its row and column."""
        formula = self.formula
        return formula.row, formula.column

    @property
    def name(self) -> str:
        """Its cell, such as ``B2``."""
        return f"{column_letters(self.formula.column)}{self.formula.row}"

    @property
    def references(self) -> list[str]:
        """The references in it that differ between formulas of one form."""
        return [match[0] for match in ANY_CELL.finditer(self.text)]

    @property
    def engine_text(self) -> str:
        """The formula as the engine is to have it."""
        text = self.text
        if self.actions or self.snapped or self.judged.differs:
            parts = self.judged.parts(self.actions, self.snapped)
            text = spelled(parts, self.references, self.place, self.number)
        if self.fit is None:
            return text
        rows, columns, number = self.fit
        return f"{bridge.FIT_CALL}({text},{rows},{columns},{number})"

    @property
    def plain(self) -> bool:
        """Whether it shows one value only."""
        return self.formula.kind in ("normal", "shared")


class Results(NamedTuple):
    """Values of formulas in their order, and of all cells that array formulas fill.

    They go from one process to another, which takes several times as long with their places.
    """

    formulas: list[Cell]
    filled: dict[tuple[str, int, int], Cell]


class Prepared:
    """A workbook's formulas as the engine is to have them."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._largest: float | None = None  # number that a formula gives
        self._sheet_names = frozenset(sheet.name for sheet in book.sheets)
        self._subtotals: list[tuple[str, int, int]] | None = None
        self._hidden: dict[str, tuple[frozenset[int], frozenset[int]]] = {}
        self._constants: dict[str, dict[Place, Cell]] = {}
        self.layouts = layouts_of(book)
        self._links = links_of(book)
        rewriter = Rewriter(FUNCTIONS, book.tables, book.defined_names, self._links)
        self._kept_names = rewriter.kept
        self.checks: list[tuple[int, str]] = []
        self._scope = Scope(
            OURS, SPILLING, _Names(book).get, is_excels, self.checks, bool(book.links)
        )
        self._judged: dict[tuple[str, str], Verdict] = {}
        self._miscounted = False
        self._longest: int | None = None  # characters of a text
        self._filled = FilledDown()
        self._judged_for_rows: dict[tuple[str, str], Verdict] = {}
        self._formula_places = {
            sheet.name.casefold(): frozenset(_formula_places(self.layouts[sheet.part].formulas))
            for sheet in book.sheets
        }
        self.cells = [
            self._cell(sheet.name, sheet.part, formula, text, rewriter)
            for sheet in book.sheets
            for formula, text in _spelt_out(self.layouts[sheet.part].formulas)
        ]
        for number, cell in enumerate(self.cells):
            cell.number = number
        self._refuse_names()
        if any(judged.wide for judged in self._judged.values()):
            self._refuse_emptiness()
        self._fits: dict[int, FormulaCell] = {}
        for cell in self.cells:
            if cell.formula.kind == "array" and cell.formula.area is not None:
                self._fit(cell, *cell.formula.area.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as the workbook does: it is prepared again there."""
        return type(self), (self.book,)

    def constants(self, sheet: str) -> Mapping[Place, Cell]:
        """Return what the cells of a sheet hold that are no formulas."""
        if sheet not in self._constants:
            self._constants[sheet] = {
                (row, column): value
                for column, rows, values in self._constant_columns(sheet)
                for row, value in zip(rows, values, strict=True)
            }
        return self._constants[sheet]

    def _constant_columns(self, sheet: str) -> Iterator[tuple[int, list[int], list[Cell]]]:
        part = next(item.part for item in self.book.sheets if item.name == sheet)
        try:
            yield from self.layouts[part].constants(self.book.texts)
        except xml_bytes.UnsafeXMLError as error:
            raise self.book.unsafe(part, error) from None

    def _refuse_names(self) -> None:
        """Refuse a sheet that the engine takes for another where functions of ours are called."""
        for sheet in self.book.sheets:
            if sheet.name != _DEFAULT_SHEET and sheet.name.casefold() == _DEFAULT_SHEET.casefold():
                reason = f"the embedded engine takes its sheet {sheet.name!r} for another"
                remedy = "give it another name in Excel"
                raise UnfitError(self.book.path, reason, remedy)

    def guard(self, workbook: formualizer.Workbook) -> None:
        """Refuse a workbook that the engine has not read as it is.

        Raises:
            UnfitError: A sheet is missing in it, a cell holds another constant, a name stands for
                something else, or there are more or fewer formulas.
        """
        name = misread_name(workbook, self._kept_names)
        if name:
            raise self._misread(f"the name {name}")
        names = workbook.sheet_names
        filled: dict[str, set[Place]] = {}
        for cell in self.cells:
            if cell.formula.area is not None and not cell.plain:
                filled.setdefault(cell.sheet, set()).update(places(cell.formula.area))
        for sheet in self.book.sheets:
            if sheet.name not in names:
                raise self._misread(sheet.name)
            found = self._constant_columns(sheet.name)
            without = filled.get(sheet.name, ())
            wrong = misread_constant(workbook, sheet.name, found, without, cell_of)
            if wrong:
                raise self._misread(f"{quoted(sheet.name)}!{wrong}")
        for cell in self.cells:
            if cell.filled_down and cell.formula.row % SAMPLED and not self._miscounted:
                continue
            if cell.formula.kind != "dataTable" and is_misread_formula(
                workbook, cell.sheet, cell.place, cell.engine_text
            ):
                cell.refusal = cell.refusal or MISREAD

    def count(self, workbook: formualizer.Workbook) -> None:
        """Count the formulas of the engine before it computes them, and the names that they use.

        Where there are more or fewer than there should be, `guard` reads all of them back.
        """
        cells = [
            (cell.sheet, cell.formula.row, cell.formula.column)
            for cell in self.cells
            if cell.formula.kind != "dataTable"
        ]
        words = {word for form, _ in self._judged for word in _WORD.findall(form.casefold())}
        names = sum(name.name.casefold() in words for name in self._kept_names)
        self._miscounted = formula_count(workbook, cells) != len(cells) + names

    def _misread(self, what: str) -> UnfitError:
        reason = f"the embedded engine does not read {what} as it is"
        return UnfitError(self.book.path, reason, "use --engine libreoffice")

    def _refuse_emptiness(self) -> None:
        """Refuse a sheet with cells far apart: the engine goes through all that lies between."""
        for sheet in self.book.sheets:
            rows, columns = self.layouts[sheet.part].reach
            if rows * columns > _LARGEST_REACH:
                corner = f"{column_letters(columns)}{rows}"
                reason = f"its sheet {sheet.name!r} reaches to {corner}, more than can be computed"
                remedy = "delete the rows and columns past its last cell in Excel"
                raise FileError(self.book.path, reason, remedy)

    def copy(self) -> bytes:
        """Make the copy of the workbook that the engine loads."""
        parts: dict[str, bytes] = {}
        by_part: dict[str, list[FormulaCell]] = {part: [] for part in self.layouts}
        for cell in self.cells:
            by_part[cell.part].append(cell)
        for part, layout in self.layouts.items():
            cells = by_part[part]
            texts = {cell.place: cell.engine_text for cell in cells if self._differs(cell)}
            clear = {
                place
                for cell in cells
                if cell.formula.kind == "array" and cell.formula.area is not None
                for place in places(cell.formula.area)
            }
            if texts or clear:
                parts[part] = layout.with_formulas(texts, clear)
        main = self.book.workbook
        parts[main] = without_iteration(self.book.read(main))
        if is_unusual(parts[main]):
            for name in self.book.names:
                if name.endswith((".xml", ".rels")):
                    parts[name] = transitional(parts.get(name) or self.book.read(name))
        return self.book.for_an_engine(parts)

    def narrow(self, workbook: formualizer.Workbook) -> bool:
        """See to ordinary formulas that spilled in the engine, which in Excel they never do.

        Excel shows the first value of what a function of an add-in returns. Elsewhere it takes
        the cell of a range that is in line with the formula, which the engine does not.

        Returns:
            Whether any formula changed.
        """
        changed = False
        for cell in self.cells:
            cell.raw = workbook.get_value(cell.sheet, cell.formula.row, cell.formula.column)
            if cell.judged.single or not cell.plain:
                continue
            blocked = kind_of(cell.raw) == "Spill"
            if not blocked and spilled(workbook, cell.sheet, cell.place) is None:
                continue
            if _is_call_of_ours(cell.text):
                self._fit(cell, 1, 1)
                changed = True
            elif not blocked and cell.fit is None:
                cell.refusal = SPILLS
                # Other formulas are not to see what it would leave in the cells beside it.
                self._fit(cell, 1, 1)
                changed = True
        return changed

    def results(self, workbook: formualizer.Workbook) -> Results:
        """Collect the values of formula cells and of the cells that array formulas fill."""
        filled = {
            (cell.sheet, *place): cell_of(workbook.get_value(cell.sheet, *place))
            for cell in self.cells
            if cell.formula.area is not None and cell.formula.kind == "array"
            for place in places(cell.formula.area)
        }
        return Results([cell_of(cell.raw) for cell in self.cells], filled)

    def values(self, results: Results) -> dict[str, dict[Place, Cell]]:
        """Return results by sheet, row and column."""
        found: dict[str, dict[Place, Cell]] = {sheet.name: {} for sheet in self.book.sheets}
        for cell, value in zip(self.cells, results.formulas, strict=True):
            found[cell.sheet][cell.formula.row, cell.formula.column] = value
        for (sheet, row, column), value in results.filled.items():
            found[sheet][row, column] = value
        return found

    def refusals(self, recorder: Recorder) -> Iterator[Refusal]:
        """Tell the formulas whose values are not to be trusted, and why."""
        unknown = bridge.unknown({name for one in self._judged.values() for name in one.calls})
        for number, reason in recorder.notes.refused.items():
            self.cells[number].refusal = self.cells[number].refusal or reason
        for number, cell in self._fits.items():
            area, shape = cell.formula.area, recorder.shapes.get(number)
            if cell.formula.dynamic and area is not None and shape not in (None, area.shape):
                cell.refusal = "it spills over another range than when it was saved"
        for cell in self.cells:
            if type(cell.raw) is float and not (cell.refusal or unknown):
                continue  # nearly always
            kind = kind_of(cell.raw)
            reason = cell.refusal or self._unknown_call(cell, unknown)
            if not reason and kind in bridge.FOREIGN:
                reason = gave_up(kind)
            if not reason and kind == "Spill" and cell.plain:
                reason = SPILLS
            if reason:
                yield Refusal(cell.sheet, cell.name, reason)

    def _cell(
        self, sheet: str, part: str, formula: Formula, text: str, rewriter: Rewriter
    ) -> FormulaCell:
        if formula.kind == "dataTable":
            return FormulaCell(sheet, part, formula, text, _DATA_TABLE, 0, _DATA_TABLE.reason)
        usual = formula.kind == "normal"
        filled = self._filled.find(sheet, formula.row, formula.column, text) if usual else None
        if filled is not None:
            return FormulaCell(sheet, part, formula, text, filled, 0, filled.reason, True)
        try:
            for_rows = rewriter.rewrite_for_rows(text, sheet, formula.row, formula.column)
        except TooLongError as error:
            where = f"{quoted(sheet)}!{column_letters(formula.column)}{formula.row}"
            raise FileError(self.book.path, f"{where}: {error}", "shorten them") from None
        rewritten = in_order(for_rows.replace(ROW, str(formula.row)))
        context = ARRAY if formula.kind == "array" else PLAIN
        if isformula.NAME in rewritten.upper():
            # What takes its place differs from row to row, as the cells that it asks about do.
            rewritten = isformula.answered(rewritten, sheet, self._holds_formula)
            own = self._judgement(shape(rewritten), context)
            reason = isformula.UNANSWERED if isformula.NAME in own.calls else own.reason
            return FormulaCell(sheet, part, formula, rewritten, own, 0, reason)
        judged = self._judged_for_rows.get((for_rows, context))
        if judged is None:
            form = shape(rewritten)
            judged = self._judgement(form, context)
            # A form keeps what it does not take for a reference, such as a cell behind a computed
            # corner of a range or past column ZZ. Then it is that of this row alone.
            if for_rows != rewritten and form == shape(for_rows.replace(ROW, str(formula.row + 1))):
                self._judged_for_rows[for_rows, context] = judged
        if usual and rewritten == text and rewriter.alike_in_all_rows:
            self._filled.learn(sheet, formula.row, formula.column, text, judged)
        return FormulaCell(sheet, part, formula, rewritten, judged, 0, judged.reason)

    def _holds_formula(self, sheet: str, row: int, column: int) -> bool:
        return (row, column) in self._formula_places.get(sheet.casefold(), ())

    def _judgement(self, form: str, context: str) -> Verdict:
        """Judge formulas that differ in the cells that they refer to alone, once."""
        known = self._judged.get((form, context))
        if known is None:
            known = self._judged[form, context] = judge(form, self._scope, context)
            known.reason = self._links.elsewhere(form) or known.reason
        return known

    def examine(self, workbook: formualizer.Workbook) -> bool:
        """See to what cells hold for which formulas are not proved.

        Where there is a way of computing it by a function of ours, it is taken. Where the value
        may not have been looked at, as in a branch of IF, that is noted the next time.

        Returns:
            Whether any formula changed.
        """
        reaches = {sheet.name: self.layouts[sheet.part].reach for sheet in self.book.sheets}
        values = Values(workbook, reaches, cell_of, self.hidden, self._nested)
        changed = False
        for cell in self.cells:
            verdict = cell.judged
            if cell.refusal:
                continue
            if verdict.demands:
                changed |= self._demanded(cell, values)
            if verdict.root is not None and self._may_be_too_long(verdict):
                cell.refusal = cell.refusal or TOO_LONG
            if verdict.snaps and not cell.snapped and self._leaves_residue(cell, workbook):
                cell.snapped = changed = True
            if verdict.only and not kind_of_value(cell_of(cell.raw)) & verdict.only:
                cell.refusal = "its result is one for which the embedded engine is not proved"
        return changed

    def _may_be_too_long(self, verdict: Verdict) -> bool:
        """Whether formulas may make too long a text on their way; worked out once for a form."""
        if verdict.root is None or not verdict.makes_texts:
            return False
        if self._longest is None:
            texts = [cell.raw for cell in self.cells if isinstance(cell.raw, str)]
            texts += [
                value
                for sheet in self.book.sheets
                for _, _, values in self._constant_columns(sheet.name)
                for value in values
                if isinstance(value, str)
            ]
            self._longest = max(map(len, texts), default=0)
        return may_be_too_long(verdict.root, self._longest)

    def _leaves_residue(self, cell: FormulaCell, workbook: formualizer.Workbook) -> bool:
        """Whether what a formula gives may be 0 to Excel, which subtracts fifteen digits."""
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
            numbers = (abs(one.raw) for one in self.cells if type(one.raw) is float)
            self._largest = max(numbers, default=0.0)
        return self._largest >= LEAST_ROUNDED

    def hidden(self, sheet: str) -> tuple[frozenset[int], frozenset[int]]:
        """Return which rows of a sheet are hidden, and which of these by a filter."""
        if sheet not in self._hidden:
            self._hidden[sheet] = hidden_rows(self.book, sheet)
        return self._hidden[sheet]

    def _demanded(self, cell: FormulaCell, values: Values) -> bool:
        changed = False
        references = cell.references
        for demand in cell.judged.demands:
            if demand.node in cell.actions:
                continue
            sheet, text = where(demand.place, references, cell.sheet)
            if demand.intersected:
                text = intersection(text, *cell.place)
            wrong = unmet(demand, values, sheet, text)
            if not wrong:
                continue
            if demand.action.startswith(instruments.COMPARE):
                cell.actions[demand.node] = Action(call=demand.action)
            elif demand.action == "write" and isinstance(wrong, int) and not wrong & ~NUMBER:
                cell.actions[demand.node] = Action(
                    (f"{instruments.WRITTEN}(", f",{self._noted(demand.taker, ANY)},#)")
                )
            elif demand.action == "read" and wrong == DOUBTFUL:
                cell.actions[demand.node] = Action((f"{instruments.READ}(", ",#)"))
            elif (
                demand.action == "visible"
                and isinstance(wrong, str)
                and self._narrowed(
                    cell, demand, values.visible(sheet, text, demand.order == FILTERED)
                )
            ):
                pass
            elif demand.lazy:
                number = self._noted(demand.taker, wrong)
                reached = f"IF({instruments.REACHED}(#,{number}),"
                cell.actions[demand.node] = Action((reached, ")"))
            else:
                cell.refusal = _given(demand.taker, wrong)
                return changed
            changed = True
        return changed

    def _narrowed(self, cell: FormulaCell, demand: Demand, runs: Sequence[str]) -> bool:
        """Leave hidden rows out of a range; return whether that could be done."""
        if not 0 < len(runs) <= _MOST_RUNS:
            return False
        cell.actions[demand.node] = Action(instead=",".join(runs))
        return True

    def _nested(self, sheet: str, area: Area) -> bool:
        """Whether an area of a sheet has subtotals in it."""
        if self._subtotals is None:
            self._subtotals = [
                (cell.sheet, *cell.place)
                for cell in self.cells
                if not _SUBTOTALS.isdisjoint(cell.judged.calls)
            ]
        return any(
            name == sheet
            and area.first_row <= row <= area.last_row
            and area.first_column <= column <= area.last_column
            for name, row, column in self._subtotals
        )

    def _noted(self, taker: str, wrong: int | str) -> int:
        if isinstance(wrong, str):
            self.checks.append((0, _given(taker, wrong)))
        else:
            self.checks.append((wrong, taker))
        return len(self.checks) - 1

    def _fit(self, cell: FormulaCell, rows: int, columns: int) -> None:
        number = len(self._fits) + 1
        self._fits[number] = cell
        cell.fit = (rows, columns, number)

    def _differs(self, cell: FormulaCell) -> bool:
        # Followers of a shared formula lose their master when that is replaced.
        return cell.engine_text != cell.formula.text or cell.formula.kind == "shared"

    def _unknown_call(self, cell: FormulaCell, unknown: frozenset[str]) -> str:
        """Say which function is missing; empty where #NAME? is what Excel would give as well."""
        for name, excels in cell.judged.calls.items():
            if name not in unknown:
                continue
            if excels:
                return f"{NOT_PROVED} to compute {name}"
            # A stored value, or code in the workbook, says that somebody does know it.
            stored = cell.formula.stored
            named = stored is None or stored is CellError(NAME)
            if not named or self.book.has_macros or _defines(self.book, name):
                return f"the function {name} is not known here"
        return ""


def _formula_places(formulas: tuple[Formula, ...]) -> Iterator[Place]:
    """Go through the cells that hold formulas, those that array formulas fill included."""
    for formula in formulas:
        yield formula.row, formula.column
        if formula.kind == "array" and formula.area is not None:
            yield from places(formula.area)


def _spelt_out(formulas: tuple[Formula, ...]) -> Iterator[tuple[Formula, str]]:
    """Go through formulas, with the text of a shared one moved to each of its followers."""
    masters: dict[str, Formula] = {}
    for formula in formulas:
        if formula.kind != "shared":
            yield formula, formula.text
            continue
        if formula.text:
            masters[formula.group] = formula
        master = masters.get(formula.group, formula)
        down, right = formula.row - master.row, formula.column - master.column
        yield formula, formula.text or shifted(master.text, down, right)


_DATA_TABLE: Final = Verdict(DATA_TABLE, single=False)


class _Names:
    """What defined names stand for."""

    def __init__(self, book: Workbook) -> None:
        self._texts: dict[str, set[str]] = {}
        for name in book.defined_names:
            self._texts.setdefault(name.name.casefold(), set()).add(name.text)

    def get(self, name: str) -> NamedCells | None:
        """Return what a name stands for, in lower case; None if nobody knows it."""
        found = self._texts.get(name.rpartition("!")[2])
        if found is None:
            return None
        if len(found) > 1:
            return NamedCells("", "", ANY | SEVERAL)
        [text] = found
        sheet, mark, cells = text.rpartition("!")
        if mark:
            return NamedCells(sheet.removeprefix("'").removesuffix("'").replace("''", "'"), cells)
        return NamedCells("", "", ANY)


def is_excels(name: str) -> bool:
    """Whether a function is one of Excel's own that the embedded engine knows or lacks."""
    return name in EXCELS or not bridge.unknown([name])


def spelled(parts: Sequence[Part], references: Sequence[str], place: Place, number: int) -> str:
    """Put the pieces of a formula for the engine together.

    Args:
        parts: The pieces; see `Verdict.parts`.
        references: The references that differ between formulas of one form.
        place: Row and column of the formula's cell.
        number: The cell's number.
    """
    out: list[str] = []
    for part in parts:
        if part is None:
            out.append(str(number))
        elif isinstance(part, str):
            out.append(part)
        else:
            what, cut = part
            text = references[what] if isinstance(what, int) else what
            if cut:
                text = intersection(text, *place)
                if text.startswith("#") and out:
                    out[-1] = ""  # the sheet of a reference that is an error
            out.append(text)
    return "".join(out)


def _given(taker: str, wrong: int | str) -> str:
    if isinstance(wrong, str):
        return f"{taker} is given {wrong}"
    return given(taker, wrong)


def _defines(book: Workbook, name: str) -> bool:
    return any(defined.name.upper() == name for defined in book.defined_names)


def _is_call_of_ours(formula: str) -> bool:
    """Whether a formula is one call of a function of ours and nothing else."""
    parts = tokens(formula.strip())
    depth = 0
    for at, token in enumerate(parts):
        depth += (token.kind in ("call", "open")) - (token.kind == "close")
        if depth == 0:
            return at == len(parts) - 1 and parts[0].text.removesuffix("(").upper() in FUNCTIONS
    return False


def spilled(workbook: formualizer.Workbook, sheet: str, place: Place) -> tuple[range, range] | None:
    """Return the rows and columns over which a formula spilled; None if it stayed in its cell."""
    row, column = place
    address = f"{quoted(sheet)}!{column_letters(column)}{row}"
    spill = workbook.inspect_cell(address, include_values=False).cell.spill
    if spill is None or spill.extent is None:
        return None
    area = area_of(spill.extent.rpartition("!")[2])
    if area.shape == (1, 1):  # IF over a named cell gives an array of one
        return None
    return range(area.first_row, area.last_row + 1), range(area.first_column, area.last_column + 1)


def gave_up(kind: str) -> str:
    """Say why there is no value, by the kind of an error of the engine's own."""
    if kind == bridge.CIRCULAR:
        return CIRCULAR
    if kind == bridge.NOT_IMPLEMENTED:
        return "it needs what the engine does not have"
    return UNREADABLE
