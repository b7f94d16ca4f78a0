"""EXPLAIN as it is called: every function, bad input in words, names, ranges."""

from __future__ import annotations

import datetime
import re
from typing import Any, Final

import calls
import pytest
import strategies
from derivations import EXPLAIN, HEADINGS, called, check_steps, check_words, rows_of, rule_of
from hypothesis import given
from hypothesis import strategies as st
from oracles import contract as oracle

import xladdin
from xladdin.cells import Block, CellError, serial_of
from xladdin.errors import InputError
from xladdin.functions.registry import FUNCTIONS

CALLS: Final = {**strategies.ARGUMENTS, **strategies.LOOKUPS, **strategies.DEALS}
NAMES: Final = [name for name in FUNCTIONS if name != "EXPLAIN"]
every_function = pytest.mark.parametrize("name", NAMES)


ISSUED: Final = datetime.date(2001, 11, 12)


# Every function, whatever it is given


@pytest.mark.usefixtures("awkward")
@every_function
@given(data=st.data())
def test_the_last_step_is_the_value(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    arguments = strategies.as_python(name, data.draw(CALLS[name]))
    cells = strategies.as_cells(arguments)
    value = called(function, arguments)
    if isinstance(value, InputError):
        with pytest.raises(InputError) as caught:
            function.explain(arguments)
        assert str(caught.value) == str(value)
        check_words(name, EXPLAIN.call([name, *arguments]), value)
        found = rows_of([name, *cells])
        assert found[-1][3] is function.evaluate(cells)
        return
    steps = function.explain(arguments)
    check_steps(function, steps)
    if function.spills:  # the last step leads to the last of the figures
        assert steps[-1].result == value[-1][-1]
        return
    assert type(steps[-1].result) is type(value)
    assert steps[-1].result == value
    headings, *rows = EXPLAIN.call([name, *arguments])
    assert headings == HEADINGS
    assert rows == [["" if item is None else item for item in step] for step in steps]
    shown = rows_of([name, *cells])
    assert shown == [HEADINGS, *strategies.as_cells(rows)]
    assert shown[-1][3] == function.evaluate(cells)


@pytest.mark.usefixtures("awkward")
@every_function
@given(data=st.data())
def test_whatever_is_wrong_is_said_in_words(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    arguments = strategies.as_cells(strategies.as_python(name, data.draw(CALLS[name])))
    hostile = st.one_of(strategies.CELLS, strategies.ERRORS, strategies.blocks())
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.integers(0, len(arguments)))  # one too many, perhaps
        arguments[place : place + 1] = [data.draw(hostile)]
    value = function.evaluate(arguments)
    rows = rows_of([name, *arguments])
    assert rows[0] == HEADINGS
    assert all(len(row) == len(HEADINGS) and None not in row for row in rows)
    if isinstance(value, list) and not function.spills:
        # What works on every cell of a range cannot be explained for all of them at once; but an
        # error in an input, or what is wrong to the left of the range, goes first.
        assert isinstance(rows[-1][3], CellError)
        assert f"({rows[-1][3].code})" in str(rows[-1][0])
    elif isinstance(value, CellError) and type(called(function, arguments)) is int:
        # A count that Python holds, and that is beyond what a cell can: nothing in it is wrong.
        assert rows[-1][3] is value is CellError("#NUM!")
        assert function.explain(arguments)[-1].result == called(function, arguments)
    elif isinstance(value, CellError):
        with pytest.raises(InputError) as caught:
            function.explain(arguments)
        assert caught.value.code == value.code
        check_words(name, rows, caught.value)
        assert caught.value.argument in {"", *(item.name for item in function.arguments)}
    else:
        assert rows[-1][3] == (value[-1][-1] if isinstance(value, list) else value)
        check_steps(function, function.explain(arguments))


@every_function
def test_an_error_in_an_input_comes_out(name: str) -> None:
    for place, argument in enumerate(FUNCTIONS[name].arguments):
        for code in ("#DIV/0!", "#N/A", "#SPILL!"):
            before = [item.default for item in FUNCTIONS[name].arguments[:place]]
            padding = [None] * (FUNCTIONS[name].min_args - place - 1)
            rows = rows_of([name, *before, CellError(code), *padding])
            [message, _, _, result, _] = rows[1]
            assert result is CellError(code)
            assert f"{name}: {argument.name} holds an error" in str(message)


# Calls that make no sense


@pytest.mark.parametrize("name", ["ceo_fee", " CEO_FEE ", "Ceo_Fee", "\tceo_fee\n"])
def test_names_in_any_case(name: str) -> None:
    assert xladdin.explain(name, 2e6, 9e6) == xladdin.explain("CEO_FEE", 2e6, 9e6)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("CEO_FEES", "CEO_FEE"),
        ("dilutoin", "DILUTION"),
        ("EXPLAIN", ""),
        ("SUM", ""),
        (" ", ""),
        ("N" * 40_000, ""),
        ("=CEO_FEE", "CEO_FEE"),
    ],
)
def test_names_of_nothing_that_can_be_explained(name: str, like: str) -> None:
    for rows in (rows_of([name, 1.0]), xladdin.explain(name, 1.0)):
        headings, [message, *_, result, source] = rows
        assert headings == HEADINGS
        assert message.startswith("EXPLAIN: function must name a function that can be explained")
        assert message.partition("such as ")[2].startswith(like)
        assert len(message) <= 255
        assert (result, source) == (CellError("#VALUE!"), "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["CEO_FEE"], "takes 1 to 3 arguments"),
        (["CEO_FEE", 1.0, 2.0, None, 4.0], "takes 1 to 3 arguments"),
        (["DILUTION", 1.0], "takes 2 arguments"),
        (["XLADDIN_VERSION", 1.0], "takes 0 arguments"),
        (["CEO_FEE", *[1.0] * 254], "takes 1 to 3 arguments"),
    ],
)
def test_numbers_of_arguments(arguments: list[Any], words: str) -> None:
    for rows in (rows_of(arguments), xladdin.explain(*arguments)):
        _, [message, *_, result, _] = rows
        assert words in message
        assert FUNCTIONS[arguments[0]].signature in message
        assert result is CellError("#VALUE!")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "#VALUE!"),
        (["CEO_FEE", *[1.0] * 255], "#VALUE!"),
        ([None], "#VALUE!"),
        ([""], "#VALUE!"),
        ([5.0, 1.0], "#VALUE!"),
        ([True], "#VALUE!"),
        ([CellError("#N/A"), 1.0], "#N/A"),
        ([[["CEO_FEE", "CEO_NET"]], 1.0], "#VALUE!"),
    ],
)
def test_calls_that_name_no_function(arguments: list[Any], code: str) -> None:
    """There is nothing to explain: these are errors of EXPLAIN's own."""
    assert rows_of(arguments) is CellError(code)
    with pytest.raises(InputError) as caught:
        EXPLAIN.call(arguments)
    assert (caught.value.code, caught.value.function) == (code, "EXPLAIN")


@pytest.mark.parametrize(
    ("arguments", "argument", "code", "words"),
    [
        (["CEO_FEE", -1.0], "gross", "#NUM!", "at least 0; got -1"),
        (["CEO_FEE", "x"], "gross", "#VALUE!", "must be a number"),
        (["CEO_FEE", 20e6, 9e6], "gross", "#NUM!", "capacity of $25,000,000 together with prior"),
        (["CEO_FEE", 1.0, None, "NOPE"], "terms", "#REF!", "no deal is named"),
        (["CANTOR_WARRANTS", 1.5], "shares", "#NUM!", "a whole number"),
        (["CLASSB_EXERCISE_PRICE", None], "closing_bid", "#NUM!", "got a blank"),
        (["DEAL_TERM", "nope"], "name", "#REF!", "dotted name"),
        (["DILUTION", 0.0, 0.0], "", "#NUM!", ""),
        (["CEO_FEE", 1.0, None, "N" * 300], "terms", "#REF!", '"NNNNN'),
        (["CEO_FEE", 1.0, None, "NEOT-2001/" + "N" * 300], "terms", "#REF!", "has no agreement"),
        (["DEAL_TERM", "n" * 300], "name", "#REF!", "dotted name"),
        (["CEO_FEE", True], "gross", "#VALUE!", "got TRUE"),
        (["CEO_FEE", 0.1 + 0.2, 25e6], "gross", "#NUM!", "got 0.3 (#NUM!)"),
        (["CEO_CAPACITY", "4.04"], "sold", "#VALUE!", 'got "4.04" (#VALUE!)'),
        (["TRADING_DAY", 1.0, 5.0], "date", "#NUM!", "got 1 Jan 1900 (#NUM!)"),
        (
            ["DEBENTURE_CONVERSION_PRICE", [[37200.0, 4.0]], 37207.0, 37206.0],
            "conversion_date",
            "#NUM!",
            "before the issue date, 12 Nov 2001; got 11 Nov 2001",
        ),
        (
            ["DEBENTURE_CONVERSION_PRICE", [[37200.0, 4.0]], 37207.0],
            "quotes",
            "#N/A",
            "got 6 Nov 2001 (#N/A)",
        ),
    ],
)
def test_bad_input_in_words(arguments: list[Any], argument: str, code: str, words: str) -> None:
    for rows in (rows_of(arguments), xladdin.explain(*arguments)):
        _, [message, *_, result, source] = rows
        assert argument in message
        assert words in message
        assert result is CellError(code)
        assert source == rule_of(arguments[0])
        assert len(message) <= 255
        assert not re.search(r"datetime|None|True|False|Decimal|'(?!s )|\d\.0\b", message), message


# Ranges


def test_ranges_that_are_taken_whole() -> None:
    shares: Block = [[1000.0], [None], [3000.0]]
    prices: Block = [[4.0], [None], [4.5]]
    wanted = [
        ["Shares sold", "", "", 4000.0, ""],
        ["Volume-weighted average price: gross over shares", 17500.0, "", 4.375, "S-11"],
        ["Exercise price", 4.375, 1.3, 5.6875, "S-11"],
    ]
    assert rows_of(["CANTOR_EXERCISE_PRICE", shares, prices]) == [HEADINGS, *wanted]
    assert xladdin.explain("CANTOR_EXERCISE_PRICE", [1000, 3000], [4.0, 4.5])[1:] == wanted
    _, [message, *_, result, _] = xladdin.explain("CANTOR_EXERCISE_PRICE", [1000, 1.5], [4.0, 4.5])
    assert result is CellError("#NUM!")
    assert "shares, row 2, column 1, must be a whole number" in message


def test_quotes_in_every_form_of_python() -> None:
    bids = dict.fromkeys(oracle.before(ISSUED, 5), 4.0)
    wanted = xladdin.explain("DEBENTURE_CONVERSION_PRICE", list(bids.items()), ISSUED)
    assert wanted[-1][3] == 4.8
    assert xladdin.explain("DEBENTURE_CONVERSION_PRICE", bids, ISSUED) == wanted
    cells = [[float(serial_of(day)), bid] for day, bid in bids.items()]
    found = rows_of(["DEBENTURE_CONVERSION_PRICE", cells, float(serial_of(ISSUED))])
    assert found == wanted


@pytest.mark.parametrize("name", [name for name, item in FUNCTIONS.items() if item.each])
def test_a_range_where_each_cell_would_be_worked_on(name: str) -> None:
    """One calculation is explained at a time; the range at fault is named."""
    function = FUNCTIONS[name]
    assert "one cell each" in EXPLAIN.arguments[1].help
    needed = function.arguments[: function.min_args]
    for place in (at for at, one in enumerate(needed) if not one.kind.ranged):
        arguments: list[Any] = [calls.good_value(one) if one.kind.ranged else 1.0 for one in needed]
        arguments[place] = [[1.0], [2.0]]
        _, [message, *_, result, _] = xladdin.explain(name, *arguments)
        assert message.startswith(f"{name}: {function.arguments[place].name} must be one cell")
        assert result is CellError("#VALUE!")
        # A range of one cell is that cell.
        single: list[Any] = [calls.good_value(one) if one.kind.ranged else 4.0 for one in needed]
        whole = xladdin.explain(name, *single)
        single[place] = [[4.0]]
        assert xladdin.explain(name, *single) == whole


def test_ranges_that_do_not_fit_are_wrong_whatever_is_in_them() -> None:
    arguments: list[Block] = [[[None, None, CellError("#NULL!")]], [[None, None]]]
    assert FUNCTIONS["DILUTION"].evaluate(arguments) == CellError("#VALUE!")
    with pytest.raises(InputError, match="as many rows and columns") as caught:
        FUNCTIONS["DILUTION"].explain(arguments)
    assert caught.value.code == "#VALUE!"
