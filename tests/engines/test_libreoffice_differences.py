"""LibreOffice is what the table says, and such formulas are refused."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import openpyxl
import pytest
from absences import second_witness
from offices import needs_office
from proofs import books, witnesses

from xladdin.engines.choice import compute
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.engines.libreoffice.known_differences import (
    CRITERIA,
    EARLY,
    EMPTY,
    IRONCALC,
    LOGICALS,
    MINUS_ZERO,
    OTHER,
    SMALL_POWER,
    TABLE,
    TIMES,
    WITNESSES,
    WRITTEN,
)
from xladdin.engines.libreoffice.own_functions import ZERO
from xladdin.engines.text_lengths import TOO_LONG


def book(formulas: Sequence[str], **cells: object) -> bytes:
    made = openpyxl.Workbook()
    for name, value in {"A1": True, **cells}.items():
        made.active[name] = value
    for row, formula in enumerate(formulas, 1):
        made.active.cell(row, 5).value = f"={formula}"
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def test_each_difference_has_its_source() -> None:
    assert all(known.source.startswith((IRONCALC, WITNESSES, "http")) for known in TABLE)


def test_the_witnesses_give_what_the_table_says() -> None:
    second_witness()
    lines = [known for known in TABLE if known.source == WITNESSES]
    formulas = [re.sub(r"(?<!:)\bA(?=\d)", "D!A", known.example) for known in lines]
    constants: dict[tuple[int, int], books.Constant] = {(1, 1): True, (6, 1): "5", (7, 1): 5.0}
    found, refused = witnesses.engine(books.made(constants, formulas))
    assert len(refused) < len(lines)
    for row, (value, known) in enumerate(zip(found, lines, strict=True), 1):
        assert f"A{row}" in refused or value == known.excel
    assert witnesses.second(constants, formulas) == [known.excel for known in lines]


@needs_office
def test_libreoffice_differs_as_the_table_says() -> None:
    data = book([known.example for known in TABLE], A6="5", A7=5)
    values = libreoffice.compute(data).values["Sheet"]
    reasons = {item.cell: item.reason for item in compute("libreoffice", data).refusals}
    for row, known in enumerate(TABLE, 1):
        assert (values[row, 5], known.example) == (known.libreoffice, known.example)
        assert values[row, 5] != known.excel or type(values[row, 5]) is not type(known.excel)
        assert (reasons.get(f"E{row}"), known.example) == (known.reason, known.example)


@needs_office
def test_what_is_the_same_is_computed() -> None:
    """The values are Excel's."""
    expected: dict[str, object] = {
        "IF(A1,1,2)": 1.0,
        "AND(A1,A1)": True,
        "A1=TRUE": True,
        "A1": True,
        "COUNTA(A1:A2)": 1.0,
        "A1+1": 2.0,
        "IF(ISNUMBER(A1),IF(ISLOGICAL(A1),1,0),1)": 1.0,
        "_xlfn.ISFORMULA(E2)": True,
        "COUNTIF(A1:A2,TRUE)": 1.0,
        "IF(A3>1,1,2)": 1.0,
        "(1+A3)^(1/12)": 9.0 ** (1 / 12),
        "A4^2": 9.0,
        "2^A3": 256.0,
        "POWER(1+0.05,A3)": 1.05**8,
        "YEAR(A5)": 2001.0,
        "DATE(2001,A3,1)": 37104.0,
        "DATE(YEAR(A5),MONTH(A5)+1,1)": 37226.0,
        "VLOOKUP(8,A3:A4,1,FALSE)": 8.0,
        "SUM(A2:A4)": 5.0,
        'FIND("b","abc")': 2.0,
        'TEXT(0.05,"0%")': "5%",
        'TEXT(A3/3,"0.0%")': "266.7%",
        "FIXED(1234.567,2)": "1,234.57",
        'TEXT(A5,"d mmm")': "7 Nov",
        'COUNTIF(A3:A5,">0")': 2.0,
        'A3&" x"': "8 x",
        'IF(A3>1,A4)&""': "-3",
        "MOD(A3,3)": 2.0,
        "MROUND(A3,5)": 10.0,
        "RANK(A3,A3:A5)": 2.0,
        "EDATE(A5,1)": 37232.0,
        "TIME(A3,30,0)": 8.5 / 24,
        "_xlfn.DAYS(A5,A5-1)": 1.0,
        "1.05^-A3": 1.05**-8,
        "LARGE(A3:A5,2)": 8.0,
    }
    found = compute("libreoffice", book(list(expected), A3=8, A4=-3, A5=37202))
    assert found.refusals == ()
    values = [found.values["Sheet"][row, 5] for row in range(1, len(expected) + 1)]
    for value, (formula, right) in zip(values, expected.items(), strict=True):
        wanted = pytest.approx(right, rel=1e-12) if type(right) is float else right
        assert value == wanted, formula


@needs_office
@pytest.mark.parametrize(
    ("formula", "name"),
    [
        ('IF(A1,CELL("filename"),0)', "CELL"),
        ('INFO("osversion")', "INFO"),
        ('GETPIVOTDATA("Sales",$A$3)', "GETPIVOTDATA"),
        ('DDE("soffice","book","A1")', "DDE"),
        ("_xlfn.ORG.LIBREOFFICE.RAWSUBTRACT(5,1)", "ORG.LIBREOFFICE.RAWSUBTRACT"),
        ("DATE(10000,1,1)", "a date after 9999"),
        ("SMALL(A1:A3,2)", "SMALL of a place that there is not"),
    ],
)
def test_what_it_answers_for_itself(formula: str, name: str) -> None:
    found = compute("libreoffice", book([formula]))
    assert [(item.cell, item.reason) for item in found.refusals] == [
        ("E1", f"LibreOffice computes {name} otherwise than Excel")
    ]


@needs_office
@pytest.mark.parametrize("formula", ['1E+20&""', 'LEN("\U0001f600")', "LEFT(1/3000000,3)"])
def test_what_is_written_otherwise_is_refused(formula: str) -> None:
    found = compute("libreoffice", book([formula]))
    assert [item.reason for item in found.refusals] == [WRITTEN]


@pytest.mark.sample(8)
@needs_office
@pytest.mark.parametrize("engine", ["embedded", "libreoffice"])
@pytest.mark.parametrize(
    ("formula", "refused"),
    [
        ('LEN(A1&"y")', True),
        ('LEN(A2&"y")', False),
        ('LEN(REPT("x",40000))', True),
        ('LEFT(SUBSTITUTE(A2," ",REPT(" ",100)),5)', False),
        ('LEFT(SUBSTITUTE(A1," ",REPT(" ",100)),5)', True),
        ('LEN(INDIRECT("A1")&"y")', True),
        ('LEN(INDIRECT("A2")&"y")', False),
        ('LEN(CHOOSE(1,A1,2)&"y")', True),
        ('LEN(T(INDIRECT("A1"))&"y")', True),
    ],
)
def test_texts_that_are_too_long_on_their_way(engine: str, formula: str, refused: bool) -> None:
    found = compute(engine, book([formula], A1="x" * 32_767, A2="y z"), "text.xlsx")
    without = compute(engine, book([formula], A1="x", A2="y z"), "text.xlsx")
    if "A1" in formula or "REPT" in formula:
        assert bool(found.refusals)
    assert bool(without.refusals) == (refused and "A1" not in formula)


@needs_office
@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        ("COUNTIF(A1:A20000,5)", {"A15000": "5"}),
        ("COUNTIF(A1:A3,-5)", {"A2": "-5"}),
        ("COUNTIF(A1:A3,1000)", {"A2": "$1,000"}),
        ("COUNTIF(A1:A3,0.5)", {"A2": "50%"}),
        ('COUNTIF(A1:A20000,"*"&"")', {"A15000": 5}),
        ("COUNTIF(A1:A3,A4)", {"A2": 5, "A4": "*"}),
        ("COUNTIF(A1:A3,DATE(2024,1,2))", {"A2": "2024-01-02"}),
        ("SUMIF(A1:A3,A4,B1:B3)", {"A2": "5", "A4": 5, "B2": 1}),
    ],
)
def test_criteria_that_are_met_otherwise(formula: str, cells: dict[str, str | float]) -> None:
    found = compute("libreoffice", book([formula], **{"A1": "k", **cells}))
    assert [item.reason for item in found.refusals] == [CRITERIA]


@needs_office
@pytest.mark.parametrize(
    ("formula", "cells", "value"),
    [
        ("COUNTIF(A1:A20000,5)", {"A15000": 5}, 1.0),
        ('COUNTIF(A1:A20000,"*"&"")', {"A15000": "x"}, 2.0),
        ('COUNTIF(A1:A3,">="&DATE(2024,1,2))', {"A2": 45_293}, 1.0),
        (
            "SUMIF(A1:A3,A4,B1:B3)",
            {"A2": "2024-01-02", "A4": "2024-01-02", "B2": "x", "B1": "y"},
            0.0,
        ),
    ],
)
def test_other_criteria(formula: str, cells: dict[str, str | float], value: float) -> None:
    found = compute("libreoffice", book([formula], **{"A1": "k", **cells}))
    assert (found.refusals, found.value("Sheet", 1, 5)) == ((), value)


@needs_office
@pytest.mark.parametrize(
    "formula",
    [
        "WORKDAY(0,-5)",
        "WORKDAY(A2,3)",
        "WORKDAY(B9,3)",
        "WORKDAY.INTL(A2+0,2)",
        "NETWORKDAYS(A2,45000)",
        'IF(A2="","",NETWORKDAYS(A2,45000))',
        "EDATE(100,-3)",
        "WORKDAY(100,-60)",
    ],
)
def test_working_days_that_begin_or_end_before_march_1900(formula: str) -> None:
    found = compute("libreoffice", book([formula], A2=30))
    assert [item.reason for item in found.refusals] == [EARLY]


@needs_office
def test_working_days_of_rows_that_wait_for_input() -> None:
    formulas = ['IF(B9="","",WORKDAY(B9,3))', 'IF(B9="","",WORKDAY(B9+1,3))', "WORKDAY(45000,-20)"]
    found = compute("libreoffice", book(formulas))
    values = [found.value("Sheet", row, 5) for row in (1, 2, 3)]
    assert (found.refusals, values) == ((), ["", "", 44_972.0])


@needs_office
@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("RATE(7,0,91.99)", OTHER.format("RATE of payments that are all of one sign")),
        ("RATE(31,A9,154)", OTHER.format("RATE of payments that are all of one sign")),
        ('REPT("abc",123456.789)', TOO_LONG),
        ("WEEKNUM(44559.0604)", OTHER.format("WEEKNUM of the last days of a year")),
        ('SEARCH(RIGHT("a*",1),A9)', EMPTY),
        ("4^NPV(0.1156,-719.493)/1^0*1000^-250", SMALL_POWER),
        ("INT(A4)", OTHER.format("INT of a number that is whole but for its last digit")),
        ('"x"&SUM(A5:A6)', WRITTEN),
    ],
)
def test_what_has_no_answer_or_another(formula: str, reason: str) -> None:
    found = compute("libreoffice", book([formula], A4=0.9999999999999999, A5=-528.072, A6=1 / 3))
    assert [item.reason for item in found.refusals] == [reason]


@needs_office
def test_such_functions_with_usual_arguments() -> None:
    formulas = [
        'REPT("=",20)',
        "WEEKNUM(44555)",
        'SEARCH("b*","abc")',
        "ROUND(RATE(10,-150,1000),6)",
    ]
    found = compute("libreoffice", book(formulas))
    values = [found.value("Sheet", row, 5) for row in (1, 2, 3, 4)]
    assert (found.refusals, values) == ((), ["=" * 20, 52.0, 2.0, 0.081442])


@needs_office
@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ('YEAR("1")', EARLY),
        ('DAY("59")', EARLY),
        ("DAY(TRUE)", EARLY),
        ("DAY(1=1)", EARLY),
        ("DAY(A9)", EARLY),
        ('DATEVALUE("1/15/1900")', EARLY),
        ("DATEVALUE(A8)", EARLY),
        ('TEXT("45","yyyy-mm-dd")', EARLY),
        ('TEXT(A9,"$d mmm")', EARLY),
        ("EDATE(TRUE,1)", EARLY),
        ("YEAR(GCD(1,1))", EARLY),
        ('TEXT(GCD(45,45),"yyyy-mm-dd")', EARLY),
        ('TEXT(-0.001,"$0.00")', MINUS_ZERO),
        ("DOLLAR(-0.001)", MINUS_ZERO),
        ('TEXT(A9/86400+1/3/86400,"h:mm:ss")', TIMES),
        ('TEXT(0.999999,"h:mm")', TIMES),
        ('TEXT(-0.5,"h:mm")', EARLY),
        ("EDATE(45000,TRUE)", LOGICALS),
        ("QUOTIENT(TRUE,1)", LOGICALS),
        ("GCD(TRUE,2)", LOGICALS),
        ("ISODD(1=1)", LOGICALS),
        (
            "FLOOR(0.1*3,0.1)",
            OTHER.format("FLOOR of a number that is a multiple but for its last digits"),
        ),
        (
            "INT(0.9999999999999999)",
            OTHER.format("INT of a number that is whole but for its last digit"),
        ),
        (
            "ROUND(-555.8,0.9999999999999999)",
            OTHER.format("ROUND of a number that is whole but for its last digit"),
        ),
        (
            "TRUNC(1.1*1.1/1.21*3)",
            OTHER.format("TRUNC of a number that is whole but for its last digit"),
        ),
    ],
)
def test_texts_logicals_and_last_digits(formula: str, reason: str) -> None:
    """Each by a rule, with no other engine beside it that shows the difference."""
    data = book([formula], A8="1/15/1900", A9="45")
    found = compute("libreoffice", data, beside_others=True)
    assert [item.reason for item in found.refusals] == [reason]


@needs_office
def test_usual_texts_and_numbers_are_computed() -> None:
    expected: dict[str, object] = {
        "INT(37852300.01)": 37_852_300.0,
        "CEILING(37852300.01,1)": 37_852_301.0,
        "FLOOR(7.5,2)": 6.0,
        'YEAR("2024-03-05")': 2024.0,
        'DATEVALUE("2024-03-05")': 45_356.0,
        'TEXT("45000","yyyy-mm-dd")': "2023-03-15",
        'VALUE("0.123456789012345")': 0.123456789012345,
        "GCD(4,6)": 2.0,
        "ROUND(0.9999999999999999,2)": 1.0,
        "YEAR(COUPNCD(DATE(2011,1,25),DATE(2011,11,15),2,1))": 2011.0,
        'TEXT(TODAY()+30,"$yyyy")>"$2000"': True,
        'TEXT(1.5,"[h]:mm")': "36:00",
        'TEXT(0.75,"h:mm AM/PM")': "6:00 PM",
        'TEXT(13.5/24+40/86400,"hh:mm")': "13:30",
        'TEXT(-0.001,"$0.00;($0.00)")': "($0.00)",
        'TEXT(-0.006,"$0.00")': "-$0.01",
    }
    formulas = list(expected)
    found = compute("libreoffice", book(formulas), beside_others=True)
    values = {formula: found.value("Sheet", row, 5) for row, formula in enumerate(formulas, 1)}
    assert found.refusals == ()
    assert values == expected


@needs_office
@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("CEO_CAPACITY(1000,0)", ZERO),
        ("CEO_CAPACITY(1000,A8)", ZERO),
        ("CEO_CAPACITY(1000,A8*2)", ZERO),
        ("CEO_CAPACITY(1000,GCD(0,0))", ZERO),
        ("OWNERSHIP_HEADROOM(1000000,0,0)", ZERO),
        ("CLASSB_EXERCISE_PRICE(4,0)", ZERO),
        ("CLASSB_EXERCISE_PRICE(4,4,0)", ZERO),
        ('INDEX(EXPLAIN("CEO_CAPACITY",1000,0),2,1)', ZERO),
        ("CEO_FEE(TRUE)", LOGICALS),
        ("CEO_FEE(A1)", LOGICALS),
        ("CEO_FEE(1=1)", LOGICALS),
        ("CEO_FEE(GCD(1,1)=1)", LOGICALS),
        ("CEO_FEE(IF(A9=2,A1,5))", LOGICALS),
        ("CEO_FEE(1000,A9>5)", LOGICALS),
    ],
)
def test_zeros_and_logicals_among_arguments_of_ours(formula: str, reason: str) -> None:
    found = compute("libreoffice", book([formula], A8=0, A9=2), beside_others=True)
    assert {item.reason for item in found.refusals} == {reason}


@needs_office
def test_usual_arguments_of_ours() -> None:
    expected: dict[str, object] = {
        "CEO_CAPACITY(1000)": 24_999_000.0,
        "CEO_CAPACITY(1000,)": 24_999_000.0,
        "CEO_CAPACITY(1000,A9)": 12_499_500.0,
        "CEO_CAPACITY(1000,B9)": 24_999_000.0,
        'CEO_CAPACITY(1000,IF(A9=2,"",0))': 24_999_000.0,
        "CEO_FEE(1000000,0)": 40_000.0,
        "CEO_FEE(GCD(1000000,0))": 40_000.0,
        "CEO_FEE(A8,A8)": 0.0,
        "CEO_FEE(IF(A9=2,1000000,5))": 40_000.0,
    }
    found = compute("libreoffice", book(list(expected), A8=0, A9=2), beside_others=True)
    values = {formula: found.value("Sheet", row, 5) for row, formula in enumerate(expected, 1)}
    assert (found.refusals, values) == ((), expected)
