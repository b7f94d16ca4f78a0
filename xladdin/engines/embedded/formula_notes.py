"""What is noted of a formula while it is judged, for the time when it is computed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.areas import MOST_CELLS, area_from
from xladdin.engines.embedded.formula_parts import (
    ENDLESS,
    PartInfo,
    RefusedFormulaError,
    bare,
    literal_of,
    unquoted_sheet,
)
from xladdin.engines.embedded.notes import given, number_of
from xladdin.engines.embedded.verdicts import SIZED, Demand, LiteralText, Place, Verdict
from xladdin.engines.proved import ANY, ERROR, OMITTED, SEVERAL, Entry
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.engines.proved_table import FORMATS
from xladdin.formulas.structured_references import quoted
from xladdin.formulas.syntax_tree import BINARY, GAP, GROUP, NAME, PERCENT, REFERENCE, UNARY, Node
from xladdin.formulas.tokens import ANY_CELL

_FIXED: Final = re.compile(r"\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?|\$[A-Z]+:\$[A-Z]+", re.IGNORECASE)
"""Cells that are the same wherever a formula stands."""


NUMBER_OF_ARGUMENTS: Final = "arguments, for which it is not proved"

_SHORT_LIST: Final = 40
"""Characters of the constants of a place that a reason has room for."""


class NamedCells(NamedTuple):
    """What a defined name stands for: cells, or a constant."""

    sheet: str
    text: str
    kinds: int = 0  # of a constant


@dataclass(frozen=True)
class Scope:
    """What formulas of a workbook may speak of.

    Attributes:
        linked: Whether the workbook has links to others.
        ours: Our functions, and whether each works element by element.
        spilling: Those of ours that give arrays by themselves.
        failing: Those of them that give one error in place of an array.
        named: What a name stands for, in lower case, as seen from a sheet; None if unknown.
        unknown: Says of functions whether nobody knows them.
        checks: Kinds that values may have, and who takes them, for `instruments`.
    """

    ours: Mapping[str, bool]
    spilling: frozenset[str]
    named: Callable[[str], NamedCells | None]
    excels: Callable[[str], bool]
    checks: list[tuple[int, str]]
    linked: bool = False
    failing: frozenset[str] = frozenset()


class _Mark(NamedTuple):
    """What was found at some point."""

    demands: int
    lazy: int
    unless: tuple[tuple[Place, float], ...]
    intersected: set[int]
    around: dict[int, int]
    calls: dict[int, str]


class FormulaNotes:
    """What one formula needs to be computed rightly."""

    def __init__(self, verdict: Verdict, scope: Scope) -> None:
        """Begin with nothing.

        Args:
            verdict: Where it is kept.
            scope: What the formula may speak of.
        """
        self.verdict = verdict
        self.scope = scope
        self.demands: list[Demand] = []
        self.intersected: set[int] = set()
        self.lazy = 0
        self.unless: tuple[tuple[Place, float], ...] = ()  # see `Demand.unless`
        self.in_array_formula = False
        self.whole_taken: set[int] = set()  # parts that may be whole columns
        self.as_written: set[int] = set()  # numbers that are taken with all their digits
        self.names: dict[str, PartInfo] = {}  # what LET has bound
        self._starts = {
            match.start(): at for at, match in enumerate(ANY_CELL.finditer(verdict.form))
        }

    def mark(self) -> _Mark:
        """Remember what was found so far, to come back to."""
        around = {key: len(found) for key, found in self.verdict.around.items()}
        calls = dict(self.verdict.calls_of_ours)
        return _Mark(
            len(self.demands), self.lazy, self.unless, set(self.intersected), around, calls
        )

    def reset(self, mark: _Mark) -> None:
        """Forget what was found since."""
        self.lazy, self.unless, self.intersected = mark.lazy, mark.unless, mark.intersected
        self.verdict.calls_of_ours = mark.calls
        del self.demands[mark.demands :]
        for key in list(self.verdict.around):
            del self.verdict.around[key][mark.around.get(key, 0) :]
            if not self.verdict.around[key]:
                del self.verdict.around[key]

    def required(self, info: PartInfo, allowed: int, taker: str) -> None:
        """Refuse what cannot be of any kind that is proved."""
        if not info.kinds & allowed:
            raise RefusedFormulaError(given(taker, info.kinds & ~allowed))

    def check(self, node: Node, allowed: int, taker: str) -> None:
        """Have the engine ask about a value on its way."""
        number = self.noted(allowed, taker)
        self.verdict.wrap(node, f"{instruments.CHECK}(", f",{number},#)")

    def write(self, node: Node, allowed: int, taker: str) -> None:
        """Have a value written out as a text, if it is a number, and asked about otherwise."""
        number = self.noted(allowed | A_NUMBER, taker)
        self.verdict.wrap(node, f"{instruments.WRITTEN}(", f",{number},#)")

    def noted(self, allowed: int, taker: str) -> int:
        """Return the number of a check, which is added where there is none like it."""
        return number_of((allowed, taker), self.scope.checks)

    def demand(
        self,
        node: Node,
        kinds: int,
        taker: str,
        at: Node,
        action: str,
        *,
        intersected: bool = False,
        order: str = "",
    ) -> None:
        """Note what the cells of a reference have to hold."""
        inner = bare(node)
        if not ANY & ~kinds and not order:
            return
        cells = self.cells(inner)
        if cells is None:
            return
        self.demands.append(
            Demand(
                cells, kinds, intersected, order, taker, id(at), action, self.lazy > 0, self.unless
            )
        )

    def is_cells(self, node: Node) -> bool:
        """Whether a part is a reference; a cell of another workbook is no more than its value."""
        inner = bare(node)
        cells = self.cells(inner) if inner.kind in (REFERENCE, NAME) else None
        return cells is not None and (not cells.sheet.startswith("[") or self.wide(inner))

    def works_on_cells(self, node: Node) -> bool:
        """Whether a part is a cell, or operators on some."""
        if node.kind in (BINARY, UNARY, PERCENT, GROUP):
            return any(self.works_on_cells(part) for part in node.parts)
        return self.is_cells(node)

    def cells(self, node: Node) -> Place | None:
        """Return the reference that a part is; None for a constant or what nobody knows."""
        if node.kind == NAME:
            if node.text.casefold() in self.names:
                return None
            named = self.scope.named(node.text.casefold())
            if "!" in node.text and not node.text.startswith(("[", "'[")):
                self._by_its_sheet(node, named)
            if named is None or named.kinds:
                return None
            return Place(named.sheet, -1, named.text)
        prefix, _, text = node.text.rpartition("!")
        if ":" in prefix.rpartition("]")[2]:
            raise RefusedFormulaError(f"it has a range over several sheets, {prefix}")
        number = self._starts.get(node.stop - len(text), -1)
        return Place(unquoted_sheet(prefix), number, text)

    def _by_its_sheet(self, node: Node, named: NamedCells | None) -> None:
        """Give the engine, which knows no name by its sheet, the cells that it stands for."""
        if named is None or named.kinds or not _FIXED.fullmatch(named.text):
            raise RefusedFormulaError(f"it uses a name by way of a sheet: {node.text}")
        self.verdict.whole[id(node)] = f"{quoted(named.sheet)}!{named.text}"

    def constant(self, node: Node) -> int:
        """Return the kinds of a name that stands for a constant, or that nobody knows."""
        named = self.scope.named(node.text.casefold())
        if named is not None and named.kinds & SEVERAL:
            raise RefusedFormulaError(f"{node.text} means other cells on other sheets")
        return named.kinds if named is not None else ERROR

    def wide(self, node: Node) -> bool:
        """Whether a reference is one to several cells."""
        cells = self.cells(bare(node))
        assert cells is not None
        first, colon, last = cells.text.replace("$", "").partition(":")
        # A whole column is named as a range from itself to itself.
        wide = bool(colon) and (first != last or first.isalpha() or first.isdecimal())
        self.verdict.wide |= wide
        return wide

    def endless(self, node: Node) -> bool:
        """Whether a reference is one to whole columns or rows."""
        cells = self.cells(bare(node))
        assert cells is not None
        first, colon, _ = cells.text.replace("$", "").partition(":")
        return bool(colon) and (first.isalpha() or first.isdecimal())

    def each_cell(self, node: Node) -> None:
        """Note that something works on every cell of a range, empty ones included.

        The engine ends a whole column where its own last cell is, so that two are of different
        sizes to it. It is given the corners of the column instead, which it takes as they are.

        Raises:
            RefusedFormulaError: It is one to more columns or rows than the engine takes.
        """
        inner = bare(node)
        cells = self.cells(inner)
        area = area_from(cells.text) if cells is not None and self.endless(inner) else None
        if cells is None or area is None:
            self.demand(node, ANY, "a formula", node, "refuse", order=SIZED)
            return
        if math.prod(area.shape) > MOST_CELLS:
            raise RefusedFormulaError(ENDLESS)
        prefix, mark, _ = inner.text.rpartition("!")
        if inner.kind == NAME:
            prefix, mark = quoted(cells.sheet), "!"
        self.verdict.whole[id(inner)] = f"{prefix}{mark}{area.text}"

    def content(self, node: Node) -> LiteralText:
        """Return the text that a constant is."""
        number = sum(start < node.start for start in self._starts)
        return LiteralText(node.text[1:-1].replace('""', '"'), number)

    def words(self, node: Node) -> str:
        """Return what a part looks like in the formula."""
        return self.verdict.form[node.start : node.stop][:40]

    def mismatch(self, entry: Entry, parts: Sequence[Node]) -> str:
        """Say which constants an entry is not for, or what number of arguments; empty if neither.

        Args:
            entry: What is proved of a function.
            parts: Its arguments.
        """
        if not entry.takes(len(parts)):
            return f"{entry.name} is given {len(parts)} {NUMBER_OF_ARGUMENTS}"
        for at, part in enumerate(parts):
            literals = entry.arguments[entry.index(at)].literals
            argument = entry.arguments[entry.index(at)]
            if not literals or argument.accepts(literal_of(part)):
                continue
            if part.kind == GAP:
                return given(entry.name, OMITTED)
            if literals & FORMATS.keys():
                return f"TEXT is not proved with the format {self.words(part)}"
            known = " or ".join(sorted(literals))
            known = f" (it is with {known})" if len(known) < _SHORT_LIST else ""
            return f"{entry.name} is not proved with {self.words(part)} in place {at + 1}{known}"
        return ""
