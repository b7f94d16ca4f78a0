"""Whole columns, and ranges of many cells: the right value or a refusal, never another value.

The engine ends a whole column where the column has its last cell, so that two columns may be of
different sizes to it, unless it is given their corners; and it gives an error for ranges of very
many cells.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Final

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula

from xladdin.cells import Cell
from xladdin.engines.embedded.compute import compute
from xladdin.xlsx.workbook_part import Workbook

CELLS: Final = {
    **{f"A{row}": row for row in range(1, 11)},
    **{f"B{row}": row for row in range(1, 6)},
    "D3": 7,
    "E1": "only",
}
ROWS: Final = 1_048_576

REFUSED: Final[dict[str, object]] = {
    "_xlfn.LET(_xlpm.x,D!A:A,_xlpm.y,D!B:B,SUMPRODUCT(_xlpm.x,_xlpm.y))": 55,
    "SUMPRODUCT(D!A1:AZ1048576)": 77,
    "MODE(D!A1:AZ1048576)": 1,
    'SUMPRODUCT((D!A1:Z1048576="")*1)': 26 * ROWS - 17,
    'SUMPRODUCT((D!A:Z="")*1)': 26 * ROWS - 17,
    "DEBENTURE_CONVERSION_PRICE(D!A1:XFD1048576,37000)": "#VALUE!",
    "SUM(IF(TRUE,CEO_NET(D!A:A,D!B:B)))": 52.8,
    "CANTOR_EXERCISE_PRICE(D!B:B,D!B1:B5)": "#VALUE!",
}
"""By formula that the engine does not compute as Excel does: what it is there."""

COMPUTED: Final[dict[str, float]] = {
    'SUMIF(D!2:2,"",D!3:3)': 7,
    "SUMPRODUCT(D!A:A,D!B:B)": 55,
    "SUMPRODUCT(D!B:B,D!F:F)": 0,
    "SUMPRODUCT(D!A:A,+D!D:D)": 21,
    "SUMPRODUCT((D!A:A>0)*(D!F:F=0))": 10,
    'SUMPRODUCT((D!F:F="")*1)': ROWS,
    'SUMPRODUCT((D!A:A="")*1)': ROWS - 10,
    "SUMPRODUCT(Log*1,D!B:B)": 55,
    "SUMPRODUCT(D!1:1,D!2:2)": 4,
    "SUMPRODUCT((D!$A:$A>2)*(D!B:B))": 12,
    "SUM((D!A:B>2)*D!A:B)": 64,
    "SUM(D!A:A)": 55,
    "SUMPRODUCT(D!A:A)": 55,
    "SUMPRODUCT(D!A1:A1048576,D!F1:F1048576)": 0,
    'SUMIFS(D!A:A,D!B:B,">3")': 9,
    'SUMIF(D!B:B,"",D!A:A)': 40,
    'SUMIFS(D!A:A,D!E:E,"only")': 1,
    'SUMIFS(D!A:A,D!E:E,"",D!B:B,">3")': 9,
    'COUNTIFS(D!A:A,">0",D!E:E,"on*")': 1,
    'AVERAGEIFS(D!A:A,Only,"<>only")': 6,
    '_xlfn.MAXIFS(D!A:A,D!E:E,"only")': 1,
    'SUMIFS(D!1:1,D!9:9,"")': 1,
    'SUMIF(D!B:B,"<>1",D!A:A)': 54,
    'SUMIF(Few,"",D!A:A)': 40,
    'SUMIF(D!B:B,"<>1",Log)': 54,
    'AVERAGEIF(Few,"<>1",D!A:A)': 6,
    "SUMIF(Few,D!A2,D!A:A)": 2,
    "COUNTA(D!A1:XFD1048576)": 17,
    "CANTOR_EXERCISE_PRICE(D!B:B,D!A:A)": float(Fraction(130, 100) * Fraction(55, 15)),
}


MORE: Final = (
    'SUMPRODUCT((D!A:A="")*1)',
    "SUMPRODUCT((D!A:A>0)*(D!F:F=0))",
    "SUMPRODUCT((D!$A:$A>2)*(D!B:B))",
)
"""Those that take long, and of whose kind are others."""


def computed(formula: str) -> tuple[Cell, str]:
    """Return the value of a formula, and why it is not to be trusted."""
    book = openpyxl.Workbook()
    book.active["A1"] = ArrayFormula("A1", f"={formula}")
    cells = book.create_sheet("D")
    for place, value in CELLS.items():
        cells[place] = value
    book.defined_names["Log"] = DefinedName("Log", attr_text="D!$A:$A")
    book.defined_names["Only"] = DefinedName("Only", attr_text="D!$E:$E")
    book.defined_names["Few"] = DefinedName("Few", attr_text="D!$B:$B")
    data = io.BytesIO()
    book.save(data)
    found = compute(Workbook(data.getvalue(), "b.xlsx"))
    return found.value("Sheet", 1, 1), " ".join(one.reason for one in found.refusals)


@pytest.mark.parametrize("formula", REFUSED)
def test_what_the_engine_would_get_wrong_is_refused(formula: str) -> None:
    value, reason = computed(formula)
    assert "whole columns or rows" in reason or "16,777,216 cells" in reason, value


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("formula", "right"),
    [
        pytest.param(formula, right, marks=pytest.mark.long if formula in MORE else ())
        for formula, right in COMPUTED.items()
    ],
)
def test_what_it_is_given_whole_is_computed(formula: str, right: float) -> None:
    assert computed(formula) == (right, "")
