"""Whether a call of a function is proved, by the table or by its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.argument_rules import ArgumentRules
from xladdin.engines.embedded.elsewhere import COUNTS, elsewhere
from xladdin.engines.embedded.formula_notes import NUMBER_OF_ARGUMENTS, FormulaNotes
from xladdin.engines.embedded.formula_parts import (
    ARRAY,
    ENDLESS,
    NOT_PROVED,
    PLAIN,
    UNCLEAR,
    PartInfo,
    RefusedFormulaError,
    Value,
    bare,
    literal_of,
)
from xladdin.engines.embedded.function_groups import (
    BY_CRITERIA,
    ELEMENTWISE,
    LAZY,
    OF_EACH,
    POSITIONS,
    SAME_SIZED,
)
from xladdin.engines.embedded.isformula import BLOCK_CALL
from xladdin.engines.embedded.operator_rules import OperatorRules
from xladdin.engines.embedded.rewrite import KNOWN_CALL, OMITTED_CALL, UNKNOWN_CALL
from xladdin.engines.embedded.search_rules import asks_past_texts, finds_last
from xladdin.engines.embedded.sizes import note_sizes_of, size_of
from xladdin.engines.embedded.substitutes.table import SUBSTITUTES
from xladdin.engines.embedded.verdicts import LINE, SIZED, Place, SameSized
from xladdin.engines.proved import (
    ANY,
    BLANK,
    DATE,
    ERROR,
    OMITTED,
    PROVED,
    SMALL,
    Entry,
)
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import (
    BINARY,
    CONSTANTS,
    FUNCTION,
    GAP,
    NAME,
    NUMBER,
    UNARY,
    Node,
)
from xladdin.formulas.tokens import function_name

_COMPUTED_BY_US: Final[Mapping[str, str]] = {
    "POWER": instruments.POWER,
    **{name: instruments.SUBSTITUTE + name for name in SUBSTITUTES},
}
"""Functions that the engine computes by other rules, and what takes their place."""

_ON_ERRORS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ISBLANK", "ISLOGICAL", "ISNUMBER", "ISTEXT"), "FALSE"),
    **dict.fromkeys(("ISERROR", "ISNONTEXT"), "TRUE"),
    "ISNA": "IFERROR(IFNA({},TRUE),FALSE)",
    "ISERR": "IFERROR(NOT(IFNA({},TRUE)),TRUE)",
}
"""What functions that ask for a kind give for an error. The engine hands some errors on, such as
those that text functions are given, and never asks."""


_IN_ARRAY_FORMULAS: Final = ELEMENTWISE | {"TRANSPOSE"}
"""Functions that work on every cell of a range in array formulas only, SUMPRODUCT or not."""

_SINGLE_INDEX: Final = frozenset(["MATCH", "XMATCH", "ROWS", "COLUMNS", "COUNT", "COUNTA"])


class FunctionRules:
    """Judges the calls of functions in a formula."""

    def __init__(self, notes: FormulaNotes, operators: OperatorRules, value: Value) -> None:
        """Take where things are noted, and what judges parts."""
        self.notes = notes
        self.operators = operators
        self.arguments = ArgumentRules(notes, value)
        self.value = value

    def function(self, node: Node, context: str) -> PartInfo:
        """Judge a call.

        Args:
            node: The call.
            context: Where it stands.

        Returns:
            What is known of its value.

        Raises:
            RefusedFormulaError: It is not proved.
        """
        name = function_name(node.text)
        if name in self.notes.scope.ours:
            return self._ours(node, name, context)
        if name == OMITTED_CALL:
            return PartInfo(OMITTED)
        if name == UNKNOWN_CALL:
            self.notes.verdict.calls_of_ours[id(node)] = name
            return PartInfo(ANY)
        if name == KNOWN_CALL:
            self.notes.as_written.update(id(one) for one in (node.parts[0], *node.parts[0].parts))
            return self.value(node.parts[0], context)
        if name == BLOCK_CALL:
            return PartInfo(SMALL, several=True)
        if name in _COMPUTED_BY_US:
            self.notes.verdict.calls_of_ours[id(node)] = _COMPUTED_BY_US[name]
        if name in POSITIONS and len(node.parts) == 1 and self.notes.is_cells(node.parts[0]):
            cells = self.notes.cells(bare(node.parts[0]))
            assert cells is not None
            self.notes.verdict.positions.append((id(node), name, cells))
        by_form = self._by_form(node, name, context)
        if by_form is not None:
            return by_form
        entries = PROVED.get(name)
        if entries is None:
            if self.notes.scope.excels(name) or self.notes.verdict.calls.get(name):
                raise RefusedFormulaError(f"{NOT_PROVED} to compute {name}")
            for part in node.parts:
                if part.kind != GAP and not self.notes.is_cells(part):
                    self.value(part, context)
            return PartInfo(ERROR)
        if name in BY_CRITERIA and '"<>' in self.notes.verdict.form[node.start : node.stop]:
            # What is proved of such criteria stands last.
            entries = entries[::-1]
        problem = shape = ""
        for entry in entries:
            mismatch = self.notes.mismatch(entry, node.parts)
            if mismatch:
                # Which constant stands there says more than how many arguments there are.
                shape = mismatch if not shape or shape.endswith(NUMBER_OF_ARGUMENTS) else shape
                continue
            mark = self.notes.mark()
            try:
                return self._entry(node, entry, context)
            except RefusedFormulaError as refused:
                problem = problem or str(refused)
                self.notes.reset(mark)
        raise RefusedFormulaError(problem or shape)

    def _by_form(self, node: Node, name: str, context: str) -> PartInfo | None:
        """Judge a call whose form says more than any line of the table; None for others."""
        if name in ("ROW", "COLUMN"):
            return self._position(node, name, context)
        if name in ("OFFSET", "INDIRECT"):
            return elsewhere(node, name, self.notes, self.operators)
        if name == "LET":
            return self._bound(node, context)
        if name == "AGGREGATE" and self._aggregates_array(node):
            return PartInfo(A_NUMBER | ERROR)
        if name == "LOOKUP" and finds_last(node):
            return self.arguments.searches.last(node)
        if (
            name in ("MATCH", "LOOKUP")
            and asks_past_texts(node)
            and self.notes.is_cells(node.parts[1])
        ):
            return self.arguments.searches.past_texts(node, name)
        return None

    def single(self, node: Node, context: str) -> PartInfo:
        """Judge what stands behind the operator @, which takes one value of a call of ours."""
        if node.kind == FUNCTION and function_name(node.text) in self.notes.scope.ours:
            return self.function(node, context)._replace(several=False, maybe=False)
        raise RefusedFormulaError("it uses the operator @")

    def _ours(self, node: Node, name: str, context: str) -> PartInfo:
        several = False
        ranges = [part for part in node.parts if self.notes.is_cells(part)]
        endless = sum(map(self.notes.endless, ranges))
        if endless and sum(map(self.notes.wide, map(bare, ranges))) > 1:
            # Each ends for the engine where it has its last cell. Blanks behind change no function
            # but those of each cell, and an end elsewhere is another size.
            if self.notes.scope.ours[name] or endless < len(ranges):
                raise RefusedFormulaError(ENDLESS)
            self.notes.verdict.calls_of_ours[id(node)] = instruments.COLUMNS + name
        for part in filter(self.notes.wide, map(bare, ranges)):
            self.notes.demand(part, ANY, name, node, "refuse", order=SIZED)
        for part in node.parts:
            if self.notes.is_cells(part):
                several |= self.notes.wide(bare(part))
                self.notes.verdict.wide |= self.notes.wide(bare(part))
            elif part.kind == CONSTANTS:
                several = True
            else:
                self.notes.as_written.add(id(part.parts[0] if part.kind == UNARY else part))
                info = self.value(part, ARRAY if context == ARRAY else UNCLEAR)
                several |= info.several or info.maybe
        if name in self.notes.scope.spilling:
            return PartInfo(ANY & ~BLANK, several=True)
        if self.notes.scope.ours[name]:
            return PartInfo(ANY & ~BLANK, several=several)
        return PartInfo(ANY & ~BLANK)

    def _aggregates_array(self, node: Node) -> bool:
        """Judge AGGREGATE of the largest or smallest of an array that is computed, but for errors.

        Returns:
            Whether it is that.
        """
        if len(node.parts) != 4 or literal_of(node.parts[0]) not in ("14", "15"):
            return False
        _, option, array, place = node.parts
        if literal_of(option) != "6" or self.notes.is_cells(array):
            return False
        info = self.value(array, ARRAY)
        if not info.several or info.kinds & ~(A_NUMBER | ERROR):
            raise RefusedFormulaError(f"{NOT_PROVED} for AGGREGATE of what is no range of numbers")
        self.operators.operand(place, COUNTS, "AGGREGATE", PLAIN, node)
        call = f"{instruments.SUBSTITUTE}AGGREGATE.OF.ARRAY"
        self.notes.verdict.calls_of_ours[id(node)] = call
        return True

    def _bound(self, node: Node, context: str) -> PartInfo:
        """Judge LET: what its names stand for, and the last argument with these."""
        *pairs, last = node.parts
        if len(pairs) % 2 or not pairs:
            raise RefusedFormulaError("LET is given arguments that are no pairs")
        outer = dict(self.notes.names)
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            if name.kind != NAME:
                raise RefusedFormulaError("LET is given something else than a name")
            if self.notes.is_cells(value):
                wide = self.notes.wide(bare(value))
                if wide and self.notes.endless(value):
                    raise RefusedFormulaError(ENDLESS)
                self.notes.names[name.text.casefold()] = PartInfo(ANY, several=wide)
            else:
                self.notes.names[name.text.casefold()] = self.value(value, UNCLEAR)
        info = self.value(last, UNCLEAR if context == PLAIN else context)
        self.notes.names = outer
        return info

    def _position(self, node: Node, name: str, context: str) -> PartInfo:
        if len(node.parts) > 1 or (node.parts and not self.notes.is_cells(node.parts[0])):
            raise RefusedFormulaError(f"{name} is given something else than a cell")
        if node.parts and self.notes.wide(node.parts[0]):
            if context != ARRAY or self.notes.endless(node.parts[0]):
                raise RefusedFormulaError(f"{name} is given a range where it takes a single value")
            return PartInfo(SMALL | DATE, several=True)
        return PartInfo(SMALL | DATE)

    def _entry(self, node: Node, entry: Entry, context: str) -> PartInfo:
        name, parts = entry.name, node.parts
        if name in _ON_ERRORS and not self.notes.is_cells(parts[0]):
            self.notes.verdict.fallbacks[id(node)] = _ON_ERRORS[name]
        infos: list[PartInfo] = []
        several = maybe = False
        for at, part in enumerate(parts):
            argument = entry.arguments[entry.index(at)]
            lazy = at >= LAZY.get(name, 1000)
            unless = self.notes.unless
            if name == "IF" and at == 2:
                self.notes.unless += self._equal(parts[0])
            self.notes.lazy += lazy
            info = self.arguments.argument(node, entry, argument, part, context)
            self.notes.lazy -= lazy
            self.notes.unless = unless
            infos.append(info)
            if name in ELEMENTWISE or argument.held is None:
                several |= info.several
        if name in SAME_SIZED:
            self._same_sized(name, parts)
        elif name == "LOOKUP":
            self.arguments.searches.lookup(node)
        if name in ELEMENTWISE:
            note_sizes_of(self.notes, node, infos, context)
        several |= name == "TRANSPOSE"
        if several and name in _IN_ARRAY_FORMULAS and not self.notes.in_array_formula:
            # Within SUMPRODUCT, operators work on all cells, and these on one.
            raise RefusedFormulaError(f"{name} is given a range where Excel takes one cell of it")
        if several and name in OF_EACH:
            self.notes.verdict.fallbacks.pop(id(node), None)
            self.notes.verdict.calls_of_ours[id(node)] = f"{instruments.SUBSTITUTE}EACH.{name}"
            if name == "SUMIF":
                sizes = tuple(size_of(self.notes, part) for part in parts[::2])
                self.notes.verdict.same_sized.append(SameSized(name, sizes))
        kinds = entry.gives | (ANY if -1 in entry.passes else 0)
        for at, info in enumerate(infos):
            if entry.index(at) in entry.passes:
                kinds |= info.kinds
        if name == "IF" and len(parts) > 2:
            kinds &= ~A_LOGICAL | infos[1].kinds | infos[2].kinds
        if name == "INDEX":
            maybe = self._index(node, infos[0])
        elif name in ("IF", "CHOOSE", "IFS", "IFERROR", "IFNA", "SWITCH"):
            maybe = any(info.maybe for info in infos)
        elif name == "XLOOKUP":
            maybe = True  # a row of what it returns, if that has several columns
        if entry.only:
            kinds &= entry.only
            if node is self.notes.verdict.root:
                self.notes.verdict.only = entry.only
            else:
                self.notes.check(node, entry.only, f"the result of {name}: what follows")
        return PartInfo(kinds, several, maybe)

    def _index(self, node: Node, first: PartInfo) -> bool:
        """Judge what INDEX takes a cell of; return whether it may give several."""
        array, *places = node.parts
        inner = bare(array)
        if inner.kind == FUNCTION and function_name(inner.text) in self.notes.scope.failing:
            call = f"{instruments.SUBSTITUTE}INDEX.OF.OURS"
            self.notes.verdict.calls_of_ours[id(node)] = call
        elif not self.notes.scope.failing.isdisjoint(self.notes.verdict.calls):
            raise RefusedFormulaError("INDEX is given what may be an error, not an array")
        if len(places) == 1:
            if self.notes.is_cells(inner):
                self.notes.demand(inner, ANY, "INDEX", node, "refuse", order=LINE)
            elif not first.several:
                return True
        return not all(self._sure_index(part) for part in places)

    def _same_sized(self, name: str, parts: Sequence[Node]) -> None:
        """Note which ranges of a call have to be of one size."""
        ranges = parts
        if name in BY_CRITERIA:
            first = int(name != "COUNTIFS")
            ranges = [*parts[:first], *parts[first::2]]
        sizes = tuple(size_of(self.notes, one) for one in ranges)
        self.notes.verdict.same_sized.append(SameSized(name, sizes))

    def _equal(self, node: Node) -> tuple[tuple[Place, float], ...]:
        """Return a condition that a cell equals a number; nothing for any other one."""
        if node.kind != BINARY or node.text != "=":
            return ()
        left, right = node.parts
        if right.kind != NUMBER or not self.notes.is_cells(left) or self.notes.wide(left):
            return ()
        place = self.notes.cells(bare(left))
        return ((place, float(right.text)),) if place is not None else ()

    def _sure_index(self, node: Node) -> bool:
        """Whether a place in a range is surely not 0, which stands for all places."""
        if node.kind == NUMBER:
            return float(node.text) >= 1
        return node.kind == FUNCTION and function_name(node.text) in _SINGLE_INDEX - {
            "COUNT",
            "COUNTA",
        }
