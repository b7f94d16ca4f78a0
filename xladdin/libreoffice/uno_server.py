"""The driver of LibreOffice; it runs under LibreOffice's own Python, which alone has ``uno``.

It starts LibreOffice, reads one request a line from standard input and writes one answer a line to
standard output, both in JSON. When standard input ends, for whatever reason, it ends LibreOffice
and removes its folder: so nothing is left behind, however the calling program ends.

Nothing of the package may be imported here: the Python that runs this does not have it.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uno  # type: ignore[import-not-found,unused-ignore]

FIRST_START = 81
"""Exit status of LibreOffice after it made a new profile; it has to be started again."""

STARTS = 3
START_SECONDS = 60
ADD_SECONDS = 60
STOP_SECONDS = 3

CONTENT = 1 | 2 | 4 | 16
"""Flags of cells with a number, a date, a text or a formula."""

BLOCK = 50_000
"""Most cells read or tested in one call."""

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Place: TypeAlias = tuple[int, int]
    """Row and column, from 0."""

    Area: TypeAlias = tuple[int, int, int, int]
    """First row, first column, last row, last column, from 0."""


class RunningOffice:
    """One running LibreOffice."""

    def __init__(self, program: Path, folder: Path, extension: str) -> None:
        self.program = program
        self.folder = folder
        self.extension = extension
        self.desktop: Any = None
        self.process: subprocess.Popen[bytes] | None = None
        self.shared = _url(folder / "extensions")
        self.profile = _url(folder / "profile")

    def start(self) -> None:
        """Add the extension, and start."""
        self._add()
        self.desktop = self._started()

    def read(self, path: str) -> dict[str, Any]:
        """Open a workbook, compute all of it, and return the values of its cells."""
        options = (
            _property("Hidden", True),
            _property("MacroExecutionMode", 0),  # never
            _property("UpdateDocMode", 0),  # no links to other files, none to the network
        )
        try:
            document = self.desktop.loadComponentFromURL(_url(Path(path)), "_blank", 0, options)
        except Exception as error:
            # A crash breaks the connection before the process has ended.
            gone = self.process is None or self.process.poll() is not None
            if gone or type(error).__name__ == "DisposedException" or "disposed" in str(error):
                raise
            return {"refused": f"LibreOffice cannot open it: {_words(error)}"}
        if document is None or not document.supportsService(
            "com.sun.star.sheet.SpreadsheetDocument"
        ):
            return {"refused": "LibreOffice does not open it as a workbook"}
        try:
            document.calculateAll()
            names = document.Sheets.ElementNames
            values = {name: _values(document.Sheets.getByName(name)) for name in names}
            scratch = _Scratch(document)
            return {"sheets": {name: scratch.labelled(name, values[name]) for name in names}}
        finally:
            with contextlib.suppress(Exception):
                document.close(True)

    def stop(self) -> None:
        """End LibreOffice: by request, then by force."""
        process = self.process
        if process is None:
            return
        if self.desktop is not None and process.poll() is None:
            # In a thread: a LibreOffice that hangs does not answer.
            thread = threading.Thread(target=_terminate, args=(self.desktop,), daemon=True)
            thread.start()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()

    def _add(self) -> None:
        """Add the extension to a folder of this process for extensions that all users share.

        Root may not add one for a user, but may add one for all; and the folder of all users'
        extensions can be set on the command line. So root and other users do the same.
        """
        unopkg = _beside(self.program, "unopkg")
        done = subprocess.run(
            [
                str(unopkg),
                "add",
                "--force",
                "--shared",
                "--suppress-license",
                f"-env:UNO_SHARED_PACKAGES_CACHE={self.shared}",
                f"-env:UserInstallation={_url(self.folder / 'first')}",
                self.extension,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=ADD_SECONDS,
            check=False,
        )
        if done.returncode:
            output = " ".join(done.stdout.decode(errors="replace").split())
            raise RuntimeError(f"the extension could not be added: {output}")

    def _started(self) -> Any:
        deadline = time.monotonic() + START_SECONDS
        pipe = self.folder.name
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        for _ in range(STARTS):
            self.process = process = subprocess.Popen(
                [
                    str(self.program),
                    "--headless",
                    "--norestore",
                    "--nologo",
                    "--nodefault",
                    "--nolockcheck",
                    f"--accept=pipe,name={pipe};urp;",
                    f"-env:UserInstallation={self.profile}",
                    f"-env:UNO_SHARED_PACKAGES_CACHE={self.shared}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while process.poll() is None:
                try:
                    context = resolver.resolve(
                        f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
                    )
                    return context.ServiceManager.createInstanceWithContext(
                        "com.sun.star.frame.Desktop", context
                    )
                except Exception:  # not ready yet
                    if time.monotonic() > deadline:
                        raise RuntimeError("it did not start in time") from None
                    time.sleep(0.03)
            if process.returncode != FIRST_START:
                raise RuntimeError(f"it ended with status {process.returncode} while starting")
        raise RuntimeError("it did not start")


class _Scratch:
    """A sheet beside the document's own, for tests of many cells in one call."""

    def __init__(self, document: Any) -> None:
        sheets = document.Sheets
        self.document = document
        name = "xladdin"
        while sheets.hasByName(name):
            name += "_"
        sheets.insertNewByName(name, sheets.Count)
        self.sheet = sheets.getByName(name)

    def labelled(self, name: str, cells: dict[Place, Any]) -> list[list[Any]]:
        """Convert the values of cells to JSON's, with errors and logicals labelled."""
        failed = [place for place, value in cells.items() if value is None]
        for place, code in self._applied("ERRORTYPE", name, failed):
            cells[place] = {"error": int(code or 0)}  # asked of some, it computes a value
        either = [place for place, value in cells.items() if value in (0, 1)]
        # LibreOffice has no type for logicals, only a number with a format that shows it as one.
        for place, logical in self._applied("ISLOGICAL", name, either):
            if logical:
                cells[place] = bool(cells[place])
        return [[row + 1, column + 1, value] for (row, column), value in sorted(cells.items())]

    def _applied(
        self, function: str, name: str, places: list[Place]
    ) -> Iterator[tuple[Place, Any]]:
        """Apply a function to cells; one call takes a block of rows."""
        quoted = "$'" + name.replace("'", "''") + "'."
        wanted = sorted(places)
        while wanted:
            chunk = _chunk(wanted)
            wanted = wanted[len(chunk) :]
            top, bottom = chunk[0][0], chunk[-1][0]
            left = min(column for _, column in chunk)
            right = max(column for _, column in chunk)
            formulas = [[""] * (right - left + 1) for _ in range(bottom - top + 1)]
            for row, column in chunk:
                cell = f"{_letters(column)}{row + 1}"
                formulas[row - top][column - left] = f"={function}({quoted}{cell})"
            block = self.sheet.getCellRangeByPosition(0, 0, right - left, bottom - top)
            block.setFormulaArray(tuple(map(tuple, formulas)))
            results = block.getDataArray()
            for row, column in chunk:
                yield (row, column), results[row - top][column - left]
            block.clearContents(CONTENT)


def _values(sheet: Any) -> dict[Place, Any]:
    """Read every cell that is not empty; a value that comes as nothing is an error."""
    found: dict[Place, Any] = {}
    for top, left, bottom, right in _areas(sheet.queryContentCells(CONTENT)):
        step = max(1, BLOCK // (right - left + 1))
        for first in range(top, bottom + 1, step):
            last = min(first + step - 1, bottom)
            rows = sheet.getCellRangeByPosition(left, first, right, last).getDataArray()
            for row, values in enumerate(rows, first):
                for column, value in enumerate(values, left):
                    found[row, column] = value
    return found


def _chunk(places: list[Place]) -> list[Place]:
    """Take as many places from the front as fit into one block."""
    top, left, right = places[0][0], places[0][1], places[0][1]
    for number, (row, column) in enumerate(places):
        left, right = min(left, column), max(right, column)
        if (row - top + 1) * (right - left + 1) > BLOCK:
            return places[:number] or places[:1]
    return places


def _areas(ranges: Any) -> Iterator[Area]:
    for one in ranges.RangeAddresses:
        yield one.StartRow, one.StartColumn, one.EndRow, one.EndColumn


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _property(name: str, value: Any) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


def _url(path: Path) -> str:
    return str(uno.systemPathToFileUrl(str(path)))


def _beside(program: Path, name: str) -> Path:
    """Find a program beside LibreOffice's own."""
    for ending in ("", ".com", ".exe"):
        path = program.with_name(name + ending)
        if path.is_file():
            return path
    raise RuntimeError(f"{name} is not beside {program}")


def _words(error: Exception) -> str:
    return str(getattr(error, "Message", "") or error) or type(error).__name__


def _terminate(desktop: Any) -> None:
    with contextlib.suppress(Exception):
        desktop.terminate()


def _reply(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Start LibreOffice, and answer requests until they end."""
    program, folder, extension = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    office = RunningOffice(program, folder, extension)
    requests: queue.Queue[str | None] = queue.Queue()
    heard = threading.Event()

    def listen() -> None:
        for line in sys.stdin:
            requests.put(line)
        requests.put(None)
        # The caller has ended. A LibreOffice that still starts or computes is not waited for.
        if not heard.wait(1):
            if office.process is not None:
                office.process.kill()
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    try:
        office.start()
        _reply({"ready": True, "process": office.process.pid if office.process else 0})
        while (line := requests.get()) is not None:
            _reply(office.read(json.loads(line)["open"]))
    except Exception as error:  # reported to the caller
        with contextlib.suppress(OSError):
            _reply({"failed": _words(error)})
    finally:
        heard.set()
        office.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
