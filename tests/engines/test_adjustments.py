"""Formulas that are given to the engine otherwise, once it is known what their cells hold."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from xladdin.building.render import render
from xladdin.cells import Cell, CellError
from xladdin.engines.embedded import compute as computing
from xladdin.engines.embedded.preparation import Prepared
from xladdin.engines.result import Computed
from xladdin.terms import select

_Loads = Callable[..., tuple[Computed, int]]


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> _Loads:
    """Compute some cells, and a table's among them; count how often the engine loads them."""
    count = 0
    load = computing._loaded

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        return load(*arguments, **named)

    def computed(cells: dict[str, object], table: str = "") -> tuple[Computed, int]:
        made = openpyxl.Workbook()
        for place, value in cells.items():
            made.active[place] = value
        if table:
            made.active.add_table(Table(displayName="T", name="T", ref=table))
        buffer = io.BytesIO()
        made.save(buffer)
        return computing.compute(buffer.getvalue()), count

    monkeypatch.setattr(computing, "_loaded", counted)
    monkeypatch.setattr(computing, "bounded", lambda function, _: function)
    return computed


def test_a_workbook_is_loaded_once_where_no_value_changes(loads: _Loads) -> None:
    computed, count = loads({"A1": "=1/3", "B1": "=A1<0.5", "C1": "=IF(B1,10,20)"})
    assert (computed.value("Sheet", 1, 2), computed.value("Sheet", 1, 3)) == (True, 10.0)
    assert not computed.refusals
    assert count == 1


def test_it_is_loaded_anew_where_a_value_changes_that_others_have_seen(loads: _Loads) -> None:
    # The engine compares all binary digits, Excel fifteen decimal ones.
    computed, count = loads({"A1": "=0.1+0.2", "B1": "=A1<=0.3", "C1": "=IF(B1,10,20)"})
    assert (computed.value("Sheet", 1, 2), computed.value("Sheet", 1, 3)) == (True, 10.0)
    assert not computed.refusals
    assert count == 2


def test_what_is_refused_when_it_is_reached_is_refused(loads: _Loads) -> None:
    computed, _ = loads({"A1": "word", "B1": '=IF(A1="word",DAYS360(A1,A1),1)'})
    assert [refusal.cell for refusal in computed.refusals] == ["B1"]
    computed, _ = loads({"A1": "word", "B1": '=IF(A1="other",DAYS360(A1,A1),1)'})
    assert computed.value("Sheet", 1, 2) == 1.0
    assert not computed.refusals


@pytest.fixture
def adjusted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """List how many formulas the engine is given otherwise, each time that it is."""
    counts: list[int] = []
    adjust = computing._same_when_adjusted

    def counted(prepared: Prepared, *others: Any) -> bool:
        counts.append(len(prepared.changed()))
        return adjust(prepared, *others)

    monkeypatch.setattr(computing, "_same_when_adjusted", counted)
    return counts


@pytest.mark.parametrize(
    ("cells", "value", "count"),
    [
        ({"A1": "=1/3", "B1": "=A1<0.5"}, True, []),
        ({"A1": "=1/3", "C1": "=1/3", "B1": "=A1<C1"}, False, []),
        ({"A1": "=0.1+0.2", "B1": "=A1=0.3"}, True, [1]),
        ({"A1": "=1/3", "C1": 0.3, "C2": "=2/3", "B1": "=SUMPRODUCT((A1>C1:C2)*1)"}, 1.0, []),
        ({"A1": "=0.1+0.2", "C1": 0.3, "C2": 1, "B1": "=SUMPRODUCT((A1>C1:C2)*1)"}, 0.0, [1]),
        ({"A1": "=1/3", "C1": "word", "B1": "=A1<C1"}, True, [1]),
        ({"A1": 0, "C1": "word", "B1": "=IF(A1=0,7,DAYS360(C1,C1))"}, 7.0, []),
        ({"A1": 1, "C1": "word", "B1": "=IF(A1=1,7,DAYS360(C1,C1))"}, 7.0, []),
        ({"A1": 1, "C1": "word", "B1": "=IF(A1<2,7,DAYS360(C1,C1))"}, 7.0, [1]),
        ({"A1": 2.0**50, "B1": "=ROW()-ROW(A1)+0*A1", "B2": "=ROW()-ROW(B1)"}, 0.0, []),
        ({"A1": "=2^50+1", "C1": "=2^50", "B1": "=A1-C1"}, 0.0, [1]),
    ],
)
def test_formulas_are_given_otherwise_where_it_may_make_a_difference(
    loads: _Loads, adjusted: list[int], cells: dict[str, object], value: object, count: list[int]
) -> None:
    computed, _ = loads(cells)
    assert not computed.refusals
    assert computed.value("Sheet", 1, 2) == value
    assert adjusted == count


def test_what_is_reached_beside_a_condition_is_refused(loads: _Loads) -> None:
    computed, _ = loads({"A1": 1, "C1": "word", "B1": "=IF(A1=0,7,DAYS360(C1,C1))"})
    assert [refusal.cell for refusal in computed.refusals] == ["B1"]


@pytest.mark.sample(1)
@pytest.mark.parametrize("template", ["placements", "proceeds", "captable"])
def test_a_workbook_that_is_made_is_computed_once(
    adjusted: list[int], computed_anew: list[str], template: str
) -> None:
    assert render(template, select()).checks_ok
    assert len(computed_anew) == 1
    assert not adjusted


_ROWS = 250
_DIFFERENCE = "=T[[#This Row],[a]]-T[[#This Row],[b]]"


@pytest.mark.parametrize(
    ("last", "expected", "times"),
    [
        (("=0.1+0.2", 0.3), 0.0, 1),  # what is left is 0 in Excel, as the two are neighbours
        ((5, 3), 2.0, 1),
        ((5, None), 5.0, 1),  # a blank cell is 0
        ((5, "word"), CellError("#VALUE!"), 2),
    ],
)
def test_of_many_differences_one_that_leaves_a_residue_takes_no_second_turn(
    loads: _Loads, last: tuple[object, object], expected: Cell, times: int
) -> None:
    cells: dict[str, object] = {"A1": "a", "B1": "b", "C1": "c", "E1": f"=C{_ROWS + 1}"}
    for row in range(2, _ROWS + 2):
        one, other = (row, 1) if row <= _ROWS else last
        cells |= {f"A{row}": one, f"B{row}": other, f"C{row}": _DIFFERENCE}
    computed, count = loads(cells, f"A1:C{_ROWS + 1}")
    assert not computed.refusals
    assert [computed.value("Sheet", row, 3) for row in (2, _ROWS)] == [1.0, _ROWS - 1.0]
    assert computed.value("Sheet", _ROWS + 1, 3) == expected
    assert computed.value("Sheet", 1, 5) == expected
    assert count == times
