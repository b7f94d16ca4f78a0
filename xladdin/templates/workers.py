"""What computes workbooks: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from typing import Any, Final, Protocol

from xladdin.core.errors import FileError

TRIES: Final = 3
"""How often a task is given out whose worker is lost."""

_PATIENCE: Final = 10
"""Seconds in which a scheduler has to answer."""


class Workers(Protocol):
    """What tasks are given to."""

    def submit(self, fn: Any, /, *args: Any) -> Any:
        """Give out a call, and return a promise of its result, like an executor's future."""

    def wait(self, futures: Iterable[Any], /) -> Iterable[Any]:
        """Wait until at least one of some promises is kept, and return those that are."""


class Processes:
    """Worker processes on this machine; a context that ends them."""

    def __init__(self, jobs: int) -> None:
        """Start them.

        Args:
            jobs: How many.
        """
        self._jobs = jobs
        self._executor = self._started()

    def _started(self) -> ProcessPoolExecutor:
        # Started afresh and not forked: the engine has threads, which a fork leaves behind.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._jobs, context, initializer=_begin)

    def submit(self, fn: Any, /, *args: Any) -> Future[Any]:
        """Give out a call, to new processes where one of the old ones died and broke the pool."""
        try:
            return self._executor.submit(fn, *args)
        except BrokenProcessPool:
            self._executor = self._started()
            return self._executor.submit(fn, *args)

    def wait(self, futures: Iterable[Future[Any]], /) -> Iterable[Future[Any]]:
        """Wait until at least one is done."""
        return wait(futures, return_when=FIRST_COMPLETED).done

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Begin a worker: it leaves Ctrl-C to the process that was asked, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class Cluster:
    """Workers of a Dask cluster, on any machines; a context that leaves them.

    They need the same version of the package. Results come back here and are written here.
    """

    def __init__(self, address: str) -> None:
        """Reach the scheduler.

        Args:
            address: Its address, such as ``tcp://host:8786``.

        Raises:
            FileError: Dask is not installed, or nothing answers there.
        """
        try:
            import distributed
        except ImportError:
            remedy = "pip install 'xladdin[cluster]'"
            raise FileError(address, "the package 'distributed' is not installed", remedy) from None
        try:
            self._client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise FileError(address, f"no scheduler answers: {error}") from error
        self._wait = distributed.wait
        self.count = max(1, len(self._client.scheduler_info()["workers"]))

    def submit(self, fn: Any, /, *args: Any) -> Any:
        """Give out a call; a worker lost with it is survived by the scheduler itself."""
        return self._client.submit(fn, *args, pure=False, retries=TRIES)

    def wait(self, futures: Iterable[Any], /) -> Iterable[Any]:
        """Wait until at least one is done."""
        with self._client.as_current():
            done: Iterable[Any] = self._wait(list(futures), return_when="FIRST_COMPLETED").done
        return done

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
