"""Files: read whole, saved whole, and never in place of what somebody else saved meanwhile.

A file is read with what the system knows of it (`Snapshot`), its new content is computed, and
`save` moves that content into place in one step if the file still is what was read. It keeps its
owner, rights and extended attributes where the system lets us; where it does not, its rights
become narrower, never wider.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from xladdin.errors import FileError
from xladdin.files.errors import CLOSE_IT, ChangedError, unreadable
from xladdin.files.errors import explained as explained
from xladdin.files.names import name_key as name_key
from xladdin.files.names import refuse_shared_targets as refuse_shared_targets
from xladdin.files.names import shortened
from xladdin.files.rights import keep_rights, mode_of_a_copy

ABANDONED: Final = 600
"""Seconds after which a temporary file is taken for abandoned; saving takes less than one."""

_OWNERS: Final = {"Excel": "~${}", "LibreOffice": ".~lock.{}#"}
"""How the files are named that programs put beside a workbook while they have it open."""

_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder, not a file"),
    (stat.S_ISFIFO, "it is no ordinary file but a pipe"),
    (stat.S_ISSOCK, "it is no ordinary file but a socket"),
    (stat.S_ISCHR, "it is no ordinary file but a device"),
    (stat.S_ISBLK, "it is no ordinary file but a device"),
)

_IN_FLUX: Final = 20_000_000
"""Nanoseconds after a change in which a file is read twice."""

_READ: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Opening a pipe must not wait for its writer."""

_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Identity(NamedTuple):
    """What the system knows a file's content by: another file, or another content, differs."""

    device: int
    inode: int
    size: int
    modified: int
    """Nanoseconds."""


@dataclass(frozen=True)
class Snapshot:
    """A file as it was read.

    Attributes:
        path: The file.
        data: Its content; None where there was no file.
        identity: What the system knew it by; None where there was no file.
    """

    path: Path
    data: bytes | None
    identity: Identity | None

    @property
    def digest(self) -> str:
        """SHA-256 of the content; empty where there was no file."""
        return "" if self.data is None else hashlib.sha256(self.data).hexdigest()

    @property
    def content(self) -> bytes:
        """The content; `FileError` where there was no file."""
        if self.data is None:
            raise FileError(self.path, "it cannot be read: there is no such file")
        return self.data


def read(path: Path, most: int) -> bytes:
    """Read a file.

    Args:
        path: The file. A pipe or a device is none: it might never end, or never begin.
        most: How many bytes it may have.

    Returns:
        Its bytes.

    Raises:
        FileError: It is missing, no ordinary file, larger, or cannot be read.
    """
    return snapshot(path, most).content


def snapshot(path: Path, most: int) -> Snapshot:
    """Read a file together with what the system knows it by; a missing one has no content.

    Args:
        path: The file.
        most: How many bytes it may have.

    Returns:
        What it holds, for `save` to compare with.

    Raises:
        FileError: It is no ordinary file, larger, written at this moment, or cannot be read.
    """
    try:
        _refuse_special(path)
        handle = os.open(path, _READ)
    except (FileNotFoundError, NotADirectoryError):
        return Snapshot(path, None, None)
    except (OSError, ValueError) as error:  # ValueError: a path that no system takes
        raise unreadable(path, error) from error
    try:
        with open(handle, "rb") as file:  # noqa: PTH123  (of a handle, not of a path)
            before = _identity(os.fstat(handle))
            data = file.read(most + 1)
            if 0 <= time.time_ns() - before.modified < _IN_FLUX:
                # The time is set as a write begins: while one goes on, it shows no change.
                time.sleep(_IN_FLUX / 4e9)
                file.seek(0)
                changed = file.read(most + 1) != data
            else:
                changed = False
            after = _identity(os.fstat(handle))
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) > most:
        raise FileError(path, f"it cannot be read: it is larger than {most:,} bytes")
    if changed or before != after:
        raise FileError(path, "it was changed while it was read", "wait for that and try again")
    return Snapshot(path, data, after)


def _identity(found: os.stat_result) -> Identity:
    return Identity(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _refuse_special(path: Path) -> os.stat_result:
    """Refuse what is no ordinary file, or leads to none; a missing one raises FileNotFoundError."""
    found = path.stat()
    for is_kind, reason in _KINDS:
        if is_kind(found.st_mode):
            raise FileError(path, reason)
    return found


def save(
    path: Path | str,
    data: bytes,
    since: Snapshot | None = None,
    *,
    staging: Path | None = None,
    like: Path | None = None,
) -> bool:
    """Save a file whole or not at all.

    The bytes go into a temporary file, are flushed to the disk, and only then take the old file's
    place in one step. Whatever fails before leaves the old file as it was. A file of several names
    (hard links) is refused: the other names would go on with the old content.

    Args:
        path: The file; a missing folder is made. A link is followed, not replaced.
        data: Its new content.
        since: What the new content was computed from. If it is of this file, the file has to be
            what it was then.
        staging: Folder for the temporary file, on the same disk; beside the file if None.
        like: A file that this one, if it is new, is a copy of: nobody may read it who may not
            read that. What `since` is of, if it is another file; else None.

    Returns:
        Whether it was written; False if it had these bytes already.

    Raises:
        FileError: Somebody changed it meanwhile, it is open in another program or no ordinary
            file, it or its folder is read-only, or the disk is full.
    """
    shown = Path(path)
    try:
        target = _target(shown)
        if since is not None and _target(since.path) != target:
            like, since = like or since.path, None
        if _holds(target, data):
            return False
        if since is not None:
            _refuse_changed(shown, target, since)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(target, staging or target.parent) as temporary:
            _refuse_open(shown, target)
            _write(temporary, data, target, like)
            if since is not None:
                _refuse_changed(shown, target, since)
            if since is not None and since.data is None:
                _move_to_free_name(temporary, target)
            else:
                os.replace(temporary, target)  # noqa: PTH105  (one name for tests to stand in for)
        _flush_folder(target.parent)
    except OSError as error:
        raise explained(shown, error) from error
    return True


def save_copy(path: Path, data: bytes, label: str) -> tuple[Path, bool]:
    """Save a copy beside a file, under a name that is free.

    Args:
        path: The file.
        data: What the copy is to hold.
        label: What the copy is called after: ``"old"`` gives ``book.old.xlsx``, or
            ``book.old 2.xlsx`` where that is another copy.

    Returns:
        The copy, and whether it was written: an older one with the same bytes will do.

    Raises:
        FileError: It cannot be written.
    """
    for number in itertools.count(1):
        tail = f".{label} {number}" if number > 1 else f".{label}"
        copy = path.with_name(shortened(path.stem, tail + path.suffix))
        try:
            return copy, save(copy, data, Snapshot(copy, None, None), like=path)
        except ChangedError:
            continue  # another copy has that name
    raise AssertionError("numbers do not end")


def remove(path: Path, since: Snapshot) -> None:
    """Remove a file, if it still is what it was.

    Args:
        path: The file.
        since: The file as it was read.

    Raises:
        FileError: Somebody changed it meanwhile, or it cannot be removed.
    """
    try:
        _refuse_open(path, path)
        _refuse_changed(path, path, since)
        path.unlink(missing_ok=True)
    except OSError as error:
        raise explained(path, error) from error


def _target(shown: Path) -> Path:
    """Follow links to the file that is to be written."""
    with contextlib.suppress(FileNotFoundError):
        shown.stat()  # raises for a link that leads to itself, which resolving passes over
    return Path(os.path.realpath(shown))


def _existing(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _holds(target: Path, data: bytes) -> bool:
    try:
        found = _refuse_special(target)
    except FileNotFoundError:
        return False
    return found.st_size == len(data) and target.read_bytes() == data


def _refuse_changed(shown: Path, target: Path, since: Snapshot) -> None:
    """Refuse a file that somebody wrote, or removed, since it was read."""
    found = _existing(target)
    if found is None and since.data is None:
        return
    # The time of a change is coarse, so that the content is compared, too.
    if found is None or since.data is None or not _holds(target, since.data):
        what = "it was removed meanwhile" if found is None else "it was changed meanwhile"
        raise ChangedError(shown, what, "nothing was written; run this again")


def _refuse_open(shown: Path, target: Path) -> None:
    """Refuse what the move into place would overrun, since a move overwrites what is there."""
    try:
        found = _refuse_special(target)
    except FileNotFoundError:
        found = None
    # Excel puts "~$" before the whole name, also a long one; a name too long for that has no owner.
    for path, program in itertools.product((target, shown), _OWNERS):
        owner = _OWNERS[program].format(path.name)
        if os.path.lexists(path.with_name(owner)):
            remedy = f"{CLOSE_IT}; if it is not open, delete {owner} beside it"
            raise FileError(shown, f"it is open in {program}", remedy)
    if found is None:
        return
    if found.st_nlink > 1:
        reason = "it has several names (hard links), and the others would keep the old content"
        raise FileError(shown, reason, "make a copy of it, and work on that")
    if not os.access(target, os.W_OK):
        if hasattr(os, "statvfs") and os.statvfs(target).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        raise FileError(shown, "it is read-only", "make it writable, or save elsewhere")


@contextlib.contextmanager
def _temporary(target: Path, folder: Path) -> Iterator[Path]:
    """Name a temporary file for the target, and see that it is gone afterwards."""
    # The name has a digest in it, and not the target's name: that may be as long as names can be.
    beginning = f".xladdin-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]}-"
    _sweep(folder, beginning, target)
    # In the target's file system: only there does a move take place in a single step.
    temporary = folder / f"{beginning}{secrets.token_hex(6)}.tmp"
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sweep(folder: Path, beginning: str, target: Path) -> None:
    """Remove what a process left behind that was killed while it saved this file."""
    left_behind = re.compile(re.escape(beginning) + r"[0-9a-f]{12}\.tmp")
    for path in folder.iterdir():
        if left_behind.fullmatch(path.name):
            with contextlib.suppress(OSError):
                old = time.time() - path.stat().st_mtime > ABANDONED
                # A second name of the file itself: it was killed after the move to a free name.
                if old or path.samefile(target):
                    path.unlink()


def _write(temporary: Path, data: bytes, target: Path, like: Path | None) -> None:
    """Write the temporary file, with the target's rights before its first byte."""
    old = _existing(target)
    # A new file gets what the user's mask and the folder give any new file.
    mode = 0o666 if like is None else mode_of_a_copy(like)
    handle = os.open(temporary, _CREATE, mode if old is None else 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123  (of a handle, not of a path)
        if old is not None and os.name == "posix":
            keep_rights(handle, old, target)
        file.write(data)
        file.flush()
        os.fsync(handle)


def _move_to_free_name(temporary: Path, target: Path) -> None:
    """Move a file to a name that must be free, without a moment in which it could be taken."""
    try:
        if os.name == "posix":
            os.link(temporary, target)  # unlike a move, it refuses a name that is taken
        else:
            os.rename(temporary, target)  # noqa: PTH104  (on Windows it refuses that, too)
    except FileExistsError:
        raise ChangedError(
            target, "somebody saved a file of that name meanwhile", "run this again"
        ) from None
    except OSError:
        if os.name != "posix":
            raise
        os.replace(temporary, target)  # noqa: PTH105  (a file system without links)


def _flush_folder(folder: Path) -> None:
    """Make the move itself last. Some systems cannot, and the file is whole either way."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
