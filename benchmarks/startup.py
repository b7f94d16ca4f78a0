"""How long one waits before anything happens: importing, and the command line."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import AT_MOST, CHILDREN, WALL, Line, children, compare, tell

SCRIPT = str(Path(sys.executable).with_name("xladdin"))


def measure(quick: bool) -> Iterator[Line]:
    """Measure in fresh processes."""
    python = [sys.executable, "-c"]
    cpu, wall = children(
        {
            "import xlwings": [*python, "import xlwings"],
            "import xlwings, xladdin.udfs": [*python, "import xlwings, xladdin.udfs"],
            "import click": [*python, "import click"],
            "xladdin --help": [SCRIPT, "--help"],
            "xladdin eval": [SCRIPT, "eval", "=CEO_FEE(25000000)"],
        },
        5 if quick else 25,
    )
    both, alone = cpu["import xlwings, xladdin.udfs"], cpu["import xlwings"]
    added = [(one - other) * 1e3 for one, other in zip(both, alone, strict=True)]
    ratios = [one / other for one, other in zip(both, alone, strict=True)]
    low, _, high = statistics.quantiles(ratios, n=4)
    yield Line(
        "what import xladdin.udfs adds to import xlwings, fresh processes",
        "import xladdin.udfs",
        "import xlwings",
        statistics.median(ratios),
        low,
        high,
        AT_MOST,
        40,
        statistics.median(added),
        statistics.median(alone) * 1e3,
        "ms",
        CHILDREN,
        absolute=True,
    )
    yield compare(
        "command line, fresh processes",
        cpu,
        "xladdin --help",
        "import click",
        unit="ms",
        clock=CHILDREN,
        bound=AT_MOST,
        target=1.5,
    )
    yield compare(
        "one formula in the shell",
        wall,
        "xladdin eval",
        "import click",
        unit="s",
        clock=WALL,
        bound=AT_MOST,
        target=0.5,
        absolute=True,
    )


if __name__ == "__main__":
    tell(measure)
