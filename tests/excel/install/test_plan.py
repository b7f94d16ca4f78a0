"""Installing and uninstalling over a made-up profile, and what goes wrong with it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from excel.install.pretending import NEW, OLD, PYTHON, SECOND, contents
from privileges import bound_by_rights

from xladdin import files
from xladdin.errors import FileError
from xladdin.excel.install.paths import ADDIN, Places, local, places
from xladdin.excel.install.plan import Plan, plan_install, plan_uninstall
from xladdin.excel.install.receipt import digest, read_record

START = "AppData/Roaming/Microsoft/Excel/XLSTART"
RECORD = "AppData/Local/xladdin/install.json"
STAGING = "AppData/Roaming/Microsoft/Excel/xladdin.install"

FAILURES = [
    (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
    (PermissionError(errno.EACCES, "Permission denied"), "close Excel"),
    (OSError(errno.EROFS, "Read-only file system"), "read-only"),
    (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    (FileExistsError(errno.EEXIST, "File exists"), "a file stands where its folder should be"),
]


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "Jörg Müller"
    (folder / START).mkdir(parents=True)
    (folder / START / "PERSONAL.XLSB").write_bytes(b"the user's own")
    return folder


@pytest.fixture
def where(profile: Path) -> Places:
    return places({}, str(profile))


def planned(where: Places, files: Mapping[str, bytes] = NEW, version: str = "0.1.0") -> Plan:
    def make(interpreter: str) -> Mapping[str, bytes]:
        assert interpreter == PYTHON
        return files

    return plan_install(where, make, version=version, xlwings="0.37.8", interpreter=PYTHON)


def install(where: Places, files: Mapping[str, bytes] = NEW, version: str = "0.1.0") -> Plan:
    plan = planned(where, files, version)
    plan.carry_out()
    return plan


def started(profile: Path) -> dict[str, bytes]:
    """What Excel would open."""
    found = contents(profile / START)
    assert found.pop("PERSONAL.XLSB") == b"the user's own"
    assert not (profile / STAGING).exists()
    return found


def failing(real: Callable[..., Any], error: BaseException, call: int) -> Callable[..., Any]:
    """Fail at one call of a function, and at no other."""
    calls = 0

    def fail(*arguments: Any, **keywords: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error
        return real(*arguments, **keywords)

    return fail


class TestInstall:
    def test_into_a_fresh_profile(self, tmp_path: Path) -> None:
        plan = install(places({}, str(tmp_path)))
        assert [step.action for step in plan.steps] == ["stage", "write", "write", "record"]
        assert contents(tmp_path / START) == NEW
        assert set(contents(tmp_path)) == {f"{START}/{name}" for name in NEW} | {RECORD}

    def test_the_record_tells_what_was_put_where(self, where: Places, profile: Path) -> None:
        install(where)
        assert json.loads((profile / RECORD).read_text("utf-8")) == {
            "version": "0.1.0",
            "xlwings": "0.37.8",
            "interpreter": PYTHON,
            "complete": True,
            "files": {name: [digest(data)] for name, data in NEW.items()},
        }

    def test_twice_does_nothing_more(self, where: Places, profile: Path) -> None:
        install(where)
        before = contents(profile)
        plan = install(where)
        assert plan.idle
        assert contents(profile) == before

    def test_over_an_older_version(self, where: Places, profile: Path) -> None:
        install(where, {**OLD, "xladdin-old.xlam": b"of old"}, "0.0.9")
        plan = install(where)
        assert started(profile) == NEW
        assert [step.action for step in plan.steps] == [
            "stage",
            "replace",
            "replace",
            "remove",
            "record",
        ]
        record = read_record(profile / RECORD)
        assert record
        assert (record.version, set(record.files)) == ("0.1.0", set(NEW))

    def test_a_changed_file_that_is_of_no_more_use_is_named_and_left(
        self, where: Places, profile: Path
    ) -> None:
        install(where, {**OLD, "xladdin-old.xlam": b"of old"}, "0.0.9")
        (profile / START / "xladdin-old.xlam").write_bytes(b"changed")
        plan = install(where)
        assert [left.path.name for left in plan.left] == ["xladdin-old.xlam"]
        assert started(profile) == {**NEW, "xladdin-old.xlam": b"changed"}

    @pytest.mark.parametrize("found", [b"", b"new add", b"somebody's work"])
    def test_what_nobody_can_account_for_is_replaced_and_kept(
        self, where: Places, profile: Path, found: bytes
    ) -> None:
        """A half-written file, one put there by hand, one with settings changed."""
        (profile / START / ADDIN).write_bytes(found)
        plan = install(where)
        assert started(profile) == NEW
        kept = contents(profile / "AppData/Local/xladdin/kept")
        assert kept == {f"{digest(found)[:8]}-{ADDIN}": found}
        assert plan.steps[1].action == "keep"

    @pytest.mark.parametrize(
        "spoilt", [b"", b"{}", b"[" * 5000, b"\xff", b'{"files": {"../x": []}}']
    )
    def test_over_a_spoilt_record(self, where: Places, profile: Path, spoilt: bytes) -> None:
        install(where, OLD)
        (profile / RECORD).write_bytes(spoilt)
        install(where)
        assert started(profile) == NEW
        assert len(contents(profile / "AppData/Local/xladdin/kept")) == 2

    def test_leftovers_of_one_cut_off_are_thrown_away(self, where: Places, profile: Path) -> None:
        (profile / STAGING / "new").mkdir(parents=True)
        (profile / STAGING / "new" / ADDIN).write_bytes(b"half")
        install(where)
        assert started(profile) == NEW

    def test_it_can_be_cut_off_between_two_moves(
        self, where: Places, profile: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The power fails: nothing is undone. What is there is known, and put right by the next."""
        install(where, OLD, "0.0.9")
        with monkeypatch.context() as patch:
            # The record is the first to be moved, then the add-in.
            patch.setattr(os, "replace", failing(os.replace, KeyboardInterrupt(), 3))
            with pytest.raises(KeyboardInterrupt):
                install(where)
        assert started(profile) == {ADDIN: NEW[ADDIN], SECOND: OLD[SECOND]}
        record = read_record(profile / RECORD)
        assert record
        assert not record.complete
        assert [step.action for step in plan_uninstall(where).steps] == ["remove"] * 3
        plan = install(where)
        assert not any(step.action == "keep" for step in plan.steps)
        assert started(profile) == NEW

    def test_the_mark_of_the_web_goes(self, where: Places, profile: Path) -> None:
        install(where)
        # What is a stream on Windows is a file of that name elsewhere.
        mark = profile / START / f"{ADDIN}:Zone.Identifier"
        mark.write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")
        install(where)
        assert not mark.exists()
        assert started(profile) == NEW


class TestFailures:
    def test_open_in_excel(self, where: Places, profile: Path) -> None:
        install(where, OLD, "0.0.9")
        owner = profile / START / f"~${ADDIN}"
        owner.write_bytes(b"Ada")
        before = contents(profile)
        with pytest.raises(FileError, match=r"close Excel.*run this again.*delete ~") as caught:
            install(where)
        assert caught.value.path.name == ADDIN
        assert contents(profile) == before

    @pytest.mark.parametrize("step", [2, 3])
    @pytest.mark.parametrize(("error", "words"), FAILURES)
    def test_a_move_fails(
        self,
        where: Places,
        profile: Path,
        monkeypatch: pytest.MonkeyPatch,
        error: OSError,
        words: str,
        step: int,
    ) -> None:
        """The first move is that of the record, then come the add-in and the second file."""
        install(where, OLD, "0.0.9")
        before = contents(profile)
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", failing(os.replace, error, step))
            with pytest.raises(FileError, match=words) as caught:
                install(where)
        assert caught.value.path.name == [ADDIN, SECOND][step - 2]
        if step == 2:
            assert contents(profile) == before
        else:  # what is done is known, and the rest is done the next time
            assert started(profile) == {ADDIN: NEW[ADDIN], SECOND: OLD[SECOND]}
        plan = install(where)
        assert not any(item.action == "keep" for item in plan.steps)
        assert started(profile) == NEW

    def test_a_sharing_violation(
        self, where: Places, profile: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install(where, OLD, "0.0.9")
        error = PermissionError(errno.EACCES, "in use")
        error.winerror = 32  # type: ignore[attr-defined,unused-ignore]
        monkeypatch.setattr(os, "replace", failing(os.replace, error, 2))
        with pytest.raises(FileError, match="open in another program; close Excel"):
            install(where)
        assert started(profile) == OLD

    @pytest.mark.parametrize("call", [1, 2])
    @pytest.mark.parametrize(("error", "words"), FAILURES)
    def test_a_file_cannot_be_written_beside(
        self,
        where: Places,
        profile: Path,
        monkeypatch: pytest.MonkeyPatch,
        error: OSError,
        words: str,
        call: int,
    ) -> None:
        """The disk is full, at the record or at the first file."""
        install(where, OLD, "0.0.9")
        before = contents(profile)
        monkeypatch.setattr(files, "_write", failing(files._write, error, call))
        with pytest.raises(FileError, match=words):
            install(where)
        assert contents(profile) == before

    def test_nothing_is_left_of_a_first_install_that_fails(
        self, where: Places, profile: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = OSError(errno.ENOSPC, "full")
        monkeypatch.setattr(files, "_write", failing(files._write, error, 2))
        with pytest.raises(FileError):
            install(where)
        assert started(profile) == {}
        assert not (profile / RECORD).exists()

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), MemoryError()])
    def test_an_interruption_leaves_the_old_files(
        self, where: Places, profile: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        install(where, OLD, "0.0.9")
        before = contents(profile)
        monkeypatch.setattr(os, "replace", failing(os.replace, error, 2))
        with pytest.raises(type(error)):
            install(where)
        assert contents(profile) == before

    def test_a_read_only_folder(self, where: Places, profile: Path) -> None:
        folder = profile / "AppData/Roaming/Microsoft/Excel"
        folder.chmod(0o500)
        try:
            with bound_by_rights(), pytest.raises(FileError, match="no permission"):
                install(where)
        finally:
            folder.chmod(0o700)

    def test_a_folder_in_the_way(self, where: Places, profile: Path) -> None:
        (profile / START / SECOND).mkdir()
        with pytest.raises(FileError):
            install(where)
        assert not (profile / START / ADDIN).exists()

    def test_a_file_where_a_folder_should_be(self, tmp_path: Path) -> None:
        (tmp_path / "AppData").write_bytes(b"")
        with pytest.raises(FileError, match="a file stands where"):
            install(places({}, str(tmp_path)))

    def test_no_file_of_another_machine_is_written(self) -> None:
        with pytest.raises(FileError, match="on this machine"):
            install(places({"APPDATA": r"\\server\share" if os.name != "nt" else "/x"}))


class TestUninstall:
    def test_removes_what_it_put_there_and_nothing_else(self, where: Places, profile: Path) -> None:
        before = contents(profile)
        install(where)
        (profile / START / "xladdin-notes.txt").write_bytes(b"the user's")
        plan = plan_uninstall(where)
        plan.carry_out()
        assert contents(profile) == {**before, f"{START}/xladdin-notes.txt": b"the user's"}
        assert [step.action for step in plan.steps] == ["remove"] * 3
        assert not (profile / RECORD).parent.exists()

    def test_where_nothing_is_installed(self, where: Places, profile: Path) -> None:
        before = contents(profile)
        plan = plan_uninstall(where)
        assert plan.idle
        assert not plan.left
        plan.carry_out()
        assert contents(profile) == before

    def test_leaves_what_was_changed(self, where: Places, profile: Path) -> None:
        install(where)
        (profile / START / ADDIN).write_bytes(b"changed")
        plan = plan_uninstall(where)
        plan.carry_out()
        assert started(profile) == {ADDIN: b"changed"}
        assert [left.path.name for left in plan.left] == [ADDIN]
        assert "--force" in plan.left[0].remedy
        again = plan_uninstall(where)
        assert again.idle
        assert again.left
        plan_uninstall(where, force=True).carry_out()
        assert started(profile) == {}
        assert not (profile / RECORD).exists()

    def test_leaves_what_no_record_tells_of(self, where: Places, profile: Path) -> None:
        (profile / START / ADDIN).write_bytes(b"by hand")
        plan = plan_uninstall(where)
        assert plan.idle
        assert "no record" in plan.left[0].reason
        plan_uninstall(where, force=True).carry_out()
        assert started(profile) == {}

    def test_files_that_are_gone_are_not_missed(self, where: Places, profile: Path) -> None:
        install(where)
        for name in NEW:
            (profile / START / name).unlink()
        plan_uninstall(where).carry_out()
        assert started(profile) == {}
        assert not (profile / RECORD).exists()

    def test_a_spoilt_record(self, where: Places, profile: Path) -> None:
        install(where)
        (profile / RECORD).write_bytes(b"{")
        with pytest.raises(FileError, match=r"not a record.*xladdin install"):
            plan_uninstall(where)
        plan_uninstall(where, force=True).carry_out()
        assert started(profile) == {}

    @pytest.mark.parametrize("held", [ADDIN, SECOND])
    def test_open_in_excel(
        self, where: Places, profile: Path, monkeypatch: pytest.MonkeyPatch, held: str
    ) -> None:
        install(where)
        real = Path.unlink

        def unlink(path: Path, **options: bool) -> None:
            if path.name == held:
                raise PermissionError(errno.EACCES, "in use")
            real(path, **options)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", unlink)
            with pytest.raises(FileError, match="close Excel"):
                plan_uninstall(where).carry_out()
        assert held in started(profile)
        plan_uninstall(where).carry_out()
        assert started(profile) == {}

    def test_changed_after_it_was_planned(self, where: Places, profile: Path) -> None:
        install(where)
        plan = plan_uninstall(where)
        (profile / START / ADDIN).write_bytes(b"changed meanwhile")
        with pytest.raises(FileError, match="it was changed meanwhile"):
            plan.carry_out()
        assert started(profile)[ADDIN] == b"changed meanwhile"

    def test_a_record_leads_nowhere_else(self, where: Places, profile: Path) -> None:
        victim = profile / "AppData/Roaming/Microsoft/Excel/victim"
        victim.write_bytes(b"x")
        (profile / RECORD).parent.mkdir(parents=True)
        for name in ("../victim", "PERSONAL.XLSB", "xladdin/../../victim", r"xladdin\..\victim"):
            table = {
                "version": "1",
                "xlwings": "1",
                "interpreter": "",
                "complete": True,
                "files": {name: [digest(b"x"), digest(b"the user's own")]},
            }
            (profile / RECORD).write_text(json.dumps(table), "utf-8")
            with pytest.raises(FileError, match="not a record"):
                plan_uninstall(where)
        assert victim.exists()
        started(profile)


def test_pages_of_help_go_with_the_last_file(where: Places, profile: Path) -> None:
    before = contents(profile)
    install(where)
    page = Path(where.help) / "CEO_FEE.html"
    page.parent.mkdir()
    page.write_text("help", encoding="utf-8")
    plan = plan_uninstall(where)
    assert [step.action for step in plan.steps if step.path == where.help] == ["remove"]
    plan.carry_out()
    assert contents(profile) == before
    assert not page.parent.parent.exists()


def test_plans_change_nothing(where: Places, profile: Path) -> None:
    install(where, OLD, "0.0.9")
    (profile / START / SECOND).write_bytes(b"changed")
    before = contents(profile)
    assert planned(where).steps
    assert plan_uninstall(where).steps
    assert contents(profile) == before


def test_local_paths_are_those_that_were_shown(where: Places, profile: Path) -> None:
    assert local(where.start) == profile / START
