"""Many deals at once: what is kept, what fails, and who computes."""

from __future__ import annotations

import contextlib
import hashlib
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

import openpyxl
import pytest
from draws import first
from filling import type_into

from xladdin.core.errors import FileError, InputError
from xladdin.templates import batch, building, workers
from xladdin.templates.batch import Task, run
from xladdin.templates.manifest import MANIFEST, Manifest, made_from
from xladdin.terms import read_terms, select
from xladdin.terms.store import SHIPPED, forget, offer

pytestmark = pytest.mark.usefixtures("render_once")

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


def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / MANIFEST).read_text("utf-8"))
    return found


def states(out: Path) -> dict[str, str]:
    """What the manifest says of each workbook, which is true of its checks, too."""
    entries = manifest(out)["workbooks"]
    for entry in entries.values():
        assert (entry["checks_ok"] is None) == (entry["state"] not in ("built", "unchanged"))
        assert bool(entry["reason"]) == (entry["checks_ok"] is None)
    return {name: entry["state"] for name, entry in entries.items()}


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
    found = manifest(out)
    assert (found["format"], found["ended"]) == (2, "finished")
    assert set(found["made_with"]) == {"xladdin", "formualizer", "holidays", "lxml", "openpyxl"}
    files = [str(tmp_path / "deals" / f"DEAL-{number}.toml") for number in (1, 2)]
    assert found["deals"] == {file: {"state": "read", "reason": ""} for file in files}
    assert list(found["workbooks"]) == ["DEAL-1/captable.xlsx", "DEAL-2/captable.xlsx"]
    entry = found["workbooks"]["DEAL-1/captable.xlsx"]
    assert (entry["state"], entry["reason"]) == ("built", "")
    assert (entry["deal"], entry["agreement"], entry["template"]) == ("DEAL-1", "SALES", "captable")
    assert (entry["source"], entry["checks_ok"], entry["failures"]) == (files[0], True, [])
    assert entry["warnings"] == done[0].warnings
    assert entry["seconds"] > 0
    written = entry["as_written"]
    assert written["formulas"] == done[0].formulas
    assert written["content"] == hashlib.sha256(done[0].path.read_bytes()).hexdigest()
    other = found["workbooks"]["DEAL-2/captable.xlsx"]["as_written"]
    assert written["made_from"] != other["made_from"]


def test_what_would_come_out_the_same_is_left_alone(tmp_path: Path) -> None:
    deals = write_deals(tmp_path / "deals", 3)
    out = tmp_path / "out"
    assert set(changes(tmp_path / "deals", out).values()) == {"written"}
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.xlsx")}
    assert set(changes(tmp_path / "deals", out).values()) == {"same"}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.xlsx")} == before
    assert set(states(out).values()) == {"unchanged"}
    # A comment is no other deal; another figure is.
    text = deals[0].read_text("utf-8")
    deals[0].write_text("# Looked over.\n" + text, "utf-8")
    deals[1].write_text(deals[1].read_text("utf-8").replace("Issuer 2", "Another issuer"), "utf-8")
    # A workbook that was packed anew, with nothing changed, or lost is made again.
    third = out / "DEAL-3" / "captable.xlsx"
    openpyxl.load_workbook(third).save(third)
    assert changes(tmp_path / "deals", out) == {
        "DEAL-1": "same",
        "DEAL-2": "written",
        "DEAL-3": "written",
    }
    third.unlink()
    assert changes(tmp_path / "deals", out)["DEAL-3"] == "written"


@pytest.mark.parametrize(
    "spoilt",
    [b"", b"{", b"[]", b'{"workbooks": 3}', b"\xff", b'{"format": 99, "workbooks": {}}'],
)
def test_a_manifest_that_cannot_be_read_is_kept(tmp_path: Path, spoilt: bytes) -> None:
    write_deals(tmp_path / "deals", 1)
    out = tmp_path / "out"
    out.mkdir()
    (out / MANIFEST).write_bytes(spoilt)
    with pytest.raises(FileError, match="move it elsewhere"):
        changes(tmp_path / "deals", out)
    assert [path.name for path in out.iterdir()] == [MANIFEST]
    assert (out / MANIFEST).read_bytes() == spoilt


def test_entries_of_a_manifest_that_lack_something_are_left_out(tmp_path: Path) -> None:
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    changes(tmp_path / "deals", out)
    found = manifest(out)
    for entry in found["workbooks"].values():
        entry["as_written"]["formulas"] = "many"
    (out / MANIFEST).write_text(json.dumps(found))
    # Computed again, and found to be the same bytes.
    assert set(changes(tmp_path / "deals", out).values()) == {"same"}
    assert set(states(out).values()) == {"unchanged"}


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
    monkeypatch.setattr("xladdin.templates.manifest._tools", lambda: "another version")
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
    assert states(out) == {"DEAL-1/captable.xlsx": "failed", "DEAL-2/captable.xlsx": "built"}
    assert "open in Excel" in manifest(out)["workbooks"]["DEAL-1/captable.xlsx"]["reason"]


def test_deals_whose_folders_differ_in_case_alone(tmp_path: Path) -> None:
    """Where names that differ in case are one, the second deal would take the first one's place."""
    deals = tmp_path / "deals"
    write_deals(deals, 1)
    text = (deals / "DEAL-1.toml").read_text("utf-8")
    (deals / "deal-1.toml").write_text(text.replace("DEAL-1", "deal-1"), "utf-8")
    if len(list(deals.iterdir())) == 1:
        pytest.skip("the names of files do not differ in case here")
    with pytest.raises(FileError, match=r"DEAL-1.toml has the same folder, deal-1"):
        building.build(NAMES, deals=[deals], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "twice", [("NEOT-2001", "neot-2001"), ("NEOT-2001/OTHER", "neot-2001/other ")]
)
def test_deals_that_come_twice(tmp_path: Path, twice: tuple[str, str]) -> None:
    for deals in (twice, (twice[0], twice[0])):
        with pytest.raises(FileError, match="give each deal once"):
            building.build(NAMES, deals=deals, out=tmp_path / "out")
    (path,) = write_deals(tmp_path / "deals", 1)
    with pytest.raises(FileError, match="give each deal once"):
        building.build(NAMES, deals=[path, tmp_path / "deals"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


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
            [sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=300
        )
        assert said.returncode == 1
        assert contents(out) == before
        *lines, last = said.stdout.splitlines()
        assert [line.split()[-1] for line in lines] == ["unchanged", "FAILED", "FAILED"]
        assert last == "2 workbooks: 1 unchanged, 1 FAILED"
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
    # In a folder or alone, it is left out; and so it is in the manifest.
    for deals in (folder, path):
        done = building.build(deals=[deals], out=tmp_path / "a")
        left_out = {item.path.name: item.change for item in done}
        assert left_out["captable.xlsx"] == "left out"
        assert left_out["placements.xlsx"] == "written"
    assert states(tmp_path / "a")["DEAL-1/captable.xlsx"] == "left out"
    with pytest.raises(InputError, match="capitalisation"):
        building.build(NAMES, deals=[path], out=tmp_path / "b")
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


class TestManifest:
    """However a run ends, no entry says more than is true."""

    def test_a_deal_that_broke_since(self, tmp_path: Path) -> None:
        deals = write_deals(tmp_path / "deals", 2)
        out = tmp_path / "out"
        changes(tmp_path / "deals", out)
        before = contents(out)
        sound = deals[0].read_text("utf-8")
        deals[0].write_text("name = 3", "utf-8")
        assert sorted(changes(tmp_path / "deals", out).values()) == ["failed", "same"]
        assert states(out) == {
            "DEAL-1/captable.xlsx": "failed",
            "DEAL-2/captable.xlsx": "unchanged",
        }
        found = manifest(out)
        reason = found["deals"][str(deals[0])]["reason"]
        assert "DEAL-1.toml" in reason
        assert found["workbooks"]["DEAL-1/captable.xlsx"]["reason"] == reason
        assert (out / MANIFEST).read_text("utf-8").count('"checks_ok": true') == 1
        # What was there is there still, and known to be as it was written once it is sound again.
        assert contents(out) == before
        deals[0].write_text(sound, "utf-8")
        assert set(changes(tmp_path / "deals", out).values()) == {"same"}
        assert set(states(out).values()) == {"unchanged"}

    def test_a_deal_that_is_gone(self, tmp_path: Path) -> None:
        deals = write_deals(tmp_path / "deals", 3)
        out = tmp_path / "out"
        changes(tmp_path / "deals", out)
        deals[0].unlink()
        (out / "DEAL-2" / "captable.xlsx").unlink()
        deals[1].unlink()
        changes(tmp_path / "deals", out)
        assert states(out) == {
            "DEAL-1/captable.xlsx": "orphaned",
            "DEAL-3/captable.xlsx": "unchanged",
        }

    def test_what_a_run_is_not_about(self, tmp_path: Path) -> None:
        first, second, third = write_deals(tmp_path / "deals", 3)
        out = tmp_path / "out"
        building.build(("captable", "proceeds"), deals=[first, second], out=out)
        building.build(("captable",), deals=[second, third], out=out)
        assert states(out) == {
            "DEAL-1/captable.xlsx": "not included",
            "DEAL-1/proceeds.xlsx": "not included",
            "DEAL-2/captable.xlsx": "unchanged",
            "DEAL-2/proceeds.xlsx": "not included",
            "DEAL-3/captable.xlsx": "built",
        }

    @pytest.mark.parametrize("end", [KeyboardInterrupt(), RuntimeError("a bug"), None])
    def test_cut_off(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException | None
    ) -> None:
        """By Ctrl-C, by a fault of ours, or, without an end, by a kill: as it was on the disk."""
        deals = write_deals(tmp_path / "deals", 3)
        out = tmp_path / "out"
        changes(tmp_path / "deals", out)
        for path in deals:
            path.write_text(path.read_text("utf-8").replace("Issuer", "Another"), "utf-8")
        killed: list[bytes] = []

        def work(task: Task, tools: Any) -> Any:
            if task.selection.terms.name == "DEAL-2":
                killed.append((out / MANIFEST).read_bytes())
                raise end or KeyboardInterrupt
            return real(task, tools)

        real = batch.work
        monkeypatch.setattr(batch, "work", work)
        with pytest.raises(type(end) if end else KeyboardInterrupt):
            changes(tmp_path / "deals", out)
        if end is None:
            (out / MANIFEST).write_bytes(killed[0])
        assert manifest(out)["ended"] == ("interrupted" if end else None)
        first = "built" if end else "interrupted"
        assert list(states(out).values()) == [first, "interrupted", "interrupted"]
        deal_states = [entry["state"] for entry in manifest(out)["deals"].values()]
        assert deal_states == (["read", "read", "interrupted"] if end else ["interrupted"] * 3)
        monkeypatch.undo()
        again = changes(tmp_path / "deals", out)
        assert again == {"DEAL-1": "same", "DEAL-2": "written", "DEAL-3": "written"}

    def test_one_that_somebody_used(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 2)
        out = tmp_path / "out"
        changes(tmp_path / "deals", out)
        used = type_into(out / "DEAL-1" / "captable.xlsx", "Planned_issue", 12_345)
        before = used.read_bytes()
        done = building.build(NAMES, deals=[tmp_path / "deals"], out=out)
        assert [item.change for item in done] == ["refused", "same"]
        assert used.read_bytes() == before
        assert states(out)["DEAL-1/captable.xlsx"] == "refused"
        done = building.build(NAMES, deals=[tmp_path / "deals"], out=out, replace=True)
        assert [item.change for item in done] == ["written", "same"]
        assert set(states(out).values()) == {"built", "unchanged"}


@pytest.mark.parametrize("name", ["manifest.json", "Manifest.JSON"])
def test_a_deal_in_the_place_of_the_manifest(tmp_path: Path, name: str) -> None:
    write_deals(tmp_path / "deals", 1)
    path = tmp_path / "deals" / f"{name}.toml"
    path.write_text(TEXT.replace("NEOT-2001", name), "utf-8")
    out = tmp_path / "out"
    done = building.build(NAMES, deals=[tmp_path / "deals"], out=out)
    assert {item.path.name: item.change for item in done} == {
        "captable.xlsx": "written",
        path.name: "failed",
    }
    reason = f"{path}: the manifest has its place, {name}; give the deal another name"
    assert manifest(out)["deals"][str(path)] == {"state": "failed", "reason": reason}
    # Alone, it has no folder of its own.
    (alone,) = building.build(NAMES, deals=[path], out=tmp_path / "alone")
    assert alone.change == "written"


def test_every_agreement_of_a_deal(tmp_path: Path) -> None:
    """What is about one agreement is built for each, and what is about the deal once."""
    write_deals(tmp_path / "deals", 1)
    out = tmp_path / "out"
    names = ("placements", "proceeds")
    done = building.build(names, deals=[tmp_path / "deals"], out=out, agreements=True)
    assert [item.path.relative_to(out).as_posix() for item in done] == [
        "DEAL-1/placements.xlsx",
        "DEAL-1/proceeds.xlsx",
        "DEAL-1_OTHER/placements.xlsx",
    ]
    assert [item.agreement for item in done] == ["SALES", "SALES", "OTHER"]
    assert building.count_of(names, deals=[tmp_path / "deals"], agreements=True) == 3
    other = openpyxl.load_workbook(done[2].path, data_only=True)
    assert other["Start"]["B5"].value or other.defined_names["Deal"]
    file = tmp_path / "deals" / "DEAL-1.toml"
    (alone,) = building.build(("placements",), deals=[f"{file}/OTHER"], out=tmp_path / "alone")
    assert alone.path.read_bytes() == done[2].path.read_bytes()
    with pytest.raises(LookupError, match=r"has no agreement .NONE."):
        building.build(("placements",), deals=[f"{file}/NONE"], out=tmp_path / "alone")


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
    (done,) = run([task], Manifest(tmp_path, [""], NAMES), Unlucky(losses), 1)
    assert done.change == change
    assert task.path.exists() == (change == "written")


class TestProcesses:
    @pytest.mark.parametrize("several", [False, True])
    @pytest.mark.parametrize("option", [{"jobs": 2}, {"cluster": "tcp://host:8786"}])
    def test_whatever_is_built_or_checked(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        option: dict[str, Any],
        several: bool,
    ) -> None:
        """One deal and a check are computed where it was asked for, too."""
        asked: list[str] = []

        class Inline:
            """Computes at once what it is given, and counts it."""

            count = 2

            def __init__(self, *_: object) -> None:
                pass

            def submit(self, fn: Any, task: Task, *rest: Any) -> Future[Any]:
                asked.append(task.template)
                done: Future[Any] = Future()
                done.set_result(fn(task, *rest))
                return done

            def wait(self, futures: Any) -> list[Any]:
                return list(futures)

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
        assert asked == [*names] * 3

    def test_one_deal(self, tmp_path: Path) -> None:
        names = ("captable", "proceeds")
        for jobs, folder in ((1, "one"), (2, "two")):
            building.build(names, out=tmp_path / folder, jobs=jobs)
        assert contents(tmp_path / "one") == contents(tmp_path / "two")
        assert {
            item.change for item in building.build(names, out=tmp_path / "one", check=True, jobs=2)
        } == {"current"}

    def test_bytes_do_not_depend_on_who_computes(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 3)
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
        with workers.Processes(2) as processes:
            victim = processes.submit(os.getpid).result()
            threading.Timer(0.6, os.kill, (victim, signal.SIGKILL)).start()
            done = list(run(tasks, Manifest(tmp_path / "out", [""], NAMES), processes, 2))
        assert [item.change for item in done] == ["written"] * 4
        assert len(set(contents(tmp_path / "out").values())) == 1


class TestCluster:
    def test_no_scheduler(self) -> None:
        """Whatever answers, or does not, it is a line at once and nothing later."""
        pytest.importorskip("distributed")
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
            "from xladdin.templates import workers\n"
            "from xladdin.core.errors import FileError\n"
            "workers._PATIENCE = 1\n"
            "for address in sys.argv[1:]:\n"
            "    try: workers.Cluster(address, str)\n"
            "    except FileError as error: print(error)\n"
        )
        said = subprocess.run(
            [sys.executable, "-c", code, *expected],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        for server in listening.values():
            server.close()
        lines = said.stdout.splitlines()
        assert len(lines) == len(expected)
        for line, (address, reason) in zip(lines, expected.items(), strict=True):
            assert line.startswith(f"{address}: {reason}")
        assert said.stderr == ""

    def test_a_worker_is_no_scheduler(self, cluster: StartedCluster) -> None:
        from distributed import Client

        cluster.add_worker()
        with Client(cluster.address, set_as_default=False) as client:
            (worker,) = client.scheduler_info(n_workers=-1)["workers"]
        with pytest.raises(FileError, match="it is not a scheduler but a worker"):
            workers.Cluster(worker, str)

    def test_distributed_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(FileError, match="pip install distributed"):
            workers.Cluster("tcp://127.0.0.1:9", str)

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

    @pytest.mark.skipif(os.name != "posix", reason="kills with a POSIX signal")
    @pytest.mark.parametrize("lost", first(["its last worker", "its scheduler"]))
    def test_nobody_is_left(self, tmp_path: Path, cluster: StartedCluster, lost: str) -> None:
        """It ends by itself, in a line, and goes on from there when it is run again."""
        write_deals(tmp_path / "deals", 8)
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
        assert error.endswith(f" ({len(made)} of 8 workbooks are done)\n")
        assert error.count("\n") == 1
        assert manifest(out)["ended"] == "interrupted"
        assert sorted(made) == sorted(contents(out))
        done = building.build(NAMES, deals=[tmp_path / "deals"], out=out)
        assert [item.change for item in done].count("same") == len(made)
        assert len(contents(out)) == 8

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
        kept = json.loads((out / MANIFEST).read_text())["workbooks"]
        # The last one may have been written, and not yet been entered.
        assert set(kept) <= set(contents(out))
        assert 4 <= len(kept) <= len(contents(out)) <= len(kept) + 1 < 12
        assert not list(out.rglob("*.tmp"))

    def test_nobody_to_do_it(self, tmp_path: Path, cluster: StartedCluster) -> None:
        write_deals(tmp_path / "deals", 1)
        building_ = cluster.build(tmp_path / "deals", tmp_path / "out")
        _, error = building_.communicate(timeout=300)
        assert building_.returncode == 2
        remedy = f"start some with dask worker {cluster.address}"
        assert error == f"xladdin: {cluster.address}: it has no workers; {remedy}\n"

    @pytest.mark.long
    def test_a_worker_with_other_versions(self, tmp_path: Path, cluster: StartedCluster) -> None:
        """It would make other bytes, or know other terms."""
        write_deals(tmp_path / "deals", 1)
        (tmp_path / "old.py").write_text(
            "from xladdin.templates import manifest\nmanifest.__version__ = '0.0.1'\n"
        )
        cluster.add_worker("--preload", str(tmp_path / "old.py"))
        building_ = cluster.build(tmp_path / "deals", tmp_path / "out")
        _, error = building_.communicate(timeout=300)
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
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1"
        )
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
