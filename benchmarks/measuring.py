"""How time is measured, and the line of results that a measurement gives."""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).parents[1]

AT_MOST: Final = "at most"
AT_LEAST: Final = "at least"

Times: TypeAlias = Mapping[str, Sequence[float]]
"""By contestant: seconds of each round."""


@dataclass(frozen=True)
class Line:
    """One measurement.

    Attributes:
        what: What is done, in words.
        ours: What of ours is measured; empty for a line without a comparison.
        rival: What it is measured against.
        ratio: Ours over the rival's, or the rival's over ours where `bound` is "at least".
        low: The lower quartile of the rounds' own ratios.
        high: The upper quartile.
        bound: "at most" or "at least"; empty where there is no target.
        target: What the ratio must be; None where there is no target.
        our_time: Median of our own time, in `unit`.
        rival_time: Median of the rival's.
        unit: ``s``, ``ms`` or ``us``, of what `what` describes; or another quantity's.
        clock: What was measured: time of the process, of child processes, or on the wall.
        absolute: Whether the target is of our own time, in `unit`, and not of the ratio.
    """

    what: str
    ours: str
    rival: str
    ratio: float
    low: float
    high: float
    bound: str
    target: float | None
    our_time: float
    rival_time: float
    unit: str
    clock: str
    absolute: bool = False

    def misses(self, slack: float = 1.0) -> bool:
        """Whether the target is missed, by more than `slack` times."""
        if self.target is None:
            return False
        found = self.our_time if self.absolute else self.ratio
        if self.bound == AT_MOST:
            return found > self.target * slack
        return found < self.target / slack


class NotMeasuredError(Exception):
    """Something that a measurement needs is missing, in words."""


ENVIRONMENT: Final = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""Modules are kept compiled, as those of any installed package are."""

UNITS: Final = {"s": 1.0, "ms": 1e3, "us": 1e6}

PROCESS: Final = "process CPU"
CHILDREN: Final = "CPU of child processes"
WALL: Final = "wall"


def race(
    contestants: Mapping[str, Callable[[], object]], rounds: int, times: int = 1
) -> dict[str, list[float]]:
    """Run all in turn, round after round, after one that does not count.

    Args:
        contestants: What to run, by name.
        rounds: Number of rounds.
        times: Runs of each in a round.

    Returns:
        Seconds of processor time for one run, by name: other programs must not count.
    """
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            start = used()
            for _ in range(times):
                run()
            if turn:
                found[name].append((used() - start) / times)
    return found


def used() -> float:
    """Return the processor time that this process has used, with the processes that it started.

    Computing in a process of its own must not look free.
    """
    waited_for = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + waited_for.ru_utime + waited_for.ru_stime


def children(
    commands: Mapping[str, Sequence[str]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Run programs in turn, round after round, after one that does not count.

    Returns:
        Seconds of processor time that each took, and seconds on the wall, by name.
    """
    cpu: dict[str, list[float]] = {name: [] for name in commands}
    wall: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                command,
                check=True,
                cwd=ROOT,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            if turn:
                cpu[name].append(
                    after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                )
                wall[name].append(end - start)
    return cpu, wall


def compare(
    what: str,
    times: Times,
    ours: str,
    rival: str,
    *,
    unit: str,
    clock: str = PROCESS,
    bound: str = "",
    target: float | None = None,
    absolute: bool = False,
    each: tuple[float, float] = (1, 1),
) -> Line:
    """Compare two contestants round by round, so that a machine that slows down slows both.

    Args:
        what: What they do.
        times: Seconds of each round.
        ours: Name of ours.
        rival: Name of the rival.
        unit: Unit of the times shown.
        clock: What was measured.
        bound: Kind of target: "at most", "at least" or none.
        target: The target ratio, or the time.
        absolute: Whether the target is of our own time.
        each: What the times are divided by, such as rows: ours and the rival's.
    """
    mine = [one / each[0] for one in times[ours]]
    theirs = [one / each[1] for one in times[rival]]
    pairs = list(zip(mine, theirs, strict=True))
    upside_down = bound == AT_LEAST
    ratios = sorted(b / a if upside_down else a / b for a, b in pairs)
    low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    scale = UNITS[unit]
    return Line(
        what,
        ours,
        rival,
        statistics.median(ratios),
        max(low, ratios[0]),
        min(high, ratios[-1]),
        bound,
        target,
        statistics.median(mine) * scale,
        statistics.median(theirs) * scale,
        unit,
        clock,
        absolute,
    )


def results_of(module: str, arguments: Iterable[str] = ()) -> list[Line]:
    """Run a module of this package as a program of its own, and read the lines that it prints.

    Raises:
        NotMeasuredError: It failed; its own message is on standard error.
    """
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        check=False,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    if done.returncode:
        raise NotMeasuredError(module)
    return [Line(**item) for item in json.loads(done.stdout)]


def print_results(measure: Callable[[bool], Iterable[Line]]) -> None:
    """Measure as a program of its own, and print the lines for `results_of`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    try:
        lines = list(measure(quick))
    except NotMeasuredError as error:
        sys.exit(f"not measured: {error}")
    print(json.dumps([asdict(line) for line in lines]))
