"""Upgrades: what people typed is in the new workbook, and nothing of theirs is ever lost."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filling import type_placements
from hosts.linked import OURS, RATES, linked, prefixed
from offices import needs_office
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from xladdin.core.errors import FileError, TermsError
from xladdin.hosts import macros, soffice
from xladdin.templates import TEMPLATES, build, origin
from xladdin.templates.upgrading import CannotCarryError, upgrade
from xladdin.terms.store import SHIPPED, UnknownTerms, forget

RESTART = 81
"""What LibreOffice says once it has made a profile, and wants to be started again."""

TEXT = (SHIPPED / "NEOT-2001.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every template, as built."""
    folder = tmp_path_factory.mktemp("made")
    build(out=folder)
    return folder


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def filled(made: Path, folder: Path, name: str, fill: Callable[[Any], None]) -> Path:
    """Open a workbook, type into it, and save it as another program would."""
    book = openpyxl.load_workbook(made / f"{name}.xlsx")
    fill(book)
    path = folder / f"{name}.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("name", TEMPLATES)
def test_untouched_ones_stay_as_they_are(made: Path, tmp_path: Path, name: str) -> None:
    path = Path(shutil.copy(made / f"{name}.xlsx", tmp_path))
    done = upgrade(path)
    assert not done.changed
    assert done.entries == ()
    assert path.read_bytes() == (made / f"{name}.xlsx").read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", TEMPLATES)
def test_another_program_s_way_of_writing_is_no_change(
    made: Path, tmp_path: Path, name: str
) -> None:
    path = filled(made, tmp_path, name, lambda _: None)
    assert path.read_bytes() != (made / f"{name}.xlsx").read_bytes()
    done = upgrade(path)
    assert done.changed
    assert done.entries == ()
    assert path.read_bytes() == (made / f"{name}.xlsx").read_bytes()


@needs_office
@pytest.mark.parametrize("name", TEMPLATES)
def test_libreoffice_s_way_is_none(made: Path, tmp_path: Path, name: str) -> None:
    path = filled(made, tmp_path, name, type_placements if name == "placements" else lambda _: None)
    program = soffice.find_program()
    profile = (tmp_path / "profile").as_uri()
    command = [
        str(program),
        f"-env:UserInstallation={profile}",
        "--headless",
        *("--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(path)),
    ]
    run = subprocess.run(command, check=False, capture_output=True, timeout=120)
    if run.returncode == RESTART:
        run = subprocess.run(command, check=False, capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr
    done = upgrade(tmp_path / "saved" / path.name, out=tmp_path / "new")
    assert len(done.entries) == (5 if name == "placements" else 0)
    assert done.rendered.checks_ok


def test_dates_written_another_way_are_no_change(made: Path, tmp_path: Path) -> None:
    def iso(book: Any) -> None:
        book.iso_dates = True

    done = upgrade(filled(made, tmp_path, "placements", iso))
    assert done.entries == ()
    assert done.rendered.checks_ok


def test_what_is_wrong_in_a_cell_is_carried_over_too(made: Path, tmp_path: Path) -> None:
    """Text and logicals in cells for numbers, and rows that were added, are somebody's work."""

    def type_wrongly(book: Any) -> None:
        sheet = book["Placements"]
        sheet["C27"], sheet["B28"], sheet["D29"] = "40,000", "4 Feb 2002", True
        table = sheet.tables["Placements"]
        sheet["C46"] = 7
        table.ref = table.ref.rstrip("0123456789") + "46"

    done = upgrade(filled(made, tmp_path, "placements", type_wrongly))
    assert [tuple(entry) for entry in done.entries] == [
        ("Placements!B28", "Date", "4 Feb 2002"),
        ("Placements!C27", "Shares", "40,000"),
        ("Placements!C46", "Shares", "7"),
        ("Placements!D29", "Price", "TRUE"),
    ]
    assert not done.rendered.checks_ok
    values = [
        cell for row in openpyxl.load_workbook(done.path)["Placements"].values for cell in row
    ]
    assert {"40,000", "4 Feb 2002", 7} <= set(values)


def test_what_was_typed_is_carried_over_and_listed(made: Path, tmp_path: Path) -> None:
    path = filled(made, tmp_path, "placements", type_placements)
    old = path.read_bytes()
    done = upgrade(path)
    assert [tuple(entry) for entry in done.entries] == [
        ("Placements!E5", "Price_for_the_rest", "5.25"),
        ("Placements!B34", "Date", "2002-01-08"),
        ("Placements!C27", "Shares", "51000"),
        ("Placements!C34", "Shares", "1000"),
        ("Placements!D34", "Price", "4.5"),
    ]
    assert done.changed
    assert done.rendered.checks_ok
    assert done.before.read_bytes() == old
    before = openpyxl.load_workbook(made / "placements.xlsx", data_only=True)["Placements"]
    sheet = openpyxl.load_workbook(path, data_only=True)["Placements"]
    assert sheet["B34"].value == datetime.datetime(2002, 1, 8)
    assert sheet["B34"].number_format == before["B26"].number_format
    assert (sheet["C34"].value, sheet["D34"].value, sheet["E5"].value) == (1000, 4.5, 5.25)
    assert sheet["F34"].value == 4500
    # What was not touched is as it was, and is no longer told as made up.
    assert [sheet.cell(26, column).value for column in (2, 3, 4)] == [
        before.cell(26, column).value for column in (2, 3, 4)
    ]
    assert "illustrative" in before["A2"].value
    assert "illustrative" not in sheet["A2"].value
    # Again: nothing is new, and nothing is lost.
    again = path.read_bytes()
    done = upgrade(path)
    assert not done.changed
    assert done.entries == ()
    assert path.read_bytes() == again


def test_old_files_are_never_overwritten(made: Path, tmp_path: Path) -> None:
    first = filled(made, tmp_path, "placements", type_placements).read_bytes()
    path = tmp_path / "placements.xlsx"
    assert upgrade(path).before.name == "placements.before-upgrade.xlsx"
    path.write_bytes(first)
    assert upgrade(path).before.name == "placements.before-upgrade.xlsx"
    second = filled(made, tmp_path, "placements", lambda _: None).read_bytes()
    done = upgrade(path)
    assert done.before.name == "placements.before-upgrade 2.xlsx"
    assert done.before.read_bytes() == second
    assert (tmp_path / "placements.before-upgrade.xlsx").read_bytes() == first


def test_into_another_folder(made: Path, tmp_path: Path) -> None:
    path = filled(made, tmp_path, "placements", type_placements)
    old = path.read_bytes()
    done = upgrade(path, out=tmp_path / "new")
    assert done.path == tmp_path / "new" / "placements.xlsx"
    assert done.before == path
    assert path.read_bytes() == old
    assert sorted(item.name for item in tmp_path.iterdir()) == ["new", "placements.xlsx"]


def test_the_same_folder_is_in_place(made: Path, tmp_path: Path) -> None:
    path = filled(made, tmp_path, "placements", type_placements)
    old = path.read_bytes()
    assert upgrade(path, out=tmp_path).before.read_bytes() == old


def test_a_workbook_that_is_open_stays(made: Path, tmp_path: Path) -> None:
    path = filled(made, tmp_path, "placements", type_placements)
    old = path.read_bytes()
    (tmp_path / "~$placements.xlsx").touch()
    with pytest.raises(FileError, match="it is open in Excel"):
        upgrade(path)
    assert path.read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 2


def test_a_table_that_has_grown(made: Path, tmp_path: Path) -> None:
    def grow(book: Any) -> None:
        sheet = book["Placements"]
        table = sheet.tables["Placements"]
        left, right = table.ref.split(":")
        last = int(right.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        table.ref = f"{left}:{right.rstrip('0123456789')}{last + 2}"
        for row in (last + 1, last + 2):
            for cell in sheet[last]:
                sheet.cell(row, cell.column, cell.value)
            sheet.cell(row, 2, datetime.date(2002, 3, 4))
            sheet.cell(row, 3, row)
            sheet.cell(row, 4, 4.5)

    path = filled(made, tmp_path, "placements", grow)
    done = upgrade(path)
    assert len(done.entries) == 6
    sheet = openpyxl.load_workbook(path, data_only=True)["Placements"]
    assert sheet.tables["Placements"].ref.endswith("47")
    assert sheet["F47"].value == 47 * 4.5


def note(book: Any) -> None:
    book["Placements"]["J3"] = "my note"


def below(book: Any) -> None:
    book["Placements"]["C46"] = 1000


def over(book: Any) -> None:
    book["Placements"]["H30"] = 5


def other_formula(book: Any) -> None:
    book["Placements"]["H30"] = book["Placements"]["H30"].value + "+1"


def formula(book: Any) -> None:
    book["Placements"]["C28"] = "=1000*2"


def error(book: Any) -> None:
    book["Placements"]["C28"] = "#N/A"


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
    book["Placements"]["C27"].comment = Comment("Is this right?", "me")


def chart(book: Any) -> None:
    mine = BarChart()
    mine.add_data(Reference(book["Placements"], min_col=5, min_row=26, max_row=30))
    book["Placements"].add_chart(mine, "A60")


def column(book: Any) -> None:
    table = book["Placements"].tables["Placements"]
    table.tableColumns[-1].name = "Mine"
    book["Placements"].cell(25, len(table.tableColumns), "Mine")


def without_name(book: Any) -> None:
    del book.defined_names["Price_for_the_rest"]


def redirected(book: Any) -> None:
    book.defined_names["Price_for_the_rest"].attr_text = "Nowhere!$A$1"


def endless(book: Any) -> None:
    table = book["Placements"].tables["Placements"]
    table.ref = table.ref.rstrip("0123456789") + "1048576"


def from_1904(book: Any) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (note, "Placements!J3: 'my note'"),
        (below, "Placements!C46: '1000'"),
        (over, "Placements!H30: 5 in place of the formula of Commission to the cent"),
        (other_formula, "Placements!H30: another formula in the column Commission to the cent"),
        (formula, "Placements!C28: a formula, =1000*2, in an input cell; type its value"),
        (error, "Placements!C28: the error #N/A in an input cell; clear it"),
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
        (endless, "the table Placements has more than 5,000 rows"),
        (from_1904, "dates that count from 1904"),
    ],
)
def test_what_cannot_be_carried_stops_it(
    made: Path, tmp_path: Path, change: Callable[[Any], None], said: str
) -> None:
    def both(book: Any) -> None:
        type_placements(book)
        change(book)

    path = filled(made, tmp_path, "placements", both)
    old = path.read_bytes()
    with pytest.raises(CannotCarryError) as caught:
        upgrade(path)
    assert any(said in problem for problem in caught.value.problems), caught.value.problems
    assert "it is left as it was" in str(caught.value)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_all_of_it_is_named(made: Path, tmp_path: Path) -> None:
    changes = (note, below, over, formula, term, sheet_of_mine, chart)

    def every(book: Any) -> None:
        for change in changes:
            change(book)

    with pytest.raises(CannotCarryError) as caught:
        upgrade(filled(made, tmp_path, "placements", every))
    assert len(caught.value.problems) == len(changes)


@pytest.mark.parametrize("name", TEMPLATES)
def test_functions_from_the_add_in_s_file_are_ours(made: Path, tmp_path: Path, name: str) -> None:
    data = (made / f"{name}.xlsx").read_bytes()
    path = tmp_path / f"{name}.xlsx"
    path.write_bytes(linked(prefixed(data, 2), RATES, OURS))
    done = upgrade(path)
    assert done.changed
    assert done.entries == ()
    assert path.read_bytes() == data
    path.write_bytes(linked(prefixed(data, 1), RATES, OURS))
    with pytest.raises(CannotCarryError, match="it is left as it was"):
        upgrade(path)


def test_terms_that_have_changed_are_told(folder: Path, tmp_path: Path) -> None:
    deal = folder / "MINE.toml"
    deal.write_text(TEXT.replace("NEOT-2001", "MINE"), "utf-8")
    build(("placements",), deals=["MINE"], out=tmp_path)
    path = tmp_path / "placements.xlsx"
    old = path.read_bytes()
    assert upgrade(path).terms == ()
    deal.unlink()
    forget()
    with pytest.raises(UnknownTerms):
        upgrade(path)
    elsewhere = tmp_path / "MINE.toml"
    later = TEXT.replace("NEOT-2001", "MINE").replace("Cantor Fitzgerald", "Another agent")
    later = later.replace("rate = { value = 0.10, ", "rate = { value = 0.12, ", 1)
    assert later.count("0.12") > TEXT.count("0.12")
    elsewhere.write_text(later, "utf-8")
    with pytest.raises(FileError, match="the workbook is about MINE"):
        upgrade(path, deal=_renamed(elsewhere))
    assert path.read_bytes() == old
    done = upgrade(path, deal=elsewhere)
    assert [(before, after) for _, before, after in done.terms] == [("0.1", "0.12")]
    assert done.changed


def _renamed(deal: Path) -> Path:
    other = deal.with_name("OTHER.toml")
    other.write_text(deal.read_text("utf-8").replace("MINE", "OTHER"), "utf-8")
    return other


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


def test_macro_workbooks(tmp_path: Path) -> None:
    build(("floating",), out=tmp_path, format="xlsm")
    path = tmp_path / "floating.xlsm"
    assert not upgrade(path).changed
    book = openpyxl.load_workbook(path, keep_vba=True)
    book["Debentures"]["B5"] = 123456
    book.save(path)
    done = upgrade(path)
    assert [tuple(entry) for entry in done.entries] == [("Debentures!B5", "Principal", "123456")]
    assert zipfile.ZipFile(path).read(macros.PROJECT)
    # A macro of their own.
    import pyopenvba

    with pyopenvba.ExcelFile(str(path)) as file:
        file.vba_project().add_module("Mine", "Public Sub Tidy()\r\nEnd Sub\r\n")
        file.save(str(path.with_name("floating2.xlsm")))
    with pytest.raises(CannotCarryError) as caught:
        upgrade(path.with_name("floating2.xlsm"))
    assert caught.value.problems == ("the macro Mine.Tidy",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1+B1", " a1 +  b1"),
        ("ABS(A1)<=1E-06", "ABS(A1)<=0.000001"),
        ("IF(A1,TRUE,FALSE)", "IF(A1,TRUE(),FALSE())"),
        ("Checks!A1", "'Checks'!A1"),
        ("STDEV.S(A1)", "_xlfn.STDEV.S(A1)"),
    ],
)
def test_one_formula_in_two_ways(one: str, other: str) -> None:
    assert origin.formula_mark(one) == origin.formula_mark(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1+B1", "A1+B2"),
        ('"a"&A1', '"A"&A1'),
        ('"1.0"&A1', '"1"&A1'),
        ("A1*1.5", "A1*15"),
        ("SUM(A1:A4)", "SUM(A1:A5)"),
        ("$A1", "A1"),
        ("Terms!A1", "Checks!A1"),
    ],
)
def test_two_formulas(one: str, other: str) -> None:
    assert origin.formula_mark(one) != origin.formula_mark(other)


def test_terms_error_is_a_file_error(made: Path, tmp_path: Path) -> None:
    bad = tmp_path / "BAD.toml"
    bad.write_text("name = 3\n")
    path = Path(shutil.copy(made / "placements.xlsx", tmp_path))
    with pytest.raises(TermsError):
        upgrade(path, deal=bad)
