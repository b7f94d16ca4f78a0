"""A night's run: 250 made-up deals times four templates, with one process, two, and a cluster.

Run it as ``python benchmarks/batch.py``. It builds every workbook three times from the beginning,
looks whether all checks hold and all bytes are the same, and how much memory the processes take as
they go; then once more with nothing changed. It takes some ten minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from generated import write_deals

PROGRAM = (sys.executable, "-c", "from xladdin.cli import main; main()")
TEMPLATES = 4


class Run(NamedTuple):
    """One build of everything.

    Attributes:
        what: How it was built.
        seconds: How long it took.
        count: How many workbooks came out with all their checks holding.
        memory: Megabytes that its processes took, a tenth of the way and from there on.
    """

    what: str
    seconds: float
    count: int  # type: ignore[assignment]  # what tuples call so is not missed
    memory: tuple[int, ...]


def built(what: str, deals: Path, out: Path, *options: str, lose: int = 0) -> Run:
    """Build all, and watch.

    Args:
        what: What to call it.
        deals: Folder of the deals.
        out: Where to.
        options: Options of the command line.
        lose: Process to kill in the middle; 0 for none.
    """
    total = len(list(deals.glob("*.toml"))) * TEMPLATES
    start = time.perf_counter()
    process = subprocess.Popen(
        [*PROGRAM, "build", "--deal", str(deals), "--out", str(out), *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    count = seen = 0
    memory = []
    for line in process.stdout:
        seen += ".xlsx " in line
        count += "checks hold" in line
        if seen % (total // 10) == 0 and ".xlsx " in line:
            memory.append(resident(process.pid))
        if lose and seen == total // 2:
            subprocess.run(["kill", "-9", str(lose)], check=True)
            lose = 0
    if process.wait():
        raise SystemExit(f"{what}: the build failed")
    return Run(what, time.perf_counter() - start, count, tuple(memory))


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
    total = options.deals * TEMPLATES
    print(f"{options.deals} deals, {total:,} workbooks")
    for run in runs:
        memory = f"{run.memory[0]} to {max(run.memory)} MB" if run.memory else ""
        print(f"{run.what:24}{run.seconds:8.1f} s {total / run.seconds:8.1f} a second  {memory}")
        if run.count != total:
            raise SystemExit(f"{run.what}: {total - run.count} workbooks do not check")
    print(f"two processes are {runs[0].seconds / runs[2].seconds:.2f} times as fast as one")
    print(f"the second run is {runs[0].seconds / runs[1].seconds:.0f} times as fast as the first")
    return 0


if __name__ == "__main__":
    sys.exit(main())
