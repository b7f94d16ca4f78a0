"""A LibreOffice process of the package: it is found, started, given workbooks, and ended.

It runs without a window, in a new profile in a temporary folder, with the extension in it; the
user's own LibreOffice, profile and extensions are not touched. The script `driver` controls it,
under the Python that has UNO. One process serves many workbooks.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, TypeAlias

from xladdin.errors import FileError
from xladdin.libreoffice.bounds import Bounds, bounds
from xladdin.libreoffice.memory import resident

PROGRAM_VARIABLE: Final = "XLADDIN_SOFFICE"
"""Environment variable that names LibreOffice's program, if it is not found without it."""

DEALS_VARIABLE: Final = "XLADDIN_DEALS"
"""Environment variable that names the user's folder of deals."""

START_TIMEOUT: Final = 150.0
"""Seconds within which it must be ready."""

_POLL: Final = 0.2
"""Seconds between checks of its memory."""

_STOP_SECONDS: Final = 6.0
_CHECK_SECONDS: Final = 30.0

_DRIVER: Final = Path(__file__).with_name("uno_server.py")
_NAMES: Final = ("soffice", "libreoffice")
_FOLDERS: Final = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/usr/local/lib/libreoffice/program",
    "/opt/libreoffice*/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    r"C:\Program Files\LibreOffice\program",
    r"C:\Program Files (x86)\LibreOffice\program",
)
_SOCKETS: Final = (Path("/tmp"), Path("/var/tmp"))
"""Folder in which LibreOffice puts its pipes, whatever TMPDIR is."""

_SETTINGS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop
oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop
oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop
oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop
oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop
oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop
oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop
oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop
oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""
"""Settings of the profile, as a second line of defence: no links of untrusted files, no macros, no
updates of links, and a network proxy that does not exist."""

_INSTALL: Final = (
    "install LibreOffice with its Python (Debian and Ubuntu: libreoffice-calc, "
    "libreoffice-script-provider-python, python3-uno), or choose the embedded engine"
)

Answer: TypeAlias = Mapping[str, list[list[Any]]]
"""By sheet: row and column, from 1, and value of each cell that is not empty. A value is a number,
a logical, a text, or ``{"error": code}``."""


class OfficeError(FileError):
    """LibreOffice is missing, did not start, ended or did not answer."""

    def __init__(self, reason: str, remedy: str = "", path: Path | str = "LibreOffice") -> None:
        super().__init__(path, reason, remedy)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.reason, self.remedy, self.path))


class Office:
    """A LibreOffice that starts with the first workbook, and again if it was lost.

    Use it in a ``with`` statement, which ends it.

    Attributes:
        timeout: Seconds that a workbook may take; None for the limit of `bounds`.
        folder: Folder of its profile and its files; None while it is not started.
    """

    def __init__(self, extension: Callable[[], bytes], timeout: float | None = None) -> None:
        """Store the settings; nothing is started yet.

        Args:
            extension: Makes the extension with the functions.
            timeout: Seconds that a workbook may take; None for the limit of `bounds`.
        """
        self._extension = extension
        self.timeout = timeout
        self.folder: Path | None = None
        self._variables: dict[str, str] = {}
        self._driver: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._number = 0
        self._program = 0
        self._before = 0

    def __enter__(self) -> Office:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def process(self) -> int:
        """Process id of the driver, and of its process group; 0 if not started."""
        return self._driver.pid if self._driver is not None else 0

    def set_variables(self, variables: Mapping[str, str]) -> None:
        """Set environment variables; a process that runs with others is ended first."""
        if variables != self._variables:
            self.close()
            self._variables = dict(variables)

    def read(self, data: bytes, suffix: str = ".xlsx", name: Path | str = "the workbook") -> Answer:
        """Compute a workbook.

        Args:
            data: The workbook; it is opened as a temporary file.
            suffix: Ending of that file's name.
            name: Its name in messages.

        Returns:
            The values of its cells.

        Raises:
            OfficeError: LibreOffice is missing, or ended.
            FileError: The workbook takes more memory or time than it may.
            ValueError: LibreOffice cannot open this workbook; the text is the reason.
        """
        if self._driver is None:
            self._start()
        assert self.folder is not None
        self._number += 1
        path = self.folder / f"{self._number}{suffix}"
        try:
            path.write_bytes(data)
            answer = self._asked({"open": str(path)}, name)
        except FileError:
            raise
        except OSError as error:
            raise self._lost(f"it cannot be given the workbook: {error.strerror}") from None
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        if "refused" in answer:
            raise ValueError(answer["refused"])
        sheets: Answer = answer["sheets"]
        return sheets

    def close(self) -> None:
        """End LibreOffice and remove its folder; another workbook starts it again."""
        self._end(wait=True)

    def _end(self, *, wait: bool) -> None:
        driver, self._driver = self._driver, None
        folder, self.folder = self.folder, None
        if driver is not None:
            with contextlib.suppress(OSError):
                if driver.stdin is not None:
                    driver.stdin.close()
            if wait:
                # Its last output, and not its end: a process that was waited for releases its id,
                # and it is by this id that the group is ended.
                with contextlib.suppress(queue.Empty):
                    while self._lines.get(timeout=_STOP_SECONDS) is not None:
                        pass
            _kill(driver)
            if driver.stdout is not None:
                driver.stdout.close()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
            if os.name == "posix":
                # One that ended has removed them itself; one that was killed has not.
                for pipe in pipes(folder):
                    with contextlib.suppress(OSError):
                        pipe.unlink(missing_ok=True)
        atexit.unregister(self.close)

    def _start(self) -> None:
        program = find_program()
        python = _python(program)
        extension = self._extension()
        atexit.register(self.close)
        self.folder = folder = Path(tempfile.mkdtemp(prefix="xladdin-office-"))
        packed = folder / "xladdin.oxt"
        packed.write_bytes(extension)
        (folder / "tmp").mkdir()
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS, "utf-8")
        self._lines = queue.Queue()
        self._driver = driver = subprocess.Popen(
            [python, str(_DRIVER), str(program), str(folder), str(packed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(python, folder) | self._variables,
            cwd=program.parent,
            # A group of its own: it can be ended as a whole, and Ctrl-C does not reach it.
            start_new_session=os.name == "posix",
        )
        assert driver.stdout is not None
        threading.Thread(
            target=_listen, args=(driver.stdout, self._lines), name="xladdin-office", daemon=True
        ).start()
        self._program = 0
        try:
            ready = self._answer(Bounds(sys.maxsize, START_TIMEOUT), "LibreOffice")
        except queue.Empty:
            raise self._lost(f"it was not ready within {START_TIMEOUT:g} seconds") from None
        self._program = int(ready.get("process", 0))
        self._before = resident(self._program) if self._program else 0

    def _asked(self, request: Mapping[str, Any], name: Path | str) -> Mapping[str, Any]:
        assert self._driver is not None
        assert self._driver.stdin is not None
        try:
            self._driver.stdin.write(json.dumps(request).encode() + b"\n")
            self._driver.stdin.flush()
        except OSError:
            raise self._lost("it ended unexpectedly") from None
        allowed = bounds()
        if self.timeout is not None:
            allowed = allowed._replace(seconds=self.timeout)
        try:
            return self._answer(allowed, name)
        except queue.Empty:
            self._end(wait=False)
            raise allowed.too_long(name) from None

    def _answer(self, allowed: Bounds, name: Path | str) -> Mapping[str, Any]:
        """Wait for an answer, as long as the time and the memory last."""
        deadline = time.monotonic() + allowed.seconds
        try:
            line = self._next_line(allowed, deadline, name)
        except (queue.Empty, FileError):
            raise
        except BaseException:
            self._end(wait=False)  # Ctrl-C: nobody needs the answer any more
            raise
        if line is None:
            raise self._lost("it ended unexpectedly")
        answer: Mapping[str, Any] = json.loads(line)
        if "failed" in answer:
            raise self._lost(f"it ended unexpectedly, or failed: {answer['failed']}")
        return answer

    def _next_line(self, allowed: Bounds, deadline: float, name: Path | str) -> bytes | None:
        while True:
            left = deadline - time.monotonic()
            try:
                return self._lines.get(timeout=max(0.0, min(_POLL, left)))
            except queue.Empty:
                if left <= _POLL:
                    raise
            if self._program and resident(self._program) > self._before + allowed.memory:
                self._end(wait=False)
                raise allowed.too_much_memory(name)

    def _lost(self, reason: str) -> OfficeError:
        """End the processes of LibreOffice that are left."""
        self._end(wait=False)
        return OfficeError(reason, "try again, or choose the embedded engine")


def find_program() -> Path:
    """Find LibreOffice's program.

    Returns:
        The program itself, behind links and launchers.

    Raises:
        OfficeError: There is none.
    """
    for path in _candidates():
        if path.is_file():
            program = path.resolve()
            # The launcher only watches the program, and starts it again by itself.
            binary = program.with_name("soffice.bin")
            return binary if sys.platform == "linux" and binary.is_file() else program
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        raise OfficeError(f"{PROGRAM_VARIABLE} names {named}, which is no file", _INSTALL)
    raise OfficeError("it was not found on this machine", _INSTALL)


def check() -> str:
    """Return the reason why LibreOffice cannot be used here; empty if it can."""
    try:
        _python(find_program())
    except OfficeError as error:
        return str(error)
    return ""


def _candidates() -> Iterator[Path]:
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        yield Path(named)
        return
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            yield from _programs(Path(found).resolve().parent)
    for folder in _FOLDERS:
        if "*" in folder:
            # Of several versions the newest.
            start = Path(folder[: folder.index("*")]).parent
            pattern = str(Path(folder).relative_to(start))
            for match in sorted(start.glob(pattern), reverse=True):
                yield from _programs(match)
        else:
            yield from _programs(Path(folder))


def _programs(folder: Path) -> Iterator[Path]:
    # A launcher elsewhere, such as a snap's, has no unopkg beside it and cannot be used.
    if any(folder.glob("unopkg*")):
        for name in ("soffice.bin", "soffice", "soffice.exe"):
            if name != "soffice.bin" or sys.platform == "linux":
                yield folder / name


def _python(program: Path) -> str:
    """Find a Python that can control LibreOffice: its own, or one of the system with ``uno``."""
    folder = program.parent
    choices = [
        str(folder / "python"),
        str(folder / "python.exe"),
        str(folder.parent / "Resources" / "python"),
        "/usr/bin/python3",
        shutil.which("python3") or "",
        sys.executable,
    ]
    for choice in choices:
        if choice and Path(choice).is_file() and _has_uno(choice):
            return choice
    raise OfficeError("there is no Python here that can talk to it (import uno)", _INSTALL)


@lru_cache
def _has_uno(python: str) -> bool:
    try:
        tried = subprocess.run(
            [python, "-c", "import uno"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(python),
            cwd=Path(python).parent,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def _environment(python: str, folder: Path | None = None) -> dict[str, str]:
    """Make the environment of LibreOffice and of the driver.

    It keeps the variables of the user's deals, and drops those that would lead its Python to the
    modules of this one, which is another version.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    }
    # LibreOffice runs in its program's folder: unopkg ends at once where its user may not enter.
    deals = kept.get(DEALS_VARIABLE)
    if deals and not deals.startswith("~"):
        kept[DEALS_VARIABLE] = str(Path(deals).absolute())
    # Pythons from 3.11 on import nothing from the current folder.
    kept["PYTHONSAFEPATH"] = "1"
    # Texts that look like numbers or dates are read as in the United States, as Excel's functions
    # in a file are; and no display is used.
    kept |= {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": "", "SAL_USE_VCLPLUGIN": "svp"}
    # The Python inside the office looks for its library where the first Python of the path has its
    # own; that of a virtual environment there makes it fail in various ways.
    kept["PATH"] = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])
    if folder is not None:
        kept |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
    return kept


def _listen(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    with contextlib.suppress(ValueError, OSError):  # closed meanwhile
        for line in stream:
            lines.put(line)
    lines.put(None)


def _kill(driver: subprocess.Popen[bytes]) -> None:
    """End a driver and every process that it started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(driver.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(driver.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    with contextlib.suppress(OSError):
        driver.kill()
    driver.wait()


def pipes(folder: Path) -> list[Path]:
    """List the pipes that LibreOffice, run in a folder, puts elsewhere."""
    url = (folder / "profile").as_uri()
    digest = hashlib.md5(url.encode("utf-16-le"), usedforsecurity=False).digest()
    names = (folder.name, "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest))
    return [place / f"OSL_PIPE_{os.getuid()}_{name}" for place in _SOCKETS for name in names]
