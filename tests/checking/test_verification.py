"""Verification: what agrees passes, and whatever was tampered with is named."""

from __future__ import annotations

import io
import math
import re
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from offices import VERIFYING, needs_office, office_too
from paths import WORKBOOKS

import xladdin
from xladdin.cells import CellError
from xladdin.checking.recalc import recalc
from xladdin.checking.verify import Verified, verify, verify_one
from xladdin.cli.reports import summary
from xladdin.engines import choice as engines
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.result import Computed
from xladdin.engines.tolerance import relative
from xladdin.errors import FileError
from xladdin.xlsx.package import Package
from xladdin.xlsx.workbook_part import Workbook, area_of

NAMES = ("captable", "floating", "placements", "proceeds")

ENGINES = [*VERIFYING, pytest.param("libreoffice", marks=office_too)]


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """One of our workbooks, to be tampered with."""
    return Path(shutil.copy(made / "placements.xlsx", tmp_path))


def in_log(path: Path, heading: str, row: int) -> str:
    """The cell of the log's column in a row, from 1."""
    sheet = openpyxl.load_workbook(path)["Placements"]
    top = area_of(sheet.tables["Placements"].ref).first_row
    letter = next(cell.column_letter for cell in sheet[top] if cell.value == heading)
    return f"{letter}{top + row}"


def small(tmp_path: Path, *formulas: str) -> Path:
    """A user's own workbook: formulas in column A, recalculated."""
    book = openpyxl.Workbook()
    for formula in formulas:
        book.active.append([formula])
    path = tmp_path / "mine.xlsx"
    book.save(path)
    recalc(path, in_place=True)
    return path


def part_of(path: Path, sheet: str) -> str:
    return next(one.part for one in Workbook(path.read_bytes()).sheets if one.name == sheet)


def tamper(path: Path, sheet: str, cell: str, old: str, new: str) -> None:
    """Change something between a cell's tags."""
    part = part_of(path, sheet)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as source:
        content = source.read(part).decode()
    found = re.search(rf'<c r="{cell}".*?</c>', content)
    assert found
    assert re.search(old, found[0]), found[0]
    changed = content.replace(found[0], re.sub(old, new, found[0], count=1))
    path.write_bytes(Package(path.read_bytes()).with_changes({part: changed.encode()}))


def named(done: Verified, kind: str) -> set[str]:
    return {item.where for item in done.differences if item.kind == kind}


@pytest.mark.parametrize(
    ("names", "engine"),
    [
        (NAMES, "embedded"),
        pytest.param(NAMES[:1], "all", marks=needs_office),
        *(pytest.param(NAMES, engine, marks=office_too) for engine in ("all", "libreoffice")),
    ],
)
def test_the_shipped_workbooks_agree(
    names: Sequence[str], engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [WORKBOOKS / f"{name}.xlsx" for name in names]
    before = [path.read_bytes() for path in paths]
    found = verify(paths, engine=engine)
    assert [path.read_bytes() for path in paths] == before
    with capsys.disabled():
        print("", *map(summary, found), sep="\n", end="")
    for done in found:
        assert done.agrees, done.differences
        engines = 2 if engine == "all" else 1
        assert done.stored == done.formulas * engines
        assert done.twins >= 12 * engines
        assert done.between == (done.formulas if engine == "all" else 0)
        assert done.worst <= 1e-12


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stored_value_that_was_tampered_with(path: Path, engine: str) -> None:
    cell = in_log(path, "Commission", 1)
    tamper(path, "Placements", cell, r"<v>[^<]*</v>", "<v>60000</v>")
    before = path.read_bytes()
    done = verify_one(path, engine=engine)
    assert not done.agrees
    assert named(done, "stored") == {f"'Placements'!{cell}"}
    for item in done.differences:
        assert "CEO_FEE(Placements[[#This Row]" in item.formula
        assert item.stored == 60_000.0
        assert item.computed == pytest.approx(59_999.9792)
        assert item.relative == pytest.approx(3.5e-7, rel=0.1)
        assert done.worst == item.relative
        assert "stored 60000, " in str(item)
    assert path.read_bytes() == before


@pytest.mark.sample(2)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"<v>[^<]*</v>", ""),
        (r'( t="\w+")?><f>(.*)</f><v>[^<]*</v>', r' t="str"><f>\2</f><v>60000</v>'),
        (r'( t="\w+")?><f>(.*)</f><v>[^<]*</v>', r' t="e"><f>\2</f><v>#N/A</v>'),
        (r'( t="\w+")?><f>(.*)</f><v>[^<]*</v>', r' t="b"><f>\2</f><v>1</v>'),
    ],
)
def test_a_stored_value_of_another_kind(path: Path, engine: str, old: str, new: str) -> None:
    cell = in_log(path, "Commission", 1)
    tamper(path, "Placements", cell, old, new)
    assert named(verify_one(path, engine=engine), "stored") == {f"'Placements'!{cell}"}


@pytest.mark.sample(1)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["NO_SUCH_FUNCTION(1)", "No_such_name", "CEO_FEES(1)+1"])
def test_a_name_that_is_not_known(path: Path, engine: str, name: str) -> None:
    cell = in_log(path, "Commission", 2)
    tamper(path, "Placements", cell, r"<f>.*</f>", f"<f>{name}</f>")
    done = verify_one(path, engine=engine)
    assert not done.agrees
    refused = {item.where for item in done.refused}
    typed_over = {root.where for root in done.roots}
    assert f"'Placements'!{cell}" in refused | named(done, "unresolved")
    assert typed_over == {f"'Placements'!{cell}"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_twin_that_was_broken(path: Path, engine: str) -> None:
    """Stored values fit, as somebody has recalculated; only the checks show it."""
    book = openpyxl.load_workbook(path)
    cell = book["Placements"][in_log(path, "Plain commission", 1)]
    assert str(cell.value).startswith("=")
    cell.value = f"=({str(cell.value)[1:]})*1.001"
    book.save(path)
    recalc(path, in_place=True)
    done = verify_one(path, engine=engine)
    assert not done.agrees
    assert not done.differences
    (root,) = done.roots
    assert (root.kind, root.where) == ("typed over", f"'Placements'!{cell.coordinate}")
    assert "another formula than that of" in root.reason
    assert done.following_checks >= 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_check_that_was_talked_round(path: Path, engine: str) -> None:
    """Its verdict is TRUE whatever the figures are; figure and twin are compared all the same."""
    checks = openpyxl.load_workbook(path)["Checks"]
    row = next(cell.row for cell in checks["B"] if cell.value == "=Commission_total")
    tamper(path, "Checks", f"B{row}", r"<f>.*</f>", "<f>Commission_total+1</f>")
    tamper(path, "Checks", f"D{row}", r"<f>.*</f>", "<f>0</f>")
    recalc(path, in_place=True)
    assert named(verify_one(path, engine=engine), "twin") == {f"'Checks'!B{row}"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_users_own_workbook(tmp_path: Path, engine: str) -> None:
    path = small(tmp_path, "=CEO_FEE(1000000)", '=A1&"x"', "=A1>5", "=1/0", "=Z9", "=0.1+0.2-0.3")
    done = verify_one(path, engine=engine)
    assert done.agrees, done.differences
    assert done.twins == 0


def test_shared_and_array_formulas_are_named_in_full(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (1, 2, 3):
        book.active.append([row * 100, f"=F{row}"])
    book.active["D1"] = openpyxl.worksheet.formula.ArrayFormula("D1:D3", "=CEO_FEE(A1:A3)")
    path = tmp_path / "mine.xlsx"
    book.save(path)
    part = part_of(path, "Sheet")
    with zipfile.ZipFile(path) as source:
        content = source.read(part).decode()
    content = content.replace("<f>F1</f>", '<f t="shared" ref="B1:B3" si="0">A1*2</f>')
    for row in (2, 3):
        content = content.replace(f"<f>F{row}</f>", '<f t="shared" si="0"/>')
    path.write_bytes(Package(path.read_bytes()).with_changes({part: content.encode()}))
    recalc(path, in_place=True)
    assert verify_one(path).stored == 6
    tamper(path, "Sheet", "B3", "<v>600</v>", "<v>601</v>")
    tamper(path, "Sheet", "D2", "<v>8</v>", "<v>9</v>")
    found = {item.cell: item for item in verify_one(path).differences}
    assert set(found) == {"B3", "D2"}
    assert found["B3"].formula == "A3*2"
    assert (found["D2"].stored, found["D2"].computed) == (9.0, 8.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1.0, 1.0, 0.0),
        (0.0, -0.0, 0.0),
        (1.5, 1.5 * (1 + 1e-13), pytest.approx(1e-13, rel=0.01)),
        (1e13, 1e13 + 1, math.inf),
        (2.0**53, 2.0**53 + 2, pytest.approx(2.2e-16, rel=0.01)),
        (5.0, 6.0, pytest.approx(1 / 6)),
        (-1.0, 1.0, 2.0),
    ],
)
def test_counts_are_exact_and_other_numbers_are_not(
    one: float, other: float, expected: float
) -> None:
    assert relative(one, other) == expected


def test_rounding_is_no_difference_where_figures_cancel(tmp_path: Path) -> None:
    path = small(tmp_path, "=0.1+0.2", "=0.3", "=A1-A2", "=ABS(A1-A2)*1", "=CEO_FEE(1)")
    tamper(path, "Sheet", "A3", "<v>[^<]*</v>", "<v>0</v>")
    assert verify_one(path).agrees
    tamper(path, "Sheet", "A3", "<v>[^<]*</v>", "<v>1E-9</v>")
    assert named(verify_one(path), "stored") == {"'Sheet'!A3"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("none.xlsx", None, "no such file"), ("book.xlsx", b"text", "not a workbook")],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=words):
        xladdin.verify(tmp_path / name)


def test_an_engine_that_is_not_known(path: Path) -> None:
    with pytest.raises(FileError, match="'abacus' is not known"):
        verify(path, engine="abacus")


def test_engines_that_differ_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(data: bytes, path: Path | str) -> Computed:
        result = embedded.compute(data, path)
        values = {"Sheet": dict.fromkeys(result.values["Sheet"], -2.0)}
        return replace(result, engine="libreoffice", values=values)

    monkeypatch.setitem(engines.ENGINES, "libreoffice", other)
    path = small(tmp_path, "=SQRT(-8)", "=A1")
    done = verify_one(path, engine="all")
    assert named(done, "engine") == {"'Sheet'!A1"}
    assert done.following_differences == 1
    item = next(item for item in done.differences if item.kind == "engine")
    assert (item.stored, item.computed) == (CellError("#NUM!"), -2.0)
    assert "embedded #NUM!, libreoffice -2" in str(item)


@needs_office
def test_errors_that_stand_for_several(tmp_path: Path) -> None:
    """LibreOffice has one error for many wrong arguments; that is no difference."""
    path = small(tmp_path, "=SQRT(-1)", "=CHOOSE(9,1)", "=CANTOR_EXERCISE_PRICE(B1:B2,B1:B2)")
    book = openpyxl.load_workbook(path)
    book.active["B1"], book.active["B2"] = "=NA()", 1
    book.save(path)
    recalc(path, in_place=True)
    done = verify_one(path, engine="all")
    assert done.agrees, done.differences
    with pytest.raises(FileError, match="cannot be computed here: LibreOffice gives its error 50"):
        recalc(path, engine="libreoffice")
    tamper(path, "Sheet", "A1", "<v>#NUM!</v>", "<v>#N/A</v>")
    assert named(verify_one(path, engine="libreoffice"), "stored") == {"'Sheet'!A1"}


def spilled(tmp_path: Path, area: str, *, dynamic: bool) -> Path:
    """A workbook with a derivation that fills an area."""
    book = openpyxl.Workbook()
    first = area.split(":")[0]
    formula = openpyxl.worksheet.formula.ArrayFormula(area, '=EXPLAIN("CEO_FEE",12000000)')
    book.active[first] = formula
    path = tmp_path / "spilled.xlsx"
    book.save(path)
    if dynamic:
        part = part_of(path, "Sheet")
        with zipfile.ZipFile(path) as source:
            content = source.read(part).decode()
        content = content.replace(f'<c r="{first}"', f'<c r="{first}" cm="1"')
        path.write_bytes(Package(path.read_bytes()).with_changes({part: content.encode()}))
    recalc(path, in_place=True)
    return path


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dynamic", [False, True])
def test_a_spilled_derivation(tmp_path: Path, engine: str, dynamic: bool) -> None:
    """It has texts of no characters, which are something other than nothing."""
    done = verify_one(spilled(tmp_path, "A1:E4", dynamic=dynamic), engine=engine)
    assert done.agrees, done.differences
    assert done.stored == 20 * len(done.engines)


def test_a_cell_of_a_spilled_derivation(tmp_path: Path) -> None:
    path = spilled(tmp_path, "A1:E4", dynamic=True)
    tamper(path, "Sheet", "D3", "<v>70000</v>", "<v>70001</v>")
    (item,) = verify_one(path).differences
    assert (item.cell, item.stored, item.computed) == ("D3", 70_001.0, 70_000.0)
    assert item.formula.startswith("EXPLAIN(")
    tamper(path, "Sheet", "D3", "<v>70001</v>", "<v>70000</v>")
    # The text of no characters becomes nothing at all.
    tamper(path, "Sheet", "C4", "<v></v>", "")
    assert [item.cell for item in verify_one(path).differences] == ["C4"]


@pytest.mark.parametrize("engine", ENGINES)
def test_volatile_cells_are_set_apart(tmp_path: Path, engine: str) -> None:
    path = small(
        tmp_path,
        "=TODAY()",
        "=A1-1",
        "=RAND()*2",
        "=IF(A3<9,1,2)",
        "=SUM(1,2)",
        "=OFFSET(A5,0,0)",
        "=NOW()",
    )
    for cell in ("A1", "A2", "A3", "A7"):
        tamper(path, "Sheet", cell, "<v>[^<]*</v>", "<v>7.5</v>")
    done = verify_one(path, engine=engine)
    assert done.agrees, done.differences
    assert done.volatile == 4
    assert done.stored == 4 * len(done.engines)
    tamper(path, "Sheet", "A6", "<v>3</v>", "<v>4</v>")
    assert named(verify_one(path, engine=engine), "stored") <= {"'Sheet'!A6"}


def test_a_cell_that_volatile_ones_do_not_reach(tmp_path: Path) -> None:
    path = small(tmp_path, "=RAND()", "=A1+1", "=SUM(1,2)", "=A3*2")
    tamper(path, "Sheet", "A4", "<v>6</v>", "<v>7</v>")
    done = verify_one(path)
    assert named(done, "stored") == {"'Sheet'!A4"}


@pytest.mark.parametrize(("factor", "agrees"), [(1 + 3e-8, True), (1 + 1e-5, False)])
def test_functions_that_search_have_a_tolerance_of_their_own(
    tmp_path: Path, factor: float, agrees: bool
) -> None:
    book = openpyxl.Workbook()
    for number in (-1000, 300, 400, 500):
        book.active.append([number])
    book.active["B1"] = "=IRR(A1:A4)"
    book.active["B2"] = "=B1*100"
    book.active["B3"] = "=NPV(B1,A2:A4)+A1"
    book.active["B4"] = "=SUM(A1:A4)/7"
    path = tmp_path / "mine.xlsx"
    book.save(path)
    recalc(path, in_place=True)
    values = openpyxl.load_workbook(path, data_only=True).active
    rate = values["B1"].value * factor
    left = sum(
        float(number) / (1 + rate) ** year for year, number in enumerate((-1000, 300, 400, 500))
    )
    for cell, value in (("B1", rate), ("B2", rate * 100), ("B3", left)):
        tamper(path, "Sheet", cell, "<v>[^<]*</v>", f"<v>{value!r}</v>")
    assert verify_one(path).agrees is agrees
    exact = values["B4"].value * (1 + 3e-8)
    tamper(path, "Sheet", "B4", "<v>[^<]*</v>", f"<v>{exact!r}</v>")
    assert "'Sheet'!B4" in named(verify_one(path), "stored")


@pytest.mark.parametrize("engine", ["embedded", pytest.param("libreoffice", marks=needs_office)])
def test_what_depends_on_a_refused_cell_is_not_judged(tmp_path: Path, engine: str) -> None:
    path = small(tmp_path, "=1+1", "=A1*2", "=A2&A1", "=SUM(1,2)")
    tamper(path, "Sheet", "A1", "<f>.*</f>", "<f>NO_SUCH_FUNCTION(1)</f>")
    done = verify_one(path, engine=engine)
    assert [item.cell for item in done.refused] == ["A1"]
    assert done.unjudged == 2
    assert not done.differences
    assert (done.state, done.agrees) == ("not judged", False)
    assert done.stored == 1
    assert "1 CELL NOT COMPUTED HERE" in summary(done)


def test_a_difference_is_named_where_it_begins(tmp_path: Path) -> None:
    path = small(tmp_path, "=1+1", "=A1*2", "=A2*2", "=SUM(1,2)")
    for cell in ("A1", "A2", "A3"):
        tamper(path, "Sheet", cell, "<v>[^<]*</v>", "<v>99</v>")
    done = verify_one(path)
    assert named(done, "stored") == {"'Sheet'!A1"}
    assert done.following_differences == 2
