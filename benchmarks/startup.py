"""How long one waits before anything happens: importing, and the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import (
    AT_MOST,
    CHILDREN,
    ENVIRONMENT,
    ROOT,
    WALL,
    Line,
    children,
    compare,
    print_results,
)

SCRIPT = str(Path(sys.executable).with_name("xladdin"))


_STAMPED = """
import time
start = time.process_time()
import xlwings
between = time.process_time()
import xladdin.udfs
print(between - start, time.process_time() - between)
"""


def _imports() -> dict[str, float]:
    """Import both in a fresh process, and give the processor time of each."""
    done = subprocess.run(
        [sys.executable, "-c", _STAMPED],
        check=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
    )
    names = "import xlwings", "import xladdin.udfs"
    return dict(zip(names, map(float, done.stdout.split()), strict=True))


def measure(quick: bool) -> Iterator[Line]:
    """Measure in fresh processes."""
    rounds = 5 if quick else 25
    taken = [_imports() for _ in range(rounds + 1)][1:]
    times = {name: [one[name] for one in taken] for name in taken[0]}
    yield compare(
        "what the functions add to the start of xlwings, fresh processes",
        times,
        "import xladdin.udfs",
        "import xlwings",
        unit="ms",
        bound=AT_MOST,
        target=40,
        absolute=True,
    )
    cpu, wall = children(
        {
            "import click": [sys.executable, "-c", "import click"],
            "xladdin --help": [SCRIPT, "--help"],
            "xladdin eval": [SCRIPT, "eval", "=CEO_FEE(25000000)"],
        },
        rounds,
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
    print_results(measure)
