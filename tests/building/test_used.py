"""Workbooks that somebody used are never overwritten; those that nobody touched are built anew."""

from __future__ import annotations

import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from click.testing import CliRunner, Result
from draws import first_row
from filling import type_placements
from generated import write_deals
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

import xladdin
from xladdin.building import origin
from xladdin.building.build import build
from xladdin.cli import main

pytestmark = pytest.mark.usefixtures("render_once")

NAME = "placements"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def fresh(made: Path) -> bytes:
    return (made / f"{NAME}.xlsx").read_bytes()


@pytest.fixture
def path(tmp_path: Path, fresh: bytes) -> Path:
    path = tmp_path / f"{NAME}.xlsx"
    path.write_bytes(fresh)
    return path


def edited(change: Callable[[Any], None]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)

    return edit


def note(book: Any) -> None:
    book["Placements"]["P1"] = "my note"


def sheet(book: Any) -> None:
    book.create_sheet("Mine")["A1"] = 1


def formula(book: Any) -> None:
    cell = next(
        cell
        for row in book["Placements"].iter_rows(min_row=5)
        for cell in row
        if cell.data_type == "f"
    )
    cell.value = 5


def condition(book: Any) -> None:
    rule = FormulaRule(formula=["$B$3>1"], fill=PatternFill(bgColor="FFFF00"))
    book["Start"].conditional_formatting.add("B3", rule)


def validation(book: Any) -> None:
    rule = DataValidation("whole", formula1="1", operator="greaterThan", showErrorMessage=True)
    rule.add("H3")
    book["Start"].add_data_validation(rule)


def header(book: Any) -> None:
    book["Start"].oddHeader.left.text = "Draft of the desk"


def password(book: Any) -> None:
    book["Start"].protection.set_password("secret")


def structure(book: Any) -> None:
    book.security.lockStructure = True


def properties(book: Any) -> None:
    book.properties.keywords = "desk 7"


def order(book: Any) -> None:
    book.move_sheet("Checks", -2)


def hidden_sheet(book: Any) -> None:
    book["Functions"].sheet_state = "hidden"


def hidden_row(book: Any) -> None:
    book["Checks"].row_dimensions[6].hidden = True


def hidden_column(book: Any) -> None:
    book["Checks"].column_dimensions["C"].hidden = True


FEATURES: dict[str, Callable[[Any], None]] = {
    "conditional formats of Start": condition,
    "validations of Start": validation,
    "header and footer of Start": header,
    "protection of Start": password,
    "protection of the workbook": structure,
    "document properties": properties,
    "order of its sheets": order,
    "hidden sheets": hidden_sheet,
    "hidden rows and columns of Checks": hidden_row,
    "hidden rows and columns of Checks ": hidden_column,
}


def no_fingerprint(book: Any) -> None:
    del book[origin.TITLE]


def of_another_program(path: Path) -> None:
    book = openpyxl.Workbook()
    book.save(path)


def no_workbook(path: Path) -> None:
    path.write_bytes(b"figures of mine")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


USES: dict[str, Callable[[Path], object]] = {
    "typed": edited(type_placements),
    "note": edited(note),
    "sheet": edited(sheet),
    "formula": edited(formula),
    "no fingerprint": edited(no_fingerprint),
    "another program": of_another_program,
    "no workbook": no_workbook,
    "half": half,
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.sample(1)
@pytest.mark.parametrize("use", USES)
def test_refused_and_replaced_with_a_copy_kept(path: Path, use: str) -> None:
    USES[use](path)
    before = path.read_bytes()
    done = run("build", NAME, "--out", str(path.parent))
    assert (done.exit_code, done.stdout) == (1, f"{path}  REFUSED\n")
    assert done.stderr.startswith(f"xladdin: {path}: ")
    assert done.stderr.count("\n") == 1
    assert "--replace, which keeps a copy" in done.stderr
    if use in ("typed", "note", "sheet", "formula"):
        assert "; it is up to date: leave it, or build with --replace" in done.stderr
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    assert run("build", NAME, "--out", str(path.parent), "--replace").exit_code == 0
    copy = path.with_name(f"{NAME}.before-build.xlsx")
    assert copy.read_bytes() == before
    assert path.read_bytes() != before


@pytest.mark.sample(2)
@pytest.mark.parametrize("what", FEATURES)
def test_what_a_sheet_has_beside_its_cells_is_not_lost(path: Path, what: str) -> None:
    edited(FEATURES[what])(path)
    before = path.read_bytes()
    done = run("build", NAME, "--out", str(path.parent))
    assert (done.exit_code, path.read_bytes()) == (1, before)
    assert f"somebody changed it ({what.strip()})" in done.stderr


NOT_CARRIED: Final = [
    what for what in FEATURES if not what.startswith(("conditional", "validations"))
]


@pytest.mark.long
@pytest.mark.parametrize("out", [False, True])
def test_an_upgrade_names_all_that_it_does_not_carry_over(path: Path, out: bool) -> None:
    def change(book: Any) -> None:
        type_placements(book)
        for what in NOT_CARRIED:
            FEATURES[what](book)

    edited(change)(path)
    folder = ("--out", str(path.parent / "out")) if out else ()
    (table,) = json.loads(run("upgrade", str(path), *folder, "--json").stdout)
    assert set(table["not_carried_over"]) == {what.strip() for what in NOT_CARRIED}
    assert {"cell": "Placements!C13", "name": "Shares", "value": "1000"} in table["entries"]


@pytest.mark.parametrize(("what", "out"), first_row(itertools.product(NOT_CARRIED, [False, True])))
def test_an_upgrade_names_what_it_does_not_carry_over(path: Path, what: str, out: bool) -> None:
    def change(book: Any) -> None:
        type_placements(book)
        FEATURES[what](book)

    edited(change)(path)
    before = path.read_bytes()
    folder = path.parent / "out"
    done = run("upgrade", str(path), *(("--out", str(folder)) if out else ()), "--json")
    assert done.exit_code == 1
    (table,) = json.loads(done.stdout)
    named = what.strip()
    assert table["not_carried_over"] == [named]
    kept = path if out else path.with_name(f"{NAME}.before-upgrade.xlsx")
    assert done.stderr == f"xladdin: {table['path']}: not carried over: {named}; see {kept}\n"
    assert kept.read_bytes() == before
    assert {"cell": "Placements!C13", "name": "Shares", "value": "1000"} in table["entries"]


@pytest.mark.long
def test_rules_of_a_table_that_grew_are_not_lost(path: Path) -> None:
    """They are in more cells, as those of the new one are."""

    def grow(book: Any) -> None:
        sheet = book["Placements"]
        table = sheet.tables["Placements"]
        first, last = table.ref.split(":")
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", last).groups()  # type: ignore[union-attr]
        table.ref = f"{first}:{column}{int(row) + 5}"
        for rule in sheet.data_validations.dataValidation:
            rule.sqref = re.sub(rf"(?<=\D){row}\b", str(int(row) + 5), str(rule.sqref))
        sheet[f"C{int(row) + 1}"] = 5

    edited(grow)(path)
    done = run("upgrade", str(path), "--json")
    assert json.loads(done.stdout)[0]["not_carried_over"] == [], done.output


def test_a_fingerprint_of_release_0_1_lacks_features(path: Path, fresh: bytes) -> None:
    def older(book: Any) -> None:
        sheet = book[origin.TITLE]
        for row in range(sheet.max_row, 0, -1):
            if sheet.cell(row, 1).value == "feature":
                sheet.delete_rows(row)
        header(book)

    edited(older)(path)
    assert run("build", NAME, "--out", str(path.parent)).exit_code == 0
    assert path.read_bytes() == fresh


def test_copies_never_take_each_others_place(path: Path) -> None:
    kept = []
    for number in range(3):
        path.write_bytes(b"%d" % number)
        build([NAME], out=path.parent, replace=True)
        kept.append(b"%d" % number)
    copies = [path.with_name(f"{NAME}.before-build{tail}.xlsx") for tail in ("", " 2", " 3")]
    assert [copy.read_bytes() for copy in copies] == kept
    # One that is as it was built needs none.
    assert [item.change for item in build([NAME], out=path.parent, replace=True)] == ["same"]
    assert len(list(path.parent.iterdir())) == 4


def repacked(path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    path.write_bytes(data.getvalue())


UNTOUCHED: dict[str, Callable[[Path], object]] = {
    "recalculated": lambda path: xladdin.recalc(path, in_place=True),
    "saved by another program": edited(lambda _: None),
    "packed anew": repacked,
}


@pytest.mark.sample(2)
@pytest.mark.parametrize("what", UNTOUCHED)
def test_what_nobody_typed_into_is_built_anew(path: Path, fresh: bytes, what: str) -> None:
    UNTOUCHED[what](path)
    done = run("build", NAME, "--out", str(path.parent))
    assert (done.exit_code, done.stderr) == (0, "")
    assert path.read_bytes() == fresh
    assert list(path.parent.iterdir()) == [path]


def test_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: bytes) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(origin, "__version__", "0.0.9")
        (old,) = build([NAME], out=tmp_path)
    assert old.path.read_bytes() != fresh
    assert [item.change for item in build([NAME], out=tmp_path)] == ["written"]
    assert old.path.read_bytes() == fresh


@pytest.mark.sample(1)
@pytest.mark.parametrize("use", ["typed", "note"])
@pytest.mark.parametrize("what", ["release", "terms"])
def test_the_remedy_for_one_that_is_not_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: str, what: str
) -> None:
    (deal,) = write_deals(tmp_path / "deals", 1)
    options = ("build", NAME, "--deal", str(deal), "--out", str(tmp_path))
    with monkeypatch.context() as patch:
        if what == "release":
            patch.setattr(origin, "__version__", "0.0.9")
        assert run(*options).exit_code == 0
    if what == "terms":
        text = deal.read_text("utf-8")
        text, changed = re.subn(r"(?<=monthly_cash_use = { value = )\d+", "1000000", text)
        assert changed == 1
        deal.write_text(text, "utf-8")
    path = tmp_path / f"{NAME}.xlsx"
    USES[use](path)
    done = run(*options)
    assert done.exit_code == 1
    assert f"; bring it up to date with `xladdin upgrade {path}`, or build with" in done.stderr


@pytest.mark.long
@pytest.mark.parametrize("command", [("verify",), ("recalc", "--in-place")])
def test_a_workbook_of_another_release_whose_checks_fail(
    path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """What its formulas ask of the functions may have moved: the remedy is named where it fails."""
    with monkeypatch.context() as patch:
        patch.setattr(origin, "__version__", "0.0.9")
        build([NAME], out=path.parent, replace=True)
    assert "0.0.9" not in run(*command, str(path)).stdout

    def fail(book: Any) -> None:
        book["Checks"]["C5"] = 5  # an expected value

    edited(fail)(path)
    done = run(*command, str(path))
    assert done.exit_code == 1
    remedy = f"bring it up to date with `xladdin upgrade {path}`"
    assert (
        f"  warning: it was made by release 0.0.9, whose checks may not fit this one; {remedy}"
        in (done.stdout.splitlines())
    )


def test_what_was_typed_is_known_after_an_upgrade(path: Path) -> None:
    edited(type_placements)(path)
    assert run("upgrade", str(path)).exit_code == 0
    before = path.read_bytes()
    done = run("build", NAME, "--out", str(path.parent))
    assert done.exit_code == 1
    assert "it holds what somebody typed (Placements" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.long
def test_data_of_a_folder_are_no_use(tmp_path: Path) -> None:
    """They are in the folder still, unlike what somebody typed beside them."""
    deal = tmp_path / "data" / "NEOT-2001"
    deal.mkdir(parents=True)
    table = deal / "placements.csv"
    out = tmp_path / "out"

    def changes() -> list[str]:
        return [item.change for item in build([NAME], out=out, data=tmp_path / "data")]

    table.write_text("Date,Shares,Price\n2001-08-14,5,4\n")
    assert changes() == ["written"]
    table.write_text("Date,Shares,Price\n2001-08-14,6,4\n")
    assert changes() == ["written"]
    path = out / f"{NAME}.xlsx"
    assert run("upgrade", str(path)).exit_code == 0
    table.write_text("Date,Shares,Price\n2001-08-14,7,4\n")
    assert changes() == ["written"]
    book = openpyxl.load_workbook(path)
    book["Placements"]["C5"] = 8
    book.save(path)
    assert changes() == ["refused"]


def test_json(path: Path) -> None:
    no_workbook(path)
    done = run("build", NAME, "--out", str(path.parent), "--json")
    assert done.exit_code == 1
    table = json.loads(done.stdout)
    assert (table["ended"], table["planned"], table["counts"]) == ("finished", 1, {"refused": 1})
    (entry,) = table["workbooks"]
    assert (entry["change"], entry["checks_ok"], entry["formulas"]) == ("refused", None, None)
    assert entry["reason"] in done.stderr


@pytest.mark.long
def test_json_of_an_upgrade(path: Path) -> None:
    edited(type_placements)(path)
    missing = path.with_name("none.xlsx")
    done = run("upgrade", str(path), str(missing), "--json")
    assert done.exit_code == 2
    one, other = json.loads(done.stdout)
    copy = path.with_name(f"{NAME}.before-upgrade.xlsx")
    assert (one["path"], one["before"], one["error"]) == (str(path), str(copy), "")
    assert one["changed"] is one["checks_ok"] is True
    assert {"cell": "Placements!C13", "name": "Shares", "value": "1000"} in one["entries"]
    assert (other["path"], other["problems"]) == (str(missing), [])
    assert other["error"] in done.stderr


def test_json_of_many(tmp_path: Path) -> None:
    """Workbooks are counted, and not deals, also where a deal cannot be read."""
    deals = tmp_path / "deals"
    (path,) = write_deals(deals, 1)
    (deals / "BROKEN-1.toml").write_text("name =")
    names = (NAME, "proceeds")
    done = run("build", *names, "--deal", str(deals), "--out", str(tmp_path / "out"), "--json")
    assert done.exit_code == 1
    table = json.loads(done.stdout)
    assert (table["planned"], table["counts"]) == (4, {"written": 2, "failed": 2})
    *made, broken = table["workbooks"]
    assert [entry["deal"] for entry in made] == [path.stem, path.stem]
    assert all(entry["checks_ok"] is True and entry["seconds"] > 0 for entry in made)
    assert (broken["path"], broken["workbooks"]) == (str(deals / "BROKEN-1.toml"), 2)
    assert broken["checks_ok"] is None
    assert broken["reason"] in done.stderr
    lines = run("build", *names, "--deal", str(deals), "--out", str(tmp_path / "out"))
    assert lines.stdout.splitlines()[-1] == "4 workbooks: 2 unchanged, 2 FAILED"


@pytest.mark.long
def test_an_upgrade_elsewhere_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("upgrade", str(path), "--out", str(out)).exit_code == 0
    target = out / path.name
    edited(type_placements)(target)
    theirs = target.read_bytes()
    assert run("upgrade", str(path), "--out", str(out)).exit_code == 0
    assert target.with_name(f"{NAME}.before-upgrade.xlsx").read_bytes() == theirs
