"""Criteria of digits, which Excel compares as numbers, whatever the digits look like.

Source: https://support.microsoft.com/en-us/excel/countif-function.
"""

from __future__ import annotations

import io

import openpyxl
import pytest

from xladdin.engines.choice import compute
from xladdin.engines.result import Computed

FIVES = ["5.0", "05", 5, "5", "6", "five"]


CRITERIA = ['"5"', "5", '"=5"', "D1", "D2", "D3", 'D1&""', '"05"', "D4"]
FORMULAS = {
    "COUNTIF(A1:A6,{})": 4.0,
    'COUNTIFS(A1:A6,{},B1:B6,">2")': 2.0,
    "SUMIF(A1:A6,{},B1:B6)": 10.0,
    "SUMIFS(B1:B6,A1:A6,{})": 10.0,
    "AVERAGEIF(A1:A6,{},B1:B6)": 2.5,
    "AVERAGEIFS(B1:B6,A1:A6,{})": 2.5,
    'COUNTIF(A1:A6,"x")+COUNTIF(A1:A6,{})': 4.0,
}
CASES = [(one.format(criterion), FORMULAS[one]) for one in FORMULAS for criterion in CRITERIA]


@pytest.fixture(scope="module")
def computed() -> Computed:
    """A workbook with the formulas of all cases."""
    made = openpyxl.Workbook()
    for row, cell in enumerate(FIVES, 1):
        made.active.cell(row, 1).value = cell
        made.active.cell(row, 2).value = row
    for row, cell in enumerate(("5", "05", 5, "=5"), 1):
        made.active.cell(row, 4).value = cell
        made.active.cell(row, 4).data_type = "n" if cell == 5 else "s"
    for row, (formula, _) in enumerate(CASES, 1):
        made.active.cell(row, 5).value = f"={formula}"
    buffer = io.BytesIO()
    made.save(buffer)
    return compute("embedded", buffer.getvalue())


@pytest.mark.parametrize(("formula", "value"), CASES)
def test_numbers_in_texts_match_a_criterion_of_digits(
    computed: Computed, formula: str, value: float
) -> None:
    row = CASES.index((formula, value)) + 1
    assert (computed.refusals, computed.value("Sheet", row, 5)) == ((), value)


def test_other_criteria_stay_as_they_are() -> None:
    made = openpyxl.Workbook()
    for row, cell in enumerate(FIVES, 1):
        made.active.cell(row, 1).value = cell
    made.active["D1"], made.active["D2"] = ">4", 5
    formulas = {
        'COUNTIF(A1:A6,">4")': 1.0,  # of numbers alone
        "COUNTIF(A1:A6,D1)": 1.0,
        'COUNTIF(A1:A6,">="&D2)': 1.0,
        'COUNTIF(A1:A6,"five")': 1.0,
    }
    for row, formula in enumerate(formulas, 1):
        made.active.cell(row, 5).value = f"={formula}"
    buffer = io.BytesIO()
    made.save(buffer)
    found = compute("embedded", buffer.getvalue())
    values = [found.value("Sheet", row, 5) for row in range(1, len(formulas) + 1)]
    assert (found.refusals, values) == ((), list(formulas.values()))


def test_minus_0_is_0_and_signs_in_texts_are_not_sorted() -> None:
    """Excel's zero has no sign; which text comes after ``<5`` only Excel's order of signs says."""
    made = openpyxl.Workbook()
    for row, cell in enumerate((0, 1, -1, -0.0), 1):
        made.active.cell(row, 1).value = cell
    made.active["D1"], made.active["D2"] = "<=-0", "-0"
    right: dict[str, object] = {
        'A4&""': "0",
        "EXACT(A4,0)": True,
        "LEN(A4)": 1.0,
        "ATAN2(-1,A4)=PI()": True,
        "COUNTIF(A1:A4,0)": 2.0,
        'COUNTIF(A1:A4,">=0")': 3.0,
        'D2&""': "-0",
        "D2+1": 1.0,
        "OFFSET(A1,1.5,0)": 1.0,
    }
    refused = {
        'COUNTIF(A1:A4,"-0")': "may take for a number",
        'COUNTIF(A1:A4,">-0.0")': "may take for a number",
        "COUNTIF(A1:A4,D1)": "may take for a number",
        "COUNTIFS(A1:A4,D2)": "may take for a number",
        'COUNTIF(D1:D2,"><5")': "may take for a number",
        'COUNTIF(D1:D2,"<=<5")': "may take for a number",
        "OFFSET(A1,(0.1+0.7)*10,0)": "whole but for digits after the fifteenth",
    }
    for row, formula in enumerate((*right, *refused), 1):
        made.active.cell(row, 6).value = f"={formula}"
    buffer = io.BytesIO()
    made.save(buffer)
    found = compute("embedded", buffer.getvalue())
    values = [found.value("Sheet", row, 6) for row in range(1, len(right) + 1)]
    assert values == list(right.values())
    reasons = {one.cell: one.reason for one in found.refusals}
    assert reasons.keys() == {f"F{row}" for row in range(len(right) + 1, len(right) + 8)}
    for row, words in enumerate(refused.values(), len(right) + 1):
        assert words in reasons[f"F{row}"]
