"""Whatever the cells hold, the registry gives what the rules say: worked out a second time."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import strategies
from arguments import Range, seen
from draws import draws
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles import contract as oracle
from oracles.calls import result
from routes.contents import GOOD

from xladdin.cells import day_of
from xladdin.functions.registry import FUNCTIONS

NAMES = [name for name in FUNCTIONS if name != "EXPLAIN"]

DUST = st.sampled_from(
    [0.1 * 3 * 10, 0.1 * 3, 1.1 * 3, 25e6 + 4e-9, 4.04 * 100, 37_206.999999999996]
)
CELLS = st.one_of(strategies.CELLS, strategies.PRICES, DUST, st.just(""))


def reached(value: Any, kind: str) -> bool:
    """Whether the answer file of closures reaches as far as a date in it."""
    if kind == "offset" and isinstance(value, float):
        return abs(value) < 900 or value != value or abs(value) == float("inf")
    if kind not in ("date", "quotes"):
        return True
    rows = value if isinstance(value, list) else [[value]]
    for cell in (cell for row in rows for cell in row):
        if type(cell) is float and 1 <= cell < 2_958_466 and int(cell) != 60:
            day = day_of(cell)
            if 1971 <= day.year <= 2100:
                few = datetime.timedelta(days=2_000)
                if not oracle.FIRST_DAY + few <= day <= oracle.LAST_DAY - few:
                    return False
    return True


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=draws(150))
@given(data=st.data())
def test_any_cells_at_all(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    arguments: list[Any] = []
    for argument in function.arguments:
        good = GOOD[argument.kind.name]
        options = [st.just(good), st.just(good), CELLS]
        if argument.kind.ranged:
            options.append(strategies.blocks(CELLS, most=4).map(as_range))
        elif function.each:
            options.append(strategies.blocks(CELLS, most=2).map(as_range))
        value = data.draw(st.one_of(options))
        if value is good and isinstance(good, Range) and data.draw(st.booleans()):
            value = spoilt(data, good)
        assume(reached(seen(value), argument.kind.name))
        arguments.append(value)
    arguments = arguments[: data.draw(st.integers(function.min_args, len(arguments)))]
    wanted = result(name, arguments)
    found = function.evaluate([seen(value) for value in arguments])
    rows = tuple(map(tuple, found)) if isinstance(found, list) else found
    assert repr(rows) == repr(wanted)


def as_range(rows: Any) -> Range:
    return Range(tuple(map(tuple, rows)))


def spoilt(data: st.DataObject, good: Range) -> Range:
    """A range with a cell or two that hold something else."""
    rows = [list(row) for row in good.rows]
    for _ in range(data.draw(st.integers(1, 2))):
        row = data.draw(st.integers(0, len(rows) - 1))
        column = data.draw(st.integers(0, len(rows[row]) - 1))
        rows[row][column] = data.draw(CELLS)
    return as_range(rows)
