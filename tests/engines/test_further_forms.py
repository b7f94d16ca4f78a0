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
    assert (values["A2"], values["A3"], values["A4"]) == (110.0, 115.0, 116.0)
    assert refused.keys() == {"A5", "A6", "A7"}


def test_sums_of_what_stands_above() -> None:
    # As inserted rows leave them alone, such sums are in many models.
    above: dict[str, object] = {f"A{row}": row for row in range(1, 10)}
    formulas: dict[str, object] = {
        f"B{row}": f"=SUM(A$1:OFFSET(A{row},-1,0))" for row in range(2, 10)
    }
    formulas |= {f"C{row}": f"=SUM(OFFSET(C{row},-1,-2,2,1))" for row in range(2, 10)}
    formulas |= {
        "A10": "=SUM(A1:OFFSET(A10,-1,0))",
        "E5": "=SUM(OFFSET(E5,-3,-4):A1)",
        "E6": "=SUM(A7:OFFSET(A12,-8,0))",
        "E7": "=AVERAGE(OFFSET(E7,-6,-4,3,1))",
        "E8": "=SUM(OFFSET(A1,OFFSET(E8,-7,-4),0,A2,1))",
    }
    values, refused = computed(above | formulas)
    assert refused == {}
    assert [values[f"B{row}"] for row in range(2, 10)] == [1, 3, 6, 10, 15, 21, 28, 36]
    assert [values[f"C{row}"] for row in range(2, 10)] == [row - 1 + row for row in range(2, 10)]
    assert [values[place] for place in ("A10", "E5", "E6", "E7", "E8")] == [45, 3, 22, 2, 5]


@pytest.mark.parametrize(
    ("formula", "kept"),
    [
        ("SUM(OFFSET(A1,0,0,1,{}))", 5),
        ("SUM(OFFSET(A1,0,0,1,M{}))", 5),
        ("SUM(OFFSET(A1:D1,0,M{}))", 1),
        ("SUM(OFFSET(K1,0,-M{},1,5))", 4),
        ("SUM(OFFSET(A1,0,M{},1,4))", 1),
        ("MAX(A2,SUM(OFFSET($A$1,,,1,1+M{}+OFFSET(A3,0,0))))", 4),
    ],
)
def test_circles_of_a_cell_that_offset_gives_to_itself(formula: str, kept: int) -> None:
    """The formula is in F1; cells of column M hold the numbers of their rows."""
    rows = {f"M{row}": row for row in range(1, 8)}
    for number, circular in ((kept, False), (kept + 1, True)):
        _, refused = computed({"A1": 1, **rows, "F1": "=" + formula.format(number)})
        assert refused == ({"F1": "it refers to itself"} if circular else {})


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
