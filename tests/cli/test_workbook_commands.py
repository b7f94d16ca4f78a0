"""The commands that build, recalculate, verify and upgrade workbooks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from offices import needs_office
from openpyxl.worksheet.datavalidation import DataValidation
from paths import ROOT

from xladdin.cli import main

DOCS = ROOT / "docs"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


class TestBuildAndRecalc:
    def test_build_then_check_then_recalc(self, tmp_path: Path) -> None:
        out = str(tmp_path / "books")
        built = run("build", "placements", "--out", out)
        assert built.exit_code == 0, built.output
        assert built.stdout.count("\n") == 1
        assert "checks hold" in built.stdout
        assert run("build", "placements", "--out", out, "--check").exit_code == 0
        missing = run("build", "placements", "floating", "--out", out, "--check")
        assert missing.exit_code == 1
        assert "NOT UP TO DATE" in missing.stdout
        path = tmp_path / "books" / "placements.xlsx"
        before = path.read_bytes()
        again = run("recalc", str(path), "--in-place")
        assert again.exit_code == 0, again.output
        assert "0 values changed" in again.stdout
        assert path.read_bytes() == before

    def test_recalc_of_a_workbook_made_by_hand(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet["A1"] = 2_000_000
        sheet["A2"] = "=CEO_FEE(A1,9000000)"
        sheet["A3"] = "=SUM(A1:A2)"
        book.save(tmp_path / "mine.xlsx")
        result = run("recalc", str(tmp_path / "mine.xlsx"), "--out", str(tmp_path / "done"))
        assert result.exit_code == 0, result.output
        values = openpyxl.load_workbook(tmp_path / "done" / "mine.xlsx", data_only=True).worksheets[
            0
        ]
        assert (values["A2"].value, values["A3"].value) == (75000, 2_075_000)
        untouched = openpyxl.load_workbook(tmp_path / "mine.xlsx", data_only=True).worksheets[0]
        assert untouched["A2"].value is None

    @pytest.mark.parametrize(
        "arguments",
        [
            ("build", "nothing"),
            ("build", "--deal", "NO-SUCH-DEAL"),
            ("build", "--deal", "missing.toml"),
            ("recalc", "missing.xlsx", "--in-place"),
            ("recalc", "missing.xlsx"),
            ("recalc",),
            ("eval",),
            ("nonsense",),
        ],
    )
    def test_wrong_use_is_said_in_a_line_and_exits_2(
        self, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert result.stderr.strip()
        assert not result.stdout
        assert "Traceback" not in result.output
        assert list(tmp_path.iterdir()) == []

    def test_one_bad_file_does_not_stop_the_others(self, tmp_path: Path) -> None:
        bad = tmp_path / "bad.xlsx"
        bad.write_bytes(b"not a workbook")
        book = openpyxl.Workbook()
        book.worksheets[0]["A1"] = "=CEO_FEE(1000)"
        good = tmp_path / "good.xlsx"
        book.save(good)
        result = run("recalc", str(bad), str(good), "--in-place")
        assert result.exit_code == 2
        assert "bad.xlsx" in result.stderr
        assert openpyxl.load_workbook(good, data_only=True).worksheets[0]["A1"].value == 40
        assert bad.read_bytes() == b"not a workbook"


class TestRecalc:
    """Recalculating on the command line: what is wrong is named, and the status says it."""

    @staticmethod
    def log(tmp_path: Path, value: object) -> Path:
        book = openpyxl.Workbook()
        book.active.append([value, "=CEO_FEE(A1)", "=B1+1"])
        rule = DataValidation(type="whole", operator="greaterThan", showErrorMessage=True)
        rule.formula1 = "0"
        rule.error = "Whole\u202e dollars."
        rule.add("A1")
        book.active.add_data_validation(rule)
        path = tmp_path / "log.xlsx"
        book.save(path)
        return path

    def test_an_entry_that_breaks_its_rule(self, tmp_path: Path) -> None:
        path = self.log(tmp_path, "40,000")
        result = run("recalc", str(path), "--in-place")
        assert (result.exit_code, result.stderr) == (1, "")
        assert result.stdout.splitlines() == [
            f"{path}  2 formulas  2 values changed  1 ENTRY IS WRONG  2 errors  by embedded",
            "  'Sheet'!A1  \"40,000\": text where a whole number belongs: Whole\\u202e dollars.",
            "  2 errors only because of these",
        ]
        assert openpyxl.load_workbook(path, data_only=True).active["B1"].value == "#VALUE!"

    def test_nothing_is_wrong(self, tmp_path: Path) -> None:
        result = run("recalc", str(self.log(tmp_path, 1000)), "--in-place")
        assert result.exit_code == 0
        assert result.stdout.endswith("  2 formulas  2 values changed  0 errors  by embedded\n")

    def test_json(self, tmp_path: Path) -> None:
        path = self.log(tmp_path, "40,000")
        result = run("recalc", str(path), str(tmp_path / "none.xlsx"), "--in-place", "--json")
        assert result.exit_code == 2
        found, missing = json.loads(result.stdout)
        assert missing.keys() == {"path", "state", "error"}
        assert missing["state"] == "error"
        page = (DOCS / "checking.md").read_text(encoding="utf-8")
        assert all(f"`{key}`" in page for key in found)
        assert (found["state"], found["written"], found["errors"]) == ("fails", True, 2)
        assert (found["wrong_entries"], found["following_errors"]) == (1, 2)
        assert found["checks_ok"] is None
        (root,) = found["root_cells"]
        assert (root["sheet"], root["cell"], root["value"]) == ("Sheet", "A1", "40,000")


class TestVerify:
    """Comparing on the command line: results on standard output, and a status that says it."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        book = openpyxl.Workbook()
        book.active.append(["=CEO_FEE(1000000)", '=A1&"x"', "=CLASSB_AVAILABLE(5)"])
        path = tmp_path / "mine.xlsx"
        book.save(path)
        assert run("recalc", str(path), "--in-place").exit_code == 0
        return path

    def test_agrees(self, path: Path) -> None:
        before = path.read_bytes()
        result = run("verify", str(path))
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == (
            f"{path}  agrees  3 compared (3 stored values, no checks) by embedded, "
            "worst relative difference 0.0E+00\n"
        )
        assert path.read_bytes() == before

    def test_names_what_differs(self, path: Path, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(path)
        book.active["D1"] = "=CEO_FEE(2)"
        book.save(tmp_path / "stale.xlsx")
        result = run("verify", str(tmp_path / "stale.xlsx"), str(path))
        assert (result.exit_code, result.stderr) == (1, "")
        lines = result.stdout.splitlines()
        assert "3 DIFFERENCES" in lines[0]
        assert lines[1] == (
            "  'Sheet'!A1  stored nothing, embedded 40000 (nothing is stored)  =CEO_FEE(1000000)"
        )
        assert lines[4] == "  1 cell differs only because of these"
        assert "agrees" in lines[5]

    def test_json(self, path: Path, tmp_path: Path) -> None:
        result = run("verify", str(path), str(tmp_path / "none.xlsx"), "--json")
        assert result.exit_code == 2
        found, missing = json.loads(result.stdout)
        assert found["agrees"] is True
        assert (found["compared"], found["stored"], found["differences"]) == (3, 3, [])
        assert "no such file" in missing["error"]
        assert "no such file" in result.stderr
        stale = openpyxl.load_workbook(path)
        stale.save(path)
        (table,) = json.loads(run("verify", str(path), "--json").stdout)
        difference = table["differences"][0]
        assert (difference["sheet"], difference["cell"]) == ("Sheet", "A1")
        assert (difference["kind"], difference["stored"], difference["computed"]) == (
            "stored",
            None,
            40_000,
        )
        assert difference["formula"] == "CEO_FEE(1000000)"

    def test_json_has_the_same_keys_whatever_is_found(self, path: Path, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(path)
        book.active["D1"] = "=CEO_FEE(-1)"
        book.active["E1"] = '=CALL("kernel32","Beep")'
        book.active["F1"] = "=TODAY()"
        wrong = tmp_path / "wrong.xlsx"
        book.save(wrong)
        found = json.loads(run("verify", str(path), str(wrong), "--json").stdout)
        assert [table["state"] for table in found] == ["agrees", "differs"]
        assert found[0].keys() == found[1].keys()
        page = (DOCS / "checking.md").read_text(encoding="utf-8")
        assert all(f"`{key}`" in page for key in found[0])
        (root,) = found[1]["root_cells"]
        assert root == {
            "kind": "error",
            "what": "a formula gives an error of its own",
            "sheet": "Sheet",
            "cell": "D1",
            "value": "#NUM!",
            "reason": root["reason"],
            "formula": "CEO_FEE(-1)",
            "also": 0,
        }
        assert "gross must be" in root["reason"]
        (refused,) = found[1]["refused"]
        assert refused["cell"] == "E1"
        assert refused["engine"].startswith("embedded")  # and LibreOffice, where it is installed
        assert found[1]["volatile"] == 1

    def test_one_bad_file_does_not_hide_the_others(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.xlsx").write_bytes(b"text")
        result = run("verify", str(tmp_path / "bad.xlsx"), str(path))
        assert result.exit_code == 2
        assert "not a workbook" in result.stderr
        assert "agrees" in result.stdout

    def test_an_engine_that_is_not_known(self, path: Path) -> None:
        result = run("verify", str(path), "--engine", "abacus")
        assert result.exit_code == 2
        assert "abacus" in result.stderr

    @pytest.mark.usefixtures("no_office_yet")
    def test_no_libreoffice(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XLADDIN_SOFFICE", "/no/such/soffice")
        for command in (["verify", "--engine", "all"], ["recalc", "--engine", "libreoffice"]):
            extra = ["--in-place"] if command[0] == "recalc" else []
            result = run(*command, str(path), *extra)
            assert result.exit_code == 2
            assert "/no/such/soffice" in result.stderr
            assert "embedded engine" in result.stderr
            assert "Traceback" not in result.output

    @needs_office
    def test_every_engine(self, path: Path) -> None:
        result = run("verify", str(path), "--engine", "all")
        assert (result.exit_code, result.stderr) == (0, "")
        assert "9 compared (6 stored values, no checks, 3 cells between engines)" in result.stdout
        assert run("recalc", str(path), "--in-place", "--engine", "libreoffice").stdout == (
            f"{path}  3 formulas  0 values changed  0 errors  by libreoffice\n"
        )


@pytest.mark.long
def test_upgrade_tells_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "placements.xlsx"
    assert run("build", "placements", "--out", str(tmp_path)).exit_code == 0
    done = run("upgrade", str(path))
    assert done.exit_code == 0
    assert re.fullmatch(r"(.*)  is up to date  [\d,]+ formulas  checks hold\n", done.stdout)
    book = openpyxl.load_workbook(path)
    book["Placements"]["C6"] = "fifty thousand"
    book["Placements"]["C7"] = None
    book.save(path)
    done = run("upgrade", str(path))
    # Text is no number: the workbook says so, and is made all the same.
    assert done.exit_code == 1
    assert "Placements!C6  Shares  fifty thousand" in done.stdout
    assert "Placements!C7  Shares  cleared" in done.stdout
    assert "CHECKS FAIL" in done.stdout
    assert "Checks!F" in done.stderr


def test_upgrade_names_what_it_cannot_carry(tmp_path: Path) -> None:
    path = tmp_path / "placements.xlsx"
    assert run("build", "placements", "--out", str(tmp_path)).exit_code == 0
    book = openpyxl.load_workbook(path)
    book["Placements"]["P1"] = "my note"
    book.save(path)
    before = path.read_bytes()
    done = run("upgrade", str(path), str(tmp_path / "none.xlsx"))
    assert done.exit_code == 2
    assert done.stdout == ""
    first, second, third = done.stderr.splitlines()
    assert "it holds 1 thing that cannot be carried over" in first
    assert second == "  Placements!P1: 'my note'"
    assert "there is no such file" in third
    assert path.read_bytes() == before


def test_build_with_data(tmp_path: Path) -> None:
    deal = tmp_path / "data" / "NEOT-2001"
    deal.mkdir(parents=True)
    (deal / "placements.csv").write_text("Date,Shares,Price\n2001-08-14,5,4\n")
    arguments = ("--data", str(tmp_path / "data"), "--out", str(tmp_path / "out"))
    assert run("build", "placements", *arguments).exit_code == 0
    assert run("build", "placements", *arguments, "--check").exit_code == 0
    (deal / "placements.csv").write_text("Date,Shares,Price\n2001-08-14,6,4\n")
    assert run("build", "placements", *arguments, "--check").exit_code == 1
    (deal / "placements.csv").write_text("Date,Shares,Price\n2001-08-14,six,4\n")
    done = run("build", "placements", *arguments)
    assert done.exit_code == 2
    assert "placements.csv: line 2, Shares: 'six' cannot be read" in done.stderr


def test_two_files_for_one_place_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    paths = []
    for folder, name in (("a", "x.xlsx"), ("b", "X.xlsx")):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / name)
        book = openpyxl.Workbook()
        book.worksheets[0]["A1"] = "=CEO_FEE(1000)"
        book.save(paths[-1])
    done = run("recalc", *map(str, paths), "--out", str(tmp_path / "o"))
    assert done.exit_code == 2
    assert "would both go to" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        "build --json NOPE",
        "build --json --jobs none",
        "functions --json NOPE",
        "deals --json NOPE",
        "deals --json missing.toml",
        "verify --json --deal missing.toml some.xlsx",
        "recalc --json a/x.xlsx b/x.xlsx --out out",
        "upgrade --json a/x.xlsx b/x.xlsx --out out",
    ],
)
def test_json_is_one_document_though_nothing_could_be_done(arguments: str) -> None:
    done = CliRunner().invoke(main, arguments.split())
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"] in done.stderr
