"""Workbooks computed anew and compared: with what is stored, with their twins, between engines.

Nothing is written. What two sides may differ by is said in `comparing`: numbers by 1e-12 of their
size, whole numbers, texts and kinds of error by nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xladdin import checks_sheet
from xladdin.comparing import TOLERANCE, UNCERTAIN, Rounding, relative, same, settled
from xladdin.core.errors import NAME, visible
from xladdin.dependencies import Dependencies
from xladdin.hosts.computed import Computed
from xladdin.hosts.structured import quoted
from xladdin.ooxml import xml
from xladdin.ooxml.sheets import Layout, Place
from xladdin.ooxml.workbook import Workbook, area_of, column_letters
from xladdin.recalculation import ENGINES, compute, office, read
from xladdin.terms.store import offer_files
from xladdin.values import Cell, CellError, shown

ALL: Final = "all"
CHOICES: Final = (*ENGINES, ALL)
"""What can be asked for: one engine, or all and each against the other."""

STORED: Final = "stored"
TWIN: Final = "twin"
ENGINE: Final = "engine"
REFUSED: Final = "refused"
UNRESOLVED: Final = "unresolved"

KINDS: Final[Mapping[str, str]] = {
    STORED: "the stored value is another",
    TWIN: "the figure and its twin differ",
    ENGINE: "the engines differ",
    REFUSED: "it cannot be computed",
    UNRESOLVED: "a name is not known",
}
"""What can be wrong with a cell, in words."""

_JUDGED: Final = checks_sheet.HEADINGS[: checks_sheet.HEADINGS.index("Kind")]
"""Headings by which the lines are found: release 0.1 had no more of them."""

_HEADING_ROWS: Final = 20
"""Rows in which the headings are looked for."""


@dataclass(frozen=True)
class Difference:
    """A cell that does not agree.

    Attributes:
        kind: What is wrong, one of `KINDS`.
        sheet: Its sheet.
        cell: The cell, such as ``B2``.
        formula: Its formula, without an equals sign.
        engine: What computed it.
        stored: What it is compared with: the stored value, the twin, or the first engine's value.
        computed: The value computed.
        note: What there is to say besides.
        relative: The relative difference of two numbers; None for anything else.
    """

    kind: str
    sheet: str
    cell: str
    formula: str
    engine: str
    stored: Cell
    computed: Cell
    note: str = ""
    relative: float | None = None

    @property
    def where(self) -> str:
        """Sheet and cell."""
        return f"{quoted(self.sheet)}!{self.cell}"

    def __str__(self) -> str:
        if self.kind in (REFUSED, UNRESOLVED):
            said = f"{self.engine}: {self.note}"
        else:
            against = {STORED: "stored", TWIN: "expected", ENGINE: "embedded"}[self.kind]
            said = f"{against} {_told(self.stored)}, {self.engine} {_told(self.computed)}"
            if self.relative is not None:
                said += f", relative difference {self.relative:.1E}"
            said += f" ({self.note})" if self.note else ""
        return visible(f"{self.where}  {said}  ={self.formula}")


@dataclass(frozen=True)
class Verified:
    """A workbook verified.

    Attributes:
        path: The file.
        engines: What computed it.
        formulas: Number of formulas.
        stored: Cells whose stored value was compared, counted once for each engine.
        twins: Lines of checks that were held against their twins, once for each engine.
        between: Cells compared between engines.
        worst: Greatest relative difference of two numbers that were compared.
        differences: The cells that do not agree.
    """

    path: Path
    engines: tuple[str, ...]
    formulas: int
    stored: int
    twins: int
    between: int
    worst: float
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything agrees."""
        return not self.differences

    @property
    def compared(self) -> int:
        """Number of comparisons, all kinds together."""
        return self.stored + self.twins + self.between


def verify(
    paths: Path | str | Iterable[Path | str],
    *,
    engine: str = "embedded",
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
    with session(engine):
        return [verify_one(path, engine=engine) for path in several]


def session(engine: str) -> AbstractContextManager[object]:
    """Keep what an engine needs running for several workbooks, in a ``with`` statement."""
    return office() if engine in (ALL, "libreoffice") else contextlib.nullcontext()


def verify_one(path: Path | str, *, engine: str = "embedded") -> Verified:
    """Verify one workbook; see `verify`."""
    source = Path(path)
    chosen = tuple(ENGINES) if engine == ALL else (engine,)
    data = read(source)
    book = Workbook(data, source)
    with session(engine):
        computed = {name: compute(name, data, source) for name in chosen}
    return _Comparison(book, computed).run(source)


class _Comparison:
    """One workbook's comparison."""

    def __init__(self, book: Workbook, computed: Mapping[str, Computed]) -> None:
        self.book = book
        self.computed = computed
        self.dependencies = Dependencies(book, next(iter(computed.values())))
        self.rounding = Rounding(self.dependencies, next(iter(computed.values())))
        self.found: list[Difference] = []
        self.worst = 0.0
        self.counts = dict.fromkeys((STORED, TWIN, ENGINE), 0)

    def run(self, path: Path) -> Verified:
        refused = {
            name: {
                (item.sheet, item.cell): item.reason
                for item in result.refusals
                if result.value(item.sheet, *_place(item.cell)) not in UNCERTAIN
            }
            for name, result in self.computed.items()
        }
        for name, result in self.computed.items():
            self._against_stored(name, result, refused[name])
            self._against_twins(name, result)
        names = list(self.computed)
        for other in names[1:]:
            skip = set(refused[names[0]]) | set(refused[other])
            self._against_engine(names[0], other, skip)
        order = {sheet.name: number for number, sheet in enumerate(self.book.sheets)}
        found = sorted(self.found, key=lambda item: order[item.sheet])
        return Verified(
            path,
            tuple(names),
            next(iter(self.computed.values())).formulas,
            self.counts[STORED],
            self.counts[TWIN],
            self.counts[ENGINE],
            self.worst,
            tuple(found),
        )

    def _against_stored(
        self, engine: str, result: Computed, refused: Mapping[tuple[str, str], str]
    ) -> None:
        for sheet, values in result.values.items():
            layout = result.layouts[result.parts[sheet]]
            stored = {(item.row, item.column): item.stored for item in layout.formulas}
            if any(place not in stored for place in values):
                # Those that array formulas fill hold no formulas themselves.
                stored = self._held(layout, sheet) | stored
            for place, value in values.items():
                reason = refused.get((sheet, _cell(place)))
                if reason is not None:
                    self._add(REFUSED, engine, sheet, place, stored.get(place), value, reason)
                    continue
                if value is CellError(NAME):
                    note = "a name or function in it, or in a cell that it refers to, is not known"
                    self._add(UNRESOLVED, engine, sheet, place, stored.get(place), value, note)
                    continue
                note = "" if place in stored and stored[place] is not None else "nothing is stored"
                self._compare(STORED, engine, sheet, place, stored.get(place), value, note)

    def _held(self, layout: Layout, sheet: str) -> dict[Place, Cell]:
        try:
            return layout.held(self.book.texts)
        except xml.UnsafeXMLError as error:
            part = next(item.part for item in self.book.sheets if item.name == sheet)
            raise self.book.unsafe(part, error) from None

    def _against_engine(self, first: str, other: str, skip: set[tuple[str, str]]) -> None:
        for sheet, values in self.computed[first].values.items():
            for place, value in values.items():
                if (sheet, _cell(place)) not in skip:
                    theirs = self.computed[other].values[sheet].get(place)
                    self._compare(ENGINE, other, sheet, place, value, theirs)

    def _against_twins(self, engine: str, result: Computed) -> None:
        """Hold every line of the workbook's checks against what it says it must be.

        The lines' own verdicts are not taken on trust: figure and twin are compared here as well.
        """
        for name in self.book.defined_names:
            if name.name.casefold() != checks_sheet.OK_NAME.casefold() or "!" not in name.text:
                continue
            sheet, _, cell = name.text.rpartition("!")
            sheet = sheet.strip("'").replace("''", "'")
            if sheet not in result.parts:
                continue
            with contextlib.suppress(ValueError):
                area = area_of(cell)
                place = (area.first_row, area.first_column)
                self.counts[TWIN] += 1
                verdict = result.value(sheet, *place)
                if verdict is not True:
                    self._add(TWIN, engine, sheet, place, True, verdict, "not every check holds")
                self._lines(engine, result, sheet)

    def _lines(self, engine: str, result: Computed, sheet: str) -> None:
        row = next(
            (
                row
                for row in range(1, _HEADING_ROWS)
                if all(
                    result.value(sheet, row, column) == heading
                    for column, heading in enumerate(_JUDGED, 1)
                )
            ),
            None,
        )
        while row is not None:
            row += 1
            what, figure, twin, difference, tolerance, holds, kind = (
                result.value(sheet, row, column) for column in range(1, len(_JUDGED) + 2)
            )
            if what is None or what == "":
                return
            if kind == checks_sheet.WARNING:
                continue
            self.counts[TWIN] += 1
            fits = (
                isinstance(difference, float)
                and isinstance(tolerance, float)
                and difference <= tolerance
                and _close(figure, twin, tolerance)
            )
            if not fits or holds is not True:
                gap = (
                    relative(figure, twin)
                    if isinstance(figure, float) and isinstance(twin, float)
                    else None
                )
                note = (
                    f"{shown(what)}; tolerance {_told(tolerance)}, difference {_told(difference)}"
                )
                self._add(TWIN, engine, sheet, (row, 2), twin, figure, note, gap)

    def _compare(
        self,
        kind: str,
        engine: str,
        sheet: str,
        place: Place,
        one: Cell,
        other: Cell,
        note: str = "",
    ) -> None:
        self.counts[kind] += 1
        # One side is LibreOffice's, in which a logical may be no more than a 1 or a 0.
        loose = engine == "libreoffice"
        if one is None and kind == STORED:
            self._add(kind, engine, sheet, place, one, other, note)
            return
        one, other = settled(one, loose), settled(other, loose)
        if type(one) is float and type(other) is float:
            gap = relative(one, other)
            if gap > TOLERANCE and abs(one - other) <= self.rounding.allowed(sheet, place):
                return
            if gap > TOLERANCE:
                real = abs(one - other) / max(abs(one), abs(other))
                self.worst = max(self.worst, real)
                self._add(kind, engine, sheet, place, one, other, note, real)
            else:
                self.worst = max(self.worst, gap)
        elif not same(one, other):
            self._add(kind, engine, sheet, place, one, other, note)

    def _add(
        self,
        kind: str,
        engine: str,
        sheet: str,
        place: Place,
        stored: Cell,
        computed: Cell,
        note: str,
        gap: float | None = None,
    ) -> None:
        text = self.dependencies.text(sheet, place)
        self.found.append(
            Difference(kind, sheet, _cell(place), text, engine, stored, computed, note, gap)
        )


def summary(done: Verified) -> str:
    """Say in a line what was compared and how it came out."""
    state = "agrees" if done.agrees else f"{len(done.differences):,} DIFFERENCES"
    pieces = [f"{done.stored:,} stored values", f"{done.twins:,} checks"]
    if len(done.engines) > 1:
        pieces.append(f"{done.between:,} cells between engines")
    engines = " and ".join(done.engines)
    return (
        f"{done.path}  {state}  {done.compared:,} compared ({', '.join(pieces)}) by {engines}, "
        f"worst relative difference {done.worst:.1E}"
    )


def _close(figure: Cell, twin: Cell, tolerance: float) -> bool:
    """Whether figure and twin agree to a line's tolerance, doubles' own rounding aside."""
    if not (isinstance(figure, float) and isinstance(twin, float)):
        return True  # not numbers: the line's own difference is all there is
    return abs(figure - twin) <= tolerance + TOLERANCE * max(abs(figure), abs(twin))


def _told(value: Cell) -> str:
    if value is None:
        return "nothing"
    return f'"{value}"' if isinstance(value, str) else shown(value)


def _place(cell: str) -> Place:
    area = area_of(cell)
    return area.first_row, area.first_column


def _cell(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"
