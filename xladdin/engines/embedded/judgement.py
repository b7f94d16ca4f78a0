"""Whether the embedded engine is proved to compute a formula, and how it has to be given it.

A formula is judged by its tree, once for all formulas that differ only in the cells that they refer
to. What that cannot tell, the kinds of values that cells hold, becomes a `Demand`, which is looked
at after the workbook was computed. The kinds of what is computed on the way are looked at while it
is, by functions put around it; see `instruments`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.instruments import ARRAYS, given
from xladdin.engines.embedded.isformula import BLOCK_CALL
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.engines.embedded.substitutes import SUBSTITUTES
from xladdin.engines.embedded.verdicts import FILTERED, HIDDEN, NESTED, Demand, Place, Verdict
from xladdin.engines.proved import (
    ANY,
    ARITHMETIC,
    BLANK,
    DATE,
    DOUBTFUL,
    ERROR,
    FOREIGN,
    JOINED,
    LONG_DATE,
    LONG_SMALL,
    OMITTED,
    PROVED,
    SEVERAL,
    SHORT,
    SMALL,
    TEXTS,
    Entry,
    ProvedArgument,
    kind_of_value,
)
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import (
    BINARY,
    COMPARISONS,
    CONSTANTS,
    FAULT,
    FUNCTION,
    GAP,
    GROUP,
    LOGICAL,
    NAME,
    NUMBER,
    PERCENT,
    REFERENCE,
    SPAN,
    TEXT,
    UNARY,
    Node,
    UnprovedError,
    UnreadableError,
    parsed,
)
from xladdin.formulas.tokens import ANY_CELL, CALL, function_name, tokens

UNREADABLE: Final = "the engine cannot read it"
NOT_PROVED: Final = "the embedded engine is not proved"

PLAIN: Final = "plain"
"""Where a range stands for the one of its cells that is in line with the formula."""
ARRAY: Final = "array"
"""Where operators work on every cell of a range."""
UNCLEAR: Final = "unclear"
"""Where it is not known which of the two Excel does."""

_PLAIN_INSIDE: Final = frozenset(
    {"SUM", "PRODUCT", "AVERAGE", "MIN", "MAX", "COUNT", "COUNTA", "AND", "OR"}
)
"""Functions that take ranges, in whose arguments Excel still takes single cells of ranges."""

_ARRAY_INSIDE: Final = frozenset({"SUMPRODUCT"})
"""Functions in whose arguments operators work on every cell, in whatever formula."""

_ELEMENTWISE: Final = frozenset({"IF", "IFERROR", "IFNA"})
"""Functions of single values that the engine has work on every cell of a range."""

_BY_CRITERIA: Final = frozenset(
    {"SUMIF", "SUMIFS", "COUNTIF", "COUNTIFS", "AVERAGEIF", "AVERAGEIFS", "MAXIFS", "MINIFS"}
)
"""Functions that look at what their cells are asked for."""

_OF_WHOLE_DAYS: Final = frozenset({"DAYS360"})
"""Functions of dates that do not just cut off a time of day."""

_OF_RATES: Final = frozenset({"IPMT", "PPMT"})
"""Functions whose last digits are lost where a rate is large."""

_OF_CELLS: Final = frozenset(
    _BY_CRITERIA | {"COUNTBLANK", "RANK", "RANK.EQ", "SUBTOTAL", "AGGREGATE", "ROW", "COLUMN"}
)
"""Functions that take cells alone, where others take arrays as well."""

_LAZY: Final[Mapping[str, int]] = dict.fromkeys(
    ("IF", "IFERROR", "IFNA", "IFS", "CHOOSE", "SWITCH"), 1
)
"""Functions that may leave arguments alone, and from which place on."""

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

_ALIKE: Final[Mapping[str, int]] = {
    **dict.fromkeys(("AND", "OR", "XOR"), A_NUMBER | A_LOGICAL | ERROR),
    **dict.fromkeys(("CONCAT", "TEXTJOIN"), ANY & ~BLANK),
}
"""Kinds that a function of ranges takes alike in a cell and by themselves; numbers and errors where
it is not listed."""

_WITHOUT_HIDDEN: Final = 100
"""Above this, codes of SUBTOTAL leave out rows that are hidden by whatever means."""

_PASSING_NESTED: Final = (0, 1, 2, 3)
_PASSING_HIDDEN: Final = (1, 3, 5, 7)
"""Options of AGGREGATE by which it passes over other subtotals, and over hidden rows."""

_COUNTS: Final = DATE | LONG_DATE | SMALL | LONG_SMALL
"""Numbers from 0 to the last date."""

_SINGLE_INDEX: Final = frozenset(["MATCH", "XMATCH", "ROWS", "COLUMNS", "COUNT", "COUNTA"])

_TEXT_TAKERS: Final = frozenset(
    {"LEFT", "RIGHT", "MID", "LEN", "TRIM", "LOWER", "UPPER", "CLEAN", "SUBSTITUTE"}
    | {"FIND", "SEARCH", "CONCATENATE", "CONCAT", "TEXTJOIN", "REPT", "EXACT"}
)
"""Functions of texts, for which numbers are written out by a function of ours."""


class _Info(NamedTuple):
    """What is known of a part's value."""

    kinds: int
    several: bool = False  # whether it is surely an array
    maybe: bool = False  # whether it may be one


class _RefusedError(Exception):
    """A formula is not proved; the reason is its text."""


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


def judge(form: str, scope: Scope, context: str = PLAIN) -> Verdict:
    """Judge formulas that differ in the cells that they refer to alone.

    Args:
        form: What they have in common; see `scanning.shape`.
        scope: What they may speak of.
        context: ``plain`` for ordinary formulas, ``array`` for array formulas.

    Returns:
        What is known of them.
    """
    verdict = Verdict(form=form)
    verdict.calls.update(called(form))
    try:
        root = parsed(form)
    except (UnreadableError, UnprovedError) as error:
        verdict.unreadable = isinstance(error, UnreadableError)
        verdict.reason = UNREADABLE if verdict.unreadable else f"{NOT_PROVED} for {error}"
        verdict.single = False
        verdict.wide = True
        return verdict
    _Judge(verdict, root, scope).run(context)
    return verdict


def called(formula: str) -> dict[str, bool]:
    """Name the functions that a formula calls; what LET and LAMBDA name is left out.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        By name in capitals, without a file's prefixes: whether it is surely one of Excel's own.
    """
    found: dict[str, bool] = {}
    for token in tokens(formula):
        prefix = token.text[:6].lower()
        if token.kind == CALL and prefix != "_xlpm.":
            name = function_name(token.text)
            found[name] = found.get(name, False) or prefix == "_xlfn."
    return found


class _Judge:
    """Goes through the tree of one formula."""

    def __init__(self, verdict: Verdict, root: Node, scope: Scope) -> None:
        self.verdict = verdict
        self.root = root
        self.scope = scope
        self.demands: list[Demand] = []
        self.intersected: set[int] = set()
        self.lazy = 0
        self.names: dict[str, _Info] = {}  # what LET has bound
        self.starts = {
            match.start(): at for at, match in enumerate(ANY_CELL.finditer(verdict.form))
        }

    def run(self, context: str) -> None:
        verdict = self.verdict
        verdict.root = self.root
        try:
            info = self.value(self.root, context)
            verdict.single = not info.several and not info.maybe
        except _RefusedError as refused:
            verdict.reason = str(refused)
            verdict.single = False
            verdict.around.clear()
            verdict.calls_of_ours.clear()
            verdict.root = None
            return
        verdict.demands = tuple(self.demands)
        verdict.intersected = frozenset(self.intersected)
        verdict.snaps = (
            context == PLAIN and self.root.kind == BINARY and self.root.text in ("+", "-")
        )
        if verdict.snaps:
            verdict.operands = tuple(map(self.operand_of_snap, self.root.parts))

    def operand_of_snap(self, node: Node) -> Place | float | None:
        bare = _bare(node)
        if bare.kind == NUMBER:
            return float(bare.text)
        return self.cells(bare) if self.is_cells(bare) and not self.wide(bare) else None

    # Parts by kind

    def value(self, node: Node, context: str) -> _Info:
        """Judge a part that stands where a value is wanted."""
        if node.kind == NAME and node.text.casefold() in self.names:
            return self.names[node.text.casefold()]
        if node.kind in (REFERENCE, NAME):
            cells = self.cells(node)
            if cells is None:
                return _Info(self.constant(node))
            if not self.wide(node):
                return _Info(ANY)
            if context == PLAIN and node.kind == REFERENCE:
                self.intersected.add(id(node))
                return _Info(ANY)
            if context == ARRAY:
                return _Info(ANY, several=True)
            raise _RefusedError(
                "it has a range where Excel takes one cell of it or all, as the case may be"
            )
        if node.kind == NUMBER:
            return _Info(kind_of_value(float(node.text)))
        if node.kind == TEXT:
            return _Info(kind_of_value(node.text[1:-1].replace('""', '"')))
        if node.kind == LOGICAL:
            return _Info(A_LOGICAL)
        if node.kind == FAULT:
            return _Info(ERROR)
        if node.kind == GROUP:
            return self.value(node.parts[0], context)
        if node.kind == CONSTANTS:
            kinds = 0
            for part in node.parts:
                kinds |= self.value(part, context).kinds
            if context != ARRAY and node is not self.root:
                raise _RefusedError("it has an array where a single value is taken")
            return _Info(kinds, several=len(node.parts) > 1)
        if node.kind == UNARY:
            return self.unary(node, context)
        if node.kind == PERCENT:
            info = self.operand(node.parts[0], ARITHMETIC, "the operator %", context, node)
            return _Info(A_NUMBER | ERROR, info.several)
        if node.kind == BINARY:
            return self.binary(node, context)
        if node.kind == FUNCTION:
            return self.function(node, context)
        if node.kind == SPAN:
            # By itself or under a name it is #REF! in the engine, which IFERROR would hide.
            raise _RefusedError(f"{NOT_PROVED} for such a range there")
        raise _RefusedError("it cannot be read")

    def unary(self, node: Node, context: str) -> _Info:
        [inside] = node.parts
        if node.text == "@":
            if inside.kind == FUNCTION and self.name(inside) in self.scope.ours:
                return self.function(inside, context)._replace(several=False, maybe=False)
            raise _RefusedError("it uses the operator @")
        if node.text == "+":
            return self.value(inside, context)
        info = self.operand(inside, ARITHMETIC, "a sign", context, node)
        if inside.kind == NUMBER:
            return _Info(kind_of_value(-float(inside.text)))
        return _Info(A_NUMBER | ERROR, info.several)

    def binary(self, node: Node, context: str) -> _Info:
        if node.text in COMPARISONS:
            return self.comparison(node, context)
        if node.text == "&":
            several = False
            for part in node.parts:
                several |= self.operand(
                    part, JOINED, "the operator &", context, node, "write"
                ).several
            return _Info(TEXTS | ERROR, several)
        taker = f"the operator {node.text}"
        left, right = node.parts
        if node.text == "^" and not (_positive(right) or _positive(left)):
            infos = [self.operand(part, ANY, taker, context, node) for part in node.parts]
            self.verdict.calls_of_ours[id(node)] = instruments.POWER
        else:
            infos = [self.operand(part, ARITHMETIC, taker, context, node) for part in node.parts]
        return _Info(A_NUMBER | ERROR, any(info.several for info in infos))

    def comparison(self, node: Node, context: str) -> _Info:
        allowed = SHORT | BLANK | A_LOGICAL | ERROR
        if node.text in ("=", "<>"):
            allowed |= TEXTS & ~FOREIGN
        left, right = node.parts
        infos = [self.value(part, context) for part in node.parts]
        several = any(info.several for info in infos)
        gives = _Info(A_LOGICAL | ERROR, several)
        many = "" if context != ARRAY else ARRAYS
        call = f'{instruments.COMPARE}|"{node.text}{many}"'
        if any(info.maybe for info in infos):
            self.verdict.calls_of_ours[id(node)] = call
            return gives
        for literal in (left, right):
            # An English text equals no other, whatever that is.
            if literal.kind == TEXT and literal.text.isascii() and node.text in ("=", "<>"):
                return gives
        cells = [self.is_cells(part) for part in node.parts]
        if any(info.kinds & ~allowed for info, one in zip(infos, cells, strict=True) if not one):
            self.verdict.calls_of_ours[id(node)] = call
            return gives
        for part, one in zip(node.parts, cells, strict=True):
            if one:
                cut = id(_bare(part)) in self.intersected
                self.demand(part, allowed, "a comparison", node, call, intersected=cut)
        return gives

    def operand(
        self, node: Node, allowed: int, taker: str, context: str, at: Node, action: str = "refuse"
    ) -> _Info:
        """Judge what an operator is given."""
        info = self.value(node, context)
        if self.is_cells(node):
            cut = id(_bare(node)) in self.intersected
            if allowed == ARITHMETIC and not info.several:
                action = "read"
            where = node if action in ("write", "read") else at
            self.demand(node, allowed, taker, where, action, intersected=cut)
            return info
        several = SEVERAL if context == ARRAY else 0
        if action == "write":
            if info.maybe or info.kinds & ~allowed:
                self.required(info, allowed | A_NUMBER, taker)
                self.write(node, allowed | several, taker)
        elif (info.maybe and not several) or info.kinds & ~allowed:
            read = allowed == ARITHMETIC and bool(info.kinds & DOUBTFUL)
            allowed |= DOUBTFUL if read else 0
            self.required(info, allowed, taker)
            if (info.maybe and not several) or info.kinds & ~allowed:
                self.check(node, allowed | several, taker)
            if read:
                self.verdict.wrap(node, f"{instruments.READ}(", ",#)")
        return info

    # Functions

    def name(self, node: Node) -> str:
        return function_name(node.text)

    def function(self, node: Node, context: str) -> _Info:
        name = self.name(node)
        if name in self.scope.ours:
            return self.ours(node, name, context)
        if name == OMITTED_CALL:
            return _Info(OMITTED)
        if name == BLOCK_CALL:
            return _Info(SMALL, several=True)
        if name in _COMPUTED_BY_US:
            self.verdict.calls_of_ours[id(node)] = _COMPUTED_BY_US[name]
        if name in ("ROW", "COLUMN"):
            return self.position(node, name)
        if name in ("OFFSET", "INDIRECT"):
            return self.elsewhere(node, name)
        if name == "LET":
            return self.bound(node, context)
        entries = PROVED.get(name)
        if entries is None:
            if self.scope.excels(name) or self.verdict.calls.get(name):
                raise _RefusedError(f"{NOT_PROVED} to compute {name}")
            for part in node.parts:
                self.any_value(part, context)
            return _Info(ERROR)
        if name in _BY_CRITERIA and '"<>' in self.verdict.form[node.start : node.stop]:
            # What is proved of such criteria stands last.
            entries = entries[::-1]
        problem: _RefusedError | None = None
        for entry in entries:
            mark = self.mark()
            try:
                return self.entry(node, entry, context)
            except _RefusedError as refused:
                problem = problem or refused
                self.reset(mark)
        assert problem is not None
        raise problem

    def ours(self, node: Node, name: str, context: str) -> _Info:
        several = False
        for part in node.parts:
            if self.is_cells(part):
                several |= self.wide(_bare(part))
                self.verdict.wide |= self.wide(_bare(part))
            elif part.kind == CONSTANTS:
                several = True
            else:
                info = self.value(part, ARRAY if context == ARRAY else UNCLEAR)
                several |= info.several or info.maybe
        if name in self.scope.spilling:
            return _Info(ANY & ~BLANK, several=True)
        if self.scope.ours[name]:
            return _Info(ANY & ~BLANK, several=several)
        return _Info(ANY & ~BLANK)

    def any_value(self, part: Node, context: str) -> None:
        if part.kind != GAP and not self.is_cells(part):
            self.value(part, context)

    def span(self, node: Node) -> _Info:
        """Judge a range of which a corner is computed."""
        self.verdict.wide = True
        for corner in node.parts:
            if corner.kind == FUNCTION and self.name(corner) == "INDEX":
                self.function(corner, UNCLEAR)
            elif not self.is_cells(corner) or self.wide(corner):
                raise _RefusedError(f"{NOT_PROVED} for a range between such corners")
        return _Info(ANY, maybe=True)

    def elsewhere(self, node: Node, name: str) -> _Info:
        """Judge a call that gives cells which are not known before it is computed."""
        parts = node.parts
        self.verdict.wide = True
        if name == "INDIRECT":
            if len(parts) != 1 or self.scope.linked:
                raise _RefusedError(f"{NOT_PROVED} to compute INDIRECT there")
            self.operand(parts[0], TEXTS, name, PLAIN, node)
            self.verdict.wrap(parts[0], f"{instruments.ADDRESS}(", ",#)")
            return _Info(ANY, maybe=True)
        if not 3 <= len(parts) <= 5 or not self.is_cells(parts[0]):
            raise _RefusedError(f"{name} is given something else than cells")
        for at, part in enumerate(parts[1:]):
            if part.kind == GAP:
                raise _RefusedError(given(name, OMITTED))
            # Rows and columns below 0 reach up and to the left in Excel alone.
            self.operand(part, A_NUMBER if at < 2 else _COUNTS, name, PLAIN, node)
        return _Info(ANY, maybe=len(parts) > 3 or self.wide(parts[0]))

    def bound(self, node: Node, context: str) -> _Info:
        """Judge LET: what its names stand for, and the last argument with these."""
        *pairs, last = node.parts
        if len(pairs) % 2 or not pairs:
            raise _RefusedError("LET is given arguments that are no pairs")
        outer = dict(self.names)
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            if name.kind != NAME:
                raise _RefusedError("LET is given something else than a name")
            if self.is_cells(value):
                wide = self.wide(_bare(value))
                self.names[name.text.casefold()] = _Info(ANY, several=wide)
            else:
                self.names[name.text.casefold()] = self.value(value, UNCLEAR)
        info = self.value(last, UNCLEAR if context == PLAIN else context)
        self.names = outer
        return info

    def position(self, node: Node, name: str) -> _Info:
        if len(node.parts) > 1 or (node.parts and not self.is_cells(node.parts[0])):
            raise _RefusedError(f"{name} is given something else than a cell")
        if node.parts and self.wide(node.parts[0]):
            raise _RefusedError(f"{name} is given a range where it takes a single value")
        return _Info(SMALL | DATE)

    def entry(self, node: Node, entry: Entry, context: str) -> _Info:
        name, parts = entry.name, node.parts
        if not entry.takes(len(parts)):
            raise _RefusedError(
                f"{name} is given {len(parts)} arguments, for which it is not proved"
            )
        if name in _ON_ERRORS and not self.is_cells(parts[0]):
            self.verdict.fallbacks[id(node)] = _ON_ERRORS[name]
        infos: list[_Info] = []
        several = maybe = False
        for at, part in enumerate(parts):
            argument = entry.arguments[entry.index(at)]
            lazy = at >= _LAZY.get(name, 1000)
            self.lazy += lazy
            info = self.argument(node, entry, argument, part, context)
            self.lazy -= lazy
            infos.append(info)
            if name in _ELEMENTWISE or argument.held is None:
                several |= info.several
        kinds = entry.gives | (ANY if -1 in entry.passes else 0)
        for at, info in enumerate(infos):
            if entry.index(at) in entry.passes:
                kinds |= info.kinds
        if name == "IF" and len(parts) > 2:
            kinds &= ~A_LOGICAL | infos[1].kinds | infos[2].kinds
        several |= name == "TRANSPOSE"
        if name == "INDEX":
            maybe = not all(self.sure_index(part) for part in parts[1:])
            if len(parts) == 2 and not infos[0].several and not self.is_cells(parts[0]):
                maybe = True
        elif name in ("IF", "CHOOSE", "IFS", "IFERROR", "IFNA", "SWITCH"):
            maybe = any(info.maybe for info in infos)
        elif name == "XLOOKUP":
            maybe = True  # a row of what it returns, if that has several columns
        if entry.only:
            kinds &= entry.only
            if node is self.root:
                self.verdict.only = entry.only
            else:
                self.check(node, entry.only, f"the result of {name}: what follows")
        return _Info(kinds, several, maybe)

    def sure_index(self, node: Node) -> bool:
        """Whether a place in a range is surely not 0, which stands for all places."""
        if node.kind == NUMBER:
            return float(node.text) >= 1
        return node.kind == FUNCTION and self.name(node) in _SINGLE_INDEX - {"COUNT", "COUNTA"}

    def argument(
        self, node: Node, entry: Entry, argument: ProvedArgument, part: Node, context: str
    ) -> _Info:
        name = entry.name
        if part.kind == GAP:
            if not argument.single & OMITTED:
                raise _RefusedError(given(name, OMITTED))
            return _Info(SHORT | TEXTS | A_LOGICAL if name in _LAZY else OMITTED)
        if argument.literals:
            if _literal(part) not in argument.literals:
                raise _RefusedError(
                    f"{name} is given something for which it is not proved: {self.words(part)}"
                )
            return _Info(ANY)
        if self.is_cells(part):
            return self.cells_given(node, entry, argument, part, context)
        if argument.held is not None and part.kind == CONSTANTS:
            return self.array_given(entry, argument, part)
        inside = ARRAY if context == ARRAY or name in _ARRAY_INSIDE else PLAIN
        if inside == PLAIN and argument.held is not None and name not in _PLAIN_INSIDE:
            inside = UNCLEAR
        if inside == PLAIN and context == UNCLEAR:
            inside = UNCLEAR
        spans = argument.held is not None and _bare(part).kind == SPAN
        info = self.span(_bare(part)) if spans else self.value(part, inside)
        if info.several and argument.held is None and name not in _ELEMENTWISE:
            raise _RefusedError(f"{name} is given a range where it takes a single value")
        if argument.held is not None and name in _OF_CELLS:
            raise _RefusedError(f"{name} is given something else than cells")
        among = info.several or info.maybe or _are_cells(part) or _may_be_cells(part)
        # Arithmetic on a single cell is an array of one to the engine, unlike that on constants.
        if name in _ARRAY_INSIDE and not info.kinds & ~(A_NUMBER | ERROR):
            among = among or self.works_on_cells(part)
        if argument.order or not (argument.single or among):
            raise _RefusedError(f"{name} is given something else than cells")
        allowed = argument.single
        if name in ("COUNT", "COUNTA") and info.kinds & ERROR and not _are_cells(part):
            # The engine hands some errors on and never counts.
            raise _RefusedError(given(name, ERROR))
        if argument.held is not None:
            if info.several or not allowed:
                allowed = argument.held
            if _are_cells(part):
                allowed = argument.held
            elif _may_be_cells(part):
                allowed &= argument.held & _ALIKE.get(name, A_NUMBER | ERROR)
        many = argument.held is not None or (name in _ELEMENTWISE and context == ARRAY)
        maybe = info.maybe and argument.held is None and name not in _ELEMENTWISE
        several = SEVERAL if many else 0
        if maybe or info.kinds & ~allowed:
            if name in _TEXT_TAKERS and allowed & SHORT == SHORT:
                self.required(info, allowed | A_NUMBER, name)
                self.write(part, allowed | several, name)
            else:
                self.required(info, allowed, name)
                if name.startswith("IS"):
                    allowed &= ~BLANK  # of which a function of ours would make a 0
                self.check(part, allowed | several, name)
                if name in _BY_CRITERIA and info.kinds & ERROR:
                    # The engine hands it on, where Excel looks for it.
                    number = self.noted(ERROR, name)
                    self.verdict.wrap(part, "IFERROR(", f",{instruments.REACHED}(#,{number}))")
        self.examined(node, name, part)
        return info

    def cells_given(
        self, node: Node, entry: Entry, argument: ProvedArgument, part: Node, context: str
    ) -> _Info:
        name, bare = entry.name, _bare(part)
        self.examined(node, name, part)
        wide = self.wide(bare)
        self.verdict.wide |= wide
        if argument.held is not None:
            order, action, at = argument.order, "refuse", node
            if name == "SUBTOTAL":
                order = HIDDEN if float(node.parts[0].text) > _WITHOUT_HIDDEN else FILTERED
                action, at = "visible", part
            elif name == "AGGREGATE":
                option = float(node.parts[1].text)
                if option in _PASSING_NESTED:
                    self.demand(bare, argument.held, name, node, action, order=NESTED)
                order = HIDDEN if option in _PASSING_HIDDEN else FILTERED
                action, at = "visible", part
            self.demand(bare, argument.held, name, at, action, order=order)
            return _Info(ANY)
        if wide:
            if name in _ELEMENTWISE and context == ARRAY:
                self.demand(bare, argument.single, name, node, "refuse")
                return _Info(ANY, several=True)
            if context != PLAIN or bare.kind != REFERENCE or self.lazy or name in _ELEMENTWISE:
                raise _RefusedError(f"{name} is given a range where it takes a single value")
            self.intersected.add(id(bare))
            self.demand(bare, argument.single, name, node, "refuse", intersected=True)
            return _Info(ANY)
        action = "refuse"
        if name in _TEXT_TAKERS and argument.single & SHORT == SHORT:
            action = "write"
        self.demand(bare, argument.single, name, part if action == "write" else node, action)
        return _Info(ANY)

    def examined(self, node: Node, name: str, part: Node) -> None:
        """Have a number looked at of which some are rounded by rules of their own."""
        if name in _OF_WHOLE_DAYS:
            self.verdict.wrap(part, f"{instruments.WHOLE}(", ",#)")
        if name in _OF_RATES and part is node.parts[0]:
            self.verdict.wrap(part, f"{instruments.RATE}(", ",#)")
        shown = _literal(node.parts[1]) if name == "TEXT" and part is node.parts[0] else ""
        if shown.endswith('%"'):
            decimals = 2 + len(shown.partition(".")[2].removesuffix('%"'))
            self.verdict.wrap(part, f"{instruments.SHOWN}(", f",{decimals},#)")

    def array_given(self, entry: Entry, argument: ProvedArgument, part: Node) -> _Info:
        assert argument.held is not None
        if entry.name in _OF_CELLS or argument.order:
            raise _RefusedError(f"{entry.name} is given something else than cells")
        for one in part.parts:
            kinds = self.value(one, ARRAY).kinds
            if kinds & ~argument.held:
                raise _RefusedError(given(entry.name, kinds & ~argument.held))
        return _Info(ANY, several=True)

    # Helpers

    def mark(self) -> tuple[int, int, set[int], dict[int, int], dict[int, str]]:
        """Remember what was found so far, to come back to."""
        around = {key: len(found) for key, found in self.verdict.around.items()}
        calls = dict(self.verdict.calls_of_ours)
        return len(self.demands), self.lazy, set(self.intersected), around, calls

    def reset(self, mark: tuple[int, int, set[int], dict[int, int], dict[int, str]]) -> None:
        """Forget what was found since."""
        demands, self.lazy, self.intersected, around, self.verdict.calls_of_ours = mark
        del self.demands[demands:]
        for key in list(self.verdict.around):
            del self.verdict.around[key][around.get(key, 0) :]
            if not self.verdict.around[key]:
                del self.verdict.around[key]

    def required(self, info: _Info, allowed: int, taker: str) -> None:
        """Refuse what cannot be of any kind that is proved."""
        if not info.kinds & allowed:
            raise _RefusedError(given(taker, info.kinds & ~allowed))

    def check(self, node: Node, allowed: int, taker: str) -> None:
        """Have the engine ask about a value on its way."""
        number = self.noted(allowed, taker)
        self.verdict.wrap(node, f"{instruments.CHECK}(", f",{number},#)")

    def write(self, node: Node, allowed: int, taker: str) -> None:
        """Have a value written out as a text, if it is a number, and asked about otherwise."""
        number = self.noted(allowed | A_NUMBER, taker)
        self.verdict.wrap(node, f"{instruments.WRITTEN}(", f",{number},#)")

    def noted(self, allowed: int, taker: str) -> int:
        checks = self.scope.checks
        if (allowed, taker) not in checks:
            checks.append((allowed, taker))
        return checks.index((allowed, taker))

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
        bare = _bare(node)
        if not ANY & ~kinds and not order:
            return
        cells = self.cells(bare)
        if cells is None:
            return
        self.demands.append(
            Demand(cells, kinds, intersected, order, taker, id(at), action, self.lazy > 0)
        )

    def is_cells(self, node: Node) -> bool:
        """Whether a part is a reference; a cell of another workbook is no more than its value."""
        bare = _bare(node)
        cells = self.cells(bare) if bare.kind in (REFERENCE, NAME) else None
        return cells is not None and (not cells.sheet.startswith("[") or self.wide(bare))

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
            if named is None or named.kinds:
                return None
            return Place(named.sheet, -1, named.text)
        prefix, _, text = node.text.rpartition("!")
        number = self.starts.get(node.stop - len(text), -1)
        return Place(_sheet(prefix), number, text)

    def constant(self, node: Node) -> int:
        named = self.scope.named(node.text.casefold())
        if named is not None and named.kinds & SEVERAL:
            raise _RefusedError(f"{node.text} means other cells on other sheets")
        return named.kinds if named is not None else ERROR

    def wide(self, node: Node) -> bool:
        """Whether a reference is one to several cells."""
        cells = self.cells(_bare(node))
        assert cells is not None
        first, colon, last = cells.text.replace("$", "").partition(":")
        # A whole column is named as a range from itself to itself.
        wide = bool(colon) and (first != last or first.isalpha() or first.isdecimal())
        self.verdict.wide |= wide
        return wide

    def words(self, node: Node) -> str:
        return self.verdict.form[node.start : node.stop][:40]


def _bare(node: Node) -> Node:
    while node.kind == GROUP:
        [node] = node.parts
    return node


def _literal(node: Node) -> str:
    if node.kind in (NUMBER, TEXT, LOGICAL):
        return node.text.upper()
    return ""


def _positive(node: Node) -> bool:
    return node.kind == NUMBER and float(node.text) > 0 and float(node.text).is_integer()


def _may_be_cells(node: Node) -> bool:
    """Whether a part may give cells and not their values, which some functions tell apart."""
    bare = _bare(node)
    return bare.kind == FUNCTION and function_name(bare.text) in (
        ["INDEX", "IF", "IFS", "CHOOSE", "SWITCH", "XLOOKUP", "IFERROR", "IFNA"]
    )


def _are_cells(node: Node) -> bool:
    bare = _bare(node)
    if bare.kind == FUNCTION:
        return function_name(bare.text) in ("OFFSET", "INDIRECT")
    return bare.kind == SPAN


def _sheet(prefix: str) -> str:
    if prefix.startswith("'") and prefix.endswith("'"):
        return prefix[1:-1].replace("''", "'")
    return prefix
