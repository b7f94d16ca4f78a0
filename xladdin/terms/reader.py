"""The reader of deals: from TOML, with path, key and reason where a file is wrong."""

from __future__ import annotations

import datetime
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar

from xladdin import files
from xladdin.calendars import CALENDARS, FIRST_YEAR, LAST_YEAR
from xladdin.errors import FileError, TermsError
from xladdin.terms.agreements import Pool
from xladdin.terms.dating import check_exceptions, dated, ordered
from xladdin.terms.deal import QUOTES_ARE, Deal
from xladdin.terms.exact import EXCHANGE
from xladdin.terms.fields import (
    FIXED_IN_SPLITS,
    FigureError,
    Record,
    key_of,
    required,
    types_of,
)
from xladdin.terms.model import Terms
from xladdin.terms.parsing import (
    MAX_DOTS,
    NAME_OF_PART,
    Problem,
    cut,
    hints_of,
    made,
    need,
    need_name,
    need_table,
    need_text,
    plain,
    refuse_missing,
    refuse_unknown,
    shown,
    source_text,
)
from xladdin.terms.programme import terms_of
from xladdin.terms.records import Keyed
from xladdin.terms.securities import Cap
from xladdin.terms.toml_lines import line_of, malformed

FORMATS: Final = (1, 2)
"""Versions of the file format; a file states its own."""

MAX_BYTES = 500_000
"""Most bytes of a file; a deal has a few kilobytes."""

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
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TermsError(path, "", f"is not UTF-8 text (byte {error.start})") from error
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except RecursionError as error:
        raise TermsError(path, "", "has brackets too deep within each other") from error
    except tomllib.TOMLDecodeError as error:
        key, line, problem, remedy = malformed(text, str(error))
        raise TermsError(path, key, f"is not TOML: {problem}", remedy, line) from error
    except (ArithmeticError, ValueError) as error:  # only numbers and dates are read by others
        raise TermsError(path, "", "holds a number or date that is beyond all bounds") from error
    try:
        return _of_format(table, path.stem)
    except Problem as problem:
        line = line_of(text, problem.key)
        raise TermsError(path, problem.key, problem.reason, problem.remedy, line) from None


def _of_format(table: dict[str, Any], stem: str) -> Terms:
    version = table.pop("format", None)
    if version is None:
        raise Problem("format", "is missing", f"begin the file with: format = {FORMATS[-1]}")
    if type(version) is not int or version not in FORMATS:
        raise Problem("format", f"must be 1 or 2, not {shown(version)}")
    return _terms(table, stem) if version == 1 else _deal(table, stem)


def _head(table: dict[str, Any], stem: str) -> dict[str, Any]:
    """Read the head of a file."""
    name = need_name("name", need_text(table, "name"))
    if name != stem:
        raise Problem("name", f"is {name!r}, but the file is named {stem!r}", "make them agree")
    values: dict[str, Any] = {"name": name}
    refuse_missing("", table, (*HEADER, "document_date", "calendar"))
    values |= {key: need_text(table, key) for key in HEADER}
    day = plain("document_date", need(table, "document_date"), datetime.date)
    if not FIRST_DOCUMENT <= day <= LAST_DOCUMENT:
        reason = f"must be from {FIRST_DOCUMENT} to {LAST_DOCUMENT}, and is {day.isoformat()}"
        raise Problem("document_date", reason)
    values["document_date"] = day
    values["calendar"] = need_text(table, "calendar")
    if values["calendar"] not in CALENDARS:
        known = ", ".join(sorted(CALENDARS))
        raise Problem(
            "calendar", f"{shown(values['calendar'])} is not a known calendar", f"use {known}"
        )
    return values


# Format 1


def _terms(table: dict[str, Any], stem: str) -> Terms:
    sections = {entry.name: entry for entry in fields(Terms) if entry.name != "origin"}
    refuse_unknown("", table, sections)
    values = _head(table, stem)
    hints = typing.get_type_hints(Terms, localns={"Deal": Deal})
    values["agreements"] = tuple(
        _record(
            typing.get_args(hints["agreements"])[0],
            item,
            f"agreements.{key}",
            key=need_name(f"agreements.{cut(key)}", key),
        )
        for key, item in need_table("agreements", table.get("agreements", {})).items()
    )
    if not values["agreements"]:
        raise Problem("agreements", "needs at least one agreement")
    for key, entry in sections.items():
        if key in values:
            continue
        if key in table:
            (kind,) = types_of(hints[key])
            values[key] = _record(kind, table[key], key)
        elif entry.default is MISSING:
            raise Problem(key, "is missing")
    return made(Terms, values, "")


def _record(kind: type[_RecordT], item: object, where: str, **given: Any) -> _RecordT:
    table = need_table(where, item)
    hints = hints_of(kind)
    entries = {entry.name: entry for entry in fields(kind) if entry.metadata}
    refuse_unknown(where, table, entries)
    refuse_missing(where, table, required(entries))
    values: dict[str, Any] = dict(given)
    sources: dict[str, str] = {}
    for name, entry in entries.items():
        key = f"{where}.{name}"
        if name not in table:
            continue
        if "rule" in entry.metadata:
            values[name], sources[name] = _figure(key, table[name], hints[name])
        elif typing.get_origin(hints[name]) is tuple:
            values[name] = _records(key, table[name], typing.get_args(hints[name])[0])
        else:
            (own,) = types_of(hints[name])
            values[name] = _record(own, table[name], key)
    return made(kind, {**values, "sources": types.MappingProxyType(sources)}, where)


def _records(where: str, items: object, kind: type[Record]) -> tuple[Record, ...]:
    if not isinstance(items, list):
        raise Problem(where, f"must be a list of tables: [[{where}]]")
    return tuple(_record(kind, item, f"{where}[{number}]") for number, item in enumerate(items, 1))


def _figure(key: str, item: object, hint: Any) -> tuple[Any, str]:
    table = item if isinstance(item, dict) else {}
    if set(table) != {"value", "source"}:
        raise Problem(key, "must be written as { value = ..., source = ... }")
    return plain(key, table["value"], hint), source_text(key, table["source"])


# Format 2


LISTED: Final = ("instruments", "actions", "printed", "exceptions")
"""Sections that are lists of tables; the others are tables by key."""


def _deal(table: dict[str, Any], stem: str) -> Terms:
    sections = {entry.name: entry for entry in fields(Deal)}
    refuse_unknown("", table, sections)
    values = _head(table, stem)
    if "quotes_are" in table:
        values["quotes_are"] = _choice("quotes_are", table["quotes_are"], QUOTES_ARE)
    exchange = _exchange_limit(table)
    hints = hints_of(Deal)
    for key, entry in sections.items():
        if key not in table or not entry.metadata:
            continue
        if typing.get_origin(hints[key]) is not tuple:
            (kind,) = types_of(hints[key])
            values[key] = _newer(kind, table[key], key)
            continue
        kind = typing.get_args(hints[key])[0]
        if key in LISTED:
            values[key] = _newer_list(kind, table[key], key)
        else:
            pools = values.get("pools", ()) if key == "agreements" else None
            values[key] = _by_key(kind, table[key], key, pools)
    if exchange is not None:
        values["caps"] = (exchange, *values.get("caps", ()))
    deal = made(Deal, values, "")
    _check_actions(deal)
    try:
        check_exceptions(deal)
        return terms_of(deal)
    except FigureError as error:
        raise Problem(error.key, error.reason) from None


def _exchange_limit(table: dict[str, Any]) -> Cap | None:
    """Read the exchange's limit where it stands among the limits, as in format 1."""
    limits = table.get("limits")
    if not isinstance(limits, dict) or "exchange_limit" not in limits:
        return None
    key = "limits.exchange_limit"
    caps = table.get("caps")
    if isinstance(caps, dict) and any(name.casefold() == EXCHANGE for name in caps):
        raise Problem(key, "must be left out: caps.exchange gives it")
    table["limits"] = {name: item for name, item in limits.items() if name != "exchange_limit"}
    cap = {"kind": "issue", "inclusive": False, "rate": limits["exchange_limit"]}
    if "source" in limits:
        cap["source"] = limits["source"]
    return _newer(Cap, cap, key, key=EXCHANGE)


def _check_actions(deal: Deal) -> None:
    """Check that the deal can be read on every day, whatever actions hold by then."""
    days = [action.date for action in ordered(deal)]
    for number, (day, following) in enumerate(pairwise([*days, None]), 1):
        if day == following:
            continue
        try:
            terms_of(dated(deal, number))
        except FigureError as error:
            raise Problem(error.key, error.reason) from None


def _by_key(
    kind: type[Record], items: object, where: str, pools: tuple[Pool, ...] | None
) -> tuple[Record, ...]:
    found = []
    for key, item in need_table(where, items).items():
        place = f"{where}.{cut(key)}"
        given: dict[str, Any] = {"key": need_name(place, key, NAME_OF_PART)}
        wanted = item.get("pool") if pools is not None and isinstance(item, dict) else None
        if wanted is not None:
            given["shared"] = next((pool for pool in pools or () if pool.key == wanted), None)
            if given["shared"] is None:
                raise Problem(f"{place}.pool", f"names no pool of the deal: {shown(wanted)}")
        found.append(_newer(kind, item, place, **given))
    return tuple(found)


def _newer_list(kind: type[Record], items: object, where: str) -> tuple[Record, ...]:
    if not isinstance(items, list):
        raise Problem(where, f"must be a list of tables: [[{where}]]")
    found = []
    for number, item in enumerate(items, 1):
        place = f"{where}[{number}]"
        given = {}
        if issubclass(kind, Keyed):
            own = dict(need_table(place, item))
            given["key"] = need_name(f"{place}.key", need_text(own, "key"), NAME_OF_PART)
            del own["key"]
            item = own
        found.append(_newer(kind, item, place, **given))
    return tuple(found)


def _newer(kind: type[_RecordT], item: object, where: str, **given: Any) -> _RecordT:
    """Read a record of format 2: a table may name one source for all of its figures."""
    table = dict(need_table(where, item))
    source = table.pop("source", None)
    if source is not None:
        source = source_text(where, source)
    hints = hints_of(kind)
    entries = {key_of(entry): entry for entry in fields(kind) if entry.metadata}
    refuse_unknown(where, table, entries)
    refuse_missing(where, table, required(entries))
    values: dict[str, Any] = dict(given)
    sources: dict[str, str] = {}
    fixed: set[str] = set()
    for key, entry in entries.items():
        place, name, hint = f"{where}.{key}", entry.name, hints[entry.name]
        if key not in table:
            continue
        if "rule" in entry.metadata:
            found, cited, stays = _newer_figure(place, table[key], hint, source)
            values[name], sources[name] = found, cited
            fixed |= {name} if stays else set()
        elif "choices" in entry.metadata:
            values[name] = _word(place, table[key], entry, hint, sources)
        elif typing.get_origin(hint) is tuple:
            values[name] = _newer_list(typing.get_args(hint)[0], table[key], place)
        else:
            (own,) = types_of(hint)
            values[name] = _newer(own, table[key], place)
    made_of = {**values, "sources": types.MappingProxyType(sources), "fixed": frozenset(fixed)}
    return made(kind, made_of, where)


def _newer_figure(key: str, item: object, hint: Any, source: str | None) -> tuple[Any, str, bool]:
    """Read a figure, its source, and whether splits leave it as it is."""
    table = item if isinstance(item, dict) else {"value": item}
    own = table.get("source", source)
    if (
        "value" not in table
        or own is None
        or not set(table) <= {"value", "source", FIXED_IN_SPLITS}
    ):
        reason = "must be written as { value = ..., source = ... }, or its table needs a source"
        raise Problem(key, reason)
    stays = table.get(FIXED_IN_SPLITS, False)
    if not isinstance(stays, bool):
        raise Problem(f"{key}.{FIXED_IN_SPLITS}", "must be true or false")
    return _value(key, table["value"], hint), source_text(key, own), stays


def _value(key: str, value: object, hint: Any) -> Any:
    """Check a value's type; a list's item by item."""
    inner = next((one for one in types_of(hint) if typing.get_origin(one) is tuple), None)
    if typing.get_origin(hint) is tuple:
        inner = hint
    if inner is None:
        return plain(key, value, hint)
    if not isinstance(value, list):
        raise Problem(key, f"must be a list, not {shown(value)}")
    own = typing.get_args(inner)[0]
    return tuple(_value(f"{key}[{at}]", one, own) for at, one in enumerate(value, 1))


def _word(key: str, item: object, entry: Field[Any], hint: Any, sources: dict[str, str]) -> object:
    """Read a word; it may be written with a source, which is kept."""
    if isinstance(item, dict):
        if set(item) != {"value", "source"}:
            raise Problem(key, "must be a text, or written as { value = ..., source = ... }")
        sources[entry.name] = source_text(key, item["source"])
        item = item["value"]
    if typing.get_origin(hint) is tuple:
        return _value(key, item, hint)
    if bool in types_of(hint):
        if not isinstance(item, bool):
            raise Problem(key, f"must be true or false, not {shown(item)}")
        return item
    choices = entry.metadata["choices"]
    if choices:
        return _choice(key, item, choices)
    found = plain(key, item, str)
    if not found.strip():
        raise Problem(key, "must not be empty")
    return found


def _choice(key: str, item: object, choices: tuple[str, ...]) -> object:
    if item not in choices:
        words = ", ".join(map(repr, choices))
        raise Problem(key, f"must be one of {words}, not {shown(item)}")
    return item
