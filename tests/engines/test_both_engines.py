"""Workbooks of which each engine computes a part, and engines that differ.

Expected values follow from sums of doubles from left to right, as Excel adds, and from its
documentation.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from offices import needs_office
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from paths import WORKBOOKS

from xladdin.cells import Cell, CellError
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify_one
from xladdin.engines.choice import compute
from xladdin.engines.result import Computed, RefusedError
from xladdin.xlsx.package import Package
from xladdin.xlsx.workbook_part import area_of

RESIDUE: Final = 0.1 + 0.2 - 0.3
OFFICES: Final = "=GCD(960,1440)"
"""What LibreOffice alone computes: 480."""

BOTH: Final = "embedded and libreoffice"

pytestmark = needs_office


def made(cells: dict[str, object]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "S"
    for name, value in cells.items():
        book.active[name] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def value(computed: Computed, cell: str) -> Cell:
    area = area_of(cell)
    return computed.value("S", area.first_row, area.first_column)


def refused(computed: Computed) -> dict[str, str]:
    return {item.cell: item.reason for item in computed.refusals}


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("formula", "excel"),
    [
        ('=IF(SUM(0.1,0.2,-0.3)=0,"none","left")', "left"),
        ("=SUM(0.1,0.2,-0.3)", RESIDUE),
        ("=SUM(A1:A3)", RESIDUE),
        ("=AVERAGE(A1:A3)", RESIDUE / 3),
        ("=(A1+A2+A3)*1", RESIDUE),
        ("=A1+A2+A3", 0.0),  # the last step is a sum, which Excel makes 0 there
        ('=IF(A1+A2+A3,"left","none")', "left"),
    ],
)
def test_what_is_left_of_a_sum_is_excels_whatever_stands_beside_it(
    formula: str, excel: Cell
) -> None:
    cells: dict[str, object] = {"A1": 0.1, "A2": 0.2, "A3": -0.3, "C1": formula}
    for beside in ({}, {"D1": OFFICES}):
        found = compute("auto", made(cells | beside))
        assert (refused(found), value(found, "C1")) == ({}, excel)
    alone = compute("libreoffice", made(cells))
    if isinstance(excel, float):
        # LibreOffice has none or another residue; the value that is proved is taken.
        assert (refused(alone), value(alone, "C1")) == ({}, excel)
    else:
        assert refused(alone)["C1"].startswith("LibreOffice gives ")
        assert alone.remedy.startswith("use --engine auto")


def test_running_totals_that_come_to_nothing() -> None:
    """What they decide is refused where LibreOffice decides otherwise."""
    steps = [0.1, 0.2, -0.3, 0.7, -0.7]
    cells: dict[str, object] = {f"A{row}": step for row, step in enumerate(steps, 1)}
    cells |= {f"B{row}": f"=SUM(A$1:A{row})" for row in range(1, 6)}
    cells |= {f"C{row}": f'=IF(B{row}=0,"zero","other")' for row in range(1, 6)}
    totals = [sum(steps[: row + 1]) for row in range(5)]
    found = compute("auto", made({**cells, "D1": OFFICES}))
    assert [value(found, f"B{row}") for row in range(1, 6)] == totals
    words = ["other" if total else "zero" for total in totals]
    assert [value(found, f"C{row}") for row in range(1, 6)] == words
    assert refused(compute("libreoffice", made(cells))).keys() == {"C3"}


def test_nothing_is_stored_where_libreoffice_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(made({"A1": "=IF(SUM(0.1,0.2,-0.3)=0,1,2)"}))
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=r"LibreOffice gives 1, and the embedded engine, .* 2"):
        recalc(path, in_place=True, engine="libreoffice")
    assert path.read_bytes() == before
    # Both beside each other show the difference themselves.
    assert [item.reason for item in verify_one(path, engine="libreoffice").refused]
    assert not verify_one(path, engine="all").refused


def test_libreoffice_is_given_what_the_embedded_engine_computes() -> None:
    """Turn by turn: A2, A5 and A7 are LibreOffice's, and depend on sums of the other engine."""
    cells: dict[str, object] = {
        "A1": "=SUM(0.1,0.2,-0.3)",
        "A2": "=GCD(ROUND(A1*1E18,0),112)",
        "A3": "=A2/A2/10",
        "A4": "=SUM(A3,0.2,-0.3)",
        "A5": "=GCD(ROUND(A4*1E18,0),112)",
        "A6": "=A5*2",
        "A7": "=GCD(A6,1000)",
    }
    found = compute("auto", made(cells))
    assert refused(found) == {}
    assert found.engine == BOTH
    expected = [RESIDUE, 56.0, 0.1, RESIDUE, 56.0, 112.0, 8.0]
    assert [value(found, f"A{row}") for row in range(1, 8)] == expected


def test_formulas_of_each_kind_take_part() -> None:
    cells: dict[str, object] = {
        "A1": 1.5,
        "A2": 2.5,
        "B1": OFFICES,
        "C1": ArrayFormula("C1:C2", "=A1:A2*2"),
        "C3": "=SUBTOTAL(9,C1:C2)",
        "C4": "=SUBTOTAL(9,C1:C3)",  # passes over the one before
        "C5": "=GCD(C4*60,1440)",
        "D1": ArrayFormula("D1", "=SUM(A1:A2*2)+B1"),
        "D2": '=IF(A1>1,"","x")&""',
        "D3": "=ISBLANK(D2)",
        "D4": "=GCD(D1,4)&D2",
        "D5": "=A1>1",
        "D6": "=1/0",
        "D7": "=IF(D5,GCD(12,18),D6)",
        "D8": "=IFERROR(GCD(12,18)/0,-1)",
        "D9": 'a "quoted" text\nof <two> lines',
        "D10": '=D9&"&"&GCD(4,6)',
        "D11": "=GCD(4,6)&D10",
        "D12": "=IF(D5,1,GCD(D9,2))",
    }
    found = compute("auto", made(cells))
    assert refused(found) == {}
    expected = {
        "C2": 5.0,
        "C4": 8.0,
        "C5": 480.0,
        "D1": 488.0,
        "D3": False,
        "D4": "4",
        "D7": 6.0,
        "D8": -1.0,
        "D11": '2a "quoted" text\nof <two> lines&2',
        "D12": 1.0,
    }
    assert {cell: value(found, cell) for cell in expected} == expected


def test_shared_formulas_keep_their_text() -> None:
    """B1:B3 share one formula, in which LibreOffice computes a call."""
    data = made({"A1": 2, "A2": 5, "A3": 4, "B1": "=A1+1", "C1": "=GCD(B2*3,6)"})
    package = Package(data)
    part = "xl/worksheets/sheet1.xml"
    sheet = package.read(part).decode()
    master = '<f t="shared" ref="B1:B3" si="0">A1*10+GCD(A1,2)</f>'
    follower = '<f t="shared" si="0"/>'
    sheet = sheet.replace("<f>A1+1</f>", master)
    for row in (2, 3):
        at = sheet.index("</c>", sheet.index(f'<c r="A{row}"')) + 4
        sheet = sheet[:at] + f'<c r="B{row}">{follower}</c>' + sheet[at:]
    found = compute("auto", package.with_changes({part: sheet.encode()}))
    assert [value(found, f"B{row}") for row in (1, 2, 3)] == [22.0, 51.0, 42.0]


def test_values_that_are_another_each_time_are_computed_once() -> None:
    cells: dict[str, object] = {
        "A1": "=NOW()",
        "A2": "=GCD(A1-A1+960,1440)",
        "A3": "=A1-A1+A2",
        "A4": "=RANDBETWEEN(1,1000000)",
        "A5": "=GCD(A4,0)",
        "A6": "=A5-A4",
        "A7": "=GCD(RANDBETWEEN(1,1000000),0)",
    }
    found = compute("auto", made(cells))
    assert refused(found).keys() == {"A7"}
    assert [value(found, f"A{row}") for row in (2, 3, 6)] == [480.0, 480.0, 0.0]


def test_a_refusal_names_the_reasons_of_both() -> None:
    found = compute("auto", made({"A1": "=GCD(2.5,5)", "A2": "=A1*2", "A3": OFFICES}))
    assert refused(found) == {
        "A1": "the embedded engine is not proved to compute GCD; LibreOffice is not proved where "
        "GCD is given a number that is not whole"
    }


def test_calls_stand_among_parts_that_the_embedded_engine_computes() -> None:
    """Sums, logicals and our functions are its own, whatever stands beside."""
    formulas: dict[str, Cell] = {
        'IF(SUM(A1:A3)=0,"none",GCD(4,6))': 2.0,
        "SUM(GCD(2,3)/10,A2,A3)": RESIDUE,
        "IF(GCD(2,3)*0.1+0.2-0.3=0,1,2)": 2.0,
        "GCD(2,3)*0.1+0.2-0.3": 0.0,
        "(1=1)&GCD(4,6)": "TRUE2",
        "CLASSB_AVAILABLE(4)&GCD(4,6)": "TRUE2",
        'IFERROR(GCD(CEO_CAPACITY(1000,0),1),"bad")': "bad",
        "GCD(CEO_FEE(1000000),50000)": 10_000.0,
        "GCD(INDEX(A:A,6),8)": 4.0,
        "GCD(Whole*2,Whole)": 6.0,
        "GCD(IF(A1>5,NA(),12),18)": 6.0,
        'IF(A1>5,GCD("x",2),"not asked")': "not asked",
        "GCD(GCD(12,18),GCD(4,6)*2)": 2.0,
    }
    book = openpyxl.Workbook()
    book.active.title = "S"
    for row, number in enumerate((0.1, 0.2, -0.3, 0, None, 12), 1):
        book.active.cell(row, 1).value = number
    for row, formula in enumerate(formulas, 1):
        book.active.cell(row, 5).value = f"={formula}"
    book.create_sheet("Parts")["A1"] = 6
    book.defined_names["Whole"] = DefinedName("Whole", attr_text="Parts!$A$1")
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute("auto", buffer.getvalue())
    values = {formula: found.value("S", row, 5) for row, formula in enumerate(formulas, 1)}
    assert (refused(found), values) == ({}, formulas)


@pytest.mark.sample(1)
@pytest.mark.parametrize("path", sorted(WORKBOOKS.glob("*.xlsx")), ids=lambda path: path.stem)
def test_our_own_workbooks_with_libreoffice_alone(path: Path) -> None:
    """Their differences of equal figures leave other residues there, which rounding explains."""
    found = compute("libreoffice", path.read_bytes(), path)
    assert not found.refusals
    embedded = compute("embedded", path.read_bytes(), path)
    assert found.values == embedded.values


def test_negative_numbers_that_are_rounded_to_0_have_no_sign() -> None:
    """As Excel stored them in IronCalc's xlsx/tests/calc_tests/TEXT/TEXT.xlsx."""
    texts = {
        'TEXT(-0.001,"0.00")': "0.00",
        'TEXT(-1/3,"0")': "0",
        'TEXT(-A1,"#,##0")': "0",
        'TEXT(-0.004,"0%")': "0%",
        'TEXT(-A1,"$#,##0_);($#,##0)")': "($0)",
        'TEXT(-0.006,"0.00")': "-0.01",
        'TEXT(0,"0%")': "0%",
    }
    cells: dict[str, object] = {f"B{row}": f"={one}" for row, one in enumerate(texts, 1)}
    found = compute("embedded", made({"A1": 0.25, **cells}))
    assert (refused(found), [value(found, cell) for cell in cells]) == ({}, [*texts.values()])


def test_switch_with_several_pairs() -> None:
    cells: dict[str, object] = {
        "A1": 2,
        "B1": '=_xlfn.SWITCH(A1,1,"a",2,"b","c")',
        "B2": '=_xlfn.SWITCH(A1,5,"a",6,"b",7,"x","c")',
        "B3": '=_xlfn.SWITCH("z","x",1,"y",2,"z",3)',
        "B4": '=_xlfn.SWITCH(A1,5,"a",6,"b",7,"x")',
    }
    found = compute("auto", made(cells))
    values = [value(found, f"B{row}") for row in range(1, 5)]
    assert (refused(found), values) == ({}, ["b", "c", 3.0, CellError("#N/A")])


def test_calls_with_tables_and_names() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for amount in ("Amount", 12, 18, 30):
        sheet.append([amount])
    sheet.add_table(Table(displayName="Log", ref="A1:A4"))
    book.defined_names["Flows"] = DefinedName("Flows", attr_text="S!$C$1:$C$3")
    book.defined_names["Factor"] = DefinedName("Factor", attr_text="4")
    for row, flow in enumerate((-100, 60, 60), 1):
        sheet.cell(row, 3).value = flow
    formulas = {
        "GCD(SUM(Log[Amount]),45)": 15.0,
        "GCD(INDEX(Log[Amount],2),Factor)": 2.0,
        "MIRR(Flows,0.1,0.1)": (60 * 1.1 + 60) ** 0.5 / 10 - 1,
        "FVSCHEDULE(1,A2:A3)": 13.0 * 19,
    }
    for row, formula in enumerate(formulas, 1):
        sheet.cell(row, 5).value = f"={formula}"
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute("auto", buffer.getvalue())
    values = {formula: found.value("S", row, 5) for row, formula in enumerate(formulas, 1)}
    assert refused(found) == {}
    mirr = "MIRR(Flows,0.1,0.1)"
    assert values == formulas | {mirr: pytest.approx(formulas[mirr], rel=1e-14)}
