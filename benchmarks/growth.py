"""Growth: whether time stays in line with rows, and what memory a row takes.

All sizes take turns in one process, so that a machine that slows down slows all of them. Memory is
measured in a process for each size.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.calls import column, excel
from benchmarks.files import OURS, make
from benchmarks.measuring import AT_MOST, ENVIRONMENT, ROOT, Line, compare, race, tell

SIZES = (1_000, 10_000, 100_000, 500_000)
QUICK = (1_000, 10_000)


def _recalc(rows: int, folder: Path) -> Callable[[], object]:
    from xladdin import recalc

    path = make(folder / f"{rows}.xlsx", rows, OURS)
    return lambda: recalc(path, out=folder / "out")


def _call_udf(rows: int, _: Path) -> Callable[[], object]:
    found = excel()
    reference = found.reference(column(rows))
    return lambda: found.call("xladdin.udfs", "CEO_FEE", (reference,))


class Task(NamedTuple):
    """What is done with more and more rows.

    Attributes:
        what: What is done, in words.
        prepare: Takes the rows and a folder, and gives what is to be measured.
        rows: Rows of a turn: small sizes are run several times in it, or the clock is too coarse.
        rounds: Number of rounds.
    """

    what: str
    prepare: Callable[[int, Path], Callable[[], object]]
    rows: int
    rounds: int


TASKS = {
    "recalc": Task("recalculating a file", _recalc, 10_000, 5),
    "call_udf": Task("a range through call_udf", _call_udf, 100_000, 21),
}

_MOST_RUNS = 100
"""Runs of one turn, at most."""


def measure(quick: bool) -> Iterator[Line]:
    """Measure every size, in turn."""
    sizes = QUICK if quick else SIZES
    # First of all: a process begins with the greatest size of the one that it is started from.
    memory = {name: _memory(name, task, sizes) for name, task in TASKS.items()}
    for name, task in TASKS.items():
        yield _time(task, sizes, 3 if quick else task.rounds)
        yield memory[name]


def _time(task: Task, sizes: tuple[int, ...], rounds: int) -> Line:
    runs = {rows: min(max(1, task.rows // rows), _MOST_RUNS) for rows in (1, *sizes)}
    with tempfile.TemporaryDirectory() as folder:
        prepared = {rows: task.prepare(rows, Path(folder)) for rows in runs}
        turns = {
            f"{rows:,} rows": partial(_repeat, prepared[rows], count)
            for rows, count in runs.items()
        }
        # What the benchmark itself holds is not for Python's collector to go through.
        gc.collect()
        gc.freeze()
        found = dict(zip(runs, race(turns, rounds).values(), strict=True))
    fixed = [seconds / runs[1] for seconds in found.pop(1)]
    by_row = {
        f"{rows:,} rows": [
            (seconds / runs[rows] - one) / rows for seconds, one in zip(times, fixed, strict=True)
        ]
        for rows, times in found.items()
    }
    medians = {size: statistics.median(times) for size, times in by_row.items()}
    slowest = max(medians, key=medians.__getitem__)
    quickest = min(medians, key=medians.__getitem__)
    by_row |= {f"{slowest}, the slowest": by_row[slowest]}
    by_row |= {f"{quickest}, the quickest": by_row[quickest]}
    return compare(
        f"{task.what}: time for a row at {', '.join(f'{rows:,}' for rows in sizes)} rows, "
        f"less {statistics.median(fixed) * 1e3:.1f} ms for one row",
        by_row,
        f"{slowest}, the slowest",
        f"{quickest}, the quickest",
        unit="us",
        bound=AT_MOST,
        target=1.3,
    )


def _repeat(run: Callable[[], object], times: int) -> None:
    for _ in range(times):
        run()


def _memory(name: str, task: Task, sizes: tuple[int, ...]) -> Line:
    smaller, largest = sizes[-2:]
    by_row = {}
    for rows in (smaller, largest):
        command = [sys.executable, "-m", "benchmarks.growth", "--memory", name, str(rows)]
        done = subprocess.run(
            command, check=True, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE
        )
        by_row[rows] = int(done.stdout) * 1024 / rows
    ratio = by_row[largest] / by_row[smaller]
    return Line(
        f"{task.what}: memory that a row takes at most",
        f"{largest:,} rows",
        f"{smaller:,} rows",
        ratio,
        ratio,
        ratio,
        "",
        None,
        by_row[largest],
        by_row[smaller],
        "bytes",
        "greatest resident size",
    )


def _kilobytes(task: Task, rows: int) -> int:
    """Measure what some rows add to the greatest size of this process."""
    with tempfile.TemporaryDirectory() as folder:
        task.prepare(1, Path(folder))()  # imports, and all that is read once
        run = task.prepare(rows, Path(folder))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _repeat(run, 3)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory", nargs=2, metavar=("TASK", "ROWS"))
    given, rest = parser.parse_known_args()
    if given.memory:
        print(_kilobytes(TASKS[given.memory[0]], int(given.memory[1])))
    else:
        tell(measure)
