"""References to the same cells of several sheets."""

from __future__ import annotations

import io

import openpyxl
import pytest

from xladdin.cells import Cell
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded.compute import compute
from xladdin.engines.partial import where_of
from xladdin.formulas.sheet_spans import apart
from xladdin.xlsx.workbook_part import Workbook

SHEETS = ("Jan", "Feb x", "Mar")


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("SUM(Jan:Mar!A1)", "SUM('Jan'!A1,'Feb x'!A1,'Mar'!A1)"),
        ("SUM('Jan:Feb x'!$A$1:B2,1)", "SUM('Jan'!$A$1:B2,'Feb x'!$A$1:B2,1)"),
        ("MAX(1,Mar:Jan!A1)", "MAX(1,'Jan'!A1,'Feb x'!A1,'Mar'!A1)"),
        ("1+IF(A1,AVERAGE(Mar:Mar!A1),0)", "1+IF(A1,AVERAGE('Mar'!A1),0)"),
        ("SUM(Jan:Mar!A1+1)", "SUM(Jan:Mar!A1+1)"),
        ("SUM(Jan:Apr!A1)", "SUM(Jan:Apr!A1)"),
        ("LARGE(Jan:Mar!A1,1)", "LARGE(Jan:Mar!A1,1)"),
        ("SUM(Jan:Mar!A1,A1:A3 A2:B2)", "SUM(Jan:Mar!A1,A1:A3 A2:B2)"),
        ('SUM(1)&"Jan:Mar!A1"', 'SUM(1)&"Jan:Mar!A1"'),
    ],
)
def test_each_sheet_has_a_reference_of_its_own(formula: str, found: str) -> None:
    assert apart(formula, SHEETS) == found


def test_sums_over_sheets() -> None:
    book = openpyxl.Workbook()
    book.active.title = "All"
    for at, name in enumerate(SHEETS, 1):
        sheet = book.create_sheet(name)
        sheet["A1"], sheet["A2"] = at, "text"
    right: dict[str, Cell] = {
        "SUM(Jan:Mar!A1)": 6.0,
        "AVERAGE('Jan:Feb x'!A1:A2)": 1.5,
        "COUNTA(Jan:Mar!A1:A3)": 6.0,
        "ROUND(MAX(Jan:Mar!A1)/7,2)": 0.43,
    }
    for row, formula in enumerate([*right, "LARGE(Jan:Mar!A1,1)"], 1):
        book["All"].cell(row, 1, f"={formula}")
    data = io.BytesIO()
    book.save(data)
    found = compute(Workbook(data.getvalue(), "b.xlsx"))
    assert [found.value("All", row, 1) for row in range(1, 5)] == [*right.values()]
    assert [where_of(one) for one in found.refusals] == [("All", (5, 1))]


def test_a_sum_over_sheets_depends_on_what_is_refused_there() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "=SUM(Jan:Mar!A1)"
    for name in SHEETS:
        book.create_sheet(name)["A1"] = 1
    book["Feb x"]["A1"] = "=SIN(2^27)"
    data = io.BytesIO()
    book.save(data)
    read = Workbook(data.getvalue(), "b.xlsx")
    found = compute(read)
    assert [where_of(one) for one in found.refusals] == [("Feb x", (1, 1))]
    assert ("Sheet", (1, 1)) in Dependencies(read, found).dependents([("Feb x", (1, 1))])
