"""Many workbooks at once: every deal times every template, on several processors or machines.

Workers compute and return bytes; the process that started them writes them, so that no file is
ever written from two places. What was made from what is kept in a manifest, and a workbook that
would come out the same is not computed again.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, cast

from xladdin.building.executors import TRIES, Workers
from xladdin.building.logs import Log, filled_by_logs
from xladdin.building.manifest import (
    FAILED,
    LEFT_OUT,
    REFUSED,
    SAME,
    WRITTEN,
    Facts,
    Manifest,
    made_with,
    unfit,
)
from xladdin.building.render import Rendered, render
from xladdin.building.upgrade import used
from xladdin.checking.recalc import MAX_BYTES
from xladdin.errors import FileError, InputError
from xladdin.files import save, save_copy, snapshot
from xladdin.formulas.hosts import EXCEL
from xladdin.terms import Selection
from xladdin.terms.store import SHIPPED, offer
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries
from xladdin.xlsx.package import same_contents

_AHEAD: Final = 4
"""Tasks given out for each worker: enough to keep it busy, few enough to keep memory flat."""

CURRENT: Final = "current"
STALE: Final = "stale"

CHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        WRITTEN: "written",
        SAME: "unchanged",
        CURRENT: "up to date",
        STALE: "NOT UP TO DATE",
        FAILED: "FAILED",
        REFUSED: "REFUSED",
        LEFT_OUT: "left out",
    }
)
"""What became of a file: the values of `Built.change`, in words."""

MADE: Final = (WRITTEN, SAME, CURRENT, STALE)
"""Those of a workbook that was made, or compared."""


@dataclass(frozen=True)
class Built:
    """One workbook built, or compared with what is on disk.

    Attributes:
        path: The file; the deal's file where that could not be read.
        formulas: Number of formulas computed.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words; or the reason why it was not made.
        change: What became of the file, one of `CHANGES`.
        warnings: Number of the workbook's warnings.
        deal: The deal's name.
        agreement: The key of the deal's agreement.
        template: The template's name.
        seconds: How long it took to make.
        workbooks: How many workbooks this is about: all of a deal where that could not be read.
        unusable: Whether it was not made because the deal or its data cannot be used.
    """

    path: Path
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]
    change: str
    warnings: int = 0
    deal: str = ""
    agreement: str = ""
    template: str = ""
    seconds: float = 0.0
    workbooks: int = 1
    unusable: bool = False


@dataclass(frozen=True)
class Task:
    """One workbook to be made.

    Attributes:
        template: The template's name.
        selection: The deal and agreement.
        path: Where it goes.
        required: Whether the user named the template.
        settings: Settings of the macros, for a macro workbook.
        entries: What users entered.
        source: The deal's name or file, as the user gave it.
        replace: Whether one that somebody used is to be replaced, and a copy of it kept.
        host: The add-in that is to compute it; see `hosts.PREFIXES`.
        logs: Logs of the same deal, which fill what is about the same sales.
    """

    template: str
    selection: Selection
    path: Path
    required: bool = False
    settings: Mapping[str, str] | None = None
    entries: Entries = NOTHING
    source: str = ""
    replace: bool = False
    host: str = EXCEL
    logs: tuple[Log, ...] = ()

    def built(self, made: Rendered | Facts, change: str, seconds: float = 0.0) -> Built:
        """Describe the workbook as it was made."""
        return Built(
            self.path,
            made.formulas,
            made.checks_ok,
            made.failures,
            change,
            made.warnings,
            self.selection.terms.name,
            self.selection.agreement_key,
            self.template,
            seconds,
        )

    def not_made(
        self,
        reason: Exception,
        change: str = FAILED,
        seconds: float = 0.0,
        *,
        unusable: bool = False,
    ) -> Built:
        """Describe why it was not made; what was there before is there still."""
        return Built(
            self.path,
            0,
            change == LEFT_OUT,
            (str(reason),),
            change,
            0,
            self.selection.terms.name,
            self.selection.agreement_key,
            self.template,
            seconds,
            unusable=unusable,
        )


class Made(NamedTuple):
    """What came of a task: the workbook, or why there is none; and the seconds that it took."""

    result: Rendered | Exception
    seconds: float


class WorkerError(RuntimeError):
    """A worker would make other workbooks."""


class ProgramFaultError(RuntimeError):
    """The program has a fault: what was raised, and where, in a line; not raised itself."""

    @classmethod
    def of(cls, error: Exception) -> ProgramFaultError:
        """Describe what was raised."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        return cls(f"a fault of the program: {type(error).__name__}: {error} ({where})")


class UsedError(FileError):
    """Somebody used a workbook since it was built, and it is not to be overwritten."""


def work(task: Task, tools: Mapping[str, str]) -> Made:
    """Make one workbook's bytes; runs in a worker.

    Args:
        task: The workbook.
        tools: What it is to be made with; see `made_with`.

    Returns:
        The bytes with the results of their checks, or why there are none.
    """
    start = time.perf_counter()
    result: Rendered | Exception
    try:
        if wrong := unfit(tools):  # a worker that came after the others were checked
            raise WorkerError(f"its worker {wrong}")  # noqa: TRY301
        # The workbook's formulas name their deal: whoever computes has to know it by that name.
        # Shipped ones every worker has.
        terms = task.selection.undated or task.selection.terms
        if not (SHIPPED / f"{terms.name}.toml").exists():
            offer(terms, Path(f"{terms.name}.toml"))
        entries = filled_by_logs(task.template, task.selection, task.entries, task.logs)
        result = render(task.template, task.selection, task.settings, entries, task.host)
    except MemoryError:
        result = MemoryError("there is not enough memory to make it")
    except (InputError, FileError, WorkerError) as error:
        result = error
    except Exception as error:  # it must not stop the other workbooks
        result = ProgramFaultError.of(error)
    return Made(result, time.perf_counter() - start)


def run(
    tasks: Iterable[Task],
    manifest: Manifest | None = None,
    workers: Workers | None = None,
    count: int = 1,
) -> Iterator[Built]:
    """Make workbooks and write them; keep those that would come out the same.

    Args:
        tasks: The workbooks; their paths are in the manifest's folder.
        manifest: Where it is kept what became of each; None for a single deal.
        workers: What computes; this process itself if None.
        count: How many workers there are.

    Yields:
        What became of each workbook, in the order in which they are done; and of the manifest, if
        it could not be written.
    """
    finish = partial(_finish, manifest=manifest)
    if manifest is None:
        yield from _run(tasks, finish, workers, count)
        return
    # Before the first workbook changes: after a kill, the manifest claims nothing of what may have.
    with contextlib.suppress(FileError):
        manifest.save(None)
    try:
        yield from _run(tasks, finish, workers, count, partial(_kept, manifest))
    except BaseException:
        # What is done need not be done again.
        with contextlib.suppress(FileError):
            manifest.save("interrupted")
        raise
    try:
        manifest.save("finished")
    except FileError as error:
        yield Built(manifest.path, 0, False, (str(error),), FAILED, workbooks=0)


def check(
    tasks: Iterable[Task], workers: Workers | None = None, count: int = 1, *, alone: bool = False
) -> Iterator[Built]:
    """Make workbooks, and compare them with what is on disk; nothing is written.

    Args:
        tasks: The workbooks.
        workers: What computes; this process itself if None.
        count: How many workers there are.
        alone: Whether they are of a single deal.

    Yields:
        How each compares, in the order in which they are done.
    """
    return _run(tasks, partial(_compared, alone=alone), workers, count)


_Finish = Callable[[Task, Made], Built]


def _run(
    tasks: Iterable[Task],
    finish: _Finish,
    workers: Workers | None,
    count: int,
    kept: Callable[[Task], Built | None] = lambda _: None,
) -> Iterator[Built]:
    waiting: dict[Future[Made], tuple[Task, int]] = {}
    for task in tasks:
        if built := kept(task):
            yield built
        elif workers is None:
            yield finish(task, work(task, made_with()))
        else:
            waiting[workers.submit(work, task, made_with())] = (task, 1)
            # Full: wait for one before the next, so that memory does not grow with the deals.
            while len(waiting) >= count * _AHEAD:
                yield from _done(waiting, finish, workers)
    while waiting and workers is not None:
        yield from _done(waiting, finish, workers)


def _done(
    waiting: dict[Future[Made], tuple[Task, int]], finish: _Finish, workers: Workers
) -> Iterator[Built]:
    """Wait for at least one task, and see to those that are done."""
    for future in workers.wait():
        task, tries = waiting.pop(future)
        try:
            made = future.result()
        except (CancelledError, OSError, RuntimeError) as error:
            # A worker was lost, and with it the task that it had.
            if tries < TRIES:
                waiting[workers.submit(work, task, made_with())] = (task, tries + 1)
                continue
            made = Made(WorkerError(f"its worker was lost {tries} times: {error}"), 0.0)
        yield finish(task, made)


def _kept(manifest: Manifest, task: Task) -> Built | None:
    """Describe a workbook that would come out the same; None if it has to be made."""
    facts = manifest.kept(task)
    if facts is None:
        return None
    built = task.built(facts, SAME)
    manifest.enter(task, built, None)
    return built


def _finish(task: Task, made: Made, manifest: Manifest | None) -> Built:
    """Write a workbook that was made, and enter what became of it."""
    result, seconds = made
    rendered = None
    if isinstance(result, InputError) and not task.required:
        # A deal need not have what every template is about, unless the user named it.
        built = task.not_made(result, LEFT_OUT, seconds)
    elif _unusable(result) and manifest is None:
        raise cast("Exception", result)  # of a single deal, what is wrong with it is wrong use
    elif isinstance(result, Exception):
        built = task.not_made(result, FAILED, seconds, unusable=_unusable(result))
    else:
        try:
            change = _written(task, result, manifest)
        except FileError as error:
            refused = isinstance(error, UsedError)
            built = task.not_made(error, REFUSED if refused else FAILED, seconds)
        else:
            built, rendered = task.built(result, change, seconds), result
    if manifest:
        manifest.enter(task, built, rendered)
    return built


def _unusable(result: Rendered | Exception) -> bool:
    """Return whether nothing came of a task because its deal or data cannot be used."""
    return isinstance(result, InputError | FileError)


def _compared(task: Task, made: Made, *, alone: bool) -> Built:
    """Compare a workbook that was made with what is on disk."""
    result, seconds = made
    if isinstance(result, InputError):
        if task.required and alone:
            raise result
        change = FAILED if task.required else LEFT_OUT
        return task.not_made(result, change, seconds, unusable=task.required)
    if isinstance(result, Exception):
        return task.not_made(result, FAILED, seconds, unusable=_unusable(result))
    try:
        found = snapshot(task.path, MAX_BYTES).data
        current = found is not None and (found == result.data or same_contents(found, result.data))
    except FileError as error:
        return task.not_made(error, FAILED, seconds)
    return task.built(result, CURRENT if current else STALE, seconds)


def _written(task: Task, made: Rendered, manifest: Manifest | None) -> str:
    """Write a workbook, unless somebody used the one that it would take the place of."""
    found = snapshot(task.path, MAX_BYTES)
    if found.data is not None and found.data != made.data:
        ours = manifest is not None and manifest.wrote(task.path, found.digest)
        use = None if ours else used(found.data, task.path, made.data)
        if use and not task.replace:
            remedy = f"{use.remedy}, or build with --replace, which keeps a copy"
            raise UsedError(task.path, use.reason, remedy)
        if use:
            save_copy(task.path, found.data, "before-build")
    return WRITTEN if save(task.path, made.data, found) else SAME
