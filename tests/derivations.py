"""Derivations, for tests of what EXPLAIN gives."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any, Final

from xladdin.cells import CellError
from xladdin.errors import InputError
from xladdin.functions.derivation import Step
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

EXPLAIN: Final = FUNCTIONS["EXPLAIN"]
HEADINGS: Final = ["Step", "Amount", "Rate or factor", "Result", "Source"]


def rows_of(arguments: Any) -> Any:
    """What cells show of a derivation."""
    return EXPLAIN.evaluate(arguments)


def steps_of(name: str, *arguments: Any) -> list[Step]:
    return FUNCTIONS[name].explain(arguments)


def check_steps(function: Function, steps: Sequence[Step]) -> None:
    """Hold steps against what holds for all: labels, values that a cell can show, a source."""
    for step in steps:
        assert type(step) is Step
        assert step.label.strip() == step.label != ""
        assert type(step.source) is str
        for value in (step.amount, step.factor, step.result):
            assert value is None or type(value) in (float, int, bool, str, datetime.date)
            if isinstance(value, float):
                assert math.isfinite(value)
                assert value != 0 or math.copysign(1, value) == 1
            elif isinstance(value, int):
                float(value)
        if step.factor is not None and None not in (step.amount, step.result):
            # A factor is a factor. Prices are read as shown, which moves the 16th digit.
            product = step.amount * step.factor
            if math.isfinite(product):
                assert abs(product - step.result) <= 1e-14 * abs(step.result) + 5e-324
    # A text is only ever what was looked up.
    texts = [value for step in steps for value in (step.amount, step.factor)]
    assert not any(isinstance(value, str) for value in texts)
    assert not any(isinstance(step.result, str) for step in steps[:-1])
    assert steps[-1].source or not function.source


def rule_of(name: str) -> str:
    """The source of a function's rule, for any deal: what is wrong is wrong for all."""
    return FUNCTIONS[name].source.replace("NEOT-2001", "rule as in NEOT-2001")


def check_words(name: str, rows: Any, error: InputError) -> None:
    """Hold rows against what EXPLAIN gives for input that a function refuses."""
    headings, (message, amount, factor, result, source) = rows
    assert headings == HEADINGS
    words = str(error)
    assert message == (words if len(words) <= 255 else f"{words[:252]}...")
    assert message.startswith(f"{name}: {error.argument or 'the call'}")
    assert (amount, factor, source) == ("", "", rule_of(name))
    assert result is CellError(error.code)


def called(function: Function, arguments: Sequence[Any]) -> Any:
    """The value of a Python call, or the error that it raises."""
    try:
        return function.call(arguments)
    except InputError as error:
        return error
