"""Upgrades that are refused: what cannot be carried over, and workbooks of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filling import filled, type_placements
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from xladdin.building import origin
from xladdin.building.filled_workbook import CannotCarryError
from xladdin.building.upgrade import upgrade
from xladdin.errors import FileError
from xladdin.terms.store import forget


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def note(book: Any) -> None:
    book["Placements"]["P1"] = "my note"


def below(book: Any) -> None:
    book["Placements"]["C25"] = 1000


def over(book: Any) -> None:
    book["Placements"]["H9"] = 5


def other_formula(book: Any) -> None:
    book["Placements"]["H9"] = book["Placements"]["H9"].value + "+1"


def formula(book: Any) -> None:
    book["Placements"]["C7"] = "=1000*2"


def error(book: Any) -> None:
    book["Placements"]["C7"] = "#N/A"


def term(book: Any) -> None:
    book["Terms"]["C7"] = 1


def sheet_of_mine(book: Any) -> None:
    book.create_sheet("Mine")["A1"] = "x"


def cleared(book: Any) -> None:
    book["Start"]["A1"] = None


def other_deal(book: Any) -> None:
    sheet, _, cell = book.defined_names["Deal"].attr_text.partition("!")
    book[sheet.strip("'")][cell.replace("$", "")] = "NEOT-2001/OTHER"


def name_of_mine(book: Any) -> None:
    book.defined_names["Mine"] = DefinedName("Mine", attr_text="Placements!$A$1")


def comment(book: Any) -> None:
    book["Placements"]["C6"].comment = Comment("Is this right?", "me")


def chart(book: Any) -> None:
    mine = BarChart()
    mine.add_data(Reference(book["Placements"], min_col=5, min_row=5, max_row=9))
    book["Placements"].add_chart(mine, "A39")


def column(book: Any) -> None:
    table = book["Placements"].tables["Placements"]
    table.tableColumns[-1].name = "Mine"
    book["Placements"].cell(4, len(table.tableColumns), "Mine")


def without_name(book: Any) -> None:
    del book.defined_names["Price_for_the_rest"]


def redirected(book: Any) -> None:
    book.defined_names["Price_for_the_rest"].attr_text = "Nowhere!$A$1"


def endless(book: Any) -> None:
    table = book["Placements"].tables["Placements"]
    table.ref = table.ref.rstrip("0123456789") + "1048576"


def from_1904(book: Any) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (note, "Placements!P1: 'my note'"),
        (below, "Placements!C25: '1000'"),
        (over, "Placements!H9: 5 in place of the formula of Commission to the cent"),
        (other_formula, "Placements!H9: another formula in the column Commission to the cent"),
        (formula, "Placements!C7: a formula, =1000*2, in an input cell; type its value"),
        (error, "Placements!C7: the error #N/A in an input cell; clear it"),
        (term, "Terms!C7: '1'"),
        (sheet_of_mine, "the sheet Mine"),
        (cleared, "Start!A1: cleared"),
        (other_deal, "'NEOT-2001/OTHER'"),
        (name_of_mine, "the name Mine"),
        (comment, "1 sheet's comments"),
        (chart, "1 chart"),
        (column, "the column Mine of Placements"),
        (without_name, "the name Price_for_the_rest is gone"),
        (redirected, "the name Price_for_the_rest is gone, or leads to no cell"),
        (from_1904, "dates that count from 1904"),
    ],
)
def test_what_cannot_be_carried_stops_it(
    made: Path, tmp_path: Path, change: Callable[[Any], None], reason: str
) -> None:
    def both(book: Any) -> None:
        type_placements(book)
        change(book)

    path = filled(made, tmp_path, "placements", both)
    old = path.read_bytes()
    with pytest.raises(CannotCarryError) as caught:
        upgrade(path)
    assert any(reason in problem for problem in caught.value.problems), caught.value.problems
    assert "it is left as it was" in str(caught.value)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_to_the_end_of_the_sheet_stops_it(made: Path, tmp_path: Path) -> None:
    path = filled(made, tmp_path, "placements", endless)
    old = path.read_bytes()
    with pytest.raises(FileError, match="tables of more than 6,000 rows are not read back"):
        upgrade(path)
    assert path.read_bytes() == old


def test_all_of_it_is_named(made: Path, tmp_path: Path) -> None:
    changes = (note, below, over, formula, term, sheet_of_mine, chart)

    def every(book: Any) -> None:
        for change in changes:
            change(book)

    with pytest.raises(CannotCarryError) as caught:
        upgrade(filled(made, tmp_path, "placements", every))
    assert len(caught.value.problems) == len(changes)


def test_workbooks_of_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(FileError, match="it does not say what it was made from"):
        upgrade(path)
    with pytest.raises(FileError, match="there is no such file"):
        upgrade(tmp_path / "none.xlsx")


def without_version(sheet: Any) -> None:
    sheet.delete_rows(2, 3)


def without_cells(sheet: Any) -> None:
    sheet.delete_rows(2, 30)


def other_template(sheet: Any) -> None:
    sheet["C3"] = "no-template"


def other_texts(sheet: Any) -> None:
    for cell in sheet["C"]:
        cell.value = "x y"


def numbers(sheet: Any) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            cell.value = 3


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "spoil", [without_version, without_cells, other_template, other_texts, numbers]
)
def test_a_spoilt_origin_is_refused(
    made: Path, tmp_path: Path, spoil: Callable[[Any], None]
) -> None:
    path = filled(made, tmp_path, "placements", lambda book: spoil(book[origin.TITLE]))
    old = path.read_bytes()
    with pytest.raises(FileError):
        upgrade(path)
    assert path.read_bytes() == old
