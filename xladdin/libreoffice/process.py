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
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, TypeAlias

from xladdin.errors import FileError
from xladdin.libreoffice.bounds import Bounds, bounds
from xladdin.libreoffice.memory import resident
from xladdin.libreoffice.soffice import OfficeError, environment_for, find_program, find_python
from xladdin.terms.store import OFFERED

START_TIMEOUT: Final = 150.0
"""Seconds within which it must be ready."""

_POLL: Final = 0.2
"""Seconds between checks of its memory."""

_STOP_SECONDS: Final = 6.0
_DRIVER: Final = Path(__file__).with_name("uno_server.py")
_DEALS: Final = "deals"
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

Answer: TypeAlias = Mapping[str, list[list[Any]]]
"""By sheet: row and column, from 1, and value of each cell that is not empty. A value is a number,
a logical, a text, or ``{"error": code}``."""


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
        self._deals: dict[str, bytes] = {}
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

    def offer(self, deals: Mapping[str, bytes]) -> None:
        """Let it know of deals by their names, and of no others: it sees when they change."""
        if deals != self._deals:
            self._deals = dict(deals)
            try:
                self._put_deals()
            except OSError as error:
                raise self._lost(f"it cannot be given the deals: {error.strerror}") from None

    def _put_deals(self) -> None:
        if self.folder is not None:
            for path in (self.folder / _DEALS).iterdir():
                path.unlink()
            for name, text in self._deals.items():
                (self.folder / _DEALS / f"{name}.toml").write_bytes(text)

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
            answer = self._request({"open": str(path)}, name)
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
        python = find_python(program)
        extension = self._extension()
        atexit.register(self.close)
        self.folder = folder = Path(tempfile.mkdtemp(prefix="xladdin-office-"))
        packed = folder / "xladdin.oxt"
        packed.write_bytes(extension)
        (folder / "tmp").mkdir()
        (folder / _DEALS).mkdir()
        self._put_deals()
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS, "utf-8")
        self._lines = queue.Queue()
        self._driver = driver = subprocess.Popen(
            [python, str(_DRIVER), str(program), str(folder), str(packed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment_for(python, folder) | {OFFERED: str(folder / _DEALS)},
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

    def _request(self, request: Mapping[str, Any], name: Path | str) -> Mapping[str, Any]:
        """Send a request to the driver, and return its answer."""
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
