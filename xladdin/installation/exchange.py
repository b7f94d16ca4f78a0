"""Changing several files as one: all of them, or none."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xladdin.core.errors import FileError

_SHARING_VIOLATIONS: Final = (32, 33)
"""Windows' numbers for a file that another program holds open or has locked."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

CLOSE_EXCEL: Final = "close Excel, every window of it, and run this again"

_MARK: Final = ":Zone.Identifier"
"""The stream of a file in which Windows notes that it came from the internet."""


@dataclass(frozen=True)
class Change:
    """What a file is to hold; None to remove it."""

    path: Path
    data: bytes | None


def exchange(changes: Sequence[Change], staging: Path) -> None:
    """Change files, all of them or none.

    The new files are written into a folder of their own, and copies of the old ones beside them;
    only then does each new file take its place in one step. If a step fails, the steps before it
    are undone.

    Args:
        changes: What to change.
        staging: A folder for the time of the exchange, on the same disk as the files. What an
            exchange that was cut off left in it is thrown away.

    Raises:
        FileError: A file is open in Excel, a folder is read-only, or the disk is full. The files
            are as they were.
    """
    for change in changes:
        _refuse_if_open(change.path)
    new, old = staging / "new", staging / "old"
    current = staging
    try:
        _clear(staging)
        new.mkdir(parents=True)
        old.mkdir()
        for change in changes:
            current = change.path
            if change.data is not None:
                _write(new / change.path.name, change.data)
            if change.path.exists():
                _write(old / change.path.name, change.path.read_bytes())
        for change in changes:
            current = change.path.parent
            current.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _drop(staging)
        raise explained(current, error) from error
    except BaseException:
        _drop(staging)
        raise
    _move(changes, staging)
    _drop(staging)


def _move(changes: Sequence[Change], staging: Path) -> None:
    """Put the new files in place, and undo it if one does not go."""
    done: list[Change] = []
    try:
        for change in changes:
            # Before the step: what interrupts it may come after it was done.
            done.append(change)
            _place(change, staging / "new" / change.path.name)
    except BaseException as error:
        # Left where it is when the old files cannot be put back: their copies are in it.
        _undo(done, staging)
        _drop(staging)
        if isinstance(error, OSError):
            raise explained(done[-1].path, error) from error
        raise


def _place(change: Change, staged: Path) -> None:
    if change.data is None:
        change.path.unlink(missing_ok=True)
    else:
        os.replace(staged, change.path)  # noqa: PTH105  (one name for tests to stand in for)


def _undo(done: Sequence[Change], staging: Path) -> None:
    for change in reversed(done):
        copy = staging / "old" / change.path.name
        try:
            if not copy.exists():
                change.path.unlink(missing_ok=True)
            elif not (change.path.exists() and change.path.read_bytes() == copy.read_bytes()):
                os.replace(copy, change.path)  # noqa: PTH105
        except OSError as error:
            reason = f"it could not be put back: {error.strerror or error}"
            remedy = f"close Excel and copy {copy} there, or run `xladdin install` again"
            raise FileError(change.path, reason, remedy) from error


def _refuse_if_open(path: Path) -> None:
    """Refuse what Excel says that it has open; a sharing violation later says so, too."""
    if path.is_dir():
        raise FileError(path, "it is a folder, not a file", "move it elsewhere")
    owner = path.with_name(f"~${path.name}")
    if owner.exists():
        remedy = f"{CLOSE_EXCEL}; if Excel is not running, delete {owner.name} beside it"
        raise FileError(path, "it is open in Excel", remedy)
    if path.exists() and not os.access(path, os.W_OK):
        raise FileError(path, "it is read-only", "make it writable and run this again")


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _clear(folder: Path) -> None:
    """Remove what is left of an exchange that was cut off, such as by the power."""
    if folder.is_symlink():  # rmtree refuses links, and what is behind one is not ours
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _drop(folder: Path) -> None:
    with contextlib.suppress(OSError):
        _clear(folder)


def is_marked(path: Path) -> bool:
    """Whether Windows has noted of a file that it came from the internet."""
    # On other systems this asks for a file of that odd name, and there is none.
    return os.path.exists(f"{path}{_MARK}")  # noqa: PTH110  (a stream's name is not a path's)


def unmark(path: Path) -> None:
    """Take that note off a file: Excel would not run its macros."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(f"{path}{_MARK}")  # noqa: PTH107


def explained(path: Path, error: OSError) -> FileError:
    """Say in words what the system said in numbers."""
    if isinstance(error, FileError):
        return error
    if getattr(error, "winerror", None) in _SHARING_VIOLATIONS:
        return FileError(path, "it is open in another program", CLOSE_EXCEL)
    if error.errno in _FULL:
        return FileError(path, "the disk is full", "make room and run this again")
    if error.errno == errno.EROFS:
        return FileError(path, "its disk is read-only", "ask whoever looks after the machine")
    if isinstance(error, PermissionError):
        # Windows says only this much, too, where another program keeps a file to itself.
        reason = "there is no permission to write it, or it is open in Excel"
        remedy = f"{CLOSE_EXCEL}; if that does not help, ask for the right to write there"
        return FileError(path, reason, remedy)
    if isinstance(error, FileExistsError | NotADirectoryError):
        return FileError(path, "a file stands where a folder should be", "move it elsewhere")
    reason = f"it could not be changed: {error.strerror or error}"
    return FileError(path, reason, "mend that and run this again")
