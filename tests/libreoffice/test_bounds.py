"""Bounds on memory and time: one workbook that takes too much costs one line, and no more."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import formualizer
import openpyxl
import pytest
from click.testing import CliRunner
from deals import NEOT_1

from xladdin.checking.recalc import recalc
from xladdin.cli import main
from xladdin.engines.embedded import bridge
from xladdin.engines.embedded import compute as embedded
from xladdin.errors import FileError, InputError
from xladdin.libreoffice import bounds
from xladdin.libreoffice.bounds import bounded
from xladdin.terms import select
from xladdin.terms.store import forget, offer

pytestmark = pytest.mark.usefixtures("in_forks")

DOUBLING: Final = {"A1": '=REPT("x",32767)'} | {
    f"A{n}": f"=A{n - 1}&A{n - 1}" for n in range(2, 31)
}
"""Texts that would fill 16 terabytes."""

ENDLESS: Final = {"A1": "=SUM(FREQUENCY(SEQUENCE(1000000),SEQUENCE(1000000)))"}
"""It compares each of a million numbers with each."""


@pytest.fixture(params=[True, False], ids=["a fork", "another Python"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """Compute as on Linux, and as elsewhere."""
    if request.param and not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    monkeypatch.setattr(bounds, "FORKS", request.param)
    yield request.param
    for worker in bounds._workers:
        worker.end()
    bounds._workers.clear()
    forget()


def book(path: Path, cells: dict[str, Any]) -> Path:
    made = openpyxl.Workbook()
    for cell, value in cells.items():
        made.active[cell] = value
    made.save(path)
    return path


def fail(error: type[BaseException]) -> None:
    raise error


def allocate(size: int) -> int:
    return len(bytearray(size))


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def end(status: int) -> None:
    os._exit(status)


def load(workbook: bytes) -> None:
    engine_workbook = formualizer.Workbook.from_bytes(workbook, config=bridge.settings())
    engine_workbook.evaluate_all()


def reference(name: str) -> str:
    return select(name).terms.issuer


@pytest.mark.sample(1)
@pytest.mark.usefixtures("way")
def test_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.MEMORY_VARIABLE, "400")
    assert bounded(allocate, "x.xlsx")(10 << 20) == 10 << 20
    if bounds.FORKS:  # elsewhere memory that is taken and let go between two looks is not seen
        with pytest.raises(FileError, match=r"^x\.xlsx: it takes more than 400 MB of memory"):
            bounded(allocate, "x.xlsx")(500 << 20)


@pytest.mark.usefixtures("way")
def test_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bounds.SECONDS_VARIABLE, "0.5")
    with pytest.raises(FileError, match=r"^x\.xlsx: it takes longer than 0\.5 seconds"):
        bounded(sleep, "x.xlsx")(3_600)
    monkeypatch.delenv(bounds.SECONDS_VARIABLE)
    assert bounded(allocate, "x.xlsx")(5) == 5


@pytest.mark.sample(1)
@pytest.mark.usefixtures("way")
def test_what_is_raised_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        bounded(fail, "x.xlsx")(ZeroDivisionError)
    with pytest.raises(FileError, match="broke down"):
        bounded(end, "x.xlsx")(3)
    assert bounded(allocate, "x.xlsx")(5) == 5


@pytest.mark.sample(1)
@pytest.mark.usefixtures("way")
def test_deals_of_this_process_are_known_there(tmp_path: Path) -> None:
    from xladdin.terms import read_terms

    path = tmp_path / "MINE.toml"
    text = NEOT_1.replace("NEOT-2001", "MINE")
    path.write_text(text, "utf-8")
    offer(read_terms(path), path)
    assert bounded(reference, "x.xlsx")("MINE") == "NeoTherapeutics, Inc."
    assert embedded.evaluate('=CEO_FEE(25000000,0,"MINE")').value == 900000


@pytest.mark.parametrize("text", ["none", "-1", "0", "nan"])
def test_bounds_that_are_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(bounds.SECONDS_VARIABLE, text)
    with pytest.raises(FileError, match="has to be a number above 0"):
        embedded.evaluate("=1+1")


@pytest.mark.usefixtures("way")
def test_results_come_back_whole(tmp_path: Path) -> None:
    cells = {"A1": "=CEO_FEE(B1)", "A2": '=REPT("y",3)', "A3": "=1/0", "B1": -5}
    computed = embedded.compute(book(tmp_path / "x.xlsx", cells).read_bytes())
    assert {cell: str(value) for cell, value in computed.values["Sheet"].items()} == {
        (1, 1): "#NUM!",
        (2, 1): "yyy",
        (3, 1): "#DIV/0!",
    }
    assert computed.value("Sheet", 1, 2) == -5
    assert computed.value("Sheet", 9, 9) is None
    (reason,) = computed.reasons or ()
    assert isinstance(reason, InputError)
    assert (reason.argument, reason.function) == ("gross", "CEO_FEE")


@pytest.mark.sample(1)
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("command", [("recalc", "--in-place"), ("verify",)])
def test_the_next_file_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv(bounds.MEMORY_VARIABLE, "600")
    monkeypatch.setenv(bounds.SECONDS_VARIABLE, "20")
    hostile = book(tmp_path / "hostile.xlsx", DOUBLING)
    good = book(tmp_path / "good.xlsx", {"A1": "=1+1"})
    recalc(good, in_place=True)
    done = CliRunner().invoke(main, [*command, str(hostile), str(good)])
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "hostile.xlsx: it takes more than 600 MB of memory to compute" in done.stderr
    assert "good.xlsx  " in done.stdout


@pytest.mark.sample(1)
def test_what_has_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: bool) -> None:
    """Whatever may be computed, and however long the engine itself goes on."""
    assert way or not bounds.FORKS
    monkeypatch.setenv(bounds.SECONDS_VARIABLE, "2")
    workbook = book(tmp_path / "endless.xlsx", ENDLESS).read_bytes()
    with pytest.raises(FileError, match="it takes longer than 2 seconds"):
        bounded(load, "endless.xlsx")(workbook)


def test_deep_chains_are_computed(tmp_path: Path) -> None:
    chain: dict[str, Any] = {"A1": 1} | {f"A{n}": f"=A{n - 1}+1" for n in range(2, 20_001)}
    data = book(tmp_path / "deep.xlsx", chain).read_bytes()
    assert embedded.compute(data).values["Sheet"][20_000, 1] == 20_000


def test_memory_is_told_by_processes() -> None:
    from xladdin.libreoffice import memory

    assert memory.resident(os.getpid()) > 1 << 20
    assert memory.machine_memory() > 64 << 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_no_room_for_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_fork() -> int:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(bounds, "FORKS", True)
    monkeypatch.setattr(os, "fork", no_fork)
    with pytest.raises(FileError, match=r"^x\.xlsx: no process can be started to compute it"):
        bounded(allocate, "x.xlsx")(1)
