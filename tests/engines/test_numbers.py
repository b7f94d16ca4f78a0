"""How numbers, blanks and limits are read: the same in Python and in every engine.

The cases are written down from the rules; what each engine gives is compared with them, and where
a function takes them as they are, the Python call is.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import openpyxl
import pytest
from offices import needs_office
from oracles import contract as oracle
from paths import DATA

import xladdin
from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.terms import store

NUM, VALUE, REF = CellError("#NUM!"), CellError("#VALUE!"), CellError("#REF!")

BIDS: Final = "{37200,0.8;37201,0.8;37202,0.8;37203,0.8;37204,0.8}"
EMPTY: Final = '{37200,4,"";37201,4.1,"";37202,4.2,"";37203,4,"";37204,3.9,""}'
OUTSIDE: Final = (
    '{"Prices","";"Date","Bid";37200,4;37201,4.1;"","";37202,4.2;37203,4;37204,3.9;'
    '37300,"none";37301,-1;37301,0}'
)
LONG: Final = 'INDEX(EXPLAIN("CEO_FEE",1,0,REPT("x",300)),2,1)'

CASES: Final[dict[str, Cell | Fraction]] = {
    # Whole units are counted from numbers as a sheet shows them.
    "CANTOR_WARRANTS(0.1*3*10)": 0.0,
    "CANTOR_WARRANTS(0.1*3*1000)": 30.0,
    f"DEBENTURE_CONVERSION_PRICE({BIDS},37207)": 0.96,
    f"DEBENTURE_SHARES(96000,DEBENTURE_CONVERSION_PRICE({BIDS},37207))": 100_000.0,
    "NET_EXERCISE_SHARES(400,8.6,CANTOR_EXERCISE_PRICE({1000;3000},{4;4.4}))": 140.0,
    "DEBENTURE_SHARES(33,1.1*3)": 10.0,
    "DEBENTURE_SHARES(0.3-0.1,0.1)": 2.0,
    "CEO_CAPACITY(0.1+0.2,0.1)": 249_999_997.0,
    "CEO_CAPACITY(0.3,0.1)": 249_999_997.0,
    "CLASSB_EXERCISE_PRICE(1.1*4.5454545454545)": Fraction("0.95") * Fraction("4.99999999999995"),
    "CLASSB_AVAILABLE(0.1*3*10-1)": True,
    # Limits are met, not passed, by less than $0.00001.
    "CEO_FEE(1600000*9.63,9592000)": Fraction(516_320),
    "CEO_FEE(24999999.7,0.1+0.2)": Fraction("899999.988"),
    "CEO_FEE(25000000.000009)": Fraction("900000.00000027"),
    "CEO_CAPACITY(25000000.000009)": 0.0,
    "CEO_CAPACITY(24999999.999991)": 0.0,
    "CEO_CAPACITY(25000000.000009,0.000001)": 0.0,
    "CEO_FEE(25000000.00001)": NUM,
    "CEO_NET(0.01,25000000)": NUM,
    "CEO_CAPACITY(25000000.01)": NUM,
    # Any deal: edges in cents, its own limit.
    'CEO_CAPACITY(7000000,,"ODD-CENTS")': 0.07,
    'CEO_CAPACITY(7000000.07,,"ODD-CENTS")': 0.0,
    'CEO_CAPACITY(7000000.08,,"ODD-CENTS")': NUM,
    'CEO_FEE(2345678.91,0,"ODD-CENTS")': (
        Fraction("123456.78") * Fraction("0.0525")
        + Fraction("2222222.13") * Fraction("0.012345678901234567")
    ),
    'NASDAQ20_HEADROOM(1000000,0,"ODD-CENTS")': 199_899.0,
    'NASDAQ20_HEADROOM(1000000,,"NEOT-2001")': 199_999.0,
    'NASDAQ20_HEADROOM(1000000,0,"AWKWARD")': REF,
    'DEBENTURE_SHARES(33,1.1*3,"ODD-CENTS")': 10.0,
    'DEBENTURE_SHARES(33,1.1*3,"NOPE")': REF,
    # Empty texts are blanks.
    f"DEBENTURE_CONVERSION_PRICE({EMPTY},37207)": 4.848,
    f"DEBENTURE_CONVERSION_PRICE({OUTSIDE},37207)": 4.848,
    f'DEBENTURE_CONVERSION_PRICE({EMPTY},37207,"","")': 4.848,
    'CEO_FEE("","")': 0.0,
    'CEO_FEE(100,,"")': 4.0,
    'CLASSB_EXERCISE_PRICE(40,"",25)': 38.8,
    'CLASSB_EXERCISE_PRICE("")': NUM,
    'CANTOR_WARRANTS("")': 0.0,
    'CANTOR_EXERCISE_PRICE({1000;"";3000},{4;"";4.4})': 5.59,
    'CANTOR_EXERCISE_PRICE({1000;3000},{4;""})': NUM,
    # A blank in a range does not change the unit.
    'INDEX(CEO_CAPACITY({1;2},{4;""}),1)': 6_249_999.0,
    'INDEX(CEO_CAPACITY({1;2},{4;""}),2)': NUM,
    # Errors in their order.
    'CANTOR_WARRANTS(1.5,"NOPE")': NUM,
    'CANTOR_EXERCISE_PRICE({1.5;2},{3;4},"NOPE")': NUM,
    'CANTOR_EXERCISE_PRICE({0;0},{3;4},"NOPE")': NUM,
    'CANTOR_EXERCISE_PRICE({1;2},{3;-4},"NOPE")': NUM,
    f'DEBENTURE_CONVERSION_PRICE({BIDS},37207,37206,"NOPE")': NUM,
    f'DEBENTURE_CONVERSION_PRICE({BIDS},"x",37206,"NOPE")': VALUE,
    'CEO_FEE(-1,"x","NOPE")': NUM,
    'CEO_FEE("x",-1,"NOPE")': VALUE,
    # An exercise price may be 0.
    "NET_EXERCISE_SHARES(100,4,0)": 100.0,
    "TREASURY_STOCK_SHARES(100,0,4)": 100.0,
    "NET_EXERCISE_SHARES(100,4,-1)": NUM,
    'NET_EXERCISE_SHARES(100,4,"")': NUM,
    # Messages.
    f"LEN({LONG})<=255": True,
    f"LEFT({LONG},45)": "CEO_FEE: terms must name a deal that is insta",
    f'INDEX(EXPLAIN("DEBENTURE_CONVERSION_PRICE",{BIDS},37207,37206),2,1)': (
        "DEBENTURE_CONVERSION_PRICE: conversion_date must not lie before the issue date, "
        "12 Nov 2001; got 11 Nov 2001 (#NUM!)"
    ),
    f'INDEX(EXPLAIN("DEBENTURE_CONVERSION_PRICE",{BIDS},37204),2,1)': (
        "DEBENTURE_CONVERSION_PRICE: quotes must hold a closing bid for each session of the "
        "window; got 2 Nov 2001 (#N/A)"
    ),
}
"""By formula, what its cell shows; a fraction is what it shows to within 4 units in the last place,
counted from the decimals that are typed."""


def same(found: Cell, wanted: Cell | Fraction) -> bool:
    if isinstance(wanted, Fraction):
        # The doubles in the formulas lie up to a unit beside their decimals.
        return isinstance(found, float) and oracle.ulps(found, wanted) <= 8
    if isinstance(wanted, bool) and found in (0.0, 1.0):
        return bool(found) == wanted  # LibreOffice has no logicals to give
    return type(found) is type(wanted) and found == wanted


@pytest.fixture(scope="module")
def deals() -> Iterator[None]:
    """The made-up deals, for all engines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.ENVIRONMENT, str(DATA))
        store.forget()
        for name in ("NEOT-2001", "AWKWARD", "ODD-CENTS"):
            store.select(name)  # the engine's processes have them then
        yield
    store.forget()


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize("formula", CASES)
def test_one_formula(formula: str) -> None:
    found = embedded.evaluate(f"={formula}").value
    assert not isinstance(found, list)
    assert same(found, CASES[formula]), found


@pytest.fixture(scope="module")
def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, formula in enumerate(CASES, 1):
        sheet.cell(row, 1, f"={formula}")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(embedded, id="embedded"),
        pytest.param(libreoffice, id="libreoffice", marks=needs_office),
    ],
)
def test_a_workbook(engine: Any, workbook: bytes) -> None:
    computed = engine.compute(workbook)
    wrong = {
        formula: found
        for row, (formula, wanted) in enumerate(CASES.items(), 1)
        if not same(found := computed.value("Sheet", row, 1), wanted)
    }
    assert not wrong


# The same in Python

WEEK: Final = [datetime.date(2001, 11, day) for day in (5, 6, 7, 8, 9)]
ISSUED: Final = datetime.date(2001, 11, 12)


@pytest.mark.usefixtures("deals")
def test_numbers_in_python() -> None:
    price = xladdin.debenture_conversion_price(dict.fromkeys(WEEK, 0.8), ISSUED)
    assert price == 0.96
    assert xladdin.debenture_shares(96_000, price) == 100_000
    exercise = xladdin.cantor_exercise_price([1000, 3000], [4, 4.4])
    assert xladdin.net_exercise_shares(400, 8.6, exercise) == 140
    assert oracle.ulps(xladdin.ceo_fee(1_600_000 * 9.63, 9_592_000), Fraction(516_320)) <= 4
    assert xladdin.debenture_shares(33, 1.1 * 3) == 10
    assert xladdin.ceo_capacity(0.1 + 0.2, 0.1) == 249_999_997
    assert xladdin.debenture_shares(0.3 - 0.1, 0.1) == 2
    assert xladdin.ceo_capacity(7_000_000, terms="ODD-CENTS") == 0.07
    assert xladdin.cantor_warrants(0.1 * 3 * 10) == 0
    assert xladdin.cantor_warrants(10**17 + 10) == 10**16 + 1  # Python's whole numbers are exact
    assert xladdin.nasdaq20_headroom(1_000_000, terms="ODD-CENTS") == 199_899


def test_blanks_in_python() -> None:
    bids = [4.0, 4.1, 4.2, 4.0, 3.9]
    rows = [[day, bid, ""] for day, bid in zip(WEEK, bids, strict=True)]
    assert xladdin.debenture_conversion_price(rows, ISSUED) == 4.848
    assert xladdin.ceo_fee(100, "", "") == 4.0  # type: ignore[arg-type]
    for prices, position in (([4, None], (1,)), ([4, ""], (1,)), ([None], (0,))):
        with pytest.raises(xladdin.InputError) as caught:
            xladdin.ceo_capacity([1, 2], prices)  # type: ignore[arg-type]
        error = caught.value
        assert (error.code, error.argument, error.position) == ("#NUM!", "price", position)
    assert xladdin.ceo_capacity([1, 2], None) == [24_999_999.0, 24_999_998.0]


def test_order_of_errors_in_python() -> None:
    for call in (
        lambda: xladdin.cantor_warrants(1.5, "NOPE"),
        lambda: xladdin.cantor_exercise_price([1.5, 2], [3, 4], "NOPE"),
    ):
        with pytest.raises(xladdin.InputError) as caught:
            call()
        assert (caught.value.code, caught.value.argument) == ("#NUM!", "shares")


def test_messages_in_python() -> None:
    quotes = {day: 4.0 for day in WEEK if day.day != 7}
    with pytest.raises(xladdin.InputError) as caught:
        xladdin.debenture_conversion_price(quotes, ISSUED)
    assert str(caught.value).endswith("got 7 Nov 2001 (#N/A)")
    _, [message, *_] = xladdin.explain("CEO_FEE", 1, 0, "x" * 300)
    assert len(message) <= 255
