"""The functions as Python callers see them: values, errors, signatures, documentation, types."""

from __future__ import annotations

import ast
import copy
import dataclasses
import datetime
import doctest
import inspect
import pickle
import subprocess
import sys
import typing
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pytest
from absences import installed
from calls import BIDS, ISSUE
from python_functions import called, refused

import xladdin
from tools import python_api
from tools.reference import errors
from xladdin import api
from xladdin.functions import python_calls
from xladdin.functions.arguments import AMOUNT, TEXT, Argument
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS

DAY = datetime.date(2001, 9, 10)

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))


# Single values


def test_values_of_every_type() -> None:
    assert xladdin.ceo_fee(2e6, prior=9e6) == 75000.0
    assert xladdin.ceo_fee(2_000_000, 9_000_000) == 75000.0
    assert xladdin.ceo_fee(Decimal(2_000_000), Fraction(9_000_000)) == 75000.0
    assert called("CEO_FEE")(np.float64(2e6), prior=np.int64(9_000_000)) == 75000.0
    assert called("CEO_FEE")(np.array(2e6), prior=np.float32(9e6)) == 75000.0
    assert xladdin.ceo_fee(8.4e6, terms="NEOT-2001/OTHER") == 336000.0
    assert xladdin.ceo_fee(2e6, None, None) == 80000.0


def test_results_have_python_types() -> None:
    assert type(xladdin.ceo_fee(2_000_000)) is float
    assert type(xladdin.cantor_warrants(4840.0)) is int
    assert xladdin.cantor_warrants(4840.0) == 484
    assert xladdin.classb_available(2) is True
    assert xladdin.trading_day(DAY, 1) == datetime.date(2001, 9, 17)
    assert type(xladdin.trading_day(datetime.datetime(2001, 9, 10, 16), 1)) is datetime.date
    assert called("TRADING_DAY")(np.datetime64("2001-09-10"), 1) == datetime.date(2001, 9, 17)
    assert xladdin.trading_day(37144.0, 1) == datetime.date(2001, 9, 17)
    assert xladdin.deal_source("class_b.cap_price") == "S-7"
    assert xladdin.xladdin_version() == xladdin.__version__


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("2000000", "#VALUE!"),
        (True, "#VALUE!"),
        (np.True_, "#VALUE!"),
        (b"2", "#VALUE!"),
        (object(), "#VALUE!"),
        ({1.0, 2.0}, "#VALUE!"),
        ((number for number in [1.0]), "#VALUE!"),
        (-1, "#NUM!"),
        (float("nan"), "#NUM!"),
        (10**400, "#NUM!"),
        (Decimal("Infinity"), "#NUM!"),
    ],
)
def test_wrong_values(wrong: object, code: str) -> None:
    error = refused("CEO_FEE", wrong)
    assert isinstance(error, ValueError)
    assert (error.code, error.argument, error.function) == (code, "gross", "CEO_FEE")
    assert error.value is wrong or error.value == wrong
    assert error.position == ()
    assert "gross" in str(error)


def test_no_time_is_no_blank() -> None:
    pandas = installed("pandas")
    for nothing in (np.datetime64("NaT"), pandas.NaT):
        assert refused("TRADING_DAY", nothing, 1).code == "#NUM!"
        assert refused("TRADING_DAY", [DAY, nothing], 1).position == (1,)
        # Were it a blank, this would be the initial price.
        assert refused("DEBENTURE_CONVERSION_PRICE", BIDS, ISSUE, nothing).code == "#NUM!"


# Being a Python function


@every_function
def test_signature(name: str) -> None:
    function, made = FUNCTIONS[name], called(name)
    assert made.__name__ == made.__qualname__ == name.lower()
    assert made.__module__ == "xladdin.api"
    parameters = inspect.signature(made).parameters
    named = [argument.name for argument in function.arguments]
    assert list(parameters) == [*named, *(["errors"] if function.each else [])]
    if function.each:
        assert parameters["errors"].default == "raise"
        assert parameters["errors"].kind is inspect.Parameter.KEYWORD_ONLY
    for argument in function.arguments:
        # An argument that repeats has no default: it is there as often as it is given.
        repeats = function.variadic and argument is function.arguments[-1]
        default = None if argument.optional and not repeats else inspect.Parameter.empty
        assert parameters[argument.name].default is default
        assert (parameters[argument.name].kind is inspect.Parameter.VAR_POSITIONAL) == repeats


@every_function
def test_documentation(name: str) -> None:
    function = FUNCTIONS[name]
    text = inspect.getdoc(called(name))
    assert text is not None
    assert text.startswith(function.summary)
    squeezed = " ".join(text.split())
    assert all(f"{item.name}: {item.help}" in squeezed for item in function.arguments)
    assert all(
        not item.kind.unit or item.kind.ranged or item.kind.unit in squeezed
        for item in function.arguments
    )
    assert f"Returns: {function.result[0].upper()}{function.result[1:]}." in squeezed
    assert not function.arguments or all(f"{code} " in squeezed for code, _ in errors(function))
    assert f"Source: {function.source[0].upper()}{function.source[1:]}." in squeezed
    assert all(len(line) <= 100 for line in text.splitlines())


@every_function
def test_wrong_calls_are_type_errors(name: str) -> None:
    function = FUNCTIONS[name]
    too_many = [1.0] * (function.max_args + 1)
    if function.variadic:  # Python takes any number; a worksheet does not
        assert refused(name, *too_many).code == "#VALUE!"
    else:
        with pytest.raises(TypeError, match=rf"{name.lower()}\(\) takes"):
            called(name)(*too_many)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        called(name)(nonsense=1)
    if function.min_args:
        with pytest.raises(TypeError, match="missing"):
            called(name)()


def test_functions_travel() -> None:
    assert pickle.loads(pickle.dumps(xladdin.ceo_fee)) is xladdin.ceo_fee
    assert copy.deepcopy(xladdin.ceo_fee) is xladdin.ceo_fee
    error = pickle.loads(pickle.dumps(refused("CEO_FEE", [1.0, -1.0])))
    assert (error.code, error.argument, error.position) == ("#NUM!", "gross", (1,))


def made(**changes: Any) -> Function:
    def implementation(label: str, amount: float) -> str:
        return f"{label}: {amount}"

    fields: dict[str, Any] = {
        "name": "TOTAL",
        "summary": "Total of amounts.",
        "arguments": (Argument("label", TEXT, "A label."), Argument("amount", AMOUNT, "Amounts.")),
        "result": "USD",
        "source": "",
        "implementation": implementation,
        "each": False,
        "example": '=TOTAL("sum",4)',
        "shows": "",
    }
    return Function(**{**fields, **changes})


def test_an_argument_that_repeats() -> None:
    assert list(inspect.signature(xladdin.explain).parameters) == ["function", "arg"]
    assert python_calls.call(made(variadic=True), ("sum", 4)) == "sum: 4.0"


# The generated module


def test_the_module_is_plain_source() -> None:
    assert inspect.getsourcefile(xladdin.ceo_fee) == api.__file__
    assert inspect.getsource(xladdin.ceo_fee).count("def ceo_fee(") == 1
    assert not list(Path(xladdin.__file__).parent.rglob("*.pyi"))
    assert set(api.__all__) == {name.lower() for name in FUNCTIONS}


@every_function
def test_examples_run(name: str) -> None:
    (found,) = doctest.DocTestFinder(recurse=False).find(called(name), name, globs={})
    assert found.examples[-1].want
    assert f"xladdin.{name.lower()}(" in "".join(example.source for example in found.examples)
    assert doctest.DocTestRunner().run(found).failed == 0


def test_a_new_function_is_written() -> None:
    text = python_api.module({"TOTAL": made()})
    assert "def total(label: str, amount: Number) -> str:" in text
    assert ">>> xladdin.total(\"sum\", 4)\n        'sum: 4.0'\n" in text
    assert "errors" not in text.partition("def total")[2]
    compile(text, "api.py", "exec")


@pytest.mark.parametrize("name", ["class", "a b", "1st", "a=__import__('os')"])
def test_names_are_checked_before_they_are_written(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name"):
        python_api.module({"TOTAL": made(arguments=(Argument(name, AMOUNT, ""),))})


def test_types_must_be_known() -> None:
    unheard_of = dataclasses.replace(AMOUNT, name="unheard of")
    with pytest.raises(ValueError, match="TOTAL: no type is known"):
        python_api.module({"TOTAL": made(arguments=(Argument("a", unheard_of, ""),))})
    with pytest.raises(ValueError, match="TOTAL: its implementation must be annotated"):
        python_api.module({"TOTAL": made(implementation=lambda _label, _amount: "")})


# Types, which mypy checks here


def test_single_values_have_exact_types() -> None:
    assert_type(xladdin.ceo_fee(2e6, prior=Decimal(1)), float)
    assert_type(xladdin.ceo_fee(2e6, errors="coerce"), float)
    assert_type(xladdin.cantor_warrants(4840), int)
    assert_type(xladdin.cantor_warrants(4840, errors="coerce"), int | float)
    assert_type(xladdin.classb_available(2), bool)
    assert_type(xladdin.trading_day(DAY, 1), datetime.date)
    assert_type(xladdin.deal_source("class_b.cap_price"), str)
    assert_type(xladdin.explain("CEO_FEE", 2e6), list[list[Any]])
    assert_type(xladdin.__version__, str)


@every_function
def test_annotations_are_there_at_run_time(name: str) -> None:
    hints = typing.get_type_hints(called(name))
    assert {*inspect.signature(called(name)).parameters, "return"} == set(hints)


# The package


def test_package_lists_its_names() -> None:
    names = dir(xladdin)
    assert {name.lower() for name in FUNCTIONS} < set(names)
    assert {"InputError", "load_terms", "build", "recalc", "__version__"} < set(names)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = xladdin.nonsense  # type: ignore[attr-defined]


def test_type_checkers_see_every_name() -> None:
    """What is found when first used is imported by name where type checkers look."""
    tree = ast.parse(Path(xladdin.__file__).read_text(encoding="utf-8"))
    seen = {
        alias.asname: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == alias.asname
    }
    assert seen == vars(xladdin)["_HOMES"]


@every_function
def test_no_function_hides_a_module(name: str) -> None:
    modules = {path.stem for path in Path(xladdin.__file__).parent.iterdir()}
    assert name.lower() not in modules
    assert not vars(xladdin)["_HOMES"].keys() & modules


def test_import_loads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import xladdin; "
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before})); "
        "print(*[name for name in sys.modules if name.startswith('xladdin')]); "
        "from xladdin import cells; "
        "print('xladdin.functions.registry' in sys.modules); "
        "import xladdin.functions.registry; xladdin.ceo_fee(1); "
        "print(*{'numpy', 'holidays', 'xlwings', 'openpyxl', 'click'} & set(sys.modules))"
    )
    root = Path(xladdin.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    roots, own, registry, heavy = done.stdout.splitlines()
    assert set(roots.split()) <= {"importlib", "warnings", "xladdin"}
    assert own == "xladdin"
    assert registry == "False"
    assert heavy == ""
