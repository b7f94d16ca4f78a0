"""Errors of the system about files, in words, with what to do about each."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from xladdin.errors import FileError

_SHARING_VIOLATIONS: Final = (32, 33)
"""Windows error numbers for a file that another program holds open or has locked."""

CLOSE_IT: Final = "close it there and try again"

_LOOP: Final = "it is a link that leads to itself"


def unreadable(path: Path, error: OSError | ValueError) -> FileError:
    """Turn an error of reading a file into words and a remedy."""
    remedy = "is it open in another program?" if isinstance(error, PermissionError) else ""
    reason = str(getattr(error, "strerror", None) or error)
    if isinstance(error, FileError):
        reason = error.reason
    elif getattr(error, "errno", None) == errno.ELOOP:
        reason = _LOOP
    return FileError(path, f"it cannot be read: {reason}", remedy)


class ChangedError(FileError):
    """A file is no longer what it was when it was read."""


def explained(path: Path, error: OSError) -> FileError:
    """Turn an error of the system into words and a remedy."""
    if isinstance(error, FileError):
        return error
    if getattr(error, "winerror", None) in _SHARING_VIOLATIONS:
        return FileError(path, "it is open in another program", CLOSE_IT)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FileError(path, "the disk is full", "make room, or save elsewhere")
    if error.errno == errno.EROFS:
        return FileError(path, "its disk is read-only", "save elsewhere")
    if error.errno == errno.ELOOP:
        return FileError(path, _LOOP, "remove the link, or save elsewhere")
    if error.errno == errno.ENAMETOOLONG:
        return FileError(path, "its name is longer than the disk allows", "give it a shorter name")
    if isinstance(error, PermissionError):
        # Windows reports no more than this where another program keeps a file to itself.
        reason = "there is no permission to write it, or it is open in another program"
        return FileError(path, reason, "close it, or save in a folder of your own")
    if isinstance(error, FileExistsError | NotADirectoryError):
        return FileError(path, "a file stands where its folder should be", "save elsewhere")
    return FileError(path, f"it could not be saved: {error.strerror or error}", "save elsewhere")
