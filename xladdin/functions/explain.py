"""EXPLAIN: how a figure came about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from xladdin.cells import CellError
from xladdin.errors import VALUE, InputError
from xladdin.functions.arguments import ANYTHING, TEXT, Argument
from xladdin.functions.function import Function

HEADINGS: Final = ("Step", "Amount", "Rate or factor", "Result", "Source")
"""Headings of a derivation's columns."""

_MOST_LETTERS: Final = 255
"""Longest text in an array that every version of Excel accepts from a function."""


def _explain(name: str, *arguments: Any) -> list[list[Any]]:
    """Lay out the derivation of a call as rows under headings; a row describes wrong input."""
    # Only now: the registry collects this function too.
    from xladdin.functions.evaluation import source_of_rule
    from xladdin.functions.registry import FUNCTIONS

    function = FUNCTIONS.get(name.strip().upper())
    if function is None or function.derivation is None:
        return _in_words(_not_explained(name, FUNCTIONS), "")
    try:
        steps = function.explain(arguments)
    except InputError as error:
        return _in_words(error, source_of_rule(function))
    return [list(HEADINGS), *(list(map(_spilled, step)) for step in steps)]


def _in_words(error: InputError, source: str) -> list[list[Any]]:
    row = [str(error), None, None, CellError(error.code), source]
    return [list(HEADINGS), [_spilled(item) for item in row]]


def _spilled(item: Any) -> Any:
    """Fit an item into a cell of a block that spills; a blank would show as 0 there."""
    if isinstance(item, str) and len(item) > _MOST_LETTERS:
        return f"{item[: _MOST_LETTERS - 3]}..."
    return "" if item is None else item


def _not_explained(name: str, functions: Mapping[str, Function]) -> InputError:
    """Make the error for a function that is unknown or has no derivation, with the closest name."""
    import difflib  # only now: Excel loads this module as it starts

    known = [item.name for item in functions.values() if item.derivation]
    like = difflib.get_close_matches(name.strip().upper(), known, 1) or known
    rule = f"must name a function that can be explained, such as {like[0]}"
    return InputError(VALUE, "function", name, rule, function="EXPLAIN")


EXPLAIN = Function(
    name="EXPLAIN",
    summary="How a figure came about: the steps of a call, each with the clause it rests on.",
    arguments=(
        Argument("function", TEXT, "Name of the function, such as CEO_FEE."),
        Argument(
            "arg",
            ANYTHING,
            "Its arguments, in order; one cell each where it would work on every cell of a range.",
            optional=True,
            default_words="none",
        ),
    ),
    result="rows of step, amount, rate or factor, result and source, under headings",
    source="each step's own",
    implementation=_explain,
    each=False,
    variadic=True,
    spills=True,
    errors_inside=True,
    no_twin="it derives another function, and its last step is checked against that function",
    example='=EXPLAIN("CEO_FEE",2000000,9000000)',
    shows=(
        "Step\tAmount\tRate or factor\tResult\tSource\n"
        "Sold before under the agreement\t9000000\t\t9000000\t\n"
        "Tier 1, from 0 to 10,000,000\t1000000\t0.04\t40000\tcover, S-11\n"
        "Tier 2, from 10,000,000 to 20,000,000\t1000000\t0.035\t35000\tcover, S-11\n"
        "Commission\t2000000\t\t75000\tcover, S-11"
    ),
)
