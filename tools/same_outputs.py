"""Compare all that the package makes with what an earlier commit makes.

``python -m tools.same_outputs REVISION`` builds the workbooks of several deals, the macro
workbooks, the add-in and the extension, upgrades old workbooks and recalculates others, twice:
with this checkout and with the commit given. It names every part that differs and ends with 1 if
any does. Of the extension, the package's own modules are left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
"""The checkout."""

DATA: Final = ROOT / "tests" / "data"

Digests = dict[str, str]


def _made(folder: Path) -> None:
    """Make everything in a folder, with the package that Python finds."""
    from xladdin.building.build import build
    from xladdin.building.upgrade import upgrade
    from xladdin.checking.recalc import recalc
    from xladdin.errors import FileError
    from xladdin.excel import macro_workbooks
    from xladdin.libreoffice import extension

    deals: list[str | Path] = ["NEOT-2001", *sorted(DATA.glob("*.toml"))]
    build(deals=deals, out=folder / "deals", agreements=True, jobs=os.cpu_count() or 1)
    build(out=folder / "macros", format="xlsm")
    (folder / "xladdin.xlam").write_bytes(macro_workbooks.addin(macro_workbooks.settings_for("py")))
    (folder / "xladdin.oxt").write_bytes(extension.make())
    for path in sorted((DATA / "release_0_1").glob("*.xlsx")):
        upgrade(path, out=folder / "upgraded")
    for path in sorted((DATA / "recalc").glob("*.xlsx")):
        with contextlib.suppress(FileError):
            recalc(path, out=folder / "recalculated" / path.name, engine="embedded", partial=True)


def digests(folder: Path) -> Digests:
    """Return a digest of every file in a folder, and of every part of those that are packages."""
    found = dict(_digests(folder))
    return {name: digest for name, digest in found.items() if not _varies(name)}


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        yield name, hashlib.sha256(data).hexdigest()
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for part in archive.namelist():
                    yield f"{name}: {part}", hashlib.sha256(archive.read(part)).hexdigest()


def _varies(name: str) -> bool:
    """Return whether a file differs between commits, or runs, by its purpose."""
    return name.endswith((".py", "manifest.json", "xladdin.oxt"))


def _of(checkout: Path) -> Digests:
    """Make everything with the package of a checkout, in a Python of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, __file__, "--into", folder],
            env={**os.environ, "PYTHONPATH": str(checkout), "XLADDIN_DEALS": folder},
            cwd=folder,
            check=True,
        )
        return digests(Path(folder))


def main(arguments: list[str]) -> int:
    """Compare with a commit; return 1 if anything differs."""
    if arguments[0] == "--into":
        _made(Path(arguments[1]))
        return 0
    with tempfile.TemporaryDirectory() as place:
        git = ["git", "-C", str(ROOT), "worktree"]
        there = Path(place) / "before"
        subprocess.run([*git, "add", "--detach", there, arguments[0]], check=True)
        try:
            before, after = _of(there), _of(ROOT)
        finally:
            subprocess.run([*git, "remove", "--force", there], check=True)
    different = {
        name: "differs" if before.get(name) and after.get(name) else "is in one alone"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    print(json.dumps(different, indent=1))
    print(f"{len(after):,} files and parts, {len(different):,} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
