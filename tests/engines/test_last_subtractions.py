"""What is left of the last subtraction of a formula, as Excel was seen to show it.

All engines give them; where LibreOffice has another residue, the proved value is taken.

Sources of the values: microsoft.public.excel.worksheet.functions, 2009-04, msg00177 (numbers whose
bits are 7 and 8 apart; the same with 1E25), and others' reports of what their Excel shows, each of
two decimals or fewer, which no longer agree beyond that.
"""

from __future__ import annotations

import pytest
from engines.excel_cases import ENGINES, Case, differences

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
