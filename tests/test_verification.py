"""Verification: what agrees passes, and whatever was tampered with is named."""

from __future__ import annotations

import io
import math
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from offices import needs_office

import xladdin
from xladdin.cli.reports import summary
from xladdin.comparing import relative
from xladdin.core.errors import FileError
from xladdin.ooxml.archive import replace_parts
from xladdin.ooxml.workbook import Workbook
from xladdin.recalculation import recalc
from xladdin.values import CellError
from xladdin.verification import Verified, session, verify, verify_one

WORKBOOKS = Path(__file__).parent.parent / "workbooks"
NAMES = ("captable", "floating", "placements", "proceeds")

ENGINES = [
    "embedded",
    pytest.param("libreoffice", marks=needs_office),
    pytest.param("all", marks=needs_office),
]


@pytest.fixture(scope="module", autouse=True)
def _one_office() -> Iterator[None]:
    """Let all tests share an office, which starts with the first that asks for it."""
    with session("all"):
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """One of the shipped workbooks, to be tampered with."""
    return Path(shutil.copy(WORKBOOKS / "placements.xlsx", tmp_path / "placements.xlsx"))


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
    path.write_bytes(replace_parts(path.read_bytes(), {part: changed.encode()}))


def named(done: Verified, kind: str) -> set[str]:
    return {item.where for item in done.differences if item.kind == kind}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_shipped_workbooks_agree(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [WORKBOOKS / f"{name}.xlsx" for name in NAMES]
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
    tamper(path, "Placements", "G26", r"<v>[^<]*</v>", "<v>60000</v>")
    before = path.read_bytes()
    done = verify_one(path, engine=engine)
    assert not done.agrees
    assert named(done, "stored") == {"'Placements'!G26"}
    for item in done.differences:
        assert item.formula.startswith("IF(COUNT(Placements[[#This Row]")
        assert item.stored == 60_000.0
        assert item.computed == pytest.approx(59_999.9792)
        assert item.relative == pytest.approx(3.5e-7, rel=0.1)
        assert done.worst == item.relative
        assert "stored 60000, " in str(item)
    assert path.read_bytes() == before


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
    tamper(path, "Placements", "G26", old, new)
    assert named(verify_one(path, engine=engine), "stored") == {"'Placements'!G26"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["NO_SUCH_FUNCTION(1)", "No_such_name", "CEO_FEES(1)+1"])
def test_a_name_that_is_not_known(path: Path, engine: str, name: str) -> None:
    tamper(path, "Placements", "G27", r"<f>.*</f>", f"<f>{name}</f>")
    done = verify_one(path, engine=engine)
    assert not done.agrees
    refused = {item.where for item in done.refused}
    typed_over = {root.where for root in done.roots}
    assert "'Placements'!G27" in refused | named(done, "unresolved")
    assert typed_over == {"'Placements'!G27"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_twin_that_was_broken(path: Path, engine: str) -> None:
    """Stored values fit, as somebody has recalculated; only the checks can tell."""
    book = openpyxl.load_workbook(path)
    cell = book["Placements"]["O26"]
    assert str(cell.value).startswith("=")
    cell.value = f"=({str(cell.value)[1:]})*1.001"
    book.save(path)
    recalc(path, in_place=True)
    done = verify_one(path, engine=engine)
    assert not done.agrees
    assert not done.differences
    (root,) = done.roots
    assert (root.kind, root.where) == ("typed over", "'Placements'!O26")
    assert "another formula than that of" in root.reason
    assert done.following_checks >= 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_check_that_was_talked_round(path: Path, engine: str) -> None:
    """Its verdict is TRUE whatever the figures are; figure and twin are compared all the same."""
    tamper(path, "Checks", "B15", r"<f>.*</f>", "<f>Commission_total+1</f>")
    tamper(path, "Checks", "D15", r"<f>.*</f>", "<f>0</f>")
    recalc(path, in_place=True)
    assert named(verify_one(path, engine=engine), "twin") == {"'Checks'!B15"}


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
    path.write_bytes(replace_parts(path.read_bytes(), {part: content.encode()}))
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


@needs_office
def test_engines_that_differ_are_named(tmp_path: Path) -> None:
    """A cube root of a negative number is an error in Excel, and not in LibreOffice."""
    path = small(tmp_path, "=(-8)^(1/3)", "=A1")
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
