"""The record of an install: the add-in's files, with digests of their content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from xladdin.errors import FileError
from xladdin.excel.install.paths import OWN_BEGINNING

_LIMIT: Final = 1_000_000
"""Most bytes of a record; it has about 1,000."""

_REMEDY: Final = "run `xladdin install` again, which writes a new one"


@dataclass(frozen=True)
class Receipt:
    """The result of an install.

    Attributes:
        version: The package's version.
        xlwings: The version of xlwings that the add-in was made for.
        interpreter: The Python that the add-in starts.
        files: Each file by its name in Excel's start folder, with the digests that are the
            add-in's own: one; or, while an install is under way, the old one and the new.
        complete: Whether the install was completed.
    """

    version: str
    xlwings: str
    interpreter: str
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    complete: bool = True

    def owns(self, name: str, data: bytes) -> bool:
        """Check whether a file is as an install wrote it."""
        return digest(data) in self.files.get(name, ())

    def text(self) -> str:
        """Write the record as JSON."""
        table = {
            "version": self.version,
            "xlwings": self.xlwings,
            "interpreter": self.interpreter,
            "complete": self.complete,
            "files": {name: list(digests) for name, digests in sorted(self.files.items())},
        }
        return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(data).hexdigest()


def read_record(path: Path) -> Receipt | None:
    """Read the record of the last install.

    Args:
        path: The record's file.

    Returns:
        The record, or None if there is none.

    Raises:
        FileError: It cannot be read, or is not a record.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileError(path, f"it could not be read: {error.strerror or error}") from error
    try:
        # A list a thousand deep ends in a RecursionError.
        return _record(json.loads(data.decode("utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FileError(path, "it is not a record of an install", _REMEDY) from error


def _record(table: Any) -> Receipt:
    files: dict[str, tuple[str, ...]] = {}
    for name, digests in table["files"].items():
        # A name of the add-in, never a path: a changed record must not lead elsewhere.
        if not name.startswith(OWN_BEGINNING) or set(name) & set('/\\:<>|?*"'):
            raise ValueError(name)
        if not isinstance(digests, list):
            raise TypeError(name)
        files[name] = tuple(map(_text, digests))
    if not isinstance(table["complete"], bool):
        raise TypeError("complete")
    version, xlwings, interpreter = (
        _text(table[key]) for key in ("version", "xlwings", "interpreter")
    )
    return Receipt(version, xlwings, interpreter, files, table["complete"])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
