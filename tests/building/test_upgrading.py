"""Upgrades: what people typed is in the new workbook, and nothing of theirs is ever lost."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from deals import NEOT_1
from draws import first
from filling import filled, type_placements
from linked import OURS, RATES, linked, prefixed
from offices import needs_office
from packages import packed, parts_of
from templates import LINES, OF_2001

from xladdin.building import origin
from xladdin.building.build import build
from xladdin.building.filled_workbook import CannotCarryError
from xladdin.building.render import render
from xladdin.building.upgrade import upgrade
from xladdin.checking.verify import verify_one
from xladdin.errors import FileError, TermsError
from xladdin.excel import macro_workbooks
from xladdin.libreoffice import soffice
from xladdin.terms import select
from xladdin.terms.store import UnknownTerms, forget

RESTART = 81
"""What LibreOffice says once it has made a profile, and wants to be started again."""

TEXT = NEOT_1

_LONG = re.compile(rb"<v>(\d*\.\d{16,})</v>")


def _cut(number: re.Match[bytes]) -> bytes:
    return b"<v>%.15g</v>" % float(number[1])


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


@pytest.mark.parametrize("name", first(OF_2001))
def test_untouched_ones_stay_as_they_are(made: Path, tmp_path: Path, name: str) -> None:
    path = Path(shutil.copy(made / f"{name}.xlsx", tmp_path))
    done = upgrade(path)
    assert not done.changed
    assert done.entries == ()
    assert path.read_bytes() == (made / f"{name}.xlsx").read_bytes()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", first(OF_2001))
def test_another_program_s_way_of_writing_is_no_change(
    made: Path, tmp_path: Path, name: str
) -> None:
    path = filled(made, tmp_path, name, lambda _: None)
    assert path.read_bytes() != (made / f"{name}.xlsx").read_bytes()
    done = upgrade(path)
    assert done.changed
    assert done.entries == ()
    assert path.read_bytes() == (made / f"{name}.xlsx").read_bytes()


@pytest.mark.long
def test_numbers_of_which_another_program_keeps_15_digits_are_no_change(tmp_path: Path) -> None:
    path = tmp_path / "offering.xlsx"
    path.write_bytes(fresh := render("offering", select("CGTX-2022")).data)
    parts = parts_of(fresh)
    cut = 0
    for name, content in parts.items():
        if name.startswith("xl/worksheets/"):
            parts[name], count = _LONG.subn(_cut, content)
            cut += count
    assert cut > 1
    path.write_bytes(packed(parts))
    assert verify_one(path, engine="embedded").agrees
    done = upgrade(path)
    assert done.entries == ()
    assert path.read_bytes() == fresh


@pytest.mark.sample(1)
@pytest.mark.parametrize("deal", LINES)
def test_advances_and_quotations_are_carried_over(tmp_path: Path, deal: str) -> None:
    path = tmp_path / "equityline.xlsx"
    path.write_bytes(render("equityline", select(deal)).data)
    book = openpyxl.load_workbook(path)
    advances = book["Advances"]
    headings = [cell.value for cell in advances[4]]
    amount, held = (headings.index(name) + 1 for name in ("Amount", "Held before"))
    advances.cell(5, amount, 1234.5)
    advances.cell(5, held, 77)
    quoted = "Quotations" in book.sheetnames
    if quoted:
        book["Quotations"]["B6"] = 3.21
    sheet, cell = next(iter(book.defined_names["Ownership_limit"].destinations))
    book[sheet][cell.replace("$", "")] = 0.0999
    book.save(path)
    done = upgrade(path)
    names = {entry[1]: entry[2] for entry in done.entries}
    expected = {"Amount": "1234.5", "Held before": "77", "Ownership_limit": "0.0999"}
    assert names == expected | ({"VWAP": "3.21"} if quoted else {})
    assert done.rendered.checks_ok
    after = openpyxl.load_workbook(path, data_only=True)
    assert after["Advances"].cell(5, amount).value == 1234.5
    assert after[sheet][cell.replace("$", "")].value == 0.0999
    again = upgrade(path)
    assert not again.changed


@needs_office
@pytest.mark.long
@pytest.mark.parametrize("name", OF_2001)
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


@pytest.mark.long
def test_dates_written_another_way_are_no_change(made: Path, tmp_path: Path) -> None:
    def iso(book: Any) -> None:
        book.iso_dates = True

    done = upgrade(filled(made, tmp_path, "placements", iso))
    assert done.entries == ()
    assert done.rendered.checks_ok


@pytest.mark.long
def test_what_is_wrong_in_a_cell_is_carried_over_too(made: Path, tmp_path: Path) -> None:
    """Text and logicals in cells for numbers, and rows that were added, are somebody's work."""

    def type_wrongly(book: Any) -> None:
        sheet = book["Placements"]
        sheet["C6"], sheet["B7"], sheet["D8"] = "40,000", "4 Feb 2002", True
        table = sheet.tables["Placements"]
        sheet["C25"] = 7
        table.ref = table.ref.rstrip("0123456789") + "25"

    done = upgrade(filled(made, tmp_path, "placements", type_wrongly))
    assert [tuple(entry) for entry in done.entries] == [
        ("Placements!B7", "Date", "4 Feb 2002"),
        ("Placements!C6", "Shares", "40,000"),
        ("Placements!C25", "Shares", "7"),
        ("Placements!D8", "Price", "TRUE"),
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
        ("Totals!B5", "Price_for_the_rest", "5.25"),
        ("Placements!B13", "Date", "2002-01-08"),
        ("Placements!C6", "Shares", "51000"),
        ("Placements!C13", "Shares", "1000"),
        ("Placements!D13", "Price", "4.5"),
    ]
    assert done.changed
    assert done.rendered.checks_ok
    assert done.before.read_bytes() == old
    before = openpyxl.load_workbook(made / "placements.xlsx", data_only=True)["Placements"]
    sheet = openpyxl.load_workbook(path, data_only=True)["Placements"]
    assert sheet["B13"].value == datetime.datetime(2002, 1, 8)
    assert sheet["B13"].number_format == before["B5"].number_format
    totals = openpyxl.load_workbook(path, data_only=True)["Totals"]
    assert (sheet["C13"].value, sheet["D13"].value, totals["B5"].value) == (1000, 4.5, 5.25)
    assert sheet["F13"].value == 4500
    # What was not touched is as it was, and is no longer called illustrative.
    assert [sheet.cell(5, column).value for column in (2, 3, 4)] == [
        before.cell(5, column).value for column in (2, 3, 4)
    ]
    assert "illustrative" in before["A2"].value
    assert "illustrative" not in sheet["A2"].value
    # Again: nothing is new, and nothing is lost.
    again = path.read_bytes()
    done = upgrade(path)
    assert not done.changed
    assert done.entries == ()
    assert path.read_bytes() == again


@pytest.mark.long
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


@pytest.mark.long
def test_the_same_folder_is_in_place(made: Path, tmp_path: Path) -> None:
    path = filled(made, tmp_path, "placements", type_placements)
    old = path.read_bytes()
    assert upgrade(path, out=tmp_path).before.read_bytes() == old


@pytest.mark.long
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
    assert sheet.tables["Placements"].ref.endswith("26")
    assert sheet["F26"].value == 26 * 4.5


@pytest.mark.parametrize("name", first([*OF_2001][::-1]))
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


@pytest.mark.long
def test_terms_that_have_changed_are_named(folder: Path, tmp_path: Path) -> None:
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


@pytest.mark.long
def test_macro_workbooks(tmp_path: Path) -> None:
    build(("floating",), out=tmp_path, format="xlsm")
    path = tmp_path / "floating.xlsm"
    assert not upgrade(path).changed
    book = openpyxl.load_workbook(path, keep_vba=True)
    book["Debentures"]["B5"] = 123456
    book.save(path)
    book.vba_archive.close()
    done = upgrade(path)
    assert [tuple(entry) for entry in done.entries] == [("Debentures!B5", "Principal", "123456")]
    assert zipfile.ZipFile(path).read(macro_workbooks.PROJECT)
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
    assert origin.formula_digest(one) == origin.formula_digest(other)


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
    assert origin.formula_digest(one) != origin.formula_digest(other)


def test_terms_error_is_a_file_error(made: Path, tmp_path: Path) -> None:
    bad = tmp_path / "BAD.toml"
    bad.write_text("name = 3\n")
    path = Path(shutil.copy(made / "placements.xlsx", tmp_path))
    with pytest.raises(TermsError):
        upgrade(path, deal=bad)
