"""Make the pictures of the workbooks that README shows: ``python docs/pictures/make.py``.

Each is a page of a workbook in `workbooks/` as LibreOffice prints it, without its margins. Needs
LibreOffice (soffice), Poppler (pdftotext, pdftoppm) and ImageMagick (convert) on the path.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORKBOOKS = HERE.parents[1] / "workbooks"

PAGES = {
    "placements": "Placements",
    "proceeds": "Part sold",
    "floating": "Debentures",
    "captable": "Capitalisation",
    "equityline": "Sensitivity",
    "offering": "Offering",
    "reporting": "Periods",
    "explain": "Explain",
}
"""The sheet that each picture shows."""

SOURCES = {"explain": "placements"}
"""Workbooks of pictures that are not named after theirs."""

TOOLS = ("soffice", "pdftotext", "pdftoppm", "convert")
DOTS_AN_INCH = 130


def main() -> int:
    """Make every picture; return 0, or 2 where a tool is missing."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print(f"not found: {', '.join(missing)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for picture, sheet in PAGES.items():
            pdf = print_workbook(SOURCES.get(picture, picture), Path(folder))
            draw(pdf, page_of(pdf, sheet), HERE / f"{picture}.png")
            print(HERE / f"{picture}.png")
    return 0


def print_workbook(name: str, folder: Path) -> Path:
    """Print a workbook to a PDF file, once."""
    made = folder / f"{name}.pdf"
    if not made.exists():
        profile = (folder / "profile").as_uri()
        run(
            "soffice",
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(WORKBOOKS / f"{name}.xlsx"),
        )
    return made


def page_of(pdf: Path, sheet: str) -> int:
    """Find the first page of a sheet, whose name stands in the middle of the footer."""
    pages = run("pdftotext", "-layout", str(pdf), "-").split("\f")
    for number, text in enumerate(pages, 1):
        lines = text.rstrip().splitlines()
        if lines and f" {sheet} " in lines[-1]:
            return number
    raise SystemExit(f"{pdf.name} has no page of {sheet}")


def draw(pdf: Path, page: int, picture: Path) -> None:
    """Draw a page without footer and margins."""
    drawn = pdf.with_suffix("")
    one = ["-f", str(page), "-l", str(page), "-singlefile"]
    run("pdftoppm", "-r", str(DOTS_AN_INCH), "-png", *one, str(pdf), str(drawn))
    # The footer stands in the lowest eighth of the page.
    cut = ["-gravity", "south", "-chop", "0x12%", "-trim", "+repage"]
    frame = ["-bordercolor", "white", "-border", "12", "-bordercolor", "#d0d0d0", "-border", "1"]
    small = ["-resize", "1200x>", "-dither", "None", "-colors", "96", "-strip"]
    run("convert", f"{drawn}.png", *cut, *frame, *small, f"PNG8:{picture}")


def run(*command: str) -> str:
    """Run a command and return what it prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
