"""What is left of the last subtraction of a formula, as Excel was seen to show it.

All engines give them; where LibreOffice has another residue, the proved value is taken.

Sources of the values: microsoft.public.excel.worksheet.functions, 2009-04, msg00177 (numbers whose
bits are 7 and 8 apart; the same with 1E25), and others' reports of what their Excel shows, each of
two decimals or fewer, which no longer agree beyond that.
"""

from __future__ import annotations

import io

import openpyxl
import pytest
from engines.excel_cases import ENGINES, Case, differences
from openpyxl.workbook.defined_name import DefinedName

from xladdin.cells import Cell, CellError
from xladdin.engines.choice import compute

CELLS = {
    "A1": 1e-7,
    "A2": "=A1+7*2^-76",
    "A3": "=A1+8*2^-76",
    "A4": 1e25,
    "A5": "=A4+7*2^31",
    "A6": "=A4+8*2^31",
    **dict(zip(("B1", "B2", "B3", "B4"), (39795, 13530.9, 11895, 14369.1), strict=True)),
    **dict(zip(("C1", "C2"), (196, 2.91), strict=True)),
}
SEEN = (
    Case("A2-A1", 0.0),
    Case("A1-A2", 0.0),
    Case("(A2-A1)", 7 * 2.0**-76),
    Case("A3-A1", 8 * 2.0**-76),
    Case("A1-A3", -8 * 2.0**-76),
    Case("A5-A4", 0.0),
    Case("A6-A4", 8 * 2.0**31),
    Case("B1-B2-B3-B4", 0.0),
    Case("B1-B2-B3-B4-0-0", -1.81898940354586e-12),
    # Fifteen digits of both are the same, and yet it is not 0.
    Case("C1+C2-C1-C2", 196 + 2.91 - 196 - 2.91),
    Case("115-113.2-1.8", -2.88657986402541e-15),
    Case("52.8-8.8*6", 0.0),
    Case("(52.8-8.8*6)", -7.105427357601e-15),
    Case("0.5-0.4-0.1", 0.0),
)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_left_is_excels(engine: str) -> None:
    assert differences(engine, CELLS, SEEN, ()) == []


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("Blank-0.25", -0.25),
        ("Blank+-INT(-0.5)", 1.0),
        ("INDEX(A1:C1,2)-0.5", -0.5),
        ("Truth-0.75", 0.25),
        ("Wrong-0.5", CellError("#N/A")),
        ("0.5-Wrong", CellError("#N/A")),
        ("Wrong-Other", CellError("#N/A")),
    ],
)
def test_a_blank_is_0_a_logical_its_number_and_an_error_itself(formula: str, value: Cell) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Data"
    for at, held in {"A1": 2.0**51, "C1": True, "D1": "=NA()", "E1": "=1/0"}.items():
        sheet[at] = held
    for name, at in {"Blank": "B1", "Truth": "C1", "Wrong": "D1", "Other": "E1"}.items():
        book.defined_names[name] = DefinedName(name, attr_text=f"Data!${at[0]}${at[1]}")
    sheet["F1"] = f"={formula}"
    buffer = io.BytesIO()
    book.save(buffer)
    found = compute("embedded", buffer.getvalue())
    assert (found.value("Data", 1, 6), found.refusals) == (value, ())
