"""The functions that there were before format 2, against the commit before it.

Two processes, one with each version, take turns call by call; both have to give the same results.
Nothing of the commit but the package is taken from the history; where a clone lacks it, nothing is
measured, and that is a failure.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.before_worker import CALLS, RESULTS
from benchmarks.history import package_of
from benchmarks.measuring import (
    AT_MOST,
    ENVIRONMENT,
    ROOT,
    Line,
    NotMeasuredError,
    compare,
    print_results,
)

COMMIT: Final = "447209d4f21779b0f6b6506dda9f73624d834bef"
"""The last commit whose functions knew no deals but those of format 1."""

RIVAL: Final = f"the commit before ({COMMIT[:7]})"
OURS: Final = "this one"

_ROUTES: Final = {"cell": "as a cell calls it", "python": "from Python"}

_CHUNK: Final = 0.01
"""Seconds of each run."""

_ROUNDS: Final = 6
"""Runs of each version in a pair of processes."""

_IMPORT: Final = """
import time
import xlwings
start = time.process_time()
import xladdin.udfs
print(time.process_time() - start)
"""


_T = TypeVar("_T")


class Worker:
    """A process that calls the functions of one version."""

    def __init__(self, checkout: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", ROOT / "benchmarks" / "before_worker.py"],
            cwd=checkout,
            env=_environment(checkout),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, route: str, call: str, times: int) -> float:
        """Make a call so many times, and return the seconds that one took."""
        return float(self._answer(route, call, str(times)))

    def results(self, route: str, call: str) -> str:
        """Make a call with each of its arguments, and return a digest of the results."""
        return self._answer(route, call, RESULTS)

    def _answer(self, route: str, call: str, request: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(route, request, call, file=self._process.stdin, flush=True)
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def measure(quick: bool) -> Iterator[Line]:
    """Measure in processes of the two versions, by turns."""
    with package_of(COMMIT, RIVAL) as folder:
        checkouts = {OURS: ROOT, RIVAL: folder}
        yield _imported(checkouts, 5 if quick else 25)
        for route, how in _ROUTES.items():
            yield _slowest(checkouts, route, how, 2 if quick else 9)


def _environment(checkout: Path) -> dict[str, str]:
    return {**ENVIRONMENT, "PYTHONPATH": str(checkout), "XLADDIN_DEALS": os.devnull}


def _imported(checkouts: Mapping[str, Path], rounds: int) -> Line:
    """Compare what the functions add to the start of xlwings."""
    times: dict[str, list[float]] = {name: [] for name in checkouts}
    for turn in range(rounds + 1):
        for name, checkout in _by_turns(checkouts, turn):
            done = subprocess.run(
                [sys.executable, "-P", "-c", _IMPORT],
                check=True,
                cwd=checkout,
                env=_environment(checkout),
                stdout=subprocess.PIPE,
            )
            if turn:
                times[name].append(float(done.stdout))
    return compare(
        "import xladdin.udfs, fresh processes",
        times,
        OURS,
        RIVAL,
        unit="ms",
        bound=AT_MOST,
        target=1.2,
    )


def _slowest(checkouts: Mapping[str, Path], route: str, how: str, launches: int) -> Line:
    """Compare every function, and return the line of the one that lost most."""
    times = {call: {name: list[float]() for name in checkouts} for call in CALLS}
    # Where a process happens to have its objects makes it up to a tenth quicker or slower.
    for _ in range(launches):
        workers = {name: Worker(checkout) for name, checkout in checkouts.items()}
        for call, found in times.items():
            _add(found, workers, route, call)
        for worker in workers.values():
            worker.close()
    lines = [
        dataclasses.replace(
            compare("", found, OURS, RIVAL, unit="us", bound=AT_MOST, target=1.1), ours=call
        )
        for call, found in times.items()
    ]
    for line in lines:
        print(f"{line.ratio:6.3f}  {line.ours}, {how}", file=sys.stderr)
    worst = max(lines, key=lambda line: line.ratio)
    return dataclasses.replace(
        worst,
        what=f"each function of before, {how}: the one that lost most of {len(lines)}",
    )


def _add(
    found: Mapping[str, list[float]], workers: Mapping[str, Worker], route: str, call: str
) -> None:
    """Add some rounds of a call to its times.

    Raises:
        NotMeasuredError: The versions give different results.
    """
    if len({worker.results(route, call) for worker in workers.values()}) > 1:
        raise NotMeasuredError(f"{call} gives something else than {RIVAL} does, {_ROUTES[route]}")
    first = max(worker.seconds(route, call, 20) for worker in workers.values())
    often = max(20, int(_CHUNK / max(first, 1e-7)))
    for turn in range(_ROUNDS + 1):
        for name, worker in _by_turns(workers, turn):
            taken = worker.seconds(route, call, often)
            if turn:
                found[name].append(taken)


def _by_turns(of: Mapping[str, _T], turn: int) -> Sequence[tuple[str, _T]]:
    """Return both, in the other order every second time."""
    return list(of.items())[:: -1 if turn % 2 else 1]


if __name__ == "__main__":
    print_results(measure)
