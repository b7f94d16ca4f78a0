"""Ranges that go on behind the last cell of a sheet, and what stands beside them in formulas.

INDEX gives a blank cell of a column for 0 wherever that is, as Microsoft documents #REF! for cells
outside the range alone; criteria that blank cells meet are met by those behind the last one, too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from xladdin.cells import Cell, CellError
from xladdin.engines.embedded.compute import compute
from xladdin.engines.letters import meets

SHEETS: Final[Mapping[str, Mapping[str, object]]] = {
    "Keys": {
        **{f"A{row}": f"k{row}" for row in range(1, 7)},
        **{f"B{row}": row * 10 for row in range(1, 5)},
    },
    "Status": {"A1": "Status", "A2": "paid", "A4": "paid"},
    "Invoices": {f"A{row}": 100 for row in range(2, 8)},
    "Data": {
        "A1": "x",
        "A3": "y",
        "A4": "x",
        **{f"B{row}": 10 ** (row - 1) for row in range(1, 6)},
    },
    "Other": {f"B{row}": row for row in range(1, 9)},
    "Empty": {},
    "Wide": {"A1": "x", "C1": "x"},
    "Sums": {f"{letter}1": number for number, letter in enumerate("ABCDEF", 1)},
    "Quoted": {
        "A1": '"Alpha"',
        "A2": "Alpha",
        "A3": '"Beta"',
        "A4": "x",
        "A5": "Beta",
        **{f"B{row}": 10 ** (row - 1) for row in range(1, 6)},
    },
    "Near": {"A1": 1, "A2": 1.0000000000001, "A3": -3.6e-16, "A4": 2},
    "Texts": {"A1": "apple", "A2": "mango", "A3": "zebra", "A4": "zoo"},
    "Signs": {
        "A1": "15\u200b",
        "A2": "15",
        "A3": "2024\u201325",
        "A4": "2024-25",
        "A5": "2023-24",
        "B1": "15\u200b",
        "B2": "q",
        "C1": "2024-25",
        "C2": "2023-24",
    },
}

COMPUTED: Final[Mapping[str, Cell]] = {
    'INDEX(Keys!B:B,MATCH("k5",Keys!A:A,0))': 0.0,
    "INDEX(Keys!$B:$B,6)": 0.0,
    'IFERROR(INDEX(Keys!B:B,5),"missing")': 0.0,
    'IF(INDEX(Keys!B:B,5)="",1,2)': 1.0,
    "INDEX(Keys!B:B,5)=0": True,
    "INDEX((Keys!B:B),6)": 0.0,
    "INDEX(Keys!A:B,9,2)": 0.0,
    "INDEX(Keys!1:1,9)": 0.0,
    "INDEX(Keys!B:B,2)": 20.0,
    "INDEX(Keys!B:B,1048576)": 0.0,
    "INDEX(Keys!B:B,1048577)": CellError("#REF!"),
    "ISBLANK(INDEX(Keys!B:B,9))": True,
    'HLOOKUP("k1",Keys!A:B,9,FALSE)': 0.0,
    'HLOOKUP("k1",Keys!A:B,3,FALSE)': "k3",
    'VLOOKUP("k1",Keys!1:6,9,FALSE)': 0.0,
    'SUMIF(Status!A2:A7,"<>paid",Invoices!A2:A7)': 400.0,
    'SUMIF(Status!A2:A7,"<>paid",Invoices!A2)': 400.0,
    'SUMIF(Statuses,"<>paid",Amounts)': 400.0,
    'SUMIF(Status!A2:A7,"paid",Invoices!A2:A7)': 200.0,
    'SUMIF(Data!A:A,"",Other!B:B)': 28.0,
    'SUMIF(Data!A1:A8,"<>x",Other!B1:B8)': 31.0,
    'SUMIF(Data!A1:A8,"<>"&Data!A1,Other!B1:B8)': 31.0,
    "SUMIF(Data!A1:A8,Data!A1,Other!B1:B8)": 5.0,
    'AVERAGEIF(Data!A1:A8,"<>x",Other!B1:B8)': 31 / 6,
    'SUMIF(Data!B1:B8,"<>1",Other!B1:B8)': 35.0,
    'SUMIF(Empty!A1:A8,"",Other!B1:B8)': 36.0,
    'SUMIF(Data!A2:A8,"<>x",Data!B1:B7)': 11011.0,
    'SUMIF(Data!A2:A1048576,"",Data!B:B)': 11001.0,
    'SUM(SUMIF(Data!A1:A8,{"","x"},Other!B1:B8))': 33.0,
    'SUMIF(Wide!A1:F1,"<>x",Sums!A1:F1)': 17.0,
    '_xlfn.TEXTJOIN(",",FALSE,Data!A1:A4)': "x,,y,x",
    '_xlfn.TEXTJOIN(",",TRUE,Data!A1:A9)': "x,y,x",
    '_xlfn.TEXTJOIN("-",FALSE,"q",Data!A3:A4,"r")': "q-y-x-r",
    "COUNTIF(Quoted!A1:A5,Quoted!A2)": 1.0,
    '_xlfn.SWITCH(Near!A1,1,"one","other")': "one",
    '_xlfn.SWITCH(Near!A4,1,"one",3,"three","other")': "other",
    "DELTA(Near!A1,1)": 1.0,
    "DELTA(Near!A1,Near!A4)": 0.0,
    'MATCH(REPT("z",255),Texts!A1:A4)': 4.0,
    'LOOKUP(REPT("z",3),Texts!A1:A4)': "zoo",
    'MATCH("2024-25",Signs!C1:C2,0)': 1.0,
    "Signs!A4=Signs!C1": True,
    "Signs!A4=Signs!C2": False,
    'COUNTIF(Signs!C1:C2,"202?-25")': 1.0,
    "CUMIPMT(0.005,360,200000,1,12,0)": -11933.18917911262,
}
"""By formula: Excel's value."""

REFUSED: Final[tuple[str, ...]] = (
    '_xlfn.TEXTJOIN(",",FALSE,Data!A1:A6)',
    "SUMIF(Quoted!A1:A5,Quoted!A1,Quoted!B1:B5)",
    "COUNTIF(Quoted!A1:A5,Quoted!A1)",
    'COUNTIF(Quoted!A1:A5,"""Alpha""")',
    'SUMIFS(Quoted!B1:B5,Quoted!A1:A5,"<>"&Quoted!A1)',
    'COUNTIFS(Quoted!A:A,"<>""""")',
    "COUNTIF(Quoted!A1:A5,CHAR(34)&Quoted!A4&CHAR(34))",
    '_xlfn.SWITCH(Near!A2,Near!A1,"same","other")',
    '_xlfn.SWITCH(Near!A1,Near!A2,"same","other")',
    '_xlfn.SWITCH(Near!A3,0,"ok","off")',
    "DELTA(Near!A1,Near!A2)",
    'MATCH(REPT("z",1),Texts!A1:A4)',
    'MATCH(REPT("z",256),Texts!A1:A4)',
    'LOOKUP(REPT("z",2),Texts!A1:A4)',
    "MATCH(Signs!A2,Signs!B1:B2,0)",
    'MATCH("15",Signs!B1:B2,0)',
    "Signs!A1=Signs!A2",
    'Signs!A3="2024-25"',
    "SUMPRODUCT(--(Signs!A3:A4=Signs!C1))",
    "CUMPRINC(0.1,360,1234.56,300,334,0)",
    "PPMT(0.1,360,360,100000,0,1)",
)
"""Formulas of which the engine would have another value, or one that is not known."""


@pytest.fixture(scope="module")
def found() -> Mapping[str, Cell | str]:
    """By formula: its value, or why it is refused."""
    book = openpyxl.Workbook()
    sheet = book.active
    for name, cells in SHEETS.items():
        filled = book.create_sheet(name)
        for place, value in cells.items():
            filled[place] = value
    book.defined_names["Statuses"] = DefinedName("Statuses", attr_text="Status!$A$2:$A$7")
    book.defined_names["Amounts"] = DefinedName("Amounts", attr_text="Invoices!$A$2:$A$7")
    formulas = (*COMPUTED, *REFUSED)
    for row, formula in enumerate(formulas, 1):
        sheet.cell(row, 1, f"={formula}")
    buffer = io.BytesIO()
    book.save(buffer)
    computed = compute(buffer.getvalue())
    reasons = {item.cell: item.reason for item in computed.refusals}
    return {
        formula: reasons.get(f"A{row}") or computed.value(sheet.title, row, 1)
        for row, formula in enumerate(formulas, 1)
    } | {"refused": " ".join(reasons)}


@pytest.mark.parametrize("formula", COMPUTED)
def test_behind_the_last_cell_there_are_blank_cells(
    found: Mapping[str, Cell | str], formula: str
) -> None:
    value, expected = found[formula], COMPUTED[formula]
    if isinstance(expected, float):
        assert type(value) is float
        assert value == pytest.approx(expected, rel=1e-12, abs=0)
    else:
        assert value == expected


@pytest.mark.parametrize("formula", REFUSED)
def test_what_is_not_known_is_refused(found: Mapping[str, Cell | str], formula: str) -> None:
    row = len(COMPUTED) + REFUSED.index(formula) + 1
    assert f"A{row}" in str(found["refused"]).split(), found[formula]


def test_many_wildcards_take_no_time() -> None:
    # By backtracking, each of these would take days.
    assert meets("é" + "a" * 5_000, "*a*a*a*a*a*a*b") is False
    assert meets("é" + "a" * 5_000 + "b", "*a*a*a*a*a*a*b") is True
