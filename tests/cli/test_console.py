"""What reaches a terminal, and what becomes of a command that nobody listens to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from draws import first

from xladdin.cli import console, main

XLADDIN = (sys.executable, "-m", "xladdin.cli")
LOST = "xladdin: not all of the output was delivered: "
posix = pytest.mark.skipif(os.name != "posix", reason="closes pipes as POSIX does")


def workbook(path: Path, formula: str = "=CEO_FEE(1000)") -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = formula
    book.save(path)
    return path


def unread(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose output nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [*XLADDIN, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True
        )
    finally:
        os.close(writer)


@posix
class TestNobodyReads:
    def test_the_work_is_done_and_the_status_says_that_it_was_not_told(
        self, tmp_path: Path
    ) -> None:
        paths = [workbook(tmp_path / f"{number}.xlsx") for number in range(3)]
        done = unread("recalc", "--in-place", *map(str, paths))
        assert (done.returncode, done.stderr) == (1, f"{LOST}nobody reads it\n")
        for path in paths:
            book = openpyxl.load_workbook(path, data_only=True)
            assert book.worksheets[0]["A1"].value == 40

    def test_the_status_of_the_work_counts_more(self, tmp_path: Path) -> None:
        good = workbook(tmp_path / "good.xlsx")
        (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
        done = unread("verify", str(good), str(tmp_path / "bad.xlsx"))
        assert done.returncode == 2
        assert "bad.xlsx: it is not a workbook" in done.stderr
        assert done.stderr.endswith(f"{LOST}nobody reads it\n")

    @pytest.mark.parametrize("arguments", [("--help",), ("functions",), ("--version",)])
    def test_every_command(self, arguments: tuple[str, ...]) -> None:
        done = unread(*arguments)
        assert (done.returncode, done.stderr) == (1, f"{LOST}nobody reads it\n")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
    @pytest.mark.parametrize("also", [False, True])
    def test_a_full_disk(self, *, also: bool) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*XLADDIN, "functions"],
                stdout=full,
                stderr=full if also else subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONUNBUFFERED": ""},  # what is buffered fails at the end
            )
        assert done.returncode == 1
        assert also or done.stderr == f"{LOST}No space left on device\n"

    @pytest.mark.parametrize("closed", first([(0, 1, 2), (1,), (2,), (0, 1)]))
    def test_streams_that_were_closed(self, tmp_path: Path, closed: tuple[int, ...]) -> None:
        """No file takes their places, all work is done, and lost results are no success."""
        deals = ("--deal", "NEOT-2001", "--deal", "NEOT-2001/OTHER")
        command = [*XLADDIN, "build", "proceeds", *deals, "--out", str(tmp_path)]
        closing = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {closing}', "sh", *command], capture_output=True, text=True
        )
        assert done.returncode == (1 if 1 in closed else 0)
        assert done.stderr == ("" if 2 in closed else f"{LOST}nobody reads it\n")
        assert done.stdout.count("  written\n") == (0 if 1 in closed else 2)
        for name in ("NEOT-2001", "NEOT-2001_OTHER"):
            openpyxl.load_workbook(tmp_path / name / "proceeds.xlsx")

    @pytest.mark.long
    def test_no_room_for_temporary_files(self, tmp_path: Path) -> None:
        """openpyxl writes each sheet to the disk first, and lxml raises errors of its own."""
        import resource

        def little() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        for form in ("xlsx", "xlsm"):
            done = subprocess.run(
                [*XLADDIN, "build", "captable", "--format", form, "--out", str(tmp_path / form)],
                capture_output=True,
                text=True,
                preexec_fn=little,
            )
            assert done.returncode in {1, 2}
            assert len(done.stderr.splitlines()) == 1, done.stderr
            assert not (tmp_path / form / f"captable.{form}").exists()


HOSTILE = 'a\x1b[31m\x9b\u202eb\r\nc"'


def test_what_a_cell_holds_steers_nothing(tmp_path: Path) -> None:
    formula = '="a"&CHAR(27)&"[31m"&UNICHAR(8238)&CHAR(10)&"b"'
    done = CliRunner().invoke(main, ["eval", formula])
    assert done.stdout == "a\\x1b[31m\\u202e\\nb\n"
    table = json.loads(CliRunner().invoke(main, ["eval", "--json", formula]).stdout)
    assert table["value"] == "a\x1b[31m\u202e\nb"
    stale = workbook(tmp_path / "a.xlsx", formula + '&"x\ny"')
    lines = CliRunner().invoke(main, ["verify", str(stale)]).stdout.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_nothing_gets_past_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        with console.delivering():
            console.echo(HOSTILE)
            console.note(HOSTILE)
            console.echo_json(HOSTILE)
            print(HOSTILE)  # by whoever knows nothing of the console

    with pytest.raises(SystemExit) as end:
        command()
    assert end.value.code == 0
    out, err = capsys.readouterr()
    shown = 'a\\x1b[31m\\x9b\\u202eb\\r\\nc"'
    first, second, *rest = out.split("\n")
    assert (first, err) == (shown, shown + "\n")
    assert json.loads(second) == HOSTILE
    assert second.isprintable()
    assert rest == ["a\\x1b[31m\\x9b\\u202eb\\r", 'c"', ""]


def test_text_that_the_terminal_has_no_letters_for() -> None:
    done = subprocess.run(
        [*XLADDIN, "eval", '="Jörg → "&UNICHAR(8364)'],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        text=True,
        encoding="latin-1",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Jörg \\u2192 \\u20ac\n", "")


class PanicError(BaseException):
    """What no handler of Exception takes."""


@posix
@pytest.mark.parametrize("error", [RuntimeError("it is wrong"), PanicError("it is wrong")])
def test_an_interruption_that_a_library_made_an_error_of_stops_all_the_same(
    capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    def interrupted(*, asked: bool) -> None:
        with console.stoppable(lambda: "1 of 2 files are done"):
            if asked:
                with contextlib.suppress(KeyboardInterrupt):
                    os.kill(os.getpid(), signal.SIGTERM)
            raise error

    with pytest.raises(SystemExit) as end:
        interrupted(asked=True)
    assert end.value.code == console.STOPPED
    assert "stopped: 1 of 2 files are done" in capsys.readouterr().err
    with pytest.raises(type(error), match="wrong"):
        interrupted(asked=False)
