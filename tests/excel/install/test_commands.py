"""The commands: what they print, where, and with which exit status."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from excel.install.pretending import NEW, PYTHON, Pretended, contents

from xladdin.cli import install
from xladdin.excel.install import plan
from xladdin.excel.install.doctor import CHECKS
from xladdin.excel.install.machine import System
from xladdin.excel.install.paths import ADDIN

START = "AppData/Roaming/Microsoft/Excel/XLSTART"
ADA = r"C:\Users\Jörg Müller"

group = click.Group(
    commands={
        "install": install.install,
        "uninstall": install.uninstall,
        "doctor": install.doctor,
    }
)


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "make_files", lambda _: NEW)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pretended]:
    def pretend(**changes: Any) -> Pretended:
        system = Pretended(**changes)
        monkeypatch.setattr(install, "this_system", lambda: system)
        return system

    return pretend


def run(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(group, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def here(tmp_path: Path) -> tuple[str, ...]:
    """Act as on Windows, on a made-up profile."""
    return ("--as", "windows", "--profile", str(tmp_path))


@pytest.mark.parametrize("name", ["macos", "linux"])
@pytest.mark.parametrize("command", ["install", "uninstall"])
@pytest.mark.parametrize("given", [True, False])
def test_elsewhere_than_on_windows(
    machine: Callable[..., Pretended], tmp_path: Path, name: str, command: str, *, given: bool
) -> None:
    machine(name="windows" if given else name, environment={"APPDATA": str(tmp_path)})
    result = run(command, *(("--as", name) if given else ()), status=1)
    assert result.stdout == ""
    for word in ("Windows only", "nothing was changed", "xlwings Lite", "LibreOffice"):
        assert word in result.stderr
    assert contents(tmp_path) == {}


class TestDryRun:
    @pytest.mark.parametrize("command", ["install", "uninstall"])
    def test_prints_every_path_and_writes_nothing(
        self, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = run(command, "--dry-run", "--as", "windows", "--profile", ADA)
        for path in (
            rf"{ADA}\AppData\Roaming\Microsoft\Excel\XLSTART\xladdin.xlam",
            rf"{ADA}\AppData\Roaming\Microsoft\Excel\XLSTART\xladdin.more.xlam",
            rf"{ADA}\AppData\Local\xladdin\install.json",
        ):
            assert f"  {path}  (" in result.stdout
        assert "nothing was changed" in result.stderr
        assert list(tmp_path.iterdir()) == []

    def test_needs_no_profile(self, machine: Callable[..., Pretended]) -> None:
        machine(name="linux")
        result = run("install", "--dry-run", "--as", "windows")
        assert r"%APPDATA%\Microsoft\Excel\XLSTART\xladdin.xlam" in result.stdout

    def test_says_what_a_run_then_does(self, here: tuple[str, ...], tmp_path: Path) -> None:
        for command in ("install", "uninstall"):
            before = contents(tmp_path)
            planned = run(command, "--dry-run", *here).stdout
            assert contents(tmp_path) == before
            assert run(command, *here).stdout.startswith(planned)
            assert contents(tmp_path) != before


class TestInstall:
    def test_with_a_profile(self, here: tuple[str, ...], tmp_path: Path) -> None:
        result = run("install", *here)
        assert result.stderr == ""
        assert "=CEO_FEE(" in result.stdout
        assert contents(tmp_path / START) == NEW
        again = run("install", *here)
        assert "installed already" in again.stderr

    @pytest.mark.skipif(os.name == "nt", reason="its paths are here")
    def test_without_a_folder_of_this_machine(self) -> None:
        result = run("install", "--as", "windows", "--profile", ADA, status=2)
        assert "--dry-run" in result.stderr

    @pytest.mark.parametrize("profile", ["relative", "%APPDATA%", ""])
    def test_with_half_a_path(self, profile: str) -> None:
        for command in ("install", "uninstall", "doctor"):
            result = run(command, "--as", "windows", "--profile", profile, status=2)
            assert "whole path" in result.stderr

    def test_with_a_profile_that_is_not_there(self, tmp_path: Path) -> None:
        folder = str(tmp_path / "none")
        for command in ("install", "uninstall"):
            result = run(command, "--as", "windows", "--profile", folder, status=2)
            assert "no such folder" in result.stderr

    def test_says_what_else_excel_needs(
        self, machine: Callable[..., Pretended], tmp_path: Path
    ) -> None:
        environment = {"APPDATA": str(tmp_path / "R"), "LOCALAPPDATA": str(tmp_path / "L")}
        machine(environment=environment)
        assert run("install").stderr == ""
        system = machine(environment=environment, values={})
        result = run("install", status=1)
        assert "missing  Excel:" in result.stderr
        assert "=CEO_FEE(" not in result.stdout
        assert system.started == [PYTHON]

    def test_not_from_the_store(self, machine: Callable[..., Pretended], tmp_path: Path) -> None:
        base = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.11_q"
        machine(environment={"APPDATA": str(tmp_path)}, bases=(PYTHON, base))
        result = run("install", status=1)
        assert "Microsoft Store" in result.stderr
        assert contents(tmp_path) == {}

    @pytest.mark.parametrize("platform", ["win32", "win-arm64"])
    def test_not_with_a_python_of_another_kind(
        self, machine: Callable[..., Pretended], tmp_path: Path, platform: str
    ) -> None:
        machine(environment={"APPDATA": str(tmp_path)}, platform=platform)
        result = run("install", status=1)
        assert f"is built for {platform}" in result.stderr
        assert "64-bit Python for x86-64 from python.org" in result.stderr
        assert contents(tmp_path) == {}

    def test_a_changed_file_of_an_older_version(
        self, here: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(install, "make_files", lambda _: {**NEW, "xladdin-old.xlam": b"x"})
        run("install", *here)
        (tmp_path / START / "xladdin-old.xlam").write_bytes(b"changed")
        monkeypatch.setattr(install, "make_files", lambda _: NEW)
        result = run("install", *here, status=1)
        assert "xladdin-old.xlam" in result.stderr

    @pytest.mark.parametrize(
        "error",
        [
            OSError(errno.ENOSPC, "full"),
            PermissionError(errno.EACCES, "no"),
            OSError("a text alone"),
            TimeoutError(),
        ],
    )
    @pytest.mark.parametrize(
        "place", [(os, "replace"), (os, "fsync"), (plan, "save"), (Path, "stat")]
    )
    @pytest.mark.parametrize("command", ["install", "uninstall"])
    def test_no_error_of_the_system_shows_as_a_traceback(
        self,
        here: tuple[str, ...],
        monkeypatch: pytest.MonkeyPatch,
        place: tuple[Any, str],
        error: OSError,
        command: str,
    ) -> None:
        if command == "uninstall":
            run("install", *here)

        def fail(*_: object, **__: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(*place, fail)
            result = CliRunner().invoke(group, [command, *here])
        assert result.exit_code in {0, 1}  # not every step comes in every command
        assert result.exception is None or isinstance(result.exception, SystemExit)
        if result.exit_code:
            assert result.stderr.startswith("xladdin: ")
            assert result.stderr.count("\n") == 1


class TestUninstall:
    def test_all(self, here: tuple[str, ...], tmp_path: Path) -> None:
        assert "nothing is installed" in run("uninstall", *here).stderr
        run("install", *here)
        run("uninstall", *here)
        assert contents(tmp_path) == {}

    def test_a_changed_file(self, here: tuple[str, ...], tmp_path: Path) -> None:
        run("install", *here)
        (tmp_path / START / ADDIN).write_bytes(b"changed")
        result = run("uninstall", *here, status=1)
        assert ADDIN in result.stderr
        assert "--force" in result.stderr
        assert "nothing was removed" in run("uninstall", *here, status=1).stderr
        run("uninstall", "--force", *here)
        assert contents(tmp_path) == {}

    def test_open_in_excel(self, here: tuple[str, ...], tmp_path: Path) -> None:
        run("install", *here)
        (tmp_path / START / f"~${ADDIN}").write_bytes(b"")
        assert "close Excel" in run("uninstall", *here, status=1).stderr


class TestDoctor:
    def test_all_well(self, machine: Callable[..., Pretended], tmp_path: Path) -> None:
        machine(environment={"APPDATA": str(tmp_path), "LOCALAPPDATA": str(tmp_path)})
        run("install")
        result = run("doctor")
        lines = result.stdout.splitlines()
        assert len(lines) == len(CHECKS)
        assert all(line.startswith("ok       ") for line in lines)
        assert result.stderr == ""

    @pytest.mark.parametrize("installed", [True, False])
    def test_json_says_the_same(
        self, machine: Callable[..., Pretended], tmp_path: Path, *, installed: bool
    ) -> None:
        machine(environment={"APPDATA": str(tmp_path), "LOCALAPPDATA": str(tmp_path)})
        if installed:
            run("install")
        status = 0 if installed else 1
        lines = run("doctor", status=status).stdout.splitlines()
        table = json.loads(run("doctor", "--json", status=status).stdout)
        assert table["ok"] is installed
        assert table["system"] == "windows"
        assert len(table["findings"]) == len(lines)
        for finding, line in zip(table["findings"], lines, strict=True):
            remedy = f". Remedy: {finding['remedy']}" if finding["remedy"] else ""
            text = f"{finding['check']}: {finding['found']}{remedy}"
            assert line == f"{finding['state']:<7}  {text}"

    @pytest.mark.skipif(sys.platform == "win32", reason="Excel may be there")
    def test_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(install, "this_system", System)
        for name in ("APPDATA", "LOCALAPPDATA"):
            monkeypatch.delenv(name, raising=False)
        result = run("doctor", status=1)
        states = {
            line[9:].partition(":")[0]: line[:9].strip() for line in result.stdout.split("\n")
        }
        wanting = ("Excel", "macros", "trusted locations", "add-in files", "pywin32")
        assert {states[name] for name in wanting} == {"missing"}
        assert states["operating system"] == states["write access"] == "wrong"
        assert states["Python"] == states["xladdin"] == states["CEO_FEE(25000000)"] == "ok"

    def test_a_spoilt_record(self, here: tuple[str, ...], tmp_path: Path) -> None:
        run("install", *here)
        (tmp_path / "AppData/Local/xladdin/install.json").write_bytes(b"[]")
        assert "not a record" in run("doctor", *here, status=1).stdout


@pytest.mark.parametrize("command", ["install", "uninstall", "doctor"])
def test_help(command: str) -> None:
    assert "--profile" in run(command, "--help").stdout
    assert "Invalid value" in run(command, "--as", "dos", status=2).stderr
