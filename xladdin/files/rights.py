"""Rights of a file: a new content gets those of the old one, a copy those of its original."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

_ACL: Final = "system.posix_acl_access"


def mode_of_a_copy(like: Path) -> int:
    """Return the mode of a copy, which nobody may read who may not read the original."""
    try:
        mode = stat.S_IMODE(like.stat().st_mode) & 0o666
    except FileNotFoundError:
        return 0o600
    names: list[str] = []
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):  # a file system without them
            names = os.listxattr(like)
    # With an ACL, what the group may do does not stand in the mode.
    return mode & 0o600 if any(name.startswith("system.") for name in names) else mode


def keep_rights(handle: int, old: os.stat_result, target: Path) -> None:
    """Set the target's owner, group, mode, ACL and extended attributes on an open file.

    What the system refuses leaves it narrower: the rights of a group that it could not get are cut
    to what everybody had, and without the old one's ACL it is its owner's alone.
    """
    for owner, group in ((-1, old.st_gid), (old.st_uid, -1)):
        with contextlib.suppress(OSError):
            os.fchown(handle, owner, group)
    same_group = os.fstat(handle).st_gid == old.st_gid
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if not same_group:
        mode &= 0o707 | (mode & 0o007) << 3
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            os.removexattr(handle, _ACL)  # which the folder gives every new file in it
        names = []
        with contextlib.suppress(OSError):
            names = os.listxattr(target)
        with_acl = False
        for name in names:
            try:
                if name == _ACL and not same_group:
                    raise PermissionError(name)
                os.setxattr(handle, name, os.getxattr(target, name))
                with_acl |= name == _ACL
            except OSError:
                if name.startswith("system."):
                    mode &= 0o700
        if with_acl:
            return  # the mode is part of it
    os.fchmod(handle, mode)
