"""Formulas rewritten for the embedded engine, which takes some things for what they are not.

Excel's own meaning is kept, and only the engine ever sees the result:

- a gap in a call of ours, ``F(a,,c)``, reaches a Python function as 0; it becomes a call of a
  helper that returns a marker for "omitted";
- structured references, which the engine does not read from files, become plain ones;
- defined names that stand for more than a fixed range or a constant are put in where they are
  used, as the engine leaves them out;
- prefixes that programs put before our add-in's functions are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from xladdin.engines.numerals import as_excel_reads
from xladdin.formulas import sheet_spans, structured_references
from xladdin.formulas.external_links import Links, here
from xladdin.formulas.tokens import (
    ANY_CELL,
    BRACKET,
    CALL,
    CLOSE,
    COMMA,
    ERROR,
    OPEN,
    OTHER,
    SHEET,
    SPACE,
    WORD,
    Token,
    name_of_ours,
    shifted,
    tokens,
)
from xladdin.xlsx.sheet_part import LONGEST_FORMULA
from xladdin.xlsx.workbook_part import LAST_ROW, Name, Table

OMITTED_CALL: Final = "XLADDIN.OMITTED"
"""Name of the helper function whose value means that an argument is omitted."""

UNKNOWN_CALL: Final = "XLADDIN.UNKNOWN"
"""Name of the helper function that stands for a part without a value, for the reason given."""

KNOWN_CALL: Final = "XLADDIN.KNOWN"
"""Name of the helper function that gives a value that was computed before, with all its digits."""

_DEEPEST: Final = 32
"""Defined names within defined names; a longer chain is a circle."""


class TooLongError(ValueError):
    """Names in a formula stand for more than a formula can be."""


_SHEET_PREFIX: Final = r"(?:'(?:[^']|'')*'|[\w.]+)!"
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_FIXED_NAME: Final = re.compile(
    rf"""
      {_SHEET_PREFIX}\$[A-Za-z]{{1,3}}\$\d+(?: : \$[A-Za-z]{{1,3}}\$\d+)?
    | {_SHEET_PREFIX}\$[A-Za-z]{{1,3}}:\$[A-Za-z]{{1,3}}
    | {_SHEET_PREFIX}\$\d+:\$\d+
    | "(?:[^"]|"")*"
    | {_NUMBER.pattern}
    | TRUE | FALSE
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A definition that the engine itself reads rightly."""

_MOST_WORDS: Final = 2_000
"""Names that are looked for in one go; where there are more, every formula is taken apart."""

_ALWAYS: Final = r"\[|_xl|[(,]\s*[,)]|[\w'\]]!\s*[^\W\d][\w.]*\("


_MOST_KEPT: Final = 4_000
"""Formulas that are remembered."""


class _Memory:
    """What was found out about formulas of workbooks that have the same tables and names."""

    def __init__(self, pattern: str) -> None:
        self._concerned = re.compile(pattern, re.IGNORECASE)
        self._plain: set[str] = set()
        # A table's column has the same formula in all its rows.
        self.known: dict[tuple[str, str, tuple[bool, ...], str], str] = {}

    def concerns(self, formula: str) -> bool:
        """Whether something may have to be done about a formula; for most, one look shows it."""
        if formula in self._plain:
            return False
        if self._concerned.search(formula) is not None:
            return True
        if len(self._plain) >= _MOST_KEPT:
            self._plain.clear()
        self._plain.add(formula)
        return False


@lru_cache(maxsize=64)
def _memory(
    functions: frozenset[str],
    tables: tuple[Table, ...],
    names: frozenset[tuple[tuple[str, str], Name]],
    shadows: frozenset[tuple[str, str]],  # noqa: ARG001  (part of the cache's key)
    files: tuple[str, ...],  # noqa: ARG001  (likewise)
) -> _Memory:
    """Remember formulas for all workbooks in which they are rewritten alike."""
    words = {re.escape(table.name.casefold()) for table in tables}
    words |= {re.escape(key[1]) for key, _ in names}
    named = "|".join(map(re.escape, sorted(functions)))
    always = [_ALWAYS, rf"\.(?:{named})\("] if named else [_ALWAYS]
    pattern = "|".join([*always, *(rf"(?<![\w.]){word}(?![\w.])" for word in sorted(words))])
    # Many names would make the look dear.
    return _Memory(pattern if len(words) <= _MOST_WORDS else "")


class Rewriter:
    """Rewrites the formulas of one workbook.

    Attributes:
        kept: The defined names that stay in them.
        alike_in_all_rows: Whether no name of the workbook reads as a cell. Then a formula that is
            left as it is stays so when it is filled down.
        moves: Whether the last formula uses a name that means a place nearby.
    """

    def __init__(
        self,
        functions: Collection[str],
        tables: Iterable[Table] = (),
        names: Iterable[Name] = (),
        links: Links | None = None,
        sheets: Sequence[str] = (),
    ) -> None:
        """Learn what formulas may speak of.

        Args:
            functions: Worksheet names of our functions, in capitals.
            tables: The workbook's tables.
            names: The workbook's defined names.
            links: What prefixes lead to.
            sheets: The workbook's sheets, in order.
        """
        self._links = links or Links()
        self._sheets = tuple(sheets)
        self._functions = frozenset(functions)
        self._all_tables = tuple(tables)
        self._tables = {table.name.casefold(): table for table in self._all_tables}
        self._by_sheet: dict[str, list[Table]] = {}
        for table in self._all_tables:
            self._by_sheet.setdefault(table.sheet, []).append(table)
        self.kept: list[Name] = []
        self._names: dict[tuple[str, str], Name] = {}
        shadows = set()
        for name in names:
            scope = (name.sheet or "").casefold()
            if _FIXED_NAME.fullmatch(name.text) is None or self._inlined(name.text):
                self._names[scope, name.name.casefold()] = name
                continue
            self.kept.append(name)
            if scope:
                shadows.add((scope, name.name.casefold()))
        self._shadows = frozenset(shadows)
        self.alike_in_all_rows = not any(
            ANY_CELL.search(word) for word in (*self._tables, *(key[1] for key in self._names))
        )
        self._memory = _memory(
            self._functions,
            tuple(replace(table, formulas=()) for table in self._all_tables),
            frozenset(self._names.items()),
            self._shadows,
            self._links.files,
        )
        self.moves = False

    def _inlined(self, text: str) -> bool:
        """Whether a fixed name is put in where it is used, so that its content is judged there."""
        too_long = _NUMBER.fullmatch(text) is not None and not as_excel_reads(text)
        return too_long or self._links.lost(text)

    def rewrite(self, formula: str, sheet: str, row: int, column: int) -> str:
        """Rewrite a formula.

        Args:
            formula: The formula without an equals sign, as the file has it.
            sheet: Sheet of the cell that holds it.
            row: Row of that cell, from 1.
            column: Column of that cell, from 1.

        Returns:
            The formula for the engine; the same text where nothing needs doing.

        Raises:
            TooLongError: It would be longer than a formula can be.
        """
        return self.rewrite_for_rows(formula, sheet, row, column).replace(
            structured_references.ROW, str(row)
        )

    def rewrite_for_rows(self, formula: str, sheet: str, row: int, column: int) -> str:
        """Rewrite a formula for all rows in which it comes out the same but for their numbers.

        Args:
            formula: As for `rewrite`.
            sheet: As for `rewrite`.
            row: As for `rewrite`.
            column: As for `rewrite`.

        Returns:
            The formula for the engine, with `structured.ROW` for the number of the cell's row.

        Raises:
            TooLongError: It would be longer than a formula can be.
        """
        self.moves = False
        if self._sheets and sheet_spans.spans_sheets(formula):
            formula = sheet_spans.apart(formula, self._sheets)
        if not self._memory.concerns(formula):
            return formula
        key = formula, sheet, *self._among_tables(sheet, row, column)
        known = self._memory.known.get(key)
        if known is None:
            known = self._rewritten(formula, (sheet, row, column), 0)
            if not self.moves:
                if len(self._memory.known) >= _MOST_KEPT:
                    self._memory.known.clear()
                self._memory.known[key] = known
        return known

    def alike(self, sheet: str, row: int) -> range:
        """Return the rows around one that lie in the same tables of a sheet, and in their data."""
        first, end = 1, LAST_ROW + 1
        for table in self._by_sheet.get(sheet, ()):
            top, bottom = table.area.first_row, table.area.last_row + 1
            for edge in (top, table.first_data_row, table.last_data_row + 1, bottom):
                first, end = (max(first, edge), end) if edge <= row else (first, min(end, edge))
        return range(first, end)

    def _among_tables(self, sheet: str, row: int, column: int) -> tuple[tuple[bool, ...], str]:
        """Say which tables of a sheet have data in a row, and which one a cell is in."""
        tables = self._by_sheet.get(sheet)
        if not tables:
            return (), ""
        rows = tuple(table.first_data_row <= row <= table.last_data_row for table in tables)
        own = structured_references.containing(tables, sheet, row, column)
        return rows, own.name if own else ""

    def _rewritten(self, formula: str, cell: tuple[str, int, int], depth: int) -> str:
        out: list[str] = []
        frames: list[bool] = []  # for every open parenthesis, whether it is a call of ours
        before = OTHER  # kind of the token before, spaces aside
        pending = ""  # a sheet's prefix, until it is known what it stands before
        parts = tokens(formula)
        skip = False
        length = 0  # of what took the place of names
        for at, token in enumerate(parts):
            if skip:
                skip = False
                continue
            kind, text = token
            following = parts[at + 1] if at + 1 < len(parts) else Token(OTHER, "")
            if kind == SHEET:
                pending = text
                before = kind
                continue
            if kind == CALL:
                pending, text, ours = self._call(pending, text)
                frames.append(ours)
            elif kind == OPEN:
                frames.append(False)
            elif kind in (COMMA, CLOSE):
                gap = before == COMMA or (before == CALL and kind == COMMA)
                if gap and frames and frames[-1]:
                    text = f"{OMITTED_CALL}(){text}"
                if kind == CLOSE and frames:
                    frames.pop()
            elif kind == BRACKET:
                pending = ""
                table = structured_references.containing(self._all_tables, *cell)
                text = structured_references.resolved(table, text, cell[0], cell[1])
            elif kind == WORD:
                bracket = following.text if following.kind == BRACKET else ""
                found = self._word(text, bracket, pending, cell, depth)
                if found is not None:
                    text, pending, skip = found, "", bool(bracket)
                    # A few names that each stand for the next one twice are billions at the end.
                    length += len(found)
                    if length > LONGEST_FORMULA:
                        raise TooLongError("the names in it stand for too much")
            out += (pending, text)
            pending = ""
            if kind != SPACE:
                before = BRACKET if skip else kind
        return "".join((*out, pending))

    def _call(self, prefix: str, text: str) -> tuple[str, str, bool]:
        """Return prefix and call as the engine is to see them, and whether the call is ours."""
        name = name_of_ours(text, self._functions)
        if self._links.ours(prefix, text):
            prefix = ""
        if name and not prefix:
            return prefix, f"{name}(", True
        if text.upper() == "_XLFN.SINGLE(":
            return prefix, "@(", False
        return prefix, text, False

    def _word(
        self, word: str, bracket: str, prefix: str, cell: tuple[str, int, int], depth: int
    ) -> str | None:
        """Return what a table's name or a defined name stands for; None if it is neither."""
        key = word.casefold()
        if not here(prefix):
            return None
        if bracket or key in self._tables:
            return structured_references.resolved(self._tables.get(key), bracket, cell[0], cell[1])
        name = self._name(key, prefix, cell[0])
        if name is None or depth >= _DEEPEST:
            return None
        # Relative references in a name are written as seen from A1.
        text = shifted(name.text, cell[1] - 1, cell[2] - 1)
        self.moves |= shifted(name.text, 1, 1) != name.text
        text = self._rewritten(text, cell, depth + 1)
        return text if _single(text) else f"({text})"

    def _name(self, key: str, prefix: str, sheet: str) -> Name | None:
        if prefix:
            sheet = prefix[:-1].strip("'").replace("''", "'")
            sheet = sheet[sheet.rfind("]") + 1 :]
        scope = sheet.casefold()
        if (scope, key) in self._shadows:
            return None
        return self._names.get((scope, key)) or self._names.get(("", key))


def _single(formula: str) -> bool:
    """Whether a formula is one reference, constant or call, and needs no parentheses around it."""
    parts = [token for token in tokens(formula) if token.kind != SHEET]
    if len(parts) == 1:
        return parts[0].kind in (WORD, ERROR)
    if len(parts) == 3 and parts[1].text == ":":
        return parts[0].kind == parts[2].kind == WORD
    if not parts or parts[0].kind != CALL:
        return False
    depth = 0
    for at, token in enumerate(parts):
        depth += (token.kind in (CALL, OPEN)) - (token.kind == CLOSE)
        if depth == 0:
            return at == len(parts) - 1
    return False
