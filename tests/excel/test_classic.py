"""xlwings' COM server: decoding, encoding, and every function through its own code."""

from __future__ import annotations

import datetime
import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import calls
import examples
import pytest
from routes.routes import Classic

from xladdin.cells import CLASSIC_ERRORS, CellError
from xladdin.errors import InputError
from xladdin.excel import classic, values
from xladdin.functions.arguments import AMOUNT, TERMS_ARGUMENT, TEXT, Argument
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select

MISSING = -2147352572
DIV0_CODE = -2146826281
NA_CODE = -2146826246

# One good call of each function: arguments, and what a single cell then holds.
QUOTES = {
    "rows": [
        ["Date", "Bid"],
        [datetime.datetime(2001, 11, 5), 4.0],
        [datetime.datetime(2001, 11, 6), 4.1],
        [datetime.datetime(2001, 11, 7), 4.2],
        [datetime.datetime(2001, 11, 8), 4.0],
        [datetime.datetime(2001, 11, 9), 3.7],
    ]
}
CALLS: dict[str, tuple[list[Any], Any]] = {
    name: (
        [{"rows": item} if isinstance(item, list) else item for item in given],
        tuple(map(tuple, shown)) if isinstance(shown, list) else shown,
    )
    for name, function in FUNCTIONS.items()
    for given, shown in [(examples.arguments_of(function), examples.shown_by(function))]
} | {
    "CEO_CAPACITY": ([9e6], 16e6),
    "CANTOR_EXERCISE_PRICE": ([{"rows": [[1000.0], [3000.0]]}, {"rows": [[4.0], [4.5]]}], 5.6875),
    "CLASSB_EXERCISE_PRICE": ([40.0, None, 25.0], 38.8),
    "DEBENTURE_CONVERSION_PRICE": ([QUOTES, datetime.datetime(2001, 11, 12)], 4.8),
    "TRADING_DAY": ([datetime.datetime(2001, 9, 10), 1.0], 37151.0),
    "EXPLAIN": (
        ["CANTOR_EXERCISE_PRICE", {"rows": [[1000.0], [3000.0]]}, {"rows": [[4.0], [4.5]]}],
        (
            ("Step", "Amount", "Rate or factor", "Result", "Source"),
            ("Shares sold", "", "", 4000.0, ""),
            ("Volume-weighted average price: gross over shares", 17500.0, "", 4.375, "S-11"),
            ("Exercise price", 4.375, 1.3, 5.6875, "S-11"),
        ),
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Classic]:
    started = Classic()
    try:
        yield started
    finally:
        started.close()


every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


def filled(name: str) -> list[Any]:
    """A good call's arguments, with what VBA hands over for those left out."""
    given = CALLS[name][0]
    if FUNCTIONS[name].variadic:
        return [*given]  # a parameter array holds what the formula gives, and no more
    return [*given, *[MISSING] * (FUNCTIONS[name].max_args - len(given))]


def outcome(name: str, place: int, answer: Any) -> Any:
    """What a call with one bad argument came to.

    What EXPLAIN is to explain may fail: it says so in words, beside the error value. Only for a
    wrong name there is nothing to explain.
    """
    if name != "EXPLAIN" or place == 0:
        return answer
    headings, row = answer
    assert headings == CALLS[name][1][0]
    assert row[0].startswith("CANTOR_EXERCISE_PRICE: ")
    return row[3]


# Decoding


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        (25e6, 25e6),
        (-0.5, -0.5),
        ("NEOT-2001", "NEOT-2001"),
        ("", ""),
        ("#N/A", "#N/A"),  # text that looks like an error is text
        (True, True),
        (False, False),
        (None, None),
        (MISSING, None),
        (Decimal("4.0400"), 4.04),
        (7, 7.0),  # VBA code may pass a Long; a cell never does
        (-5, -5.0),
        (datetime.datetime(2001, 9, 10), 37144.0),
        (datetime.datetime(2001, 9, 10, 18, tzinfo=datetime.UTC), 37144.75),
        (datetime.datetime(2001, 9, 10, 0, 0, 0, 500_000), 37144 + 0.5 / 86_400),
        (datetime.date(2001, 9, 10), 37144.0),
        (datetime.datetime(1900, 1, 1), 1.0),
        (object(), CellError("#VALUE!")),
        (b"4", CellError("#VALUE!")),
        ((), CellError("#VALUE!")),
    ],
)
def test_decode_cell(raw: object, cell: object) -> None:
    found = classic.decode(raw)
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize(("code", "number"), values.ERROR_NUMBERS.items())
def test_decode_error(code: str, number: int) -> None:
    assert classic.decode(number + 0x800A0000 - 2**32) is CellError(code)


def test_error_numbers_are_those_of_vba() -> None:
    assert set(values.ERROR_NUMBERS) >= set(CLASSIC_ERRORS)
    assert classic.decode(DIV0_CODE) is CellError("#DIV/0!")
    assert classic.decode(NA_CODE) is CellError("#N/A")
    assert classic.decode(-2146826243) is CellError("#SPILL!")


@pytest.mark.parametrize("code", [-2146826200, -2147467259, -2147483648])
def test_decode_unknown_error(code: int) -> None:
    assert classic.decode(code) is CellError("#VALUE!")


@pytest.mark.parametrize(
    ("raw", "block"),
    [
        (((4.0,),), 4.0),
        ([[4.0]], 4.0),
        ((4.0,), 4.0),
        (((NA_CODE,),), CellError("#N/A")),
        (((None,),), None),
        (((1.0, 2.0, 3.0),), [[1.0, 2.0, 3.0]]),
        ((1.0, 2.0, 3.0), [[1.0, 2.0, 3.0]]),
        (((1.0,), (2.0,)), [[1.0], [2.0]]),
        (((1.0, "x"), (None, True)), [[1.0, "x"], [None, True]]),
        (((Decimal(1), DIV0_CODE),), [[1.0, CellError("#DIV/0!")]]),
        (((1.0, (2.0,)),), [[1.0, CellError("#VALUE!")]]),
    ],
)
def test_decode_block(raw: object, block: object) -> None:
    found = classic.decode(raw)
    assert ([list(row) for row in found] if isinstance(found, list | tuple) else found) == block


# Encoding


@pytest.mark.parametrize(
    ("result", "encoded"),
    [
        (1.5, 1.5),
        (True, True),
        ("S-7", "S-7"),
        (CellError("#NUM!"), "#NUM!"),
        (CellError("#SPILL!"), "#SPILL!"),
        (None, ""),
        (float("nan"), "#NUM!"),
        (float("-inf"), "#NUM!"),
        (3, 3.0),
        ([[1.0, CellError("#N/A")], [None, True]], [[1.0, "#N/A"], ["", True]]),
        ([[float("inf"), float("nan"), 2]], [["#NUM!", "#NUM!", 2.0]]),
        ([], []),
    ],
)
def test_encode(result: Any, encoded: object) -> None:
    found = values.encode(result)
    assert found == encoded
    assert type(found) is type(encoded)


def test_no_text_spells_an_error() -> None:
    """Errors leave as text, so text that spells one exactly would turn into it."""
    source = FUNCTIONS["DEAL_SOURCE"]
    term = FUNCTIONS["DEAL_TERM"]
    for name in select("NEOT-2001").figures:
        for function in (source, term):
            assert function.evaluate([name]) not in values.ERROR_NUMBERS


# What xlwings reads


@every_function
def test_every_function_has_a_call_here(name: str) -> None:
    assert name in CALLS


@every_function
def test_help_fits_the_wizard(name: str) -> None:
    function = FUNCTIONS[name]
    texts = [function.summary, *(argument.help for argument in function.arguments)]
    assert all(0 < len(text) <= classic.HELP_LIMIT for text in texts)


@every_function
def test_names_are_fit_for_vba(name: str) -> None:
    names = [classic.argument_name(item.name).lower() for item in FUNCTIONS[name].arguments]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z][a-z0-9_]*", word) for word in [name.lower(), *names])
    # xlwings hands the calling cell to an argument called "caller".
    assert not {"caller", "function", "date", name.lower()} & set(names)


def test_wrapper_names_every_function(server: Classic) -> None:
    wrapper = server.ask("wrapper")
    for function in FUNCTIONS.values():
        names = [
            f"{'Optional ' if item.optional else ''}{classic.argument_name(item.name)}"
            for item in function.arguments
        ]
        if function.variadic:
            names[-1] = f"ParamArray {classic.argument_name(function.arguments[-1].name)}()"
        assert f"\nFunction {function.name}({', '.join(names)})\n" in f"\n{wrapper}"
    assert wrapper.count("\nEnd Function") == len(FUNCTIONS)


def test_import_functions_fills_the_wizard(server: Classic) -> None:
    module, options = server.ask("import_functions")
    assert module.startswith('Attribute VB_Name = "xlwings_udfs"')
    found = {option["Macro"].partition("!")[2]: option for option in options}
    assert set(found) == set(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        assert found[name]["Description"] == function.summary
        assert found[name]["Category"] == "xladdin"
        helps = [argument.help for argument in function.arguments]
        assert (found[name]["ArgumentDescriptions"] or []) == helps


# Every function through xlwings


@every_function
def test_call(server: Classic, name: str) -> None:
    assert server.ask("cell", name, *filled(name)) == CALLS[name][1]


@every_function
def test_call_from_own_wrapper(server: Classic, name: str) -> None:
    """The generated wrapper passes values in place of references, and no workbook."""
    values = [
        tuple(tuple(row) for row in item["rows"]) if isinstance(item, dict) else item
        for item in filled(name)
    ]
    assert server.ask("own_wrapper", name, *values) == CALLS[name][1]


@every_function
def test_call_with_references(server: Classic, name: str) -> None:
    references = [
        item if isinstance(item, dict) or item == MISSING else {"rows": [[item]]}
        for item in filled(name)
    ]
    assert server.ask("cell", name, *references) == CALLS[name][1]


@every_function
def test_scalar_comes_as_rows_from_call_udf(server: Classic, name: str) -> None:
    """`CallUDF` measures the result's rows and columns, so there must be some."""
    wanted = CALLS[name][1]
    rows = [list(row) for row in wanted] if FUNCTIONS[name].spills else [[wanted]]
    assert server.ask("call_udf", name, *filled(name)) == rows


@every_function
def test_errors_come_out_unchanged(server: Classic, name: str) -> None:
    for code, number in values.ERROR_NUMBERS.items():
        for place in range(len(CALLS[name][0])):
            given = filled(name)
            given[place] = number + 0x800A0000 - 2**32
            assert outcome(name, place, server.ask("cell", name, *given)) == code
            given[place] = {"rows": [[given[place]]]}
            assert outcome(name, place, server.ask("cell", name, *given)) == code


@pytest.mark.parametrize("wrong", ["4", True, " "])
@every_function
def test_wrong_types_are_value_errors(server: Classic, name: str, wrong: object) -> None:
    for place, argument in enumerate(FUNCTIONS[name].arguments[: len(CALLS[name][0])]):
        if argument.kind.name in calls.KEYS:
            continue
        given = filled(name)
        given[place] = wrong
        assert outcome(name, place, server.ask("cell", name, *given)) == "#VALUE!"


@pytest.mark.parametrize("blank", [None, ""])
@every_function
def test_blank_is_omitted(server: Classic, name: str, blank: object) -> None:
    given = [blank if item == MISSING else item for item in filled(name)]
    assert server.ask("cell", name, *given) == CALLS[name][1]


@every_function
def test_several_areas_are_refused(server: Classic, name: str) -> None:
    for place in range(len(CALLS[name][0])):
        given = filled(name)
        given[place] = {"rows": [[4.0]], "areas": 2}
        assert outcome(name, place, server.ask("cell", name, *given)) == "#VALUE!"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if FUNCTIONS[name].each])
def test_ranges_spill(server: Classic, name: str) -> None:
    given, result = filled(name), CALLS[name][1]
    kinds = [argument.kind for argument in FUNCTIONS[name].arguments]
    place = next(
        at for at, one in enumerate(kinds) if not one.ranged and one.name not in calls.KEYS
    )
    row, column = list(given), list(given)
    row[place] = {"rows": [[given[place], "x", NA_CODE]]}
    column[place] = {"rows": [[given[place]], ["x"], [NA_CODE]]}
    # A single row crosses as a flat array: Excel takes that for a row.
    assert server.ask("cell", name, *row) == (result, "#VALUE!", "#N/A")
    assert server.ask("cell", name, *column) == ((result,), ("#VALUE!",), ("#N/A",))
    assert server.ask("call_udf", name, *row) == [[result, "#VALUE!", "#N/A"]]


def test_currency_cells_keep_their_decimals(server: Classic) -> None:
    """`.Value` of a currency cell has four decimals; the commission is on all of them."""
    exact = Decimal("1.123456789")
    assert (
        server.ask("cell", "CEO_FEE", {"rows": [[exact]]}, MISSING, MISSING) == 0.04 * 1.123456789
    )
    pair = {"rows": [[exact], [Decimal(100)]]}
    found = server.ask("cell", "CEO_FEE", pair, MISSING, MISSING)
    assert found == ((0.04 * 1.123456789,), (4.0,))


def test_time_of_day_is_no_new_day(server: Classic) -> None:
    late = datetime.datetime(2001, 9, 10, 23, 59, 59)
    for day in (late, {"rows": [[late]]}):
        assert server.ask("cell", "TRADING_DAY", day, 0.0, MISSING) == 37144.0


def test_excel_starts_light(server: Classic) -> None:
    server.ask("wrapper")
    roots = {name.partition(".")[0] for name in server.ask("modules")}
    assert not roots & {"openpyxl", "formualizer", "click"}


# The built functions by themselves


def made(**changes: Any) -> Function:
    fields: dict[str, Any] = {
        "name": "TWICE",
        "summary": "Twice an amount.",
        "arguments": (Argument("amount", AMOUNT, "An amount."), TERMS_ARGUMENT),
        "result": "USD",
        "source": "",
        "implementation": lambda amount, _terms: 2 * amount,
        "each": True,
        "example": "",
        "shows": "",
    }
    return Function(**{**fields, **changes})


def test_udf_looks_like_its_function() -> None:
    built = classic.udf(made())
    assert (built.__name__, built.__qualname__) == ("TWICE", "TWICE")
    assert built.__doc__ == "Twice an amount."
    assert str(inspect.signature(built)) == "(amount, terms=None)"
    assert built(4.0) == 8.0
    assert built(((4.0,), ("x",))) == [[8.0], ["#VALUE!"]]


def test_udf_with_an_argument_that_repeats() -> None:
    arguments = (Argument("function", TEXT, "A name."), Argument("arg", AMOUNT, "Its arguments."))
    built = classic.udf(made(arguments=arguments, variadic=True))
    assert str(inspect.signature(built)) == "(function_, *arg)"


def test_udf_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_amount: float, _terms: object) -> float:
        raise ZeroDivisionError

    assert classic.udf(made(implementation=broken))(4.0) == "#VALUE!"
    assert "TWICE failed" in caplog.text


def test_udf_takes_wrong_input() -> None:
    def refuse(amount: float, _terms: object) -> float:
        raise InputError("#NUM!", "amount", amount, "must be another")

    assert classic.udf(made(implementation=refuse))(4.0) == "#NUM!"
    assert classic.udf(made())() == "#VALUE!"


def test_off_windows_the_module_still_works() -> None:
    import xladdin.udfs as module

    assert module.__all__ == list(FUNCTIONS)
    public = {name for name in dir(module) if not name.startswith("_")}
    assert public == set(FUNCTIONS)
    fee = vars(module)["CEO_FEE"]
    assert fee(2e6, 9e6) == 75000.0
    assert fee(((1e6, -1.0),)) == [[40000.0, "#NUM!"]]
