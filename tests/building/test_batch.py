"""Many deals at once: what is kept, what fails, and who computes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from building.many_deals import NAMES, TEXT, changes, contents, manifest, states, write_deals
from click.testing import CliRunner
from filling import type_into

from xladdin.building import batch, build, render
from xladdin.building.batch import Task
from xladdin.building.manifest import MANIFEST, made_from
from xladdin.cli import main
from xladdin.errors import FileError, InputError
from xladdin.terms import select
from xladdin.terms.store import forget

pytestmark = pytest.mark.usefixtures("render_once")


@pytest.fixture(autouse=True)
def _fresh_deals() -> Iterator[None]:
    yield
    forget()


def test_every_deal_and_its_manifest(tmp_path: Path) -> None:
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    done = build.build(NAMES, deals=[tmp_path / "deals"], out=out)
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
    monkeypatch.setattr("xladdin.building.manifest._tools", lambda: "another version")
    others.add(made_from(task))
    assert len(others) == 3
    monkeypatch.undo()
    assert made_from(task) not in others


def test_a_deal_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    deals = write_deals(tmp_path / "deals", 3)
    deals[1].write_text(deals[1].read_text("utf-8").replace("0.035", "3.5"), "utf-8")
    done = build.build(NAMES, deals=[tmp_path / "deals"], out=tmp_path / "out")
    assert [item.change for item in done] == ["written", "written", "failed"]
    bad = done[-1]
    assert not bad.checks_ok
    assert bad.path == deals[1]
    assert "agreements.SALES.tiers[2].rate (line 31): must be from 0 to 1" in bad.failures[0]


@pytest.mark.parametrize("count", [1, 2])
def test_a_fault_of_the_program_in_one_workbook_does_not_stop_the_others(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = render.render

    def faulty(template: str, selection: Any, *more: Any) -> Any:
        if selection.terms.name == "DEAL-1" and template == "captable":
            raise TypeError("unsupported format string")
        return rendered(template, selection, *more)

    monkeypatch.setattr(batch, "render", faulty)
    write_deals(tmp_path / "deals", count)
    names = ("captable", "proceeds")
    done = build.build(names, deals=sorted((tmp_path / "deals").iterdir()), out=tmp_path / "out")
    assert [item.change for item in done] == ["failed"] + ["written"] * (2 * count - 1)
    (line,) = done[0].failures
    assert line.startswith(
        "a fault of the program: TypeError: unsupported format string (test_batc"
    )
    assert (done[0].checks_ok, done[0].unusable, done[0].path.exists()) == (False, False, False)
    deals = [f"--deal={path}" for path in (tmp_path / "deals").iterdir()]
    shown = CliRunner().invoke(main, ["build", *names, *deals, f"--out={tmp_path / 'again'}"])
    assert shown.exit_code == 1
    assert f"xladdin: {line}" in shown.stderr
    assert len(list((tmp_path / "again").rglob("*.xlsx"))) == 2 * count - 1


def test_a_file_in_the_way_fails_alone(tmp_path: Path) -> None:
    write_deals(tmp_path / "deals", 2)
    out = tmp_path / "out"
    (out / "DEAL-1").mkdir(parents=True)
    (out / "DEAL-1" / "~$captable.xlsx").write_bytes(b"")
    done = build.build(NAMES, deals=[tmp_path / "deals"], out=out)
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
        build.build(NAMES, deals=[deals], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "twice", [("NEOT-2001", "neot-2001"), ("NEOT-2001/OTHER", "neot-2001/other ")]
)
def test_deals_that_come_twice(tmp_path: Path, twice: tuple[str, str]) -> None:
    for deals in (twice, (twice[0], twice[0])):
        with pytest.raises(FileError, match="give each deal once"):
            build.build(NAMES, deals=deals, out=tmp_path / "out")
    (path,) = write_deals(tmp_path / "deals", 1)
    with pytest.raises(FileError, match="give each deal once"):
        build.build(NAMES, deals=[path, tmp_path / "deals"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.long
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
        done = subprocess.run(
            [sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 1
        assert contents(out) == before
        *lines, last = done.stdout.splitlines()
        assert [line.split()[-1] for line in lines] == ["unchanged", "FAILED", "FAILED"]
        assert last == "2 workbooks: 1 unchanged, 1 FAILED; 1 FAILED besides"
        assert done.stderr.count("its disk is read-only") == 2  # the workbook's, and the manifest's
        assert "Traceback" not in done.stderr
    finally:
        subprocess.run(["umount", str(out)], check=True)


@pytest.mark.long
def test_a_template_that_a_deal_has_nothing_for(tmp_path: Path) -> None:
    (path,) = write_deals(tmp_path / "deals", 1)
    folder = tmp_path / "deals"
    # In a folder or alone, it is left out; and so it is in the manifest.
    for deals in (folder, path):
        done = build.build(deals=[deals], out=tmp_path / "a")
        left_out = {item.path.name: item.change for item in done}
        assert left_out["equityline.xlsx"] == "left out"
        assert left_out["placements.xlsx"] == "written"
    assert states(tmp_path / "a")["DEAL-1/equityline.xlsx"] == "left out"
    with pytest.raises(InputError, match="equity line"):
        build.build(["equityline"], deals=[path], out=tmp_path / "b")
    (named,) = build.build(["equityline"], deals=[folder], out=tmp_path / "b")
    assert named.change == "failed"
    assert not named.checks_ok


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
        build.build(("captable", "proceeds"), deals=[first, second], out=out)
        build.build(("captable",), deals=[second, third], out=out)
        assert states(out) == {
            "DEAL-1/captable.xlsx": "not included",
            "DEAL-1/proceeds.xlsx": "not included",
            "DEAL-2/captable.xlsx": "unchanged",
            "DEAL-2/proceeds.xlsx": "not included",
            "DEAL-3/captable.xlsx": "built",
        }

    @pytest.mark.sample(1)
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

    @pytest.mark.parametrize("killed", [False, True])
    def test_every_workbook_is_in_a_new_manifest(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
    ) -> None:
        """However early the first run ends; those of a deal that cannot be read, too."""
        deals = write_deals(tmp_path / "deals", 3)
        deals[1].write_text("name = 3", "utf-8")
        out = tmp_path / "out"
        on_disk: list[bytes] = []

        def work(*_: object) -> None:
            on_disk.append((out / MANIFEST).read_bytes())
            raise KeyboardInterrupt

        monkeypatch.setattr(batch, "work", work)
        with pytest.raises(KeyboardInterrupt):
            build.build(("placements",), deals=[tmp_path / "deals"], out=out, agreements=True)
        if killed:
            (out / MANIFEST).write_bytes(on_disk[0])
        assert manifest(out)["ended"] == (None if killed else "interrupted")
        assert states(out) == {
            "DEAL-1/placements.xlsx": "interrupted",
            "DEAL-1_OTHER/placements.xlsx": "interrupted",
            "DEAL-2/placements.xlsx": "failed",
            "DEAL-3/placements.xlsx": "interrupted",
            "DEAL-3_OTHER/placements.xlsx": "interrupted",
        }
        found = manifest(out)
        reason = found["deals"][str(deals[1])]["reason"]
        assert found["workbooks"]["DEAL-2/placements.xlsx"]["reason"] == reason
        assert found["workbooks"]["DEAL-3_OTHER/placements.xlsx"]["agreement"] == "OTHER"

    def test_no_deal_stands_in_for_another(self, tmp_path: Path) -> None:
        """One that cannot be read, and whose folder an agreement of another has, lists nothing."""
        write_deals(tmp_path / "deals", 1)
        (tmp_path / "deals" / "DEAL-1_OTHER.toml").write_text("name = 3", "utf-8")
        out = tmp_path / "out"
        build.build(("placements",), deals=[tmp_path / "deals"], out=out, agreements=True)
        assert states(out) == {
            "DEAL-1/placements.xlsx": "built",
            "DEAL-1_OTHER/placements.xlsx": "built",
        }

    def test_one_that_somebody_used(self, tmp_path: Path) -> None:
        write_deals(tmp_path / "deals", 2)
        out = tmp_path / "out"
        changes(tmp_path / "deals", out)
        used = type_into(out / "DEAL-1" / "captable.xlsx", "Planned_issue", 12_345)
        before = used.read_bytes()
        done = build.build(NAMES, deals=[tmp_path / "deals"], out=out)
        assert [item.change for item in done] == ["refused", "same"]
        assert used.read_bytes() == before
        assert states(out)["DEAL-1/captable.xlsx"] == "refused"
        done = build.build(NAMES, deals=[tmp_path / "deals"], out=out, replace=True)
        assert [item.change for item in done] == ["written", "same"]
        assert set(states(out).values()) == {"built", "unchanged"}


@pytest.mark.parametrize("name", ["manifest.json", "Manifest.JSON"])
def test_a_deal_in_the_place_of_the_manifest(tmp_path: Path, name: str) -> None:
    write_deals(tmp_path / "deals", 1)
    path = tmp_path / "deals" / f"{name}.toml"
    path.write_text(TEXT.replace("NEOT-2001", name), "utf-8")
    out = tmp_path / "out"
    done = build.build(NAMES, deals=[tmp_path / "deals"], out=out)
    assert {item.path.name: item.change for item in done} == {
        "captable.xlsx": "written",
        path.name: "failed",
    }
    reason = f"{path}: the manifest has its place, {name}; give the deal another name"
    assert manifest(out)["deals"][str(path)] == {"state": "failed", "reason": reason}
    # Alone, it has no folder of its own.
    (alone,) = build.build(NAMES, deals=[path], out=tmp_path / "alone")
    assert alone.change == "written"


def test_every_agreement_of_a_deal(tmp_path: Path) -> None:
    """What is about one agreement is built for each, and what is about the deal once."""
    write_deals(tmp_path / "deals", 1)
    out = tmp_path / "out"
    names = ("placements", "proceeds")
    done = build.build(names, deals=[tmp_path / "deals"], out=out, agreements=True)
    assert [item.path.relative_to(out).as_posix() for item in done] == [
        "DEAL-1/placements.xlsx",
        "DEAL-1/proceeds.xlsx",
        "DEAL-1_OTHER/placements.xlsx",
    ]
    assert [item.agreement for item in done] == ["SALES", "SALES", "OTHER"]
    assert build.count_of(names, deals=[tmp_path / "deals"], agreements=True) == 3
    other = openpyxl.load_workbook(done[2].path, data_only=True)
    assert other["Start"]["B5"].value or other.defined_names["Deal"]
    file = tmp_path / "deals" / "DEAL-1.toml"
    (alone,) = build.build(("placements",), deals=[f"{file}/OTHER"], out=tmp_path / "alone")
    assert alone.path.read_bytes() == done[2].path.read_bytes()
    with pytest.raises(LookupError, match=r"has no agreement .NONE."):
        build.build(("placements",), deals=[f"{file}/NONE"], out=tmp_path / "alone")
