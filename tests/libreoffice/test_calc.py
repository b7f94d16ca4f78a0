"""The functions in LibreOffice Calc: what comes and goes, and every shared case in a real one."""

from __future__ import annotations

import datetime
import itertools
import math
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from draws import THOROUGH
from offices import needs_office
from routes import calc_route, worked_examples
from routes.calc_route import Calc, Profile
from routes.cases import CASES
from routes.route import literal, same, sample

from xladdin import calendars
from xladdin.cells import CellError
from xladdin.functions.registry import FUNCTIONS
from xladdin.libreoffice import extension, udfs

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))

in_calc = [
    needs_office,
    pytest.mark.skipif(sys.platform != "linux", reason="the tests' Calc is started as on Linux"),
]


# What comes and goes


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        (1.5, 1.5),
        ("text", "text"),
        ("", ""),
        (None, None),
        (True, 1.0),
        (7, 7.0),
        (((4.0,),), 4.0),
        ((("",),), ""),
        (object(), CellError("#VALUE!")),
    ],
)
def test_single_values(raw: Any, cell: Any) -> None:
    assert repr(udfs.decode(raw)) == repr(cell)


def test_blocks() -> None:
    numbers = ((1.0, 2.0), (3.0, 4.0))
    assert udfs.decode(numbers) is numbers
    assert udfs.decode(((1.0, ""), ("x", 2.0))) == [[1.0, None], ["x", 2.0]]


def test_optional_values() -> None:
    assert udfs.decode_optional("") == ""
    assert udfs.decode_optional((("",),)) is None
    assert udfs.decode_optional(None) is None
    assert udfs.decode_optional(0.0) == 0.0


@pytest.mark.parametrize(
    ("value", "given"), [(1.5, 1.5), ("x", "x"), (True, 1.0), (False, 0.0), (3, 3.0), (None, "")]
)
def test_results(value: Any, given: Any) -> None:
    assert repr(udfs.encode(value)) == repr(given)


@pytest.mark.parametrize(
    ("code", "number"),
    [*udfs.ERROR_NUMBERS.items(), ("Err:502", 502), ("#SPILL!", 519), ("Err:x", 519)],
)
def test_errors(code: str, number: int) -> None:
    [bits] = struct.unpack("<Q", struct.pack("<d", udfs.encode(CellError(code))))
    assert bits == 0x7FF8000000000000 | number


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_no_infinity_leaves(value: float) -> None:
    assert struct.pack("<d", udfs.encode(value)) == struct.pack("<d", udfs.error_value("#NUM!"))


@every_function
def test_a_fault_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    function = FUNCTIONS[name]
    monkeypatch.setattr(type(function), "evaluate", broken)
    arguments = len(function.arguments) + udfs.REPEATED * function.variadic
    found = udfs.entry(function)(*[None] * arguments)
    if udfs.gives_rows(function):
        [[found]] = found
    assert struct.pack("<d", found) == struct.pack("<d", udfs.error_value("#VALUE!"))


def test_zero_is_a_blank_only_where_it_may_not_be() -> None:
    capacity = udfs.entry(FUNCTIONS["CEO_CAPACITY"])
    assert capacity(((0.0,),), 0.0, 0.0) == capacity(((0.0,),), None, None) == ((25e6,),)
    [[found]] = udfs.entry(FUNCTIONS["NET_EXERCISE_SHARES"])(((1.0,),), ((0.0,),), ((1.0,),))
    assert math.isnan(found)  # a price that is required


@pytest.fixture
def followed() -> Iterator[None]:
    """Have calendars follow the library again, whatever a test did."""
    yield
    calendars.follow(calendars.library_closures)


@pytest.mark.usefixtures("followed")
def test_closures_that_came_along(tmp_path: Path) -> None:
    path = tmp_path / udfs.CLOSURES
    text = calendars.closures_listed()
    path.write_text(text, encoding="ascii")
    exchange = calendars.calendar("XNYS")
    theirs = [exchange.sessions(year) for year in (1971, 2001, 2026, 2100)]
    udfs.bring_closures(path)
    assert [exchange.sessions(year) for year in (1971, 2001, 2026, 2100)] == theirs
    # It is the file that is followed.
    path.write_text(f"{text.rstrip()} 2001-06-12\n", encoding="ascii")
    udfs.bring_closures(path)
    assert not exchange.is_session(datetime.date(2001, 6, 12))


@pytest.mark.usefixtures("followed")
def test_without_closures_the_library_is_asked(tmp_path: Path) -> None:
    calendars.follow(lambda *_: frozenset())
    udfs.bring_closures(tmp_path / udfs.CLOSURES)
    assert calendars.calendar("XNYS").is_session(datetime.date(2001, 9, 11))
    calendars.follow(calendars.library_closures)
    assert not calendars.calendar("XNYS").is_session(datetime.date(2001, 9, 11))


# In a real Calc


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    with calc_route.profile() as made:
        assert made.added == ""
        yield made
    assert not made.folder.exists()


@pytest.fixture(scope="module")
def answers(profile: Profile) -> dict[str, tuple[list[str], int]]:
    """Of each function, what is wrong with the results of its cases, and how many there are."""
    route = Calc(profile)
    given = [case for name in CASES for case in sample(route, name)]
    wrong: dict[str, list[str]] = {name: [] for name in CASES}
    for case, found in zip(given, route.run(given), strict=True):
        expected = route.expected(case)
        if not same(found, expected):
            wrong[case.name].append(f"{case.label}: {found} is not {expected}")
    counts = Counter(case.name for case in given)
    return {name: (wrong[name], counts[name]) for name in CASES}


class TestInCalc:
    pytestmark = in_calc

    @every_function
    def test_shared_cases(self, answers: dict[str, tuple[list[str], int]], name: str) -> None:
        wrong, given = answers[name]
        assert given >= len(CASES[name]) * (0.9 if THOROUGH else 0.1)
        assert not wrong, f"{len(wrong)} of {given}:\n" + "\n".join(wrong[:20])

    def test_worked_examples_of_deals_of_today(self, profile: Profile) -> None:
        route = Calc(profile)
        with worked_examples.installed(profile.folder / ".xladdin" / "deals"):
            found = route.run(worked_examples.CASES)
        for case, result in zip(worked_examples.CASES, found, strict=True):
            assert same(result, case.expected), (case.label, result)

    def test_what_the_wizard_shows(self, profile: Profile) -> None:
        known = profile.ask(describe=True)["functions"]
        for name, function in FUNCTIONS.items():
            described = known[name]
            assert described["Description"] == function.summary
            arguments = [
                [argument.name, argument.help, argument.optional] for argument in function.arguments
            ]
            if function.variadic:
                # The one that repeats is followed by "...", which the service leaves out.
                arguments += arguments[-1:] * (len(described["Arguments"]) - len(arguments))
            assert described["Arguments"] == arguments

    @every_function
    def test_examples(self, profile: Profile, name: str) -> None:
        # In the grammar of UNO, ";" parts arguments and columns, and "|" rows.
        example = FUNCTIONS[name].example.replace(";", "|").replace(",", ";")
        if name == "EXPLAIN":
            [[first]] = profile.ask(calls=[[example, 1, 1]])["values"]
            assert first == ["Step"]
            return
        full = example.replace(name, extension.calc_name(name), 1)
        short, long = (
            item[0][0] for item in profile.ask(calls=[[example, 1, 1], [full, 1, 1]])["values"]
        )
        assert short == long
        assert not isinstance(short, dict)

    def test_results_are_values_like_any_other(self, profile: Profile) -> None:
        formulas: dict[str, Any] = {
            "CEO_FEE(2000000)+1": 80001.0,
            "ROUND(CEO_FEE(1234567);-3)": 49000.0,
            "SUM(CEO_FEE(2000000);1)": 80001.0,
            'IF(CEO_FEE(2000000)>1;"y";"n")': "y",
            'CEO_FEE(2000000)&" USD"': "80000 USD",
            'IF(CLASSB_AVAILABLE(2);"y";"n")': "y",
            'IF(CLASSB_AVAILABLE(1.99);"y";"n")': "n",
            "NOT(CLASSB_AVAILABLE(2))": 0.0,
            "IFERROR(CEO_FEE(-1);-5)": -5.0,
            "ISNA(CEO_FEE(-1))": 0.0,
            "CEO_FEE(CEO_FEE(2000000))": 3200.0,
            'CEO_FEE(40;;"NEOT-2001/OTHER")': 1.6,
            "SUMPRODUCT(CEO_FEE({1000;2000|3000;4000}))": 400.0,
            "YEAR(TRADING_DAY(DATE(2001;9;10);1))": 2001.0,
            "DAY(TRADING_DAY(DATE(2001;9;10);1))": 17.0,
        }
        values = profile.ask(calls=[[f"={formula}", 1, 1] for formula in formulas])["values"]
        assert dict(zip(formulas, [rows[0][0] for rows in values], strict=True)) == formulas

    def test_errors_of_calc_itself(self, profile: Profile) -> None:
        cells = [[1.0, {"f": "=NA()"}, {"f": "=1/0"}]]
        formulas = {
            "CEO_FEE(Cells.B1)": 32767,  # an error goes past us
            "CEO_FEE(Cells.C1;Cells.B1)": 32767,  # and of two, the last
            "CEO_FEE(Cells.A1:B1)": 504,  # but not out of a range
            "SUM(CEO_FEE({1;2}*Cells.B1))": 32767,
            "CEO_FEE()": 504,
            "CEO_FEE(1;2;3;4)": 504,
            "CEO_FEE(;2)": 502,
        }
        values = profile.ask(
            sheets={"Cells": cells}, calls=[[f"={formula}", 1, 1] for formula in formulas]
        )["values"]
        found = [rows[0][0]["error"] for rows in values]
        assert dict(zip(formulas, found, strict=True)) == formulas

    def test_every_session(self, profile: Profile) -> None:
        """Calc's own Python has no calendar library, only the closures that came along."""
        serials = range(25_934, 73_415, 7)
        wanted = [FUNCTIONS["TRADING_DAY"].evaluate([float(day), 3.0]) for day in serials]
        rows = [[float(day)] for day in serials]
        [found] = profile.ask(
            sheets={"Days": rows}, calls=[[f"=TRADING_DAY(Days.A1:A{len(rows)};3)", len(rows), 1]]
        )["values"]
        assert list(itertools.chain.from_iterable(found)) == wanted


def test_constants() -> None:
    assert [literal(item) for item in (True, 'a"b', 1e300, CellError("#N/A"))] == [
        "TRUE",
        '"a""b"',
        "1E+300",
        "#N/A",
    ]
