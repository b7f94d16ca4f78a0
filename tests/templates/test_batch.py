"""Many deals at once: what is kept, what fails, and who computes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from xladdin.core.errors import FileError
from xladdin.templates import building, workers
from xladdin.templates.batch import MANIFEST, Task, made_from, run
from xladdin.terms import read_terms, select
from xladdin.terms.store import SHIPPED, forget, offer

ROOT = Path(__file__).parents[2]
TEXT = (SHIPPED / "NEOT-2001.toml").read_text("utf-8")
NAMES = ("captable",)


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def write_deals(folder: Path, count: int) -> list[Path]:
    """Write deals that differ in their issuer."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number in range(1, count + 1):
        path = folder / f"DEAL-{number}.toml"
        text = TEXT.replace("NEOT-2001", path.stem).replace("NeoTherapeutics", f"Issuer {number}")
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def changes(folder: Path, out: Path, **options: Any) -> dict[str, str]:
    done = building.build(NAMES, deals=[folder], out=out, **options)
    return {item.path.parent.name: item.change for item in done}


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.xlsx")}


def test_every_deal_and_its_manifest(tmp_path: Path) -> None:
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    done = building.build(NAMES, deals=[tmp_path / "deals"], out=out)
    assert [item.path.relative_to(out).as_posix() for item in done] == [
        "DEAL-1/captable.xlsx",
        "DEAL-2/captable.xlsx",
    ]
    assert all(item.checks_ok and item.change == "written" for item in done)
    found = json.loads((out / MANIFEST).read_text("utf-8"))
    assert set(found["made_with"]) == {"xladdin", "formualizer", "holidays", "lxml", "openpyxl"}
    assert list(found["workbooks"]) == ["DEAL-1/captable.xlsx", "DEAL-2/captable.xlsx"]
    entry = found["workbooks"]["DEAL-1/captable.xlsx"]
    assert entry["deal"] == "DEAL-1"
    assert entry["checks_ok"] is True
    assert entry["formulas"] == done[0].formulas
    assert entry["terms"] != found["workbooks"]["DEAL-2/captable.xlsx"]["terms"]


def test_what_would_come_out_the_same_is_left_alone(tmp_path: Path) -> None:
    deals = write_deals(tmp_path / "deals", 3)
    out = tmp_path / "out"
    assert set(changes(tmp_path / "deals", out).values()) == {"written"}
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert set(changes(tmp_path / "deals", out).values()) == {"same"}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    # A comment is no other deal; another figure is.
    text = deals[0].read_text("utf-8")
    deals[0].write_text("# Looked over.\n" + text, "utf-8")
    deals[1].write_text(deals[1].read_text("utf-8").replace("Issuer 2", "Another issuer"), "utf-8")
    # A workbook that was changed or lost is made again.
    third = out / "DEAL-3" / "captable.xlsx"
    third.write_bytes(third.read_bytes() + b"x")
    assert changes(tmp_path / "deals", out) == {
        "DEAL-1": "same",
        "DEAL-2": "written",
        "DEAL-3": "written",
    }
    third.unlink()
    assert changes(tmp_path / "deals", out)["DEAL-3"] == "written"


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b'{"workbooks": 3}', b"\xff", None])
def test_a_spoilt_manifest_is_no_manifest(tmp_path: Path, spoilt: bytes | None) -> None:
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    changes(tmp_path / "deals", out)
    whole = (out / MANIFEST).read_bytes()
    if spoilt is None:
        found = json.loads(whole)
        for entry in found["workbooks"].values():
            entry["formulas"] = "many"
        spoilt = json.dumps(found).encode()
    (out / MANIFEST).write_bytes(spoilt)
    # Computed again, and found to be the same bytes.
    assert set(changes(tmp_path / "deals", out).values()) == {"same"}
    assert (out / MANIFEST).read_bytes() == whole


def test_other_code_or_terms_are_another_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = Task("captable", select(), tmp_path / "captable.xlsx")
    same = Task("captable", select(), tmp_path / "elsewhere.xlsx", required=True)
    assert made_from(task) == made_from(same)
    others = {
        made_from(Task("proceeds", select(), task.path)),
        made_from(Task("captable", select("NEOT-2001/OTHER"), task.path)),
    }
    monkeypatch.setattr("xladdin.templates.batch._tools", lambda: "another version")
    others.add(made_from(task))
    assert len(others) == 3
    monkeypatch.undo()
    assert made_from(task) not in others


def test_a_deal_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    deals = write_deals(tmp_path / "deals", 3)
    deals[1].write_text(deals[1].read_text("utf-8").replace("0.035", "3.5"), "utf-8")
    done = building.build(NAMES, deals=[tmp_path / "deals"], out=tmp_path / "out")
    assert [item.change for item in done] == ["written", "written", "failed"]
    bad = done[-1]
    assert not bad.checks_ok
    assert bad.path == deals[1]
    assert "agreements.SALES.tiers[2].rate: must be from 0 to 1" in bad.failures[0]


def test_a_file_in_the_way_fails_alone(tmp_path: Path) -> None:
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    (out / "DEAL-1").mkdir(parents=True)
    (out / "DEAL-1" / "~$captable.xlsx").write_bytes(b"")
    done = building.build(NAMES, deals=[tmp_path / "deals"], out=out)
    assert {item.path.parent.name: item.change for item in done} == {
        "DEAL-1": "failed",
        "DEAL-2": "written",
    }
    assert "it is open in Excel" in done[0].failures[0]
    assert "DEAL-1/captable.xlsx" not in json.loads((out / MANIFEST).read_text())["workbooks"]


def test_deals_whose_folders_differ_in_case_alone(tmp_path: Path) -> None:
    """Where names that differ in case are one, the second deal would take the first one's place."""
    deals = tmp_path / "deals"
    write_deals(deals, 1)
    text = (deals / "DEAL-1.toml").read_text("utf-8")
    (deals / "deal-1.toml").write_text(text.replace("DEAL-1", "deal-1"), "utf-8")
    if len(list(deals.iterdir())) == 1:
        pytest.skip("the names of files do not differ in case here")
    done = building.build(NAMES, deals=[deals], out=tmp_path / "out")
    assert [item.change for item in done] == ["written", "failed"]
    assert "DEAL-1.toml has its folder, deal-1" in done[1].failures[0]
    assert [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()] == ["DEAL-1"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a disk")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Not even root may write there: every workbook fails in words, and the old ones stay."""
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    out.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(out)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let a test mount a disk")
    try:
        changes(tmp_path / "deals", out)
        before = contents(out)
        (out / MANIFEST).unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(out)], check=True)
        text = (tmp_path / "deals" / "DEAL-2.toml").read_text("utf-8")
        (tmp_path / "deals" / "DEAL-2.toml").write_text(
            text.replace("Issuer 2", "Another"), "utf-8"
        )
        code = "from xladdin.cli import main; main()"
        command = ["build", *NAMES, "--deal", str(tmp_path / "deals"), "--out", str(out)]
        said = subprocess.run(
            [sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=60
        )
        assert said.returncode == 1
        assert contents(out) == before
        words = [line.split()[-1] for line in said.stdout.splitlines()]
        assert words == ["unchanged", "FAILED", "FAILED"]
        assert said.stderr.count("its disk is read-only") == 2  # the workbook's, and the manifest's
        assert "Traceback" not in said.stderr
    finally:
        subprocess.run(["umount", str(out)], check=True)


def test_a_template_that_a_deal_has_nothing_for(tmp_path: Path) -> None:
    (path,) = write_deals(tmp_path / "deals", 1)
    text = path.read_text("utf-8")
    start = text.index("[capitalisation]")
    path.write_text(text[:start] + text[text.index("[printed]") :], "utf-8")
    folder = tmp_path / "deals"
    left_out = {
        item.path.name: item.change for item in building.build(deals=[folder], out=tmp_path / "a")
    }
    assert left_out["captable.xlsx"] == "left out"
    assert sorted(left_out.values()) == ["left out", "written", "written", "written"]
    (asked,) = building.build(NAMES, deals=[folder], out=tmp_path / "b")
    assert asked.change == "failed"
    assert not asked.checks_ok


def test_check_of_many(tmp_path: Path) -> None:
    deals = write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    changes(tmp_path / "deals", out)
    deals[0].write_text(deals[0].read_text("utf-8").replace("Issuer 1", "Another"), "utf-8")
    before = contents(out)
    assert changes(tmp_path / "deals", out, check=True) == {"DEAL-1": "stale", "DEAL-2": "current"}
    assert contents(out) == before


class Unlucky:
    """Workers of which some are lost before they are done."""

    def __init__(self, losses: int) -> None:
        self.losses = losses

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        made: Future[Any] = Future()
        if self.losses:
            self.losses -= 1
            made.set_exception(OSError("the connection was closed"))
        else:
            made.set_result(fn(*args))
        return made

    def wait(self, futures: Any, /) -> Any:
        return list(futures)


@pytest.mark.parametrize(("losses", "change"), [(2, "written"), (3, "failed")])
def test_a_lost_worker_is_survived(tmp_path: Path, losses: int, change: str) -> None:
    task = Task("captable", select(), tmp_path / "captable.xlsx")
    (done,) = run([task], tmp_path, Unlucky(losses), 1)
    assert done.change == change
    assert task.path.exists() == (change == "written")


class TestProcesses:
    def test_bytes_do_not_depend_on_who_computes(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 3)
        assert set(changes(tmp_path / "deals", tmp_path / "one").values()) == {"written"}
        assert set(changes(tmp_path / "deals", tmp_path / "two", jobs=2).values()) == {"written"}
        assert contents(tmp_path / "one") == contents(tmp_path / "two")
        manifests = [(tmp_path / name / MANIFEST).read_bytes() for name in ("one", "two")]
        assert manifests[0] == manifests[1]

    @pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
    def test_a_killed_process_is_survived(self, tmp_path: Path) -> None:
        (path,) = write_deals(tmp_path / "deals", 1)
        selection = offer(read_terms(path), path)
        tasks = [
            Task("captable", selection, tmp_path / "out" / f"{number}.xlsx") for number in range(4)
        ]
        with workers.Processes(2) as processes:
            victim = processes.submit(os.getpid).result()
            threading.Timer(0.6, os.kill, (victim, signal.SIGKILL)).start()
            done = list(run(tasks, tmp_path / "out", processes, 2))
        assert [item.change for item in done] == ["written"] * 4
        assert len(set(contents(tmp_path / "out").values())) == 1


class TestCluster:
    def test_no_scheduler(self) -> None:
        pytest.importorskip("distributed")
        code = (
            "from xladdin.templates import workers\n"
            "from xladdin.core.errors import FileError\n"
            "workers._PATIENCE = 1\n"
            "try: workers.Cluster('tcp://127.0.0.1:9', str)\n"
            "except FileError as error: print(error)\n"
        )
        said = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
        assert said.stdout.startswith("tcp://127.0.0.1:9: no scheduler answers")

    def test_distributed_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(FileError, match="xladdin\\[cluster\\]"):
            workers.Cluster("tcp://127.0.0.1:9", str)

    @pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
    def test_two_workers_of_which_one_is_killed(
        self, tmp_path: Path, cluster: StartedCluster
    ) -> None:
        write_deals(tmp_path / "deals", 6)
        assert set(changes(tmp_path / "deals", tmp_path / "one").values()) == {"written"}
        first, _ = cluster.add_worker(), cluster.add_worker()
        building_ = cluster.build(tmp_path / "deals", tmp_path / "two")
        assert building_.stdout is not None
        building_.stdout.readline()
        first.kill()
        rest, error = building_.communicate(timeout=120)
        assert (building_.returncode, error) == (0, "")
        assert rest.splitlines()[-1] == "6 workbooks: 6 written"
        assert contents(tmp_path / "one") == contents(tmp_path / "two")

    @pytest.mark.skipif(os.name != "posix", reason="stops with a POSIX signal")
    def test_stopped_cleanly(self, tmp_path: Path, cluster: StartedCluster) -> None:
        write_deals(tmp_path / "deals", 40)
        cluster.add_worker()
        out = tmp_path / "out"
        for _ in range(2):  # and the cluster is fit for use afterwards
            building_ = cluster.build(tmp_path / "deals", out)
            assert building_.stdout is not None
            lines = [building_.stdout.readline() for _ in range(4)]
            building_.send_signal(signal.SIGINT)
            rest, error = building_.communicate(timeout=30)
            lines += rest.splitlines()
            assert building_.returncode == 130, (lines, error)
            assert error == (
                f"xladdin: stopped: {len(lines)} of 40 workbooks are done; "
                "every file is whole, the old one or the new\n"
            )
        kept = json.loads((out / MANIFEST).read_text())["workbooks"]
        assert sorted(kept) == sorted(contents(out))
        assert 4 <= len(kept) < 40
        assert not list(out.rglob("*.tmp"))

    def test_nobody_to_do_it(self, tmp_path: Path, cluster: StartedCluster) -> None:
        write_deals(tmp_path / "deals", 1)
        building_ = cluster.build(tmp_path / "deals", tmp_path / "out")
        _, error = building_.communicate(timeout=60)
        assert building_.returncode == 2
        remedy = f"start some with dask worker {cluster.address}"
        assert error == f"xladdin: {cluster.address}: it has no workers; {remedy}\n"

    def test_a_worker_with_other_versions(self, tmp_path: Path, cluster: StartedCluster) -> None:
        """It would make other bytes, or know other terms."""
        write_deals(tmp_path / "deals", 1)
        (tmp_path / "old.py").write_text(
            "from xladdin.templates import batch\nbatch.__version__ = '0.0.1'\n"
        )
        cluster.add_worker("--preload", str(tmp_path / "old.py"))
        building_ = cluster.build(tmp_path / "deals", tmp_path / "out")
        _, error = building_.communicate(timeout=60)
        assert building_.returncode == 2
        assert "has xladdin 0.0.1 and not " in error
        assert error.count("\n") == 1
        assert not list(tmp_path.rglob("*.xlsx"))


class StartedCluster:
    """A scheduler on this machine, and what is started for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / "scheduler.json"
        self._started: list[subprocess.Popen[str]] = []
        self._start("distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1")
        wait_until(self._place.exists)
        self.address = json.loads(self._place.read_text())["address"]

    def _start(self, *command: str) -> subprocess.Popen[str]:
        mark = ("--scheduler-file", str(self._place), "--no-dashboard")
        return self._popen("-m", *command, *mark, stdout=subprocess.DEVNULL)

    def _popen(self, *command: str, stdout: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            stdout=stdout,
            stderr=stdout,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def add_worker(self, *options: str) -> subprocess.Popen[str]:
        from distributed import Client

        def known() -> int:
            return len(client.scheduler_info(n_workers=-1)["workers"])

        with Client(self.address, set_as_default=False) as client:
            before = known()
            worker = ("distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", *options)
            process = self._start(*worker)
            wait_until(lambda: known() > before)
        return process

    def build(self, deals: Path, out: Path) -> subprocess.Popen[str]:
        """Start a build from the command line."""
        code = "from xladdin.cli import main; main()"
        options = ("--deal", str(deals), "--out", str(out), "--cluster", self.address)
        return self._popen("-c", code, "build", *NAMES, *options, stdout=subprocess.PIPE)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[StartedCluster]:
    pytest.importorskip("distributed")
    started = StartedCluster(tmp_path)
    yield started
    started.end()


def wait_until(holds: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
