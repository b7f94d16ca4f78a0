"""Saving a file so that there is always a whole one: the old, or the new."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xladdin.core.errors import FileError

_OWNER_FILES: Final = ("~$", ".~lock.")
"""How the files begin that Excel and LibreOffice put beside a workbook while it is open."""

_SHARING_VIOLATIONS: Final = (32, 33)
"""Windows error numbers for a file that another program holds open or has locked."""

ABANDONED: Final = 600
"""Seconds after which a temporary file is nobody's any more; saving takes less than one."""

_CLOSE_IT: Final = "close it there and try again"


def save(path: Path | str, data: bytes) -> bool:
    """Save a file whole or not at all.

    The bytes go into a temporary file beside it, are flushed to the disk, and only then take the
    old file's place in one step. Whatever fails before leaves the old file as it was.

    Args:
        path: The file; a missing folder is made. A link is followed, not replaced.
        data: Its new content.

    Returns:
        Whether it was written; False if it held these bytes already.

    Raises:
        FileError: It is open in another program, it or its folder is read-only, or the disk is
            full.
    """
    shown = Path(path)
    try:
        target = shown.resolve()
        if target.is_file() and _holds(target, data):
            return False
        _refuse_if_held(shown, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(target) as temporary:
            _write(temporary, data)
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            os.replace(temporary, target)  # noqa: PTH105  (one name for tests to stand in for)
        _flush_folder(target.parent)
    except FileError:
        raise
    except OSError as error:
        raise _explained(shown, error) from error
    return True


def _holds(target: Path, data: bytes) -> bool:
    return target.stat().st_size == len(data) and target.read_bytes() == data


def _refuse_if_held(shown: Path, target: Path) -> None:
    """Refuse what the move into place would overrun, since a move asks no one."""
    if target.is_dir():
        raise FileError(shown, "it is a folder, not a file")
    for beginning in _OWNER_FILES:
        ending = "#" if beginning == ".~lock." else ""
        owner = target.with_name(f"{beginning}{target.name}{ending}")
        if owner.exists():
            program = "LibreOffice" if ending else "Excel"
            remedy = f"{_CLOSE_IT}; if it is not open, delete {owner.name} beside it"
            raise FileError(shown, f"it is open in {program}", remedy)
    if target.exists() and not os.access(target, os.W_OK):
        if hasattr(os, "statvfs") and os.statvfs(target).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        raise FileError(shown, "it is read-only", "make it writable, or save elsewhere")


@contextlib.contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """Name a temporary file beside the target, and see that it is gone afterwards."""
    _sweep(target)
    # Beside it: only within one file system does a move take place in a single step.
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _sweep(target: Path) -> None:
    """Remove what a process left behind that was killed while it saved this file."""
    left_behind = re.compile(re.escape(f".{target.name[:100]}.") + r"[0-9a-f]{12}\.tmp")
    for path in target.parent.iterdir():
        if left_behind.fullmatch(path.name):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()


def _write(temporary: Path, data: bytes) -> None:
    # Created with the mode that the user's mask gives any new file; tempfile's 0600 would keep
    # colleagues out of a shared folder.
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


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


def _explained(path: Path, error: OSError) -> FileError:
    """Say in words what the system said in numbers."""
    if getattr(error, "winerror", None) in _SHARING_VIOLATIONS:
        return FileError(path, "it is open in another program", _CLOSE_IT)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileError(path, "the disk is full", "make room, or save elsewhere")
    if error.errno == errno.EROFS:
        return FileError(path, "its disk is read-only", "save elsewhere")
    if isinstance(error, PermissionError):
        # Windows says only this much, too, where another program keeps a file to itself.
        reason = "there is no permission to write it, or it is open in another program"
        return FileError(path, reason, "close it, or save in a folder of your own")
    if isinstance(error, FileExistsError | NotADirectoryError):
        return FileError(path, "a file stands where its folder should be", "save elsewhere")
    return FileError(path, f"it could not be saved: {error.strerror or error}", "save elsewhere")
