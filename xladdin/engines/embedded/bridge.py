"""The embedded engine's side of the border: how values cross it, and how our functions get in."""

from __future__ import annotations

import contextlib
import datetime
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import formualizer

from xladdin.cells import Block, Cell, CellError, serial_of
from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.isformula import BLOCK_CALL
from xladdin.engines.embedded.notes import Notes
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.engines.embedded.substitutes.values import OMITTED, fitted
from xladdin.errors import DIV0, NA, NAME, NULL, NUM, REF, VALUE, InputError
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.stored_values import LONGEST_TEXT

FIT_CALL: Final = "XLADDIN.FIT"
"""Name of the helper function that gives an array formula's result the size of its range."""

CIRCULAR: Final = "Circ"
NOT_IMPLEMENTED: Final = "NImpl"
UNREADABLE: Final = "Error"
FOREIGN: Final = frozenset({CIRCULAR, NOT_IMPLEMENTED, UNREADABLE, "Cancelled"})
"""Errors of the engine that are no errors of a worksheet: it gave up, and there is no value."""

_CODES: Final = {
    "Null": NULL,
    "Div": DIV0,
    "Value": VALUE,
    "Ref": REF,
    "Name": NAME,
    "Num": NUM,
    "Na": NA,
    "Spill": "#SPILL!",
    "Calc": "#CALC!",
    CIRCULAR: REF,
    NOT_IMPLEMENTED: NAME,
    UNREADABLE: NAME,
}
_KINDS: Final = {code: kind for kind, code in _CODES.items() if kind not in FOREIGN}

Raw: TypeAlias = Any
"""What the engine hands over or takes."""


@dataclass
class Recorder:
    """What happened in our functions while the engine computed.

    Attributes:
        reasons: Every `InputError` that became an error value, one that IFERROR hid included.
        notes: What values on their way were not of a kind that the engine is proved for.
        failures: What was raised inside a function: mistakes of this package, not of the caller.
        shapes: Rows and columns that array formulas really gave, by their number.
    """

    reasons: list[InputError] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    shapes: dict[int, tuple[int, int]] = field(default_factory=dict)
    interruption: BaseException | None = None
    notes: Notes = field(default_factory=lambda: Notes([]))


def settings() -> formualizer.WorkbookConfig:
    """Return how the engine is to compute.

    In one thread: all that ours do is Python, of which one thread runs at a time, and having
    several wait for it takes four times as long.
    """
    evaluation = formualizer.EvaluationConfig()
    evaluation.enable_parallel = False
    return formualizer.WorkbookConfig(eval_config=evaluation)


def register(
    workbook: formualizer.Workbook, checks: list[tuple[int, str]] | None = None
) -> Recorder:
    """Make every function of ours, and the helpers that rewritten formulas call, known.

    Args:
        workbook: The engine's workbook.
        checks: What values on their way may be; see `notes.Notes`.

    Returns:
        What will be known of their calls.
    """
    recorder = Recorder(notes=Notes([] if checks is None else checks))
    instruments.register(workbook, recorder.notes, cell_of)
    for name, function in FUNCTIONS.items():
        # The function itself judges how many arguments it was given, and says so in words.
        call = _adapter(function, recorder)
        workbook.register_function(name, call, min_args=0)
        if not function.each:
            workbook.register_function(instruments.COLUMNS + name, _padded(call), min_args=1)
    workbook.register_function(OMITTED_CALL, lambda: OMITTED, min_args=0, max_args=0)
    workbook.register_function(FIT_CALL, _fitter(recorder), min_args=4, max_args=4)
    workbook.register_function(BLOCK_CALL, _block, min_args=3, max_args=3)
    return recorder


def cell_of(value: Raw) -> Cell:
    """Turn one value of the engine into a cell's.

    Args:
        value: What the engine gave.

    Returns:
        The cell's value: numbers as float, never infinite; errors as `CellError`. An error of the
        engine's own becomes the worksheet error nearest to it.
    """
    if type(value) is float and math.isfinite(value):
        return value
    # bool comes before int, whose subclass it is.
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float | int):
        return float(value) if math.isfinite(value) else CellError(NUM)
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else CellError(VALUE)
    if isinstance(value, dict):
        return CellError(_CODES.get(str(value.get("kind")), VALUE))
    if isinstance(value, datetime.datetime):
        return serial_of(value) + _fraction(value.time())
    if isinstance(value, datetime.date):
        return float(serial_of(value))
    if isinstance(value, datetime.time):
        return _fraction(value)
    if isinstance(value, datetime.timedelta):
        return value / datetime.timedelta(days=1)
    return CellError(VALUE)


def kind_of(value: Raw) -> str:
    """Return the kind of an error of the engine; empty for anything else."""
    return str(value.get("kind")) if isinstance(value, dict) else ""


def unknown(names: Collection[str]) -> frozenset[str]:
    """Find out which functions the engine does not know, ours aside.

    Args:
        names: Functions, in capitals.

    Returns:
        Those among them that are unknown.
    """
    new = [name for name in names if name not in FUNCTIONS and name not in _known]
    if new:
        # It has no list of its functions. But a call without arguments, which is the wrong number
        # for most, is another error than a call of nothing known.
        scratch = formualizer.Workbook(config=settings())
        scratch.add_sheet("S")
        for row, name in enumerate(new, 1):
            with contextlib.suppress(RuntimeError):  # it cannot even read the name
                scratch.set_formula("S", row, 1, f"={name}()")
        scratch.evaluate_all()
        for row, name in enumerate(new, 1):
            value = scratch.get_value("S", row, 1)
            _known[name] = value is not None and kind_of(value) not in ("Name", UNREADABLE)
    return frozenset(name for name in names if name not in FUNCTIONS and not _known[name])


_known: dict[str, bool] = {
    **{instruments.COLUMNS + name: True for name in FUNCTIONS},
    **dict.fromkeys((OMITTED_CALL, FIT_CALL, BLOCK_CALL, *instruments.NAMES), True),
    "LET": True,
    "LAMBDA": True,
}


def _adapter(function: Function, recorder: Recorder) -> Callable[..., Raw]:
    """Wrap a function for the engine."""
    evaluate, report, isfinite = function.evaluate, recorder.reasons.append, math.isfinite
    spills = function.spills
    known: dict[str, tuple[Raw, list[InputError]]] = {}  # what calls gave, and why

    def result_of(arguments: Sequence[Raw]) -> Raw:
        given: list[Cell | Block] = []
        for argument in arguments:
            if type(argument) is float and isfinite(argument):
                given.append(argument)  # nearly all are
                continue
            foreign = _foreign(argument)
            if foreign is not None:
                return foreign
            given.append(_decoded(argument))
        found = evaluate(given, report)
        return found if type(found) is float and isfinite(found) else _encoded(found)

    def call(*arguments: Raw) -> Raw:
        try:
            if not spills:
                return result_of(arguments)
            # A sheet asks for the cells of one derivation one by one.
            key = repr(arguments)
            if key in known:
                recorder.reasons.extend(known[key][1])
            else:
                before = len(recorder.reasons)
                result = result_of(arguments)
                known[key] = result, recorder.reasons[before:]
            return known[key][0]
        except Exception as error:  # the engine would turn it into text and lose it
            recorder.failures.append(error)
        except BaseException as error:  # raised again once the engine has stopped
            recorder.interruption = error
        return {"type": "Error", "kind": "Value"}

    return call


def _padded(call: Callable[..., Raw]) -> Callable[..., Raw]:
    """Give a function whole columns, which end at their own last cells, in one size."""

    def padded(*arguments: Raw) -> Raw:
        *given, _ = arguments  # the last is the number of the formula's cell
        rows = max((len(one) for one in given if isinstance(one, list)), default=0)
        return call(
            *(
                one + [[None] * len(one[0])] * (rows - len(one)) if isinstance(one, list) else one
                for one in given
            )
        )

    return padded


def _foreign(argument: Raw) -> Raw:
    """Return an error that says that the engine gave up, to be handed on; None without one."""
    if isinstance(argument, dict):
        return argument if argument.get("kind") in FOREIGN else None
    if isinstance(argument, list):
        for row in argument:
            for value in row:
                if isinstance(value, dict) and value.get("kind") in FOREIGN:
                    return value
    return None


def _decoded(argument: Raw) -> Cell | Block:
    if isinstance(argument, list):
        return [[cell_of(value) for value in row] for row in argument]
    if type(argument) is str and argument == OMITTED:
        return None
    return cell_of(argument)


def _encoded(result: Cell | Sequence[Sequence[Cell]]) -> Raw:
    if isinstance(result, list | tuple):
        return [[encoded(value) for value in row] for row in result]
    return encoded(result)  # type: ignore[arg-type]  # str is the only other sequence


def encoded(value: Cell) -> Raw:
    """Turn a cell's value into what the engine takes."""
    if isinstance(value, CellError):
        return {"type": "Error", "kind": _KINDS.get(value.code, "Value")}
    if isinstance(value, float) and not math.isfinite(value):
        return {"type": "Error", "kind": "Num"}
    return value


def _block(rows: float, columns: float, number: float) -> Raw:
    return [[number] * int(columns)] * int(rows)


def _fitter(recorder: Recorder) -> Callable[..., Raw]:
    def fit(result: Raw, rows: float, columns: float, number: float) -> Raw:
        """Fill a range with a result as Excel fills the range of an array formula."""
        block = result if isinstance(result, list) else [[result]]
        recorder.shapes[int(number)] = (len(block), len(block[0]) if block else 0)
        height, width = int(rows), int(columns)
        if height == width == 1:
            return block[0][0] if block and block[0] else None
        return fitted(block, height, width)

    return fit


def _fraction(time: datetime.time) -> float:
    seconds = (time.hour * 60 + time.minute) * 60 + time.second
    return (seconds + time.microsecond / 1_000_000) / 86_400
