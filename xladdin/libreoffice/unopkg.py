"""Adding the extension to LibreOffice, and removing it, by LibreOffice's program unopkg.

LibreOffice should not be running: it would load the change only at its next start.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from xladdin.errors import FileError
from xladdin.libreoffice.extension import IDENTIFIER, OLDEST, build_oxt
from xladdin.libreoffice.soffice import OfficeError, find_program

TIMEOUT: Final = 180.0
"""Seconds that unopkg may take; it starts a part of LibreOffice."""

_NAMES: Final = ("unopkg", "unopkg.com", "unopkg.exe")
_CLOSE: Final = "close LibreOffice, all of its windows, and try again"
_SHARED: Final = (
    "run this as the user who works with LibreOffice, or choose all users of this machine (shared)"
)


def installed(*, shared: bool = False, timeout: float = TIMEOUT) -> str:
    """Find out which version of the extension LibreOffice has.

    Args:
        shared: Whether to search the extensions of all users.
        timeout: Seconds that it may take.

    Returns:
        The version; empty where there is none.

    Raises:
        OfficeError: LibreOffice is missing, or did not answer.
    """
    output = _run(["list", *_scope(shared)], timeout)
    found = re.search(
        rf"^Identifier: {re.escape(IDENTIFIER)}\s+Version: (\S+)", output, re.MULTILINE
    )
    return found[1] if found else ""


def install(oxt: Path | None = None, *, shared: bool = False, timeout: float = TIMEOUT) -> str:
    """Add the extension to LibreOffice; one that is there is replaced.

    Args:
        oxt: The extension; if None, it is made.
        shared: Whether to add it for all users of this machine, which takes an administrator.
        timeout: Seconds that each step may take.

    Returns:
        The version that was replaced; empty where there was none.

    Raises:
        OfficeError: LibreOffice is missing, refused the extension, or did not answer.
        FileError: The extension cannot be read.
    """
    _check_user(shared)
    if oxt is None:
        with tempfile.TemporaryDirectory(prefix="xladdin-") as folder:
            return install(build_oxt(Path(folder)), shared=shared, timeout=timeout)
    if not oxt.is_file():
        raise FileError(oxt, "there is no such file")
    before = installed(shared=shared, timeout=timeout)
    path = str(oxt.resolve())
    try:
        _run(["add", "--force", "--suppress-license", *_scope(shared), path], timeout)
    except OfficeError:
        # A refused extension would stay in the list without working.
        if not before and installed(shared=shared, timeout=timeout):
            _run(["remove", *_scope(shared), IDENTIFIER], timeout)
        raise
    return before


def uninstall(*, shared: bool = False, timeout: float = TIMEOUT) -> str:
    """Remove the extension from LibreOffice.

    Args:
        shared: Whether it was added for all users.
        timeout: Seconds that each step may take.

    Returns:
        The version that was removed; empty if there was none.

    Raises:
        OfficeError: LibreOffice is missing, refused, or did not answer.
    """
    _check_user(shared)
    before = installed(shared=shared, timeout=timeout)
    if before:
        _run(["remove", *_scope(shared), IDENTIFIER], timeout)
    return before


def _check_user(shared: bool) -> None:
    """Refuse root before unopkg does so, with a remedy."""
    if not shared and sys.platform != "win32" and os.geteuid() == 0:
        raise OfficeError("it takes no extensions for root", _SHARED)


def _scope(shared: bool) -> list[str]:
    return ["--shared"] if shared else []


def _run(arguments: list[str], timeout: float) -> str:
    """Run unopkg and return its output; raise `OfficeError` with its reason if it fails."""
    status, output = _tried(arguments, timeout)
    if status and not output:
        # It crashed without output, as it may with a new profile: a second start helps.
        status, output = _tried(arguments, timeout)
    if status:
        reason = _reason(output) or f"it ended with status {status}"
        raise OfficeError(f"unopkg refused: {reason}", _CLOSE if _busy(output) else "")
    return output


def _tried(arguments: list[str], timeout: float) -> tuple[int, str]:
    program = _program()
    try:
        done = subprocess.run(
            [str(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(),
            # unopkg ends at once in a folder that its user may not enter.
            cwd=program.parent,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OfficeError(f"unopkg did not end within {timeout:g} seconds", _CLOSE) from None
    except OSError as error:
        raise OfficeError(f"unopkg cannot be started: {error.strerror}") from None
    return done.returncode, done.stdout.decode(errors="replace").strip()


def _program() -> Path:
    folder = find_program().parent
    for name in _NAMES:
        path = folder / name
        if path.is_file():
            return path
    raise OfficeError(f"there is no unopkg in {folder}", "install all of LibreOffice")


def _environment() -> dict[str, str]:
    """Make an environment that does not lead LibreOffice's Python to the modules of this one."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    }
    kept["PYTHONSAFEPATH"] = "1"
    own = Path(sys.executable).parent
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept["PATH"] = os.pathsep.join(item for item in folders if item and Path(item) != own)
    return kept


def _busy(output: str) -> bool:
    return "lock" in output.casefold() or "running" in output.casefold()


def _reason(output: str) -> str:
    """Extract the reason from the output of unopkg, which adds sources and lines."""
    words = " ".join(output.split())
    if "unsatisfied dependencies" in words:
        return f"it is older than LibreOffice {OLDEST}"
    words = words.removeprefix("ERROR: Exception occurred:").replace("ERROR: unopkg failed.", "")
    # The extension's own check raises a Python error, with a traceback behind it.
    words = re.sub(r"<class '\w+'>: ", "", words).partition(", traceback follows")[0]
    return words.strip()
