"""LibreOffice's program and a Python that can control it: where they are, and what they run in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from xladdin.errors import FileError

PROGRAM_VARIABLE: Final = "XLADDIN_SOFFICE"
"""Environment variable that names LibreOffice's program, if it is not found without it."""

DEALS_VARIABLE: Final = "XLADDIN_DEALS"
"""Environment variable that names the user's folder of deals."""

_CHECK_SECONDS: Final = 30.0

_NAMES: Final = ("soffice", "libreoffice")

_FOLDERS: Final = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/usr/local/lib/libreoffice/program",
    "/opt/libreoffice*/program",
    "/Applications/LibreOffice.app/Contents/MacOS",
    r"C:\Program Files\LibreOffice\program",
    r"C:\Program Files (x86)\LibreOffice\program",
)

_INSTALL: Final = (
    "install LibreOffice with its Python (Debian and Ubuntu: libreoffice-calc, "
    "libreoffice-script-provider-python, python3-uno), or choose the embedded engine"
)


class OfficeError(FileError):
    """LibreOffice is missing, did not start, ended or did not answer."""

    def __init__(self, reason: str, remedy: str = "", path: Path | str = "LibreOffice") -> None:
        super().__init__(path, reason, remedy)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.reason, self.remedy, self.path))


def find_program() -> Path:
    """Find LibreOffice's program.

    Returns:
        The program itself, behind links and launchers.

    Raises:
        OfficeError: There is none.
    """
    for path in _candidates():
        if path.is_file():
            program = path.resolve()
            # The launcher only watches the program, and starts it again by itself.
            binary = program.with_name("soffice.bin")
            return binary if sys.platform == "linux" and binary.is_file() else program
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        raise OfficeError(f"{PROGRAM_VARIABLE} names {named}, which is no file", _INSTALL)
    raise OfficeError("it was not found on this machine", _INSTALL)


def check() -> str:
    """Return the reason why LibreOffice cannot be used here; empty if it can."""
    try:
        find_python(find_program())
    except OfficeError as error:
        return str(error)
    return ""


def _candidates() -> Iterator[Path]:
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        yield Path(named)
        return
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            yield from _programs(Path(found).resolve().parent)
    for folder in _FOLDERS:
        if "*" in folder:
            # Of several versions the newest.
            start = Path(folder[: folder.index("*")]).parent
            pattern = str(Path(folder).relative_to(start))
            for match in sorted(start.glob(pattern), reverse=True):
                yield from _programs(match)
        else:
            yield from _programs(Path(folder))


def _programs(folder: Path) -> Iterator[Path]:
    # A launcher elsewhere, such as a snap's, has no unopkg beside it and cannot be used.
    if any(folder.glob("unopkg*")):
        for name in ("soffice.bin", "soffice", "soffice.exe"):
            if name != "soffice.bin" or sys.platform == "linux":
                yield folder / name


def find_python(program: Path) -> str:
    """Find a Python that can control LibreOffice: its own, or one of the system with ``uno``."""
    folder = program.parent
    choices = [
        str(folder / "python"),
        str(folder / "python.exe"),
        str(folder.parent / "Resources" / "python"),
        "/usr/bin/python3",
        shutil.which("python3") or "",
        sys.executable,
    ]
    for choice in choices:
        if choice and Path(choice).is_file() and _has_uno(choice):
            return choice
    raise OfficeError("there is no Python here that can talk to it (import uno)", _INSTALL)


@lru_cache
def _has_uno(python: str) -> bool:
    try:
        tried = subprocess.run(
            [python, "-c", "import uno"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment_for(python),
            cwd=Path(python).parent,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def environment_for(python: str, folder: Path | None = None) -> dict[str, str]:
    """Make the environment of LibreOffice and of the driver.

    It keeps the variables of the user's deals, and drops those that would lead its Python to the
    modules of this one, which is another version.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in ("VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    }
    # LibreOffice runs in its program's folder: unopkg ends at once where its user may not enter.
    deals = kept.get(DEALS_VARIABLE)
    if deals and not deals.startswith("~"):
        kept[DEALS_VARIABLE] = str(Path(deals).absolute())
    # Pythons from 3.11 on import nothing from the current folder.
    kept["PYTHONSAFEPATH"] = "1"
    # Texts that look like numbers or dates are read as in the United States, as Excel's functions
    # in a file are; and no display is used.
    kept |= {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": "", "SAL_USE_VCLPLUGIN": "svp"}
    # The Python inside the office looks for its library where the first Python of the path has its
    # own; that of a virtual environment there makes it fail in various ways.
    kept["PATH"] = os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", os.defpath)])
    if folder is not None:
        kept |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
    return kept
