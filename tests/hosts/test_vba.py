"""The generated VBA: its form, and what it does where the table of routes does not look."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hosts.answers import WHOLE, Range
from hosts.routes import Vba
from hosts.vba_route import Book, Cells, Excel, Sheet, Wrapper
from xladdin.hosts import excel, vba
from xladdin.hosts.excel import ERROR_NUMBERS, HELP_LIMIT, argument_name
from xladdin.registry import FUNCTIONS
from xladdin.values import CellError

LINES = vba.wrapper().split("\r\n")

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


@pytest.fixture(scope="module")
def route() -> Iterator[Vba]:
    made = Vba()
    yield made
    made.close()


@pytest.fixture
def wrapper(route: Vba) -> Wrapper:
    return Wrapper(route.ask)


def test_it_is_what_vba_reads() -> None:
    text = vba.wrapper()
    assert text.isascii()
    assert "\n" not in text.replace("\r\n", "")
    assert max(map(len, LINES)) <= 1023
    assert len(vba.MODULE) <= 31
    continued = 0
    for line in LINES:
        continued = continued + 1 if line.endswith(" _") else 0
        assert continued <= 24


@every_function
def test_every_function_is_declared_as_the_registry_has_it(name: str) -> None:
    function = FUNCTIONS[name]
    (line,) = (line for line in LINES if line.startswith(f"Public Function {name}("))
    parameters = []
    for argument in function.arguments:
        word = argument_name(argument.name)
        if function.variadic and argument is function.arguments[-1]:
            parameters.append(f"ParamArray {word}() As Variant")
        elif argument.optional:
            parameters.append(f"Optional ByVal {word} As Variant")
        else:
            parameters.append(f"ByVal {word} As Variant")
    assert line == f"Public Function {name}({', '.join(parameters)}) As Variant"


@every_function
def test_every_function_has_its_help(name: str) -> None:
    function = FUNCTIONS[name]
    said = vba.wrapper()
    start = said.index(f'    Describe "{name}", ')
    described = said[
        start : said.index("\r\n    Describe", start + 1) if name != list(FUNCTIONS)[-1] else None
    ]
    for text in (function.summary, *(argument.help for argument in function.arguments)):
        assert len(text) <= HELP_LIMIT
        assert '"' + text.replace('"', '""') + '"' in described
    assert f"Attribute {name}.VB_Description = " in said


@pytest.mark.parametrize("saved", [False, True])
def test_the_wizard_is_told_on_opening(saved: bool) -> None:
    book = Book("it's mine.xlsm", saved)
    excel_ = Excel(book)
    excel_.open()
    assert excel_.application.told == {
        f"'it''s mine.xlsm'!{name}": (
            function.summary,
            excel.CATEGORY,
            *(argument.help for argument in function.arguments),
        )
        for name, function in FUNCTIONS.items()
    }
    assert book.saved is saved


def test_the_wizard_is_told_later_where_no_workbook_is_open_yet() -> None:
    excel_ = Excel(Book("xladdin.xlam", saved=True), active=False)
    excel_.open()
    assert excel_.application.told == {}
    assert excel_.application.later == ["'xladdin.xlam'!DescribeFunctions"]


def test_a_wizard_that_refuses_stops_nothing() -> None:
    excel_ = Excel(Book("xladdin.xlam", saved=True))
    excel_.application.refuses = True
    excel_.open()
    assert excel_.application.told == {}


def test_every_error_that_excel_has_is_known() -> None:
    for code, number in ERROR_NUMBERS.items():
        assert f'        Case "{code}": ErrorOf = CVErr({number})' in LINES


def test_no_name_is_one_that_vba_keeps_for_itself() -> None:
    declared = re.compile(r"\b(?:Sub|Function|Dim|ByVal|ByRef|ParamArray) (\w+)|Private (m\w+)")
    text = re.sub(r'"[^"]*"|\'.*', "", "\n".join(LINES))
    names = {name.lower() for found in declared.findall(text) for name in found if name}
    assert {"ask", "given", "mserver", "ceo_fee", "gross"} <= names
    assert not names & excel._VBA_TAKEN


def test_help_while_typing() -> None:
    heading, *rows = vba.intellisense()
    assert heading == ["FunctionInfo", 1]
    assert [row[0] for row in rows] == list(FUNCTIONS)
    for row in rows:
        function = FUNCTIONS[str(row[0])]
        assert len(row) == 3 + 2 * len(function.arguments)


def test_the_server_is_started_once(wrapper: Wrapper) -> None:
    assert [wrapper.call("CEO_FEE", [2e6]) for _ in range(3)] == [80_000.0] * 3
    assert wrapper.starts == 1


def test_a_server_that_has_ended_is_started_anew(wrapper: Wrapper) -> None:
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    wrapper.server.failures = 1
    assert wrapper.call("CEO_FEE", [2e6, 9e6]) == 75_000
    assert wrapper.starts == 2


def test_a_server_that_does_not_answer_is_an_error_and_never_text(wrapper: Wrapper) -> None:
    wrapper.server.failures = 2
    assert wrapper.call("CEO_FEE", [2e6]) == CellError("#VALUE!")
    # The next call finds a server that works again.
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000


def test_a_server_that_cannot_be_started_is_not_tried_for_every_cell(wrapper: Wrapper) -> None:
    wrapper.refuse(1)
    assert [wrapper.call("CEO_FEE", [2e6]) for _ in range(5)] == [CellError("#VALUE!")] * 5
    assert wrapper.starts == 1
    later = datetime.datetime.now() + datetime.timedelta(seconds=vba.PAUSE + 1)
    wrapper.interpreter.freeze(later)
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    assert wrapper.starts == 2


def test_a_server_that_ended_and_cannot_be_started_anew_is_an_error(wrapper: Wrapper) -> None:
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    wrapper.server.failures = 1
    wrapper.refuse(1)
    assert wrapper.call("CEO_FEE", [2e6]) == CellError("#VALUE!")
    assert wrapper.starts == 2


def test_several_areas_are_no_value(wrapper: Wrapper) -> None:
    cells = Cells([[2e6]], Sheet(1, 1), areas=2)
    assert wrapper.run("CEO_FEE", [cells]) == CellError("#VALUE!")


def test_an_object_that_is_no_range_is_no_value(wrapper: Wrapper) -> None:
    assert wrapper.run("CEO_FEE", [Sheet(1, 1)]) == CellError("#VALUE!")


@pytest.mark.parametrize("whole", [False, True])
def test_whole_columns_end_where_their_sheet_does(wrapper: Wrapper, whole: bool) -> None:
    shares = Range(((1000.0,), (3000.0,), (None,)), whole)
    prices = Range(((4.0,), (4.4,), (None,)), whole)
    found = wrapper.call("CANTOR_EXERCISE_PRICE", [shares, prices])
    assert found == pytest.approx(4.3 * 1.3, rel=1e-15)


def whole(rows: list[list[Any]], used: int) -> Cells:
    """A whole column of a sheet that is used so many rows down."""
    return Cells(rows, Sheet(used, 1), height=WHOLE)


def test_whole_columns_of_different_sheets_stay_of_one_size(wrapper: Wrapper) -> None:
    shares = whole([[1000.0], [3000.0]], 2)
    prices = whole([[4.0], [4.4]], 7)
    found = wrapper.run("CANTOR_EXERCISE_PRICE", [shares, prices])
    assert found == pytest.approx(4.3 * 1.3, rel=1e-15)


@pytest.mark.parametrize("rows", [2, 3])
def test_a_whole_column_is_never_of_the_size_of_a_shorter_range(
    wrapper: Wrapper, rows: int
) -> None:
    shares = whole([[1000.0], [3000.0]], 2)
    prices = Cells([[4.0]] * rows, Sheet(rows, 1))
    assert wrapper.run("CANTOR_EXERCISE_PRICE", [shares, prices]) == CellError("#VALUE!")


def test_a_whole_column_of_an_empty_sheet_is_a_blank(wrapper: Wrapper) -> None:
    assert wrapper.run("CEO_FEE", [whole([[None]], 1)]) == 0.0


@pytest.mark.parametrize(
    ("result", "shown"),
    [
        ("#N/A", CellError("#N/A")),
        ("#SPILL!", CellError("#SPILL!")),
        ("#n/a", "#n/a"),
        ("# of shares", "# of shares"),
        (((1.0, "#NUM!"), ("#", True)), ((1.0, CellError("#NUM!")), ("#", True))),
        (("#REF!", 2.0), ((CellError("#REF!"), 2.0),)),
    ],
)
def test_results(result: Any, shown: Any) -> None:
    assert Wrapper(lambda *_: result).call("XLADDIN_VERSION", []) == shown
