"""The template workbooks: complete, computed, checked, and the same bytes every time."""

from __future__ import annotations

import functools
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from deals import NEOT_1
from draws import first_row
from openpyxl.formula import Tokenizer
from paths import DATA, WORKBOOKS
from reading import checks_ok
from templates import LINES, OF_2001

import xladdin
from xladdin._version import RELEASED
from xladdin.building import build as building
from xladdin.building import origin
from xladdin.building.build import build
from xladdin.errors import TermsError
from xladdin.functions.registry import FUNCTIONS
from xladdin.functions.warrants import cantor_warrants_twin
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer
from xladdin.workbooks.layout import styles

MERIDIAN = DATA / "MERIDIAN-2024.toml"
"""A deal of another shape: no warrants, no limits, a note that floats between floor and cap."""

DEALS = ("NEOT-2001", "NEOT-2001/OTHER", "MERIDIAN-2024")
CASES = [(name, deal) for name in OF_2001 for deal in DEALS]
CASES += [("equityline", deal) for deal in LINES]
WITHOUT_CALENDAR = {"proceeds", "captable", "offering"}
"""Templates whose formulas count no sessions."""


class _Rendered(dict[tuple[str, str], building.Rendered]):
    """Workbooks by template and deal, each made when it is first needed."""

    def __missing__(self, case: tuple[str, str]) -> building.Rendered:
        offer(read_terms(MERIDIAN), MERIDIAN)
        self[case] = building.render(case[0], select(case[1]))
        return self[case]


@pytest.fixture(scope="module")
def rendered() -> dict[tuple[str, str], building.Rendered]:
    return _Rendered()


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


@functools.cache
def load(data: bytes, *, values: bool) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def formulas(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and formula of each formula cell."""
    for sheet in load(data, values=False).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, cell.value


def calls(formula: str) -> list[str]:
    """Names of the functions that a formula calls."""
    return [
        token.value.rstrip("(")
        for token in Tokenizer(formula).items
        if token.type == "FUNC" and token.subtype == "OPEN"
    ]


def called(formula: str) -> Iterator[tuple[str, list[str]]]:
    """Each call in a formula: the function's name and its arguments as they are written."""
    open_calls: list[tuple[str, list[str]]] = []
    for token in Tokenizer(formula).items:
        opens = token.subtype == "OPEN"
        if token.subtype == "CLOSE":
            name, given = open_calls.pop()
            text = f"{name}({','.join(given)})"
            if name:
                yield name, given
        elif opens:
            open_calls.append((token.value.rstrip("("), [""]))
            continue
        elif token.type == "SEP" and open_calls:
            open_calls[-1][1].append("")
            continue
        else:
            text = token.value
        if open_calls:
            open_calls[-1][1][-1] += text


@pytest.mark.sample(5)
@pytest.mark.parametrize("case", CASES, ids=":".join)
class TestEveryTemplate:
    def test_all_checks_hold(self, rendered: dict[Any, building.Rendered], case: Any) -> None:
        assert rendered[case].failures == ()
        assert rendered[case].checks_ok

    def test_checks_ok_is_stored_true(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        book = load(rendered[case].data, values=True)
        sheet, cell = next(iter(book.defined_names["Checks_OK"].destinations))
        assert book[sheet][cell].value is True

    def test_every_formula_has_its_value_stored(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        cells: list[str] = []
        with zipfile.ZipFile(io.BytesIO(rendered[case].data)) as package:
            for part in package.namelist():
                if part.startswith("xl/worksheets/sheet"):
                    cells += re.findall(r"<c [^>]*><f>.*?</c>", package.read(part).decode())
        assert len(cells) == rendered[case].formulas > 200
        assert [cell for cell in cells if not re.search(r"</f><v[^>]*>.*</v></c>$", cell)] == []

    def test_no_formula_gives_an_error(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        values = load(rendered[case].data, values=True)
        errors = [
            (sheet, cell, values[sheet][cell].value)
            for sheet, cell, _ in formulas(rendered[case].data)
            if values[sheet][cell].data_type == "e"
        ]
        assert errors == []

    def test_formulas_name_their_deal(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        book = load(rendered[case].data, values=False)
        with_terms = {
            name
            for name, function in FUNCTIONS.items()
            if any(argument.name == "terms" for argument in function.arguments)
        }
        looked_up = {"Sales[[#This Row],[Terms]]", "Explained_terms"}
        seen = 0
        for sheet, cell, formula in formulas(rendered[case].data):
            for name, given in called(formula):
                if name == "EXPLAIN":
                    name, given = given[0].strip('"'), given[1:]
                if name not in with_terms:
                    continue
                seen += 1
                function = FUNCTIONS[name]
                assert len(given) == len(function.arguments), (sheet, cell, formula)
                last = given[-1]
                if re.fullmatch(r"[A-Z]+\$?[0-9]+", last):  # a cell that names the agreement
                    last = book[sheet][last.replace("$", "")].value.lstrip("=")
                if last in looked_up:  # by the number of the agreement
                    own = book.defined_names["Agreement_terms"].destinations
                    rows = [row for title, area in own for row in book[title][area]]
                    last = ",".join(cell.value.lstrip("=") for row in rows for cell in row)
                    assert '"/' in last
                named = r'Deal(&"/[A-Z]+")?|Deal_by_date(&"@"&\$A\d+)?'
                assert all(re.fullmatch(named, one) for one in last.split(",")), (sheet, cell)
        assert seen > 50

    def test_twins_are_plain_excel(self, rendered: dict[Any, building.Rendered], case: Any) -> None:
        book = load(rendered[case].data, values=False)
        seen = 0
        for sheet, cell, formula in formulas(rendered[case].data):
            if book[sheet][cell].style == styles.TWIN and sheet != "Checks":
                seen += 1
                assert not set(calls(formula)) & set(FUNCTIONS), (sheet, cell, formula)
        assert seen > 15

    def test_no_array_form_of_small_or_large(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        # SMALL over a list of ranks is an error in one engine and silently wrong in another.
        for sheet, cell, formula in formulas(rendered[case].data):
            for rank in re.findall(r"(?:SMALL|LARGE)\([^()]*,([^()]*)\)", formula):
                assert re.fullmatch(r"\d+|\$?[A-Z]+\d+", rank), (sheet, cell, formula)

    def test_every_addin_figure_has_a_twin_check(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        book = load(rendered[case].data, values=False)
        used = {name for _, _, formula in formulas(rendered[case].data) for name in calls(formula)}
        addin = used & set(FUNCTIONS)
        assert len(addin) >= 5
        for sheet in book.worksheets:
            for table in sheet.tables.values():
                names = [column.name for column in table.tableColumns]
                for column in table.tableColumns:
                    body = column.calculatedColumnFormula
                    if body is None or not set(calls(f"={body.attr_text}")) & set(FUNCTIONS):
                        continue
                    plain = {f"Plain {column.name[0].lower()}{column.name[1:]}"}
                    plain |= {f"Plain {column.name}", "Plain usable"}
                    assert plain & set(names), (sheet.title, column.name)

    def test_names_resolve(self, rendered: dict[Any, building.Rendered], case: Any) -> None:
        book = load(rendered[case].data, values=True)
        for name, defined in book.defined_names.items():
            for sheet, reference in defined.destinations:
                assert book[sheet][reference.replace("$", "")] is not None, name

    def test_sheets(self, rendered: dict[Any, building.Rendered], case: Any) -> None:
        book = load(rendered[case].data, values=False)
        titles = book.sheetnames[:-1]
        assert titles[0] == "Start"
        calendar = [] if case[0] in WITHOUT_CALENDAR else ["Calendar"]
        assert titles[-4 - len(calendar) :] == [
            "Explain",
            *calendar,
            "Terms",
            "Checks",
            "Functions",
        ]
        # What an upgrade goes by; no program shows it.
        assert book.sheetnames[-1] == origin.TITLE
        assert book[origin.TITLE].sheet_state == "veryHidden"
        for sheet in book.worksheets[:-1]:
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert sheet.page_setup.fitToWidth == 1

    def test_input_cells_are_validated(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        book = load(rendered[case].data, values=False)
        for sheet in book.worksheets:
            if sheet.title == "Start":
                continue  # the legend shows the style
            allowed = [rule.sqref for rule in sheet.data_validations.dataValidation]
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.style == styles.INPUT:
                        held = any(cell.coordinate in cells for cells in allowed)
                        assert held, (sheet.title, cell.coordinate)

    def test_excel_is_not_told_to_recalculate_on_opening(
        self, rendered: dict[Any, building.Rendered], case: Any
    ) -> None:
        # It would show #NAME? on a machine without the add-in.
        with zipfile.ZipFile(io.BytesIO(rendered[case].data)) as package:
            workbook = package.read("xl/workbook.xml").decode()
        assert "fullCalcOnLoad" not in workbook
        assert 'calcId="191029"' in workbook

    def test_no_two_texts_joined_are_longer_than_a_cell_s(self, case: Any, rendered: Any) -> None:
        """Excel refuses 32,767 characters on the way, and an engine refuses what may have them."""
        book = openpyxl.load_workbook(io.BytesIO(rendered[case].data))
        texts = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
        assert 2 * max(len(text) for text in texts if isinstance(text, str)) + 255 < 32_767


class TestDeterminism:
    @pytest.mark.long
    def test_bytes_do_not_depend_on_the_machine(self, tmp_path: Path, made: Path) -> None:
        # Folder, time zone, hash seed, and the XML library that openpyxl finds.
        assert importlib.util.find_spec("lxml"), "both ways of writing XML must be tried"
        assert openpyxl.LXML
        environment = {
            **os.environ,
            "TZ": "Pacific/Auckland",
            "PYTHONHASHSEED": "1",
            "OPENPYXL_LXML": "False",
        }
        subprocess.run(
            [sys.executable, "-m", "xladdin.cli", "build", "--out", "out"],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
        )
        there = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.xlsx")}
        assert set(there) == {f"{name}.xlsx" for name in OF_2001}
        assert {path.name for path in made.glob("*.xlsx")} == set(there)
        for name, data in there.items():
            here = (made / name).read_bytes()
            with (
                zipfile.ZipFile(io.BytesIO(here)) as package,
                zipfile.ZipFile(io.BytesIO(data)) as other,
            ):
                assert package.namelist() == other.namelist()
                for part in package.namelist():
                    assert package.read(part) == other.read(part), (name, part)
            assert here == data, name

    def test_nothing_carries_the_time(self, rendered: dict[Any, building.Rendered]) -> None:
        for result in rendered.values():
            with zipfile.ZipFile(io.BytesIO(result.data)) as package:
                stamps = {entry.date_time for entry in package.infolist()}
                core = package.read("docProps/core.xml").decode()
            assert stamps == {(1980, 1, 1, 0, 0, 0)}
            dates = set(re.findall(r"\d{4}-\d\d-\d\d", core))
            assert dates == {RELEASED.isoformat()}

    @pytest.mark.parametrize("name", OF_2001)
    def test_the_workbooks_checked_in_are_current(self, made: Path, name: str) -> None:
        same = (WORKBOOKS / f"{name}.xlsx").read_bytes() == (made / f"{name}.xlsx").read_bytes()
        assert same, "run: python -m tools.generate"

    def test_a_second_build_leaves_files_alone(self, tmp_path: Path, made: Path) -> None:
        shutil.copy(made / "placements.xlsx", tmp_path)
        before = (tmp_path / "placements.xlsx").stat()
        assert [item.change for item in build(["placements"], out=tmp_path)] == ["same"]
        after = (tmp_path / "placements.xlsx").stat()
        assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)

    def test_check_sees_a_change_and_writes_nothing(self, tmp_path: Path, made: Path) -> None:
        path = tmp_path / "placements.xlsx"
        book = openpyxl.load_workbook(made / path.name)
        book["Start"]["A1"] = "Something else"
        book.save(path)
        before = path.read_bytes()
        assert [item.change for item in build(["placements"], out=tmp_path, check=True)] == [
            "stale"
        ]
        assert path.read_bytes() == before
        assert [item.change for item in build(["floating"], out=tmp_path, check=True)] == ["stale"]
        assert not (tmp_path / "floating.xlsx").exists()


class TestChecksCanFail:
    @pytest.mark.usefixtures("computed_anew")
    def test_a_wrong_twin_is_caught(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "xladdin.workbooks.placements.shares.cantor_warrants_twin",
            lambda *given, **named: cantor_warrants_twin(*given, **named) + "+1",
        )
        result = building.render("placements", select())
        assert not result.checks_ok
        assert any("Warrants" in failure for failure in result.failures)

    def test_other_terms_installed_are_caught(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deals = tmp_path / "deals"
        deals.mkdir()
        text = NEOT_1.replace("NEOT-2001", "MINE-1")
        (deals / "MINE-1.toml").write_text(text, "utf-8")
        monkeypatch.setenv("XLADDIN_DEALS", str(deals))
        (built,) = build(["placements"], deals=["MINE-1"], out=tmp_path)
        assert built.checks_ok
        changed = text.replace("value = 0.035", "value = 0.036")
        assert changed != text
        (deals / "MINE-1.toml").write_text(changed, "utf-8")
        forget()
        xladdin.recalc(built.path, in_place=True)
        after = openpyxl.load_workbook(built.path, data_only=True)
        assert checks_ok(after) is False
        differing = [
            row[0].value for row in after["Terms"].iter_rows(min_row=5) if row[7].value is False
        ]
        assert differing == ["agreement.tier_2.rate"]


class TestDeals:
    @pytest.mark.parametrize(
        ("names", "issuer"),
        first_row(
            [
                (["placements"], '=HYPERLINK("http://x","y")'),
                (OF_2001, '=HYPERLINK("http://x","y")'),
                (OF_2001, "+cmd|' /C calc'!A0"),
                (OF_2001, "@SUM(1)"),
                (OF_2001, "-2+3"),
            ]
        ),
    )
    def test_text_that_looks_like_a_formula_stays_text(
        self, tmp_path: Path, names: Sequence[str], issuer: str
    ) -> None:
        path = tmp_path / "ODD-1.toml"
        quoted = issuer.replace("\\", "\\\\").replace('"', '\\"')
        text = NEOT_1.replace("NEOT-2001", "ODD-1")
        path.write_text(text.replace("NeoTherapeutics, Inc.", quoted), "utf-8")
        assert read_terms(path).issuer == issuer
        for built in build(names, deals=[path], out=tmp_path / "out"):
            assert built.checks_ok
            book = openpyxl.load_workbook(built.path)
            cell = book["Start"]["B4"]
            assert cell.data_type == "s"
            assert issuer in str(cell.value)
            assert cell.quotePrefix

    def test_several_deals_get_folders_of_their_own(self, tmp_path: Path) -> None:
        done = build(["placements"], deals=["NEOT-2001", "NEOT-2001/OTHER"], out=tmp_path)
        names = [str(item.path.relative_to(tmp_path).as_posix()) for item in done]
        assert names == ["NEOT-2001/placements.xlsx", "NEOT-2001_OTHER/placements.xlsx"]
        assert all(item.checks_ok for item in done)

    def test_a_file_cannot_take_a_shipped_name(self, tmp_path: Path) -> None:
        path = tmp_path / "NEOT-2001.toml"
        path.write_text(NEOT_1, "utf-8")
        with pytest.raises(TermsError, match="shipped"):
            build(deals=[path], out=tmp_path)

    @pytest.mark.long
    def test_an_agreement_without_warrants_and_a_deal_without_debentures(
        self, tmp_path: Path
    ) -> None:
        text = NEOT_1.replace("NEOT-2001", "PLAIN-1")
        text = re.sub(r"\[agreements\.\w+\.warrants\]\n(.+\n)+", "", text)
        text = re.sub(r"\[debentures\]\n(.+\n)+(\n\[\[debentures\.blocks\]\]\n(.+\n)+)+", "", text)
        text = re.sub(r"\[printed\]\n(.+\n)+", "", text)
        path = tmp_path / "PLAIN-1.toml"
        path.write_text(text, "utf-8")
        done = build(OF_2001, deals=[path], out=tmp_path / "out")
        assert [item.checks_ok for item in done] == [True] * len(OF_2001)
        book = openpyxl.load_workbook(tmp_path / "out" / "floating.xlsx")
        assert "Debentures" not in book.sheetnames
