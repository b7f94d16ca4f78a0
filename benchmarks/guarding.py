"""What it costs to see whether the embedded engine has read a workbook as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import formualizer

from benchmarks.files import NATIVE, OURS, make
from benchmarks.measuring import AT_MOST, Line, compare, print_results, race
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded.preparation import Prepared
from xladdin.functions.garbage_collection import uncollected
from xladdin.xlsx.workbook_part import Workbook


def measure(quick: bool) -> Iterator[Line]:
    """Measure the guard beside what it guards: reading, judging, loading and computing."""
    rows, rounds = (10_000, 2) if quick else (100_000, 5)
    with tempfile.TemporaryDirectory() as folder:
        for name, formula in (("a function of ours", OURS), ("native arithmetic", NATIVE)):
            data = make(Path(folder, "guarded.xlsx"), rows, formula).read_bytes()
            yield _one(data, f"{rows:,} rows of {name}", rounds)


def _one(data: bytes, what: str, rounds: int) -> Line:
    computed: list[tuple[Prepared, formualizer.Workbook]] = []
    uncomputed = _read(data)[1]

    @uncollected()
    def load() -> None:
        prepared, workbook = _read(data)
        workbook.evaluate_all()
        computed[:] = [(prepared, workbook)]

    @uncollected()
    def guard() -> None:
        [(prepared, workbook)] = computed
        prepared.guard.count(uncomputed)
        prepared.guard.check(workbook)

    times = race({"loading": load, "the guard after loading": guard}, rounds)
    return compare(
        f"{what}: constants, names, formulas and counts compared",
        times,
        "the guard after loading",
        "loading",
        unit="ms",
        bound=AT_MOST,
        target=0.1,
    )


def _read(data: bytes) -> tuple[Prepared, formualizer.Workbook]:
    prepared = Prepared(Workbook(data))
    workbook = formualizer.Workbook.from_bytes(prepared.copy(), config=bridge.settings())
    bridge.register(workbook, prepared.checks)
    workbook.get_eval_plan([])  # builds what it computes by, which is not the guard's work
    return prepared, workbook


if __name__ == "__main__":
    print_results(measure)
