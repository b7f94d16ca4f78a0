"""What functions look for among cells, where numbers beside it may be taken for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.examination import Values, where
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import (
    ARRAY,
    NOT_PROVED,
    PartInfo,
    RefusedFormulaError,
    Value,
    bare,
    blank_is_zero,
    literal_of,
)
from xladdin.engines.embedded.function_groups import FINDING
from xladdin.engines.embedded.notes import rounded
from xladdin.engines.embedded.sizes import size_of
from xladdin.engines.embedded.verdicts import (
    ALONE,
    CRITERION,
    DESCENDING,
    KEYS,
    LINE,
    LiteralText,
    Place,
    SameSized,
    Search,
    Verdict,
)
from xladdin.engines.letters import UNSURE
from xladdin.engines.proved import (
    ANY,
    ASTRAL,
    BLANK,
    DIGITS,
    LONGEST_KEY,
    SEVERAL,
    SHORT,
    is_of_digits,
)
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import (
    BINARY,
    CONSTANTS,
    FUNCTION,
    GAP,
    LOGICAL,
    NAME,
    NUMBER,
    REFERENCE,
    TEXT,
    UNARY,
    Node,
)
from xladdin.formulas.tokens import function_name

NEARLY_MET: Final = (
    "it holds a criterion against a number that is the same but for digits after the fifteenth"
)
TOO_LONG: Final = "it looks for a text of more than 255 characters"
QUOTED: Final = "its criterion begins with a quotation mark, which the engine leaves out"
BY_ONE_CHARACTER: Final = (
    "it looks by ? among texts with letters beyond those of English, which the engine may not count"
)
FOUND_TWICE: Final = "MATCH finds a number that stands more than once among descending ones"
NEARLY_FOUND: Final = "it looks for a number among cells that have nearly the same"


def finds_last(node: Node) -> bool:
    """Whether LOOKUP is asked for 2 among what 1 is divided by conditions."""
    if len(node.parts) != 3 or literal_of(node.parts[0]) != "2":
        return False
    inner = bare(node.parts[1])
    return inner.kind == BINARY and inner.text == "/" and literal_of(inner.parts[0]) == "1"


def _not_empty(found: Node) -> Node | None:
    """Return the cells of ``1/(cells<>"")``; None for anything else."""
    asked = bare(bare(found).parts[1])
    if asked.kind != BINARY or asked.text != "<>" or literal_of(asked.parts[1]) != '""':
        return None
    return asked.parts[0] if bare(asked.parts[0]).kind in (REFERENCE, NAME) else None


def asks_past_texts(node: Node) -> bool:
    """Whether MATCH or LOOKUP is asked for a text of nothing but z, which few texts come after."""
    key, *others = node.parts
    if not others or (function_name(node.text) == "MATCH" and literal_of(node.parts[-1]) == "0"):
        return False
    if key.kind == FUNCTION and function_name(key.text) == "REPT" and len(key.parts) == 2:
        count = literal_of(key.parts[1])
        return literal_of(key.parts[0]) == '"Z"' and count in _COUNTS_OF_ZS
    return _ZS.fullmatch(literal_of(key)) is not None


def is_past_numbers(key: Node) -> bool:
    """Whether a lookup is asked for a number that hardly any cell comes up to."""
    return key.kind == NUMBER and float(key.text) >= _PAST_NUMBERS


_PAST_NUMBERS: Final = 1e15
_ZS: Final = re.compile('"Z{3,}"')
_COUNTS_OF_ZS: Final = frozenset(map(str, range(3, LONGEST_KEY + 1)))


def ascends(array: Node) -> bool:
    """Whether an array of constants has numbers in ascending order."""
    texts = [literal_of(part) for part in array.parts]
    if not all(part.kind in (NUMBER, UNARY) for part in array.parts) or "" in texts:
        return False
    numbers = [float(text) for text in texts]
    return numbers == sorted(numbers)


class SearchRules:
    """Notes what a formula looks for, by keys and by criteria."""

    def __init__(self, notes: FormulaNotes, value: Value) -> None:
        """Take where things are noted, and what judges parts."""
        self.notes = notes
        self.value = value

    def last(self, node: Node) -> PartInfo:
        """Judge LOOKUP of the last cell for which conditions hold, which works on every cell."""
        _, found, result = node.parts
        if not self.value(found, ARRAY).several:
            raise RefusedFormulaError(f"{NOT_PROVED} for LOOKUP in what is no range")
        rows = bare(result).kind == FUNCTION and function_name(bare(result).text) == "ROW"
        if rows and self.value(result, ARRAY).several:
            pass
        elif self.notes.is_cells(result):
            self.notes.each_cell(result)
        else:
            raise RefusedFormulaError(f"{NOT_PROVED} for LOOKUP of what is no range")
        call = "LOOKUP.LAST"
        cells = _not_empty(found)
        if cells is not None and not rows and all(map(self.notes.endless, (cells, result))):
            # No blank cell meets this, so that the engine may end both where their last cells are.
            for one in map(bare, (cells, result)):
                self.notes.verdict.whole.pop(id(one))
            call = "LOOKUP.LAST.CELL"
        sizes = (size_of(self.notes, found), size_of(self.notes, result))
        self.notes.verdict.same_sized.append(SameSized("LOOKUP", sizes))
        self.notes.verdict.calls_of_ours[id(node)] = f"{instruments.SUBSTITUTE}{call}"
        return PartInfo(ANY)

    def past_texts(self, node: Node, name: str) -> PartInfo:
        """Judge a search for the last text of a range."""
        _, cells, *others = node.parts
        if name == "MATCH" and others and literal_of(others[0]) not in ("1", "TRUE"):
            raise RefusedFormulaError(f"{NOT_PROVED} for MATCH of texts in descending order")
        for part in node.parts[1:] if name == "LOOKUP" else [cells]:
            if not self.notes.is_cells(part):
                raise RefusedFormulaError(f"{NOT_PROVED} for {name} in what is no range")
            self.notes.demand(part, ANY, name, node, "refuse", order=LINE)
        if name == "LOOKUP" and others:
            sizes = (size_of(self.notes, cells), size_of(self.notes, others[0]))
            self.notes.verdict.same_sized.append(SameSized(name, sizes))
        self.notes.verdict.calls_of_ours[id(node)] = f"{instruments.SUBSTITUTE}{name}.PAST.TEXTS"
        return PartInfo(ANY)

    def lookup(self, node: Node) -> None:
        """Ask for ranges, or arrays of constants, of one size that LOOKUP goes through."""
        parts = node.parts[1:]
        sizes = tuple(size_of(self.notes, part) for part in parts)
        self.notes.verdict.same_sized.append(SameSized("LOOKUP", sizes))
        if self.notes.is_cells(parts[0]):
            self.notes.demand(parts[0], ANY, "LOOKUP", node, "refuse", order=LINE)
        root = self.notes.verdict.root
        if self.notes.is_cells(parts[-1]) and root and not blank_is_zero(root, node):
            self.notes.demand(parts[-1], ANY & ~BLANK, "LOOKUP", node, "filled")
        arrays = [part for part in parts if part.kind == CONSTANTS]
        if arrays and (len({len(part.parts) for part in arrays}) > 1 or len(arrays) < len(parts)):
            raise RefusedFormulaError("LOOKUP is given an array beside something else")

    def by_key(self, node: Node, cells: Node, name: str, key: Node, allowed: int) -> None:
        """Note what a function looks for among cells.

        Excel compares all digits of numbers. The engine takes those for the same that differ by
        some 1E-12, so that none of the cells may be so near without being the same.

        Args:
            node: The call.
            cells: The cells.
            name: The function.
            key: What it looks for.
            allowed: The kinds that this may have.
        """
        held, inner = self.notes.cells(bare(cells)), bare(key)
        assert held is not None
        asked: Place | float | LiteralText | None = None
        if self.notes.is_cells(inner):
            asked = self.notes.cells(inner)
        elif inner.kind == NUMBER:
            asked = float(inner.text)
        elif inner.kind == TEXT:
            asked = self.notes.content(inner)
        elif inner.kind == LOGICAL:
            return
        else:
            self._remember(key, name, allowed)
        order = KEYS.get(name, "")
        if name == "MATCH" and literal_of(node.parts[-1]) == "-1":
            order = DESCENDING
        search = Search(held, order, asked, wild=name in FINDING)
        self.notes.verdict.searches.append(search)

    def criterion(self, name: str, part: Node) -> None:
        """Have a criterion of digits given to the engine as the number that it is."""
        inner = bare(part)
        if self.notes.is_cells(part):
            self.notes.demand(inner, ANY & ~DIGITS, name, part, "criterion")
            return
        first = inner.parts[0] if inner.kind == BINARY and inner.text == "&" else inner
        text = first.text[1:-1] if first.kind == TEXT else ""
        computed = inner.kind not in (TEXT, NUMBER, LOGICAL, GAP)
        if is_of_digits(text) or (computed and text[:1] not in ("<", ">", "=")):
            self.notes.verdict.wrap(part, f"{instruments.CRITERION}(", ",#)")

    def by_criterion(self, node: Node, name: str, cells: Node, criterion: Node) -> None:
        """Note what numbers are held against, as Excel takes those of equal 15 digits for equal.

        Args:
            node: The call.
            name: The function.
            cells: The cells.
            criterion: What they are asked for.
        """
        held, inner = self.notes.cells(cells), bare(criterion)
        if name.endswith("IFS") and held is not None and self.notes.endless(cells):
            self.notes.demand(cells, ANY, name, cells, "ended", order=ALONE)
        before = LiteralText("", 0)
        if inner.kind == BINARY and inner.text == "&" and inner.parts[0].kind == TEXT:
            before, inner = self.notes.content(inner.parts[0]), bare(inner.parts[1])
        written = bool(before.text)
        sign = 1.0
        if inner.kind == UNARY and inner.text == "-" and inner.parts[0].kind == NUMBER:
            sign, inner = -1.0, inner.parts[0]
        if held is None or inner.kind in (LOGICAL, GAP):
            return
        self.wild(node, name, cells, inner)
        asked: Place | float | LiteralText | None = None
        if inner.kind in (NUMBER, TEXT):
            number = inner.text.strip('"').lstrip("<>=")
            digits = inner.kind == NUMBER or is_of_digits(number)
            asked = sign * float(number) if digits else self.notes.content(inner)
        elif self.notes.is_cells(inner) and not self.notes.wide(inner):
            asked = self.notes.cells(inner)
        elif self.notes.is_cells(inner):
            self.notes.demand(cells, ANY & ~A_NUMBER | SHORT, name, node, "refuse")
            return
        else:
            self._remember(criterion, name, ANY | (SEVERAL if name == "COUNTIF" else 0))
        self.notes.verdict.searches.append(Search(held, CRITERION, asked, written, before))

    def wild(self, node: Node, name: str, cells: Node, asked: Node) -> None:
        """Note that ``?`` may be asked to stand for a character that Excel counts as two."""
        if asked.kind != NUMBER and not (asked.kind == TEXT and "?" not in asked.text):
            order = KEYS.get(name, "")
            self.notes.demand(cells, ANY & ~ASTRAL, name, node, "refuse", order=order)

    def _remember(self, key: Node, name: str, allowed: int) -> None:
        """Have the next search remember what is looked for, which is computed."""
        check, number = self.notes.noted(allowed, name), len(self.notes.verdict.searches)
        self.notes.verdict.wrap(key, f"{instruments.KEY}(", f",{check},{number},#)")


def _asked(search: Search, values: Values, references: Sequence[str], sheet: str) -> object:
    """Return what one formula looks for, as far as it is no more than that."""
    one, criterion = search.asked, search.order == CRITERION
    if isinstance(one, Place):
        return values.only(*where(one, references, sheet), criterion=criterion)
    return one.of(references) if isinstance(one, LiteralText) else one


def beside_another(
    verdict: Verdict,
    values: Values,
    references: Sequence[str],
    sheet: str,
    keys: Iterable[tuple[int, float | str]],
) -> str:
    """Say whether a formula looks for something among cells that have nearly the same.

    Args:
        verdict: What is known of the formula.
        values: What cells hold.
        references: Its references.
        sheet: Its sheet.
        keys: What it looked for that is computed, with the number of the search.

    Returns:
        What is wrong; empty for nothing.
    """
    wanted: list[tuple[Search, object]] = [
        (search, _asked(search, values, references, sheet)) for search in verdict.searches
    ]
    wanted += [(verdict.searches[number], key) for number, key in keys]
    for search, key in wanted:
        held = where(search.held, references, sheet)
        if isinstance(key, str):
            criterion = search.order == CRITERION
            asked = (search.before.of(references) + key).lstrip("<>=") if criterion else key
            if criterion and asked.startswith('"'):
                return QUOTED
            if len(asked) > LONGEST_KEY and not asked.isascii():
                return TOO_LONG
            if search.wild and "?" in asked and values.has_letters(*held, search.order, asked):
                return BY_ONE_CHARACTER
            if values.unsure(*held, search.order, asked, search.wild):
                return UNSURE
        if search.order == DESCENDING and type(key) is float and values.repeats(*held, key):
            return FOUND_TWICE
        if type(key) is float and values.beside(
            *held,
            search.order,
            rounded(key) if search.written else key,
        ):
            return NEARLY_MET if search.order == CRITERION else NEARLY_FOUND
    return ""
