"""Growth: whether time stays in line with rows, and what memory a row takes.

Each size is measured in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.calls import column, excel
from benchmarks.files import OURS, make
from benchmarks.measuring import AT_MOST, ENVIRONMENT, PROCESS, ROOT, Line

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
        runs: Runs in one process: files are recalculated by programs that end then, and Excel
            keeps asking the same server.
    """

    what: str
    prepare: Callable[[int, Path], Callable[[], object]]
    runs: int


TASKS = {
    "recalc": Task("recalculating a file", _recalc, 1),
    "call_udf": Task("a range through call_udf", _call_udf, 20),
}


def _one(task: str, rows: int) -> dict[str, float]:
    """Measure one size: seconds of a run, and kilobytes that the runs added."""
    _, prepare, runs = TASKS[task]
    with tempfile.TemporaryDirectory() as folder:
        prepare(1, Path(folder))()  # imports, and all that is read once
        run = prepare(rows, Path(folder))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        for _ in range(runs):
            run()
        seconds = (time.process_time() - start) / runs
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "kilobytes": after - before}


def measure(quick: bool) -> Iterator[Line]:
    """Measure every size, in turn."""
    sizes = QUICK if quick else SIZES
    for name, (what, _, _) in TASKS.items():
        found: dict[int, list[dict[str, float]]] = {rows: [] for rows in (1, *sizes)}
        for _ in range(3 if quick else 5):
            for rows, results in found.items():
                command = [sys.executable, "-m", "benchmarks.growth", name, str(rows)]
                done = subprocess.run(
                    command, check=True, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE
                )
                results.append(json.loads(done.stdout))
        fixed = statistics.median(item["seconds"] for item in found[1])
        by_row = {
            rows: [(item["seconds"] - fixed) / rows for item in found[rows]] for rows in sizes
        }
        medians = {rows: statistics.median(values) for rows, values in by_row.items()}
        slowest = max(medians, key=medians.__getitem__)
        quickest = min(medians, key=medians.__getitem__)
        turns = [max(turn) / min(turn) for turn in zip(*by_row.values(), strict=True)]
        yield Line(
            f"{what}: time for a row at {', '.join(f'{rows:,}' for rows in sizes)} rows, "
            f"less {fixed * 1e3:.1f} ms for one row",
            f"{slowest:,} rows, the slowest",
            f"{quickest:,} rows, the quickest",
            medians[slowest] / medians[quickest],
            min(turns),
            max(turns),
            AT_MOST,
            1.3,
            medians[slowest] * 1e6,
            medians[quickest] * 1e6,
            "us",
            PROCESS,
        )
        largest, smaller = sizes[-1], sizes[-2]
        memory = {
            rows: statistics.median(item["kilobytes"] for item in found[rows]) * 1024 / rows
            for rows in (largest, smaller)
        }
        yield Line(
            f"{what}: memory that a row takes at most",
            f"{largest:,} rows",
            f"{smaller:,} rows",
            memory[largest] / memory[smaller],
            memory[largest] / memory[smaller],
            memory[largest] / memory[smaller],
            "",
            None,
            memory[largest],
            memory[smaller],
            "bytes",
            "greatest resident size",
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("rows", type=int)
    given = parser.parse_args()
    print(json.dumps(_one(given.task, given.rows)))
