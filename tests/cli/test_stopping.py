"""Commands that are stopped: one line, the exit status of it, and a JSON document of all files."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Final, NoReturn

import pytest
from click.testing import CliRunner

from xladdin.cli import main
from xladdin.errors import FileError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="no such signals")

SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP")

COMMANDS: Final = {
    ("recalc", "--in-place"): "xladdin.checking.recalc.recalc",
    ("verify",): "xladdin.checking.verify.verify_one",
    ("upgrade",): "xladdin.building.upgrade.upgrade",
}
"""By command: what does its work."""


@pytest.fixture(autouse=True)
def _signals_that_stop() -> Iterator[None]:
    """Have no signal ignored, as nohup has SIGHUP ignored in all that it starts."""
    before = {how: signal.getsignal(getattr(signal, how)) for how in SIGNALS}
    for how, handler in before.items():
        if handler == signal.SIG_IGN:
            signal.signal(getattr(signal, how), signal.SIG_DFL)
    yield
    for how, handler in before.items():
        signal.signal(getattr(signal, how), handler)


def stop(how: str) -> NoReturn:
    """Send this process a signal, and wait for it."""
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(60)
    raise AssertionError("the signal stopped nothing")


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("how", SIGNALS)
def test_what_works_on_files_tells_how_far_it_came(
    command: tuple[str, ...], how: str, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(file: object, **_: object) -> NoReturn:
        if str(file) == "b.xlsx":
            stop(how)
        raise FileError(str(file), "it is wrong")

    monkeypatch.setattr(COMMANDS[command], work)
    before = signal.getsignal(getattr(signal, how))
    options = ["--json"] if as_json else []
    done = CliRunner().invoke(main, [*command, "a.xlsx", "b.xlsx", "c.xlsx", *options])
    assert done.exit_code == 130
    first, last = done.stderr.splitlines()
    assert first == "xladdin: a.xlsx: it is wrong"
    assert last.startswith("xladdin: stopped: 1 of 3 files are done; every file is whole")
    assert signal.getsignal(getattr(signal, how)) == before
    if not as_json:
        assert done.stdout == ""
        return
    tables = json.loads(done.stdout)
    assert [one["path"] for one in tables] == ["a.xlsx", "b.xlsx", "c.xlsx"]
    assert "it is wrong" in tables[0]["error"]
    assert all(one["error"].startswith("stopped") for one in tables[1:])
    assert len({frozenset(one) for one in tables}) == 1


@pytest.mark.parametrize("how", SIGNALS)
def test_any_other_command_is_stopped_in_one_line(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xladdin.engines.embedded.compute.evaluate", lambda _: stop(how))
    done = CliRunner().invoke(main, ["eval", "=1+1", "--json"])
    assert done.exit_code == 130
    assert done.stderr == "xladdin: stopped\n"
    assert json.loads(done.stdout) == {"error": "stopped"}
