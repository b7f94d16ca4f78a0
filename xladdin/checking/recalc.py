"""Recalculating workbooks, the user's own included, and changing nothing in them but values."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from xladdin._version import RELEASED
from xladdin.checking.check_lines import Checks, read_checks
from xladdin.checking.root_cell import RootCell
from xladdin.checking.root_cells import RootCells, WithRoots
from xladdin.checking.wrong_entries import WrongEntries
from xladdin.engines.cell_index import Where
from xladdin.engines.choice import AUTO
from xladdin.engines.choice import compute as compute
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.partial import Part, part_of, with_formulas
from xladdin.engines.result import MOST_NAMED, Computed, Refusal
from xladdin.engines.windows import compute_in_windows
from xladdin.errors import FileError
from xladdin.files import Snapshot, save, save_copy, snapshot
from xladdin.functions.garbage_collection import uncollected
from xladdin.terms.store import offer_files
from xladdin.xlsx.parts import Streamed
from xladdin.xlsx.sheet_part import layouts_of
from xladdin.xlsx.tall_sheet import TallSheet, TallValues
from xladdin.xlsx.workbook_part import Workbook, mark_calculated

SUFFIXES: Final = (".xlsx", ".xlsm")

MAX_BYTES: Final = 1 << 28
"""Bytes of a workbook's file."""

_SMALL: Final = 1 << 22
"""Bytes of the sheets of a workbook of ours that is computed in this process: its formulas are
known, a fork takes a fifth of the time, and what it has found out would be lost with it."""


@dataclass(frozen=True)
class Recalculated(WithRoots):
    """A workbook recalculated.

    Attributes:
        path: The file that holds the new values; the one read where none was to be written.
        engine: What computed it.
        sheets: Number of worksheets.
        formulas: Number of formulas.
        changed: Number of cells whose stored value was another.
        errors: Number of formula cells that hold an error value.
        refused: The formulas that cannot be computed, where `partial` computes the rest.
        dependents: The cells that depend on these, such as ``'Sheet1'!B2``, and stay as they are.
        written: Whether a file was written.
        kept: Copy of the workbook that stood where this one was written, if it was another: not
            only its values differed.
        roots: The cells where something is wrong that follows from nothing else: entries that
            break the rule of their cell first, then formulas that give an error.
        following_errors: Number of the errors that follow from those cells.
        checks: The results of the workbook's own checks.
        failures: Those of its lines that fail, and not because of root cells, in words.
        seconds: How long it took.
    """

    path: Path
    engine: str
    sheets: int
    formulas: int
    changed: int
    errors: int
    refused: tuple[Refusal, ...]
    dependents: tuple[str, ...]
    written: bool
    kept: Path | None
    roots: tuple[RootCell, ...]
    following_errors: int
    checks: Checks
    failures: tuple[str, ...]
    seconds: float

    @property
    def well(self) -> bool:
        """Whether all is computed, no entry is wrong and the checks hold; errors may be meant."""
        return not self.refused and not self.wrong_entries and self.checks.hold


@uncollected()
def recalc(
    path: Path | str,
    *,
    out: Path | str | None = None,
    in_place: bool = False,
    engine: str = AUTO,
    partial: bool = False,
    deals: Iterable[Path | str] = (),
) -> Recalculated:
    """Recalculate a workbook and store the values in it.

    Every part but the sheets stays as it is, and so does every byte of a sheet that is not a
    stored value of a formula. Only a sheet's dimension grows where an array formula fills cells
    that were not there.

    Args:
        path: The workbook, .xlsx or .xlsm.
        out: Where the recalculated copy goes: a file, or a folder, which keeps its name.
        in_place: Replace the file itself. Without this and `out`, nothing is written.
        engine: What computes; one of `engines.CHOICES`.
        partial: Where there are formulas that the engine does not compute, leave them and all that
            depends on them as they are, and compute the rest.
        deals: Files of deals that formulas name and that are not installed; they stay known in
            this process.

    Returns:
        What was found and done.

    Raises:
        RefusedError: It has formulas that the engine does not compute.
        FileError: The file cannot be read or written, or names a deal that is not known, or the
            engine is not available. Nothing is written in any of these cases.
        ValueError: Both `out` and `in_place` are given.
    """
    if out is not None and in_place:
        raise ValueError("give either out or in_place, not both")
    begun = time.monotonic()
    offer_files(deals)
    source = Path(path)
    target = source if out is None else _target(source, Path(out))
    original = load(source)
    book = Workbook(original.content, source)
    if book.signed and (in_place or out is not None):
        reason = "it is digitally signed, and any change would break the signature"
        raise FileError(source, reason, "remove the signature in Excel first")
    computed = compute(engine, book, source)
    dependencies = Dependencies(book, computed)
    part = Part(frozenset(), (), computed)
    if computed.refusals:
        computed = with_formulas(computed, dependencies)
        if not partial:
            # What cannot be computed often only follows from an entry that is wrong.
            entries = WrongEntries(book, computed, dependencies, Explainer(dependencies, computed))
            computed.require(source, "; ".join(map(str, entries.found[:MOST_NAMED])))
        part = part_of(book, computed, dependencies)
        computed = part.shown
    new, changed = _stored(computed, part.kept)
    roots = RootCells(book, computed, dependencies)
    checks = read_checks(book, computed, dependencies)
    written, kept = False, None
    if in_place or out is not None:
        written, kept = _save(target, book.with_changes(new), original, computed)
    return Recalculated(
        path=target,
        engine=computed.engine,
        sheets=len(computed.values),
        formulas=computed.formulas,
        changed=changed,
        errors=roots.errors,
        refused=computed.refusals,
        dependents=part.dependents,
        written=written,
        kept=kept,
        roots=roots.found,
        following_errors=roots.following,
        checks=checks,
        failures=tuple(line.words for line in checks.own_failures(roots.reached)),
        seconds=time.monotonic() - begun,
    )


@uncollected()
def store(source: bytes | Workbook, path: Path | str = "workbook") -> tuple[bytes, Computed]:
    """Compute a workbook that we made, store its values, and mark them as current.

    Args:
        source: The workbook.
        path: What messages are to call it.

    Returns:
        The workbook in canonical form with a value beside every formula, and the values.

    Raises:
        FileError: It has a formula that the engine does not compute.
    """
    book = Workbook.of(source, path)
    if any(isinstance(sheet, TallSheet) for sheet in book.sheets_written.values()):
        computed = compute_in_windows(book, path)
    else:
        size = sum(len(book.read(sheet.part)) for sheet in book.sheets)
        computed = embedded.compute(book, path, apart=size > _SMALL)
    computed.require(path)
    changes: dict[str, bytes | Streamed] = {**mark_calculated(book)}
    short = dict(computed.values)
    for sheet, values in computed.values.items():
        if isinstance(values, TallValues):
            part = computed.parts[sheet]
            changes[part] = values.sheet.streamed(values)
            del short[sheet]
    changes |= _stored(replace(computed, values=short))[0]
    return book.canonical(RELEASED, changes), computed


def _stored(computed: Computed, kept: Collection[Where] = ()) -> tuple[dict[str, bytes], int]:
    """Return the sheets with their values, and how many of these are other than before.

    Args:
        computed: The workbook's values.
        kept: Cells that are to stay as they are.
    """
    parts: dict[str, bytes] = {}
    changed = 0
    for sheet, found in computed.values.items():
        part = computed.parts[sheet]
        layout = computed.layouts[part]
        values = found
        if kept:
            values = {place: value for place, value in found.items() if (sheet, place) not in kept}
        differing = sum(1 for _ in layout.differences(values))  # a million of them are not kept
        changed += differing
        parts[part] = layout.with_values(values) if differing else layout.data
    return parts, changed


def _save(
    target: Path, content: bytes, source: Snapshot, computed: Computed
) -> tuple[bool, Path | None]:
    """Save a recalculated workbook, and keep a copy of another one in its place.

    Args:
        target: Where it goes.
        content: Its bytes.
        source: The workbook that it was computed from.
        computed: Its values.

    Returns:
        Whether it was written, and the copy.
    """
    if target == source.path or (target.exists() and target.samefile(source.path)):
        return save(target, content, source), None
    found, copy = snapshot(target, MAX_BYTES), None
    if found.data not in (None, content) and not _differs_in_values(found, content, computed):
        copy, _ = save_copy(target, found.content, "before-recalc")
    return save(target, content, found, like=source.path), copy


def _differs_in_values(found: Snapshot, content: bytes, computed: Computed) -> bool:
    """Check whether a workbook becomes another one when its formulas get the other's values."""
    try:
        book = Workbook(found.content, found.path)
        layouts = layouts_of(book)
        sheets = {
            part: layouts[part].with_values(computed.values[sheet])
            for sheet, part in computed.parts.items()
        }
        return book.with_changes(sheets) == content
    except (FileError, KeyError):
        return False


def _target(source: Path, out: Path) -> Path:
    if out.suffix.lower() not in SUFFIXES or out.is_dir():
        return out / source.name
    if out.suffix.lower() != source.suffix.lower():
        # A workbook with macros under the name of one without is refused by Excel.
        raise FileError(out, f"its kind differs from {source.name}", f"name it *{source.suffix}")
    return out


def read(source: Path) -> bytes:
    """Read a workbook; see `load`."""
    return load(source).content


def load(source: Path) -> Snapshot:
    """Read a workbook that is to be written anew.

    Args:
        source: The file.

    Returns:
        Its bytes, and what it is to be still when the new ones take its place.

    Raises:
        FileError: It is not named as a workbook, or cannot be read.
    """
    if source.suffix.lower() not in SUFFIXES:
        remedy = "save it as .xlsx or .xlsm in Excel"
        raise FileError(source, "it is not named as an .xlsx or .xlsm workbook", remedy)
    return snapshot(source, MAX_BYTES)
