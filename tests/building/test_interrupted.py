"""Builds that are stopped, killed or hindered: every file is the old one or the new, whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from draws import crossed, first
from generated import write_deals
from templates import OF_2001

from xladdin.building import build
from xladdin.building.manifest import MANIFEST
from xladdin.terms.store import forget

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stops processes with POSIX signals")

XLADDIN = (sys.executable, "-c", "from xladdin.cli import main; main()")


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def started(*arguments: str) -> subprocess.Popen[str]:
    """Start the command line as a terminal does, in a process group of its own."""
    return subprocess.Popen(
        [*XLADDIN, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As a terminal starts it, also where the tests themselves run under nohup.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )


def wait_for_end(group: int, seconds: float = 300) -> None:
    """Wait until no process of a group is left."""
    end = time.monotonic() + seconds
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < end, "a process is left"
        time.sleep(0.05)


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("jobs", "how"), crossed(("1", "2"), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
)
def test_stopped_cleanly(tmp_path: Path, jobs: str, how: signal.Signals) -> None:
    write_deals(tmp_path / "deals", 40)
    out = tmp_path / "out"
    arguments = ("build", "captable", "--deal", str(tmp_path / "deals"), "--out", str(out))
    process = started(*arguments, "--jobs", jobs)
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    os.killpg(process.pid, how) if how == signal.SIGINT else process.send_signal(how)
    rest, errors = process.communicate(timeout=300)
    lines += rest.splitlines()
    stopped = (
        f"xladdin: stopped: {len(lines)} of 40 workbooks are done; "
        "every file is whole, the old one or the new\n"
    )
    assert (process.returncode, errors) == (130, stopped), lines
    wait_for_end(process.pid)
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.xlsx"))
    assert 2 <= len(written) < 40
    # What is done need not be done again.
    found = json.loads((out / MANIFEST).read_text())
    assert found["ended"] == "interrupted"
    # Each is listed; the last one may have been written, and not yet been entered.
    planned = {f"{path.stem}/captable.xlsx" for path in (tmp_path / "deals").iterdir()}
    assert found["workbooks"].keys() == planned
    made = {name for name, entry in found["workbooks"].items() if entry["state"] == "built"}
    assert made <= set(written)
    assert len(written) <= len(made) + 1
    for name in planned - made:
        entry = found["workbooks"][name]
        assert (entry["state"], entry["deal"]) == ("interrupted", Path(name).parts[0])
        assert entry["reason"] == "the run ended before it was its turn"
    deals = [entry["state"] for entry in found["deals"].values()]
    assert deals.count("interrupted") >= 40 - len(written) - 8  # some are with the workers
    assert not list(out.rglob("*.tmp"))


INTERRUPTED = """
import os, signal, sys
from concurrent import futures
from xladdin.cli import main

lines = int(sys.argv.pop())
pool = (*futures.__path__, __import__("xladdin.building.executors").building.executors.__file__)

def trace(frame, event, _):
    global lines
    if not frame.f_code.co_filename.startswith(pool):
        return None
    lines -= event == "line"
    if not lines:
        os.kill(os.getpid(), signal.SIGTERM)
    return trace

sys.settrace(trace)
main()
"""
"""The command line, asked to end as its main thread comes to a line of the pool's own code."""


@pytest.mark.sample(1)
@pytest.mark.parametrize("line", range(1, 430, 9))
def test_a_request_to_end_in_the_midst_of_the_pool(tmp_path: Path, line: int) -> None:
    write_deals(tmp_path / "deals", 4)
    options = ("--deal", str(tmp_path / "deals"), "--out", str(tmp_path / "out"), "--jobs", "2")
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "build", "captable", *options, str(line)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 130, done.stderr
    assert done.stderr.startswith("xladdin: stopped: "), done.stderr


@pytest.mark.long
def test_workers_end_with_a_killed_build(tmp_path: Path) -> None:
    write_deals(tmp_path / "deals", 40)
    options = ("--deal", str(tmp_path / "deals"), "--out", str(tmp_path / "out"))
    process = started("build", "captable", *options, "--jobs", "2")
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate(timeout=300)
    wait_for_end(process.pid)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a disk")
    try:
        write_deals(tmp_path / "deals", 6)
        done = build.build(("captable",), deals=[tmp_path / "deals"], out=disk)
        changes = [item.change for item in done]
        assert changes[0] == "written"
        assert "failed" in changes
        failures = [item for item in done if item.change == "failed"]
        assert all("the disk is full; make room" in item.failures[0] for item in failures)
        whole = {item.path: item.path.read_bytes() for item in done if item.change == "written"}
        assert all(len(data) > 30_000 for data in whole.values())
        assert sorted(disk.rglob("*.xlsx")) == sorted(whole)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.long
@pytest.mark.parametrize("count", first([1, 3]))
def test_made_deals_are_sound(tmp_path: Path, count: int) -> None:
    write_deals(tmp_path / "deals", count)
    done = build.build(OF_2001, deals=[tmp_path / "deals"], out=tmp_path / "out")
    assert len(done) == count * len(OF_2001)
    assert all(item.checks_ok and item.change == "written" for item in done), done
