"""How fast a large range goes through a worksheet function of classic Excel, on the Python side.

Run it as ``python benchmarks/udf_calls.py``. It needs no Excel: xlwings' own `call_udf` runs over
the stand-in for pywin32 that the tests use, so what a real Excel and COM take comes on top, and is
the same for every row of the result. All contestants run in turn, round after round, in one
process; see README.md beside this file for what they are.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOSTS = Path(__file__).parents[1] / "tests" / "hosts"
sys.path.insert(0, str(HOSTS))

import fake_pywin32  # noqa: E402

LEAST = 5.0
"""How many times as fast as the usual way our function has to be."""


def contestants(xlwings: Any) -> types.ModuleType:
    """Declare CEO_FEE the usual ways, and what only copies, in a module as xlwings imports it."""
    import xladdin
    from xladdin.hosts.excel import Cells

    module = types.ModuleType("contestants")
    module.__file__ = __file__

    @xlwings.func
    @xlwings.arg("gross", ndim=2)
    def usual(gross: Any) -> Any:
        return [[xladdin.ceo_fee(cell) for cell in row] for row in gross]

    @xlwings.func
    @xlwings.arg("gross", ndim=2)
    def bare(gross: Any) -> Any:
        """Tiers and nothing else: no terms, no checks, no errors, no blanks."""
        return [[_bare(cell) for cell in row] for row in gross]

    @xlwings.func
    @xlwings.arg("gross", ndim=2)
    def default_copy(gross: Any) -> Any:
        return gross

    @xlwings.func
    @xlwings.arg("gross", Cells)
    @xlwings.ret(Cells)
    def raw_copy(gross: Any) -> Any:
        return [list(row) for row in gross]

    for made in (usual, bare, default_copy, raw_copy):
        made.__annotations__ = {}
        setattr(module, made.__name__, made)
    sys.modules["contestants"] = module
    return module


def _bare(gross: float) -> float:
    fee, lower = 0.0, 0.0
    for upper, rate in ((10e6, 0.04), (20e6, 0.035), (25e6, 0.03)):
        if gross > lower:
            fee += (min(gross, upper) - lower) * rate
        lower = upper
    return fee


def timed(call: Callable[[], Any]) -> float:
    """Time one call, in milliseconds of this process: other programs must not count."""
    start = time.process_time()
    call()
    return (time.process_time() - start) * 1_000


def main() -> int:
    """Measure, and print the result; exit with 1 if our function is not fast enough."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()

    fake_pywin32.fake_pywin32()
    xlwings = fake_pywin32.load_xlwings()
    contestants(xlwings)
    column = [[round(row * 2_499.37 % 25e6, 2)] for row in range(options.rows)]
    reference = fake_pywin32.reference(column)
    call_udf = xlwings.udfs.call_udf

    calls = {
        "ours": lambda: call_udf("xladdin.udfs", "CEO_FEE", (reference,)),
        "usual": lambda: call_udf("contestants", "usual", (reference,)),
        "bare": lambda: call_udf("contestants", "bare", (reference,)),
        "default copy": lambda: call_udf("contestants", "default_copy", (reference,)),
        "raw copy": lambda: call_udf("contestants", "raw_copy", (reference,)),
    }
    assert calls["ours"]() == calls["usual"](), "not the same function"
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(options.rounds):
        for name, call in calls.items():
            times[name].append(timed(call))

    print(f"CEO_FEE over {options.rows:,} rows, {options.rounds} rounds; milliseconds a call")
    print(f"{'':14}{'median':>9}{'least':>9}{'most':>9}")
    for name, found in times.items():
        print(f"{name:14}{statistics.median(found):9.2f}{min(found):9.2f}{max(found):9.2f}")

    def against(name: str) -> float:
        """Compare round by round, so that a machine that slows down slows both."""
        pairs = zip(times[name], times["ours"], strict=True)
        return statistics.median(other / ours for other, ours in pairs)

    ratio = against("usual")
    print(f"\nours is {ratio:.1f} times as fast as the usual way (at least {LEAST:g} wanted)")
    print(f"ours is {against('bare'):.1f} times as fast as bare tiers")
    print(f"ours takes {1 / against('raw copy'):.1f} times as long as copying alone")
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
