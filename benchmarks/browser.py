"""How long the browser add-in takes to start in Chromium, and its first formula then.

    python -m benchmarks.browser

It needs Node.js, Chromium and the packages of tests/excel/office_addin. The first start has an
empty cache; the others find the files there, as in a browser that was used before.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

ROUNDS: Final = 6
START: Final = 5.0
"""Seconds that a start with a warm cache may take."""
FIRST: Final = 0.050
"""Seconds that the first formula may take then."""


def main() -> int:
    """Measure, and print a line for each figure; 1 where a target is missed."""
    sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]
    from excel.office_addin.browsers import HERE, MISSING, PYODIDE, browse, shown

    from xladdin.excel.office_addin import folder

    if MISSING:
        print(MISSING)
        return 1
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "site"
        with shown(out) as address:
            folder.make(address, out, pyodide=PYODIDE, office_js=HERE / "stand_in")
            found = browse("cold", Path(name) / "work", address=address, rounds=ROUNDS)
    starts = [one["start"] / 1000 for one in found["times"]]
    start = statistics.median(starts[1:])
    cpu = statistics.median(one["cpu"] for one in found["times"][1:])
    first = statistics.median(one["first"] / 1000 for one in found["times"][1:])
    print(f"start, empty cache: {starts[0]:.1f} s")
    print(f"start, warm cache, median of {ROUNDS - 1}: {start:.1f} s; target {START:.0f} s")
    print(f"processor taken by the browser for such a start, all its threads: {cpu:.1f} s")
    print(f"first formula then, median: {first * 1000:.0f} ms; target {FIRST * 1000:.0f} ms")
    return int(start > START or first > FIRST)


if __name__ == "__main__":
    sys.exit(main())
