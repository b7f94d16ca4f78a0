#!/usr/bin/env python3
"""See that openxml-audit, a validator of Office files, finds no more in ours than in openpyxl's.

openpyxl writes the children of a font in another order than the schema has them, which Excel
reads; whatever else is found is our own. Run it in the project's environment, with the program of
openxml-audit as the argument: its pytest plugin should not be in the environment of the tests.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

from xladdin.building.render import TEMPLATES, render
from xladdin.excel.macro_workbooks import addin, settings_for
from xladdin.terms import select

ROOT = Path(__file__).parents[1]


def main(program: str) -> int:
    """Compare what is found; return 1 if there is something of our own."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        known = set(found(program, plain(Path(folder) / "plain.xlsx")))
        print(f"plain.xlsx: {len(known)} kinds of finding")
        if not known:
            raise SystemExit("nothing was found in plain.xlsx, where the fonts are out of order")
        settings = settings_for(r"C:\xladdin\Scripts\python.exe")
        own = Path(folder) / "xladdin.xlam"
        own.write_bytes(addin(settings))
        macros = Path(folder) / "proceeds.xlsm"
        macros.write_bytes(render("proceeds", select(), settings).data)
        built = sorted((ROOT / "workbooks").glob("*.xlsx"))
        if len(built) != len(TEMPLATES):
            raise SystemExit(f"{len(built)} of {len(TEMPLATES)} workbooks are in workbooks/")
        for path in (*built, macros, own):
            new = sorted(set(found(program, path)) - known)
            failed |= bool(new)
            print(f"{path.name}: {new or 'nothing more'}")
    return int(failed)


def plain(path: Path) -> Path:
    """Save a workbook with fonts, texts and a formula, as openpyxl alone does it."""
    workbook = Workbook()
    for row, font in enumerate(
        (Font(bold=True, color="FF0000"), Font(italic=True, sz=9), Font(sz=12, b=True, u="single")),
        1,
    ):
        cell = workbook.active.cell(row, 1, "text")
        cell.font = font
    workbook.active["B1"] = "=A1"
    workbook.save(path)
    return path


def found(program: str, path: Path) -> Iterator[str]:
    """Yield each kind of finding in a file: its part, message and path, without numbers."""
    command = [program, "--output", "json", "--max-errors", "0", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # valid, or not valid
        raise SystemExit(f"{path.name} was not looked at: {done.stderr}")
    (table,) = json.loads(done.stdout)
    if len(table["errors"]) != table["error_count"] + table["warning_count"]:
        raise SystemExit(f"{path.name}: {table['error_count']} errors are counted, not all listed")
    for item in table["errors"]:
        text = f"{item['part_uri']} {item['description']} {item.get('path') or ''}"
        if "fonts" in text:
            text = re.sub(r"'\w+'", "'...'", text)
        yield re.sub(r"\d+", "N", text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
