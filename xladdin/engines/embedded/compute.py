"""Our functions in the embedded engine: one formula, or a whole workbook.

The engine reads workbooks and knows most of Excel's functions. It is never trusted blindly: what
it cannot compute, or is known to compute wrongly, becomes a `Refusal` and not a value. A
circular reference is one of these. Excel would store 0 and warn; the engine also sees circles
where there are none, so no value is better than a wrong one.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import formualizer

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.bridge import Recorder, cell_of, kind_of, register
from xladdin.engines.embedded.expansion import expanded
from xladdin.engines.embedded.formula_cell import spelled
from xladdin.engines.embedded.formula_notes import Scope
from xladdin.engines.embedded.formula_parts import ARRAY, UNREADABLE
from xladdin.engines.embedded.formula_reader import FAILING, OURS, SPILLING, is_excels
from xladdin.engines.embedded.judgement import called, judge
from xladdin.engines.embedded.notes import given
from xladdin.engines.embedded.preparation import Prepared, Results, gave_up, spilled
from xladdin.engines.embedded.rewrite import Rewriter
from xladdin.engines.embedded.verdicts import SIZED
from xladdin.engines.proved import BLANK, SEVERAL
from xladdin.engines.result import Computed, Refusal, UnfitError
from xladdin.engines.workbook_settings import require_usual
from xladdin.errors import NAME, VALUE, InputError
from xladdin.formulas.external_links import Links
from xladdin.formulas.tokens import ANY_CELL
from xladdin.functions.garbage_collection import uncollected
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice.bounds import bounded
from xladdin.xlsx.workbook_part import Workbook

_SHEET: Final = "Formula"
_NO_END: Final = "did not converge"
"""What the engine says where it finds no order for the cells that formulas choose."""

_COLUMN: Final = 16_000
"""Where a single formula is put: out of the way of whatever cells it refers to."""


@dataclass(frozen=True)
class Evaluated:
    """What a formula gives.

    Attributes:
        value: The value, or rows of values.
        reasons: What was wrong with its arguments, or with itself.
    """

    value: Cell | list[list[Cell]]
    reasons: tuple[InputError, ...]


def evaluate(formula: str, *, apart: bool = True) -> Evaluated:
    """Evaluate one formula.

    Args:
        formula: The formula, with or without its equals sign.
        apart: Whether a process of its own does, within bounds of memory and time.

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
    return bounded(_evaluated, "the formula")(text) if apart else _evaluated(text)


def _evaluated(text: str) -> Evaluated:
    workbook = formualizer.Workbook(config=bridge.settings())
    workbook.add_sheet(_SHEET)
    rewritten, problem, checks = _spelled(text)
    if problem == UNREADABLE:
        return Evaluated(CellError(NAME), (_unreadable(text, problem),))
    if problem:
        return Evaluated(CellError(VALUE), (_untrusted(text, problem),))
    recorder = register(workbook, checks)
    try:
        workbook.set_formula(_SHEET, 1, _COLUMN, f"={rewritten}")
        _run(workbook, recorder)
    except (RuntimeError, formualizer.ExcelEvaluationError) as error:
        return Evaluated(CellError(NAME), (_unreadable(text, str(error)),))
    _raise_failure(recorder)
    raw = workbook.get_value(_SHEET, 1, _COLUMN)
    kind = kind_of(raw)
    if recorder.notes.refused:
        return Evaluated(CellError(VALUE), (_untrusted(text, recorder.notes.refused[0]),))
    if kind in bridge.FOREIGN:
        return Evaluated(cell_of(raw), (_unreadable(text, gave_up(kind)),))
    area = spilled(workbook, _SHEET, (1, _COLUMN))
    if area is None:
        reasons = tuple(recorder.reasons)
        if kind == "Name" and not reasons:
            reasons = (InputError(NAME, "the formula", text, "must use names that are known"),)
        return Evaluated(cell_of(raw), reasons)
    value = [
        [cell_of(workbook.get_value(_SHEET, row, column)) for column in area[1]] for row in area[0]
    ]
    return Evaluated(value, tuple(recorder.reasons))


def compute(
    source: bytes | Workbook, path: Path | str = "workbook", *, apart: bool = True
) -> Computed:
    """Compute every formula of a workbook.

    Args:
        source: The workbook.
        path: What messages are to call it.
        apart: Whether in a process of its own, which is kept to bounds: unless the workbook is ours
            and small.

    Returns:
        Its values, and what could not be computed.

    Raises:
        FileError: It cannot be read, or counts dates from 1904.
        Exception: A function of this package is at fault; whatever it raised.
    """
    book = Workbook.of(source, path)
    require_usual(book)
    with uncollected():
        prepared = Prepared(book)
    found = (bounded(_found, path) if apart else _found)(prepared)
    values = prepared.values(found.results)

    def value(sheet: str, row: int, column: int) -> Cell:
        here = values[sheet]
        place = (row, column)
        return here[place] if place in here else prepared.constants.by_place(sheet).get(place)

    return Computed(
        engine="embedded",
        values=values,
        formulas=len(prepared.cells),
        refusals=found.refusals,
        layouts=prepared.layouts,
        parts={sheet.name: sheet.part for sheet in book.sheets},
        value=value,
        remedy="use --engine auto, or recalculate it in Excel",
        reasons=found.reasons,
    )


class _Found(NamedTuple):
    """What the engine makes of a workbook; see `Computed`."""

    results: Results
    refusals: tuple[Refusal, ...]
    reasons: tuple[InputError, ...]


@uncollected()
def _found(prepared: Prepared) -> _Found:
    """Have the engine load and compute a workbook."""
    workbook, recorder = _loaded(prepared, prepared.guard.count)
    prepared.guard.check(workbook)
    while (
        (taken_back := prepared.without_numbers(recorder.notes))
        | prepared.narrow(workbook)
        | prepared.adjustments.examine(workbook, recorder.notes)
    ):
        if not taken_back and _same_when_adjusted(prepared, workbook, recorder):
            break
        # Anything that read cells which change has seen what they were before: once more from the
        # start.
        workbook, recorder = _loaded(prepared)
    refusals = tuple(sorted(prepared.refusals(recorder)))
    return _Found(prepared.results(workbook), refusals, tuple(recorder.reasons))


def _same_when_adjusted(
    prepared: Prepared, workbook: formualizer.Workbook, recorder: Recorder
) -> bool:
    """Compute alone, in place, the formulas that the engine is to be given otherwise.

    Returns:
        Whether they all give what they gave before. Then no cell has seen a value that changes,
        and all that was looked at is still so.
    """
    changed = prepared.changed()
    if not all(cell.formula.kind == "normal" and cell.fit is None for cell in changed):
        return False
    try:
        for cell in changed:
            workbook.set_formula(cell.sheet, *cell.place, f"={cell.engine_text}")
        workbook.evaluate_all()  # what has changed alone; in half the time that naming it takes
        _raise_interruption(recorder)
    except (RuntimeError, ValueError, formualizer.ExcelEvaluationError):
        return False
    _raise_failure(recorder)
    refused = recorder.notes.refused
    for cell in changed:
        value = workbook.get_value(cell.sheet, *cell.place)
        if type(value) is not type(cell.raw) or value != cell.raw or cell.unsigned:
            return False
        if cell.number in refused or prepared.guard.misread(workbook, cell):
            return False
    return True


def _loaded(
    prepared: Prepared, look: Callable[[formualizer.Workbook], None] = lambda _: None
) -> tuple[formualizer.Workbook, Recorder]:
    """Load a workbook, look at it, and compute it."""
    try:
        # The copy may be large, and no name is to keep it.
        workbook = formualizer.Workbook.from_bytes(prepared.copy(), config=bridge.settings())
        recorder = register(workbook, prepared.checks)
        look(workbook)
        _run(workbook, recorder)
    except UnfitError:
        raise
    except (OSError, RuntimeError, ValueError, formualizer.ExcelEvaluationError) as error:
        if _NO_END in str(error) and prepared.without_dynamic():
            return _loaded(prepared, look)
        reason = f"the embedded engine cannot compute it: {error}"
        raise UnfitError(prepared.book.path, reason, "recalculate it in Excel") from None
    _raise_failure(recorder)
    return workbook, recorder


def _run(workbook: formualizer.Workbook, recorder: Recorder) -> None:
    workbook.set_temporal_egress("serial")
    workbook.evaluate_all()
    _raise_interruption(recorder)


def _raise_interruption(recorder: Recorder) -> None:
    interruption = recorder.interruption or recorder.notes.interruption
    if interruption is not None:
        raise interruption


def _raise_failure(recorder: Recorder) -> None:
    """Raise what a function of ours raised: a wrong value must not pass for a #VALUE!."""
    if recorder.failures:
        raise recorder.failures[0]


def _wrong(text: str) -> InputError | None:
    """Say what is wrong with a formula before the engine sees it."""
    elsewhere = Links().elsewhere(text)
    if elsewhere:
        return _unreadable(text, elsewhere)
    unknown = sorted(bridge.unknown(called(text).keys()))
    if unknown:
        close = difflib.get_close_matches(unknown[0], FUNCTIONS, n=1)
        rule = "must call functions that are known" + (f", such as {close[0]}" if close else "")
        return InputError(NAME, "the formula", unknown[0], rule)
    return None


def _spelled(text: str) -> tuple[str, str, list[tuple[int, str]]]:
    """Return a formula as the engine is to have it, what is not proved of it, and its checks.

    No cell holds anything, so that all that it refers to is blank.
    """
    rewritten = expanded(Rewriter(FUNCTIONS).rewrite(text, _SHEET, 1, _COLUMN))
    checks: list[tuple[int, str]] = []
    scope = Scope(OURS, SPILLING, lambda _: None, is_excels, checks, failing=FAILING)
    verdict = judge(rewritten, scope, ARRAY)
    for demand in verdict.demands:
        if not demand.lazy and (demand.order not in ("", SIZED) or not demand.kinds & BLANK):
            return rewritten, given(demand.taker, BLANK), checks
    if verdict.reason or not verdict.differs:
        return rewritten, verdict.reason, checks
    if any(name in ("ROW", "COLUMN") and ":" in place.text for _, name, place in verdict.positions):
        return rewritten, given("ROW or COLUMN", SEVERAL), checks
    references = [match[0] for match in ANY_CELL.finditer(rewritten)]
    parts = verdict.parts({}, False)
    return spelled(parts, references, (1, _COLUMN), 0), "", checks


def _untrusted(text: str, reason: str) -> InputError:
    rule = f"must be one that the embedded engine computes rightly, but {reason}"
    return InputError(VALUE, "the formula", text, rule)


def _unreadable(text: str, reason: str) -> InputError:
    return InputError(NAME, "the formula", text, f"must be one that can be computed: {reason}")
