"""A night's run: 250 made-up deals times four templates, with one process, two, and a cluster.

Run it as ``python -m benchmarks.batch``. It builds every workbook with release 0.1, of which the
package is taken from the history, and three times with this one, each from the beginning; looks
whether all checks hold and all bytes are the same, and how much memory the processes take as they
go; and builds once more with nothing changed. The templates are those that release 0.1 has, of the
six of which such a deal has a workbook. It takes some ten minutes, and less with ``--deals``.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.history import package_of
from benchmarks.measuring import ROOT
from benchmarks.release import COMMIT, RIVAL, TEMPLATES, program

sys.path.insert(0, str(ROOT / "tests"))

from generated import write_deals


class Run(NamedTuple):
    """One build of everything.

    Attributes:
        what: How it was built.
        seconds: How long it took.
        processor: Seconds of the processor, of all its processes.
        count: How many workbooks came out with all their checks holding.
        memory: Megabytes that its processes took, a tenth of the way and from there on.
        formulas: How many formulas the workbooks have.
    """

    what: str
    seconds: float
    processor: float
    count: int  # type: ignore[assignment]  # what tuples call so is not missed
    memory: tuple[int, ...]
    formulas: int


def built(
    what: str, deals: Path, out: Path, *options: str, checkout: Path = ROOT, lose: int = 0
) -> Run:
    """Build all, and watch.

    Args:
        what: What to call it.
        deals: Folder of the deals.
        out: Where to.
        options: Options of the command line.
        checkout: The folder with the package.
        lose: Process to kill in the middle; 0 for none.
    """
    total = len(list(deals.glob("*.toml"))) * len(TEMPLATES)
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [
            *program(checkout),
            "build",
            *TEMPLATES,
            "--deal",
            str(deals),
            "--out",
            str(out),
            *options,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    count = seen = formulas = 0
    memory = []
    for line in process.stdout:
        seen += ".xlsx " in line
        count += "checks hold" in line
        if stated := re.search(r"([\d,]+) formulas", line):
            formulas += int(stated[1].replace(",", ""))
        if seen % max(1, total // 10) == 0 and ".xlsx " in line:
            memory.append(resident(process.pid))
        if lose and seen == total // 2:
            subprocess.run(["kill", "-9", str(lose)], check=True)
            lose = 0
    if process.wait():
        raise SystemExit(f"{what}: the build failed")
    if lose:
        raise SystemExit(f"{what}: nothing was killed")
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(what, seconds, processor, count, tuple(memory), formulas)


def resident(pid: int) -> int:
    """Measure the megabytes of a process and those that it started, shared pages for each."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "--pid", str(pid), "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(map(int, listed.stdout.split())) // 1024


def contents(out: Path) -> dict[str, bytes]:
    """Read every workbook of a folder."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.xlsx")}


def cluster(folder: Path, stack: ExitStack) -> tuple[str, int]:
    """Start a scheduler and two workers; return its address and one worker's process."""
    place = folder / "scheduler.json"

    def start(*command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--scheduler-file", str(place), "--no-dashboard"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        return process

    start("distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1")
    worker = ("distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1")
    first, _ = start(*worker), start(*worker)
    while not place.exists():
        time.sleep(0.1)
    return str(json.loads(place.read_text())["address"]), first.pid


def main() -> int:
    """Measure, print, and fail if a check does not hold or bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--deals", type=int, default=250)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        deals = folder / "deals"
        write_deals(deals, options.deals)
        release = stack.enter_context(package_of(COMMIT, RIVAL))
        rival = built(RIVAL, deals, folder / "release", checkout=release)
        runs = [built("1 process", deals, folder / "one")]
        runs.append(built("again, nothing changed", deals, folder / "one"))
        expected = contents(folder / "one")
        for what, jobs in (("2 processes", ("--jobs", "2")), ("2 workers, one killed", ())):
            out = folder / "other"
            lose = 0
            if not jobs:
                address, lose = cluster(folder, stack)
                jobs = ("--cluster", address)
            runs.append(built(what, deals, out, *jobs, lose=lose))
            if contents(out) != expected:
                raise SystemExit(f"{what}: not the same bytes")
            shutil.rmtree(out)
    total = options.deals * len(TEMPLATES)
    print(f"{options.deals} deals, {total:,} workbooks: {', '.join(TEMPLATES)}")
    for run in (rival, *runs):
        memory = f"{run.memory[0]} to {max(run.memory)} MB" if run.memory else ""
        print(
            f"{run.what:24}{run.seconds:8.1f} s {total / run.seconds:8.1f} a second"
            f"{run.processor:8.1f} s of the processor  {memory}"
        )
        if run.count != total and run is not rival:
            raise SystemExit(f"{run.what}: {total - run.count} workbooks do not check")
    ratio, wall = rival.processor / runs[0].processor, rival.seconds / runs[0].seconds
    print(f"one process builds {ratio:.2f} times as many a second of the processor as {RIVAL}")
    more = runs[0].formulas / rival.formulas
    print(
        f"and {wall:.2f} times as many by the clock; they have {more:.2f} times as many formulas,"
    )
    print(f"of which it computes {ratio * more:.2f} times as many a second of the processor")
    print(f"two processes are {runs[0].seconds / runs[2].seconds:.2f} times as fast as one")
    print(f"the second run is {runs[0].seconds / runs[1].seconds:.0f} times as fast as the first")
    return 0


if __name__ == "__main__":
    sys.exit(main())
