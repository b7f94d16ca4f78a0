"""Ranges given to functions: element by element, taken whole, and as large as a sheet."""

from __future__ import annotations

import math
from typing import Any, Final

import pytest
import strategies
from calls import (
    DIV0,
    HOSTILE,
    ISSUED,
    NA,
    REF,
    VALUE,
    code_of_call,
    evaluated,
    every_argument,
    every_element,
    every_function,
    good,
    good_value,
    put,
)
from hypothesis import given
from hypothesis import strategies as st

from xladdin.cells import Block, Cell, CellError
from xladdin.errors import InputError
from xladdin.functions import coercion
from xladdin.functions.arguments import TERMS
from xladdin.functions.registry import FUNCTIONS
from xladdin.functions.shapes import MAX_CELLS
from xladdin.terms import select

# Ranges


WITHOUT_ROWS: Final = ("sales", "changes", "securities")
"""Kinds of tables that may have no rows: nothing sold, no change, no security."""


@every_argument
def test_empty_and_ragged_ranges(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    blocks: list[Any] = [[[]], [[], []]]
    if function.arguments[place].kind.name not in WITHOUT_ROWS:
        blocks += [[], ()]
    blocks += [[[1.0], [1.0, 2.0]], [[1.0, 2.0], [1.0]], [[1.0, 2.0], []]]
    for block in blocks:
        assert evaluated(function, put(function, place, block)) is VALUE, block


@every_function
def test_empty_arrays_in_python(name: str) -> None:
    function = FUNCTIONS[name]
    if function.each:
        place = next(at for at, one in enumerate(function.arguments) if not one.kind.ranged)
        assert function.call(put(function, place, [])) == []
        assert function.call(put(function, place, [[]])) == [[]]
    elif function.arguments and function.arguments[0].kind.name not in WITHOUT_ROWS:
        assert code_of_call(function, put(function, 0, [])) == "#VALUE!"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param(name, place, id=f"{name}-{argument.name}")
        for name, function in FUNCTIONS.items()
        for place, argument in enumerate(function.arguments)
        if not argument.kind.ranged and (argument.kind is TERMS or not function.each)
    ],
)
def test_ranges_where_one_cell_belongs(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    value = good_value(function.arguments[place])
    assert function.evaluate(put(function, place, [[value, value]])) is VALUE


@every_element
def test_a_bad_element_leaves_the_others_alone(name: str, place: int) -> None:
    function = FUNCTIONS[name]
    value = good_value(function.arguments[place])
    single = function.evaluate(good(function))
    assert function.evaluate(put(function, place, [[value, value], [value, value]])) == [
        [single, single],
        [single, single],
    ]
    for cell in HOSTILE.values():
        alone = function.evaluate(put(function, place, cell))
        if function.arguments[place].changes_unit and cell in (None, ""):
            alone = CellError("#NUM!")  # in a range, it is no argument left out
        block: Block = [[value, value], [cell, value]]
        reports: list[InputError] = []
        found = function.evaluate(put(function, place, block), reports.append)
        assert found == [[single, single], [alone, single]]
        if isinstance(alone, CellError):
            [report] = reports
            assert (report.code, report.position) == (alone.code, (1, 0))
            if code_of_call(function, put(function, place, block)):
                with pytest.raises(InputError) as caught:
                    function.call(put(function, place, block))
                assert (caught.value.code, caught.value.position) == (alone.code, (1, 0))
        else:
            assert reports == []


SHAPES: Final = st.tuples(st.integers(1, 3), st.integers(1, 3))


@pytest.mark.parametrize("name", [name for name, item in FUNCTIONS.items() if item.each])
@given(data=st.data())
def test_arrays_are_single_calls(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    height, width = data.draw(SHAPES)
    arguments: list[Any] = []
    for argument in function.arguments:
        value = good_value(argument)
        if argument.kind.ranged:  # it is one argument, and no element of it is worked on
            arguments.append(value)
            continue
        cells = st.one_of(st.just(value), strategies.NUMBERS, strategies.CELLS)
        if argument.kind is TERMS:
            arguments.append(data.draw(st.sampled_from([None, "NEOT-2001/OTHER", "nope", NA])))
            continue
        rows, columns = data.draw(
            st.sampled_from([(height, width), (1, width), (height, 1), (1, 1)])
        )
        row = st.lists(cells, min_size=columns, max_size=columns)
        arguments.append(data.draw(st.lists(row, min_size=rows, max_size=rows)))

    def element(block: Any, row: int, column: int) -> Cell:
        if not isinstance(block, list):
            return block  # type: ignore[no-any-return]
        cell: Cell = block[min(row, len(block) - 1)][min(column, len(block[0]) - 1)]
        return cell

    elements = [
        block if not argument.kind.ranged else None
        for argument, block in zip(function.arguments, arguments, strict=True)
    ]
    blocks = [block for block in elements if isinstance(block, list)]
    rows = max(len(block) for block in blocks)
    columns = max(len(block[0]) for block in blocks)

    def alone(row: int, column: int) -> Cell:
        given = [
            element(block, row, column) if part is not None else block
            for block, part in zip(arguments, elements, strict=True)
        ]
        for argument, block, cell in zip(function.arguments, arguments, given, strict=True):
            if argument.changes_unit and cell in (None, "") and rows * columns > 1:
                # A range with a blank in it, unless it is of one cell, which is that cell.
                given[function.arguments.index(argument)] = (
                    0.0 if isinstance(block, list) and len(block) * len(block[0]) > 1 else None
                )
        found = function.evaluate(given)
        assert not isinstance(found, list)
        return found

    single = [[alone(row, column) for column in range(columns)] for row in range(rows)]
    found = function.evaluate(arguments)
    assert found == (single if rows * columns > 1 else single[0][0])
    tuples = [tuple(map(tuple, block)) if isinstance(block, list) else block for block in arguments]
    assert function.evaluate(tuples) == found


@pytest.mark.parametrize(
    ("first", "second", "shape"),
    [
        ((3, 1), (1, 2), (3, 2)),
        ((1, 2), (3, 1), (3, 2)),
        ((3, 2), (3, 1), (3, 2)),
        ((3, 2), (1, 2), (3, 2)),
        ((3, 2), (3, 2), (3, 2)),
        ((3, 2), (1, 1), (3, 2)),
        ((1, 1), (3, 1), (3, 1)),
        ((3, 1), (2, 1), None),
        ((3, 2), (2, 2), None),
        ((3, 2), (3, 3), None),
        ((1, 2), (1, 3), None),
        ((3, 2), (2, 3), None),
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        name
        for name, function in FUNCTIONS.items()
        if function.each and sum(one.kind is not TERMS for one in function.arguments) > 1
        if not any(one.kind.ranged for one in function.arguments[:2])
    ],
)
def test_shapes_broadcast(
    name: str, first: tuple[int, int], second: tuple[int, int], shape: tuple[int, int] | None
) -> None:
    function = FUNCTIONS[name]
    arguments = good(function)
    for place, (rows, columns) in enumerate((first, second)):
        arguments[place] = [[arguments[place]] * columns] * rows
    found = function.evaluate(arguments)
    if shape is None:
        assert found is VALUE
        assert code_of_call(function, arguments) == "#VALUE!"
    else:
        assert isinstance(found, list)
        assert (len(found), len(found[0])) == shape


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(InputError) as caught:
        FUNCTIONS["CEO_FEE"].call([[[1.0, 2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]]])
    assert str(caught.value).endswith(
        "got 2 rows and 2 columns beside 1 row and 3 columns (#VALUE!)"
    )


# Ranges that are taken whole


def test_error_of_an_element_says_where_it_is() -> None:
    function = FUNCTIONS["CANTOR_EXERCISE_PRICE"]
    with pytest.raises(InputError) as caught:
        function.call([[[10.0], [20.0], [1.5]], [[4.0], [5.0], [6.0]]])
    error = caught.value
    assert (error.argument, error.position, error.value) == ("shares", (2, 0), 1.5)
    assert "row 3, column 1" in str(error)
    with pytest.raises(InputError) as caught:
        function.call([[[10.0, 20.0]], [[4.0, 0.0]]])
    assert (caught.value.argument, caught.value.position) == ("prices", (0, 1))


@pytest.mark.parametrize(
    ("shares", "prices", "result"),
    [
        ([[1000.0], [3000.0]], [[4.0], [4.5]], 5.6875),
        ([[1000.0, 3000.0]], [[4.0, 4.5]], 5.6875),
        ([[1000.0], [None], [3000.0]], [[4.0], [None], [4.5]], 5.6875),  # a gap in both
        ([[1000.0], [None], [3000.0]], [[4.0], [9.0], [4.5]], 5.6875),  # a price of no shares
        ([[1000.0], [0.0], [3000.0]], [[4.0], [9.0], [4.5]], 5.6875),
        (1000.0, 4.0, 5.2),
        ([[1000.0]], 4.0, 5.2),
        ([[1000.0], [3000.0]], [[4.0, 4.5]], "#VALUE!"),  # a column against a row
        ([[1000.0], [3000.0]], [[4.0]], "#VALUE!"),
        ([[1000.0]], [[4.0], [4.5]], "#VALUE!"),
        ([[1000.0], [3000.0]], [[4.0], [None]], "#NUM!"),  # a blank price is never 0
        ([[1000.0], [3000.0]], [[4.0], [0.0]], "#NUM!"),
        ([[1000.0], [-1.0]], [[4.0], [4.5]], "#NUM!"),
        ([[1000.0], [0.5]], [[4.0], [4.5]], "#NUM!"),
        ([[0.0], [0.0]], [[4.0], [4.5]], "#NUM!"),
        ([[None], [None]], [[None], [None]], "#NUM!"),
        ([["shares"], [3000.0]], [["price"], [4.5]], "#VALUE!"),
        ([[True], [3000.0]], [[4.0], [4.5]], "#VALUE!"),
        ([[1000.0], [NA]], [[REF], [4.5]], "#N/A"),
        ([[1000.0], [3000.0]], [[REF], [NA]], "#REF!"),
        ([[1e308], [1e308]], [[1e308], [1e308]], 1.3e308),
        ([[1.0]], [[1.7e308]], "#NUM!"),  # 130% of it is no double
    ],
)
def test_sales(shares: Any, prices: Any, result: Any) -> None:
    found = FUNCTIONS["CANTOR_EXERCISE_PRICE"].evaluate([shares, prices])
    assert found == (CellError(result) if isinstance(result, str) else pytest.approx(result))


def quotes(*rows: list[Any]) -> Any:
    """The five sessions before the issue, with other rows after them."""
    return [*[[ISSUED - back, 4.0, None] for back in (7, 6, 5, 4, 3)], *rows]


def conversion(table: Any, *dates: Cell) -> Any:
    return FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].evaluate([table, *(dates or (ISSUED,))])


def swapped(row: int, *cells: Cell) -> Any:
    table = quotes()
    table[row] = list(cells)
    return table


@pytest.mark.parametrize(
    "table",
    [
        quotes(),
        [row[:2] for row in quotes()],
        quotes()[::-1],
        [["Date", "Bid", "Value"], *quotes()],
        [["Date", "Bid", None], *quotes()],
        [[None, None, None], ["Date", "Bid", "Value"], *quotes()],  # blank above the heading
        [[None, None, None], *quotes(), [None, None, None]],
        [*quotes()[:2], [None, None, None], *quotes()[2:]],
        [*quotes(), ["", "", ""]],
        [[day, bid, ""] for day, bid, _ in quotes()],  # empty texts for blanks
        [["Prices", "", None], ["Date", "Bid", "Value"], *quotes()],  # two rows of headings
        [*quotes()[:2], ["Date", "Bid", "Value"], *quotes()[2:]],
        quotes([ISSUED, "none", None], [ISSUED, -1.0, True]),  # outside the window
        quotes([ISSUED - 9, 0.0, None], [ISSUED - 9, "x", None]),
        [[day + 0.7, bid, value] for day, bid, value in quotes()],  # times of day
        quotes([ISSUED, 0.01, None], [ISSUED - 8, 0.01, None], [ISSUED - 2, 0.01, 0.01]),
        quotes([ISSUED + 1, None, None]),  # a day that waits for its quotation
        quotes([None, 4.0, None], [None, None, 4.0]),  # quotations that wait for their day
        [[day, 99.0, 4.0] for day, _, _ in quotes()],
        tuple(tuple(row) for row in quotes()),
    ],
)
def test_tables_of_quotes(table: Any) -> None:
    assert conversion(table) == 4.8


@given(st.permutations(quotes([None, None, None], [None, None, None])))
def test_any_order_of_rows(table: list[Any]) -> None:
    assert conversion(table) == 4.8
    assert conversion([["Date", "Bid", "Value"], *table]) == 4.8


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (quotes()[1:], "#N/A"),
        (swapped(2, ISSUED - 5, None, None), "#N/A"),  # no bid
        (swapped(2, ISSUED - 5, None, 4.0), "#N/A"),  # a market value, but no bid
        (quotes([ISSUED - 3, 4.0, None]), "#VALUE!"),  # twice
        (quotes([ISSUED - 2.5, 4.0, None]), "#VALUE!"),  # twice, at another time of day
        (quotes([ISSUED - 3, "x", None]), "#VALUE!"),  # twice, before it is judged
        (quotes([ISSUED - 3, None, None]), "#VALUE!"),  # twice, once without a bid
        (quotes(["2001-11-12", 4.0, None]), "#VALUE!"),
        ([["2001-11-12", 4.0, None], *quotes()], "#VALUE!"),  # a wrong date, not a heading
        (quotes([True, 4.0, None]), "#VALUE!"),
        (swapped(2, ISSUED - 5, "4", None), "#VALUE!"),
        (swapped(2, ISSUED - 5, True, None), "#VALUE!"),
        (swapped(2, ISSUED - 5, 4.0, "4"), "#VALUE!"),
        (swapped(2, ISSUED - 5, None, "4"), "#VALUE!"),
        (swapped(2, ISSUED - 5, 0.0, None), "#NUM!"),
        (swapped(2, ISSUED - 5, -4.0, None), "#NUM!"),
        (swapped(2, ISSUED - 5, 4.0, 0.0), "#NUM!"),
        (swapped(2, ISSUED - 5, math.inf, None), "#NUM!"),
        (swapped(2, ISSUED - 5, -4.0, None)[1:], "#NUM!"),  # before a session that is missing
        (quotes([math.nan, 4.0, None]), "#NUM!"),
        (quotes([60.0, 4.0, None]), "#NUM!"),
        (quotes([ISSUED, DIV0, None]), "#DIV/0!"),
        ([["Date", REF, None], *quotes()], "#REF!"),
        (quotes([True, NA, None]), "#N/A"),
        ([row[:1] for row in quotes()], "#VALUE!"),
        ([[*row, 1.0] for row in quotes()], "#VALUE!"),
        ([["Date", "Bid", "Value"]], "#N/A"),
        ([[None, None]], "#N/A"),
        ([[None, None]] * 3, "#N/A"),
        (4.0, "#VALUE!"),
        (None, "#VALUE!"),
    ],
)
def test_wrong_tables_of_quotes(table: Any, code: str) -> None:
    assert conversion(table) is CellError(code)


def test_error_in_a_table_says_where_it_is() -> None:
    with pytest.raises(InputError) as caught:
        FUNCTIONS["DEBENTURE_CONVERSION_PRICE"].call([swapped(2, ISSUED - 5, 4.0, -1.0), ISSUED])
    error = caught.value
    assert (error.argument, error.position, error.value) == ("quotes", (2, 2), -1.0)
    assert "row 3, column 3" in str(error)


def test_dates_of_a_conversion() -> None:
    table = quotes()
    assert conversion(table, ISSUED, ISSUED + 90) == 4.8
    assert conversion(table, ISSUED, ISSUED + 91) is NA
    assert conversion(table, ISSUED, ISSUED - 1) is CellError("#NUM!")
    assert conversion(table, ISSUED, None) == 4.8
    assert conversion(table, ISSUED, "") == 4.8
    assert conversion(table, ISSUED + 0.9, ISSUED + 0.1) == 4.8  # times of day are left aside
    assert conversion(table, None) is CellError("#NUM!")
    assert conversion(table, 1.0) is CellError("#NUM!")  # 1900 is outside the calendar


# Size


def test_a_whole_column() -> None:
    rows = 1_048_576
    column: list[list[Cell]] = [[100.0]] * rows
    column[0] = ["Gross"]
    column[700_000] = [NA]
    column[700_001] = [25_000_001.0]
    column[-1] = [None]
    found = FUNCTIONS["CEO_FEE"].evaluate([column])
    assert isinstance(found, list)
    assert len(found) == rows
    others = {0: VALUE, 700_000: NA, 700_001: CellError("#NUM!"), rows - 1: 0.0}
    for place, value in others.items():
        assert found[place] == [value]
    assert sum(row == [4.0] for row in found) == rows - len(others)


def test_a_whole_column_of_quotes() -> None:
    table: Any = [[None, None]] * 1_048_576
    for place, (day, bid, _) in zip((0, 1, 500_000, 900_000, -1), quotes(), strict=True):
        table[place] = [day, bid]
    assert conversion(table) == 4.8


def test_arrays_have_a_limit() -> None:
    side = math.isqrt(MAX_CELLS) + 1
    column, row = [[100.0]] * side, [[0.0] * side]
    function = FUNCTIONS["CEO_FEE"]
    assert function.evaluate([column, row]) is VALUE
    assert code_of_call(function, [column, row]) == "#VALUE!"


@pytest.mark.parametrize("text", [None, "NEOT-2001", "nope"])
def test_an_array_looks_its_deal_up_once(text: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []

    def counting(name: str) -> Any:
        looked_up.append(name)
        return original(name)

    original = select
    monkeypatch.setattr(coercion, "select", counting)
    found = FUNCTIONS["CEO_FEE"].evaluate([[[100.0]] * 50 + [["text"]], None, text])
    assert looked_up == [text or "NEOT-2001"]
    # An element's own fault, to the left of the terms, still goes before theirs.
    assert found == [[REF if text == "nope" else 4.0]] * 50 + [[VALUE]]


def test_an_error_among_terms_comes_out_before_a_price_that_is_wrong() -> None:
    found = FUNCTIONS["CLASSB_AVAILABLE"].evaluate([[[None, None]], [[None, CellError("#NULL!")]]])
    assert found == [[CellError("#NULL!")] * 2]
