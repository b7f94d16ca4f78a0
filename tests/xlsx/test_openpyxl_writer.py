"""Parts are those that openpyxl writes by itself, but for texts that look like escapes."""

from __future__ import annotations

import datetime
import io

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink

from xladdin.xlsx.canonical_xml import canonical
from xladdin.xlsx.openpyxl_writer import parts_of
from xladdin.xlsx.package import Package


def made(texts: list[str]) -> openpyxl.Workbook:
    """Make a workbook with cells of all kinds."""
    workbook = openpyxl.Workbook()
    first, second = workbook.active, workbook.create_sheet("A & B")
    for row, value in enumerate(
        [1, -0.1, 1e300, True, "#N/A", datetime.date(2001, 11, 1), datetime.time(9, 30), *texts], 1
    ):
        first.cell(row, 2, value)
        first.cell(row, 3, "=B1<2").font = Font(bold=True)
    first["D1"] = ""
    first["D2"].alignment = Alignment("left")
    first["D3"] = '="a&b"&"<""c"">"'
    first["E1"] = ArrayFormula("E1:E3", "=B1:B3*2&CHAR(38)")
    first["F1"] = "a link"
    first["F1"].hyperlink = Hyperlink("F1", location="'A & B'!A1")
    first.merge_cells("G1:H2")
    first.row_dimensions[3].height = 24.5
    first.row_dimensions[40].height = 12
    first.auto_filter.ref = "B1:C5"
    second["A1"].number_format = "0.00"
    second["A1"] = "=SUM('Sheet'!B1:B3)"
    return workbook


def test_parts_are_those_of_openpyxl() -> None:
    texts = ["two\nlines", " spaces ", "<&>\"'", "é–😀", "x" * 300]
    buffer = io.BytesIO()
    made(texts).save(buffer)
    expected, found = Package(buffer.getvalue()), parts_of(made(texts))
    assert set(found) == set(expected.names)
    for name, content in found.items():
        if name != "docProps/core.xml":  # it has the time
            wanted = expected.read(name)
            if name.endswith((".xml", ".rels")):
                content, wanted = canonical(content), canonical(wanted)
            assert content == wanted, name


def test_text_that_looks_like_an_escape_is_escaped() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "_x003D_1\r\n"
    part = parts_of(workbook)["xl/worksheets/sheet1.xml"]
    assert b">_x005F_x003D_1_x000D_\n</t>" in part


@pytest.mark.parametrize("number", [22_410_653 / 12, 0.1 + 0.2, 1 / 3, 1e16 + 2, 5e-324])
def test_every_digit_of_a_double_is_written(number: float) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = number
    part = parts_of(workbook)["xl/worksheets/sheet1.xml"].decode()
    assert float(part.partition("<v>")[2].partition("</v>")[0]) == number
