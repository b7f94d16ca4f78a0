"""What operators may be given, and how the engine has to be given it."""

from __future__ import annotations

from collections.abc import Sequence

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import (
    ARRAY,
    PartInfo,
    Value,
    bare,
    is_small_power,
    keeps_size,
    within,
)
from xladdin.engines.embedded.operators import ARRAYS
from xladdin.engines.embedded.verdicts import LiteralText, Operand
from xladdin.engines.proved import (
    ANY,
    ARITHMETIC,
    BLANK,
    DIVISOR,
    DOUBTFUL,
    ERROR,
    JOINED,
    MULTIPLIED,
    NOT_PLAIN,
    SEVERAL,
    SHORT,
    TEXTS,
    kind_of_value,
)
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import COMPARISONS, NUMBER, TEXT, Node


class OperatorRules:
    """Judges the operands of a formula's operators."""

    def __init__(self, notes: FormulaNotes, value: Value) -> None:
        """Take where things are noted, and what judges parts."""
        self.notes = notes
        self.value = value

    def unary(self, node: Node, context: str) -> PartInfo:
        """Judge a part behind a sign."""
        [inside] = node.parts
        if node.text == "+":
            return self.value(inside, context)
        info = self.operand(inside, ARITHMETIC, "a sign", context, node)
        inner = bare(inside)
        if inner.kind == NUMBER and not float(inner.text):
            self.notes.verdict.wrap(node, "(", "+0)")  # Excel's zero has no sign
        if inside.kind == NUMBER:
            return PartInfo(kind_of_value(-float(inside.text)))
        return _made_of([info], A_NUMBER, context)

    def percent(self, node: Node, context: str) -> PartInfo:
        """Judge a part followed by %."""
        info = self.operand(node.parts[0], ARITHMETIC, "the operator %", context, node)
        return _made_of([info], A_NUMBER, context)

    def binary(self, node: Node, context: str) -> PartInfo:
        """Judge two parts with an operator between them."""
        if node.text in COMPARISONS:
            return self._comparison(node, context)
        if node.text == "&":
            taker = "the operator &"
            infos = [
                self.operand(part, JOINED, taker, context, node, "write") for part in node.parts
            ]
            return _made_of(infos, TEXTS, context)
        taker = f"the operator {node.text}"
        right = node.parts[1]
        if node.text == "^" and not is_small_power(right):
            infos = [self.operand(part, ANY, taker, context, node) for part in node.parts]
            self.notes.verdict.calls_of_ours[id(node)] = instruments.POWER
        else:
            root = self.notes.verdict.root
            # The size of a result is looked at, that of what goes on is not.
            ends = root is not None and bare(root) is node
            sized = not ends and node.text not in ("+", "-")
            allowed = MULTIPLIED if sized else ARITHMETIC
            last = DIVISOR if sized and node.text == "/" else allowed
            pairs = zip(node.parts, (allowed, last), strict=True)
            infos = [self.operand(part, kinds, taker, context, node) for part, kinds in pairs]
            if sized and not all(map(keeps_size, node.parts)):
                self.notes.check(node, ANY | SEVERAL, f"what follows {taker}")
        return _made_of(infos, A_NUMBER, context)

    def _comparison(self, node: Node, context: str) -> PartInfo:
        allowed = SHORT | BLANK | A_LOGICAL | ERROR
        if node.text in ("=", "<>"):
            allowed |= TEXTS & ~NOT_PLAIN
        left, right = node.parts
        infos = [self.value(part, context) for part in node.parts]
        gives = _made_of(infos, A_LOGICAL, context)
        many = "" if context != ARRAY else ARRAYS
        call = f'{instruments.COMPARE}|"{node.text}{many}"'
        if any(info.maybe for info in infos):
            self.notes.verdict.calls_of_ours[id(node)] = call
            return gives
        for literal, other, info in ((left, right, infos[1]), (right, left, infos[0])):
            if literal.kind == TEXT and literal.text.isascii() and node.text in ("=", "<>"):
                if self.notes.is_cells(other):
                    self._with_english(node, self.notes.content(literal), other)
                elif info.kinds & NOT_PLAIN:
                    self.notes.verdict.calls_of_ours[id(node)] = call
                return gives
        cells = [self.notes.is_cells(part) for part in node.parts]
        if any(info.kinds & ~allowed for info, one in zip(infos, cells, strict=True) if not one):
            self.notes.verdict.calls_of_ours[id(node)] = call
            return gives
        if all(one or part.kind == NUMBER for part, one in zip(node.parts, cells, strict=True)):
            self.notes.verdict.compared[id(node)] = tuple(map(self._operand, node.parts))
        for part, one in zip(node.parts, cells, strict=True):
            if one:
                cut = id(bare(part)) in self.notes.intersected
                self.notes.demand(part, allowed, "a comparison", node, call, intersected=cut)
        return gives

    def _with_english(self, node: Node, text: LiteralText, cells: Node) -> None:
        """Judge cells that are compared with a text in letters of English."""
        cut = id(bare(cells)) in self.notes.intersected
        self.notes.verdict.literals[id(node)] = text
        kinds = ANY & ~NOT_PLAIN
        self.notes.demand(cells, kinds, "a comparison", node, "letters", intersected=cut)

    def _operand(self, node: Node) -> Operand:
        if node.kind == NUMBER:
            return Operand(float(node.text))
        inner = bare(node)
        return Operand(0.0, self.notes.cells(inner), id(inner) in self.notes.intersected)

    def operand(
        self, node: Node, allowed: int, taker: str, context: str, at: Node, action: str = "refuse"
    ) -> PartInfo:
        """Judge what an operator is given."""
        info = self.value(node, context)
        if self.notes.is_cells(node):
            cut = id(bare(node)) in self.notes.intersected
            if allowed in (ARITHMETIC, MULTIPLIED, DIVISOR) and not info.several:
                action = "read"
            where = node if action in ("write", "read") else at
            self.notes.demand(node, allowed, taker, where, action, intersected=cut)
            return info
        if allowed in (MULTIPLIED, DIVISOR) and bare(node).kind != NUMBER:
            for cells in filter(self.notes.is_cells, within(node) if keeps_size(node) else ()):
                cut = id(cells) in self.notes.intersected
                kinds = ANY & ~(ARITHMETIC & ~allowed)
                self.notes.demand(cells, kinds, taker, at, "refuse", intersected=cut)
            allowed = ARITHMETIC
        several = SEVERAL if context == ARRAY else 0
        if action == "write":
            if info.maybe or info.kinds & ~allowed:
                self.notes.required(info, allowed | A_NUMBER, taker)
                self.notes.write(node, allowed | several, taker)
        elif (info.maybe and not several) or info.kinds & ~allowed:
            read = allowed == ARITHMETIC and bool(info.kinds & DOUBTFUL)
            allowed |= DOUBTFUL if read else 0
            self.notes.required(info, allowed, taker)
            if (info.maybe and not several) or info.kinds & ~allowed:
                self.notes.check(node, allowed | several, taker)
            if read:
                self.notes.verdict.wrap(node, f"{instruments.READ}(", ",#)")
        return info


def _made_of(infos: Sequence[PartInfo], kinds: int, context: str) -> PartInfo:
    """Return what is known of a result; where all cells count, it may be an array if they may."""
    maybe = context == ARRAY and any(info.maybe for info in infos)
    return PartInfo(kinds | ERROR, any(info.several for info in infos), maybe)
