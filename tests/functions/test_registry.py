"""Every function of the registry: its contract with wizards, and its values against an oracle."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import examples
import pytest
import strategies
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import contract as oracle
from paths import DATA, ROOT

from xladdin.cells import CellError, shown_block
from xladdin.errors import InputError
from xladdin.functions.arguments import TERMS, TERMS_ARGUMENT
from xladdin.functions.function import Function
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select

every_function = pytest.mark.parametrize("name", list(FUNCTIONS))

WIZARD: Final = 255
"""Excel's wizard cuts help texts off here."""

NO_ORACLE: Final[Mapping[str, str]] = {
    "DEAL_TERM": "looks figures up: terms/test_prospectus.py compares them with SPEC",
    "DEAL_SOURCE": "looks pages up: terms/test_prospectus.py compares them with SPEC",
    "EXPLAIN": "derives the others: core/test_derivation.py compares it with them",
    "DEAL_PRICE": "oracle_deals.price: core/test_prices.py, test_deals.py",
    "DEAL_FEE": "oracle_deals.fee: core/test_fees.py, test_deals.py",
    "ISSUE_HEADROOM": "oracle_deals.issue_headroom: core/test_limits.py, test_deals.py",
    "FLOAT_HEADROOM": "oracle_deals.float_headroom: core/test_limits.py, test_deals.py",
    "OWNERSHIP_HEADROOM": "oracle_deals.ownership_headroom: core/test_limits.py",
    "ANTIDILUTION_PRICE": "oracle_deals.antidilution_price: core/test_dilution.py",
    "OFFERING_DILUTION": "oracle_deals.offering_dilution: core/test_dilution.py",
    "SPLIT_ADJUSTED": "oracle_deals.split_adjusted: core/test_dilution.py, test_deals.py",
    "WEIGHTED_SHARES": "oracle_deals.weighted_shares: core/test_earnings.py",
    "DILUTED_EPS": "oracle_deals.diluted_eps: core/test_earnings.py",
    "WARRANT_VALUE": "oracle_deals.warrant_value: core/test_valuation.py",
    "MAKE_WHOLE": "oracle_deals.make_whole: core/test_valuation.py",
    "SETTLEMENT_DATE": "oracle_deals.settlement_date: functions/test_settlement.py",
    "XLADDIN_VERSION": "has nothing to compute",
}

SPECIFIED: Final = {
    "CEO_FEE": "CEO_FEE(gross, [prior], [terms])",
    "CEO_NET": "CEO_NET(gross, [prior], [terms])",
    "CEO_CAPACITY": "CEO_CAPACITY(sold, [price], [terms])",
    "CANTOR_WARRANTS": "CANTOR_WARRANTS(shares, [terms])",
    "CANTOR_EXERCISE_PRICE": "CANTOR_EXERCISE_PRICE(shares, prices, [terms])",
    "CLASSB_EXERCISE_PRICE": "CLASSB_EXERCISE_PRICE(closing_bid, [market_price], [split_ratio], "
    "[terms])",
    "CLASSB_AVAILABLE": "CLASSB_AVAILABLE(market_price, [terms])",
    "DEBENTURE_CONVERSION_PRICE": "DEBENTURE_CONVERSION_PRICE(quotes, issue_date, "
    "[conversion_date], [terms])",
    "DEBENTURE_SHARES": "DEBENTURE_SHARES(principal, price, [terms])",
    "TRADING_DAY": "TRADING_DAY(date, offset, [terms])",
    "NASDAQ20_HEADROOM": "NASDAQ20_HEADROOM(outstanding, [issued], [terms])",
    "DILUTION": "DILUTION(outstanding, new_shares)",
    "NET_EXERCISE_SHARES": "NET_EXERCISE_SHARES(warrants, market_price, exercise_price)",
    "TREASURY_STOCK_SHARES": "TREASURY_STOCK_SHARES(securities, exercise_price, average_price)",
    "DEAL_TERM": "DEAL_TERM(name, [terms])",
    "DEAL_SOURCE": "DEAL_SOURCE(name, [terms])",
    "EXPLAIN": "EXPLAIN(function, [arg], ...)",
    "DEAL_PRICE": "DEAL_PRICE(formula, quotes, [event_date], [issue_date], [terms])",
    "DEAL_FEE": "DEAL_FEE(amount, [prior], [rate], [schedule], [terms])",
    "SPLIT_ADJUSTED": "SPLIT_ADJUSTED(value, from_date, [to_date], [what], [terms])",
    "ANTIDILUTION_PRICE": "ANTIDILUTION_PRICE(price, outstanding, new_shares, new_price, [method])",
    "ISSUE_HEADROOM": "ISSUE_HEADROOM(cap, [issued], [average_price], [terms])",
    "FLOAT_HEADROOM": "FLOAT_HEADROOM(shares, price, sales, date, [offered], [terms])",
    "OWNERSHIP_HEADROOM": "OWNERSHIP_HEADROOM(outstanding, [held], [limit])",
    "WEIGHTED_SHARES": "WEIGHTED_SHARES(changes, start, end, [terms])",
    "DILUTED_EPS": "DILUTED_EPS(income, shares, securities)",
    "WARRANT_VALUE": "WARRANT_VALUE(price, exercise_price, years, volatility, rate, "
    "[dividend_yield])",
    "OFFERING_DILUTION": "OFFERING_DILUTION(offer_price, new_shares, book_value, outstanding, "
    "[costs])",
    "MAKE_WHOLE": "MAKE_WHOLE(grid, row, column)",
    "XLADDIN_VERSION": "XLADDIN_VERSION()",
}
"""Signatures as SPEC section 3 and DEALS section 2 have them."""

WHOLE_RANGES: Final = {
    "CANTOR_EXERCISE_PRICE",
    "DEBENTURE_CONVERSION_PRICE",
    "DEAL_TERM",
    "DEAL_SOURCE",
    "EXPLAIN",
    "XLADDIN_VERSION",
    "DEAL_PRICE",
    "FLOAT_HEADROOM",
    "WEIGHTED_SHARES",
    "DILUTED_EPS",
    "OFFERING_DILUTION",
}
"""Functions that SPEC does not mark as *each*."""


# What each function needs

NO_DERIVATION: Final[Mapping[str, str]] = {"EXPLAIN": "its rows are the explanation"}

NO_PLACE: Final[Mapping[str, str]] = {
    "ISSUE_HEADROOM": "equityline.xlsx of a deal with a cap, which CANOO-2022 has not",
    "ANTIDILUTION_PRICE": "no workbook shows a cheaper issue",
    "MAKE_WHOLE": "captable.xlsx of a deal with a table, which no shipped deal has",
}
"""Functions without a place in a workbook, and why."""

PAGE: Final = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
MODULE: Final = (ROOT / "xladdin" / "api.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def placed() -> set[str]:
    """The functions that the workbooks' formulas call."""
    formulas = []
    for path in sorted((ROOT / "workbooks").glob("*.xlsx")):
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if name.startswith("xl/worksheets/sheet"):
                    sheet = package.read(name).decode()
                    formulas += re.findall(r"<f\b[^>]*>([^<]*)</f>", sheet)
    return {name for formula in formulas for name in re.findall(r"\b([A-Z][A-Z0-9_]*)\(", formula)}


@every_function
def test_nothing_is_missing(name: str, placed: set[str]) -> None:
    function = FUNCTIONS[name]
    there = {
        "an example, with what it shows": bool(function.example and function.shows),
        "a derivation": (function.derivation is None) == (name in NO_DERIVATION),
        "a twin, or the reason why there is none": (function.twin is None)
        == bool(function.no_twin.strip()),
        "an oracle in tests/oracles/contract.py, or a reason in NO_ORACLE": (name in oracle.ORACLES)
        != (name in NO_ORACLE),
        "a place in a workbook, or a reason in NO_PLACE": (name in placed) != (name in NO_PLACE),
        "a section in docs/functions.md, by python -m tools.generate": f"\n## {name}\n" in PAGE,
        "a function in xladdin/api.py, by python -m tools.generate": f"\ndef {name.lower()}("
        in MODULE,
    }
    missing = [what for what, is_there in there.items() if not is_there]
    assert not missing, f"{name} lacks " + "; ".join(missing)


# The contract


def test_the_issues_functions_are_there() -> None:
    assert set(SPECIFIED) <= set(FUNCTIONS)
    with pytest.raises(TypeError):
        FUNCTIONS["NEW"] = FUNCTIONS["CEO_FEE"]  # type: ignore[index]


@pytest.mark.parametrize("name", list(SPECIFIED))
def test_signatures_are_specs(name: str) -> None:
    assert FUNCTIONS[name].signature == SPECIFIED[name]


@every_function
def test_names_and_texts(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.name == name
    # Neither a cell's address nor R1C1 notation, which Excel would read it as.
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", name)
    assert not re.fullmatch(r"[A-Z]{1,3}[0-9]+|R[0-9]*C[0-9]*", name)
    assert 0 < len(function.summary) <= WIZARD
    assert function.summary.endswith(".")
    assert function.result.strip()
    assert function.source.strip()
    # A page is one of a document, which other deals are not about.
    assert not re.match(r"cover|S-\d", function.source)
    for argument in function.arguments:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", argument.name)
        assert 0 < len(argument.help) <= WIZARD
        assert argument.help.endswith(".")
        assert argument.kind.name
        assert argument.kind.words
    names = [argument.name for argument in function.arguments]
    assert len(set(names)) == len(names)


@every_function
def test_order_of_arguments(name: str) -> None:
    function = FUNCTIONS[name]
    optional = [argument.optional for argument in function.arguments]
    assert optional == sorted(optional)
    for argument in function.arguments:
        if argument.kind is TERMS or argument.name == "terms":
            assert argument is TERMS_ARGUMENT is function.arguments[-1]
        if argument.optional:
            assert argument.default is not None or argument.default_words
            # Nothing stands in for a repeated argument that is not there.
            assert argument.default is None or not function.variadic
        else:
            assert argument.default is None
            assert not argument.default_words
    assert function.each == (name not in WHOLE_RANGES)


@every_function
def test_example_is_a_formula_that_works(name: str) -> None:
    function = FUNCTIONS[name]
    found = function.evaluate(examples.arguments_of(function))
    cells = [cell for row in found for cell in row] if isinstance(found, list) else [found]
    assert isinstance(found, list) == function.spills
    assert all(isinstance(cell, float | bool | str) for cell in cells), found
    assert shown_block(found) == function.shows


# Values


@pytest.mark.usefixtures("awkward")
@pytest.mark.parametrize("name", list(oracle.ORACLES))
@settings(max_examples=draws(200))
@given(data=st.data())
def test_values_are_exact(name: str, data: st.DataObject) -> None:
    function = FUNCTIONS[name]
    arguments = data.draw(strategies.ARGUMENTS[name])
    exact = oracle.ORACLES[name](*arguments)
    given = strategies.as_python(name, arguments)
    cell = function.evaluate([strategies.as_cells(argument) for argument in given])
    if isinstance(exact, str):
        with pytest.raises(InputError) as caught:
            function.call(given)
        assert caught.value.code == exact
        assert cell is CellError(exact)
        return
    found = function.call(given)
    if isinstance(exact, Fraction):
        assert type(found) is float
        assert found == 0 if exact == 0 else oracle.ulps(found, exact) <= 4
    else:
        assert type(found) is type(exact)
        assert found == exact
    # A cell shows what Python gets: dates as serials, counts as the nearest number.
    assert cell == strategies.as_cells(found)
    assert type(cell) is (bool if isinstance(exact, bool) else float)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        # As the issue shows them.
        ("CEO_FEE", [25e6], 900_000.0),
        ("CEO_FEE", [2e6, 9e6], 75_000.0),
        ("CEO_FEE", [8.4e6, 0.0, "NEOT-2001/OTHER"], 336_000.0),
        ("CEO_FEE", [25_000_000.01], CellError("#NUM!")),
        ("CANTOR_WARRANTS", [4840.0], 484.0),
        ("CLASSB_EXERCISE_PRICE", [4.99], 4.7405),
        ("CLASSB_EXERCISE_PRICE", [5.0], 4.85),
        ("CLASSB_EXERCISE_PRICE", [40.0], 33.75),
        ("CLASSB_EXERCISE_PRICE", [40.0, None, 25.0], 38.8),
        # And what SPEC and this house's readings say.
        ("DEBENTURE_SHARES", [404.0, 4.04], 100.0),
        ("CEO_FEE", [None], 0.0),
        ("CEO_CAPACITY", [None], 25e6),
        ("CEO_CAPACITY", [9e6, None, "NEOT-2001/OTHER"], CellError("#NUM!")),
        ("CEO_CAPACITY", [24_999_596.0, 4.04], 100.0),
        ("CLASSB_AVAILABLE", [1.99], False),
        ("CLASSB_AVAILABLE", [2.0], True),
        ("TRADING_DAY", [37144.0, 1.0], 37151.0),  # 10 and 17 September 2001
        ("TRADING_DAY", [37144.0], CellError("#VALUE!")),  # the offset is no option
        ("DEAL_TERM", ["class_b.cap_price"], 33.75),
        ("DEAL_TERM", [" class_b.cap_price "], 33.75),
        ("DEAL_TERM", ["agreement.capacity"], 25e6),
        ("DEAL_TERM", ["agreement.capacity", "NEOT-2001/OTHER"], 8.4e6),
        ("DEAL_TERM", ["agreement.dated"], 37054.0),  # 12 June 2001
        ("DEAL_TERM", ["agreement.title"], "Sales Agreement"),
        ("DEAL_TERM", ["class_b"], CellError("#REF!")),
        ("DEAL_SOURCE", ["class_b.cap_price"], "S-7"),
        ("DEAL_SOURCE", ["class_b.nonsense"], CellError("#REF!")),
    ],
)
def test_worked_examples(name: str, arguments: list[Any], value: Any) -> None:
    assert FUNCTIONS[name].evaluate(arguments) == (
        pytest.approx(value, rel=1e-15, abs=0) if isinstance(value, float) else value
    )


# A deal that is not the shipped one


def test_another_deal_needs_no_code(awkward: str) -> None:
    assert FUNCTIONS["CEO_FEE"].evaluate([333_333.25, None, awkward]) == pytest.approx(
        17_499.995625, rel=1e-15
    )
    assert FUNCTIONS["CEO_CAPACITY"].evaluate([None, None, "awkward/only"]) == 7_777_777.5
    assert FUNCTIONS["DEAL_TERM"].evaluate(["debentures.lookback_sessions", awkward]) == 7.0


PARTS: Final = {
    "CANTOR_WARRANTS": "warrants",
    "CANTOR_EXERCISE_PRICE": "warrants",
    "CLASSB_EXERCISE_PRICE": "Class B",
    "CLASSB_AVAILABLE": "Class B",
    "DEBENTURE_CONVERSION_PRICE": "debentures",
}
"""Functions that need a part which a deal may lack, and how the message names it."""


@pytest.mark.parametrize("name", list(PARTS))
def test_a_deal_that_lacks_the_part(name: str, folder: Path) -> None:
    text = (DATA / "AWKWARD.toml").read_text(encoding="utf-8")
    bare = text[: text.index("[agreements.ONLY.warrants]")].replace("AWKWARD", "BARE")
    (folder / "BARE.toml").write_text(bare, encoding="utf-8")
    assert select("BARE").terms.class_b is None
    function = FUNCTIONS[name]
    arguments = [*GIVEN[name], "BARE"]
    assert function.evaluate(arguments) is CellError("#REF!")
    with pytest.raises(InputError) as caught:
        function.call(arguments)
    assert caught.value.argument == "terms"
    assert PARTS[name] in caught.value.rule


GIVEN: Final[Mapping[str, list[Any]]] = {
    "CANTOR_WARRANTS": [10.0],
    "CANTOR_EXERCISE_PRICE": [10.0, 4.0],
    "CLASSB_EXERCISE_PRICE": [4.0, None, None],
    "CLASSB_AVAILABLE": [4.0],
    "DEBENTURE_CONVERSION_PRICE": [[[37000.0, 4.0], [37001.0, 4.0]], 37002.0, None],
}


def test_functions_are_frozen() -> None:
    function = FUNCTIONS["CEO_FEE"]
    with pytest.raises(AttributeError):
        function.summary = "other"  # type: ignore[misc]
    assert isinstance(function, Function)
