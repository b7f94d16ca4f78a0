"""Where a workbook's stored values, its engines and its checks differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from xladdin.cells import Cell, CellError, described, shown_formula
from xladdin.checking.check_lines import Checks
from xladdin.checking.findings import CHECKS, ENGINE, STORED, TWIN, UNRESOLVED
from xladdin.engines.cell_index import Index, Where
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.result import Computed, Refusal
from xladdin.engines.tolerance import (
    ITERATIVE,
    ITERATIVE_TOLERANCE,
    TOLERANCE,
    UNCERTAIN,
    VOLATILE,
    Rounding,
    comparable,
    relative,
    same,
)
from xladdin.errors import NAME
from xladdin.formulas.structured_references import quoted
from xladdin.xlsx import xml_bytes
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import Workbook, area_of, column_letters


@dataclass(frozen=True)
class Difference:
    """A cell that does not agree.

    Attributes:
        kind: What is wrong, one of `findings.KINDS`.
        sheet: Its sheet.
        cell: The cell, such as ``B2``.
        formula: Its formula, without an equals sign.
        engine: What computed it.
        stored: What it is compared with: the stored value, the twin, or the first engine's value.
        computed: The value computed.
        note: A remark.
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
        if self.kind in (UNRESOLVED, CHECKS):
            text = self.note
        elif self.kind == TWIN:
            text = f"{self.engine}: {self.note}"
        else:
            against = {STORED: "stored", ENGINE: "embedded"}[self.kind]
            text = f"{against} {described(self.stored)}, {self.engine} {described(self.computed)}"
            if self.relative is not None:
                text += f", relative difference {self.relative:.1E}"
            text += f" ({self.note})" if self.note else ""
        return f"{self.where}  {text}{shown_formula(self.formula)}"


@dataclass(frozen=True)
class Refused:
    """A cell that an engine cannot compute, so that its value cannot be judged.

    Attributes:
        sheet: Its sheet.
        cell: The cell, such as ``B2``.
        formula: Its formula, without an equals sign.
        engine: What cannot compute it.
        reason: Why, in words.
    """

    sheet: str
    cell: str
    formula: str
    engine: str
    reason: str

    @property
    def where(self) -> str:
        """Sheet and cell."""
        return f"{quoted(self.sheet)}!{self.cell}"

    def __str__(self) -> str:
        return f"{self.where}  {self.engine}: {self.reason}{shown_formula(self.formula)}"


class _Found(NamedTuple):
    """A difference, before it is known whether it follows from another one."""

    place: Where
    difference: Difference


class Comparison:
    """One workbook's comparison.

    Attributes:
        found: The cells that do not agree, apart from those that only follow from others.
        refused: The cells that an engine cannot compute.
        follow: The cells that differ and depend on one that does.
        unjudged: Number of cells that depend on refused ones; they are not compared.
        volatile: Number of cells that are another each time they are computed.
        counts: Number of comparisons of each kind.
        worst: Greatest relative difference of two numbers that were compared.
    """

    def __init__(
        self, book: Workbook, computed: Mapping[str, Computed], dependencies: Dependencies
    ) -> None:
        """Compare a workbook's values.

        Args:
            book: The workbook.
            computed: What each engine made of it.
            dependencies: What its formulas refer to.

        Raises:
            FileError: A sheet cannot be read.
        """
        self._book = book
        self._computed = computed
        self._dependencies = dependencies
        first = next(iter(computed.values()))
        self._rounding = Rounding(dependencies, first)
        self._iterative = dependencies.callers(ITERATIVE)
        self._volatile = dependencies.callers(VOLATILE)
        self.found: list[Difference] = []
        self.refused: list[Refused] = []
        self.follow: set[Where] = set()
        self.unjudged = 0
        self.worst = 0.0
        self.counts = dict.fromkeys((STORED, TWIN, ENGINE), 0)
        self._apart: set[Where] = set(self._volatile)
        skip = {name: self._not_judged(name, result) for name, result in computed.items()}
        for name, result in computed.items():
            self._keep(self._against_stored(name, result, skip[name]))
        names = list(computed)
        for other in names[1:]:
            self._keep(self._against_engine(names[0], other, skip[names[0]] | skip[other]))
        self.volatile = len(self._apart)

    def compare_checks(self, engine: str, checks: Checks, follow: set[Where]) -> int:
        """Compare a workbook's checks with what they must be.

        Args:
            engine: What computed them.
            checks: The checks.
            follow: Cells that are wrong because of something that is named otherwise.

        Returns:
            Number of checks that fail because of that.
        """
        self.counts[TWIN] += checks.number
        made = [
            self._made(CHECKS, engine, where, None, None, reason)
            for where, reason in checks.problems
        ]
        own = checks.own_failures(follow)
        for line in own:
            both = isinstance(line.figure, float) and isinstance(line.expected, float)
            gap = relative(line.figure, line.expected) if both else None  # type: ignore[arg-type]
            where = checks.sheet, line.place
            made.append(
                self._made(TWIN, engine, where, line.expected, line.figure, line.words, gap)
            )
        fails = checks.value is not True and not checks.problems and not checks.failing
        if checks.verdict is not None and fails:
            where, note = (checks.sheet, checks.verdict), "it is not TRUE: not every check holds"
            made.append(self._made(TWIN, engine, where, True, checks.value, note))
        self.found += [one.difference for one in made]
        return checks.failing - len(own)

    def _not_judged(self, engine: str, result: Computed) -> set[Where]:
        """Record the cells that an engine cannot compute, and return them with their dependents."""
        refused = [
            item
            for item in result.refusals
            if result.value(item.sheet, *_place(item.cell)) not in UNCERTAIN
        ]
        if not refused:
            return set()
        places = {(item.sheet, _place(item.cell)) for item in refused}
        follow = self._dependencies.dependents(places)
        # An engine may refuse a cell because of another one. In a circle, each one does.
        first = [item for item in refused if (item.sheet, _place(item.cell)) not in follow]
        self.refused += self._refusals(engine, first or refused)
        skip = follow | places
        self.unjudged += len(skip) - len(first or refused)
        return skip

    def _refusals(self, engine: str, refused: Iterable[Refusal]) -> Iterator[Refused]:
        for item in refused:
            text = self._dependencies.text(item.sheet, _place(item.cell))
            yield Refused(item.sheet, item.cell, text, engine, item.reason)

    def _against_stored(self, engine: str, result: Computed, skip: set[Where]) -> Iterator[_Found]:
        for sheet, values in result.values.items():
            layout = result.layouts[result.parts[sheet]]
            for place, before, value in self._beside(layout, sheet, values):
                where = sheet, place
                if where in skip or where in self._volatile:
                    continue
                if value is CellError(NAME):
                    note = "a name or function in it is not known"
                    yield self._made(UNRESOLVED, engine, where, before, value, note)
                    continue
                yield from self._compare(STORED, engine, where, before, value)

    def _beside(
        self, layout: Layout, sheet: str, values: Mapping[Place, Cell]
    ) -> Iterator[tuple[Place, Cell, Cell]]:
        """Go through the cells that were computed: place, stored value, and computed one."""
        if sum(item[:2] in values for item in layout.formulas) == len(values):
            for item in layout.formulas:  # a million of them are not listed once more
                if item[:2] in values:
                    yield item[:2], item.stored, values[item[:2]]
            return
        # Those that array formulas fill hold no formulas themselves.
        stored = self._cell_values(layout, sheet)
        stored |= {item[:2]: item.stored for item in layout.formulas}
        for place, value in values.items():
            yield place, stored.get(place), value

    def _cell_values(self, layout: Layout, sheet: str) -> dict[Place, Cell]:
        try:
            return layout.cell_values(self._book.texts, empty_texts=True)
        except xml_bytes.UnsafeXMLError as error:
            part = next(item.part for item in self._book.sheets if item.name == sheet)
            raise self._book.unsafe(part, error) from None

    def _against_engine(self, first: str, other: str, skip: set[Where]) -> Iterator[_Found]:
        for sheet, values in self._computed[first].values.items():
            theirs = self._computed[other].values[sheet]
            for place, value in values.items():
                where = sheet, place
                if where not in skip and where not in self._volatile:
                    yield from self._compare(ENGINE, other, where, value, theirs.get(place))

    def _compare(
        self, kind: str, engine: str, where: Where, one: Cell, other: Cell
    ) -> Iterator[_Found]:
        self.counts[kind] += 1
        if one is None and kind == STORED:
            yield self._made(kind, engine, where, one, other, "nothing is stored")
            return
        # One side is LibreOffice's, in which a logical may be no more than a 1 or a 0.
        loose = engine.endswith("libreoffice")
        one, other = comparable(one, loose), comparable(other, loose)
        if type(one) is float and type(other) is float:
            gap = relative(one, other)
            if gap <= TOLERANCE or self._explained(where, one, other):
                self.worst = max(self.worst, gap if gap <= TOLERANCE else 0.0)
                return
            real = abs(one - other) / max(abs(one), abs(other))
            self.worst = max(self.worst, real)
            yield self._made(kind, engine, where, one, other, "", real)
        elif not same(one, other):
            yield self._made(kind, engine, where, one, other)

    def _explained(self, where: Where, one: float, other: float) -> bool:
        """Return whether rounding, or where a search for a value ends, explains a difference."""
        gap = abs(one - other)
        scale = self._rounding.scale(*where)
        if gap <= TOLERANCE * scale:
            return True
        allowed = ITERATIVE_TOLERANCE * max(abs(one), abs(other), scale)
        return gap <= allowed and where in self._from_iterative

    @cached_property
    def _from_iterative(self) -> set[Where]:
        return self._dependencies.dependents(self._iterative) | self._iterative

    @cached_property
    def _from_volatile(self) -> set[Where]:
        return self._dependencies.dependents(self._volatile)

    def _keep(self, made: Iterator[_Found]) -> None:
        """Keep differences that follow from nothing else, and count the others."""
        found = list(made)
        if not found:
            return
        index = Index(item.place for item in found)
        for item in found:
            if item.place in self._from_volatile:
                self._apart.add(item.place)
            elif any(
                index.within(sheet, area, item.place[1] if sheet == item.place[0] else None)
                for sheet, area in self._dependencies.references(*item.place)
            ):
                self.follow.add(item.place)
            else:
                self.found.append(item.difference)

    def _made(
        self,
        kind: str,
        engine: str,
        where: Where,
        stored: Cell,
        computed: Cell,
        note: str = "",
        gap: float | None = None,
    ) -> _Found:
        sheet, place = where
        text = self._dependencies.text(sheet, self._dependencies.master(sheet, place))
        cell = f"{column_letters(place[1])}{place[0]}"
        made = Difference(kind, sheet, cell, text, engine, stored, computed, note, gap)
        return _Found(where, made)


def _place(cell: str) -> Place:
    area = area_of(cell)
    return area.first_row, area.first_column
