"""Recalculating a file, load to saved, against the `formulas` library and LibreOffice."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measuring import (
    AT_LEAST,
    AT_MOST,
    CHILDREN,
    WALL,
    Line,
    children,
    compare,
    print_results,
)
from benchmarks.startup import SCRIPT
from xladdin.libreoffice.soffice import find_program
from xladdin.xlsx.sheet_part import Layout
from xladdin.xlsx.workbook_part import Workbook

NATIVE = (
    "MIN(A{row},10000000)*0.04+MAX(0,MIN(A{row},20000000)-10000000)*0.035"
    "+MAX(0,MIN(A{row},25000000)-20000000)*0.03"
)
"""The same commission by native functions, since LibreOffice has to be given something it knows."""

OURS = "CEO_FEE(A{row})"

_WITH_FORMULAS = """
import sys
import formulas
from xladdin import ceo_fee
formulas.get_functions()["CEO_FEE"] = lambda gross: ceo_fee(float(gross.value[0][0]))
model = formulas.ExcelModel().loads(sys.argv[1]).finish()
model.calculate()
model.write(dirpath=sys.argv[2])
"""
_FORMULAS_ALONE = "import formulas, openpyxl, xladdin; xladdin.ceo_fee"


def make(path: Path, rows: int, formula: str) -> Path:
    """Make a file: a column of amounts, and beside each its commission, without values.

    Args:
        path: The file.
        rows: Rows.
        formula: The formula, ``{row}`` being the row.

    Returns:
        The file.
    """
    # The tests of the measuring itself make no files and have no such library.
    import xlsxwriter

    workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = workbook.add_worksheet("S")
    for row in range(rows):
        sheet.write_number(row, 0, round(row * 2_499.37 % 25e6, 2))
        sheet.write_formula(row, 1, "=" + formula.format(row=row + 1), None, "")
    workbook.close()
    return path


def stored(path: Path) -> list[object]:
    """Read the values that a file holds beside its formulas."""
    book = Workbook(path.read_bytes(), path)
    return [item.stored for item in Layout(book.read(book.sheets[0].part)).formulas]


def measure(quick: bool) -> Iterator[Line]:
    """Measure programs that load a file and save it."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measure(Path(folder), quick)


def _measure(folder: Path, quick: bool) -> Iterator[Line]:
    few, many = (200, 10_000) if quick else (1_000, 100_000)
    rounds = 2 if quick else 7
    small = make(folder / "small.xlsx", few, OURS)
    large = make(folder / "large.xlsx", many, OURS)
    native = make(folder / "native.xlsx", many, NATIVE)
    out, office, model = folder / "out", folder / "office", folder / "model"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = [str(find_program()), "--headless", profile, "--convert-to", "xlsx"]

    # The first start makes a profile, and ends.
    subprocess.run(
        [*convert, "--outdir", str(office), str(small)], check=False, capture_output=True
    )

    def ours(path: Path) -> Sequence[str]:
        return [SCRIPT, "recalc", str(path), "--out", str(out)]

    python = [sys.executable, "-c"]
    cpu, wall = children(
        {
            "xladdin recalc": ours(large),
            "xladdin recalc, few rows": ours(small),
            "LibreOffice": [*convert, "--outdir", str(office), str(native)],
            "formulas": [*python, _WITH_FORMULAS, str(small), str(model)],
            "formulas, importing alone": [*python, _FORMULAS_ALONE],
            "xladdin, importing alone": [SCRIPT, "--version"],
        },
        rounds,
    )
    values = stored(out / "large.xlsx")
    # Neither LibreOffice nor openpyxl, which formulas writes with, keeps the last digit.
    _agree("LibreOffice", stored(office / "native.xlsx"), values)
    _agree("formulas", _second_column(next(model.iterdir())), values[:few])
    for name, alone in (
        ("formulas", "formulas, importing alone"),
        ("xladdin recalc", "xladdin, importing alone"),
        ("xladdin recalc, few rows", "xladdin, importing alone"),
    ):
        cpu[f"{name}, by the row"] = [
            one - other for one, other in zip(cpu[name], cpu[alone], strict=True)
        ]
    yield compare(
        f"recalculating a file, by the row: {many:,} rows against {few:,}, imports taken off",
        cpu,
        "xladdin recalc, by the row",
        "formulas, by the row",
        unit="us",
        clock=CHILDREN,
        bound=AT_LEAST,
        target=50,
        each=(many, few),
    )
    yield compare(
        f"recalculating a file, by the row: {few:,} rows both",
        cpu,
        "xladdin recalc, few rows, by the row",
        "formulas, by the row",
        unit="us",
        clock=CHILDREN,
        bound=AT_LEAST,
        each=(few, few),
    )
    what = f"a file of {many:,} rows, start of the program to saved"
    rival = "LibreOffice, native arithmetic"
    for times, clock, target in ((wall, WALL, 1.0), (cpu, CHILDREN, None)):
        times[rival] = times["LibreOffice"]
        # At a tenth of the size, starting LibreOffice is most of it.
        yield compare(
            what,
            times,
            "xladdin recalc",
            rival,
            unit="s",
            clock=clock,
            bound=AT_MOST if target else "",
            target=target,
        )


def _agree(who: str, theirs: list[object], ours: list[object]) -> None:
    """Fail unless others computed the same."""
    for row, (one, other) in enumerate(zip(theirs, ours, strict=True), 1):
        assert isinstance(one, float), f"{who}: row {row} holds {one}"
        assert isinstance(other, float), f"row {row} holds {other}"
        assert math.isclose(one, other, rel_tol=1e-12), f"{who}: row {row}: {one}, not {other}"


def _second_column(path: Path) -> list[object]:
    book = Workbook(path.read_bytes(), path)
    values = Layout(book.read(book.sheets[0].part)).cell_values(book.texts)
    return [value for (_, column), value in sorted(values.items()) if column == 2]


if __name__ == "__main__":
    print_results(measure)
