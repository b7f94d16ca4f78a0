import dataclasses
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import before, growth, history, measuring, report
from benchmarks.measuring import AT_LEAST, AT_MOST, Line, NotMeasuredError, compare

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


def test_memory_that_is_not_measured_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = {100: 0.0, 200: 50.0, 400: 100.0}
    monkeypatch.setattr(growth, "_child", lambda _, rows: {"kilobytes": sizes[rows]})
    line = growth._memory("recalc", (200, 400))
    assert line is not None
    assert (line.our_time, line.rival_time, capsys.readouterr().err) == (256.0, 256.0, "")
    assert growth._memory("recalc", (100, 200)) is None
    message = "recalculating a file: 100 rows are too few to measure their memory\n"
    assert capsys.readouterr().err == message


def test_rounds_are_compared_with_themselves() -> None:
    # The machine was ten times as slow in the second round, for both.
    times = {"ours": [1.0, 10.0, 1.0], "theirs": [3.0, 30.0, 2.0]}
    line = compare("", times, "ours", "theirs", unit="ms", bound=AT_LEAST, target=3)
    assert (line.ratio, line.low, line.high) == (3.0, 2.0, 3.0)
    assert (line.our_time, line.rival_time) == (1_000.0, 3_000.0)
    by_row = compare("", times, "ours", "theirs", unit="us", each=(10, 1))
    assert by_row.ratio == pytest.approx(1 / 30)


def test_what_the_history_lacks_is_not_measured() -> None:
    with (
        pytest.raises(NotMeasuredError, match="this clone lacks a release; fetch the whole"),
        history.package_of("0" * 40, "a release"),
    ):
        pytest.fail("there is no such commit")


def test_a_program_that_cannot_measure_says_why_and_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def measure(_: bool) -> list[Line]:
        raise NotMeasuredError("this clone lacks a release")

    monkeypatch.setattr("sys.argv", ["before"])
    with pytest.raises(SystemExit, match=r"^not measured: this clone lacks a release$"):
        measuring.print_results(measure)
    with pytest.raises(NotMeasuredError, match="no_such_module"):
        measuring.results_of("no_such_module")


def test_nothing_is_kept_unless_all_was_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def results_of(module: str, _: object) -> list[Line]:
        if module == "before":
            raise NotMeasuredError(module)
        return [LINE]

    kept = report.RESULTS.read_bytes()
    monkeypatch.setattr(program, "results_of", results_of)
    monkeypatch.setattr("sys.argv", ["benchmarks", "--write", "--json", str(tmp_path / "json")])
    assert program.main() == 1
    assert "not measured, and nothing is kept: before" in capsys.readouterr().err
    assert report.RESULTS.read_bytes() == kept
    assert not (tmp_path / "json").exists()


def test_versions_that_give_different_results_are_not_compared() -> None:
    class Worker(before.Worker):
        def __init__(self, result: str) -> None:
            self.result = result

        def results(self, _route: str, _call: str) -> str:
            return self.result

    workers = {"one": Worker("1"), "other": Worker("2")}
    with pytest.raises(NotMeasuredError, match="CEO_FEE gives something else than"):
        before._add({}, workers, "cell", "CEO_FEE")
