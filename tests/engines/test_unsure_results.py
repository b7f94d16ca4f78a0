"""What Excel makes of a formula is not known, and no value is stored; and beside it, where it is.

Sources: https://support.microsoft.com/en-us/office/match-function-e8dffd45-c762-47d6-bf89-533f4a37673a
and the pages of XMATCH, COUNTIF and PERCENTRANK.INC there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import openpyxl
import pytest
from engines.excel_cases import NONE, NOT_CONFIRMED, Case, differences, same
from offices import needs_office

from xladdin.cells import CellError
from xladdin.engines.embedded.compute import compute
from xladdin.engines.libreoffice import compute as libreoffice

LOGICALS: Final = {"A1": 0, "A2": 1, "A3": True, "A4": 2, "B1": True, "B2": 1}
DESCENDING: Final = {"A1": 9, "A2": 7, "A3": 5, "A4": 5, "A5": 3, "B1": 5, "B2": 7}
DIGITS: Final = {
    "A1": "１２",
    "A2": "٢",
    "A3": "१",
    "A4": "x",
    "A5": "２０２４-０１-０１",
    **{f"B{row}": 10 * row for row in range(1, 6)},
}
TENTHS: Final = {f"A{row}": row - 1 for row in range(1, 12)}
CRITERIA: Final = {"C1": "<5", "C2": 5, "C3": 6, "E1": 1.25, "E2": 2.25, "E3": 1, "E4": 0}

CASES: Final[dict[str, tuple[Mapping[str, object], list[Case]]]] = {
    "a logical is no number to a search from the end": (
        LOGICALS,
        [
            Case("_xlfn.XMATCH(TRUE,A1:A2,0,-1)", CellError("#N/A"), NONE),
            Case("_xlfn.XMATCH(B1,A1:A2,0,-1)", CellError("#N/A"), NONE),
            Case("_xlfn.XMATCH(B2=1,A1:A2,0,-1)", CellError("#N/A"), NONE),
            Case('_xlfn.XLOOKUP(FALSE,A1:A2,A1:A2,"none",0,-1)', "none", NONE),
            Case("_xlfn.XMATCH(TRUE,A1:A4,0,1)", 3.0, NOT_CONFIRMED),
            Case("_xlfn.XMATCH(B2,A1:A4,0,-1)", 2.0, NOT_CONFIRMED),
            Case('_xlfn.XLOOKUP(2,A1:A4,A1:A4,"none",0,-1)', 2.0, NOT_CONFIRMED),
        ],
    ),
    "which of two equal numbers is found among descending ones": (
        DESCENDING,
        [
            Case("MATCH(5,A1:A5,-1)", 3.0, NONE),
            Case("MATCH(4,A1:A5,-1)", 3.0, NONE),
            Case("MATCH(B1,A1:A5,-1)", 3.0, NONE),
            Case("MATCH(B1-1,A1:A5,-1)", 3.0, NONE),
            Case("MATCH(6,A1:A5,-1)", 2.0),
            Case("MATCH(B2,A1:A5,-1)", 2.0),
            Case("MATCH(3,A1:A5,-1)", 5.0),
            Case("MATCH(10,A1:A5,-1)", CellError("#N/A")),
        ],
    ),
    "digits beyond those of ASCII": (
        DIGITS,
        [
            *(Case(f"A{row}+0", CellError("#VALUE!"), NONE) for row in (1, 2, 3, 5)),
            *(Case(f"VALUE(A{row})", CellError("#VALUE!"), NONE) for row in (1, 2, 3, 5)),
            *(Case(f'TEXT(A{row},"0")', "12", NONE) for row in (1, 2, 3)),
            Case("DATEVALUE(A5)", CellError("#VALUE!"), NONE),
            Case("INT(A1)", CellError("#VALUE!"), NONE),
            Case("MOD(A1,5)", CellError("#VALUE!"), NONE),
            Case("A1^2", CellError("#VALUE!"), NONE),
            Case("SUMPRODUCT(A1:B1*1)", CellError("#VALUE!"), NONE),
            Case("SUMPRODUCT(ROUND(A1:B1,0))", CellError("#VALUE!"), NONE),
            Case("COUNTIF(A1:A5,A1)", 1.0, NONE),
            Case('COUNTIF(A1:A5,"１２")', 1.0, NONE),
            Case("COUNTIF(A1:A5,12)", 0.0, NONE),
            Case('COUNTIFS(A1:A5,"１２")', 1.0, NONE),
            Case('SUMIF(A1:A5,"１２",B1:B5)', 10.0, NONE),
            Case("SUMIFS(B1:B5,A1:A5,A2)", 20.0, NONE),
            Case("AVERAGEIF(A1:A5,A2,B1:B5)", 20.0, NONE),
            Case("COUNTIF(B1:B5,10)", 1.0),
            Case("LEN(A1)", 2.0),
        ],
    ),
    "ranks cut off where the last digits decide": (
        TENTHS,
        [
            Case("_xlfn.PERCENTRANK.INC(A1:A11,0.7)", 0.07, NONE),
            Case("_xlfn.PERCENTRANK.EXC(A1:A11,1.4,2)", 0.2, NONE),
            Case("_xlfn.PERCENTRANK.INC(A1:A11,7)", 0.7, NOT_CONFIRMED),
            Case("_xlfn.PERCENTRANK.INC(A1:A11,0.75)", 0.075, NOT_CONFIRMED),
            Case("_xlfn.PERCENTRANK.INC(A1:A11,11)", CellError("#N/A"), NOT_CONFIRMED),
            Case("_xlfn.PERCENTRANK.EXC(A1:A11,3)", 0.333, NOT_CONFIRMED),
        ],
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_no_value_where_it_is_not_known(what: str) -> None:
    cells, cases = CASES[what]
    assert differences("embedded", cells, cases, []) == []


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ('SUMPRODUCT(COUNTIF(C2:C3,"<"&C2:C3))', "more than a text"),
        ("SUMPRODUCT(COUNTIF(C1:C3,C1:C3))", "more than a text"),
        ("SUMPRODUCT(ROUND(E1:E2,{0,1}))", "in another place as well"),
        ("SUMPRODUCT(ROUND(E1:E2,E3:E4))", "in another place as well"),
        ("SUMPRODUCT(MOD(7,E1:E2))", "in another place as well"),
    ],
)
def test_reasons_are_said_in_words(formula: str, reason: str) -> None:
    book = openpyxl.Workbook()
    for place, value in CRITERIA.items():
        book.active[place] = value
    book.active["K1"] = f"={formula}"
    buffer = io.BytesIO()
    book.save(buffer)
    assert reason in compute(buffer.getvalue()).refusals[0].reason


@needs_office
def test_libreoffice_gives_an_error_that_is_none_once_it_is_looked_at() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Loan"
    sheet["B1"], sheet["B2"], sheet["B3"] = 250000, 0.0475, 1615.56
    sheet["B4"] = "=SUM(E11:E160)"
    for row in range(11, 161):
        sheet[f"A{row}"] = 1 if row == 11 else f"=A{row - 1}+1"
        sheet[f"C{row}"] = "=B1" if row == 11 else f"=H{row - 1}"
        sheet[f"D{row}"] = f"=MIN($B$3,C{row}+E{row})"
        sheet[f"E{row}"] = f"=ROUND(C{row}*$B$2/12,2)"
        sheet[f"F{row}"] = f"=D{row}-E{row}"
        sheet[f"G{row}"] = f"=IF(MOD(A{row},12)=0,100,0)"
        sheet[f"H{row}"] = f"=MAX(0,ROUND(C{row}-F{row}-G{row},2))"
    buffer = io.BytesIO()
    book.save(buffer)
    ours, theirs = compute(buffer.getvalue()), libreoffice.compute(buffer.getvalue())
    refused = {refusal.cell for refusal in theirs.refusals}
    assert all("LibreOffice gives an error" in one.reason for one in theirs.refusals)
    for (row, column), value in theirs.values["Loan"].items():
        if f"{'ABCDEFGH'[column - 1]}{row}" not in refused:
            assert same(value, ours.value("Loan", row, column))
