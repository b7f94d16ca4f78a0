"""The real machine, as far as every machine has it; and a made-up registry."""

from __future__ import annotations

import json
import os
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from excel.install.pretending import contents

from xladdin.excel.install.doctor import ANSWER
from xladdin.excel.install.machine import Python, System
from xladdin.excel.install.paths import SYSTEMS, is_here, path_of, places


def test_this_machine() -> None:
    system = System()
    assert system.name in SYSTEMS
    assert system.described
    assert system.interpreter == sys.executable
    assert sys.base_prefix in system.bases
    assert system.environment is os.environ
    assert system.version("xlwings") == metadata.version("xlwings")
    assert system.version("no-such-package") == ""


def test_this_python_tells_of_itself() -> None:
    reported = System().python(sys.executable)
    assert isinstance(reported, Python)
    assert reported.answer == ANSWER
    assert reported.prefix == sys.prefix
    assert reported.versions["xlwings"] == metadata.version("xlwings")
    assert reported.failures["openpyxl"] == reported.failures["formualizer"] == ""
    assert reported.bits in {32, 64}


def test_what_the_package_was_installed_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(note: str | None) -> str:
        reported = SimpleNamespace(
            read_text=lambda name: note if name == "direct_url.json" else None
        )
        monkeypatch.setattr(metadata, "distribution", lambda _: reported)
        return System().source

    wheel = tmp_path / "Zoë Müller" / "xladdin-0.1.0-py3-none-any.whl"
    archive = {"url": wheel.as_uri(), "archive_info": {}}
    assert installed(json.dumps(archive)) == f'"{wheel}"'
    clone = {"url": tmp_path.as_uri(), "dir_info": {"editable": True}}
    assert installed(json.dumps(clone)) == f'-e "{tmp_path}"'
    assert installed(json.dumps({"url": tmp_path.as_uri(), "dir_info": {}})) == f'"{tmp_path}"'
    for note in (None, "", "{", "[]", "{}", '{"url": 1}', '{"url": "https://host/x.whl"}'):
        assert installed(note) == ""


def test_it_looks_out_for_files_of_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    reported = System().python(sys.executable)
    assert isinstance(reported, Python)
    assert (reported.strays, reported.answer) == (False, ANSWER)
    monkeypatch.setattr("xladdin.excel.install.machine.OPTIONS", ("-B",))
    reported = System().python(sys.executable)
    assert isinstance(reported, Python)
    # That it would be the wrong Python is one thing, and whether it answers is another.
    assert (reported.strays, reported.answer) == (True, ANSWER)


@pytest.mark.skipif(os.name != "posix", reason="scripts that start by themselves")
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo Python was not found >&2; exit 49", "status 49: Python was not found"),
        ("exit 0", "status 0"),
        ("echo xladdin-probe{", "makes no sense"),
        ("echo 'xladdin-probe{}'", "makes no sense"),
        ("echo 'xladdin-probe[]'", "makes no sense"),
        ("printf '\\377' >&2; exit 1", "status 1"),
    ],
)
def test_what_is_no_python(tmp_path: Path, script: str, words: str) -> None:
    path = tmp_path / "python.exe"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    reason = System().python(str(path))
    assert isinstance(reason, str)
    assert words in reason


@pytest.mark.skipif(os.name != "posix", reason="scripts that start by themselves")
def test_one_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\nexec sleep 30\n", "utf-8")
    path.chmod(0o755)
    monkeypatch.setattr("xladdin.excel.install.machine._SECONDS", 0.2)
    assert "did not answer" in str(System().python(str(path)))


@pytest.mark.parametrize("path", ["/no/such/python", "", "C:\\gone\\python.exe", "a\0b"])
def test_one_that_is_not_there(path: str) -> None:
    assert "could not be started" in str(System().python(path))


def test_files(tmp_path: Path) -> None:
    system = System()
    path = tmp_path / "file"
    assert not system.exists(path)
    assert system.read(path) is None
    path.write_bytes(b"12345")
    assert system.exists(str(path))
    assert system.read(path, 2) == b"12"
    elsewhere = path_of(r"C:\x" if os.name != "nt" else "/x")
    assert not system.exists(elsewhere)
    assert system.read(elsewhere) is None
    assert not system.is_marked(elsewhere)
    assert system.refusal(elsewhere)
    with pytest.raises(IsADirectoryError if os.name == "posix" else PermissionError):
        system.read(tmp_path)


def test_trying_to_write_leaves_nothing_behind(tmp_path: Path) -> None:
    system = System()
    assert system.refusal(tmp_path / "not" / "there") == ""
    assert contents(tmp_path) == {}
    (tmp_path / "file").write_bytes(b"")
    assert system.refusal(tmp_path / "file" / "below")


@pytest.mark.skipif(sys.platform == "win32", reason="it has one")
def test_without_a_registry() -> None:
    assert System().registry("HKCU", "Software") is None
    assert System().subkeys("HKCU", "Software") == ()
    assert System().in_code_page("\u0141")


class Opened:
    def __init__(self, key: str) -> None:
        self.key = key

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_a_made_up_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of the standard library that Windows has, as its documentation describes it."""
    values = {(r"S\Office", "", 256): "64", (r"S\Office", "only32", 512): 7, ("S", "b", 256): b"x"}

    def open_key(_: int, key: str, __: int = 0, access: int = 0) -> Any:
        if not any(place[0].startswith(key) for place in values):
            raise FileNotFoundError(2, "not found")
        opened = Opened(key)
        opened.__dict__["access"] = access
        return opened

    def query(opened: Any, name: str) -> tuple[Any, int]:
        view = opened.access & 768
        if (opened.key, name, view) not in values:
            raise FileNotFoundError(2, "not found")
        return values[opened.key, name, view], 1

    fake = ModuleType("winreg")
    fake.__dict__.update(
        HKEY_LOCAL_MACHINE=1,
        KEY_READ=1,
        KEY_WOW64_64KEY=256,
        KEY_WOW64_32KEY=512,
        OpenKey=open_key,
        QueryValueEx=query,
        QueryInfoKey=lambda _: (1, 0, 0),
        EnumKey=lambda _, index: ["Office"][index],
    )
    monkeypatch.setitem(sys.modules, "winreg", fake)
    system = System()
    assert system.registry("HKLM", r"S\Office") == "64"
    assert system.registry("HKLM", r"S\Office", "only32") == 7
    assert system.registry("HKLM", r"S\Office", "none") is None
    assert system.registry("HKLM", "S", "b") is None
    assert system.registry("HKLM", "T") is None
    assert system.subkeys("HKLM", "S") == ("Office",)
    assert system.subkeys("HKLM", "T") == ()


class TestPlaces:
    def test_of_the_environment(self) -> None:
        where = places({"APPDATA": r"D:\Jörg Müller\Roaming", "LOCALAPPDATA": r"C:\Local"})
        assert str(where.start) == r"D:\Jörg Müller\Roaming\Microsoft\Excel\XLSTART"
        assert str(where.staging) == r"D:\Jörg Müller\Roaming\Microsoft\Excel\xladdin.install"
        assert str(where.record) == r"C:\Local\xladdin\install.json"
        assert str(where.files[0]) == rf"{where.start}\xladdin.xlam"

    def test_of_a_profile(self) -> None:
        where = places({"APPDATA": r"D:\x"}, r"C:\Users\Jörg Müller")
        assert str(where.start) == (r"C:\Users\Jörg Müller\AppData\Roaming\Microsoft\Excel\XLSTART")
        assert str(where.own) == r"C:\Users\Jörg Müller\AppData\Local\xladdin"

    def test_unknown(self) -> None:
        where = places({"APPDATA": ""})
        assert str(where.start) == r"%APPDATA%\Microsoft\Excel\XLSTART"
        assert not is_here(where.start)
