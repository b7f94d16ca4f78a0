"""What is known of a formula before it is computed, and the pieces that the engine is given."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.rewrite import OMITTED_CALL
from xladdin.formulas.syntax_tree import GAP, REFERENCE, Node
from xladdin.formulas.tokens import ANY_CELL

Part: TypeAlias = str | tuple[int, bool] | tuple[str, bool] | None
"""A piece of a formula for the engine: itself; a reference by its number, or as written, and
whether it stands for one of its cells; None for the number of the formula's cell."""


HIDDEN: Final = "hidden"
FILTERED: Final = "filtered"
"""What rows of a range may not be, where a function passes over such."""
NESTED: Final = "nested"
"""What formulas of a range may not be, where a function passes over such."""
KEYS: Final = {"VLOOKUP": "first column", "HLOOKUP": "first row"}
"""What a lookup goes through, of a range."""

LINE: Final = "line"
"""A range of one row or column."""

ALONE: Final = "alone"
"""A whole column, or row, with more than its first cell: another is one value to the engine."""

CRITERION: Final = "criterion"
"""A search that Excel makes with fifteen digits of a number."""

DESCENDING: Final = "descending"
"""A search for the next larger one among descending numbers."""

SIZED: Final = "sized"
"""A range of no more cells than the engine takes; it gives an error for more."""


class Place(NamedTuple):
    """A reference: by its number among those that differ between formulas, or as written."""

    sheet: str  # empty for the formula's own
    number: int  # -1 if it is written out
    text: str


Shape: TypeAlias = tuple[int, int]


class Joined(NamedTuple):
    """An array that is computed cell by cell of others, one row, column or value for all."""

    parts: tuple[Size, ...]


Size: TypeAlias = Place | Shape | Joined | None
"""A size, as far as it is known of all formulas of one form; None where it is not."""


class SameSized(NamedTuple):
    """Arrays that have to be of one size.

    Attributes:
        taker: What they are given to.
        sizes: Theirs; of one, only its own parts have to fit.
    """

    taker: str
    sizes: tuple[Size, ...]


class Moved(NamedTuple):
    """A call of OFFSET.

    Attributes:
        node: The call, or the range of which it is a corner.
        cells: Where it starts.
        steps: Rows, columns, height and width as far as they are given; None for a computed one.
        corner: The other corner of that range.
    """

    node: int
    cells: Place
    steps: tuple[int | None, ...]
    corner: Place | None = None


class LiteralText(NamedTuple):
    """A text in formulas, of which what looks like a cell may differ between them."""

    text: str
    number: int  # of the first reference in it

    def of(self, references: Sequence[str]) -> str:
        """Return the text of the formula that has these references."""
        left = iter(references[self.number :])
        return ANY_CELL.sub(lambda _: next(left), self.text)


class Search(NamedTuple):
    """What is looked for among cells.

    Attributes:
        held: The cells.
        order: One of `KEYS`, for what of them is gone through, if that is not all; or `CRITERION`
            or `DESCENDING`.
        asked: A number or text, or the cell that holds it; None where it is computed.
        written: Whether it is written out with fifteen digits.
        before: What is written before a text of it.
        wild: Whether ``*`` and ``?`` in it stand for more than themselves.
    """

    held: Place
    order: str
    asked: Place | float | LiteralText | None
    written: bool = False
    before: LiteralText = LiteralText("", 0)
    wild: bool = True


class Operand(NamedTuple):
    """What is compared: a number, or the cells of a reference.

    Attributes:
        number: The number.
        place: The reference; None for a number.
        intersected: Whether only the cell in line with the formula counts.
    """

    number: float = 0.0
    place: Place | None = None
    intersected: bool = False


class Action(NamedTuple):
    """What is put around a part of one formula, or in its place.

    Attributes:
        around: What comes before it and after it.
        call: The function of ours that it becomes a call of.
        instead: What stands in its place.
    """

    around: tuple[str, str] | None = None
    call: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the cells of a reference have to hold for a formula to be computed rightly.

    Attributes:
        place: The reference.
        kinds: The kinds that may be there.
        intersected: Whether only the cell in line with the formula counts.
        order: As for `proved.ProvedArgument`; or `HIDDEN`, `FILTERED`, `NESTED`,
            `SIZED` or one of `KEYS`.
        taker: What takes the value, in words.
        node: Where in the formula it is taken.
        action: What is done about other kinds: names of our functions, ``write``, ``read``,
            ``criterion`` and ``words`` have a function of ours compute there; ``letters`` refuses
            texts that Excel may take for one of `literals`; ``visible`` leaves hidden rows out,
            ``ended`` ends a whole column
            of the range, ``heading`` texts above its numbers; ``key`` has a blank cell found
            nowhere; ``refuse`` does what it says, if the place is reached.
        lazy: Whether it may not be reached.
        unless: References to one cell each, and numbers: it is not reached where one has its
            number.
    """

    place: Place
    kinds: int
    intersected: bool
    order: str
    taker: str
    node: int
    action: str
    lazy: bool
    unless: tuple[tuple[Place, float], ...] = ()


@dataclass
class Verdict:
    """What is known of formulas that differ in the cells that they refer to alone.

    Attributes:
        reason: Why their values could not be trusted; empty if they could.
        calls: Functions that they call; whether each is surely one of Excel's own.
        single: Whether they cannot but give one value.
        wide: Whether they refer to ranges.
        demands: What their references have to hold.
        snaps: Whether their last step is a subtraction, which Excel makes 0 where it nearly is.
        operands: What that step subtracts, where it is one cell or number; None otherwise.
        compared: By node of a comparison: what it compares, where that is cells and numbers.
        literals: By node of a comparison with a text in letters of English: the text.
        only: Kinds that their value has to have; 0 for any.
        unreadable: Whether they are no formulas at all.
    """

    reason: str = ""
    calls: dict[str, bool] = field(default_factory=dict)
    single: bool = True
    wide: bool = False
    demands: tuple[Demand, ...] = ()
    snaps: bool = False
    operands: tuple[Place | float | None, ...] = ()
    compared: dict[int, tuple[Operand, ...]] = field(default_factory=dict)
    literals: dict[int, LiteralText] = field(default_factory=dict)
    only: int = 0
    unreadable: bool = False
    form: str = ""
    root: Node | None = None
    around: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    calls_of_ours: dict[int, str] = field(default_factory=dict)
    whole: dict[int, str] = field(default_factory=dict)  # whole columns, named by their corners
    same_sized: list[SameSized] = field(default_factory=list)
    positions: list[tuple[int, str, Place]] = field(default_factory=list)  # node, function, cells
    moved: list[Moved] = field(default_factory=list)
    headed: dict[int, int] = field(default_factory=dict)  # by node of cells: that which counts them
    searches: list[Search] = field(default_factory=list)
    fallbacks: dict[int, str] = field(default_factory=dict)
    intersected: frozenset[int] = frozenset()
    usual_parts: list[Part] = field(default_factory=list)
    _spans: list[tuple[int, int]] | None = None

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the references of the form begin and end that differ between formulas."""
        if self._spans is None:
            self._spans = [match.span() for match in ANY_CELL.finditer(self.form)]
        return self._spans

    @cached_property
    def makes_texts(self) -> bool:
        """Whether they join or replace texts."""
        names = {"CONCATENATE", "CONCAT", "TEXTJOIN", "REPT", "SUBSTITUTE", "REPLACE"}
        return "&" in self.form or not names.isdisjoint(self.calls)

    @cached_property
    def differs(self) -> bool:
        """Whether the engine has to be given something else than what is written."""
        return bool(
            self.around or self.calls_of_ours or self.fallbacks or self.intersected or self.whole
        )

    def wrap(self, node: Node, before: str, after: str) -> None:
        """Put something around a part; ``#`` in it stands for the number of the formula's cell."""
        self.around.setdefault(id(node), []).append((before, after))

    def parts(self, actions: Mapping[int, Action], snap: bool) -> list[Part]:
        """Return the formula for the engine, in pieces.

        Args:
            actions: By node: what has turned out to be needed besides.
            snap: Whether its last step is to be made 0 where it nearly is.
        """
        if self.root is None:
            return [self.form]
        if actions or snap:
            return list(self._rendered(self.root, actions, snap))
        if not self.usual_parts:
            self.usual_parts = _joined(self._rendered(self.root, actions, snap))
        return self.usual_parts

    def _rendered(self, node: Node, actions: Mapping[int, Action], snap: bool) -> Iterator[Part]:
        action = actions.get(id(node), Action())
        if action.instead:
            yield action.instead
            return
        around = [*self.around.get(id(node), ()), *([action.around] if action.around else ())]
        for before, _ in reversed(around):
            yield from _numbered(before)
        fallback = self.fallbacks.get(id(node), "")
        if fallback:
            yield "IFERROR("
        call = action.call or self.calls_of_ours.get(id(node), "")
        if snap:
            call = f'{instruments.DIFFERENCE}|"{node.text}"'
        if call:
            yield from self._called(node, call, actions)
        elif id(node) in self.whole:
            yield self.whole[id(node)]
        elif node.kind == REFERENCE:
            yield from self._raw(node.start, node.stop, id(node) in self.intersected)
        else:
            at = node.start
            for part in node.parts:
                yield from self._raw(at, part.start)
                yield from self._rendered(part, actions, False)
                at = part.stop
            yield from self._raw(at, node.stop)
        if fallback:
            before, hole, after = fallback.partition("{}")
            yield f",{before}"
            if hole:
                yield from self._rendered(node.parts[0], actions, False)
            yield f"{after})"
        for _, after in around:
            yield from _numbered(after)

    def _called(self, node: Node, what: str, actions: Mapping[int, Action]) -> Iterator[Part]:
        """Render an operator as a call of a function of ours."""
        name, _, extra = what.partition("|")
        yield f"{name}("
        for part in node.parts:
            if part.kind == GAP:
                yield f"{OMITTED_CALL}()"
            yield from self._rendered(part, actions, False)
            yield ","
        if extra:
            yield f"{extra},"
        yield None
        yield ")"

    def _raw(self, start: int, stop: int, intersected: bool = False) -> Iterator[Part]:
        at = start
        spans = self.spans
        for number in range(bisect.bisect_left(spans, (start, 0)), len(spans)):
            first, end = spans[number]
            if first >= stop:
                break
            yield self.form[at:first]
            yield number, intersected
            at = end
        rest = self.form[at:stop]
        if intersected and at == start:
            prefix, mark, cells = rest.rpartition("!")
            yield prefix + mark
            yield cells, True
        else:
            yield rest


def _joined(parts: Iterator[Part]) -> list[Part]:
    """Join texts that stand side by side; sheets before an only cell stay apart."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str) and "!" not in part:
            found[-1] += part
        else:
            found.append(part)
    return found


def _numbered(text: str) -> Iterator[Part]:
    head, mark, tail = text.partition("#")
    yield head
    if mark:
        yield None
        yield tail
