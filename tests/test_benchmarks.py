import dataclasses
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.measuring import AT_LEAST, AT_MOST, Line, compare

LINE = Line("a", "b", "c", 2.0, 1.0, 3.0, AT_MOST, 2.0, 4.0, 2.0, "ms", "wall")


@pytest.mark.parametrize("path", report.DOCUMENTS, ids=lambda path: path.parent.name)
def test_documents_show_the_results_that_are_kept(path: Path) -> None:
    assert report.block(path, report.kept()) in path.read_text(encoding="utf-8")


def test_every_target_has_a_named_rival() -> None:
    lines = report.kept()
    assert sum(line.target is not None for line in lines) >= 10
    assert all(line.rival and line.what and line.ours for line in lines)


def test_what_has_to_be_told_is_in_the_readme() -> None:
    text = report.short(report.kept())
    assert all(rival in text for rival in report.STATED)
    assert text.count(" bytes a row at 500,000 rows") == 2


@pytest.mark.parametrize(
    ("bound", "absolute", "target", "missed", "by_double"),
    [
        (AT_MOST, False, 2.0, False, False),
        (AT_MOST, False, 1.9, True, False),
        (AT_MOST, False, 0.9, True, True),
        (AT_LEAST, False, 2.0, False, False),
        (AT_LEAST, False, 2.1, True, False),
        (AT_LEAST, False, 4.1, True, True),
        (AT_MOST, True, 4.0, False, False),
        (AT_MOST, True, 1.9, True, True),
        ("", False, None, False, False),
    ],
)
def test_targets(
    bound: str, absolute: bool, target: float | None, missed: bool, by_double: bool
) -> None:
    line = dataclasses.replace(LINE, bound=bound, absolute=absolute, target=target)
    assert line.misses() is missed
    assert line.misses(2.0) is by_double


def test_rounds_are_compared_with_themselves() -> None:
    # The machine was ten times as slow in the second round, for both.
    times = {"ours": [1.0, 10.0, 1.0], "theirs": [3.0, 30.0, 2.0]}
    line = compare("", times, "ours", "theirs", unit="ms", bound=AT_LEAST, target=3)
    assert (line.ratio, line.low, line.high) == (3.0, 2.0, 3.0)
    assert (line.our_time, line.rival_time) == (1_000.0, 3_000.0)
    by_row = compare("", times, "ours", "theirs", unit="us", each=(10, 1))
    assert by_row.ratio == pytest.approx(1 / 30)
