"""Workbooks computed anew and compared: with what is stored, with their twins, between engines.

Nothing is written. Two sides may differ within `engines.tolerance`: numbers by 1e-12 of their
size, whole numbers, texts and kinds of error by nothing. What differs, or is wrong, is named where
it begins; the cells that only follow from it are counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xladdin.checking.check_lines import read_checks
from xladdin.checking.differences import Comparison, Difference, Refused
from xladdin.checking.findings import ENGINE, STORED, TWIN, UNRESOLVED
from xladdin.checking.recalc import read
from xladdin.checking.root_cell import RootCell
from xladdin.checking.root_cells import RootCells, WithRoots
from xladdin.engines.choice import AUTO, ENGINES, compute, office
from xladdin.engines.dependencies import Dependencies
from xladdin.terms.store import offer_files
from xladdin.xlsx.workbook_part import Workbook

ALL: Final = "all"
CHOICES: Final = (AUTO, *ENGINES, ALL)
"""What can be chosen: the engine that can compute the workbook, a certain one, or all, and each
against the other."""

AGREES: Final = "agrees"
DIFFERS: Final = "differs"
NOT_JUDGED: Final = "not judged"
NOTHING: Final = "nothing compared"

STATES: Final = {
    AGREES: "everything that was compared agrees, and no entry is wrong",
    DIFFERS: "a value or a check differs, or an entry is wrong",
    NOT_JUDGED: "nothing differs, but there are cells that cannot be computed here",
    NOTHING: "it holds no formula whose value could be compared",
}
"""How a workbook can come out. Only the first is exit status 0."""


@dataclass(frozen=True)
class Verified(WithRoots):
    """A workbook verified.

    Attributes:
        path: The file.
        engines: What computed it.
        formulas: Number of formulas.
        stored: Cells whose stored value was compared, counted once for each engine.
        twins: Lines of checks that were compared with their twins, once for each engine.
        between: Cells compared between engines.
        worst: Greatest relative difference of two numbers that were compared.
        roots: The cells where something is wrong that follows from nothing else: entries that
            break the rule of their cell first, then formulas that give an error.
        differences: The cells that do not agree, apart from those that follow from others.
        refused: The cells that cannot be computed here.
        following_errors: Number of errors that follow from root cells.
        following_checks: Number of checks that fail because of root cells.
        following_differences: Number of cells that differ as one that they depend on does.
        unjudged: Number of cells that depend on refused ones and are not compared.
        volatile: Number of cells that are another each time they are computed: set apart.
        warnings: What the workbook's own checks find odd, in words.
        seconds: How long it took.
    """

    path: Path
    engines: tuple[str, ...]
    formulas: int
    stored: int
    twins: int
    between: int
    worst: float
    roots: tuple[RootCell, ...]
    differences: tuple[Difference, ...]
    refused: tuple[Refused, ...]
    following_errors: int
    following_checks: int
    following_differences: int
    unjudged: int
    volatile: int
    warnings: tuple[str, ...]
    seconds: float

    @property
    def state(self) -> str:
        """How it came out, one of `STATES`."""
        if self.differences or self.wrong_entries or self.following_checks:
            return DIFFERS
        if self.refused:
            return NOT_JUDGED
        return AGREES if self.compared else NOTHING

    @property
    def agrees(self) -> bool:
        """Whether everything was judged and agrees."""
        return self.state == AGREES

    @property
    def compared(self) -> int:
        """Number of comparisons, all kinds together."""
        return self.stored + self.twins + self.between


def verify(
    paths: Path | str | Iterable[Path | str],
    *,
    engine: str = AUTO,
    deals: Iterable[Path | str] = (),
) -> list[Verified]:
    """Compute workbooks anew and compare; nothing is written.

    Args:
        paths: A workbook, or several.
        engine: What computes: one of `CHOICES`.
        deals: Files of deals that formulas name and that are not installed; they stay known in
            this process.

    Returns:
        For each workbook, what was compared and what does not agree.

    Raises:
        FileError: A file cannot be read, or names a deal that is not known, or an engine is not
            available.
    """
    offer_files(deals)
    several = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    with office():
        return [verify_one(path, engine=engine) for path in several]


def verify_one(path: Path | str, *, engine: str = AUTO) -> Verified:
    """Verify one workbook; see `verify`."""
    begun = time.monotonic()
    source = Path(path)
    chosen = tuple(ENGINES) if engine == ALL else (engine,)
    book = Workbook(read(source), source)
    results = [compute(name, book, source, beside_others=engine == ALL) for name in chosen]
    computed = {result.engine: result for result in results}
    first = results[0]
    dependencies = Dependencies(book, first)
    roots = RootCells(book, first, dependencies)
    comparison = Comparison(book, computed, dependencies)
    checks = {name: read_checks(book, result, dependencies) for name, result in computed.items()}
    failing = [
        comparison.compare_checks(name, found, roots.reached) for name, found in checks.items()
    ]
    # A name that is not known is a difference, whatever is stored.
    unresolved = {item.where for item in comparison.found if item.kind == UNRESOLVED}
    order = {sheet.name: number for number, sheet in enumerate(book.sheets)}
    return Verified(
        path=source,
        engines=tuple(computed),
        formulas=first.formulas,
        stored=comparison.counts[STORED],
        twins=comparison.counts[TWIN],
        between=comparison.counts[ENGINE],
        worst=comparison.worst,
        roots=tuple(root for root in roots.found if root.is_entry or root.where not in unresolved),
        differences=tuple(sorted(comparison.found, key=lambda item: order[item.sheet])),
        refused=tuple(comparison.refused),
        following_errors=roots.following,
        following_checks=max(failing),
        following_differences=len(comparison.follow),
        unjudged=comparison.unjudged,
        volatile=comparison.volatile,
        warnings=checks[first.engine].odd,
        seconds=time.monotonic() - begun,
    )
