"""Reading a file whole: if it is one, and no larger than it should be."""

from __future__ import annotations

from pathlib import Path

from xladdin.core.errors import FileError


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
    remedy = ""
    try:
        if path.is_file() or not path.exists():
            with path.open("rb") as file:
                data = file.read(most + 1)
            if len(data) <= most:
                return data
            reason = f"it is larger than {most:,} bytes"
        else:
            reason = "it is no ordinary file"
    except FileNotFoundError:
        reason = "there is no such file"
    except (OSError, ValueError) as error:  # ValueError: a path that no system takes
        reason = str(getattr(error, "strerror", None) or error)
        if isinstance(error, PermissionError):
            remedy = "is it open in another program?"
    raise FileError(path, f"it cannot be read: {reason}", remedy)
