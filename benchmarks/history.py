"""Earlier versions of the package, taken from the history."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import ROOT, NotMeasuredError


@contextmanager
def package_of(commit: str, what: str) -> Iterator[Path]:
    """Unpack the package as it was at a commit, and nothing else of that.

    Args:
        commit: The commit.
        what: What messages are to call it.

    Yields:
        The folder that the package is in.

    Raises:
        NotMeasuredError: The clone lacks the commit.
    """
    packed = subprocess.run(
        ["git", "-C", ROOT, "archive", commit, "xladdin"], capture_output=True, check=False
    )
    if packed.returncode:
        raise NotMeasuredError(f"this clone lacks {what}; fetch the whole history")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)
