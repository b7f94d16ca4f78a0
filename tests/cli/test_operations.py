"""Commands that run unattended, where something is in the way: a line, a status, nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from deals import NEOT_1
from filling import type_placements
from generated import write_deals
from privileges import bound_by_rights

from xladdin import files
from xladdin.building import upgrade
from xladdin.building.build import build
from xladdin.building.manifest import MANIFEST
from xladdin.building.render import finish
from xladdin.checking import recalc
from xladdin.cli import main

XLADDIN = (sys.executable, "-m", "xladdin.cli")
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX's own")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def refused(*arguments: object, status: int = 2) -> str:
    """Run a command that has to end in one line."""
    done = run(*arguments)
    assert done.exit_code == status, done.output
    assert done.stderr.startswith("xladdin: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    made.worksheets[0]["A1"] = "=CEO_FEE(1000)"
    path = tmp_path / "mine.xlsx"
    made.save(path)
    return path


def saving(real: Callable[..., Any], path: Path, theirs: bytes) -> Callable[..., Any]:
    """Have somebody save a file while we compute."""

    def compute(*given: Any, **named: Any) -> Any:
        done = real(*given, **named)
        path.write_bytes(theirs)
        return done

    return compute


class TestSomebodySavesMeanwhile:
    def test_recalc(self, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recalc, "compute", saving(recalc.compute, book, b"theirs"))
        assert "it was changed meanwhile" in refused("recalc", "--in-place", book)
        assert book.read_bytes() == b"theirs"

    def test_upgrade(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (built,) = build(["placements"], out=tmp_path)
        filled = openpyxl.load_workbook(built.path)
        type_placements(filled)
        filled.save(built.path)
        monkeypatch.setattr(upgrade, "finish", saving(finish, built.path, b"theirs"))
        assert "it was changed meanwhile" in refused("upgrade", built.path)
        assert built.path.read_bytes() == b"theirs"
        assert list(tmp_path.iterdir()) == [built.path]


@pytest.mark.parametrize(
    "command", [("verify",), ("recalc", "--in-place"), ("recalc", "--out", "new"), ("upgrade",)]
)
class TestSeveralFiles:
    """One that is wrong costs a line and the status, and the others are done."""

    @pytest.fixture
    def good(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (built,) = build(["captable"], out=tmp_path)
        monkeypatch.chdir(tmp_path)
        return built.path

    @pytest.mark.sample(1)
    def test_files_that_cannot_be_read(
        self, tmp_path: Path, good: Path, command: tuple[str, ...]
    ) -> None:
        (tmp_path / "folder.xlsx").mkdir()
        (tmp_path / "empty.xlsx").touch()
        (tmp_path / "notes.txt").touch()
        wrong = ["folder.xlsx", "none.xlsx", "folder.xlsx/in.xlsx", "empty.xlsx", "notes.txt"]
        if os.name == "posix":
            os.mkfifo(tmp_path / "pipe.xlsx")
            wrong.append("pipe.xlsx")
        done = run(*command, *wrong, good)
        assert done.exit_code == 2
        lines = done.stderr.splitlines()
        assert [line.split(": ")[1] for line in lines] == wrong
        assert good.name in done.stdout
        assert done.stdout.count("\n") == 1

    @pytest.mark.sample(2)
    def test_a_file_of_somebody_else(self, good: Path, command: tuple[str, ...]) -> None:
        other = good.with_name("other.xlsx")
        other.touch(mode=0)
        with bound_by_rights():
            done = run(*command, other, good)
        assert done.exit_code == 2
        assert done.stderr.startswith(f"xladdin: {other}: it cannot be read: ")
        assert good.name in done.stdout

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
    def test_what_a_machine_runs_out_of(
        self,
        good: Path,
        command: tuple[str, ...],
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        real = files.snapshot

        def failing(path: Path, most: int) -> files.Snapshot:
            if path.name == "large.xlsx":
                raise error
            return real(path, most)

        monkeypatch.setattr(recalc, "snapshot", failing)
        done = run(*command, good.with_name("large.xlsx"), good)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
        assert done.stderr.startswith(f"xladdin: {good.with_name('large.xlsx')}: ")
        assert good.name in done.stdout


@posix
class TestInTheWay:
    def test_a_link_to_itself(self, tmp_path: Path, book: Path) -> None:
        loop = tmp_path / "loop"
        loop.symlink_to(loop)
        message = refused("build", "captable", "--out", loop, status=1)
        assert "a link that leads to itself" in message
        assert "a link that leads to itself" in refused("recalc", book, "--out", loop)

    def test_a_pipe(self, tmp_path: Path, book: Path) -> None:
        os.mkfifo(tmp_path / "captable.xlsx")
        message = refused("build", "captable", "--out", tmp_path, "--replace", status=1)
        assert "it is no ordinary file but a pipe" in message
        (tmp_path / "o").mkdir()
        os.mkfifo(tmp_path / "o" / book.name)
        assert "no ordinary file" in refused("recalc", book, "--out", tmp_path / "o")
        assert (tmp_path / "captable.xlsx").is_fifo()
        assert (tmp_path / "o" / book.name).is_fifo()

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("length", [247, 248, 250])
    def test_long_names(self, tmp_path: Path, book: Path, length: int) -> None:
        path = book.rename(tmp_path / f"{'a' * (length - 5)}.xlsx")
        done = run("recalc", "--in-place", path)
        assert (done.exit_code, done.stderr) == (0, "")
        assert openpyxl.load_workbook(path, data_only=True).worksheets[0]["A1"].value == 40

    @pytest.mark.sample(1)
    @pytest.mark.parametrize("megabytes", [512, 256])
    def test_little_memory(self, tmp_path: Path, megabytes: int) -> None:
        import resource

        size = megabytes << 20

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        done = subprocess.run(
            [*XLADDIN, "build", "captable", "--out", str(tmp_path / "out")],
            preexec_fn=limit,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        if done.returncode == 0:
            assert "checks hold" in done.stdout
        else:
            assert done.returncode == 1
            assert done.stderr.splitlines()[-1].startswith("xladdin: ")
            assert "not enough memory" in done.stderr
            assert not list(tmp_path.rglob("*.xlsx"))


@pytest.mark.parametrize(
    "arguments",
    [
        *(("build", "captable", option, "") for option in ("--out", "--data", "--deal")),
        *(("recalc", "--in-place", ""), ("recalc", "x.xlsx", "--out", ""), ("verify", "")),
        *(("upgrade", ""), ("upgrade", "x.xlsx", "--out", ""), ("build-oxt", "--out", "")),
    ],
)
def test_an_empty_path_is_not_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """As from a variable that is not set."""
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert "empty" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_deals_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLADDIN_DEALS", str(tmp_path / "none"))
    done = run("deals")
    assert done.exit_code == 1
    assert "NEOT-2001  " in done.stdout
    assert done.stderr == (
        f"xladdin: {tmp_path / 'none'}: there is no such folder; "
        "make it, or set XLADDIN_DEALS to another\n"
    )


def test_a_build_needs_no_room_for_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    done = run("build", "captable", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "out" / "captable.xlsx").exists()


@pytest.mark.long
def test_a_deal_that_has_nothing_for_any_template(tmp_path: Path) -> None:
    path = tmp_path / "BARE-1.toml"
    path.write_text(NEOT_1.replace("NEOT-2001", "BARE-1"), "utf-8")
    out = tmp_path / "out"
    done = run("build", "--deal", path, "--out", out)
    assert done.exit_code == 0, done.output
    assert f"{out / 'equityline.xlsx'}  left out: " in done.stdout
    assert "placements.xlsx" in done.stdout
    # Asked for by name, it is wrong use.
    assert "equity line" in refused("build", "equityline", "--deal", path, "--out", out)


@pytest.mark.long
@pytest.mark.parametrize("bad", [False, True])
def test_data_of_further_agreements_are_counted(tmp_path: Path, bad: bool) -> None:
    """A deal whose second agreement has data makes a workbook more; so the counts say."""
    (tmp_path / "deals").mkdir()
    text = NEOT_1
    for name in ("DEAL-1", "DEAL-2"):
        (tmp_path / "deals" / f"{name}.toml").write_text(text.replace("NEOT-2001", name), "utf-8")
    for name in ("DEAL-1", "DEAL-2", "DEAL-1_OTHER"):
        folder = tmp_path / "data" / name
        folder.mkdir(parents=True)
    line = "2001-11-05,1000,4\n"
    file = tmp_path / "data" / "DEAL-1_OTHER" / ("nothing.csv" if bad else "placements.csv")
    file.write_text(f"Date,Shares,Price\n{line}", "utf-8")
    options = ("--deal", tmp_path / "deals", "--data", tmp_path / "data", "--out", tmp_path / "out")
    done = run("build", "placements", "captable", *options, "--json")
    assert done.exit_code == int(bad), done.output
    table = json.loads(done.stdout)
    assert table["planned"] == sum(table["counts"].values()) == 5
    assert table["counts"] == ({"failed": 3, "written": 2} if bad else {"written": 5})
    assert sum(one["workbooks"] for one in table["workbooks"]) == 5


@posix
class TestStopped:
    def started(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @pytest.mark.long
    def test_the_document_is_whole(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 30)
        out = tmp_path / "out"
        command = ("build", "captable", "--deal", str(tmp_path / "deals"), "--out", str(out))
        process = self.started(*XLADDIN, *command, "--json")
        while len(list(out.rglob("*.xlsx"))) < 2:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        printed, message = process.communicate()
        assert process.returncode == 130
        assert message.startswith("xladdin: stopped: ")
        table = json.loads(printed)
        assert (table["ended"], table["planned"]) == ("interrupted", 30)
        count = table["counts"]["written"]
        assert count == len(table["workbooks"])
        # The last one may have been written, and not yet been counted.
        assert 1 <= count <= len(list(out.rglob("*.xlsx"))) <= count + 1 < 30

    @pytest.mark.long
    def test_a_terminal_that_closes_stops_nothing_under_nohup(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 4)
        out = tmp_path / "out"
        command = ("build", "captable", "--deal", str(tmp_path / "deals"), "--out", str(out))
        process = self.started("nohup", *XLADDIN, *command)
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        printed, _ = process.communicate()
        assert process.returncode == 0
        assert printed.splitlines()[-1] == "4 workbooks: 4 written"

    @pytest.mark.long
    def test_nobody_reads_a_batch(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 3)
        out = tmp_path / "out"
        command = ("build", "captable", "--deal", str(tmp_path / "deals"), "--out", str(out))
        process = self.started(*XLADDIN, *command)
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        with process.stderr:
            message = process.stderr.read()
        assert (process.wait(), message) == (
            1,
            "xladdin: not all of the output was delivered: nobody reads it\n",
        )
        assert len(list(out.rglob("*.xlsx"))) == 3
        assert json.loads((out / MANIFEST).read_bytes())["ended"] == "finished"
