"""Which cells formulas refer to, and which depend on them."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from xladdin.engines.cell_index import Index
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import compute as embedded
from xladdin.xlsx.workbook_part import LAST_ROW, Area, Workbook, area_of


def made(cells: Mapping[str, object], names: Mapping[str, str] | None = None) -> Dependencies:
    """The dependencies of a workbook of two sheets, S with the cells and T with a table."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for name, value in cells.items():
        sheet[name] = value
    other = book.create_sheet("T")
    for row in (["Shares", "Price"], [1, 2], [3, 4]):
        other.append(row)
    other.add_table(Table(displayName="Log", ref="A1:B3"))
    for name, text in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=text)
    buffer = io.BytesIO()
    book.save(buffer)
    data = buffer.getvalue()
    return Dependencies(Workbook(data), embedded.compute(data))


def place(cell: str) -> tuple[int, int]:
    area = area_of(cell)
    return area.first_row, area.first_column


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A1+$B$2", {("S", "A1"), ("S", "B2")}),
        ("SUM(A1:B3)", {("S", "A1:B3")}),
        ("T!A2*2", {("T", "A2")}),
        ("'T'!A2:A3", {("T", "A2:A3")}),
        ("SUM(Log[Price])", {("T", "B2:B3")}),
        ("Rate*2", {("T", "B3")}),
        ("Twice+1", {("T", "B3")}),
        ('"A1"&B1', {("S", "B1")}),
        ("1+2", set()),
        ("Unknown!A1+B1", {("S", "B1")}),
    ],
)
def test_references(formula: str, expected: set[tuple[str, str]]) -> None:
    names = {"Rate": "T!$B$3", "Twice": "Rate*2"}
    found = made({"D9": f"={formula}"}, names).references("S", place("D9"))
    assert {(sheet, area.text) for sheet, area in found} == expected


def test_whole_columns_reach_to_the_last_row_that_holds_something() -> None:
    dependencies = made({"A7": 1, "C1": "=SUM(A:A)"})
    assert dependencies.references("S", (1, 3)) == (("S", Area(1, 1, LAST_ROW, 1)),)
    assert dependencies.reached("S", Area(1, 1, LAST_ROW, 1)) == Area(1, 1, 7, 1)


def test_dependents_go_through_other_formulas_in_any_order() -> None:
    cells = {"A1": 1, "B1": "=B2", "B2": "=B3+0", "B3": "=SUM(A1:A2)", "C1": "=D1", "D1": 2}
    found = made(cells).dependents({("S", (1, 1))})
    assert found == {("S", place(cell)) for cell in ("B1", "B2", "B3")}


@pytest.mark.parametrize("text", ["=A{}", "=SUM(A{0}:B{0})"])
def test_dependents_go_through_a_chain_that_turns_as_often_as_it_likes(text: str) -> None:
    """Each cell refers to one far below it, and that one to one far above."""
    order = [row for pair in zip(range(1, 101), range(200, 100, -1), strict=True) for row in pair]
    cells: dict[str, object] = {"A1": 1}
    cells |= {f"A{row}": text.format(before) for before, row in itertools.pairwise(order)}
    found = made(cells).dependents({("S", (1, 1))})
    assert found == {("S", (row, 1)) for row in order[1:]}


def test_dependents_of_an_array_formula_are_all_its_cells() -> None:
    cells = {"A1": 1, "A2": 2, "B1": ArrayFormula("B1:B2", "=A1:A2*2"), "C1": "=B2"}
    found = made(cells).dependents({("S", (1, 1))})
    assert found == {("S", (1, 2)), ("S", (2, 2)), ("S", (1, 3))}


def test_formulas_that_choose_their_cells_may_depend_on_anything() -> None:
    found = made({"A1": 1, "B1": "=OFFSET(D1,0,0)", "C1": "=D1"}).dependents({("S", (1, 1))})
    assert found == {("S", (1, 2))}


@pytest.mark.parametrize(
    ("formula", "calls"),
    [
        ("NOW()", True),
        ("_xlfn.NOW()", True),
        ("Moment+1", True),
        ("Later", True),
        ("KNOW()", False),
        ('"NOW()"', False),
        ("Nowhere", False),
    ],
)
def test_callers(formula: str, calls: bool) -> None:
    names = {"Moment": "NOW()", "Later": "Moment+1", "Nowhere": "T!$A$1"}
    found = made({"A1": f"={formula}"}, names).callers({"NOW"})
    assert bool(found) is calls


def test_an_index_finds_cells_within_ranges() -> None:
    index = Index([("S", (3, 2)), ("S", (9, 2)), ("T", (1, 1))])
    assert index.within("S", area_of("A1:C5"))
    assert not index.within("S", area_of("A4:C8"))
    assert not index.within("S", area_of("C1:D9"))
    assert not index.within("U", area_of("A1:C9"))
    assert not index.within("S", area_of("A1:C5"), (3, 2))
    assert index.within("S", area_of("A1:C9"), (3, 2))
    assert not Index()


def test_what_is_given_for_an_array_stands_for_all_its_cells() -> None:
    cells = {"A1": 1, "A2": 2, "B1": ArrayFormula("B1:B2", "=A1:A2*2"), "C1": "=B2"}
    assert made(cells).dependents({("S", (1, 2))}) == {("S", (1, 3))}


@pytest.mark.parametrize(
    ("formula", "depends"),
    [
        ("=SUMIF(A1:A3,1,C1:C1)", True),  # adds up C1:C3
        ("=AVERAGEIF(A1:A3,1,C1:D1)", True),
        ("=SUMIF(A1:A2,1,C1:C1)", False),
        ("=SUMIFS(D1:D3,A1:A3,1)", False),
        ("=LARGE(S:T!A1,1)", True),
        ("=SUM(S:T!A1)", False),
        ("=SUM(D1:INDEX(A1:A3,2))", True),
        ("=SUM(D1:D2)", False),
    ],
)
def test_cells_that_a_formula_does_not_name(formula: str, depends: bool) -> None:
    found = made({"C3": 1, "F1": formula}).dependents({("S", (3, 3))})
    assert (("S", (1, 6)) in found) == depends
