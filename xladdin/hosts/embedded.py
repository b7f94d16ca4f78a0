"""Our functions in the embedded engine: one formula, or a whole workbook.

The engine reads workbooks and knows most of Excel's functions. It is never trusted blindly: what
it cannot compute, or is known to compute wrongly, is told as a `Refusal` and not as a value. A
circular reference is one of these. Excel would store 0 and warn; the engine also sees circles
where there are none, so no value is better than a wrong one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import formualizer

from xladdin.core.errors import NAME, VALUE, FileError, InputError
from xladdin.hosts import engine, isformula, limits
from xladdin.hosts.bounds import bounded
from xladdin.hosts.computed import Computed, Refusal
from xladdin.hosts.engine import Recorder, cell_of, kind_of, register
from xladdin.hosts.formulas import Rewriter, TooLongError
from xladdin.hosts.linking import Links, links_of
from xladdin.hosts.scanning import shape, shifted, tokens
from xladdin.hosts.structured import ROW, quoted
from xladdin.ooxml import xml
from xladdin.ooxml.archive import replace_parts
from xladdin.ooxml.sheets import Formula, Place, layouts_of, places
from xladdin.ooxml.workbook import Name, Workbook, area_of, column_letters
from xladdin.registry import FUNCTIONS
from xladdin.values import Cell, CellError

_SHEET: Final = "Formula"
_COLUMN: Final = 16_000
"""Where a single formula is put: out of the way of whatever cells it refers to."""

_LARGEST_REACH: Final = 1 << 26
"""Cells from the first of a sheet to its last, empty ones included: 64 whole columns."""

_SPILLS: Final = "it gives an array, and an ordinary formula shows one value"


_OURS: Final = {name: function.each for name, function in FUNCTIONS.items()}
"""Our functions, and whether each works element by element."""

_SINGLE: Final = limits.SINGLE | {name for name, item in FUNCTIONS.items() if not item.spills}
"""Functions that give one value where they are given single values."""


@dataclass(frozen=True)
class Evaluated:
    """What a formula gives.

    Attributes:
        value: The value, or rows of values.
        reasons: What was wrong with its arguments, or with itself.
    """

    value: Cell | list[list[Cell]]
    reasons: tuple[InputError, ...]


def evaluate(formula: str) -> Evaluated:
    """Evaluate one formula.

    Args:
        formula: The formula, with or without its equals sign.

    Returns:
        Its value, and the reasons of what is wrong. A formula that cannot be read, or that calls
        what is not known, is #NAME?.

    Raises:
        FileError: It takes more memory or time than it may.
        Exception: A function of this package is at fault; whatever it raised.
    """
    text = formula.strip().removeprefix("=")
    wrong = _wrong(text)
    if wrong is not None:
        return Evaluated(CellError(wrong.code), (wrong,))
    return bounded(_evaluated, "the formula")(text)


def _evaluated(text: str) -> Evaluated:
    workbook = formualizer.Workbook(config=engine.settings())
    workbook.add_sheet(_SHEET)
    recorder = register(workbook)
    rewritten = Rewriter(FUNCTIONS).rewrite(text, _SHEET, 1, _COLUMN)
    try:
        workbook.set_formula(_SHEET, 1, _COLUMN, f"={rewritten}")
        _run(workbook, recorder)
    except (RuntimeError, formualizer.ExcelEvaluationError) as error:
        return Evaluated(CellError(NAME), (_unreadable(text, str(error)),))
    _raise_failure(recorder)
    raw = workbook.get_value(_SHEET, 1, _COLUMN)
    kind = kind_of(raw)
    if kind in engine.FOREIGN:
        return Evaluated(cell_of(raw), (_unreadable(text, _gave_up(kind)),))
    area = _spilled(workbook, _SHEET, (1, _COLUMN))
    if area is None:
        reasons = tuple(recorder.reasons)
        if kind == "Name" and not reasons:
            reasons = (InputError(NAME, "the formula", text, "must use names that are known"),)
        return Evaluated(cell_of(raw), reasons)
    value = [
        [cell_of(workbook.get_value(_SHEET, row, column)) for column in area[1]] for row in area[0]
    ]
    return Evaluated(value, tuple(recorder.reasons))


def compute(data: bytes, path: Path | str = "workbook") -> Computed:
    """Compute every formula of a workbook.

    Args:
        data: The workbook.
        path: What messages are to call it.

    Returns:
        Its values, and what could not be computed.

    Raises:
        FileError: It cannot be read, or counts dates from 1904.
        Exception: A function of this package is at fault; whatever it raised.
    """
    book = Workbook(data, path)
    if book.counts_from_1904:
        reason = "it counts dates from 1904, and the embedded engine from 1900"
        raise FileError(path, reason, "change the date system in Excel, or recalculate it there")
    prepared = _Prepared(book, data)
    found = bounded(_found, path)(prepared)

    def value(sheet: str, row: int, column: int) -> Cell:
        here = found.values[sheet]
        place = (row, column)
        return here[place] if place in here else prepared.constants(sheet).get(place)

    return Computed(
        values=found.values,
        formulas=len(prepared.cells),
        refusals=found.refusals,
        layouts=prepared.layouts,
        parts={sheet.name: sheet.part for sheet in book.sheets},
        value=value,
        remedy="recalculate it in Excel",
        reasons=found.reasons,
    )


class _Found(NamedTuple):
    """What the engine makes of a workbook; see `Computed`."""

    values: dict[str, dict[Place, Cell]]
    refusals: tuple[Refusal, ...]
    reasons: tuple[InputError, ...]


def _found(prepared: _Prepared) -> _Found:
    """Have the engine load and compute a workbook: in a process of its own, see `bounded`."""
    data, path = prepared.data, prepared.book.path
    workbook, recorder = _loaded(prepared.copy(data), path)
    while prepared.narrow(workbook):
        # Anything that read those cells has seen what spilled there: once more from the start.
        workbook, recorder = _loaded(prepared.copy(data), path)
    refusals = tuple(sorted(prepared.refusals(recorder)))
    return _Found(prepared.values(workbook), refusals, tuple(recorder.reasons))


class _Judgement(NamedTuple):
    """What is known of a formula, whatever cells it refers to."""

    reason: str  # why its value could not be trusted; empty if it could
    calls: Mapping[str, bool]  # see `limits.called`
    single: bool  # whether it cannot but give one value
    wide: bool = False  # whether it may refer to a range


@dataclass(slots=True)
class _Cell:
    """A formula of a workbook, on its way to the engine."""

    sheet: str
    part: str
    formula: Formula
    text: str  # as the file has it, shared formulas spelt out
    engine_text: str  # as the engine is to have it
    judged: _Judgement
    refusal: str = ""
    raw: engine.Raw = None  # what the engine made of it

    @property
    def place(self) -> Place:
        return self.formula.row, self.formula.column

    @property
    def name(self) -> str:
        return f"{column_letters(self.formula.column)}{self.formula.row}"

    @property
    def plain(self) -> bool:
        """Whether it shows one value only."""
        return self.formula.kind in ("normal", "shared")


class _Prepared:
    """A workbook's formulas as the engine is to have them."""

    def __init__(self, book: Workbook, data: bytes) -> None:
        self.book = book
        self.data = data
        self._constants: dict[str, dict[Place, Cell]] = {}
        self.layouts = layouts_of(book)
        self._links = links_of(book)
        rewriter = Rewriter(FUNCTIONS, book.tables, book.defined_names, self._links)
        scope = limits.Scope(_OURS, _wide_names(book.defined_names))
        self._judged: dict[str, _Judgement] = {}
        self._judged_for_rows: dict[str, _Judgement] = {}
        self._formula_places = {
            sheet.name.casefold(): frozenset(_formula_places(self.layouts[sheet.part].formulas))
            for sheet in book.sheets
        }
        self.cells = [
            self._cell(sheet.name, sheet.part, formula, text, rewriter, scope)
            for sheet in book.sheets
            for formula, text in _spelt_out(self.layouts[sheet.part].formulas)
        ]
        if any(judged.wide for judged in self._judged.values()):
            self._refuse_emptiness()
        self._fits: dict[int, _Cell] = {}
        for cell in self.cells:
            if cell.formula.kind == "array" and cell.formula.area is not None:
                self._fit(cell, *cell.formula.area.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process as the file does: it is read again there."""
        return _prepared, (self.data, self.book.path)

    def constants(self, sheet: str) -> Mapping[Place, Cell]:
        """Return what the cells of a sheet hold that are no formulas."""
        if sheet not in self._constants:
            part = next(item.part for item in self.book.sheets if item.name == sheet)
            try:
                self._constants[sheet] = self.layouts[part].held(self.book.texts)
            except xml.UnsafeXMLError as error:
                raise self.book.unsafe(part, error) from None
        return self._constants[sheet]

    def _refuse_emptiness(self) -> None:
        """Refuse a sheet with cells far apart: the engine goes through all that lies between."""
        for sheet in self.book.sheets:
            rows, columns = self.layouts[sheet.part].reach
            if rows * columns > _LARGEST_REACH:
                corner = f"{column_letters(columns)}{rows}"
                reason = f"its sheet {sheet.name!r} reaches to {corner}, more than can be computed"
                remedy = "delete the rows and columns past its last cell in Excel"
                raise FileError(self.book.path, reason, remedy)

    def copy(self, data: bytes) -> bytes:
        """Make the copy of the workbook that the engine loads."""
        parts: dict[str, bytes] = {}
        by_part: dict[str, list[_Cell]] = {part: [] for part in self.layouts}
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
        return replace_parts(data, parts, self.book.path)

    def narrow(self, workbook: formualizer.Workbook) -> bool:
        """See to ordinary formulas that spilled in the engine, which in Excel they never do.

        Excel shows the first value of what a function of an add-in returns. Elsewhere it takes
        the cell of a range that is in line with the formula, which the engine does not.

        Returns:
            Whether any formula changed.
        """
        changed = False
        for cell in self.cells:
            cell.raw = workbook.get_value(cell.sheet, *cell.place)
            if not cell.plain or cell.judged.single:
                continue
            blocked = kind_of(cell.raw) == "Spill"
            if not blocked and _spilled(workbook, cell.sheet, cell.place) is None:
                continue
            if _is_call_of_ours(cell.engine_text):
                self._fit(cell, 1, 1)
                changed = True
            elif not blocked:
                cell.refusal = _SPILLS
        return changed

    def values(self, workbook: formualizer.Workbook) -> dict[str, dict[Place, Cell]]:
        """Collect the values of formula cells and of the cells that array formulas fill."""
        found: dict[str, dict[Place, Cell]] = {sheet.name: {} for sheet in self.book.sheets}
        for cell in self.cells:
            here = found[cell.sheet]
            if cell.formula.kind == "array" and cell.formula.area is not None:
                for place in places(cell.formula.area):
                    here[place] = cell_of(workbook.get_value(cell.sheet, *place))
            else:
                here[cell.place] = cell_of(cell.raw)
        return found

    def refusals(self, recorder: Recorder) -> Iterator[Refusal]:
        """Tell the formulas whose values are not to be trusted, and why."""
        unknown = engine.unknown({name for one in self._judged.values() for name in one.calls})
        for number, cell in self._fits.items():
            area, shape = cell.formula.area, recorder.shapes.get(number)
            if cell.formula.dynamic and area is not None and shape not in (None, area.shape):
                cell.refusal = "it spills over another range than when it was saved"
        for cell in self.cells:
            kind = kind_of(cell.raw)
            reason = cell.refusal or self._unknown_call(cell, unknown)
            if not reason and kind in engine.FOREIGN:
                reason = _gave_up(kind)
            if not reason and kind == "Spill" and cell.plain:
                reason = _SPILLS
            if reason:
                yield Refusal(cell.sheet, cell.name, reason)

    def _cell(
        self,
        sheet: str,
        part: str,
        formula: Formula,
        text: str,
        rewriter: Rewriter,
        scope: limits.Scope,
    ) -> _Cell:
        if formula.kind == "dataTable":
            never = _Judgement("it is a what-if data table", {}, False)
            return _Cell(sheet, part, formula, text, text, never, never.reason)
        try:
            for_rows = rewriter.rewrite_for_rows(text, sheet, formula.row, formula.column)
        except TooLongError as error:
            where = f"{quoted(sheet)}!{column_letters(formula.column)}{formula.row}"
            raise FileError(self.book.path, f"{where}: {error}", "shorten them") from None
        rewritten = for_rows.replace(ROW, str(formula.row))
        if isformula.NAME in rewritten.upper():
            # What takes its place differs from row to row, as the cells that it asks about do.
            rewritten = isformula.answered(rewritten, sheet, self._holds_formula)
            own = self._judgement(shape(rewritten), scope)
            reason = isformula.UNANSWERED if isformula.NAME in own.calls else own.reason
            return _Cell(sheet, part, formula, text, rewritten, own, reason)
        judged = self._judged_for_rows.get(for_rows)
        if judged is None:
            judged = self._judgement(shape(rewritten), scope)
            if for_rows != rewritten:
                self._judged_for_rows[for_rows] = judged
        return _Cell(sheet, part, formula, text, rewritten, judged, judged.reason)

    def _holds_formula(self, sheet: str, row: int, column: int) -> bool:
        return (row, column) in self._formula_places.get(sheet.casefold(), ())

    def _judgement(self, form: str, scope: limits.Scope) -> _Judgement:
        """Judge formulas that differ in the cells that they refer to alone, once."""
        known = self._judged.get(form)
        if known is not None:
            return known
        limit = limits.judge(form, scope)
        calls = limits.called(form)
        known = self._judged[form] = _Judgement(
            reason=self._links.elsewhere(form) or limit.reason,
            calls=calls,
            single=not limit.array and calls.keys() <= _SINGLE,
            wide=not limits.gives_one_value(form, scope) or "INDIRECT" in calls,
        )
        return known

    def _fit(self, cell: _Cell, rows: int, columns: int) -> None:
        number = len(self._fits) + 1
        self._fits[number] = cell
        cell.engine_text = f"{engine.FIT_CALL}({cell.engine_text},{rows},{columns},{number})"

    def _differs(self, cell: _Cell) -> bool:
        # Followers of a shared formula lose their master when that is replaced.
        return cell.engine_text != cell.formula.text or cell.formula.kind == "shared"

    def _unknown_call(self, cell: _Cell, unknown: frozenset[str]) -> str:
        """Say which function is missing; empty where #NAME? is what Excel would give as well."""
        for name, excels in cell.judged.calls.items():
            if name not in unknown:
                continue
            if excels:
                return f"the engine does not have Excel's function {name}"
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


def _prepared(data: bytes, path: Path | str) -> _Prepared:
    return _Prepared(Workbook(data, path), data)


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


def _wide_names(names: tuple[Name, ...]) -> frozenset[str]:
    return frozenset(name.name.casefold() for name in names if ":" in name.text)


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


def _loaded(data: bytes, path: Path | str) -> tuple[formualizer.Workbook, Recorder]:
    """Load a workbook and compute it."""
    try:
        workbook = formualizer.Workbook.from_bytes(data, config=engine.settings())
        recorder = register(workbook)
        _run(workbook, recorder)
    except (OSError, RuntimeError, ValueError, formualizer.ExcelEvaluationError) as error:
        reason = f"the embedded engine cannot compute it: {error}"
        raise FileError(path, reason, "recalculate it in Excel") from None
    _raise_failure(recorder)
    return workbook, recorder


def _run(workbook: formualizer.Workbook, recorder: Recorder) -> None:
    workbook.set_temporal_egress("serial")
    workbook.evaluate_all()
    if recorder.interruption is not None:
        raise recorder.interruption


def _raise_failure(recorder: Recorder) -> None:
    """Raise what a function of ours raised: a wrong value must not pass for a #VALUE!."""
    if recorder.failures:
        raise recorder.failures[0]


def _spilled(
    workbook: formualizer.Workbook, sheet: str, place: Place
) -> tuple[range, range] | None:
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


def _wrong(text: str) -> InputError | None:
    """Say what is wrong with a formula before the engine sees it."""
    elsewhere = Links().elsewhere(text)
    if elsewhere:
        return _unreadable(text, elsewhere)
    unknown = sorted(engine.unknown(limits.called(text).keys()))
    if unknown:
        close = difflib.get_close_matches(unknown[0], FUNCTIONS, n=1)
        rule = "must call functions that are known" + (f", such as {close[0]}" if close else "")
        return InputError(NAME, "the formula", unknown[0], rule)
    reason = limits.limit(text, limits.Scope(_OURS))
    if reason:
        rule = f"must be one that the embedded engine computes rightly, but {reason}"
        return InputError(VALUE, "the formula", text, rule)
    return None


def _unreadable(text: str, reason: str) -> InputError:
    return InputError(NAME, "the formula", text, f"must be one that can be computed: {reason}")


def _gave_up(kind: str) -> str:
    if kind == engine.CIRCULAR:
        return "it refers to itself"
    if kind == engine.NOT_IMPLEMENTED:
        return "it needs what the engine does not have"
    return "the engine cannot read it"
