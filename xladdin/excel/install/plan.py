"""The plans of an install and an uninstall: steps to be shown, or carried out.

Nothing is written to the registry of Windows: Excel opens every file in its start folder, and
trusts it, by default.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Final

from xladdin.errors import FileError
from xladdin.excel.install.paths import ADDIN, FILES, Places, is_here, local
from xladdin.excel.install.receipt import Receipt, digest, read_record
from xladdin.excel.install.zone import is_marked, unmark
from xladdin.files import Snapshot, explained, remove, save, snapshot

MakeFiles = Callable[[str], Mapping[str, bytes]]
"""Makes the files of an install, by name, for an interpreter's path."""

CLOSE_EXCEL: Final = "close Excel, every window of it, and run this again"

_MOST: Final = 1 << 28
"""Most bytes of a file in Excel's start folder that is read."""

FORCE: Final = "to remove it all the same: xladdin uninstall --force"

_PURPOSES: Final = {
    ADDIN: "the add-in; Excel opens what is in this folder at each start, and trusts it",
}


@dataclass(frozen=True)
class PlanStep:
    """One step: an action, its file, and the reason."""

    action: str
    path: PurePath
    why: str


@dataclass(frozen=True)
class Plan:
    """The steps that will be taken, or were.

    Attributes:
        places: The folders.
        steps: Each step, in order, for people to read.
        left: Files that are not as they should be and stay as they are, each with a remedy.
    """

    places: Places
    steps: tuple[PlanStep, ...]
    left: tuple[FileError, ...] = ()
    _changes: dict[str, bytes | None] = field(default_factory=dict)
    _found: dict[str, Snapshot] = field(default_factory=dict)
    _kept: dict[PurePath, bytes] = field(default_factory=dict)
    _before: Receipt | None = None
    _during: Receipt | None = None
    _after: Receipt | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not self.steps

    def carry_out(self) -> None:
        """Carry out the steps.

        Raises:
            FileError: A step failed. Every file is whole, the old one or the new; carrying out the
                plan again does the rest.
        """
        if self.idle:
            return
        for copy, data in self._kept.items():
            _save(local(copy), data, like=local(self.places.start / copy.name.partition("-")[2]))
        # Before the files, with the digests of old and new: even after a power failure, the record
        # distinguishes the add-in's files from those that somebody changed.
        self._write_record(self._during)
        done = 0
        try:
            for name, content in self._changes.items():
                self._change(name, content)
                done += 1
        except BaseException:
            if not done:
                with contextlib.suppress(OSError):
                    self._write_record(self._before)
            raise
        finally:
            _clear(local(self.places.staging))
        if self._after is None:
            _clear(local(self.places.help))
        self._write_record(self._after)

    def _change(self, name: str, data: bytes | None) -> None:
        """Write or remove one file, if it is still as it was planned for."""
        path = local(self.places.start / name)
        found = self._found.get(name) or Snapshot(path, None, None)
        if data is None:
            try:
                remove(path, found)
            except FileError as error:
                raise _of_excel(error) from error
            return
        staging = local(self.places.staging)
        _clear(staging)
        try:
            staging.mkdir(parents=True, exist_ok=True)
            save(path, data, found, staging=staging)
            unmark(path)
        except OSError as error:
            raise _of_excel(explained(path, error)) from error

    def _write_record(self, record: Receipt | None) -> None:
        path = local(self.places.record)
        if record is not None:
            _save(path, record.text().encode("utf-8"))
            return
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise explained(path, error) from error
        with contextlib.suppress(OSError):  # not empty: it has copies, or belongs to somebody else
            path.parent.rmdir()


def plan_install(
    places: Places, make: MakeFiles, *, version: str, xlwings: str, interpreter: str
) -> Plan:
    """Plan an install, whatever was there before.

    Args:
        places: Where things go.
        make: Makes the files.
        version: The package's version.
        xlwings: The version of xlwings that is installed.
        interpreter: The Python that the add-in starts.

    Returns:
        The plan.

    Raises:
        FileError: A file that is there cannot be read.
    """
    files = dict(make(interpreter))
    try:
        before = _record(places)
    except FileError:
        before = None  # damaged: every file that is in the way counts as changed, and is kept
    found = _present(places, [*files, *(before.files if before else ())])
    there = {name: one.content for name, one in found.items()}
    changes: dict[str, bytes | None] = {}
    kept: dict[PurePath, bytes] = {}
    steps: list[PlanStep] = []
    left: list[FileError] = []
    for name, data in files.items():
        path, old = places.start / name, there.get(name)
        why = f"{len(data):,} bytes: {_PURPOSES.get(name, 'part of the add-in')}"
        if old == data and not is_marked(local(path)):
            continue
        if old is not None and old != data and not (before and before.owns(name, old)):
            # It may be incomplete, or somebody's work: that cannot be distinguished, so it is kept.
            copy = places.kept / f"{digest(old)[:8]}-{name}"
            kept[copy] = old
            steps.append(PlanStep("keep", copy, f"a copy of {path}, which is not as installed"))
        changes[name] = data
        steps.append(PlanStep("write" if old is None else "replace", path, why))
    for name in sorted(set(there) - set(files)):
        path, of = places.start / name, before.version if before else ""
        if before and before.owns(name, there[name]):
            changes[name] = None
            steps.append(PlanStep("remove", path, f"left by version {of}"))
        else:
            reason = f"version {of} put it there, and it was changed since; it is left alone"
            left.append(FileError(str(path), reason, "if it is of no more use, delete it"))
    digests: dict[str, tuple[str, ...]] = {name: (digest(data),) for name, data in files.items()}
    after = Receipt(version, xlwings, interpreter, digests)
    if changes:
        why = "new files are written here first, then moved into place; then it goes"
        steps.insert(0, PlanStep("stage", places.staging, why))
    elif before == after:
        return Plan(places, (), tuple(left))
    steps.append(
        PlanStep("record", places.record, "what was installed, so that uninstall knows it")
    )
    during = replace(after, files=_both(digests, before, there), complete=False)
    return Plan(places, tuple(steps), tuple(left), changes, found, kept, before, during, after)


def plan_uninstall(places: Places, *, force: bool = False) -> Plan:
    """Plan to remove what an install wrote, and nothing else.

    Args:
        places: Where things are.
        force: Whether to remove also files that were changed, or that no record lists.

    Returns:
        The plan; it is idle where nothing is installed.

    Raises:
        FileError: A file that is there, or the record, cannot be read.
    """
    if not is_here(places.start):
        why = "if it is as it was installed"
        steps = [PlanStep("remove", path, why) for path in places.files]
        return Plan(
            places, (*steps, PlanStep("remove", places.record, "the record of the install"))
        )
    try:
        before = _record(places)
    except FileError:
        if not force:
            raise
        before = None
    found = _present(places, [*FILES, *(before.files if before else ())])
    there = {name: one.content for name, one in found.items()}
    changes: dict[str, bytes | None] = {}
    steps = []
    left: list[FileError] = []
    for name, data in there.items():
        path = places.start / name
        if before and before.owns(name, data):
            steps.append(PlanStep("remove", path, f"installed by version {before.version}"))
        elif force:
            steps.append(PlanStep("remove", path, "not as installed, but --force was given"))
        else:
            known = before is not None and name in before.files
            reason = "it was changed since it was installed" if known else "no record lists it"
            left.append(FileError(str(path), f"{reason}; it is left alone", FORCE))
            continue
        changes[name] = None
    remaining = {name: before.files[name] for name in there if before and name in before.files}
    remaining = {name: digests for name, digests in remaining.items() if name not in changes}
    after = replace(before, files=remaining) if before and remaining else None
    if after is None and local(places.help).exists():
        steps.append(PlanStep("remove", places.help, "pages of help that the ribbon opened"))
    if after is None and local(places.record).exists():
        steps.append(PlanStep("remove", places.record, "the record of the install"))
    elif after is not None and changes:
        steps.append(PlanStep("record", places.record, "what is left of the install"))
    during = replace(before, complete=False) if before else None
    return Plan(places, tuple(steps), tuple(left), changes, found, {}, before, during, after)


def _save(path: Path, data: bytes, like: Path | None = None) -> None:
    try:
        save(path, data, like=like)
    except FileError as error:
        raise _of_excel(error) from error


def _record(places: Places) -> Receipt | None:
    return read_record(local(places.record)) if is_here(places.record) else None


def _of_excel(error: FileError) -> FileError:
    """Replace the remedy of a file that cannot be saved elsewhere."""
    remedy = "see to it that this file can be written, and run this again"
    if "open in" in error.reason:
        rest = error.remedy.partition("; ")[2] or "if that does not help, restart Windows"
        remedy = f"{CLOSE_EXCEL}; {rest}"
    return FileError(error.path, error.reason, remedy)


def _clear(folder: Path) -> None:
    """Remove a folder of our own: of files of an install that was interrupted, or of help."""
    with contextlib.suppress(OSError):
        if folder.is_symlink():  # rmtree refuses links, whose target must not be touched
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)


def _present(places: Places, names: Iterable[str]) -> dict[str, Snapshot]:
    """Read those of the files that are there."""
    if not is_here(places.start):
        return {}
    read = {name: snapshot(local(places.start / name), _MOST) for name in dict.fromkeys(names)}
    return {name: found for name, found in read.items() if found.data is not None}


def _both(
    digests: Mapping[str, tuple[str, ...]], before: Receipt | None, there: Mapping[str, bytes]
) -> dict[str, tuple[str, ...]]:
    """Return the digests that each file may have while old files are replaced by new ones."""
    both = dict(digests)
    for name, old in there.items():
        if before and before.owns(name, old):
            both[name] = tuple(dict.fromkeys((*both.get(name, ()), digest(old))))
    return both
