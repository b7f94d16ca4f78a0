"""The machine as the checks see it, in one class, so that tests can replace it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from xladdin.excel.install.paths import LINUX, MACOS, WINDOWS, is_here, path_of
from xladdin.excel.install.zone import is_marked
from xladdin.excel.start_line import OPTIONS

_SECONDS: Final = 60
"""Seconds that a Python may take to start; virus scanners can make the first start slow."""

_DECOY: Final = "xladdin_decoy.py"
"""A file in the folder in which Python is tried, such as one beside a workbook."""

# The actions of the add-in's Python, as far as possible without Excel. A failure is an answer, too.
_PROBE: Final = """
import importlib.util, os, sys
strays = importlib.util.find_spec("xladdin_decoy") is not None
sys.path = [folder for folder in sys.path if os.path.abspath(folder) != os.getcwd()]
import json, struct, sysconfig
from importlib import metadata
def version(name):
    try:
        return metadata.version(name)
    except Exception:
        return ""
def failure(names):
    try:
        for name in names.split():
            __import__(name)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""
def answer():
    try:
        from xladdin import udfs
        return str(udfs.CEO_FEE(25000000.0))
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
import site
found = {
    "bits": struct.calcsize("P") * 8,
    "platform": sysconfig.get_platform(),
    "strays": strays,
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "user_base": site.getuserbase(),
    "python": ".".join(map(str, sys.version_info[:3])),
    "versions": {name: version(name) for name in ("xladdin", "xlwings", "pywin32")},
    "failures": {
        "pywin32": failure("pythoncom win32com.client win32com.server.policy"),
        "formualizer": failure("formualizer"),
        "openpyxl": failure("openpyxl"),
    },
    "answer": answer(),
}
print("xladdin-probe" + json.dumps(found))
"""


_ROOTS: Final = {
    "HKCU": "HKEY_CURRENT_USER",
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCR": "HKEY_CLASSES_ROOT",
}


@dataclass(frozen=True)
class Python:
    """Facts that a Python reports of itself.

    Attributes:
        python: Its version.
        bits: 32 or 64.
        platform: Platform that it was built for, such as ``win-amd64``.
        strays: Whether it imports modules of the current folder.
        prefix: Its folder; of a virtual environment, the environment's.
        base_prefix: Its folder; of a virtual environment, that of the Python that it was made of.
        user_base: Folder in which ``pip install --user`` puts files that are no modules.
        versions: Versions of packages by name; empty where one is not installed.
        failures: Why a package could not be imported, by name; empty where it could.
        answer: The value of CEO_FEE(25000000), from the module that Excel uses.
    """

    python: str
    bits: int
    platform: str
    strays: bool
    prefix: str
    base_prefix: str
    user_base: str
    versions: Mapping[str, str]
    failures: Mapping[str, str]
    answer: str


class System:
    """This machine."""

    @property
    def name(self) -> str:
        """One of the names that `places.SYSTEMS` lists."""
        if sys.platform == "win32":
            return WINDOWS
        return MACOS if sys.platform == "darwin" else LINUX

    @property
    def described(self) -> str:
        """The system's own name and release."""
        return f"{platform.system()} {platform.release()}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables."""
        return os.environ

    @property
    def platform(self) -> str:
        """Platform that the Python was built for that runs this, such as ``win-amd64``."""
        return sysconfig.get_platform()

    @property
    def interpreter(self) -> str:
        """The Python that runs this."""
        return sys.executable

    @property
    def bases(self) -> tuple[str, ...]:
        """The folders of the Python that runs this."""
        return (sys.executable, sys.prefix, sys.base_prefix)

    def version(self, package: str) -> str:
        """Return the version of a package beside this one; empty if it is not installed."""
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return ""

    @property
    def source(self) -> str:
        """The wheel or clone that pip installed this package from, as an argument for pip.

        It is empty if pip has not recorded it.
        """
        try:
            note = metadata.distribution("xladdin").read_text("direct_url.json")
            table = json.loads(note or "{}")
            url = urlsplit(table["url"])
            editable = bool(table.get("dir_info", {}).get("editable"))
        except (metadata.PackageNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            return ""
        if url.scheme != "file":
            return ""
        return f'{"-e " * editable}"{url2pathname(url.path)}"'

    def python(self, interpreter: str) -> Python | str:
        """Start a Python as the add-in does, in a folder with a file that it must not import.

        Returns:
            What it reports of itself; or, if that fails, the reason.
        """
        try:
            with tempfile.TemporaryDirectory(prefix="xladdin-") as folder:
                Path(folder, _DECOY).touch()
                done = subprocess.run(
                    [interpreter, *OPTIONS, "-c", _PROBE],
                    capture_output=True,
                    timeout=_SECONDS,
                    check=False,
                    stdin=subprocess.DEVNULL,
                    cwd=folder,
                )
        except subprocess.TimeoutExpired:
            return f"it did not answer within {_SECONDS} seconds"
        except (OSError, ValueError) as error:
            return f"it could not be started: {getattr(error, 'strerror', None) or error}"
        _, found, answer = done.stdout.decode("utf-8", "replace").partition("xladdin-probe")
        if not found:
            errors = done.stderr.decode("utf-8", "replace").strip().splitlines()
            return f"it ended with status {done.returncode}" + (f": {errors[-1]}" if errors else "")
        try:
            return Python(**json.loads(answer))
        except (ValueError, TypeError):
            return "its answer makes no sense"

    def exists(self, path: PurePath | str) -> bool:
        """Check whether there is such a file or folder."""
        try:
            return self._here(path) and Path(path).exists()
        except OSError:
            return False

    def read(self, path: PurePath | str, size: int = -1) -> bytes | None:
        """Read a file, or its beginning; None if it is not there.

        Raises:
            OSError: It is there and cannot be read.
        """
        if not self._here(path):
            return None
        try:
            with Path(path).open("rb") as file:
                return file.read(size)
        except FileNotFoundError:
            return None

    def is_marked(self, path: PurePath) -> bool:
        """Check whether Windows has marked a file as coming from the internet."""
        return self._here(path) and is_marked(Path(path))

    def refusal(self, folder: PurePath) -> str:
        """Try to write a file into a folder, or into the one in which it would be made.

        Returns:
            The reason why it failed; empty if it did not.
        """
        if not self._here(folder):
            return "there is no such folder on this machine"
        there = Path(folder)
        while not there.exists() and there != there.parent:
            there = there.parent
        probe = there / f"xladdin-{os.getpid()}.tmp"
        try:
            # On Windows, only an attempt shows the real rights.
            probe.touch(exist_ok=False)
            probe.unlink()
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def in_code_page(self, text: str) -> bool:
        """Check whether Windows' own code page has every character of a text."""
        try:
            text.encode("mbcs")
        except UnicodeEncodeError:
            return False
        except LookupError:  # other systems have no such encoding
            return True
        return True

    def registry(self, root: str, key: str, name: str = "") -> str | int | None:
        """Read a value of Windows' registry, in its view for 64 bits, then in that for 32.

        Args:
            root: ``HKCU``, ``HKLM`` or ``HKCR``.
            key: Path of the key.
            name: Name of the value; empty for the key's own.

        Returns:
            The value; None if it is not there, cannot be read, or there is no registry.
        """
        winreg = _winreg()
        if winreg is None:
            return None
        for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
            access = winreg.KEY_READ | view
            try:
                with winreg.OpenKey(getattr(winreg, _ROOTS[root]), key, 0, access) as opened:
                    value = winreg.QueryValueEx(opened, name)[0]
            except OSError:
                continue
            return value if isinstance(value, str | int) else None
        return None

    def subkeys(self, root: str, key: str) -> tuple[str, ...]:
        """List the keys below a key of the registry; none where there is no such key."""
        winreg = _winreg()
        if winreg is None:
            return ()
        try:
            with winreg.OpenKey(getattr(winreg, _ROOTS[root]), key) as opened:
                count = winreg.QueryInfoKey(opened)[0]
                return tuple(winreg.EnumKey(opened, index) for index in range(count))
        except OSError:
            return ()

    @staticmethod
    def _here(path: PurePath | str) -> bool:
        return is_here(path_of(path) if isinstance(path, str) else path)


def _winreg() -> Any:
    """Return the standard library's module for the registry; None on other systems."""
    try:
        import winreg
    except ImportError:
        return None
    return winreg
