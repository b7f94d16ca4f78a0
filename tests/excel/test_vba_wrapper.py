"""The generated VBA: its form, and what it does where the table of routes does not look."""

from __future__ import annotations

import datetime
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from arguments import WHOLE, Range
from pyopenvba.interpreter import VBARuntimeError
from routes.routes import Vba
from routes.vba_route import PYTHON, XLWINGS, Book, Cells, Excel, Sheet, Wrapper

from xladdin.cells import CellError
from xladdin.excel import classic, vba_wrapper
from xladdin.excel.classic import HELP_LIMIT, argument_name
from xladdin.excel.values import ERROR_NUMBERS
from xladdin.functions.registry import FUNCTIONS

LINES = vba_wrapper.wrapper(XLWINGS).split("\r\n")

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


@pytest.fixture(scope="module")
def route() -> Iterator[Vba]:
    made = Vba()
    yield made
    made.close()


@pytest.fixture
def wrapper(route: Vba) -> Wrapper:
    return Wrapper(route.ask)


@pytest.mark.parametrize(
    "text",
    [vba_wrapper.wrapper(XLWINGS), vba_wrapper.ribbon(), vba_wrapper.opening()],
    ids=["wrapper", "ribbon", "opening"],
)
def test_it_is_what_vba_reads(text: str) -> None:
    lines = text.split("\r\n")
    assert text.isascii()
    assert "\n" not in text.replace("\r\n", "")
    assert max(map(len, lines)) <= 1023
    assert len(vba_wrapper.MODULE) <= 31
    continued = 0
    for line in lines:
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
    source = vba_wrapper.opening()
    start = source.index(f'    done = Describe("{name}", ')
    described = source[start : source.index(" And done", start)]
    for text in (function.summary, *(argument.help for argument in function.arguments)):
        assert len(text) <= HELP_LIMIT
        assert '"' + text.replace('"', '""') + '"' in described
    assert f"Attribute {name}.VB_Description = " in vba_wrapper.wrapper(XLWINGS)


@pytest.mark.parametrize("saved", [False, True])
def test_the_wizard_is_told_on_opening(saved: bool) -> None:
    book = Book("it's mine.xlsm", saved)
    excel_ = Excel(book)
    excel_.open()
    assert excel_.application.descriptions == {
        f"'it''s mine.xlsm'!{name}": (
            function.summary,
            classic.CATEGORY,
            *(argument.help for argument in function.arguments),
        )
        for name, function in FUNCTIONS.items()
    }
    assert book.saved is saved


def test_the_wizard_is_told_later_where_no_workbook_is_open_yet() -> None:
    excel_ = Excel(Book("xladdin.xlam", saved=True), active=False)
    excel_.open()
    assert excel_.application.descriptions == {}
    excel_.activate()
    assert len(excel_.application.descriptions) == len(FUNCTIONS)
    excel_.application.descriptions.clear()
    excel_.activate()
    assert excel_.application.descriptions == {}  # once is enough


def test_a_wizard_that_refuses_is_told_again_until_it_takes_all() -> None:
    excel_ = Excel(Book("xladdin.xlam", saved=True))
    excel_.application.refuses = {"CEO_FEE"}
    excel_.open()
    assert len(excel_.application.descriptions) == len(FUNCTIONS) - 1
    excel_.activate()
    assert "'xladdin.xlam'!CEO_FEE" not in excel_.application.descriptions
    excel_.application.refuses = set()
    excel_.activate()
    assert len(excel_.application.descriptions) == len(FUNCTIONS)
    excel_.application.descriptions.clear()
    excel_.activate()
    assert excel_.application.descriptions == {}


def test_every_error_that_excel_has_is_known() -> None:
    for code, number in ERROR_NUMBERS.items():
        assert f'        Case "{code}": ErrorOf = CVErr({number})' in LINES


def test_no_name_is_one_that_vba_keeps_for_itself() -> None:
    declared = re.compile(r"\b(?:Sub|Function|Dim|ByVal|ByRef|ParamArray) (\w+)|Private (m\w+)")
    text = re.sub(r'"[^"]*"|\'.*', "", "\n".join(LINES))
    names = {name.lower() for found in declared.findall(text) for name in found if name}
    assert {"callserver", "given", "mserver", "ceo_fee", "gross", "startedserver"} <= names
    assert not names & classic._VBA_TAKEN


def test_help_while_typing() -> None:
    heading, *rows = vba_wrapper.intellisense()
    assert heading == ["FunctionInfo", 1]
    assert [row[0] for row in rows] == list(FUNCTIONS)
    for row in rows:
        function = FUNCTIONS[str(row[0])]
        assert len(row) == 3 + 2 * len(function.arguments)


def test_nothing_is_public_but_the_functions() -> None:
    """What is not private is public, in VBA, and cells of every workbook can call it."""
    kinds = r"(?:Sub|Function|Property|Declare|Const|Enum|Type|Event)"
    written = "\n".join([*LINES, *vba_wrapper.opening().split("\r\n")])
    public = re.findall(rf"^ *((?:Public |Friend |Static |Global )*{kinds}\b.*)", written, re.M)
    assert [line.partition("(")[0] for line in public] == [
        "Public Sub ServeRibbon",  # which is no function, and asks for a control of the ribbon
        *(f"Public Function {name}" for name in FUNCTIONS),
    ]


def test_python_is_started_where_the_settings_say(wrapper: Wrapper) -> None:
    folder = PYTHON.rpartition("\\")[0]
    above = folder.rpartition("\\")[0]
    library = f"xlwings64-{XLWINGS}.dll"
    wrapper.put_library(rf"{above}\{library}")
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    assert wrapper.libraries == [rf"{folder}\{library}", rf"{above}\{library}"]
    assert wrapper.start_line.startswith(f'"{PYTHON}" -B -E -P -c "')


def test_no_library_of_the_name_elsewhere_is_taken(wrapper: Wrapper) -> None:
    wrapper.put_library(f"xlwings64-{XLWINGS}.dll")
    assert wrapper.call("CEO_FEE", [2e6]) == CellError("#VALUE!")
    assert wrapper.starts == 0


DECOYS = sorted(sys.stdlib_module_names | {"xladdin", "xlwings", "holidays", "dateutil", "numpy"})
ANSWER = "from xladdin import udfs; print(udfs.CEO_FEE(25000000.0))"
CHILD = (
    "import subprocess, sys; child = 'import decimal; print(decimal.Decimal(1))'; "
    "sys.exit(subprocess.run([sys.executable, '-c', child]).returncode)"
)


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("task", "variables", "answer"),
    [
        (ANSWER, {}, "900000.0"),
        (ANSWER, {"PYTHONPATH": os.pathsep.join(("", "."))}, "900000.0"),
        (CHILD, {}, "1"),
    ],
    ids=["as it is", "a variable that leads there", "a Python started by that one"],
)
def test_no_file_of_excels_folder_is_imported(
    wrapper: Wrapper, tmp_path: Path, task: str, variables: dict[str, str], answer: str
) -> None:
    """The start line, in a folder with a file for every module that Python might import."""
    for name in DECOYS:
        (tmp_path / f"{name}.py").write_text("raise SystemExit(__name__ + ' of this folder')")
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    line = wrapper.start_line
    assert line.startswith(f'"{PYTHON}" ')
    *options, code = shlex.split(line.removeprefix(f'"{PYTHON}" '))
    served = "import xlwings; xlwings.serve('$(CLSID)')"
    assert code.endswith(served)
    code = code.removesuffix(served) + task

    def run(*options: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, *options, code],
            cwd=tmp_path,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip(), done.stderr

    assert run(*options) == (answer, "")
    assert "of this folder" in run("-c")[1]  # what the options prevent


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
    later = datetime.datetime.now() + datetime.timedelta(seconds=vba_wrapper.PAUSE + 1)
    wrapper.interpreter.freeze(later)
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    assert wrapper.starts == 2


def failed(wrapper: Wrapper) -> tuple[str, str]:
    """Call a function that fails: the status bar, and what Status has of it."""
    assert wrapper.call("CEO_FEE", [2e6]) == CellError("#VALUE!")
    shown = wrapper.excel.application.status
    reason, remedy = wrapper.failure.split("\r\n")
    assert shown == f"xladdin: {reason}"[:200]
    return reason, remedy


def test_a_python_that_is_gone_is_named(wrapper: Wrapper) -> None:
    wrapper.interpreter.run("PutPython", [r"D:\elsewhere\python.exe"])
    reason, remedy = failed(wrapper)
    assert reason == f"Python is not there: {PYTHON}"
    assert "xladdin install" in remedy
    assert wrapper.starts == 0


def test_a_library_that_is_gone_is_named(wrapper: Wrapper) -> None:
    wrapper.put_library("elsewhere")
    reason, remedy = failed(wrapper)
    assert reason == f"xlwings64-{XLWINGS}.dll is not beside Python: {PYTHON}"
    assert "xladdin doctor" in remedy


def test_a_library_that_windows_does_not_load_is_named(wrapper: Wrapper) -> None:
    wrapper.interpreter.run("Unload", [])
    reason, remedy = failed(wrapper)
    assert reason.startswith("Windows did not load C:\\Program Files\\xladdin\\Scripts\\xlwings64-")
    assert reason.endswith(", error 5.")
    assert "virus scanner" in remedy
    assert wrapper.starts == 0


def test_a_python_that_does_not_start_says_why_until_it_does(wrapper: Wrapper) -> None:
    wrapper.refuse(1)
    reason, remedy = failed(wrapper)
    assert reason == (
        "Python did not start, or did not answer. Could not create Python process. "
        "Error message: Access is denied."
    )
    assert "Defender" in remedy
    later = datetime.datetime.now() + datetime.timedelta(seconds=vba_wrapper.PAUSE + 1)
    wrapper.interpreter.freeze(later)
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    assert wrapper.failure == ""
    assert wrapper.excel.application.status is False


def test_a_python_that_stops_answering_says_so(wrapper: Wrapper) -> None:
    wrapper.server.failures = 2
    assert failed(wrapper)[0] == "Python does not answer: The remote procedure call failed."


def test_a_python_of_another_version_computes_and_is_named(route: Vba) -> None:
    def ask(verb: str, name: str, *given: Any) -> Any:
        return "9.9.9" if name == "XLADDIN_VERSION" else route.ask(verb, name, *given)

    wrapper = Wrapper(ask)
    assert wrapper.call("CEO_FEE", [2e6]) == 80_000
    assert "its Python has xladdin 9.9.9." in wrapper.failure
    assert "9.9.9" in wrapper.excel.application.status


def test_a_python_without_the_package_is_named(route: Vba) -> None:
    def ask(verb: str, name: str, *given: Any) -> Any:
        if name == "XLADDIN_VERSION":
            raise VBARuntimeError(-2147467259, "No module named 'xladdin'")
        return route.ask(verb, name, *given)

    wrapper = Wrapper(ask)
    wrapper.call("CEO_FEE", [2e6])
    assert wrapper.failure.startswith("Python runs, but does not load xladdin: No module named")


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
