"""What computes workbooks: processes of this machine, or the workers of a cluster.

An interruption may be raised at any line, those of `concurrent.futures` included: where it comes
just after a lock was taken, the lock stays taken, and the pool's own thread waits for it without
end. So calls are submitted with interruptions put off, and those that are done come through a
queue, which may be interrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from typing import Any, Final, Protocol

from xladdin.errors import FileError

TRIES: Final = 3
"""How often a task is given out whose worker is lost."""

_PATIENCE: Final = 10
"""Seconds in which a scheduler has to answer."""


class WorkersLostError(FileError):
    """Nobody is left who would do the rest of the work."""


class Workers(Protocol):
    """What tasks are given to."""

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        """Submit a call, as an executor does."""

    def wait(self) -> list[Future[Any]]:
        """Wait until at least one call is done, and return those that are."""


_INTERRUPTIONS: Final = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


@contextlib.contextmanager
def _interruptions_put_off() -> Iterator[None]:
    """Have interruptions that come within the block raised at its end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python raises them in the main thread alone
        return
    handlers = {one: signal.getsignal(one) for one in _INTERRUPTIONS}
    raising = {one: handler for one, handler in handlers.items() if callable(handler)}
    heard: list[tuple[int, Any]] = []
    try:
        for one in raising:
            signal.signal(one, lambda *what: heard.append(what))
        yield
    finally:
        for one, handler in raising.items():
            signal.signal(one, handler)
        for number, frame in heard:
            raising[number](number, frame)


class _Calls:
    """Calls that were submitted, and the queue of those that are done."""

    def __init__(self) -> None:
        self._done: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()

    def submit(self, submit: Callable[..., Future[Any]], *args: Any) -> Future[Any]:
        """Submit a call to an executor."""
        with _interruptions_put_off():
            future = submit(*args)
            future.add_done_callback(self._done.put)
        return future

    def wait(self, seconds: float | None = None) -> list[Future[Any]]:
        """Wait until at least one is done, and return those that are: none after so long."""
        done = []
        with contextlib.suppress(queue.Empty):
            done.append(self._done.get(timeout=seconds))
            while True:
                done.append(self._done.get_nowait())
        return done


class Processes:
    """Worker processes on this machine; a context that ends them."""

    def __init__(self, jobs: int) -> None:
        """Start them.

        Args:
            jobs: How many.
        """
        self._jobs = jobs
        self._calls = _Calls()
        self._executor = self._started()

    def _started(self) -> ProcessPoolExecutor:
        # Started afresh and not forked: the engine has threads, which a fork leaves behind.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._jobs, context, initializer=_begin)

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        """Submit a call, to new processes where one of the old ones died and broke the pool."""
        try:
            return self._calls.submit(self._executor.submit, fn, *args)
        except BrokenProcessPool:
            self._executor = self._started()
            return self._calls.submit(self._executor.submit, fn, *args)

    def wait(self) -> list[Future[Any]]:
        """Wait until at least one is done."""
        return self._calls.wait()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Begin a worker: it leaves Ctrl-C to the process that started it, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_words(answer: object) -> str:
    return f"cannot be used: {answer}" if isinstance(answer, Exception) else str(answer)


def _find_scheduler(address: str) -> None:
    """Refuse an address at which no scheduler answers.

    Dask's own client, given one, may wait without end, and says more as it is done away with.
    """
    from distributed.core import rpc
    from distributed.security import Security
    from distributed.utils import LoopRunner, sync

    async def identified() -> str:
        async with rpc(
            address,
            timeout=_PATIENCE,
            connection_args=Security().get_connection_args("client"),
        ) as there:
            return str((await asyncio.wait_for(there.identity(), _PATIENCE + 1))["type"])

    remedy = "give it as `dask scheduler` prints it, such as tcp://host:8786"
    runner = LoopRunner()  # a thread of its own: a notebook has a loop in this one
    runner.start()
    try:
        found: str = sync(runner.loop, identified)
    except ValueError as error:
        raise FileError(address, f"it is no address: {error}", remedy) from error
    except TypeError as error:
        remedy = "name them in Dask's configuration, distributed.comm.tls"
        raise FileError(address, "its TLS needs certificates", remedy) from error
    # What answers there may be anything, whose bytes Dask takes for lengths and messages.
    except Exception as error:
        raise FileError(address, "no scheduler answers", f"start it, or {remedy}") from error
    finally:
        runner.stop()
    if found != "Scheduler":
        raise FileError(address, f"it is not a scheduler but a {found.lower()}", remedy)


class Cluster:
    """Workers of a Dask cluster, on any machines; a context that leaves them.

    They need the same version of the package. Results come back here and are written here.
    """

    def __init__(self, address: str, unfit: Callable[[], str]) -> None:
        """Reach the scheduler.

        Args:
            address: Its address, such as ``tcp://host:8786``.
            unfit: Runs on each worker: what is wrong with it, in words; empty if nothing is.

        Raises:
            FileError: Dask is not installed, nothing answers there, there are no workers, or one
                of them is not fit for the work.
        """
        try:
            import distributed
        except ImportError:
            remedy = "pip install distributed"
            raise FileError(address, "the package 'distributed' is not installed", remedy) from None
        _find_scheduler(address)
        try:
            self._client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
        except OSError as error:
            raise FileError(address, f"no scheduler answers: {error}") from error
        # A worker lost is survived, and of a scheduler lost we speak ourselves, in one line.
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._executor = self._client.get_executor(pure=False, retries=TRIES)
        self._calls = _Calls()
        self._address = address
        try:
            self.count = self._fit_workers(address, unfit)
        except BaseException:
            self._client.close()
            raise

    def _fit_workers(self, address: str, unfit: Callable[[], str]) -> int:
        """Ask each worker whether it is fit, and return how many there are."""
        found: dict[str, object] = self._client.run(unfit, on_error="return")
        # One that has gone in the meantime is as good as one lost later.
        answers = {who: answer for who, answer in found.items() if not isinstance(answer, OSError)}
        if not answers:
            raise FileError(address, "it has no workers", f"start some with dask worker {address}")
        for worker, answer in answers.items():
            if answer != "":
                remedy = "install the same there as here"
                raise FileError(address, f"its worker {worker} {_in_words(answer)}", remedy)
        return len(answers)

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        """Submit a call; a worker lost with it is survived by the scheduler itself."""
        try:
            return self._calls.submit(self._executor.submit, fn, *args)
        except (OSError, RuntimeError) as error:
            raise self._lost("its scheduler is lost") from error

    def wait(self) -> list[Future[Any]]:
        """Wait until at least one is done.

        Raises:
            WorkersLostError: The scheduler is gone, or the last worker, and nobody will do it.
        """
        while not (done := self._calls.wait(_PATIENCE)):
            if not self._workers():
                raise self._lost("its last worker is lost")
        if any(future.cancelled() for future in done):
            raise self._lost("its scheduler is lost")
        return done

    def _workers(self) -> int:
        """Count the workers that the scheduler knows now."""
        try:
            return len(self._client.scheduler_info(n_workers=-1)["workers"])
        except (OSError, RuntimeError) as error:
            raise self._lost("its scheduler is lost") from error

    def _lost(self, what: str) -> WorkersLostError:
        remedy = "start it anew and run this again: what is done is not done again"
        return WorkersLostError(self._address, what, remedy)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, RuntimeError, CancelledError):
            self._client.close(timeout=_PATIENCE)
