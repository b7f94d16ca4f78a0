"""Building the placement log, computed and stored, against plainly writing the same cells."""

from __future__ import annotations

import io
import sys
import zipfile
import zlib
from collections.abc import Iterator

from benchmarks import plain
from benchmarks.measuring import (
    AT_MOST,
    CHILDREN,
    PROCESS,
    Line,
    children,
    compare,
    print_results,
    race,
)
from xladdin.building.render import render, write
from xladdin.terms import select
from xladdin.xlsx.package import LEVEL

OURS = "xladdin: built, computed, checked, stored"
RIVAL = "openpyxl: the same cells and styles written, nothing computed"
LIMIT = "zlib alone: its bytes deflated at the same level"
OTHER = "XlsxWriter: the same cells and styles written, nothing computed"
WHAT = "placements.xlsx"

_ONCE = """
from xladdin.building.render import render
from xladdin.terms import select
render("placements", select())
"""


def measure(quick: bool) -> Iterator[Line]:
    """Measure in one process, and once more in fresh ones."""
    selection = select()
    made_of = plain.recipe(write("placements", selection).workbook)
    data = render("placements", selection).data
    wrong = plain.differences(plain.with_openpyxl(made_of), data)
    assert not wrong, f"not the same workbook: {wrong[:5]}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    times = race(
        {
            OURS: lambda: render("placements", selection),
            RIVAL: lambda: plain.with_openpyxl(made_of),
            OTHER: lambda: plain.with_xlsxwriter(made_of),
            LIMIT: lambda: [zlib.compress(part, LEVEL) for part in parts],
        },
        5 if quick else 31,
    )
    yield compare(WHAT, times, OURS, RIVAL, unit="ms", bound=AT_MOST, target=1.5)
    yield compare(WHAT, times, OURS, OTHER, unit="ms", clock=PROCESS)
    yield compare(WHAT, times, OURS, LIMIT, unit="ms", clock=PROCESS)
    python = [sys.executable, "-c"]
    cpu, _ = children(
        {
            "xladdin": [*python, _ONCE],
            "import openpyxl": [*python, "import openpyxl"],
        },
        3 if quick else 15,
    )
    what = f"{WHAT}, the first of a fresh process, imports included"
    yield compare(what, cpu, "xladdin", "import openpyxl", unit="ms", clock=CHILDREN)


if __name__ == "__main__":
    print_results(measure)
