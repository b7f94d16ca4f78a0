"""Forms of ordinary formulas that say the same as others, and reasons that name what is wrong.

Microsoft's pages on OFFSET, SWITCH, XLOOKUP, WEEKNUM and INDIRECT say what each means; what the
cells come to is counted by hand.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Final

import openpyxl
import pytest
from engines.excel_cases import ENGINES, NONE, NOT_CONFIRMED, Case, differences

from xladdin.cells import Cell, CellError
from xladdin.engines.choice import compute

CELLS: Final = {
    **{
        f"A{row}": text
        for row, text in enumerate(("kind", "apple", "banana", "apricot", "cherry"), 1)
    },
    **{f"B{row}": row for row in range(1, 8)},
    "C1": 45444,  # Saturday, 1 June 2024
    "C2": 5,
}

FORMS: Final = (
    Case("SUM(OFFSET(B1,COUNT(B:B)-1,0,-3,1))", 18.0, NOT_CONFIRMED),
    Case("SUM(OFFSET(B5,0,0,-3))", 12.0, NOT_CONFIRMED),
    Case("SUM(OFFSET(B5,,,-3,-2))", 12.0, NOT_CONFIRMED),
    Case("SUM(OFFSET(B5,-2,,-3))", 6.0, NOT_CONFIRMED),
    Case("SUM(OFFSET(B2,0,0,-3))", CellError("#REF!"), NOT_CONFIRMED),
    Case('SUM(INDIRECT("B2:B3",TRUE))', 5.0),
    Case('INDIRECT("B"&C2,1)', 5.0),
    Case('INDIRECT("R2C2",FALSE)', 2.0, NONE),
    Case("WEEKNUM(C1,21)", 22.0),
    Case('_xlfn.SWITCH(TRUE,C2>6,"a",C2>4,"b","c")', "b"),
    Case('_xlfn.SWITCH(TRUE,AND(C2>6,C1>1),"a",ISBLANK(C9),"b")', "b"),
    Case('_xlfn.SWITCH(TRUE,C2>9,"a")', CellError("#N/A")),
    Case('_xlfn.SWITCH(TRUE,C2,"a","b")', "b", NONE),
    Case('_xlfn.XLOOKUP("ap*",A1:A5,B1:B5,"no",2)', 2.0, NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("*rr*",A1:A5,B1:B5,,2)', 5.0, NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("z*",A1:A5,B1:B5,"no",2)', "no", NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("APR????",A1:A5,B1:B5,"no",2,1)', 4.0, NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("ap*",A1:A5,B1:B5,"no",2,-1)', 4.0, NONE),
    Case('_xlfn.XLOOKUP("*"&A3&"*",A1:A5,B1:B5,"no",2)', 3.0, NOT_CONFIRMED),
    Case('_xlfn.XLOOKUP("",A1:A6,B1:B6,"no",2)', 6.0, NONE),  # which finds a blank cell
    Case("_xlfn.XLOOKUP(A9,A1:A6,B1:B6,,2)", 6.0, NONE),
    Case('_xlfn.XLOOKUP(A9&"",A1:A6,B1:B6,,2)', 6.0, NONE),
)


@pytest.mark.parametrize("engine", ENGINES)
def test_forms(engine: str) -> None:
    assert differences(engine, CELLS, FORMS, ()) == []


def computed(formulas: Mapping[str, object]) -> tuple[dict[str, Cell], dict[str, str]]:
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for place, formula in formulas.items():
        book.active[place] = formula
    for name in ("Jan", "Feb", "Mar"):
        book.create_sheet(name)["A1"] = 1
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute("embedded", buffer.getvalue())
    values = {place: found.value("Data", int(place[1:]), ord(place[0]) - 64) for place in formulas}
    return values, {one.cell: one.reason for one in found.refusals}


def test_a_balance_that_runs_on_from_the_cell_above() -> None:
    # OFFSET of a formula's own cell asks where that is, and not what it holds.
    values, refused = computed(
        {
            "A1": 100,
            "A2": "=OFFSET(A2,-1,0)+10",
            "A3": "=SUM(OFFSET(A3,-1,0),10)-5",
            "A4": "=OFFSET($A$4,-1,,)+1",
            "A5": "=OFFSET(A5,0,0)+1",
            "A6": "=OFFSET(A6,-A1,0)",
            "A7": "=OFFSET(B7,0,-1)+1",
        }
    )
    assert (values["A2"], values["A3"]) == (110.0, 115.0)
    assert refused.keys() == {"A4", "A5", "A6", "A7"}


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("COUNTIF(Jan:Mar!A1,1)", "a range over several sheets, Jan:Mar"),
        ("LARGE('Jan:Mar'!A1:A2,1)", "a range over several sheets, 'Jan:Mar'"),
        ("RANK(1,Jan:Mar!A1)", "a range over several sheets"),
        ("SUBTOTAL(9,Jan:Mar!A1)", "a range over several sheets"),
        ("_xlfn.CONCAT(Jan:Mar!A1)", "a range over several sheets"),
        ("INDEX(Jan:Mar!A1,1)", "a range over several sheets"),
        ("Jan:Mar!A1+1", "a range over several sheets"),
        ("COUNT(INDEX(B:B,9))", "COUNT is given what may be an error"),
    ],
)
def test_reasons(formula: str, reason: str) -> None:
    _, refused = computed({"A1": f"={formula}"})
    assert reason in refused["A1"]
    values, refused = computed({"A1": "=SUM(Jan:Mar!A1)", "A2": "=AVERAGEA(Jan:Mar!A1)"})
    assert (values, refused) == ({"A1": 3.0, "A2": 1.0}, {})
