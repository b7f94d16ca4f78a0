"""What functions may be given in each of their places, and how the engine has to be given it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.elsewhere import ends_elsewhere
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import (
    ARRAY,
    ENDLESS,
    NOT_PROVED,
    PLAIN,
    UNCLEAR,
    PartInfo,
    RefusedFormulaError,
    Value,
    are_cells,
    asks_for_blanks,
    bare,
    blank_is_zero,
    blanks_meet,
    keys_of,
    literal_of,
    may_be_cells,
)
from xladdin.engines.embedded.function_groups import (
    ARRAY_INSIDE,
    BY_CRITERIA,
    BY_KEYS,
    ELEMENTWISE,
    FINDING,
    LAZY,
    OF_BLANKS_TOO,
    OF_CELLS,
    OF_EACH,
    OF_LETTERS,
    OF_RATES,
    OF_WHOLE,
    OF_WHOLE_COLUMNS,
    PAIRING,
    PLAIN_INSIDE,
    RANKS,
    TEXT_TAKERS,
)
from xladdin.engines.embedded.notes import given
from xladdin.engines.embedded.search_rules import SearchRules, ascends, is_past_numbers
from xladdin.engines.embedded.verdicts import FILTERED, HIDDEN, KEYS, NESTED, SIZED
from xladdin.engines.proved import (
    ANY,
    BLANK,
    DOUBTFUL,
    EMPTY,
    EQUALS,
    ERROR,
    LONG,
    NOT_ENGLISH,
    NOT_PLAIN,
    OMITTED,
    SEVERAL,
    SHORT,
    TEXTS,
    UNEQUAL,
    Entry,
    ProvedArgument,
)
from xladdin.engines.proved import LOGICAL as A_LOGICAL
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import (
    CONSTANTS,
    FUNCTION,
    GAP,
    GROUP,
    NAME,
    NUMBER,
    REFERENCE,
    SPAN,
    Node,
)
from xladdin.formulas.tokens import function_name

_CELL_BY_CELL: Final = ELEMENTWISE | OF_EACH

_PAST_NUMBERS: Final = {
    name: f"{instruments.SUBSTITUTE}{name}.PAST.NUMBERS" for name in ("MATCH", "LOOKUP")
}
"""What computes a lookup of a number past all others in a range that is in no order."""

_MODES: Final = frozenset({"MODE", "MODE.SNGL"})

_MET_BY_BLANKS: Final = EMPTY | EQUALS | UNEQUAL
"""Kinds of texts that as criteria blank cells meet; see `far_counts`."""

_ALIKE: Final[Mapping[str, int]] = {
    **dict.fromkeys(("AND", "OR", "XOR"), A_NUMBER | A_LOGICAL | ERROR),
    **dict.fromkeys(("CONCAT", "TEXTJOIN", "MATCH"), ANY & ~BLANK),
}
"""Kinds that a function of ranges takes alike in a cell and by themselves; numbers and errors where
it is not listed."""

_WITHOUT_HIDDEN: Final = 100
"""Above this, codes of SUBTOTAL leave out rows that are hidden by whatever means."""

_PASSING_NESTED: Final = (0, 1, 2, 3)
_PASSING_HIDDEN: Final = (1, 3, 5, 7)
"""Options of AGGREGATE by which it passes over other subtotals, and over hidden rows."""


class ArgumentRules:
    """Judges the arguments of a formula's functions."""

    def __init__(self, notes: FormulaNotes, value: Value) -> None:
        """Take where things are noted, and what judges parts."""
        self.notes = notes
        self.searches = SearchRules(notes, value)
        self.value = value

    def argument(
        self, node: Node, entry: Entry, argument: ProvedArgument, part: Node, context: str
    ) -> PartInfo:
        """Judge one argument.

        Args:
            node: The call.
            entry: What is proved of the function.
            argument: What is proved for the place.
            part: What stands there.
            context: Where the call stands.

        Returns:
            What is known of the argument's value.

        Raises:
            RefusedFormulaError: It is not proved.
        """
        name = entry.name
        if name in BY_KEYS and part in node.parts[:2] and not self.notes.is_cells(node.parts[1]):
            # What it is looked for among is not known before.
            argument = _of_fifteen_digits(argument)
        if name in BY_CRITERIA and argument.held is None:
            self.searches.criterion(name, part)
            marked = node.parts[0].kind == GROUP or self._passes_over_blanks(node, name)
            if marked and blanks_meet(part) is None:
                argument = replace(argument, single=argument.single & ~_MET_BY_BLANKS)
        if name == "SWITCH" and part is node.parts[0] and not asks_for_blanks(node):
            argument = replace(argument, single=argument.single | BLANK)
        if part.kind == GAP:
            if not argument.single & OMITTED:
                raise RefusedFormulaError(given(name, OMITTED))
            return PartInfo(SHORT | TEXTS | A_LOGICAL if name in LAZY else OMITTED)
        if argument.literals:
            return PartInfo(ANY)
        if self.notes.is_cells(part):
            return self._cells(node, entry, argument, part, context)
        if argument.held is not None and part.kind == CONSTANTS:
            return self._array(entry, argument, part)
        if name in OF_WHOLE_COLUMNS:
            self.notes.whole_taken.add(id(bare(part)))
        info = self._value_given(node, entry, argument, part, context)
        asked = info.maybe and argument.held is None and name not in ELEMENTWISE
        by_cell = name in _CELL_BY_CELL and context == ARRAY and info.several
        many = argument.held is not None or by_cell
        allowed = self._allowed(entry, argument, part, info)
        looked_for = (A_NUMBER | TEXTS) & allowed
        among = self._looked_through(node, name, part) if info.kinds & looked_for else None
        if among is not None:
            self.searches.by_key(node, among, name, part, allowed | SEVERAL * info.several)
        elif asked or info.kinds & ~allowed:
            self._look_at(name, part, info, allowed, SEVERAL if many else 0)
        self._examine(node, name, part)
        if name in OF_LETTERS and info.kinds & NOT_PLAIN:
            self.notes.verdict.calls_of_ours[id(node)] = f"{instruments.SUBSTITUTE}EACH.{name}"
        return info

    def _value_given(
        self, node: Node, entry: Entry, argument: ProvedArgument, part: Node, context: str
    ) -> PartInfo:
        """Judge an argument that is computed, and refuse it where cells have to stand."""
        name = entry.name
        each_cell = name in ARRAY_INSIDE or (name == "INDEX" and argument.held is not None)
        inside = ARRAY if context == ARRAY or each_cell else PLAIN
        if inside == PLAIN and argument.held is not None and name not in PLAIN_INSIDE:
            inside = UNCLEAR
        if inside == PLAIN and context == UNCLEAR:
            inside = UNCLEAR
        spans = argument.held is not None and bare(part).kind == SPAN
        info = self._span(bare(part)) if spans else self.value(part, inside)
        each = name in ELEMENTWISE or (context == ARRAY and name in _CELL_BY_CELL)
        if info.several and argument.held is None and not each:
            raise RefusedFormulaError(f"{name} is given a range where it takes a single value")
        if argument.held is not None and name in OF_CELLS:
            raise RefusedFormulaError(f"{name} is given something else than cells")
        among = info.several or info.maybe or are_cells(part) or may_be_cells(part)
        # Arithmetic on a single cell is an array of one to the engine, unlike that on constants.
        if name in ARRAY_INSIDE and not info.kinds & ~(A_NUMBER | ERROR):
            among = among or self.notes.works_on_cells(part)
        if argument.order not in ("", "#") or not (argument.single or among):
            raise RefusedFormulaError(f"{name} is given something else than cells")
        if name in ("COUNT", "COUNTA") and info.kinds & ERROR and not are_cells(part):
            # The engine hands some errors on and never counts.
            raise RefusedFormulaError(f"{name} is given what may be an error, and not cells")
        if argument.held is not None and (are_cells(part) or may_be_cells(part)):
            self._elsewhere(node, name, part)
        return info

    def _elsewhere(self, node: Node, name: str, part: Node) -> None:
        """Refuse cells that are not found, or blank, where the engine does not hand that on."""
        verdict = self.notes.verdict
        if name in ("COUNT", "COUNTA"):
            self.notes.check(node, ANY & ~ERROR, name)
        elif name in ("ROWS", "COLUMNS", "LOOKUP") or (name in BY_KEYS and part is node.parts[1]):
            verdict.wrap(part, f"{instruments.FOUND}(", ",#)")
        if name.endswith("LOOKUP") and verdict.root and not blank_is_zero(verdict.root, node):
            verdict.wrap(node, f"{instruments.FILLED}(", ",#)")

    def _allowed(self, entry: Entry, argument: ProvedArgument, part: Node, info: PartInfo) -> int:
        """Return the kinds that the value of a computed argument may have."""
        if argument.held is None:
            return argument.single
        alike = _ALIKE.get(entry.name, A_NUMBER | ERROR)
        if are_cells(part):
            # What is looked at is handed on as a value, and no longer as a cell.
            looked = argument.single and ANY & ~argument.held
            return argument.held & alike if looked else argument.held
        allowed = argument.held if info.several or not argument.single else argument.single
        if may_be_cells(part) and not info.several:
            allowed &= argument.held & alike
        return allowed

    def _look_at(self, name: str, part: Node, info: PartInfo, allowed: int, several: int) -> None:
        """Have a computed argument looked at while it is computed, or written as a text."""
        if name in TEXT_TAKERS and allowed & SHORT == SHORT:
            self.notes.required(info, allowed | A_NUMBER, name)
            self.notes.write(part, allowed | several, name)
            return
        self.notes.required(info, allowed, name)
        if name.startswith("IS"):
            allowed &= ~BLANK  # of which a function of ours would make a 0
        self.notes.check(part, allowed | several, name)
        if name in BY_CRITERIA and info.kinds & ERROR:
            # The engine hands it on, where Excel looks for it.
            number = self.notes.noted(ERROR, name)
            self.notes.verdict.wrap(part, "IFERROR(", f",{instruments.REACHED}({number},#))")

    def _span(self, node: Node) -> PartInfo:
        """Judge a range of which a corner is computed."""
        self.notes.verdict.wide = True
        if ends_elsewhere(node, self.notes):
            return PartInfo(ANY, maybe=True)
        for corner in node.parts:
            if corner.kind == FUNCTION and function_name(corner.text) == "INDEX":
                self.value(corner, UNCLEAR)
            elif not self.notes.is_cells(corner) or self.notes.wide(corner):
                raise RefusedFormulaError(f"{NOT_PROVED} for a range between such corners")
        return PartInfo(ANY, maybe=True)

    def _cells(
        self, node: Node, entry: Entry, argument: ProvedArgument, part: Node, context: str
    ) -> PartInfo:
        """Judge a reference."""
        name, inner = entry.name, bare(part)
        self._examine(node, name, part)
        wide = self.notes.wide(inner)
        self.notes.verdict.wide |= wide
        if argument.held is not None:
            self._range(node, entry, argument.held, argument.order, part)
            return PartInfo(ANY)
        if wide:
            if name in _CELL_BY_CELL and context == ARRAY:
                self.notes.each_cell(inner)
                single = argument.single | (BLANK if name in OF_BLANKS_TOO else 0)
                self.notes.demand(inner, single, name, node, "refuse")
                return PartInfo(ANY, several=True)
            if (
                context != PLAIN
                or inner.kind != REFERENCE
                or self.notes.lazy
                or name in ELEMENTWISE
            ):
                raise RefusedFormulaError(f"{name} is given a range where it takes a single value")
            self.notes.intersected.add(id(inner))
            self.notes.demand(inner, argument.single, name, node, "refuse", intersected=True)
            return PartInfo(ANY)
        action = "refuse"
        if name in TEXT_TAKERS and argument.single & SHORT == SHORT:
            action = "write"
        elif name in FINDING and part is node.parts[0] and self.notes.is_cells(node.parts[1]):
            action = "key" if not any(one.order for one in entry.arguments) else "refuse"
        at = node if action == "refuse" else part
        self.notes.demand(inner, argument.single, name, at, action)
        if name in OF_LETTERS:
            call = f"{instruments.SUBSTITUTE}EACH.{name}"
            self.notes.demand(inner, ANY & ~NOT_PLAIN, name, node, call)
        among = self._looked_through(node, name, part)
        if among is not None:
            self.searches.by_key(node, among, name, part, argument.single)
        return PartInfo(ANY)

    def _looked_through(self, node: Node, name: str, part: Node) -> Node | None:
        """Return the cells that a function looks through for a part, if it does."""
        at = 0 if name in BY_KEYS else 1 if name in RANKS else len(node.parts)
        if at >= len(node.parts) or part is not node.parts[at]:
            return None
        cells = node.parts[1 - at]
        return cells if self.notes.is_cells(cells) else None

    def _range(self, node: Node, entry: Entry, held: int, order: str, part: Node) -> None:
        """Note what a range has to hold, and which rows of it have to be visible."""
        name, inner, action, at = entry.name, bare(part), "refuse", node
        cells = self.notes.cells(inner)
        elsewhere = cells is not None and cells.sheet.startswith("[")
        if elsewhere and (name in OF_CELLS | BY_KEYS or held & ANY != ANY):
            # What such cells hold is stored with the link, and not looked at.
            raise RefusedFormulaError(f"{name} is given cells of a workbook that is not open")
        passed_over = part is node.parts[0] and self._passes_over_blanks(node, name)
        if passed_over and blanks_meet(node.parts[1]):
            raise RefusedFormulaError(f"{ENDLESS} or names, by a criterion that blank cells meet")
        if name in PAIRING and len(node.parts) > 1:
            self.notes.each_cell(inner)
        elif name in _MODES:
            order = SIZED
        if name == "SUBTOTAL":
            order = HIDDEN if float(node.parts[0].text) > _WITHOUT_HIDDEN else FILTERED
            action, at = "visible", part
        elif name == "AGGREGATE":
            option = float(node.parts[1].text)
            if option in _PASSING_NESTED:
                self.notes.demand(inner, held, name, node, action, order=NESTED)
            order = HIDDEN if option in _PASSING_HIDDEN else FILTERED
            action, at = "visible", part
        place = next(at for at, one in enumerate(node.parts) if one is part)
        criterion = node.parts[place + 1 : place + 2] if name in BY_CRITERIA else []
        if criterion and entry.arguments[entry.index(place + 1)].held is None:
            self.notes.demand(inner, ANY & ~DOUBTFUL, name, criterion[0], "words")
            self.searches.by_criterion(node, name, inner, criterion[0])
        if name in BY_KEYS and place == 1:
            self.searches.wild(node, name, inner, bare(node.parts[0]))
        if name in KEYS:
            if order:
                keys = A_NUMBER | BLANK
                self.notes.demand(inner, keys, name, part, "heading", order=KEYS[name])
            order = ""
        if order == "^" and name in _PAST_NUMBERS and is_past_numbers(node.parts[0]):
            action = _PAST_NUMBERS[name]
        elif order == "^" and name == "MATCH":
            action, at = "heading", part
            self.notes.verdict.headed[id(part)] = id(node)
        among_blanks = name == "XMATCH" and place == 1 and not held & BLANK
        held |= BLANK if among_blanks else 0
        self.notes.demand(inner, held, name, at, action, order=order)
        if among_blanks:
            call = f"{instruments.SUBSTITUTE}XMATCH.NEXT"
            self.notes.demand(inner, ANY & ~BLANK, name, node, call)

    def _passes_over_blanks(self, node: Node, name: str) -> bool:
        """Whether the engine passes over blank cells, of named and whole ranges."""
        first = bare(node.parts[0])
        return (
            name in ("SUMIF", "AVERAGEIF")
            and len(node.parts) == 3
            and self.notes.is_cells(first)
            and (first.kind == NAME or self.notes.endless(first))
        )

    def _examine(self, node: Node, name: str, part: Node) -> None:
        """Have a number looked at of which some are rounded by rules of their own."""
        whole = part.kind == NUMBER and float(part.text).is_integer()
        places = {"LARGE": node.parts[1:], "SMALL": node.parts[1:], "SWITCH": keys_of(node)}
        if not whole and (name in OF_WHOLE or any(part is one for one in places.get(name, ()))):
            self.notes.verdict.wrap(part, f"{instruments.WHOLE}(", ",#)")
        if name in OF_RATES and part is node.parts[0]:
            self.notes.verdict.wrap(part, f"{instruments.RATE}(", ",#)")
        if name == "SEARCH" and part is node.parts[0]:
            text = literal_of(part)
            if not text or "*" in text:
                self.notes.verdict.wrap(part, f"{instruments.PATTERN}(", ",#)")

    def _array(self, entry: Entry, argument: ProvedArgument, part: Node) -> PartInfo:
        """Judge an array of constants."""
        assert argument.held is not None
        ordered = argument.order == "^" and entry.name in ("LOOKUP", "MATCH") and ascends(part)
        if entry.name in OF_CELLS or (argument.order and not ordered):
            raise RefusedFormulaError(f"{entry.name} is given something else than cells")
        for one in part.parts:
            kinds = self.value(one, ARRAY).kinds
            if kinds & ~argument.held:
                raise RefusedFormulaError(given(entry.name, kinds & ~argument.held))
        return PartInfo(ANY, several=True)


@lru_cache(maxsize=256)
def _of_fifteen_digits(argument: ProvedArgument) -> ProvedArgument:
    """Narrow what may stand in a place to numbers of fifteen digits, and texts in English."""
    held = None if argument.held is None else argument.held & ~LONG
    return replace(argument, single=argument.single & ~(LONG | NOT_ENGLISH), held=held)
