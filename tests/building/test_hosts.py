"""Workbooks for each add-in: computed, verified, and converted to the names of the others."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from filling import filled, type_placements
from offices import needs_office
from templates import LINES

from xladdin.building.build import build
from xladdin.building.render import TEMPLATES
from xladdin.building.upgrade import upgrade
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import verify
from xladdin.cli import build as command
from xladdin.cli import main
from xladdin.errors import FileError
from xladdin.formulas.hosts import EXCEL, LITE, OFFICE_ADDIN, PREFIXES, converted, host_of, renamed
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.package import Package

PREFIX: Final = PREFIXES[OFFICE_ADDIN]
OTHERS: Final = [host for host in PREFIXES if host != EXCEL]


def formulas(path: Path) -> str:
    """Join the formulas of all sheets and tables."""
    package = Package(path.read_bytes())
    texts = [package.read(name).decode() for name in package.names if name.endswith(".xml")]
    return "\n".join(re.findall(r"<(?:f|calculatedColumnFormula)[^>]*>([^<]*)<", "".join(texts)))


def bare(text: str) -> set[str]:
    """Find our functions without a prefix."""
    return set(re.findall(r"(?<![\w.])([A-Z][A-Z0-9_]+)\(", text)) & FUNCTIONS.keys()


def parts(package: Package) -> dict[str, bytes]:
    return {name: package.read(name) for name in package.names}


class Folders:
    """A folder of workbooks for each add-in; they are built when they are first needed."""

    def __init__(self, made: Path, factory: pytest.TempPathFactory) -> None:
        self.folders = {host: factory.mktemp(host) for host in PREFIXES}
        shutil.copytree(made, self.folders[EXCEL], dirs_exist_ok=True)

    def __call__(self, host: str, name: str) -> Path:
        folder = self.folders[host]
        if not (folder / f"{name}.xlsx").exists():
            deals = [LINES[0]] if name == "equityline" else []
            assert all(one.checks_ok for one in build([name], deals=deals, out=folder, host=host))
        return folder / f"{name}.xlsx"


@pytest.fixture(scope="module")
def built(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return Folders(made, tmp_path_factory)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("host", PREFIXES)
def test_every_call_has_the_add_ins_name(built: Folders, host: str, name: str) -> None:
    text = formulas(built(host, name))
    plain = formulas(built(EXCEL, name))
    assert bare(plain)
    if host == EXCEL:
        assert "_xldudf_" not in text
    else:
        assert not bare(text)
        assert text.count(PREFIXES[host]) >= len(bare(plain))
        assert text.replace(PREFIXES[host], "") == plain
    assert host_of(Package(built(host, name).read_bytes())) == host


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("host", OTHERS)
def test_recalculated_and_verified(built: Folders, host: str, name: str, tmp_path: Path) -> None:
    path = built(host, name)
    before = path.read_bytes()
    recalc(path, out=tmp_path)
    assert (tmp_path / path.name).read_bytes() == before
    [found] = verify(path)
    assert found.stored
    assert found.twins
    assert [*found.differences, *found.roots, *found.refused] == []


@needs_office
@pytest.mark.long
@pytest.mark.parametrize("host", OTHERS)
def test_verified_by_every_engine(built: Folders, host: str) -> None:
    [found] = verify(built(host, "captable"), engine="all")
    assert len(found.engines) == 2
    assert found.between
    assert [*found.differences, *found.roots, *found.refused] == []


@pytest.mark.sample(1)
@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("host", PREFIXES)
def test_converted_to_the_others_and_back_to_the_same_bytes(
    built: Folders, host: str, name: str
) -> None:
    data = built(host, name).read_bytes()
    package = Package(data)
    for other in PREFIXES:
        there = Package(package.with_changes(converted(package, other)))
        assert (parts(there) != parts(package)) == (other != host)
        # It is what a build for the other add-in has.
        assert parts(there) == parts(Package(built(other, name).read_bytes()))
        assert there.with_changes(converted(there, host)) == data


@pytest.mark.long
@pytest.mark.parametrize("host", OTHERS)
def test_an_upgrade_keeps_the_add_in_and_changes_it_when_asked(
    built: Folders, host: str, tmp_path: Path
) -> None:
    path = filled(built(host, "placements").parent, tmp_path, "placements", type_placements)
    recalc(path, in_place=True)
    assert upgrade(path).entries
    assert not bare(formulas(path))
    assert host_of(Package(path.read_bytes())) == host
    kept = path.read_bytes()
    upgrade(path, host=EXCEL)
    assert host_of(Package(path.read_bytes())) == EXCEL
    upgrade(path, host=host)
    assert path.read_bytes() == kept


def test_a_build_for_another_add_in_is_not_taken_for_somebodys_work(
    built: Folders, tmp_path: Path
) -> None:
    path = tmp_path / "captable.xlsx"
    path.write_bytes(built(OFFICE_ADDIN, "captable").read_bytes())
    [done] = build(["captable"], out=tmp_path)
    assert done.change == "written"
    assert path.read_bytes() == built(EXCEL, "captable").read_bytes()


def test_a_macro_workbook_computes_its_own_formulas(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a macro workbook computes its formulas itself"):
        build(["captable"], out=tmp_path, format="xlsm", host=OFFICE_ADDIN)


def test_the_option(tmp_path: Path) -> None:
    assert tuple(PREFIXES) == command.HOSTS
    arguments = ["build", "captable", "--for", LITE, "--out", str(tmp_path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "_xldudf_XLW_DILUTION(" in formulas(tmp_path / "captable.xlsx")
    assert CliRunner().invoke(main, [*arguments, "--check"]).exit_code == 0
    plain = ["build", "captable", "--out", str(tmp_path), "--check"]
    assert CliRunner().invoke(main, plain).exit_code == 1


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("CEO_FEE(A1)", "_xldudf_XLADDIN_CEO_FEE(A1)"),
        ('=ceo_fee(A1)&"CEO_FEE("', '=_xldudf_XLADDIN_CEO_FEE(A1)&"CEO_FEE("'),
        (
            "_xldudf_XLW_CEO_FEE(XL.CEO_NET(1))",
            "_xldudf_XLADDIN_CEO_FEE(_xldudf_XLADDIN_CEO_NET(1))",
        ),
        ("SUM(CEO_FEES(1),CEO_FEE)", "SUM(CEO_FEES(1),CEO_FEE)"),
        ("_xldudf_BANK_DILUTION(1,1)", "_xldudf_BANK_DILUTION(1,1)"),
        ("[1]!CEO_FEE(1)", "[1]!CEO_FEE(1)"),
        ("'CEO_FEE(1)'!A1", "'CEO_FEE(1)'!A1"),
    ],
)
def test_renamed(formula: str, expected: str) -> None:
    assert renamed(formula, OFFICE_ADDIN) == expected
    assert renamed(expected, OFFICE_ADDIN) == expected
