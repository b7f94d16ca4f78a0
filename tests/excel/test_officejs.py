"""Office.js: decoding, what xlwings reads, and real calls through xlwings' server code.

The table of calls goes through it in `test_routes`; here is what is peculiar to this host.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from absences import missing
from routes.routes import Server

import xladdin
from xladdin.cells import CLASSIC_ERRORS, CellError
from xladdin.excel import office_values, officejs
from xladdin.excel.values import ERROR_NUMBERS
from xladdin.functions.registry import FUNCTIONS

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


@pytest.fixture(scope="module")
def office() -> Iterator[Server]:
    started = Server()
    if not started.is_there():
        missing("this xlwings comes without its server part")
    try:
        yield started
    finally:
        started.close()


def error(code: str, **more: str) -> dict[str, str]:
    return {"type": "Error", "basicType": "Error", "basicValue": code, **more}


class JsNull:
    """What the browser's Python has for null."""


# Decoding


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        (25e6, 25e6),
        (-0.5, -0.5),
        (2_000_000, 2e6),  # JSON has no point in whole numbers
        (-2_146_826_246, -2_146_826_246.0),  # in classic Excel it would be #N/A
        (-2_147_352_572, -2_147_352_572.0),
        (10**400, CellError("#NUM!")),
        (True, True),
        (False, False),
        ("NEOT-2001", "NEOT-2001"),
        ("#N/A", "#N/A"),  # text that looks like an error is text
        ("", None),
        (None, None),
        (JsNull(), None),
        ({"type": "Empty", "basicValue": ""}, None),
        ({"type": "FormattedNumber", "basicValue": 12.5, "numberFormat": "$0.00"}, 12.5),
        ({"type": "Double", "basicValue": 37_144}, 37_144.0),
        ({"type": "String", "basicValue": "x"}, "x"),
        ({"type": "Boolean", "basicValue": True}, True),
        ({"type": "Double", "basicValue": {"type": "Double"}}, CellError("#VALUE!")),
        ({"type": "Entity", "text": "Apple", "basicValue": "#VALUE!"}, CellError("#VALUE!")),
        ({"type": "WebImage"}, CellError("#VALUE!")),
        ({"type": "Error", "errorType": "Div0"}, CellError("#DIV/0!")),
        ({"type": "Error", "basicValue": "#NOSUCH!"}, CellError("#VALUE!")),
        ({"code": "#N/A", "message": ""}, CellError("#N/A")),
        ({}, CellError("#VALUE!")),
        (b"4", CellError("#VALUE!")),
        (object(), CellError("#VALUE!")),
        ([], CellError("#VALUE!")),
    ],
)
def test_decode_cell(raw: object, cell: object) -> None:
    found = office_values.decode(raw)
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize("code", ERROR_NUMBERS)
def test_decode_error(code: str) -> None:
    assert office_values.decode(error(code)) is CellError(code)


@pytest.mark.parametrize(
    ("raw", "block"),
    [
        ([1, 2.0, None], [[1.0, 2.0, None]]),  # xlwings takes the rows off a single row
        ([[1, "x"], ["", error("#REF!")]], [[1.0, "x"], [None, CellError("#REF!")]]),
        ([[1], [2]], [[1.0], [2.0]]),
    ],
)
def test_decode_block(raw: object, block: object) -> None:
    assert office_values.decode(raw) == block


# What xlwings reads


@every_function
def test_functions_look_like_the_registry(name: str) -> None:
    function, built = FUNCTIONS[name], officejs.offer()[name]
    assert (built.__name__, built.__doc__) == (name, function.summary)
    parameters = inspect.signature(built).parameters
    assert list(parameters) == [argument.name for argument in function.arguments]


def test_registration(office: Server) -> None:
    meta = office.ask("meta")
    assert meta["allowErrorForDataTypeAny"]
    found = {item["id"]: item for item in meta["functions"]}
    assert set(found) == set(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        item = found[name]
        assert (item["name"], item["description"]) == (name, function.summary)
        assert [(one["name"], one["description"]) for one in item["parameters"]] == [
            (argument.name, argument.help) for argument in function.arguments
        ]
        for one, argument in zip(item["parameters"], function.arguments, strict=True):
            assert (one["type"], one["dimensionality"]) == ("any", "matrix")
            last = argument is function.arguments[-1]
            repeats = function.variadic and last
            assert one.get("repeating", False) is repeats
            assert one.get("optional", False) is (argument.optional and not repeats)
        json.dumps(item)


def test_name_space(office: Server) -> None:
    assert set(office.ask("namespaced", "Xl")) == {f"XL.{name}" for name in FUNCTIONS}


def test_starts_light(office: Server) -> None:
    office.ask("meta")
    roots = {name.partition(".")[0] for name in office.ask("modules")}
    assert not roots & {"openpyxl", "formualizer", "click"}


def test_classic_excel_loads_none_of_it() -> None:
    """What is of another licence is asked for by its host, or not at all."""
    code = "import sys, xladdin.udfs; print(*sys.modules)"
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("XLWINGS_ON_SERVER", "XLWINGS_LICENSE_KEY")
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=Path(xladdin.__file__).parents[1],
    )
    loaded = set(done.stdout.split())
    assert "xladdin.excel.classic" in loaded
    assert not loaded & {"xladdin.excel.officejs", "xlwings.server", "xlwings.pro.udfs_officejs"}


# Calls


def test_errors_are_objects(office: Server) -> None:
    assert office.ask("cell", "CEO_FEE", [[-1]], None, None) == [
        [{"type": "Error", "errorType": "Num"}]
    ]
    row = [[100, "x", error("#N/A")]]
    assert office.ask("cell", "CEO_FEE", row, None, None) == [
        [
            4.0,
            {"type": "Error", "errorType": "Value"},
            {"type": "Error", "errorType": "NotAvailable"},
        ]
    ]


@pytest.mark.parametrize("code", [code for code in ERROR_NUMBERS if code not in CLASSIC_ERRORS])
def test_newer_errors_become_value_errors(office: Server, code: str) -> None:
    """Custom functions cannot give them, and their text would be no error at all."""
    wrong = {"type": "Error", "errorType": "Value"}
    for given in ([[error(code)]], [[error(code), error(code)]]):
        [row] = office.ask("cell", "CEO_FEE", given, None, None)
        assert row == [wrong] * len(given[0])


def test_old_excel_gets_the_text(office: Server) -> None:
    assert office.ask("old_cell", "CEO_FEE", [[-1]], None, None) == [["#NUM!"]]


@pytest.mark.parametrize("blank", [None, [[None]], [[""]], [[{"type": "Empty"}]]])
def test_blank_takes_the_default(office: Server, blank: Any) -> None:
    assert office.ask("cell", "CLASSB_EXERCISE_PRICE", [[40]], blank, blank, blank) == [[33.75]]


def test_dates_are_serials(office: Server) -> None:
    [[found]] = office.ask("cell", "TRADING_DAY", [[37_144]], [[1]], None)
    assert found == 37_151.0
    assert type(found) is float


def test_failures_are_value_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_raw: object) -> object:
        raise RuntimeError

    function = officejs.udf(FUNCTIONS["CEO_FEE"])
    monkeypatch.setattr(officejs, "decode", broken)
    assert function(1.0) == "#VALUE!"
