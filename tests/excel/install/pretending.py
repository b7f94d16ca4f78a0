"""A machine that is only pretended, and the files of an install for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from xladdin.excel.install.doctor import ANSWER
from xladdin.excel.install.machine import Python, System
from xladdin.excel.install.paths import ADDIN

PYTHON = r"C:\Program Files\Python 3.11\python.exe"
EXCEL = r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"
SECOND = "xladdin.more.xlam"
"""A second file: older versions had more than one."""

OLD = {ADDIN: b"old add-in", SECOND: b"<old/>"}
NEW = {ADDIN: b"new add-in", SECOND: b"<new/>"}

APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
CLICK_TO_RUN = r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration"

Values = dict[tuple[str, str, str], str | int]

OFFICE: Values = {
    ("HKLM", APP_PATHS, ""): EXCEL,
    ("HKCR", r"Excel.Application\CurVer", ""): "Excel.Application.16",
    ("HKLM", CLICK_TO_RUN, "VersionToReport"): "16.0.17928.20114",
    ("HKLM", CLICK_TO_RUN, "Platform"): "x64",
}


def program(machine: int) -> bytes:
    """The beginning of a Windows program for a kind of machine."""
    return (
        b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + machine.to_bytes(2, "little")
    )


def python(**changes: Any) -> Python:
    """A Python that has all that it needs."""
    reported: dict[str, Any] = {
        "python": "3.11.9",
        "bits": 64,
        "platform": "win-amd64",
        "strays": False,
        "prefix": r"C:\Program Files\Python 3.11",
        "base_prefix": r"C:\Program Files\Python 3.11",
        "user_base": r"C:\Users\Ada\AppData\Roaming\Python",
        "versions": {"xladdin": "0.1.0", "xlwings": "0.37.8", "pywin32": "308"},
        "failures": {"pywin32": "", "formualizer": "", "openpyxl": ""},
        "answer": ANSWER,
    }
    return Python(**(reported | changes))


class Pretended(System):
    """Windows with all that is needed; what a test takes away or adds is its argument.

    Paths of Windows are those of `files`; others are looked for on the machine of the tests.
    """

    def __init__(
        self,
        *,
        name: str = "windows",
        environment: Mapping[str, str] | None = None,
        interpreter: str = PYTHON,
        platform: str = "win-amd64",
        bases: tuple[str, ...] = (),
        reported: Python | str | None = None,
        values: Values | None = None,
        files: Mapping[str, bytes] | None = None,
        refusals: Mapping[str, str] | None = None,
        code_page: bool = True,
        source: str = "",
    ) -> None:
        self._name = name
        self._environment = {} if environment is None else environment
        self._interpreter = interpreter
        self._platform = platform
        self._bases = bases
        self._reported = python() if reported is None else reported
        self.values = dict(OFFICE if values is None else values)
        folder = PYTHON.rpartition("\\")[0]
        self.files = {
            EXCEL: program(0x8664),
            PYTHON: b"",
            rf"{folder}\xlwings32-0.37.8.dll": b"",
            rf"{folder}\xlwings64-0.37.8.dll": b"",
            **(files or {}),
        }
        self.refusals = refusals or {}
        self.code_page = code_page
        self._source = source
        self.started: list[str] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def described(self) -> str:
        return {"windows": "Windows 11", "macos": "Darwin 24", "linux": "Linux 6"}[self._name]

    @property
    def environment(self) -> Mapping[str, str]:
        return self._environment

    @property
    def platform(self) -> str:
        return self._platform

    @property
    def interpreter(self) -> str:
        return self._interpreter

    @property
    def bases(self) -> tuple[str, ...]:
        return self._bases or (self._interpreter,)

    @property
    def source(self) -> str:
        return self._source

    def version(self, package: str) -> str:
        assert package == "xlwings"
        return "0.37.8"

    def python(self, interpreter: str) -> Python | str:
        self.started.append(interpreter)
        return self._reported

    def exists(self, path: PurePath | str) -> bool:
        return str(path) in self.files or super().exists(path)

    def read(self, path: PurePath | str, size: int = -1) -> bytes | None:
        if str(path) in self.files:
            return self.files[str(path)]
        return super().read(path, size)

    def refusal(self, folder: PurePath) -> str:
        return self.refusals.get(folder.name) or super().refusal(folder)

    def in_code_page(self, text: str) -> bool:  # noqa: ARG002
        return self.code_page

    def registry(self, root: str, key: str, name: str = "") -> str | int | None:
        return self.values.get((root, key, name))

    def subkeys(self, root: str, key: str) -> tuple[str, ...]:  # noqa: ARG002
        below = [place[1][len(key) + 1 :] for place in self.values if place[1].startswith(key)]
        return tuple(dict.fromkeys(rest.partition("\\")[0] for rest in below if rest))


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with what they hold."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
