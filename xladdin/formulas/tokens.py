"""Formulas as tokens: enough of Excel's grammar to rewrite one without misreading it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from xladdin.xlsx.formula_cells import KEPT
from xladdin.xlsx.sheet_part import Formula, Place
from xladdin.xlsx.workbook_part import LAST_COLUMN, LAST_ROW, column_letters, column_number

STRING: Final = "string"
SHEET: Final = "sheet"
BRACKET: Final = "bracket"
CALL: Final = "call"
WORD: Final = "word"
SPACE: Final = "space"
OPEN: Final = "open"
CLOSE: Final = "close"
COMMA: Final = "comma"
ERROR: Final = "error"
OTHER: Final = "other"

_TOKEN: Final = re.compile(
    r"""
      (?P<string> "[^"]*+(?:""[^"]*+)*"(?!") )
    | (?P<sheet> (?: '[^']*+(?:''[^']*+)*'(?!') | \[[^\[\]]+\][\w.\\]*
                   | [\w.\\]+(?::[\w.\\]+)? ) ! )
    | (?P<quoted> '[^']*+(?:''[^']*+)*'(?!') )
    | (?P<error> \#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|[A-Z_]+[!?]?) )
    | (?P<call> [^\W\d][\w.]*\( )
    | (?P<word> [\w$.\\?]+ )
    | (?P<space> \s+ )
    | (?P<open> [({] )
    | (?P<close> [)}] )
    | (?P<comma> , )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)

NAMESPACE: Final = "XLADDIN"
"""Prefix of the functions of our own Office add-in. It is the same wherever the add-in is put, so
that a workbook calculates in every firm that has it."""

LITE_NAMESPACE: Final = "XLW"
_KNOWN: Final = frozenset({NAMESPACE, LITE_NAMESPACE, "XLWINGS"})
"""Namespaces under which each name is ours; the last is what xlwings Server has unless its operator
chose another."""

_OFFICE_PREFIX: Final = "_XLDUDF_"
_SEPARATORS: Final = re.compile(r"[_.]")

_CELL: Final = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})")
ANY_CELL: Final = re.compile(
    r"(?<![\w$.\\?:])(\$?[A-Za-z]{1,2}\$?[1-9][0-9]{0,6})"
    r"(?::(\$?[A-Za-z]{1,2}\$?[1-9][0-9]{0,6}))?(?![\w$.\\?:!(])"
)
_COLUMN: Final = re.compile(r"(\$?)([A-Za-z]{1,3})")
_ROW: Final = re.compile(r"(\$?)([1-9][0-9]{0,6})")


class Token(NamedTuple):
    """A piece of a formula.

    Attributes:
        kind: ``string``; ``sheet``, a prefix with its ``!``; ``quoted``, apostrophes that make no
            prefix; ``bracket``, a whole structured specifier; ``call``, a function's name with its
            parenthesis; ``word``, a cell, name or number; ``open`` and ``close``, parentheses and
            braces; ``comma``, ``space``, ``error`` or ``other``.
        text: It, as written.
    """

    kind: str
    text: str


@lru_cache(maxsize=1 << 13)
def tokens(formula: str) -> tuple[Token, ...]:
    """Take a formula apart; joining the texts gives it back, whatever it holds.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        Its tokens.
    """
    return tuple(_tokens(formula))


def _tokens(formula: str) -> Iterator[Token]:
    at = 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        # The pattern takes any character, so there is always a match.
        kind, text = (match.lastgroup or OTHER, match[0]) if match else (OTHER, formula[at])
        if text == "[":
            kind, text = BRACKET, formula[at : _bracket_end(formula, at)]
        yield Token(kind, text)
        at += len(text)


def _bracket_end(formula: str, at: int) -> int:
    """Find where a bracket closes; within it an apostrophe escapes the next character."""
    depth = 0
    while at < len(formula):
        character = formula[at]
        if character == "'":
            at += 1
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(formula)


def function_name(call: str) -> str:
    """Return the function that a call token names: in capitals, without the file's prefixes."""
    name = call.removesuffix("(").upper()
    for prefix in ("_XLL.", "_XLUDF.", "_XLFN.", "_XLWS."):
        name = name.removeprefix(prefix)
    return name


def name_of_ours(call: str, functions: Collection[str]) -> str:
    """Return which of our functions a call token calls; empty for none.

    An Office add-in's functions are saved as ``_xldudf_NAMESPACE_NAME`` and shown as
    ``NAMESPACE.NAME``; the operator of a server may choose any namespace. Names of a single word,
    such as DILUTION, are those of other add-ins as well, so that only known namespaces have them.

    Args:
        call: The token's text.
        functions: Names of our functions, in capitals.
    """
    name = function_name(call)
    if name in functions:
        return name
    if name.startswith(_OFFICE_PREFIX):
        rest = name.removeprefix(_OFFICE_PREFIX)
        # Either part may have underscores.
        splits = [(rest[: at.start()], rest[at.end() :]) for at in _SEPARATORS.finditer(rest)]
    else:
        namespace, _, last = name.rpartition(".")
        splits = [(namespace, last)]
    for namespace, last in splits:
        if namespace and last in functions and ("_" in last or namespace in _KNOWN):
            return last
    return ""


def is_of_an_office_addin(call: str) -> bool:
    """Whether a call token names a function as Excel saves those of Office add-ins.

    No other add-in can have it: names in VBA do not begin with an underscore.
    """
    return call.upper().startswith(_OFFICE_PREFIX)


def is_reference(token: Token) -> bool:
    """Whether a token is a reference to one cell."""
    return token.kind == WORD and _CELL.fullmatch(token.text) is not None


@lru_cache(maxsize=KEPT)
def shape(formula: str) -> str:
    """Return what formulas have in common that differ in the cells they refer to alone.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        A formula with the same calls and operators, and ranges where it has ranges.
    """
    return ANY_CELL.sub(_common, formula)


def _common(match: re.Match[str]) -> str:
    first, last = match.groups()
    if last is None:
        return "A1"
    return "A1:A1" if first.replace("$", "") == last.replace("$", "") else "A1:B2"


@lru_cache(maxsize=KEPT)
def in_order(formula: str) -> str:
    """Name the corners of ranges from the first to the last, as ``A1:A2`` for ``A2:A1``.

    Args:
        formula: The formula, without an equals sign.

    Returns:
        The formula; the same text where all are in order.
    """
    if ":" not in formula or not any(map(_reversed, ANY_CELL.finditer(formula))):
        return formula
    out: list[str] = []
    parts = tokens(formula)
    for at, token in enumerate(parts):
        out.append(token.text)
        if at > 1 and parts[at - 1].text == ":" and token.kind == parts[at - 2].kind == WORD:
            first, last = _CELL.fullmatch(parts[at - 2].text), _CELL.fullmatch(token.text)
            if first and last:
                columns = sorted((first[1] + first[2], last[1] + last[2]), key=_column_of)
                rows = sorted((first[3] + first[4], last[3] + last[4]), key=_row_of)
                out[-3:] = [columns[0] + rows[0], ":", columns[1] + rows[1]]
    return "".join(out)


def _reversed(match: re.Match[str]) -> bool:
    first, last = (_CELL.fullmatch(text or "") for text in match.groups())
    if first is None or last is None:
        return False
    rows = int(first[4]) > int(last[4])
    return rows or column_number(first[2].upper()) > column_number(last[2].upper())


def _column_of(text: str) -> int:
    return column_number(text.replace("$", "").upper())


def _row_of(text: str) -> int:
    return int(text.replace("$", ""))


def shifted(formula: str, rows: int, columns: int) -> str:
    """Move a formula: its relative references move along, past an edge to the other side.

    That is how the followers of a shared formula and the users of a defined name read it.

    Args:
        formula: The formula, without an equals sign.
        rows: Rows down.
        columns: Columns to the right.

    Returns:
        The formula as it stands at the other place.
    """
    if not rows and not columns:
        return formula
    parts = tokens(formula)
    moved = []
    for at, (kind, text) in enumerate(parts):
        if kind == WORD:
            in_range = _text(parts, at - 1) == ":" or _text(parts, at + 1) == ":"
            text = _shifted_word(text, rows, columns, in_range)
        moved.append(text)
    return "".join(moved)


def placed(formulas: Iterable[Formula]) -> Iterator[tuple[Place, str]]:
    """Yield a sheet's formulas, those of shared ones moved to each follower.

    Args:
        formulas: The formulas in order.

    Yields:
        Row and column, and the formula without an equals sign.
    """
    masters: dict[str, tuple[Place, str]] = {}
    for item in formulas:
        place, text = (item.row, item.column), item.text
        if item.kind == "shared":
            if text:
                masters[item.group] = (place, text)
            elif item.group in masters:
                (row, column), master = masters[item.group]
                text = shifted(master, place[0] - row, place[1] - column)
        yield place, text


def _text(parts: Sequence[Token], at: int) -> str:
    return parts[at].text if 0 <= at < len(parts) else ""


def _shifted_word(text: str, rows: int, columns: int, in_range: bool) -> str:
    cell = _CELL.fullmatch(text)
    if cell is not None:
        return _column(cell[1], cell[2], columns) + _row(cell[3], cell[4], rows)
    if in_range:
        whole_row, whole_column = _ROW.fullmatch(text), _COLUMN.fullmatch(text)
        if whole_row is not None:
            return _row(whole_row[1], whole_row[2], rows)
        if whole_column is not None:
            return _column(whole_column[1], whole_column[2], columns)
    return text


def _column(fixed: str, letters: str, columns: int) -> str:
    number = column_number(letters.upper())
    if fixed or number > LAST_COLUMN:
        return fixed + letters
    return column_letters((number - 1 + columns) % LAST_COLUMN + 1)


def _row(fixed: str, digits: str, rows: int) -> str:
    if fixed or int(digits) > LAST_ROW:
        return fixed + digits
    return str((int(digits) - 1 + rows) % LAST_ROW + 1)
