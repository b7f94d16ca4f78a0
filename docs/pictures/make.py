"""Make the pictures of the workbooks: ``python docs/pictures/make.py [pages] [quarter] [gallery]``.

Without an argument all are made: those of README and the guide, those of the page about a quarter,
and the gallery, every sheet of every workbook of two deals, with its page docs/gallery.md. Each is
a page of a workbook as LibreOffice prints it, without its margins. Needs LibreOffice (soffice),
Poppler (pdftotext, pdftoppm), ImageMagick (convert) and Fontconfig (fc-match) on the path, and
Carlito, whose letters are as wide as those of Calibri.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORKBOOKS = ROOT / "workbooks"
GALLERY = HERE / "gallery"

PAGES = {
    "placements": "Placements",
    "proceeds": "Part sold",
    "floating": "Debentures",
    "captable": "Capitalisation",
    "equityline": "Sensitivity",
    "offering": "Offering",
    "reporting": "Periods",
    "warrants": "Roll-forward",
    "explain": "Explain",
}
"""The sheet that each picture shows."""

SOURCES = {"explain": "placements", "warrants": "reporting"}
"""Workbooks of pictures that are not named after theirs."""

QUARTER = {
    "quarter-placements": ("placements", "Placements"),
    "quarter-floating": ("floating", "Debentures"),
    "quarter-periods": ("reporting", "Periods"),
    "quarter-earnings": ("reporting", "EPS"),
}
"""Workbook and sheet of each picture of the page about a quarter."""

DEALS = {
    "NEOT-2001": "The offering of 2001: tiers, warrants of the agent, two agreements, debentures.",
    "CANOO-2022": "A deal of today: prepaid advances at prices by formula, amendments, splits.",
}
"""The deals of the gallery."""

HEAD = """Every sheet of every workbook of two deals, as it prints; of a sheet of several pages, the
first. What is typed is illustrative. [guide.md](guide.md) describes the workbooks."""

TOOLS = ("soffice", "pdftotext", "pdftoppm", "convert", "fc-match")
FONTS = ("Carlito", "Calibri")
DOTS_AN_INCH = 130


def main(chosen: Sequence[str]) -> int:
    """Make the pictures; return 0, or 2 where a tool is missing or a word is none of the kinds."""
    kinds: Mapping[str, Callable[[Path], None]] = {
        "pages": make_pages,
        "quarter": make_quarter,
        "gallery": make_gallery,
    }
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing or not kinds.keys() >= set(chosen):
        print(f"not found: {', '.join(missing)}" if missing else __doc__, file=sys.stderr)
        return 2
    font = subprocess.run(["fc-match", "Calibri"], capture_output=True, text=True, check=True)
    if not any(name in font.stdout for name in FONTS):
        print(f"not found: {' or '.join(FONTS)}; there is {font.stdout.strip()}", file=sys.stderr)
        return 2
    for kind in chosen or kinds:
        with tempfile.TemporaryDirectory() as folder:
            kinds[kind](Path(folder))
    return 0


def make_pages(folder: Path) -> None:
    """Make the pictures of README and the guide."""
    names = sorted({SOURCES.get(picture, picture) for picture in PAGES})
    print_workbooks([WORKBOOKS / f"{name}.xlsx" for name in names], folder)
    for picture, sheet in PAGES.items():
        pdf = folder / f"{SOURCES.get(picture, picture)}.pdf"
        draw(pdf, page_of(pdf, sheet), HERE / f"{picture}.png")


def make_quarter(folder: Path) -> None:
    """Make the pictures of the page about a quarter."""
    sys.path[:0] = [str(ROOT)]
    from tools.quarter import Quarter

    done = Quarter(folder)
    names = sorted({name for name, _ in QUARTER.values()})
    print_workbooks([done.path(name) for name in names], folder)
    for picture, (name, sheet) in QUARTER.items():
        pdf = folder / f"{name}.pdf"
        draw(pdf, page_of(pdf, sheet), HERE / f"{picture}.png")


def make_gallery(folder: Path) -> None:
    """Make the gallery anew, and its page."""
    from xladdin.building.build import build

    lines = ["# Gallery", "", HEAD]
    shutil.rmtree(GALLERY, ignore_errors=True)
    for deal, words in DEALS.items():
        lines += ["", f"## {deal}", "", words]
        built = [one.path for one in build(deals=[deal], out=folder / deal) if one.path.exists()]
        print_workbooks(built, folder / deal)
        for path in built:
            lines += ["", f"### {deal}: {path.name}"]
            for sheet in sheets_of(path):
                picture = GALLERY / deal / path.stem / f"{sheet.lower().replace(' ', '-')}.png"
                pdf = path.with_suffix(".pdf")
                draw(pdf, page_of(pdf, sheet), picture, width=900, colours=64)
                place = picture.relative_to(ROOT / "docs").as_posix()
                lines += ["", f"![{path.stem}: {sheet}]({place})"]
    (ROOT / "docs" / "gallery.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def sheets_of(path: Path) -> list[str]:
    """List the sheets of a workbook that its reader sees."""
    book = openpyxl.load_workbook(path, read_only=True)
    return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


def print_workbooks(workbooks: Sequence[Path], folder: Path) -> None:
    """Print workbooks to PDF files of the same names."""
    profile = (folder / "profile").as_uri()
    options = ("--headless", "--convert-to", "pdf", "--outdir", str(folder))
    run("soffice", f"-env:UserInstallation={profile}", *options, *map(str, workbooks))


def page_of(pdf: Path, sheet: str) -> int:
    """Find the first page of a sheet, whose name stands in the middle of the footer."""
    pages = run("pdftotext", "-layout", str(pdf), "-").split("\f")
    for number, text in enumerate(pages, 1):
        lines = text.rstrip().splitlines()
        if lines and re.search(rf"\s\s{re.escape(sheet)}\s\s", lines[-1]):
            return number
    raise SystemExit(f"{pdf.name} has no page of {sheet}")


def draw(pdf: Path, page: int, picture: Path, *, width: int = 1200, colours: int = 96) -> None:
    """Draw a page without footer and margins."""
    drawn = pdf.with_suffix("")
    one = ["-f", str(page), "-l", str(page), "-singlefile"]
    run("pdftoppm", "-r", str(DOTS_AN_INCH), "-png", *one, str(pdf), str(drawn))
    # The footer stands in the lowest half inch of the page.
    cut = ["-gravity", "south", "-chop", f"0x{DOTS_AN_INCH // 2}", "-trim", "+repage"]
    frame = ["-bordercolor", "white", "-border", "12", "-bordercolor", "#d0d0d0", "-border", "1"]
    small = ["-resize", f"{width}x>", "-dither", "None", "-colors", str(colours), "-strip"]
    picture.parent.mkdir(parents=True, exist_ok=True)
    run("convert", f"{drawn}.png", *cut, *frame, *small, f"PNG8:{picture}")
    print(picture.relative_to(ROOT))


def run(*command: str) -> str:
    """Run a command and return what it prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
