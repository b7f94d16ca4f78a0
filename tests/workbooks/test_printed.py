"""Every workbook of two deals as LibreOffice prints it, on A4 and on Letter.

Of one, the tables are filled to the longest that a log of today is: names of 60 characters, counts
of nine digits.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import openpyxl
import pytest
from absences import OFFICE, missing
from offices import needs_office
from openpyxl.utils import column_index_from_string

from xladdin.building.build import build
from xladdin.libreoffice.soffice import find_program
from xladdin.workbooks.layout import styles

pytestmark = [pytest.mark.long, needs_office]

PAPERS: Final = {"letter": (1, (612, 792)), "a4": (9, (595, 842))}
"""Number of a paper in a workbook, and its short and long side in points."""

PAGES: Final = {"Terms": 4, "Checks": 4, "Functions": 4, "Explain": 3, "Quotes": 3}
"""Most pages of a sheet; of any other, one."""

NAME: Final = "Warrants of the agents that placed the bridge notes of 1999."
BIG: Final = 999_999_999
FILLED: Final[Mapping[str, Sequence[str]]] = {
    "placements": ["Date,Shares,Price", f"2001-11-12,{BIG},0.0123", "2001-11-13,1,12345678.1234"],
    "tranches": ["Name,Source,Securities,Exercise price", f"{NAME},{NAME},{BIG},1234.5678"],
    "share_changes": ["Date,What,Issued,Retired", f"2000-12-31,{NAME},{BIG},"],
    "securities": ["Name,Shares issuable,Exercise price", f"{NAME},{BIG},1.25"],
    "warrants": ["Name,Exercise price,Expires", f"{NAME},5.69,2006-09-30"],
    "warrant_changes": ["Date,Warrants,Issued,Exercised,Expired", f"2000-12-31,{NAME},{BIG},,"],
}
RESTART: Final = 81
"""Exit status of a LibreOffice that has set up its profile and asks to be started again."""

HEADINGS: Final = {styles.HEADER, styles.TWIN_HEADER}


class Printed(NamedTuple):
    """A workbook, the paper asked for, those of its pages, and their text by sheet."""

    path: Path
    paper: tuple[int, int]
    sizes: set[tuple[int, int]]
    pages: dict[str, list[str]]


def run(*command: str | Path) -> str:
    line = [*map(str, command)]
    done = subprocess.run(line, check=False, capture_output=True, timeout=600)
    if done.returncode == RESTART:
        done = subprocess.run(line, check=False, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def on_paper(source: Path, number: int, target: Path) -> Path:
    """Copy a workbook with another paper: openpyxl would lose what it does not know."""
    paper, seen = f'paperSize="{number}"'.encode(), 0
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part.startswith("xl/worksheets/sheet"):
                text, sheets = re.subn(rb'paperSize="\d+"', paper, text)
                seen += sheets
            new.writestr(part, text)
    assert seen == len(sheets_of(source))
    return target


def filled(folder: Path) -> Path:
    for name, lines in FILLED.items():
        path = folder / "NEOT-2001" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=["NEOT-2001", "CANOO-2022"])
def workbooks(request: pytest.FixtureRequest, tmp_path_factory: Any) -> list[Path]:
    folder = tmp_path_factory.mktemp("printed")
    data = filled(folder / "data") if request.param == "NEOT-2001" else None
    done = build(deals=[request.param], out=folder / "workbooks", data=data)
    paths = [one.path for one in done if one.path.exists()]
    assert len(paths) >= 4
    return paths


@pytest.fixture(scope="module", params=PAPERS)
def printed(
    workbooks: list[Path], request: pytest.FixtureRequest, tmp_path_factory: Any
) -> list[Printed]:
    if not (shutil.which("pdftotext") and shutil.which("pdfinfo")):
        missing("pdftotext and pdfinfo, of Poppler", OFFICE)
    number, paper = PAPERS[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    copies = [on_paper(path, number, folder / path.name) for path in workbooks]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    run(
        *(find_program(), profile, "--headless", "--convert-to", "pdf", "--outdir", folder),
        *copies,
    )
    return [read(copy, paper) for copy in copies]


def read(path: Path, paper: tuple[int, int]) -> Printed:
    pdf = path.with_suffix(".pdf")
    found = re.findall(r"size: +([\d.]+) x ([\d.]+)", run("pdfinfo", "-l", "999", pdf))
    texts = run("pdftotext", "-layout", pdf, "-").split("\f")[:-1]
    assert len(texts) == len(found)
    pages: dict[str, list[str]] = {}
    for at, text in enumerate(texts, 1):
        file, sheet, number = re.split(r"\s{2,}", text.rstrip().splitlines()[-1].strip())
        assert (file, number) == (path.name, f"{at} of {len(texts)}")
        pages.setdefault(sheet, []).append(text)
    sizes = {(round(float(wide)), round(float(high))) for wide, high in found}
    return Printed(path, paper, sizes, pages)


def sheets_of(path: Path) -> list[Any]:
    found = openpyxl.load_workbook(path).worksheets
    return [sheet for sheet in found if sheet.sheet_state == "visible"]


def last_headings(sheet: Any) -> list[str]:
    """Name the last printed columns: of each row of headings, the one furthest to the right."""
    area = re.search(r":\$?([A-Z]+)", sheet.print_area or "")
    last = column_index_from_string(area[1]) if area else sheet.max_column
    rows = (row[:last] for row in sheet.iter_rows())
    headed = ([cell for cell in row if cell.value and cell.style in HEADINGS] for row in rows)
    return [row[-1].value for row in headed if row]


def test_pages_have_the_size_that_is_asked_for(printed: list[Printed]) -> None:
    for one in printed:
        assert {tuple(sorted(size)) for size in one.sizes} == {one.paper}, one.path


def test_every_sheet_prints_in_its_order_on_few_pages(printed: list[Printed]) -> None:
    for one in printed:
        assert list(one.pages) == [sheet.title for sheet in sheets_of(one.path)]
        for sheet, pages in one.pages.items():
            assert len(pages) <= PAGES.get(sheet, 1), (one.path.name, sheet, len(pages))


def test_no_figure_is_wider_than_its_column(printed: list[Printed]) -> None:
    for one in printed:
        for sheet, pages in one.pages.items():
            assert not any("##" in page for page in pages), (one.path.name, sheet)


def test_the_last_column_is_on_the_page(printed: list[Printed]) -> None:
    """Each word of its heading, on each page where it is repeated."""
    seen = 0
    for one in printed:
        for sheet in sheets_of(one.path):
            pages = one.pages[sheet.title]
            whole = set(" ".join(pages).split())
            for heading in last_headings(sheet):
                seen += 1
                assert set(heading.split()) <= whole, (one.path.name, sheet.title, heading)
            if sheet.print_title_rows:
                first = last_headings(sheet)[0]
                for page in pages:
                    assert set(first.split()) <= set(page.split()), (one.path.name, sheet.title)
    assert seen > 50
