"""The reader of deals: from TOML, with path, key and reason where a file is wrong."""

from __future__ import annotations

import datetime
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from xladdin import files
from xladdin.core.characters import unseen
from xladdin.core.errors import FileError, TermsError
from xladdin.core.sessions import CALENDARS, FIRST_YEAR, LAST_YEAR
from xladdin.terms.model import Agreement, FigureError, FigureValue, Record, Terms

FORMAT = 1
"""Version of the file format; a file states its own."""

MAX_BYTES = 500_000
"""Most bytes of a file; a deal has a few kilobytes."""

NAME = re.compile(
    r"(?!(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z))[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?<!\.)\Z"
)
"""Names of deals and agreements: no slash, no dot at an end, no part of a path, and no device of
Windows, because folders are named after them."""

MAX_DIGITS = 30
"""Most digits of a figure; no contract has more, and exact arithmetic stays fast."""

MAX_DOTS = 200
"""Most dots in a line. Python's parser takes time that grows with the square of the parts of a
dotted key: a line of 100 kilobytes would take a minute."""

MAX_TEXT = 2_000
"""Most characters of a title or source."""

MAX_SHOWN = 60
"""Most characters of a value that a message repeats."""

HEADER: Final[Mapping[str, str]] = {
    "issuer": "the issuer's name",
    "ticker": "its ticker symbol",
    "document": "title of the source document",
}
"""Texts at the head of a file, and their meaning."""

FIRST_DOCUMENT: Final = datetime.date(FIRST_YEAR + 4, 1, 1)
LAST_DOCUMENT: Final = datetime.date(LAST_YEAR - 10, 12, 31)
"""First and last day of a document. Workbooks show sessions of years before and after it."""

_RecordT = TypeVar("_RecordT", bound=Record)
_Made = TypeVar("_Made")


class _Problem(Exception):  # noqa: N818  (never leaves this module)
    """An entry at a dotted key is wrong; the path is not known yet."""

    def __init__(self, key: str, reason: str, remedy: str = "") -> None:
        super().__init__(key, reason, remedy)
        self.key = key
        self.reason = reason
        self.remedy = remedy


def read_terms(path: Path | str) -> Terms:
    """Read a deal from its TOML file.

    Args:
        path: The file. Its name without ``.toml`` must be the deal's name.

    Returns:
        The deal's terms, validated.

    Raises:
        TermsError: The file cannot be read, is not TOML, or an entry is missing, unknown, of the
            wrong type, without a source, or out of its range.
    """
    path = Path(path)
    try:
        data = files.read(path, MAX_BYTES)
    except FileError as error:
        raise TermsError(path, "", error.reason.removeprefix("it "), error.remedy) from error
    if any(line.count(b".") > MAX_DOTS for line in data.split(b"\n")):
        raise TermsError(path, "", f"has more than {MAX_DOTS} dots in a line; no deal needs them")
    try:
        table = tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise TermsError(path, "", f"is not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise TermsError(path, "", "has brackets too deep within each other") from error
    except tomllib.TOMLDecodeError as error:
        raise TermsError(path, "", f"is not TOML: {error}") from error
    except (ArithmeticError, ValueError) as error:  # only numbers and dates are read by others
        raise TermsError(path, "", "holds a number or date that is beyond all bounds") from error
    try:
        return _terms(table, path.stem)
    except _Problem as problem:
        raise TermsError(path, problem.key, problem.reason, problem.remedy) from None


def _terms(table: dict[str, Any], stem: str) -> Terms:
    version = table.pop("format", None)
    if version is None:
        raise _Problem("format", "is missing", f"begin the file with: format = {FORMAT}")
    if type(version) is not int or version != FORMAT:
        raise _Problem("format", f"must be {FORMAT}, not {_shown(version)}")
    sections = {entry.name: entry for entry in fields(Terms)}
    _refuse_unknown("", table, sections)
    name = _name("name", _text(table, "name"))
    if name != stem:
        raise _Problem("name", f"is {name!r}, but the file is named {stem!r}", "make them agree")
    values: dict[str, Any] = {"name": name}
    for key in HEADER:
        values[key] = _text(table, key)
    day = _plain("document_date", _need(table, "document_date"), datetime.date)
    if not FIRST_DOCUMENT <= day <= LAST_DOCUMENT:
        reason = f"must be from {FIRST_DOCUMENT} to {LAST_DOCUMENT}, and is {day.isoformat()}"
        raise _Problem("document_date", reason)
    values["document_date"] = day
    values["calendar"] = _text(table, "calendar")
    if values["calendar"] not in CALENDARS:
        known = ", ".join(sorted(CALENDARS))
        raise _Problem(
            "calendar", f"{_shown(values['calendar'])} is not a known calendar", f"use {known}"
        )
    values["agreements"] = tuple(
        _record(Agreement, item, f"agreements.{key}", key=_name(f"agreements.{_cut(key)}", key))
        for key, item in _table("agreements", table.get("agreements", {})).items()
    )
    hints = typing.get_type_hints(Terms)
    for key, entry in sections.items():
        if key in values or key == "agreements":
            continue
        if key in table:
            values[key] = _record(_record_type(hints[key]), table[key], key)
        elif entry.default is MISSING:
            raise _Problem(key, "is missing")
    return _made(Terms, values, "")


def _record(kind: type[_RecordT], item: object, where: str, **given: Any) -> _RecordT:
    table = _table(where, item)
    hints = typing.get_type_hints(kind)
    entries = {entry.name: entry for entry in fields(kind) if entry.metadata}
    _refuse_unknown(where, table, entries)
    values: dict[str, Any] = dict(given)
    sources: dict[str, str] = {}
    for name, entry in entries.items():
        key = f"{where}.{name}"
        if name not in table:
            if entry.default is MISSING:
                raise _Problem(key, "is missing")
            continue
        if "rule" in entry.metadata:
            values[name], sources[name] = _figure(key, table[name], hints[name])
        elif typing.get_origin(hints[name]) is tuple:
            values[name] = _records(key, table[name], typing.get_args(hints[name])[0])
        else:
            values[name] = _record(_record_type(hints[name]), table[name], key)
    return _made(kind, {**values, "sources": types.MappingProxyType(sources)}, where)


def _records(where: str, items: object, kind: type[Record]) -> tuple[Record, ...]:
    if not isinstance(items, list):
        raise _Problem(where, f"must be a list of tables: [[{where}]]")
    return tuple(_record(kind, item, f"{where}[{number}]") for number, item in enumerate(items, 1))


def _figure(key: str, item: object, hint: Any) -> tuple[FigureValue, str]:
    table = item if isinstance(item, dict) else {}
    if set(table) != {"value", "source"}:
        raise _Problem(key, "must be written as { value = ..., source = ... }")
    source = table["source"]
    if not isinstance(source, str):
        raise _Problem(f"{key}.source", "must be a text, such as a page")
    _refuse_text(f"{key}.source", source)
    return _plain(key, table["value"], _bare(hint)), source


def _plain(key: str, value: object, kind: type[Any]) -> Any:
    """Check one value's type; a whole number serves as a Decimal too."""
    if kind is Decimal and isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    # bool is an int and datetime is a date; neither is accepted here.
    right = isinstance(value, kind) and not isinstance(value, bool | datetime.datetime)
    if not right:
        words = {Decimal: "a number", int: "a whole number", str: "a text", datetime.date: "a date"}
        raise _Problem(key, f"must be {words[kind]}, not {_shown(value)}")
    if _too_long(value):
        raise _Problem(key, f"has more than {MAX_DIGITS} digits")
    if isinstance(value, str):
        _refuse_text(key, value)
    return value


def _refuse_text(key: str, value: str) -> None:
    """Refuse a text that no cell can contain, or with invisible characters."""
    if len(value) > MAX_TEXT:
        raise _Problem(key, f"has more than {MAX_TEXT:,} characters")
    found = unseen(value)
    if found:
        reason = f"holds the character {found}, which no reader sees"
        raise _Problem(key, reason, "take it out, or write the text in one line without it")


def _shown(value: object) -> str:
    """Show a value in a message. Hostile ones are too long to print, or nested too deeply."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if _too_long(value):
        return "a number of too many digits"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else "a text that is too long to show"


def _too_long(value: object) -> bool:
    if isinstance(value, Decimal):
        # By parts: printing 1e999999 in full would take a million characters.
        if not value.is_finite():
            return False
        _, digits, exponent = value.as_tuple()
        return max(len(digits), abs(int(exponent))) > MAX_DIGITS
    return isinstance(value, int) and abs(value) >= 10**MAX_DIGITS


def _made(kind: type[_Made], values: Mapping[str, Any], where: str) -> _Made:
    try:
        return kind(**values)
    except FigureError as error:
        raise _Problem(f"{where}.{error.key}".lstrip("."), error.reason) from None


def _need(table: Mapping[str, Any], key: str) -> object:
    if key not in table:
        raise _Problem(key, "is missing")
    return table[key]


def _text(table: Mapping[str, Any], key: str) -> str:
    value: str = _plain(key, _need(table, key), str)
    if not value.strip():
        raise _Problem(key, "must not be empty")
    return value


def _name(key: str, value: str) -> str:
    if not NAME.match(value):
        raise _Problem(
            key,
            f"{_shown(value)} is not a name",
            "use letters, digits, '.', '_' and '-', beginning with a letter or a digit and not "
            "ending with '.'; CON, NUL and the like are devices on Windows",
        )
    return value


def _table(where: str, item: object) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise _Problem(where, "must be a table")
    return item


def _refuse_unknown(where: str, table: Iterable[str], known: Iterable[str]) -> None:
    for key in table:
        if key not in set(known):
            import difflib  # only now: Excel loads this module as it starts

            near = difflib.get_close_matches(key, list(known), 1)
            remedy = f"did you mean {near[0]!r}?" if near else ""
            raise _Problem(f"{where}.{_cut(key)}".lstrip("."), "is not an entry of a deal", remedy)


def _cut(key: str) -> str:
    return key if len(key) <= MAX_SHOWN else f"{key[:MAX_SHOWN]}..."


def _bare(hint: Any) -> type[Any]:
    """Return the type itself of an optional one."""
    options = [option for option in typing.get_args(hint) if option is not type(None)]
    bare: type[Any] = options[0] if options else hint
    return bare


def _record_type(hint: Any) -> type[Record]:
    return _bare(hint)
