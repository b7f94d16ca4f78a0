"""Many deals' workbooks in one process, against release 0.1, program by program in turn.

Of the release, the package is taken from the history, and run by this environment's Python and
libraries; where a clone lacks it, nothing is measured, and that is a failure.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.history import package_of
from benchmarks.measuring import (
    AT_LEAST,
    CHILDREN,
    ROOT,
    WALL,
    Line,
    children,
    compare,
    print_results,
)

sys.path.insert(0, str(ROOT / "tests"))

from generated import write_deals

COMMIT: Final = "e0ad057b79be269f12bcd3c2a629dc603e908cda"
RIVAL: Final = f"release 0.1 ({COMMIT[:7]})"
OURS: Final = "this one"

TEMPLATES: Final = ("placements", "proceeds", "floating", "captable")
"""Those that release 0.1 has; its workbooks have fewer checks."""


def program(checkout: Path) -> list[str]:
    """Return the beginning of a command of one version, of which the package is in a folder."""
    path = f"import sys; sys.path.insert(0, {str(checkout)!r}); "
    return [sys.executable, "-P", "-c", path + "from xladdin.cli import main; main()"]


def measure(quick: bool) -> Iterator[Line]:
    """Build all workbooks of some deals from the beginning."""
    with package_of(COMMIT, RIVAL) as release, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = 2 if quick else 25
        write_deals(folder / "deals", count)
        commands = {
            version: _command(checkout, folder)
            for version, checkout in ((OURS, ROOT), (RIVAL, release))
        }
        cpu, wall = children(commands, 1 if quick else 5)
        each = (count * len(TEMPLATES),) * 2
        what = f"a workbook of {count} made-up deals times {len(TEMPLATES)} templates"
        for times, clock in ((cpu, CHILDREN), (wall, WALL)):
            yield compare(
                what,
                times,
                OURS,
                RIVAL,
                unit="ms",
                clock=clock,
                bound=AT_LEAST,
                target=3 if clock == CHILDREN else None,
                each=each,
            )


def _command(checkout: Path, folder: Path) -> list[str]:
    """Write the command that builds with one version, into a new folder each time."""
    options = ["--deal", str(folder / "deals")]
    clear = f"rm -rf {folder / 'out'} && exec "
    words = [*program(checkout), "build", *TEMPLATES, *options]
    words += ["--out", str(folder / "out")]
    return ["/bin/sh", "-c", f'{clear}"$@"', "sh", *words]


if __name__ == "__main__":
    print_results(measure)
