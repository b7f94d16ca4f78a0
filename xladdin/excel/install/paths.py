"""The folders of an install: Excel's start folder, and the package's own folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final

from xladdin.errors import FileError
from xladdin.formulas.addin_file import ADDIN as ADDIN

WINDOWS: Final = "windows"
MACOS: Final = "macos"
LINUX: Final = "linux"
SYSTEMS: Final = (WINDOWS, MACOS, LINUX)

FILES: Final = (ADDIN,)
"""Files of an install in Excel's start folder. Excel opens every file that it finds there."""

OWN_BEGINNING: Final = "xladdin"
"""Prefix of the names of all files that an install may touch."""

# Excel's start folder, and not its AddIns folder or the package's own, because
# - Excel opens every file in it at each start, without a setting or the registry: an
#   add-in elsewhere needs an OPEN value there, which Excel rewrites on closing;
# - it is a trusted location from the start, so that macros run without a question;
# - a workbook stores a formula of this add-in as a link to the add-in's file, and Excel keeps the
#   start folder of such a link open: it is looked up in the start folder of whoever opens it.
# The user's own, not the one beside Excel's program, which only an administrator may write to.
_START: Final = ("Microsoft", "Excel", "XLSTART")

# Excel opens every file of its start folder, a half-written one too, but it does not look into
# the folder above. That is on the same disk, so that a move into place takes a single step.
_STAGING: Final = ("Microsoft", "Excel", "xladdin.install")

_OWN: Final = ("xladdin",)


@dataclass(frozen=True)
class Places:
    """The folders of one user.

    Attributes:
        start: Excel's start folder.
        staging: Folder for new files before they are moved into the start folder; it exists only
            while an install runs.
        own: The package's folder, for the record of what was installed.
    """

    start: PurePath
    staging: PurePath
    own: PurePath

    @property
    def record(self) -> PurePath:
        """The record of the install."""
        return self.own / "install.json"

    @property
    def kept(self) -> PurePath:
        """Folder for copies of files that somebody changed, before they are replaced."""
        return self.own / "kept"

    @property
    def help(self) -> PurePath:
        """Folder for the pages of help that the ribbon opens."""
        return self.own / "help"

    @property
    def files(self) -> tuple[PurePath, ...]:
        """The files of an install in Excel's start folder."""
        return tuple(self.start / name for name in FILES)


def places(environment: Mapping[str, str], profile: str | None = None) -> Places:
    """Find the folders on Windows.

    Args:
        environment: The environment variables; APPDATA and LOCALAPPDATA are used.
        profile: A folder to use as the user's own, such as that of another user; it goes before
            the environment.

    Returns:
        The folders. If neither defines them, they begin with ``%APPDATA%``, as Windows' Explorer
        accepts them; such folders can be shown, not written to.
    """
    if profile is not None:
        home = path_of(profile)
        roaming, local = home / "AppData" / "Roaming", home / "AppData" / "Local"
    else:
        roaming = path_of(environment.get("APPDATA") or "%APPDATA%")
        local = path_of(environment.get("LOCALAPPDATA") or "%LOCALAPPDATA%")
    return Places(roaming.joinpath(*_START), roaming.joinpath(*_STAGING), local.joinpath(*_OWN))


def path_of(text: str) -> PurePath:
    """Read a path as one of Windows, except where it can only be one of this machine."""
    if os.name != "nt" and text.startswith("/"):
        return PurePosixPath(text)
    return PureWindowsPath(text)


def is_here(path: PurePath) -> bool:
    """Check whether a path can be one of this machine."""
    return path.is_absolute() and isinstance(path, PureWindowsPath) == (os.name == "nt")


def local(path: PurePath) -> Path:
    """Convert a path to one for reading and writing files.

    Raises:
        FileError: It is one of another machine, or begins with a variable that is not set.
    """
    if not is_here(path):
        raise FileError(
            str(path),
            "there is no such folder on this machine",
            "add --dry-run to see what would happen, or --profile with a folder that is here",
        )
    return Path(path)
