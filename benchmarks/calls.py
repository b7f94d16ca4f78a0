"""Calls from classic Excel, on the Python side: xlwings' own `call_udf`, one cell and many.

It runs over the stand-in for pywin32 that the tests use. What Excel and COM take comes on top, and
is the same for all.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks.measuring import AT_LEAST, AT_MOST, ROOT, Line, compare, print_results, race

PLACEMENTS = (
    (1_500_000.0, 0.0, None),
    (2_624_999.75, 1_500_000.0, None),
    (1_124_998.0, 4_124_999.75, None),
    (3_000_000.0, 5_249_997.75, None),
    (2_000_000.0, 8_249_997.75, None),
    (1_749_999.5, 10_249_997.75, None),
    (2_249_998.25, 11_999_997.25, None),
    (1_375_000.0, 14_249_995.5, None),
)
"""Gross, prior gross and no terms: as in the placement log, where one crosses into another tier."""

OURS = "xladdin.udfs.CEO_FEE"
USUAL = "the usual way"
NOTHING = "a no-op UDF"
NOTHING_RAW = "a no-op UDF with our converters"


class Excel(NamedTuple):
    """What of Excel there is.

    Attributes:
        call: xlwings' `call_udf`, as it is on Windows.
        reference: Makes a range of rows.
    """

    call: Callable[..., Any]
    reference: Callable[[list[list[float]]], Any]


def excel() -> Excel:
    """Make this process the one that Excel asks; there is no way back."""
    sys.path.insert(0, str(ROOT / "tests" / "routes"))
    stand_in: Any = importlib.import_module("fake_pywin32")
    stand_in.fake_pywin32()
    return Excel(stand_in.load_xlwings().udfs.call_udf, stand_in.reference)


def column(rows: int) -> list[list[float]]:
    """Return amounts of all tiers."""
    return [[round(row * 2_499.37 % 25e6, 2)] for row in range(rows)]


def measure(quick: bool) -> Iterator[Line]:
    """Measure in one process."""
    found = excel()
    yield from _cell(found.call, 5 if quick else 31, 250 if quick else 1_000)
    yield from _range(found, 10_000 if quick else 100_000, 3 if quick else 9)


def _cell(call: Callable[..., Any], rounds: int, times: int) -> Iterator[Line]:
    from xladdin import udfs

    def through(module: str, name: str) -> Callable[[], None]:
        def run() -> None:
            for given in PLACEMENTS:
                call(module, name, given)

        return run

    def direct() -> None:
        for given in PLACEMENTS:
            ceo_fee(*given)

    ceo_fee: Callable[..., Any] = vars(udfs)["CEO_FEE"]
    found = race(
        {
            OURS: through("xladdin.udfs", "CEO_FEE"),
            NOTHING: through("benchmarks.contestants", "nothing"),
            NOTHING_RAW: through("benchmarks.contestants", "nothing_raw"),
            "decode, core and encode": direct,
        },
        rounds,
        times // len(PLACEMENTS),
    )
    count = len(PLACEMENTS)
    each = (count, count)
    yield compare(
        "one cell, without xlwings",
        found,
        "decode, core and encode",
        NOTHING,
        unit="us",
        bound=AT_MOST,
        target=5,
        absolute=True,
        each=each,
    )
    yield compare(
        "one cell through call_udf",
        found,
        OURS,
        NOTHING,
        unit="us",
        bound=AT_MOST,
        target=1.15,
        each=each,
    )
    yield compare(
        "one cell through call_udf",
        found,
        OURS,
        NOTHING_RAW,
        unit="us",
        bound=AT_MOST,
        target=1.15,
        each=each,
    )


def _range(excel: Excel, rows: int, rounds: int) -> Iterator[Line]:
    call = excel.call
    values = column(rows)
    gross = excel.reference(values)
    prior = excel.reference([[(25e6 - row[0]) / 2] for row in values])

    def theirs(name: str) -> Callable[[], Any]:
        return lambda: call("benchmarks.contestants", name, (gross,))

    found = race(
        {
            OURS: lambda: call("xladdin.udfs", "CEO_FEE", (gross,)),
            **{name: theirs(name) for name in ("usual", "bare", "default_copy", "raw_copy")},
        },
        rounds,
    )
    found[USUAL] = found["usual"]
    same = call("xladdin.udfs", "CEO_FEE", (gross,)) == theirs("usual")()
    assert same, "not the same function"
    what = f"{rows:,} rows through call_udf, in and out"
    yield compare(what, found, OURS, USUAL, unit="ms", bound=AT_LEAST, target=6)
    for name, rival in (
        ("bare", "bare tiers, no checks"),
        ("default_copy", "copying only, default converters"),
        ("raw_copy", "copying only, our converters"),
    ):
        found[rival] = found[name]
        yield compare(what, found, OURS, rival, unit="ms")
    both = race(
        {
            OURS: lambda: call("xladdin.udfs", "CEO_FEE", (gross, prior)),
            USUAL: lambda: call("benchmarks.contestants", "usual_with_prior", (gross, prior)),
        },
        max(3, rounds // 2),
    )
    what = f"{rows:,} rows of two ranges, gross and prior"
    yield compare(what, both, OURS, USUAL, unit="ms")


if __name__ == "__main__":
    print_results(measure)
