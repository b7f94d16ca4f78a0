"""Upgrading: a workbook that somebody filled, made anew on the present template and terms.

What they typed into input cells and tables is carried over. Anything else of theirs, such as a
note beside the table or a formula put in place of ours, stops the upgrade: the old file stays.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from xladdin.building.carried_rules import carry
from xladdin.building.filled_workbook import (
    CannotCarryError,
    FilledWorkbook,
    LongTableError,
    TypedCell,
    cell_name,
)
from xladdin.building.origin import Origin, stored
from xladdin.building.render import Rendered, finish, write
from xladdin.cells import Cell, day_of, shown
from xladdin.checking.recalc import MAX_BYTES, load
from xladdin.errors import FileError
from xladdin.files import Snapshot, save, save_copy, snapshot
from xladdin.formulas import hosts
from xladdin.terms import Selection, read_terms, select
from xladdin.terms.store import offer
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.terms_sheet import TERMS
from xladdin.xlsx.workbook_part import Workbook


class EnteredCell(NamedTuple):
    """One cell that a user typed into.

    Attributes:
        cell: The sheet and the cell, in the old file.
        name: The input's defined name, or the table's column.
        value: What was typed, as the sheet shows it; empty where it was cleared.
    """

    cell: str
    name: str
    value: str


@dataclass(frozen=True)
class Upgraded:
    """A workbook made anew.

    Attributes:
        path: The file that holds it.
        before: Where the old file is kept; the old file itself where it was not replaced.
        version: The package's version that had made it.
        entries: What its user had entered, all of it carried over.
        terms: The deal's figures that are other than they were: name, old value, new value.
        rendered: What the checks of the new one say.
        carried: Rules that somebody added and that are in the new one, too, in words.
        lost: What somebody added beside the cells and is in the old one only, in words.
        lost_is_known: Whether the old one says what it came with beside its cells; those of
            release 0.1 do not.
        changed: Whether it came out other than it was.
    """

    path: Path
    before: Path
    version: str
    entries: tuple[EnteredCell, ...]
    terms: tuple[tuple[str, str, str], ...]
    rendered: Rendered
    carried: tuple[str, ...]
    lost: tuple[str, ...]
    lost_is_known: bool
    changed: bool


def upgrade(
    path: str | Path,
    *,
    out: str | Path | None = None,
    deal: str | Path | None = None,
    host: str | None = None,
) -> Upgraded:
    """Make a filled workbook anew on the present template and terms, with what was typed into it.

    Args:
        path: The workbook, as `build` made it and somebody filled it.
        out: Folder for the new one. Without it, it takes the old one's place, and the old one is
            kept beside it.
        deal: File of the deal, where it is not installed.
        host: The add-in whose functions the formulas are to call, as for `build`; the same as in
            the old one if None.

    Returns:
        What was carried over, and what the new one's checks say.

    Raises:
        CannotCarryError: Somebody changed more than the input cells; nothing is written.
        FileError: It cannot be read or written, or is no workbook of ours; nothing is lost.
        UnknownTerms: Its deal is not installed.
    """
    source = Path(path)
    original = load(source)
    data = original.content
    filled = FilledWorkbook(data, source)
    entries, typed = filled.entries()
    selection = _selection(filled.origin, deal)
    book = write(filled.origin.template, selection, entries)
    lost = tuple(filled.lost(book))
    rendered = finish(book, _settings(filled.book), source.name, host or hosts.host_of(filled.book))
    fresh = cache(partial(FilledWorkbook, rendered.data, source))  # read where there is need to
    done = carry(filled, fresh, list(filled.own_rules(fresh)))
    if done.changes:
        rendered = replace(rendered, data=fresh().book.with_changes(done.changes))
    entered = tuple(_shown(item, book) for item in typed)
    target = source if out is None else Path(out) / source.name
    in_place = out is None or (target.exists() and target.samefile(source))
    there = original if in_place else snapshot(target, MAX_BYTES)
    kept = _replace(there, rendered.data, source)
    before = kept if in_place else source
    changed = rendered.data != data
    splits = tuple(_new_splits(filled, book))
    terms = (*_other_terms(filled, book), *((f"split of {day}", "other", "new") for day in splits))
    if splits and (typed or filled.origin.typed):
        days = ", ".join(splits)
        lost += (f"the new split of {days} in entries that are after all splits: type these anew",)
    return Upgraded(
        target,
        before,
        filled.origin.version,
        entered,
        terms,
        rendered,
        done.carried,
        (*lost, *done.lost),
        bool(filled.origin.features),
        changed,
    )


class Use(NamedTuple):
    """What a new build would lose of a workbook: in words, and what to do about it."""

    reason: str
    remedy: str


def used(data: bytes, path: Path, fresh: bytes) -> Use | None:
    """Find what somebody did to a workbook since it was built.

    Args:
        data: The workbook.
        path: What messages are to call it.
        fresh: The one that is to take its place.

    Returns:
        What they did; None if it is as it was built.
    """
    try:
        filled = FilledWorkbook(data, path)
        reason = _edits(filled)
        if not reason:
            if changed := list(filled.other_features()):
                return Use(f"somebody changed it ({_counted(changed)})", "move it elsewhere")
            return None
        current = filled.origin.layout == FilledWorkbook(fresh, path).origin.layout
    except CannotCarryError as error:
        return Use(f"it cannot be read again: {error.problems[0]}", "move it elsewhere")
    except LongTableError as error:
        if Workbook(data, path).is_as_sealed():
            return None
        reason = f"it is not known to be as it was built: {error.reason}"
        return Use(reason, f"{error.remedy} once this one is moved elsewhere")
    except FileError as error:
        reason = f"it is not known to be one that `xladdin build` made: {error.reason}"
        return Use(reason, "move it elsewhere")
    upgrading = f"bring it up to date with `xladdin upgrade {path}`"
    return Use(reason, "it is up to date: leave it" if current else upgrading)


def _edits(filled: FilledWorkbook) -> str:
    """Return in words what somebody did to the cells of a workbook; empty for nothing."""
    try:
        _, typed = filled.entries()
    except CannotCarryError as error:
        return f"somebody changed it ({_counted(error.problems)})"
    if typed:
        cells = [cell_name(one.sheet, one.place) for one in typed]
        return f"somebody typed into it ({_counted(cells)})"
    if filled.origin.typed:
        return f"it holds what somebody typed ({_counted(sorted(filled.origin.typed))})"
    return ""


def _counted(things: Sequence[str]) -> str:
    more = f" and {len(things) - 1:,} more" if len(things) > 1 else ""
    return things[0] + more


def _selection(made: Origin, deal: str | Path | None) -> Selection:
    """Find the deal that a workbook is about."""
    if deal is not None:
        offered = offer(read_terms(deal), Path(deal))
        if offered.terms.name != re.split("[/@]", made.deal, maxsplit=1)[0]:
            reason = f"it is the deal {offered.terms.name}, and the workbook is about {made.deal}"
            raise FileError(Path(deal), reason)
    return select(made.deal)


def _settings(book: Workbook) -> Mapping[str, str] | None:
    if not book.has_macros:
        return None
    from xladdin.excel.macro_workbooks import settings_for  # only now: it stands on xlwings

    return settings_for(sys.executable)


def _replace(old: Snapshot, new: bytes, source: Path) -> Path:
    """Replace the old file by the new one, and keep the old one under a name that is free.

    Args:
        old: The old one; it may be missing.
        new: Content of the new one.
        source: The file that it is made from.

    Returns:
        Where the old one is kept; its own place where there was none, or no other.
    """
    if old.data in (None, new):
        save(old.path, new, old, like=source)
        return old.path
    before, written = save_copy(old.path, old.content, "before-upgrade")
    try:
        save(old.path, new, old)
    except FileError:
        if written:  # or a second copy would stand there for nothing
            before.unlink(missing_ok=True)
        raise
    return before


def _shown(item: TypedCell, book: Book) -> EnteredCell:
    """Show what was typed as the sheet does: dates as dates."""
    if item.table:
        columns = book.tables[item.table].columns if item.table in book.tables else ()
        allowed = next((one.allowed for one in columns if one.header == item.name), None)
    else:
        allowed = book.inputs.get(item.name)
    value = _figure_text(item.value, dated=allowed is not None and allowed.of_dates)
    return EnteredCell(cell_name(item.sheet, item.place), item.name, value)


def _other_terms(filled: FilledWorkbook, book: Book) -> Iterator[tuple[str, str, str]]:
    """Yield the deal's figures that are other than the old workbook shows them."""
    values = filled.values.get(TERMS, {})
    before = {values[place]: values.get((place[0], 3)) for place in values if place[1] == 1}
    for name, _, value in book.workbook[TERMS].iter_rows(min_row=5, max_col=3, values_only=True):
        if (old := before.get(name)) is not None:
            dated = isinstance(value, datetime.date)
            # As texts of the digits that a file keeps of a fraction without an end.
            was, new = (_figure_text(_kept(one), dated=dated) for one in (old, stored(value)))
            if was != new:
                yield str(name), was, new


def _new_splits(filled: FilledWorkbook, book: Book) -> Iterator[str]:
    """Yield the days of splits of which the old workbook shows none, or another one."""
    values = filled.values.get(TERMS, {})
    before = [
        (values.get((row, 3)), shown(_kept(values.get((row, 4)))))
        for (row, column), text in sorted(values.items())
        if column == 2 and isinstance(text, str) and re.match(r"Split \d", text)
    ]
    now = [(stored(day), shown(_kept(float(ratio)))) for day, ratio in book.selection.all_splits]
    for day in sorted({day for day, _ in {*before} ^ {*now}}, key=str):
        yield _figure_text(day, dated=True)


def _kept(value: Cell) -> Cell:
    """Return what programs keep of a value when they save it: 15 digits of a number."""
    return float(f"{value:.15g}") if isinstance(value, float) else value


def _figure_text(value: Cell, *, dated: bool) -> str:
    if dated and isinstance(value, float):
        with contextlib.suppress(ValueError):
            return day_of(value).isoformat()
    return shown(value)
