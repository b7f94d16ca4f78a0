"""What all commands share: exit status, messages, bars, and stopping."""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import signal
import sys
import threading
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn, TextIO, cast

import click

from xladdin.errors import UNSEEN, FileError, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from xladdin.cells import Cell

FAILED: Final = 1
WRONG_USE: Final = 2
STOPPED: Final = 130

STATUSES: Final[Mapping[int, str]] = MappingProxyType(
    {
        0: "all that was requested is done, and every check and result is well",
        FAILED: "a check or a result failed, a workbook could not be made or was refused, there "
        "was no memory, or no room for temporary files, or not all of the output could be "
        "delivered (a closed pipe, a full disk)",
        WRONG_USE: "wrong use, or a file that cannot be read or written",
        STOPPED: "stopped by Ctrl-C, by a request to end (SIGTERM) or with its terminal (SIGHUP); "
        "every file is whole",
    }
)
"""What each exit status means; docs/operations.md has this table."""


class FilledPath(click.Path):
    """A path that is not empty: an empty one, of a variable that is not set, means no folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty text, which would otherwise stand for the present folder."""
        if not os.fspath(value):
            self.fail("the path is empty", param, ctx)
        return super().convert(value, param, ctx)


SOME_FILE: Final[click.Path] = FilledPath(path_type=Path, readable=False)
"""One of several files, looked at in its turn: a wrong one stops none of the others."""

FAILURES: Final = (OSError, LookupError, MemoryError)
"""What one of several files may fail with."""


def why_failed(file: Path, error: Exception) -> tuple[str, int]:
    """Describe why one of several files failed, and give the exit status of that."""
    if isinstance(error, KeyError | IndexError):
        raise error  # a bug of ours
    if isinstance(error, MemoryError):
        return f"{file}: there is not enough memory for it; every file is whole", FAILED
    if isinstance(error, OSError) and not isinstance(error, FileError):
        return f"{file}: {error.strerror or 'it failed'}; every file is whole", FAILED
    if isinstance(error, LookupError):  # the deal that it is about, which knows of no file
        from xladdin.terms.store import DealNotInstalled, remedy_for_missing

        remedy = f"; {remedy_for_missing()}" if isinstance(error, DealNotInstalled) else ""
        return f"{file}: {error}{remedy}; nothing was changed", WRONG_USE
    return str(error), WRONG_USE


def fail(message: str, status: int) -> NoReturn:
    """End with a message and an exit status."""
    report_error(message)
    note(f"xladdin: {message}")
    raise SystemExit(status)


def echo(text: str) -> None:
    """Print a line of results, with what a file may have put into it escaped."""
    click.echo(visible(text))


def terminal_width() -> float:
    """Return how many characters a line of the terminal takes; no bound where there is none."""
    from shutil import get_terminal_size

    return get_terminal_size().columns if sys.stdout.isatty() else math.inf


def echo_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print a table of texts; what ends its rows stands below each where the terminal is narrow."""
    shown = [[visible(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    narrow = sum(widths) + 2 * len(widths) > terminal_width()
    for *texts, last in shown:
        first = "  ".join(f"{text:<{width}}" for text, width in zip(texts, widths, strict=False))
        click.echo(f"{first.rstrip()}\n    {last}" if narrow else f"{first}  {last}")


def note(text: str) -> None:
    """Print a line of messages, to standard error."""
    click.echo(visible(text), err=True)


def report_error(message: str) -> None:
    """Print an error as the JSON document, where one was wanted and none was printed."""
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(_WANTED):
        echo_json({"error": message})


_WANTED: Final = "xladdin.json"
"""Whether a JSON document is wanted and yet to be printed."""


def want_json() -> None:
    """Print a JSON document whatever happens."""
    click.get_current_context().meta[_WANTED] = True


def echo_json(value: Any, *, ascii_only: bool = False) -> None:
    """Print as JSON."""
    import json  # only now: `--help` has to be quick

    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[_WANTED] = False

    text = json.dumps(value, indent=2, ensure_ascii=ascii_only)
    # As JSON escapes them: the console's own escapes are none that it knows.
    click.echo(
        UNSEEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)
    )


def plain(cell: Cell) -> Any:
    """Turn a cell's value into one that JSON can hold."""
    from xladdin.cells import CellError

    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell


class _Lines(io.TextIOWrapper):
    """Text in which nothing but line breaks and tabs steers the terminal, whoever printed it."""

    def write(self, text: str, /) -> int:
        super().write(visible(text, keep="\t\n"))
        return len(text)


class _Survivor(io.RawIOBase):
    """Bytes for somebody who may stop reading them: then the work goes on, and they are lost."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, data: Any, /) -> int:
        if self.error is None:
            try:
                self._stream.write(data)
                self._stream.flush()
            except OSError as error:
                self.error = error
                with contextlib.suppress(OSError, ValueError):
                    # Or Python would try once more at its end, and fail with a status of its own.
                    os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return memoryview(data).nbytes


def _open_closed() -> None:
    """Take the places of streams that a shell closed (`>&-`), or that a program never had.

    The next file to be opened, a workbook perhaps, would be standard output otherwise. On POSIX,
    results cannot be written to their place, so that they count as lost.
    """
    posix = os.name == "posix"
    for number in range(3) if posix else ():
        try:
            os.fstat(number)
        except OSError:  # the lowest number that is free is the one that is given
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if sys.stdout is None:
        place: int | str = 1 if posix else os.devnull
        raw = io.FileIO(place, "w", closefd=not posix)
        sys.stdout = io.TextIOWrapper(cast("Any", raw), "utf-8", write_through=True)
    if sys.stderr is None:
        raw = io.FileIO(os.devnull, "w")
        sys.stderr = io.TextIOWrapper(cast("Any", raw), "utf-8", write_through=True)


@contextlib.contextmanager
def delivering() -> Iterator[None]:
    """Keep a command at its work to the end though nobody may read what it prints.

    If results or messages were lost, the exit status is not 0.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    survivors: list[_Survivor] = []
    wrapped: list[TextIO | None] = []
    for stream in before:
        buffer = getattr(stream, "buffer", None)
        if buffer is None:  # a stand-in of whoever calls from Python
            wrapped.append(stream)
            continue
        survivors.append(_Survivor(buffer))
        encoding = stream.encoding
        wrapped.append(
            _Lines(
                cast("Any", survivors[-1]), encoding, errors="backslashreplace", write_through=True
            )
        )
    sys.stdout, sys.stderr = cast("tuple[TextIO, TextIO]", tuple(wrapped))
    status: Any = 0
    try:
        try:
            yield
        except SystemExit as end:
            status = end.code
        lost = next((survivor.error for survivor in survivors if survivor.error), None)
        if lost is not None:
            status = status or FAILED
            nobody = lost.errno in {errno.EPIPE, errno.EBADF}
            reason = "nobody reads it" if nobody else lost.strerror
            click.echo(f"xladdin: not all of the output was delivered: {reason}", err=True)
    finally:
        sys.stdout, sys.stderr = before
    raise SystemExit(status)


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt at a request to end and the terminal's end, as at Ctrl-C.

    Gives what is to be called between files: Python loses an interruption that comes while some
    object is being done away with.
    """
    requests = 0
    if threading.current_thread() is not threading.main_thread():  # no other hears signals
        yield lambda: None
        return

    def stop(*_: object) -> None:
        nonlocal requests
        requests += 1
        # A closed terminal sends several signals; the second must not stop what the first began.
        if requests != 2:
            raise KeyboardInterrupt

    def check() -> None:
        if requests:
            raise KeyboardInterrupt

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            hook(unraisable)

    heard = [signal.SIGINT, signal.SIGTERM]
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is not None and signal.getsignal(hangup) != signal.SIG_IGN:  # as `nohup` has it
        heard.append(hangup)
    before = {one: signal.signal(one, stop) for one in heard}
    hook, sys.unraisablehook = sys.unraisablehook, lost
    try:
        yield check
    finally:
        sys.unraisablehook = hook
        for one, handler in before.items():
            signal.signal(one, handler)


@contextlib.contextmanager
def stoppable(state: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Report how far the work has come where it is stopped; it saves each file whole.

    Gives what is to be called between files; see `interruptible`.
    """
    with interruptible() as check:
        try:
            try:
                yield check
            except BaseException:  # one written in Rust panics with none of Python's own
                check()  # libraries in other languages may turn an interruption into an error
                raise
        except KeyboardInterrupt:
            fail(f"stopped: {state()}; every file is whole, the old one or the new", STOPPED)


class FileTables:
    """The JSON document of a command that processes files one by one: an object for each."""

    def __init__(self, files: Sequence[Path], failed: Mapping[str, Any], *, as_json: bool) -> None:
        """Begin with none of the files done.

        Args:
            files: The files.
            failed: What the object of a file that was not done has besides its error.
            as_json: Whether the document is wanted.
        """
        self.files = files
        self.failed = failed
        self.as_json = as_json
        self.tables: list[Mapping[str, Any]] = []

    def stopped(self) -> str:
        """Print the document, with the files that were not reached; return how many were."""
        done, message = len(self.tables), "stopped before it was done; the file is whole"
        self.tables += [
            {"path": str(file), "error": message, **self.failed} for file in self.files[done:]
        ]
        self.print()
        return f"{done:,} of {len(self.files):,} files are done"

    def print(self) -> None:
        """Print the document, if that is what is wanted."""
        if self.as_json:
            echo_json(self.tables)


@contextlib.contextmanager
def progress(count: int) -> Iterator[Callable[[], object]]:
    """Show a bar with the time left while something is done `count` times; none for 0."""
    if not count:
        yield lambda: None
        return
    # Past what escapes: the bar steers the terminal, and holds nothing of any file.
    raw = io.TextIOWrapper(sys.stderr.buffer, sys.stderr.encoding, write_through=True)
    try:
        with click.progressbar(length=count, file=raw, show_pos=True, label="workbooks") as bar:
            yield lambda: bar.update(1)
    finally:
        raw.detach()
