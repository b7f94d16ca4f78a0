"""What functions look for among cells, where numbers beside it may be taken for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from xladdin.engines.embedded import instruments
from xladdin.engines.embedded.examination import Values, where
from xladdin.engines.embedded.formula_notes import FormulaNotes
from xladdin.engines.embedded.formula_parts import bare, literal_of
from xladdin.engines.embedded.notes import rounded
from xladdin.engines.embedded.verdicts import CRITERION, DESCENDING, KEYS, Place, Search, Verdict
from xladdin.engines.proved import ANY, ASTRAL, SEVERAL, SHORT, is_of_digits
from xladdin.engines.proved import NUMBER as A_NUMBER
from xladdin.formulas.syntax_tree import BINARY, GAP, LOGICAL, NUMBER, TEXT, UNARY, Node

NEARLY_MET: Final = (
    "it holds a criterion against a number that is the same but for digits after the fifteenth"
)
FOUND_TWICE: Final = "MATCH finds a number that stands more than once among descending ones"
NEARLY_FOUND: Final = "it looks for a number among cells that have nearly the same"


class SearchRules:
    """Notes what a formula looks for, by keys and by criteria."""

    def __init__(self, notes: FormulaNotes) -> None:
        """Take where things are noted."""
        self.notes = notes

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
        asked: Place | float | None = None
        if self.notes.is_cells(inner):
            asked = self.notes.cells(inner)
        elif inner.kind == NUMBER:
            asked = float(inner.text)
        elif inner.kind in (TEXT, LOGICAL):
            return
        else:
            self._remember(key, name, allowed)
        order = KEYS.get(name, "")
        if name == "MATCH" and literal_of(node.parts[-1]) == "-1":
            order = DESCENDING
        self.notes.verdict.searches.append(Search(held, order, asked))

    def by_criterion(self, node: Node, name: str, cells: Node, criterion: Node) -> None:
        """Note what numbers are held against, as Excel takes those of equal 15 digits for equal.

        Args:
            node: The call.
            name: The function.
            cells: The cells.
            criterion: What they are asked for.
        """
        held, inner = self.notes.cells(cells), bare(criterion)
        written = inner.kind == BINARY and inner.text == "&" and inner.parts[0].kind == TEXT
        if written:
            inner = bare(inner.parts[1])
        sign = 1.0
        if inner.kind == UNARY and inner.text == "-" and inner.parts[0].kind == NUMBER:
            sign, inner = -1.0, inner.parts[0]
        if held is None or inner.kind in (LOGICAL, GAP):
            return
        self.wild(node, name, cells, inner)
        asked: Place | float | None = None
        if inner.kind in (NUMBER, TEXT):
            number = inner.text.strip('"').lstrip("<>=")
            if inner.kind == TEXT and not is_of_digits(number):
                return
            asked = sign * float(number)
        elif self.notes.is_cells(inner) and not self.notes.wide(inner):
            asked = self.notes.cells(inner)
        elif self.notes.is_cells(inner):
            self.notes.demand(cells, ANY & ~A_NUMBER | SHORT, name, node, "refuse")
            return
        else:
            self._remember(criterion, name, ANY | (SEVERAL if name == "COUNTIF" else 0))
        self.notes.verdict.searches.append(Search(held, CRITERION, asked, written))

    def wild(self, node: Node, name: str, cells: Node, asked: Node) -> None:
        """Note that ``?`` may be asked to stand for a character that Excel counts as two."""
        if asked.kind != NUMBER and not (asked.kind == TEXT and "?" not in asked.text):
            order = KEYS.get(name, "")
            self.notes.demand(cells, ANY & ~ASTRAL, name, node, "refuse", order=order)

    def _remember(self, key: Node, name: str, allowed: int) -> None:
        """Have the next search remember what is looked for, which is computed."""
        check, number = self.notes.noted(allowed, name), len(self.notes.verdict.searches)
        self.notes.verdict.wrap(key, f"{instruments.KEY}(", f",{check},{number},#)")


def beside_another(
    verdict: Verdict,
    values: Values,
    references: Sequence[str],
    sheet: str,
    keys: Iterable[tuple[int, float]],
) -> str:
    """Say whether a formula looks for a number among cells that have nearly the same.

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
        (search, values.only(*where(one, references, sheet)) if isinstance(one, Place) else one)
        for search in verdict.searches
        for one in (search.asked,)
    ]
    wanted += [(verdict.searches[number], key) for number, key in keys]
    for search, key in wanted:
        held = where(search.held, references, sheet)
        if search.order == DESCENDING and type(key) is float and values.repeats(*held, key):
            return FOUND_TWICE
        if type(key) is float and values.beside(
            *held,
            search.order,
            rounded(key) if search.written else key,
        ):
            return NEARLY_MET if search.order == CRITERION else NEARLY_FOUND
    return ""
