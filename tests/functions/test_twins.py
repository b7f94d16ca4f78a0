"""Published plain-Excel twins over a table: times of day are cut off, as the functions do it."""

from __future__ import annotations

import datetime
import io
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from offices import BY_BOTH, needs_office

from xladdin.engines.embedded import compute as embedded
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import select

AT: Final = datetime.datetime
DAY: Final = datetime.date


def computed(name: str, columns: dict[str, list[Any]], engine: str) -> Any:
    """Compute the twin of a function as its page shows it, over columns from row 2 on."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for letter, cells in columns.items():
        for row, cell in enumerate(cells, 2):
            sheet[f"{letter}{row}"] = cell
    function = FUNCTIONS[name]
    assert function.twin is not None
    sheet["J1"] = f"={function.twin(select(), *function.twin_takes)}"
    buffer = io.BytesIO()
    workbook.save(buffer)
    compute = {"embedded": embedded.compute, "libreoffice": libreoffice.compute}[engine]
    result = compute(buffer.getvalue(), Path("twin.xlsx"))
    assert result.refusals == ()
    return result.value("Sheet", 1, 10)


@pytest.mark.parametrize("engine", BY_BOTH)
def test_sales_of_the_twelve_months_of_a_float(engine: str) -> None:
    sales = [
        (AT(2023, 3, 27, 12), 1_000),  # the day itself, at noon
        (AT(2022, 3, 27, 18), 20_000),  # twelve months ago, in the evening: no more
        (AT(2022, 3, 28), 300_000),  # the day after
        (AT(2023, 3, 28), 4_000_000),  # not yet
    ]
    days, usd = map(list, zip(*sales, strict=True))
    test = AT(2023, 3, 27, 9)
    columns: dict[str, list[Any]] = {
        "A": [23_690_126],
        "B": [2.12],
        "C": days,
        "D": usd,
        "E": [test],
        "F": [0],
    }
    right = 23_690_126 * Fraction(2.12) / 3 - 301_000
    assert computed("FLOAT_HEADROOM", columns, engine) == pytest.approx(float(right), abs=1e-6)
    call = [23_690_126, 2.12, [list(one) for one in sales], test]
    assert FUNCTIONS["FLOAT_HEADROOM"].call(call) == float(right)


@needs_office
def test_shares_weighted_by_days() -> None:
    # The embedded engine takes no range where a single number is floored.
    changes = [(DAY(2023, 1, 1), 100), (AT(2023, 1, 10, 12), 10), (AT(2023, 1, 11), 1_000)]
    days, shares = map(list, zip(*changes, strict=True))
    period = AT(2023, 1, 1, 8), AT(2023, 1, 10, 7)
    columns = {"A": days, "B": shares, "C": [period[0]], "D": [period[1]]}
    found = computed("WEIGHTED_SHARES", columns, "libreoffice")
    assert found == pytest.approx(101, abs=1e-12)  # 100 for ten days and 10 for one of them
    assert FUNCTIONS["WEIGHTED_SHARES"].call([[list(one) for one in changes], *period]) == 101
