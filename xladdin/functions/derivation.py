"""Derivations: the steps of a calculation, each with the clause that it rests on.

A derivation is declared with its function. It takes the coerced arguments of the function and the
function's value. The value is the last step's result, so that a derivation ends in nothing else;
the steps before it come from the same functions of `core`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from xladdin.errors import day_shown

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from xladdin.terms.fields import Record


class Step(NamedTuple):
    """One step of a derivation.

    Attributes:
        label: Name of the figure that the step computes.
        amount: Amount that it is computed from; None where there is no single one.
        factor: Factor that gives the result when multiplied by the amount; None where there is
            none.
        result: Result of the step.
        source: Clause that the step rests on; empty for plain arithmetic.
    """

    label: str
    amount: Any
    factor: Any
    result: Any
    source: str


def given(label: str, value: Any, source: str = "") -> Step:
    """Show a figure that later steps use."""
    return Step(label, None, None, value, source)


def looked_up(what: str, source: str, value: Any) -> Iterator[Step]:
    """Derive a figure that is looked up, in one step."""
    yield given(what, value, source)


def double(exact: Fraction) -> float | None:
    """Round a step to a double; a step may be too large for one even if the value is not."""
    try:
        return float(exact)
    except OverflowError:
        return None


def fitting(count: int) -> int | None:
    """Return a count; None for one larger than every double, which no cell can show."""
    return None if double(Fraction(count)) is None else count


def source_of(record: Record | None, name: str) -> str:
    """Find the source of a figure of the deal."""
    return record.sources.get(name, "") if record is not None else ""


def rounded(rounding: str) -> str:
    """Say how a count becomes whole: "down", "up" or "nearest"."""
    return f"rounded {'to the nearest' if rounding == 'nearest' else rounding}"


def in_words(day: datetime.date) -> str:
    """Write a date with its weekday, such as Monday 10 September 2001."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def span(window: Sequence[datetime.date]) -> str:
    """Write the first and the last day of a window."""
    return f"{day_shown(window[0])} to {day_shown(window[-1])}"
