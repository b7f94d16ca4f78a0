"""Bounds on the memory and the time of a computation.

An engine cannot be stopped from inside: texts that double abort the process, a function over a
billion periods returns when it is done. So a computation runs in a process of its own, which is
ended where it passes a bound. On Linux that is a fork: it has what was read already, costs some
milliseconds, and the system itself keeps it to its memory. Elsewhere it is another Python, which
serves one computation after another and is watched.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import pickle
import queue
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, NoReturn, ParamSpec, TypeVar

from xladdin.errors import FileError
from xladdin.libreoffice.memory import address_space, machine_memory, resident

MEMORY_VARIABLE: Final = "XLADDIN_MEMORY"
"""Environment variable: the megabytes that one computation may take; half of the machine's memory
where it is not set."""

SECONDS_VARIABLE: Final = "XLADDIN_SECONDS"
"""Environment variable: the seconds that one computation may take."""

SECONDS: Final = 300.0

FORKS: bool = sys.platform == "linux"
"""Whether computations run in forks. Elsewhere there is no fork, or the system's own libraries do
not survive one."""

_POLL: Final = 0.05
"""Seconds between looks at a process that is watched."""

_RESULT_SHARE: Final = 4
"""A result may take this part of the memory that the computation may."""

_HEAD: Final = struct.Struct("<Q")

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Bounds(NamedTuple):
    """What one computation may take.

    Attributes:
        memory: Bytes, beyond what was taken before it.
        seconds: Seconds by the clock.
    """

    memory: int
    seconds: float

    def too_much_memory(self, path: Path | str) -> FileError:
        """Return the error to raise where the memory did not suffice."""
        reason = f"it takes more than {self.memory >> 20:,} MB of memory to compute"
        return FileError(path, reason, f"recalculate it in Excel, or set {MEMORY_VARIABLE} higher")

    def too_long(self, path: Path | str) -> FileError:
        """Return the error to raise where the time did not suffice."""
        reason = f"it takes longer than {self.seconds:g} seconds to compute"
        return FileError(path, reason, f"recalculate it in Excel, or set {SECONDS_VARIABLE} higher")


def bounds() -> Bounds:
    """Return what one computation may take.

    Raises:
        FileError: An environment variable holds no number above 0.
    """
    megabytes = _number(MEMORY_VARIABLE, machine_memory() / 2 / (1 << 20))
    return Bounds(max(1, int(megabytes * (1 << 20))), _number(SECONDS_VARIABLE, SECONDS))


def _number(variable: str, otherwise: float) -> float:
    text = os.environ.get(variable, "").strip()
    try:
        value = float(text) if text else otherwise
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise FileError(variable, f"it is {text!r}, and has to be a number above 0", "or not set")
    return value


def bounded(function: Callable[_P, _R], path: Path | str) -> Callable[_P, _R]:
    """Keep a function to the bounds on memory and time.

    Args:
        function: A function of a module, which may be pickled, as its arguments and its result.
        path: What messages are to call what it works on.

    Returns:
        A function of the same arguments and result. What the function raises, it raises, and
        `FileError` where a bound was passed or the process broke down.
    """
    run = _in_a_fork if FORKS else _in_another_python

    def call(*arguments: _P.args, **named: _P.kwargs) -> _R:
        allowed = bounds()
        modules, found = run((function, arguments, named), allowed, path)
        _needed.update(modules)
        if isinstance(found, _Raised):
            raise found.error
        return found  # type: ignore[no-any-return]

    return call


class _Raised(NamedTuple):
    """What a function raised."""

    error: Exception


_Call = tuple[Callable[..., Any], tuple[Any, ...], Mapping[str, Any]]


def _outcome(call: _Call, most: int) -> bytes:
    """Call a function, and pickle its result or what it raised; nothing for too little memory."""
    function, arguments, named = call
    before = set(sys.modules)
    try:
        try:
            found = function(*arguments, **named)
        except MemoryError:
            return b""
        except Exception as error:
            found = _Raised(_picklable(error))
        loaded = sorted(sys.modules.keys() - before)
        pickled = pickle.dumps((loaded, found), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return b""
    return pickled if len(pickled) <= most // _RESULT_SHARE else b""


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


_needed: set[str] = set()
"""Modules that forks have loaded, each anew: the next ones are to find them loaded."""


def _in_a_fork(call: _Call, allowed: Bounds, path: Path | str) -> Any:
    while _needed:
        with contextlib.suppress(ImportError):
            importlib.import_module(_needed.pop())
    reader, writer = os.pipe()
    try:
        with warnings.catch_warnings():
            # Of threads that a fork leaves behind: none is needed there.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except OSError as error:
        os.close(reader)
        os.close(writer)
        reason = f"no process can be started to compute it: {error.strerror}"
        raise FileError(path, reason, "close other programs, and try again") from None
    if child == 0:
        _be_child(call, writer, allowed)
    killed = False
    try:
        os.close(writer)
        received = _received(reader, time.monotonic() + allowed.seconds)
        killed = received is None
    except BaseException:
        killed = True
        raise
    finally:
        if killed:
            os.kill(child, signal.SIGKILL)
        os.close(reader)
        _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    if received is None or ended == -signal.SIGXCPU:
        raise allowed.too_long(path)
    if ended == 0 and received:
        return pickle.loads(received)
    # Rust aborts where it gets no memory; and the system kills where there is none left.
    if ended in (0, -signal.SIGABRT, -signal.SIGKILL):
        raise allowed.too_much_memory(path)
    raise _broken(path)


def _broken(path: Path | str) -> FileError:
    reason = "the embedded engine broke down while computing it"
    return FileError(path, reason, "recalculate it in Excel, or with LibreOffice")


def _be_child(call: _Call, writer: int, allowed: Bounds) -> NoReturn:
    """Compute, send the result, and end, without what a process does at its end otherwise."""
    import resource

    status = 1
    try:
        # Ctrl-C is the other process's to see, which ends this one; and what the engine prints
        # while it breaks down is no message for users.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        writer = os.dup2(writer, 3, inheritable=False) if writer != 3 else writer
        os.closerange(4, 1 << 20)
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_CPU, int(allowed.seconds) + 1)  # where nobody is left to end it
        _lower(resource.RLIMIT_AS, address_space() + allowed.memory)
        left = memoryview(_outcome(call, allowed.memory))
        while left:
            left = left[os.write(writer, left) :]
        status = 0
    finally:
        os._exit(status)


def _lower(kind: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, hard))


def _received(reader: int, deadline: float) -> bytes | None:
    """Read all that a process sends; None if it has not ended in time."""
    pieces: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if selector.select(left):
                piece = os.read(reader, 1 << 20)
                if not piece:
                    return b"".join(pieces)
                pieces.append(piece)
    return None


class _Worker:
    """Another Python that computes, one call after another."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            # Ctrl-C does not reach it: the process that started it gets it, and ends this one.
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        ready = self._answers.get()
        self.before = resident(self._process.pid) if ready is not None else 0

    def end(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._listener.join()
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def call(self, request: bytes, allowed: Bounds, path: Path | str) -> bytes:
        """Send a call and return what it gives, pickled."""
        assert self._process.stdin is not None
        try:
            _send(self._process.stdin, request)
        except OSError:
            raise _broken(path) from None
        deadline = time.monotonic() + allowed.seconds
        while True:
            try:
                answer = self._answers.get(timeout=_POLL)
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise allowed.too_long(path) from None
                if resident(self._process.pid) > self.before + allowed.memory:
                    raise allowed.too_much_memory(path) from None
                continue
            if answer is None:
                # Rust aborts where it gets no memory; nothing shows here that it was that.
                raise _broken(path)
            if not answer:
                raise allowed.too_much_memory(path)
            return answer

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError), self._process.stdout as stream:
            while (answer := _read(stream)) is not None:
                self._answers.put(answer)
        self._answers.put(None)


_workers: list[_Worker] = []
_one_at_a_time = threading.Lock()


def _in_another_python(call: _Call, allowed: Bounds, path: Path | str) -> Any:
    from xladdin.terms import store

    with _one_at_a_time:
        if not _workers:
            _workers.append(_Worker())
            atexit.register(_workers[0].end)
        worker = _workers[0]
        request = (allowed.memory, store.offered(), dict(os.environ), call)
        try:
            answer = worker.call(pickle.dumps(request), allowed, path)
        except BaseException:
            # Its result is of no use any more.
            worker.end()
            atexit.unregister(worker.end)
            _workers.clear()
            raise
    return pickle.loads(answer)


def _send(stream: IO[bytes], content: bytes) -> None:
    stream.write(_HEAD.pack(len(content)) + content)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    (size,) = _HEAD.unpack(head)
    content = stream.read(size)
    return content if len(content) == size else None


def serve() -> None:
    """Compute each call that standard input brings, until it ends."""
    from xladdin.terms import store

    stream, sys.stdout = os.fdopen(os.dup(1), "wb"), sys.stderr
    _send(stream, b"ready")
    while (request := _read(sys.stdin.buffer)) is not None:
        memory, offered, environment, call = pickle.loads(request)
        os.environ.clear()
        os.environ.update(environment)
        store.offer_only(offered)
        _send(stream, _outcome(call, memory))
