"""Which engine computes a workbook, what is refused, and what is computed in part."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Final

import openpyxl
import pytest
from click.testing import CliRunner, Result
from offices import needs_office
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify_one
from xladdin.cli import main
from xladdin.engines.choice import compute
from xladdin.engines.partial import part_of
from xladdin.engines.result import RefusedError, UnfitError
from xladdin.xlsx.package import Package
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Workbook

PROVED: Final = "=SUM(1,2)"

OFFICES: Final = "=GCD(960,1440)"
"""What LibreOffice computes, and the embedded engine is not proved for: 480."""

NOBODYS: Final = "=VDB(1,2,3,4,5)"
"""What neither is proved for."""

PART: Final = "xl/worksheets/sheet1.xml"


@pytest.fixture
def no_office(no_office_yet: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    monkeypatch.setenv("XLADDIN_SOFFICE", "/no/such/soffice")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def made(path: Path, title: str = "S", **cells: object) -> Path:
    """A workbook of one sheet, in which 77 is stored beside each formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for name, value in cells.items():
        sheet[name] = value
    sheet.append(["Head"])
    sheet.append(["=A1+0"])
    last = sheet.max_row
    sheet.add_table(Table(displayName="Log", ref=f"A{last - 1}:A{last}"))
    book.defined_names["Base"] = DefinedName("Base", attr_text=f"'{title}'!$A$1")
    book.save(path)
    places = {(cell.row, cell.column): 77.0 for row in sheet.iter_rows() for cell in row}
    with zipfile.ZipFile(path) as package:
        part = Layout(package.read(PART)).with_values(places)
    path.write_bytes(Package(path.read_bytes()).with_changes({PART: part}))
    return path


def stored(path: Path) -> dict[str, object]:
    formulas, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    return {
        cell.coordinate: values.active[cell.coordinate].value
        for row in formulas.active.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


@pytest.mark.usefixtures("no_office")
def test_the_embedded_engine_computes_what_it_is_proved_for(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", A1=PROVED)
    assert verify_one(path).engines == ("embedded",)
    done = recalc(path, in_place=True)
    assert (done.engine, done.refused, done.dependents, done.well) == ("embedded", (), (), True)
    assert stored(path) == {"A1": 3, "A3": 3}


@needs_office
def test_libreoffice_computes_what_the_embedded_engine_does_not(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", A1=PROVED, A2=OFFICES)
    assert verify_one(path).engines == ("embedded and libreoffice",)
    done = run("recalc", str(path), "--in-place")
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        done.stdout
        == f"{path}  3 formulas  3 values changed  0 errors  by embedded and libreoffice\n"
    )
    assert stored(path) == {"A1": 3, "A2": 480, "A4": 3}


@pytest.mark.usefixtures("no_office")
def test_without_libreoffice_the_remedy_is_to_install_it(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", **{f"B{row}": OFFICES for row in range(1, 13)})
    before = path.read_bytes()
    done = run("recalc", str(path), "--in-place")
    assert (done.exit_code, done.stdout, path.read_bytes()) == (2, "", before)
    assert done.stderr.count("'S'!B") == 10
    assert done.stderr.count("not proved to compute GCD (and 2 more); install LibreOffice (") == 1
    assert "docs/libreoffice.md" in done.stderr
    assert done.stderr.count("\n") == 1
    (table,) = json.loads(run("recalc", str(path), "--in-place", "--json").stdout)
    assert table.keys() == {"path", "state", "error", "refused"}
    assert {item["cell"] for item in table["refused"]} == {f"B{row}" for row in range(1, 13)}
    assert table["refused"][0] == {
        "sheet": "S",
        "cell": "B1",
        "reason": "the embedded engine is not proved to compute GCD",
        "formula": OFFICES[1:],
    }
    verified = verify_one(path)
    assert (verified.engines, len(verified.refused), verified.agrees) == (("embedded",), 12, False)


@needs_office
def test_what_neither_computes_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", A1=NOBODYS, B1=OFFICES)
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=r"compute VDB; recalculate it in Excel") as caught:
        recalc(path, in_place=True)
    refused = {item.cell: item.formula for item in caught.value.refusals}
    assert refused == {"A1": NOBODYS[1:]}
    assert path.read_bytes() == before


@needs_office
def test_a_workbook_that_both_engines_misread_is_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", "sheet1", A1=PROVED)
    before = path.read_bytes()
    for partial in (False, True):
        with pytest.raises(UnfitError, match=r"embedded engine takes its sheet 'sheet1' for"):
            recalc(path, in_place=True, partial=partial)
    assert path.read_bytes() == before


@pytest.mark.usefixtures("no_office")
@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=B2+1", 6),  # depends on nothing that is refused
        ("=SUM(B2:C2)", 5),
        ("=A1", 77),
        ("=Base*2", 77),
        ("=SUM(Log[Head])", 77),
        ("=SUM(A:A)", 77),
        ("=IF(TRUE,1,A1)", 77),
        ("=IFERROR(A4,0)", 77),
        ("=SUMIF(B2:B4,5,A2:A2)", 77),  # adds up A2:A4, and A4 depends on A1
        ("=SUM(B2:INDEX(B2:B3,1))", 77),
        ('=INDIRECT("B2")', 77),
    ],
)
def test_the_rest_is_computed(tmp_path: Path, formula: str, value: float) -> None:
    """What depends on a refused cell, A1, stays as it was; what does not gets its value."""
    path = made(tmp_path / "mine.xlsx", A1=NOBODYS, B2="=2+3", D2=formula)
    with pytest.raises(RefusedError):
        recalc(path, in_place=True)
    done = recalc(path, in_place=True, partial=True)
    assert not done.well
    assert stored(path) == {"A1": 77, "B2": 5, "D2": value, "A4": 77}
    refused = {item.cell for item in done.refused}
    left = {"A1", "A4", "D2"} if value == 77 else {"A1", "A4"}
    assert refused | {name.removeprefix("'S'!") for name in done.dependents} == left
    assert not refused & {name.removeprefix("'S'!") for name in done.dependents}


@pytest.mark.usefixtures("no_office")
def test_what_was_left_is_listed(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", A1=NOBODYS, B2="=2+3")
    done = run("recalc", str(path), "--in-place", "--partial")
    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        f"{path}  3 formulas  1 value changed  0 errors  1 CELL NOT COMPUTED  by embedded",
        f"  'S'!A1  the embedded engine is not proved to compute VDB  {NOBODYS}",
        "  1 cell depends on these, left alone: 'S'!A4",
    ]
    again = run("recalc", str(path), "--in-place", "--partial", "--json")
    (table,) = json.loads(again.stdout)
    assert (again.exit_code, table["state"], table["changed"]) == (1, "fails", 0)
    assert [item["cell"] for item in table["refused"]] == ["A1"]
    assert table["dependents"] == ["'S'!A4"]


@pytest.mark.usefixtures("no_office")
def test_no_formula_sees_what_a_refused_one_would_spill(tmp_path: Path) -> None:
    path = made(tmp_path / "mine.xlsx", A1=1, A2=2, A3=3, C1="=TRANSPOSE(A1:A3)", D5="=D1+5")
    done = recalc(path, in_place=True, partial=True)
    assert ([item.cell for item in done.refused], done.dependents) == (["C1"], ())
    assert stored(path) == {"C1": 77, "D5": 5, "A7": 1}


@needs_office
def test_what_refers_to_a_refused_error_of_libreoffice_depends_on_it(tmp_path: Path) -> None:
    """The error goes on from cell to cell; only the first one is refused for it."""
    made = openpyxl.Workbook()
    made.active["A1"] = '=REPT("a",-1)'
    for row in range(2, 40):
        made.active[f"A{row}"] = f'=A{row - 1}&"x"'
    path = tmp_path / "passed.xlsx"
    made.save(path)
    found = compute("libreoffice", path.read_bytes(), path)
    assert [one.cell for one in found.refusals] == ["A1"]
    assert len(part_of(Workbook(path.read_bytes(), path), found).dependents) == 38


@needs_office
@pytest.mark.parametrize(
    ("formula", "engine", "named"),
    [
        ("GCD(4,6)", "embedded", True),
        ("VDB(1000,0,5,0,1)", "embedded", False),
        ("A1+1", "embedded", False),  # a circle
        ('SUM("5",1)', "libreoffice", True),
        ("NETWORKDAYS.INTL(41640,41671,,41641)", "libreoffice", False),
        ("A1+1", "libreoffice", False),
    ],
)
def test_the_other_engine_is_named_only_where_it_computes(
    formula: str, engine: str, named: bool
) -> None:
    made = openpyxl.Workbook()
    made.active["A1"] = f"={formula}"
    buffer = io.BytesIO()
    made.save(buffer)
    found = compute(engine, buffer.getvalue())
    assert found.refusals
    assert ("--engine" in found.remedy) == named
    assert "Excel" in found.remedy
