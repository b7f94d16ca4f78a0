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
from collections.abc import Collection, Iterable
from typing import Final

from xladdin.formulas import structured_references
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
from xladdin.xlsx.workbook_part import Name, Table

OMITTED_CALL: Final = "XLADDIN.OMITTED"
"""Name of the helper function whose value means that an argument is omitted."""

_DEEPEST: Final = 32
"""Defined names within defined names; a longer chain is a circle."""


class TooLongError(ValueError):
    """Names in a formula stand for more than a formula can be."""


_SHEET_PREFIX: Final = r"(?:'(?:[^']|'')*'|[\w.]+)!"
_FIXED_NAME: Final = re.compile(
    rf"""
      {_SHEET_PREFIX}\$[A-Za-z]{{1,3}}\$\d+(?: : \$[A-Za-z]{{1,3}}\$\d+)?
    | {_SHEET_PREFIX}\$[A-Za-z]{{1,3}}:\$[A-Za-z]{{1,3}}
    | {_SHEET_PREFIX}\$\d+:\$\d+
    | "(?:[^"]|"")*"
    | [+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?
    | TRUE | FALSE
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A definition that the engine itself reads rightly."""

_MOST_WORDS: Final = 2_000
"""Names that are looked for in one go; where there are more, every formula is taken apart."""

_ALWAYS: Final = r"\[|_xl|[(,]\s*[,)]|[\w'\]]!\s*[^\W\d][\w.]*\("


class Rewriter:
    """Rewrites the formulas of one workbook.

    Attributes:
        kept: The defined names that stay in them.
        alike_in_all_rows: Whether no name of the workbook reads as a cell. Then a formula that is
            left as it is stays so when it is filled down.
    """

    def __init__(
        self,
        functions: Collection[str],
        tables: Iterable[Table] = (),
        names: Iterable[Name] = (),
        links: Links | None = None,
    ) -> None:
        """Learn what formulas may speak of.

        Args:
            functions: Worksheet names of our functions, in capitals.
            tables: The workbook's tables.
            names: The workbook's defined names.
            links: What prefixes lead to.
        """
        self._links = links or Links()
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
            if _FIXED_NAME.fullmatch(name.text) is None:
                self._names[scope, name.name.casefold()] = name
                continue
            self.kept.append(name)
            if scope:
                shadows.add((scope, name.name.casefold()))
        self._shadows = frozenset(shadows)
        self.alike_in_all_rows = not any(
            ANY_CELL.search(word) for word in (*self._tables, *(key[1] for key in self._names))
        )
        words = {re.escape(word) for word in (*self._tables, *(key[1] for key in self._names))}
        named = "|".join(map(re.escape, sorted(self._functions)))
        always = [_ALWAYS, rf"\.(?:{named})\("] if named else [_ALWAYS]
        pattern = "|".join([*always, *(rf"(?<![\w.]){word}(?![\w.])" for word in sorted(words))])
        # Most formulas need nothing done; one look shows it. Many names would make that look dear.
        self._concerned = re.compile(pattern if len(words) <= _MOST_WORDS else "", re.IGNORECASE)
        # A table's column has the same formula in all its rows.
        self._known: dict[tuple[str, str, tuple[bool, ...], str], str] = {}
        self._moves = False  # whether the formula at hand uses a name that means a place nearby

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
        if self._concerned.search(formula) is None:
            return formula
        tables = self._by_sheet.get(sheet, ())
        rows = tuple(table.first_data_row <= row <= table.last_data_row for table in tables)
        own = structured_references.containing(tables, sheet, row, column)
        key = formula, sheet, rows, own.name if own else ""
        known = self._known.get(key)
        if known is None:
            self._moves = False
            known = self._rewritten(formula, (sheet, row, column), 0)
            if not self._moves:
                self._known[key] = known
        return known

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
        if self._links.ours(prefix):
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
        self._moves |= shifted(name.text, 1, 1) != name.text
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
