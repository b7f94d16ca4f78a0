"""Workbooks whose formulas name deals that are not installed: refused, or given the deal's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from offices import BY_BOTH, needs_office
from openpyxl.workbook.defined_name import DefinedName
from paths import DATA

import xladdin
from xladdin.cells import CellError
from xladdin.cli import main
from xladdin.engines.libreoffice import compute as libreoffice
from xladdin.errors import REF, FileError
from xladdin.terms import store

MERIDIAN = DATA / "MERIDIAN-2024.toml"

ENGINES = ["embedded", pytest.param("libreoffice", marks=needs_office)]


@pytest.fixture(autouse=True)
def _no_deals() -> Iterator[None]:
    yield
    store.forget()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def workbook(tmp_path: Path, formula: str, *, stored: bool = True) -> Path:
    """A workbook about a deal that is not installed; its values were computed where it is."""
    book = openpyxl.Workbook()
    book.active.append([formula, "MERIDIAN-2024", 1_000_000])
    book.defined_names["Deal"] = DefinedName("Deal", attr_text="'Sheet'!$B$1")
    path = tmp_path / "mine.xlsx"
    book.save(path)
    if stored:
        xladdin.recalc(path, in_place=True, deals=[MERIDIAN])
        store.forget()
    return path


NAMES = [
    "=CEO_FEE(C1,,Deal)",
    "=CEO_FEE(C1,,B1)",
    '=CEO_FEE(C1,0,"meridian-2024")',
    '=CEO_FEE(C1,,"MERIDIAN"&"-2024")',
    '=IFERROR(CEO_FEE(C1,,Deal&""),0)',
    "=IF(ISERROR(CEO_FEE(C1,,INDEX(B1:B2,1))),1,2)",
    '=INDEX(EXPLAIN("CEO_FEE",C1,,Deal),1,1)',
]


@pytest.mark.sample(6)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("formula", NAMES)
def test_nothing_is_written(tmp_path: Path, formula: str, engine: str) -> None:
    path = workbook(tmp_path, formula)
    before = path.read_bytes()
    for command in (("recalc", "--in-place"), ("verify",)):
        result = run(*command, str(path), "--engine", engine)
        assert result.exit_code == 2, result.output
        assert not result.stdout
        assert "meridian-2024" in result.stderr.casefold()
        assert "--deal FILE" in result.stderr
        assert result.stderr.count("\n") == 1
    assert path.read_bytes() == before


def test_upgrade_names_the_workbook_and_the_remedy(tmp_path: Path) -> None:
    xladdin.build(["proceeds"], deals=[MERIDIAN], out=tmp_path)
    store.forget()
    path = tmp_path / "proceeds.xlsx"
    before = path.read_bytes()
    result = run("upgrade", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"xladdin: {path}: no deal is named ")
    assert "--deal FILE" in result.stderr
    assert result.stderr.count("\n") == 1
    assert path.read_bytes() == before


@needs_office
def test_libreoffice_that_runs_is_told_of_other_deals(tmp_path: Path) -> None:
    """It starts once, though it keeps what it has read of a deal."""
    path = workbook(tmp_path, '=CEO_CAPACITY(0,,"MERIDIAN-2024")', stored=False)
    other = tmp_path / MERIDIAN.name
    other.write_text(MERIDIAN.read_text().replace("75_000_000", "50_000_000"))
    found = []
    with libreoffice.session() as session:
        for files in ((MERIDIAN,), (other,), (), (MERIDIAN,)):
            store.forget()
            store.offer_files(files)
            computed = libreoffice.compute(path.read_bytes())
            found.append((computed.value("Sheet", 1, 1), session.office.process))
    process = found[0][1]
    assert process
    assert found == [(one, process) for one in (75e6, 50e6, CellError(REF), 75e6)]


@pytest.mark.sample(3)
@pytest.mark.parametrize("engine", BY_BOTH)
@pytest.mark.parametrize("formula", NAMES)
def test_with_the_file_nothing_changes(tmp_path: Path, formula: str, engine: str) -> None:
    path = workbook(tmp_path, formula)
    before = path.read_bytes()
    deal = ("--deal", str(MERIDIAN))
    result = run("recalc", "--in-place", str(path), "--engine", engine, *deal)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "0 values changed" in result.stdout
    assert path.read_bytes() == before
    assert run("verify", str(path), "--engine", engine, *deal).exit_code == 0


def test_an_error_that_is_stored_already(tmp_path: Path) -> None:
    path = workbook(tmp_path, "=CEO_FEE(C1,,Deal)", stored=False)
    content = path.read_bytes()
    with pytest.raises(FileError, match=r"meridian-2024.*--deal FILE"):
        xladdin.verify(path)
    assert path.read_bytes() == content


def test_a_deal_whose_file_is_wrong(tmp_path: Path, folder: Path) -> None:
    path = workbook(tmp_path, "=CEO_FEE(C1,,Deal)")
    (folder / "MERIDIAN-2024.toml").write_text("format = 1\n")
    with pytest.raises(FileError, match=r"MERIDIAN-2024\.toml"):
        xladdin.recalc(path, in_place=True)


def test_an_agreement_that_the_deal_lacks_is_an_error_value(tmp_path: Path) -> None:
    """With every file there is, it would be wrong as well: an error like any other."""
    book = openpyxl.Workbook()
    book.active.append(['=CEO_FEE(1,,"NEOT-2001/NOPE")'])
    path = tmp_path / "mine.xlsx"
    book.save(path)
    assert xladdin.recalc(path, in_place=True).errors == 1


def test_a_deal_of_that_name_that_ships(tmp_path: Path) -> None:
    path = workbook(tmp_path, "=CEO_FEE(C1,,Deal)")
    other = tmp_path / "other.toml"
    other.write_text(MERIDIAN.read_text().replace("MERIDIAN-2024", "NEOT-2001"))
    result = run("verify", str(path), "--deal", str(other))
    assert result.exit_code == 2
    assert "NEOT-2001" in result.stderr


@needs_office
def test_a_file_that_is_gone_since(tmp_path: Path) -> None:
    """LibreOffice starts later, and is given what the file held when it was read."""
    path = workbook(tmp_path, "=CEO_FEE(C1,,Deal)+CEO_FEE(C1)")
    before = path.read_bytes()
    gone = tmp_path / MERIDIAN.name
    gone.write_bytes(MERIDIAN.read_bytes())
    store.offer_files([gone])
    gone.unlink()
    xladdin.recalc(path, in_place=True, engine="libreoffice")
    assert path.read_bytes() == before
