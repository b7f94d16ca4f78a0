"""Whether a call of a function is proved, by the table or by its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.argument_rules import ArgumentRules
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import (
    ARRAY,
    NOT_PROVED,
    PLAIN,
    UNCLEAR,
    PartInfo,
    RefusedFormulaError,
    Value,
    bare,
)
from xladdin.engines.embedded.function_groups import BY_CRITERIA, ELEMENTWISE, LAZY
from xladdin.engines.embedded.isformula import BLOCK_CALL
from xladdin.engines.embedded.notes import given
from xladdin.engines.embedded.operator_rules import OperatorRules
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.engines.embedded.substitutes.table import SUBSTITUTES
from xladdin.engines.proved import (
    ANY,
    BLANK,
    DATE,
    ERROR,
    LONG_DATE,
    LONG_SMALL,
    OMITTED,
    PROVED,
    SMALL,
    TEXTS,
    Entry,
)
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import CONSTANTS, FUNCTION, GAP, NAME, NUMBER, Node
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

_COUNTS: Final = DATE | LONG_DATE | SMALL | LONG_SMALL
"""Numbers from 0 to the last date."""

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
        if name == BLOCK_CALL:
            return PartInfo(SMALL, several=True)
        if name in _COMPUTED_BY_US:
            self.notes.verdict.calls_of_ours[id(node)] = _COMPUTED_BY_US[name]
        if name in ("ROW", "COLUMN"):
            return self._position(node, name)
        if name in ("OFFSET", "INDIRECT"):
            return self._elsewhere(node, name)
        if name == "LET":
            return self._bound(node, context)
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
        problem: RefusedFormulaError | None = None
        for entry in entries:
            mark = self.notes.mark()
            try:
                return self._entry(node, entry, context)
            except RefusedFormulaError as refused:
                problem = problem or refused
                self.notes.reset(mark)
        assert problem is not None
        raise problem

    def single(self, node: Node, context: str) -> PartInfo:
        """Judge what stands behind the operator @, which takes one value of a call of ours."""
        if node.kind == FUNCTION and function_name(node.text) in self.notes.scope.ours:
            return self.function(node, context)._replace(several=False, maybe=False)
        raise RefusedFormulaError("it uses the operator @")

    def _ours(self, node: Node, name: str, context: str) -> PartInfo:
        several = False
        for part in node.parts:
            if self.notes.is_cells(part):
                several |= self.notes.wide(bare(part))
                self.notes.verdict.wide |= self.notes.wide(bare(part))
            elif part.kind == CONSTANTS:
                several = True
            else:
                info = self.value(part, ARRAY if context == ARRAY else UNCLEAR)
                several |= info.several or info.maybe
        if name in self.notes.scope.spilling:
            return PartInfo(ANY & ~BLANK, several=True)
        if self.notes.scope.ours[name]:
            return PartInfo(ANY & ~BLANK, several=several)
        return PartInfo(ANY & ~BLANK)

    def _elsewhere(self, node: Node, name: str) -> PartInfo:
        """Judge a call that gives cells which are not known before it is computed."""
        parts = node.parts
        self.notes.verdict.wide = True
        if name == "INDIRECT":
            if len(parts) != 1 or self.notes.scope.linked:
                raise RefusedFormulaError(f"{NOT_PROVED} to compute INDIRECT there")
            self.operators.operand(parts[0], TEXTS, name, PLAIN, node)
            self.notes.verdict.wrap(parts[0], f"{instruments.ADDRESS}(", ",#)")
            return PartInfo(ANY, maybe=True)
        if not 3 <= len(parts) <= 5 or not self.notes.is_cells(parts[0]):
            raise RefusedFormulaError(f"{name} is given something else than cells")
        for at, part in enumerate(parts[1:]):
            if part.kind == GAP:
                raise RefusedFormulaError(given(name, OMITTED))
            # Rows and columns below 0 reach up and to the left in Excel alone.
            self.operators.operand(part, A_NUMBER if at < 2 else _COUNTS, name, PLAIN, node)
        return PartInfo(ANY, maybe=len(parts) > 3 or self.notes.wide(parts[0]))

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
                self.notes.names[name.text.casefold()] = PartInfo(ANY, several=wide)
            else:
                self.notes.names[name.text.casefold()] = self.value(value, UNCLEAR)
        info = self.value(last, UNCLEAR if context == PLAIN else context)
        self.notes.names = outer
        return info

    def _position(self, node: Node, name: str) -> PartInfo:
        if len(node.parts) > 1 or (node.parts and not self.notes.is_cells(node.parts[0])):
            raise RefusedFormulaError(f"{name} is given something else than a cell")
        if node.parts and self.notes.wide(node.parts[0]):
            raise RefusedFormulaError(f"{name} is given a range where it takes a single value")
        return PartInfo(SMALL | DATE)

    def _entry(self, node: Node, entry: Entry, context: str) -> PartInfo:
        name, parts = entry.name, node.parts
        if not entry.takes(len(parts)):
            raise RefusedFormulaError(
                f"{name} is given {len(parts)} arguments, for which it is not proved"
            )
        if name in _ON_ERRORS and not self.notes.is_cells(parts[0]):
            self.notes.verdict.fallbacks[id(node)] = _ON_ERRORS[name]
        infos: list[PartInfo] = []
        several = maybe = False
        for at, part in enumerate(parts):
            argument = entry.arguments[entry.index(at)]
            lazy = at >= LAZY.get(name, 1000)
            self.notes.lazy += lazy
            info = self.arguments.argument(node, entry, argument, part, context)
            self.notes.lazy -= lazy
            infos.append(info)
            if name in ELEMENTWISE or argument.held is None:
                several |= info.several
        kinds = entry.gives | (ANY if -1 in entry.passes else 0)
        for at, info in enumerate(infos):
            if entry.index(at) in entry.passes:
                kinds |= info.kinds
        if name == "IF" and len(parts) > 2:
            kinds &= ~A_LOGICAL | infos[1].kinds | infos[2].kinds
        several |= name == "TRANSPOSE"
        if name == "INDEX":
            maybe = not all(self._sure_index(part) for part in parts[1:])
            if len(parts) == 2 and not infos[0].several and not self.notes.is_cells(parts[0]):
                maybe = True
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

    def _sure_index(self, node: Node) -> bool:
        """Whether a place in a range is surely not 0, which stands for all places."""
        if node.kind == NUMBER:
            return float(node.text) >= 1
        return node.kind == FUNCTION and function_name(node.text) in _SINGLE_INDEX - {
            "COUNT",
            "COUNTA",
        }
