"""Which cells a workbook's formulas refer to, directly and by way of other formulas."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from xladdin.engines.cell_index import Index, Where
from xladdin.engines.embedded.rewrite import Rewriter, TooLongError
from xladdin.engines.result import Computed
from xladdin.formulas.external_links import links_of
from xladdin.formulas.tokens import (
    CALL,
    CLOSE,
    COMMA,
    OPEN,
    SHEET,
    SPACE,
    STRING,
    WORD,
    Token,
    function_name,
    placed,
    tokens,
)
from xladdin.functions.registry import FUNCTIONS
from xladdin.xlsx.sheet_part import Place, places
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, Area, Workbook, area_of, column_number

_DYNAMIC: Final = frozenset({"OFFSET", "INDIRECT"})
"""Functions whose result may be cells that the formula does not name."""

_MOST_NAMES: Final = 500
"""Names that are looked for in one go."""

_NONE: Final = r"(?!)"
"""What no text matches."""

_SHAPES: Final = re.compile(r"\b(?:SUMIF|AVERAGEIF)\s*\(", re.IGNORECASE)

_COLUMNS: Final = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", re.IGNORECASE)
_ROWS: Final = re.compile(r"\$?([1-9][0-9]{0,6}):\$?([1-9][0-9]{0,6})")


class Dependencies:
    """What the formulas of one workbook refer to."""

    def __init__(self, book: Workbook, result: Computed) -> None:
        """Take a workbook; its formulas are read when they are first asked for.

        Args:
            book: The workbook.
            result: What an engine made of it.
        """
        self._result = result
        self._links = links_of(book)
        sheets = [sheet.name for sheet in book.sheets]
        self._rewriter = Rewriter(FUNCTIONS, book.tables, book.defined_names, self._links, sheets)
        self._names = {
            ((name.sheet or "").casefold(), name.name.casefold()): name.text
            for name in book.defined_names
        }
        words = sorted({re.escape(name) for _, name in self._names})
        # Most formulas have no name in them; one look shows it. Many would make that look dear.
        many = len(words) > _MOST_NAMES
        self._any_name = re.compile("" if many else "|".join(words) or _NONE, re.IGNORECASE)
        self._sheets = {sheet.name.casefold(): sheet.name for sheet in book.sheets}
        self._texts: dict[str, dict[Place, str]] = {}
        self._members: dict[str, dict[Place, tuple[Place, ...]]] = {}
        self._masters: dict[str, dict[Place, Place]] = {}
        self._references: dict[Where, tuple[tuple[str, Area], ...]] = {}
        self._unnamed: set[Where] = set()  # formulas that refer to cells which they do not name

    def text(self, sheet: str, place: Place) -> str:
        """Return a cell's formula, spelt out, as Excel shows it; empty if it has none."""
        return self._formulas(sheet).get(place, "")

    def master(self, sheet: str, place: Place) -> Place:
        """Return the cell whose array formula fills a cell; the cell itself if there is none."""
        self._formulas(sheet)
        return self._masters[sheet].get(place, place)

    def members(self, sheet: str, place: Place) -> tuple[Place, ...]:
        """Return the cells that a cell's formula fills, itself included."""
        self._formulas(sheet)
        return self._members[sheet].get(place, (place,))

    def plain(self, text: str, sheet: str, place: Place) -> str:
        """Put cells and constants into a formula where it has names and structured references.

        Args:
            text: The formula, spelt out, without an equals sign.
            sheet: Sheet of the cell that holds it.
            place: That cell.

        Returns:
            The formula; empty where names in it stand for too much.
        """
        try:
            rewritten = self._rewriter.rewrite(text, sheet, *place)
        except TooLongError:
            return ""
        if rewritten.isascii() and self._any_name.search(rewritten) is None:
            return rewritten
        parts = tokens(rewritten)
        pieces = []
        before = ""
        for kind, piece in parts:
            if kind == WORD and before != SHEET:
                piece = self._named(piece, sheet) or piece
            pieces.append(piece)
            before = kind
        return "".join(pieces)

    def references(self, sheet: str, place: Place) -> tuple[tuple[str, Area], ...]:
        """List the ranges that a cell's formula refers to, with their sheets."""
        where = sheet, self.master(sheet, place)
        if where not in self._references:
            text = self.text(*where)
            plain = self.plain(text, *where) if text else ""
            found = [*self.areas(plain, sheet), *self._beyond(plain, sheet)]
            self._references[where] = tuple(found)
            if text and _is_dynamic(plain):
                self._unnamed.add(where)
        return self._references[where]

    def areas(self, plain: str, sheet: str) -> Iterator[tuple[str, Area]]:
        """Go through the ranges that stand in a formula without names."""
        parts = [token for token in tokens(plain) if token.kind != SPACE]
        where = sheet
        at = 0
        while at < len(parts):
            kind, text = parts[at]
            at += 1
            if kind == SHEET:
                where = text[:-1].strip("'").replace("''", "'")
                continue
            if kind == WORD:
                if at + 1 < len(parts) and parts[at].text == ":" and parts[at + 1].kind == WORD:
                    text = f"{text}:{parts[at + 1].text}"
                    at += 2
                area, known = _area(text), self._sheets.get(where.casefold())
                if area is not None and known is not None:
                    yield known, area
            where = sheet

    def _beyond(self, plain: str, sheet: str) -> Iterator[tuple[str, Area]]:
        """Go through the cells that SUMIF and AVERAGEIF add up, which may lie past their argument.

        They take as many as the first argument has, from the first cell of the third one on.
        """
        if _SHAPES.search(plain) is None:
            return
        parts = tokens(plain)
        for at, (kind, text) in enumerate(parts):
            if kind != CALL or function_name(text) not in ("SUMIF", "AVERAGEIF"):
                continue
            arguments = [[*self.areas(one, sheet)] for one in _arguments(parts[at + 1 :])]
            if len(arguments) != 3:
                continue
            for _, model in arguments[0]:
                rows, columns = model.shape
                for where, area in arguments[2]:
                    top, left = area[:2]
                    last = min(top + rows - 1, LAST_ROW), min(left + columns - 1, LAST_COLUMN)
                    yield where, Area(top, left, *last)

    def reached(self, sheet: str, area: Area) -> Area:
        """Cut a range off where its sheet's last row and column are, as whole columns need it."""
        rows, columns = self._result.layouts[self._result.parts[sheet]].reach
        return area._replace(
            last_row=max(area.first_row, min(area.last_row, rows)),
            last_column=max(area.first_column, min(area.last_column, columns)),
        )

    def calls(self, sheet: str, place: Place) -> set[str]:
        """Return the functions that a cell's formula calls, in capitals without prefixes."""
        where = sheet, self.master(sheet, place)
        plain = self.plain(self.text(*where), *where)
        return {function_name(text) for kind, text in tokens(plain) if kind == CALL}

    def callers(self, functions: Collection[str]) -> set[Where]:
        """Find the cells whose formulas call one of some functions.

        Args:
            functions: Their names, in capitals without prefixes.

        Returns:
            The cells.
        """
        calling = rf"(?<![\w])(?:{'|'.join(map(re.escape, functions))})\("
        # A defined name may stand for a call, or for another name that does.
        hiding: set[str] = set()
        while True:
            words = "".join(rf"|(?<![\w.]){re.escape(name)}(?![\w.(])" for name in hiding)
            pattern = re.compile(calling + words, re.IGNORECASE)
            more = {name for (_, name), text in self._names.items() if pattern.search(text)}
            if more <= hiding:
                break
            hiding |= more
        return {
            (sheet, place)
            for sheet in self._result.values
            for place, text in self._formulas(sheet).items()
            if pattern.search(text) and not self.calls(sheet, place).isdisjoint(functions)
        }

    @cached_property
    def _dynamic(self) -> set[Where]:
        return self.callers(_DYNAMIC)

    def dependents(self, cells: Iterable[Where]) -> set[Where]:
        """Find all cells that depend on some, directly or by way of others.

        Formulas that choose their cells at run time (OFFSET, INDIRECT), or whose ranges cannot be
        made out, count as dependents. A cell that an array formula fills stands for all of them.

        Args:
            cells: The cells.

        Returns:
            The cells that depend on them; of those given, the ones that do.
        """
        given = {
            (sheet, one)
            for sheet, place in cells
            for one in self.members(sheet, self.master(sheet, place))
        }
        if not given:
            return set()
        by_cell, by_range = self._referring
        found: set[Where] = set()
        reached = Index()
        waiting = deque(sorted(given))

        def depend(formulas: Iterable[Where]) -> None:
            for sheet, place in formulas:
                for one in self._members[sheet].get(place, (place,)):
                    if (sheet, one) not in found:
                        found.add((sheet, one))
                        waiting.extend({(sheet, one)} - given)

        def follow() -> None:
            while waiting:
                where = waiting.popleft()
                reached.add(where)
                depend(by_cell.get(where, ()))

        depend(sorted(self._dynamic | self._unnamed))
        ranges = list(by_range)
        while True:
            rest = []
            for one in ranges:
                follow()
                if reached.within(*one):
                    depend(by_range[one])
                else:
                    rest.append(one)
            follow()
            if len(rest) == len(ranges):
                return found
            ranges = rest[::-1]  # chains run down a sheet, or up

    @cached_property
    def _referring(self) -> tuple[dict[Where, list[Where]], dict[tuple[str, Area], list[Where]]]:
        """The formulas by the single cells that they refer to, and by the ranges."""
        by_cell: dict[Where, list[Where]] = defaultdict(list)
        by_range: dict[tuple[str, Area], list[Where]] = defaultdict(list)
        for sheet in self._result.values:
            for place in self._formulas(sheet):
                for where, area in self.references(sheet, place):
                    if area.shape == (1, 1):
                        by_cell[where, (area.first_row, area.first_column)].append((sheet, place))
                    else:
                        by_range[where, area].append((sheet, place))
        return by_cell, by_range

    def _formulas(self, sheet: str) -> dict[Place, str]:
        if sheet not in self._texts:
            layout = self._result.layouts[self._result.parts[sheet]]
            self._texts[sheet] = {
                place: self._links.without(text) for place, text in placed(layout.formulas)
            }
            self._members[sheet] = {
                (formula.row, formula.column): tuple(places(formula.area))
                for formula in layout.formulas
                if formula.kind in ("array", "dataTable") and formula.area is not None
            }
            self._masters[sheet] = {
                place: master
                for master, members in self._members[sheet].items()
                for place in members
            }
        return self._texts[sheet]

    def _named(self, word: str, sheet: str) -> str | None:
        key = word.casefold()
        return self._names.get((sheet.casefold(), key), self._names.get(("", key)))


def _area(text: str) -> Area | None:
    columns, rows = _COLUMNS.fullmatch(text), _ROWS.fullmatch(text)
    if columns is not None:
        first, last = sorted(column_number(letters.upper()) for letters in columns.groups())
        return Area(1, first, LAST_ROW, last) if last <= LAST_COLUMN else None
    if rows is not None:
        top, bottom = sorted(map(int, rows.groups()))
        return Area(top, 1, bottom, LAST_COLUMN) if bottom <= LAST_ROW else None
    try:
        return area_of(text)
    except ValueError:
        return None


def _arguments(parts: Sequence[Token]) -> Iterator[str]:
    """Go through the arguments of a call, given what stands after its opening parenthesis."""
    depth = 0
    pieces: list[str] = []
    for kind, text in parts:
        depth += (kind in (CALL, OPEN)) - (kind == CLOSE)
        if depth < 0 or (kind == COMMA and not depth):
            yield "".join(pieces)
            pieces = []
        else:
            pieces.append(text)
        if depth < 0:
            return


def _is_dynamic(plain: str) -> bool:
    """Whether a formula without names may refer to cells that do not stand in it.

    It does where one end of a range is computed, as in ``A1:INDEX(B:B,3)``, where a range has a
    sheet at either end or goes through several sheets, and where names stand for too much.
    """
    if not plain:
        return True
    if ":" not in plain:
        return False
    parts = [token for token in tokens(plain) if token.kind != SPACE]
    for before, (kind, text), after in zip(parts, parts[1:], parts[2:], strict=False):
        if text == ":" and kind != STRING and (before.kind != WORD or after.kind != WORD):
            return True
    return any(kind == SHEET and ":" in text.rpartition("]")[2] for kind, text in parts)
