"""Growth: whether time stays in line with rows, and what memory a row takes.

All sizes take turns, so that a machine that slows down slows all of them. Files are recalculated by
programs that end then, so each is by a process of its own; Excel keeps asking the same server, so
all ranges go through one. Memory is measured in a process for each size.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import xladdin
from benchmarks.calls import column, excel
from benchmarks.files import OURS, make
from benchmarks.measuring import (
    AT_MOST,
    ENVIRONMENT,
    ROOT,
    Line,
    compare,
    print_results,
    race,
    used,
)

SIZES = (1_000, 10_000, 100_000, 500_000)
QUICK = (1_000, 10_000)


def _build(rows: int, folder: Path) -> Callable[[], object]:
    from xladdin import build

    data = folder / f"{rows}" / "NEOT-2001"
    data.mkdir(parents=True, exist_ok=True)
    (data / "placements.csv").write_text("Date,Shares,Price\n" + "".join(_sales(rows)), "utf-8")
    out = folder / f"{rows} built"
    return lambda: build(["placements"], data=data.parent, out=out, replace=True)


def _sales(rows: int) -> Iterator[str]:
    """Write sales that fit the agreement, some on each of a thousand sessions."""
    day, each = datetime.date(2001, 6, 12), -(-rows // 1_000)
    for number in range(rows):
        if number % each == 0:
            day = xladdin.trading_day(day, 1)
        yield f"{day},{50 + number % 60},{3.5 + number % 97 / 100:.2f}\n"


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
        times: Takes the name, the sizes and the rounds; gives seconds of a run, by rows.
        rounds: Number of rounds.
        sizes: Numbers of rows.
        quick: Those of a quick run.
    """

    what: str
    prepare: Callable[[int, Path], Callable[[], object]]
    times: Callable[[str, Sequence[int], int], dict[int, list[float]]]
    rounds: int
    sizes: Sequence[int] = SIZES
    quick: Sequence[int] = QUICK


def _apart(name: str, sizes: Sequence[int], rounds: int) -> dict[int, list[float]]:
    """Measure each run in a process of its own."""
    found: dict[int, list[float]] = {rows: [] for rows in sizes}
    for _ in range(rounds):
        for rows, times in found.items():
            times.append(_child(name, rows)["seconds"])
    return found


def _together(name: str, sizes: Sequence[int], rounds: int) -> dict[int, list[float]]:
    """Measure all runs in this process, small sizes several times in a turn."""
    runs = {rows: min(max(1, _ROWS_A_TURN // rows), _MOST_RUNS) for rows in sizes}
    with tempfile.TemporaryDirectory() as folder:
        prepared = {rows: TASKS[name].prepare(rows, Path(folder)) for rows in sizes}
        # What the benchmark itself holds is not for Python's collector to go through.
        gc.collect()
        gc.freeze()
        turns = {str(rows): partial(_repeat, prepared[rows], runs[rows]) for rows in sizes}
        found = race(turns, rounds)
    return {rows: [seconds / runs[rows] for seconds in found[str(rows)]] for rows in sizes}


TASKS = {
    "recalc": Task("recalculating a file", _recalc, _apart, 7),
    "build": Task(
        "placements.xlsx of a data folder", _build, _apart, 2, (1_000, 50_000), (600, 1_200)
    ),
    "call_udf": Task("a range through call_udf", _call_udf, _together, 21),
}

_ROWS_A_TURN = 100_000
_MOST_RUNS = 100


def measure(quick: bool) -> Iterator[Line]:
    """Measure every size, in turn."""
    sizes = {name: task.quick if quick else task.sizes for name, task in TASKS.items()}
    # First of all: a process begins with the greatest size of the one that it is started from.
    memory = {name: _memory(name, sizes[name]) for name in TASKS}
    for name, task in TASKS.items():
        yield _time(name, sizes[name], 3 if quick else task.rounds)
        if (line := memory[name]) is not None:
            yield line


def _time(name: str, sizes: Sequence[int], rounds: int) -> Line:
    found = TASKS[name].times(name, (1, *sizes), rounds)
    fixed = found.pop(1)
    by_row = {
        f"{rows:,} rows": [(run - one) / rows for run, one in zip(runs, fixed, strict=True)]
        for rows, runs in found.items()
    }
    medians = {size: statistics.median(times) for size, times in by_row.items()}
    slowest = max(medians, key=medians.__getitem__)
    quickest = min(medians, key=medians.__getitem__)
    by_row[f"{slowest}, the slowest"] = by_row[slowest]
    by_row[f"{quickest}, the quickest"] = by_row[quickest]
    return compare(
        f"{TASKS[name].what}: time for a row at {', '.join(f'{rows:,}' for rows in sizes)} rows, "
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


def _memory(name: str, sizes: Sequence[int]) -> Line | None:
    """Measure what a row takes; None, and a message, where a process has room for them anyway."""
    smaller, largest = sizes[-2:]
    by_row = {rows: _child(name, rows)["kilobytes"] * 1024 / rows for rows in (smaller, largest)}
    for rows, size in by_row.items():
        if not size:
            words = f"{TASKS[name].what}: {rows:,} rows are too few to measure their memory"
            print(words, file=sys.stderr)
            return None
    ratio = by_row[largest] / by_row[smaller]
    return Line(
        f"{TASKS[name].what}: memory that a row takes at most",
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
        "greatest resident size of a process",
    )


def _child(name: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", "--one", name, str(rows)]
    done = subprocess.run(command, check=True, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _largest() -> int:
    """Return the greatest size so far of this process or of one that it started, in kilobytes."""
    both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return max(resource.getrusage(who).ru_maxrss for who in both)


def _one(task: Task, rows: int) -> dict[str, float]:
    """Measure one run in this process: its seconds, and the kilobytes that it adds."""
    with tempfile.TemporaryDirectory() as folder:
        task.prepare(1, Path(folder))()  # imports, and all that is read once
        run = task.prepare(rows, Path(folder))
        before, start = _largest(), used()
        run()
        seconds, after = used() - start, _largest()
    return {"seconds": seconds, "kilobytes": after - before}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", nargs=2, metavar=("TASK", "ROWS"))
    given, rest = parser.parse_known_args()
    if given.one:
        print(json.dumps(_one(TASKS[given.one[0]], int(given.one[1]))))
    else:
        print_results(measure)
