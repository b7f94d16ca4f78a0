"""Who computes many deals: other processes, a cluster, and what becomes of a lost one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from absences import installed
from building.many_deals import NAMES, changes, contents, manifest, states, write_deals
from click.testing import CliRunner
from draws import first

from xladdin.building import batch, executors
from xladdin.building import build as building
from xladdin.building.batch import Task, run
from xladdin.building.manifest import MANIFEST, Manifest
from xladdin.cli import main
from xladdin.errors import FileError, InputError
from xladdin.terms import read_terms, select
from xladdin.terms.store import forget, offer

pytestmark = pytest.mark.usefixtures("render_once")


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


class ComputedAtOnce:
    """Workers that are this process itself, of which some are lost before they are done."""

    def __init__(self, losses: int) -> None:
        self.losses = losses
        self.done: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        made: Future[Any] = Future()
        if self.losses:
            self.losses -= 1
            made.set_exception(OSError("the connection was closed"))
        else:
            made.set_result(fn(*args))
        self.done.append(made)
        return made

    def wait(self) -> list[Future[Any]]:
        done, self.done = self.done, []
        return done


@pytest.mark.sample(1)
@pytest.mark.parametrize(("losses", "change"), [(2, "written"), (3, "failed")])
def test_a_lost_worker_is_survived(tmp_path: Path, losses: int, change: str) -> None:
    task = Task("captable", select(), tmp_path / "captable.xlsx")
    (done,) = run([task], Manifest(tmp_path, [""], NAMES), ComputedAtOnce(losses), 1)
    assert done.change == change
    assert task.path.exists() == (change == "written")


class TestProcesses:
    @pytest.mark.sample(2)
    @pytest.mark.parametrize("several", [False, True])
    @pytest.mark.parametrize("option", [{"jobs": 2}, {"cluster": "tcp://host:8786"}])
    def test_whatever_is_built_or_checked(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        option: dict[str, Any],
        several: bool,
    ) -> None:
        """One deal and a check are computed where the build runs, too."""
        rendered: list[str] = []

        class Inline(ComputedAtOnce):
            """Computes at once what it is given, and counts it."""

            count = 2

            def __init__(self, *_: object) -> None:
                super().__init__(0)

            def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
                rendered.append(args[0].template)
                return super().submit(fn, *args)

            def __enter__(self) -> Inline:
                return self

            def __exit__(self, *_: object) -> None:
                pass

        monkeypatch.setattr(building, "Processes", Inline)
        monkeypatch.setattr(building, "Cluster", Inline)
        names = ("captable", "proceeds")
        if several:
            write_deals(tmp_path / "deals", 1)
        deals = [tmp_path / "deals"] if several else []
        for check, change in ((True, "stale"), (False, "written"), (True, "current")):
            done = building.build(names, deals=deals, out=tmp_path / "out", check=check, **option)
            assert [item.change for item in done] == [change] * 2
            assert all(item.checks_ok for item in done)
        assert rendered == [*names] * 3

    @pytest.mark.long
    def test_one_deal(self, made: Path) -> None:
        names = ("captable", "proceeds")
        done = building.build(names, out=made, check=True, jobs=2)
        assert [item.change for item in done] == ["current"] * 2

    @pytest.mark.long
    def test_bytes_do_not_depend_on_who_computes(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 2)
        assert set(changes(tmp_path / "deals", tmp_path / "one").values()) == {"written"}
        assert set(changes(tmp_path / "deals", tmp_path / "two", jobs=2).values()) == {"written"}
        assert contents(tmp_path / "one") == contents(tmp_path / "two")
        manifests = [manifest(tmp_path / name) for name in ("one", "two")]
        for found in manifests:
            assert all(entry.pop("seconds") > 0 for entry in found["workbooks"].values())
        assert manifests[0] == manifests[1]

    @pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
    def test_a_killed_process_is_survived(self, tmp_path: Path) -> None:
        (path,) = write_deals(tmp_path / "deals", 1)
        selection = offer(read_terms(path), path)
        tasks = [
            Task("captable", selection, tmp_path / "out" / f"{number}.xlsx") for number in range(4)
        ]
        with executors.Processes(1) as processes:
            processes.submit(os.getpid)
            (victim,) = processes.wait()
            threading.Timer(0.6, os.kill, (victim.result(), signal.SIGKILL)).start()
            done = list(run(tasks, Manifest(tmp_path / "out", [""], NAMES), processes, 1))
        assert [item.change for item in done] == ["written"] * 4
        assert len(set(contents(tmp_path / "out").values())) == 1


class TestCluster:
    def test_no_scheduler(self) -> None:
        """Whatever answers, or does not, it is a line at once and nothing later."""
        installed("distributed")
        listening = {"silent": socket.create_server(("127.0.0.1", 0))}
        listening["other"] = socket.create_server(("127.0.0.1", 0))

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    caller, _ = listening["other"].accept()
                    with caller:
                        caller.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n" + b"." * 100)

        threading.Thread(target=answer, daemon=True).start()
        places = {name: server.getsockname()[1] for name, server in listening.items()}
        expected = {
            "tcp://127.0.0.1:9": "no scheduler answers",
            f"tcp://127.0.0.1:{places['silent']}": "no scheduler answers",
            f"tcp://127.0.0.1:{places['other']}": "no scheduler answers",
            "tls://127.0.0.1:9": "its TLS needs certificates",
            "nonsense": "it is no address",
            "foo://host:8786": "it is no address",
        }
        code = (
            "import sys\n"
            "from xladdin.building import executors as workers\n"
            "from xladdin.errors import FileError\n"
            "workers._PATIENCE = 0.3\n"
            "for address in sys.argv[1:]:\n"
            "    try: workers.Cluster(address, str)\n"
            "    except FileError as error: print(error)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *expected],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        for server in listening.values():
            server.close()
        lines = done.stdout.splitlines()
        assert len(lines) == len(expected)
        for line, (address, reason) in zip(lines, expected.items(), strict=True):
            assert line.startswith(f"{address}: {reason}")
        assert done.stderr == ""

    def test_a_worker_is_no_scheduler(self) -> None:
        with cluster_here(workers=1) as cluster, pytest.raises(FileError) as caught:
            executors.Cluster(cluster.workers[0].address, str)
        assert "it is not a scheduler but a worker" in str(caught.value)

    def test_distributed_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(FileError, match="pip install distributed"):
            executors.Cluster("tcp://127.0.0.1:9", str)

    @pytest.mark.long
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
        rest, error = building_.communicate(timeout=300)
        assert (building_.returncode, error) == (0, "")
        assert rest.splitlines()[-1] == "6 workbooks: 6 written"
        assert contents(tmp_path / "one") == contents(tmp_path / "two")

    @pytest.mark.long
    @pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
    @pytest.mark.parametrize("lost", first(["its last worker", "its scheduler"]))
    def test_nobody_is_left(self, tmp_path: Path, cluster: StartedCluster, lost: str) -> None:
        """It ends by itself, in a line, and goes on from there when it is run again."""
        write_deals(tmp_path / "deals", 4)
        worker = cluster.add_worker()
        out = tmp_path / "out"
        building_ = cluster.build(tmp_path / "deals", out)
        assert building_.stdout is not None
        building_.stdout.readline()
        (worker if "worker" in lost else cluster.scheduler).kill()
        _, error = building_.communicate(timeout=300)
        made = [name for name, state in states(out).items() if state == "built"]
        assert building_.returncode == 1
        assert error.startswith(f"xladdin: {cluster.address}: {lost} is lost; start it anew and ")
        assert error.endswith(f" ({len(made)} of 4 workbooks are done)\n")
        assert error.count("\n") == 1
        assert manifest(out)["ended"] == "interrupted"
        assert sorted(made) == sorted(contents(out))
        done = building.build(NAMES, deals=[tmp_path / "deals"], out=out)
        assert [item.change for item in done].count("same") == len(made)
        assert len(contents(out)) == 4

    @pytest.mark.long
    @pytest.mark.skipif(os.name != "posix", reason="stops with a POSIX signal")
    def test_stopped_cleanly(self, tmp_path: Path, cluster: StartedCluster) -> None:
        write_deals(tmp_path / "deals", 12)
        cluster.add_worker()
        out = tmp_path / "out"
        for _ in range(2):  # and the cluster is fit for use afterwards
            building_ = cluster.build(tmp_path / "deals", out)
            assert building_.stdout is not None
            lines = [building_.stdout.readline() for _ in range(4)]
            building_.send_signal(signal.SIGINT)
            rest, error = building_.communicate(timeout=300)
            lines += rest.splitlines()
            assert building_.returncode == 130, (lines, error)
            assert error == (
                f"xladdin: stopped: {len(lines)} of 12 workbooks are done; "
                "every file is whole, the old one or the new\n"
            )
        listed = json.loads((out / MANIFEST).read_text())["workbooks"]
        assert len(listed) == 12
        kept = {name for name, entry in listed.items() if entry["state"] != "interrupted"}
        # The last one may have been written, and not yet been entered.
        assert kept <= set(contents(out))
        assert 4 <= len(kept) <= len(contents(out)) <= len(kept) + 1 < 12
        assert not list(out.rglob("*.tmp"))

    def test_nobody_to_do_it(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 1)
        options = ("--deal", str(tmp_path / "deals"), "--out", str(tmp_path / "out"))
        with cluster_here(workers=0) as cluster:
            address = cluster.scheduler_address
            done = CliRunner().invoke(main, ["build", *NAMES, *options, "--cluster", address])
        assert done.exit_code == 2
        remedy = f"start some with dask worker {address}"
        assert done.stderr == f"xladdin: {address}: it has no workers; {remedy}\n"

    @pytest.mark.long
    def test_a_worker_with_other_versions(self, tmp_path: Path, cluster: StartedCluster) -> None:
        """It would make other bytes, or know other terms."""
        write_deals(tmp_path / "deals", 1)
        (tmp_path / "old.py").write_text(
            "from xladdin.building import manifest\nmanifest.__version__ = '0.0.1'\n"
        )
        cluster.add_worker("--preload", str(tmp_path / "old.py"))
        building_ = cluster.build(tmp_path / "deals", tmp_path / "out")
        _, error = building_.communicate(timeout=300)
        assert building_.returncode == 2
        assert "has xladdin 0.0.1 and not " in error
        assert error.count("\n") == 1
        assert not list(tmp_path.rglob("*.xlsx"))


def cluster_here(workers: int) -> Any:
    """Start a scheduler and workers in threads of this process."""
    distributed = installed("distributed")
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        dashboard_address="127.0.0.1:0",
    )


class StartedCluster:
    """A scheduler on this machine, and what is started for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / "scheduler.json"
        self._started: list[subprocess.Popen[str]] = []
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1"
        )
        wait_until(lambda: self._place.exists() and self._place.read_text().endswith("}"))
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
        code = (
            "from xladdin.building import executors; executors._PATIENCE = 1\n"
            "from xladdin.cli import main; main()"
        )
        options = ("--deal", str(deals), "--out", str(out), "--cluster", self.address)
        return self._popen("-c", code, "build", *NAMES, *options, stdout=subprocess.PIPE)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[StartedCluster]:
    installed("distributed")
    started = StartedCluster(tmp_path)
    yield started
    started.end()


def wait_until(holds: Any, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_check_of_one_deal_that_lacks_what_was_named_is_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(*_: object) -> None:
        raise InputError("#REF!", "terms", "BARE", "it has nothing for it")

    monkeypatch.setattr(batch, "render", lacking)
    with pytest.raises(InputError, match="it has nothing for it"):
        building.build(["captable"], out=tmp_path, check=True)
