"""Many workbooks at once: every deal times every template, on several processors or machines.

Workers compute and hand back bytes; the process that was asked writes them, so that no file is
ever written from two places. What was made from what is kept in a manifest, and a workbook that
would come out the same is not computed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from xladdin import files
from xladdin._version import __version__
from xladdin.core.errors import FileError, InputError
from xladdin.files import save
from xladdin.recalculation import MAX_BYTES
from xladdin.templates.entries import NOTHING, Entries
from xladdin.templates.rendering import Rendered, render
from xladdin.templates.workers import TRIES, Workers
from xladdin.terms import Selection
from xladdin.terms.store import SHIPPED, offer

MANIFEST: Final = "manifest.json"
"""Name of the file that says what the workbooks of a folder were made from."""

_AHEAD: Final = 4
"""Tasks given out for each worker: enough to keep it busy, few enough to keep memory flat."""

_MAX_MANIFEST: Final = 1 << 28
"""Bytes of a manifest; one of a thousand workbooks has less than a million."""

_LIBRARIES: Final = ("formualizer", "holidays", "lxml", "openpyxl")
"""Whose versions the values or the bytes of a workbook may depend on."""


CHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "written": "written",
        "same": "unchanged",
        "current": "up to date",
        "stale": "NOT UP TO DATE",
        "failed": "FAILED",
        "left out": "left out",
    }
)
"""What became of a file: what `Built.change` says, in words."""


@dataclass(frozen=True)
class Built:
    """One workbook built, or compared with what is on disk.

    Attributes:
        path: The file.
        formulas: Number of formulas computed.
        checks_ok: Whether every check holds.
        failures: The checks that do not, in words.
        change: What became of the file, one of `CHANGES`.
    """

    path: Path
    formulas: int
    checks_ok: bool
    failures: tuple[str, ...]
    change: str


@dataclass(frozen=True)
class Task:
    """One workbook to be made.

    Attributes:
        template: The template's name.
        selection: The deal and agreement.
        path: Where it goes.
        required: Whether it was asked for by name.
        settings: Settings of the macros, for a macro workbook.
        entries: What users entered.
    """

    template: str
    selection: Selection
    path: Path
    required: bool = False
    settings: Mapping[str, str] | None = None
    entries: Entries = NOTHING


def failed(path: Path, reason: str, change: str = "failed") -> Built:
    """Say that a workbook was not made; what was there before is there still.

    Args:
        path: Where it would have gone; the deal's file where that could not be read.
        reason: Why, in words.
        change: One of `CHANGES`.

    Returns:
        What became of it.
    """
    return Built(path, 0, change == "left out", (reason,), change)


class Missing(str):
    """Why a template has nothing to be about in a deal."""


def work(task: Task, tools: Mapping[str, str]) -> Rendered | str:
    """Make one workbook's bytes; runs in a worker.

    Args:
        task: The workbook.
        tools: What it is to be made with; see `made_with`.

    Returns:
        The bytes and what their checks say, or why there are none.
    """
    if wrong := unfit(tools):  # a worker of a cluster that has come since the others were asked
        return f"its worker {wrong}"
    # The workbook's formulas name their deal: whoever computes has to know it by that name. Shipped
    # ones every worker has.
    terms = task.selection.terms
    try:
        if not (SHIPPED / f"{terms.name}.toml").exists():
            offer(terms, Path(f"{terms.name}.toml"))
        return render(task.template, task.selection, task.settings, task.entries)
    except InputError as error:
        return Missing(error)
    except FileError as error:
        return str(error)


def run(
    tasks: Iterable[Task], folder: Path, workers: Workers | None = None, count: int = 1
) -> Iterator[Built]:
    """Make workbooks and write them; keep those that would come out the same.

    Args:
        tasks: The workbooks; their paths are in the folder.
        folder: The folder, in which the manifest is kept.
        workers: What computes; this process itself if None.
        count: How many workers there are.

    Yields:
        What became of each workbook, in the order in which they are done; and of the manifest, if
        it could not be written.
    """
    manifest = Manifest(folder)
    try:
        yield from _run(tasks, manifest, workers, count)
    except BaseException:
        # What is done need not be done again.
        with contextlib.suppress(FileError):
            manifest.save()
        raise
    try:
        manifest.save()
    except FileError as error:
        yield failed(manifest.path, str(error))


def _run(
    tasks: Iterable[Task], manifest: Manifest, workers: Workers | None, count: int
) -> Iterator[Built]:
    waiting: dict[Future[Rendered | str], tuple[Task, int]] = {}
    for task in tasks:
        if kept := manifest.kept(task):
            yield kept
        elif workers is None:
            yield _finish(task, work(task, made_with()), manifest)
        else:
            waiting[workers.submit(work, task, made_with())] = (task, 1)
            # Full: wait for one before the next, so that memory does not grow with the deals.
            while len(waiting) >= count * _AHEAD:
                yield from _done(waiting, manifest, workers)
    while waiting and workers is not None:
        yield from _done(waiting, manifest, workers)


def _done(
    waiting: dict[Future[Rendered | str], tuple[Task, int]], manifest: Manifest, workers: Workers
) -> Iterator[Built]:
    """Wait for at least one task, and see to those that are done."""
    for future in workers.wait(waiting):
        task, tries = waiting.pop(future)
        try:
            result = future.result()
        except (CancelledError, OSError, RuntimeError) as error:
            # A worker was lost, and with it the task that it had.
            if tries == TRIES:
                yield failed(task.path, f"its worker was lost {tries} times: {error}")
            else:
                waiting[workers.submit(work, task, made_with())] = (task, tries + 1)
            continue
        yield _finish(task, result, manifest)


def _finish(task: Task, result: Rendered | str, manifest: Manifest) -> Built:
    if isinstance(result, str):
        # A deal need not have what every template is about, unless it was asked for.
        left_out = isinstance(result, Missing) and not task.required
        return failed(task.path, str(result), "left out" if left_out else "failed")
    try:
        written = save(task.path, result.data)
    except FileError as error:
        return failed(task.path, str(error))
    manifest.enter(task, result)
    change = "written" if written else "same"
    return Built(task.path, result.formulas, result.checks_ok, result.failures, change)


class Manifest:
    """What the workbooks of a folder were made from, as `manifest.json` keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / MANIFEST
        self._entries: dict[str, dict[str, Any]] = _entries(self.path)

    def kept(self, task: Task) -> Built | None:
        """Say what a workbook holds that need not be made again; None if it has to be."""
        entry = self._entries.get(self._name(task))
        if entry is None or entry.get("made_from") != made_from(task):
            return None
        try:
            found = files.read(task.path, MAX_BYTES)
        except FileError:
            return None
        if hashlib.sha256(found).hexdigest() != entry.get("content"):
            return None
        failures = tuple(entry["failures"])
        return Built(task.path, entry["formulas"], entry["checks_ok"], failures, "same")

    def enter(self, task: Task, made: Rendered) -> None:
        """Enter a workbook that has been written."""
        terms = task.selection
        self._entries[self._name(task)] = {
            "deal": terms.text,
            "template": task.template,
            "terms": terms_digest(terms),
            "content": hashlib.sha256(made.data).hexdigest(),
            "made_from": made_from(task),
            "formulas": made.formulas,
            "checks_ok": made.checks_ok,
            "failures": list(made.failures),
        }

    def save(self) -> None:
        """Write the manifest, without those workbooks that are no longer there."""
        there = {
            name: entry
            for name, entry in sorted(self._entries.items())
            if (self.folder / name).is_file()
        }
        text = json.dumps({"made_with": made_with(), "workbooks": there}, indent=1)
        save(self.path, text.encode() + b"\n")

    def _name(self, task: Task) -> str:
        return task.path.relative_to(self.folder).as_posix()


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    """Read the entries of a manifest; none where it is missing or not one of ours."""
    try:
        found = json.loads(files.read(path, _MAX_MANIFEST))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = found.get("workbooks") if isinstance(found, dict) else None
    if not isinstance(entries, dict):
        return {}
    wanted = {
        "made_from": str,
        "content": str,
        "formulas": int,
        "checks_ok": bool,
        "failures": list,
    }
    return {
        name: entry
        for name, entry in entries.items()
        if isinstance(entry, dict)
        and all(isinstance(entry.get(key), kind) for key, kind in wanted.items())
    }


def made_from(task: Task) -> str:
    """Digest all that a workbook depends on: template, terms, entries, code and libraries."""
    macros = json.dumps(task.settings) + (version("xlwings") if task.settings else "")
    terms = terms_digest(task.selection)
    parts = (task.template, task.selection.text, terms, task.entries.digest, macros, _tools())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def terms_digest(selection: Selection) -> str:
    """Digest a deal's terms: every figure with its source, whatever the file looks like."""
    terms = selection.terms
    head = (terms.name, terms.issuer, terms.ticker, terms.document, terms.document_date)
    figures = [
        (figure.name, str(figure.value), figure.source, key)
        for figure, key in selection.figures_by_agreement.values()
    ]
    return hashlib.sha256(repr((*head, terms.calendar, figures)).encode()).hexdigest()


@cache
def _tools() -> str:
    return json.dumps(made_with()) + _code()


@cache
def _code() -> str:
    """Digest the package's own source, which may change within a version while it is worked on."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def unfit(tools: Mapping[str, str]) -> str:
    """Say why a worker would make other workbooks; runs in the worker.

    Args:
        tools: What workbooks are to be made with; see `made_with`.

    Returns:
        The first difference, in words; empty if there is none.
    """
    mine = made_with()
    different = (
        f"has {name} {mine.get(name)} and not {wanted}"
        for name, wanted in tools.items()
        if mine.get(name) != wanted
    )
    return next(different, "")


@cache
def made_with() -> Mapping[str, str]:
    """Name the versions of the package and of the libraries that workbooks depend on."""
    return {"xladdin": __version__, **{name: version(name) for name in _LIBRARIES}}
