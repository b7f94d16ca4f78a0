"""Parts of formulas are computed by themselves, all in one workbook of the engine."""

from __future__ import annotations

import io

import openpyxl
import pytest

from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.compute import compute
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.embedded.part_calculator import PartCalculator
from xladdin.xlsx.workbook_part import Workbook


@pytest.fixture
def calculators() -> tuple[PartCalculator, Explainer]:
    made = openpyxl.Workbook()
    first, second = made.active, made.create_sheet("Second half")
    first["A1"], first["A2"], first["A3"], first["B1"] = 7, "x", "=A1*2", True
    second["A1"] = 70
    buffer = io.BytesIO()
    made.save(buffer)
    book = Workbook(buffer.getvalue())
    computed = compute(book)
    dependencies = Dependencies(book, computed)
    return PartCalculator(dependencies, computed), Explainer(dependencies, computed)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A1*3", 21.0),
        ("A3", 14.0),
        ("SUM(A1:A3)", 21.0),
        ("SUM(A:A)+'Second half'!A1", 91.0),
        ("SUM(1:1)", 7.0),
        ('A2&"A1:A3"', "xA1:A3"),
        ("IF(B1,A1,A2)", 7.0),
        ("A1:A3*2", 14.0),
        ("ROW()+ROW(A1)", 6.0),
        ("CEO_FEE(A1*1000000,0)", 280_000.0),
        ("BESSELJ(A1,1)", None),
    ],
)
def test_a_part_has_its_value(
    calculators: tuple[PartCalculator, Explainer], text: str, value: object
) -> None:
    one, other = calculators
    assert one.value(text, "Sheet", (5, 4)) == value
    assert one.value(text, "Sheet", (5, 4)) == value
    assert other.evaluate(text, "Sheet", (5, 4)).value == value


def test_references_are_those_of_the_formulas_sheet(
    calculators: tuple[PartCalculator, Explainer],
) -> None:
    parts, _ = calculators
    assert parts.value("A1*2", "Sheet", (5, 4)) == 14.0
    assert parts.value("A1*2", "Second half", (5, 4)) == 140.0


def test_one_workbook_serves_for_all(
    calculators: tuple[PartCalculator, Explainer], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    register = bridge.register

    def counted(*arguments: object) -> bridge.Recorder:
        made.append(arguments)
        return register(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(bridge, "register", counted)
    assert [calculators[0].value(f"A1*{at}", "Sheet", (5, 4)) for at in range(5)] == [
        0.0,
        7.0,
        14.0,
        21.0,
        28.0,
    ]
    assert len(made) == 1
