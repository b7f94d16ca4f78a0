"""Measure everything, print a table, and write the results as JSON.

``python -m benchmarks`` takes some minutes; ``--quick`` takes less than two, on smaller work.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks import report
from benchmarks.measuring import Line, NotMeasuredError, results_of

MODULES = (
    "startup",
    "calls",
    "python_calls",
    "before",
    "arrays",
    "building",
    "files",
    "guarding",
    "growth",
)

SLACK = 2.0
"""How many times wrong a ratio of the quick run has to be to count as such: it is taken on small
work, in few rounds, on whatever machine there is."""


def main() -> int:
    """Measure; return 1 if a target is missed, or something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="smaller work; fails only where a ratio is wrong by more than double",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the results go")
    parser.add_argument(
        "--write", action="store_true", help="keep the results, and put them into the documents"
    )
    options = parser.parse_args()
    if options.write and options.quick:
        parser.error("what is kept is measured in full")
    lines: list[Line] = []
    unmeasured: list[str] = []
    for module in MODULES:
        try:
            lines += _timed(module, results_of(module, ["--quick"] if options.quick else []))
        except NotMeasuredError as missing:
            unmeasured.append(str(missing))
    print(report.table(lines))
    if unmeasured:
        print(f"not measured, and nothing is kept: {', '.join(unmeasured)}", file=sys.stderr)
        return 1
    results = [asdict(line) for line in lines]
    for path in filter(None, (options.json, report.RESULTS if options.write else None)):
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if options.write:
        report.write()
    missed = [line for line in lines if _missed(line, options.quick)]
    for line in missed:
        print(f"missed: {line.what}: {line.ours} against {line.rival}", file=sys.stderr)
    return 1 if missed else 0


def _missed(line: Line, quick: bool) -> bool:
    return line.misses(SLACK) and not line.absolute if quick else line.misses()


_START = time.monotonic()


def _timed(what: str, lines: list[Line]) -> list[Line]:
    print(f"{time.monotonic() - _START:5.0f} s  {what}", file=sys.stderr)
    return lines


if __name__ == "__main__":
    sys.exit(main())
