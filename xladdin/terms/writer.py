"""The writer of deals: a deal as a file of format 2."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xladdin.terms.deal import QUOTES_ARE, Deal
from xladdin.terms.fields import FIXED_IN_SPLITS, Record, key_of
from xladdin.terms.reader import HEADER, LISTED

_GROUPED = 10_000
"""Whole numbers from here on are written with their thousands apart."""


def written(deal: Deal) -> str:
    """Write a deal as a file of format 2.

    Args:
        deal: The deal.

    Returns:
        The file's text; read again, it gives an equal deal.
    """
    lines = ["format = 2", f"name = {_text(deal.name)}"]
    lines += [f"{key} = {_text(getattr(deal, key))}" for key in HEADER]
    lines.append(f"document_date = {deal.document_date.isoformat()}")
    lines.append(f"calendar = {_text(deal.calendar)}")
    if deal.quotes_are != QUOTES_ARE[0]:
        lines.append(f"quotes_are = {_text(deal.quotes_are)}")
    for entry in fields(deal):
        value = getattr(deal, entry.name)
        if not entry.metadata or not value:
            continue
        if isinstance(value, Record):
            lines += _table(f"[{entry.name}]", entry.name, value)
            continue
        for item in value:
            if entry.name in LISTED:
                lines += _table(f"[[{entry.name}]]", entry.name, item)
            else:
                where = f"{entry.name}.{item.key}"
                lines += _table(f"[{where}]", where, item)
    return "\n".join(lines) + "\n"


def _table(heading: str, where: str, record: Record) -> Iterator[str]:
    """Write a record as a table, the records within it below."""
    common = _common_source(record)
    lines, inner = [], []
    key = getattr(record, "key", "")
    if key and heading.startswith("[["):
        lines.append(f"key = {_text(key)}")
    if common:
        lines.append(f"source = {_text(common)}")
    for entry in fields(record):
        value = getattr(record, entry.name)
        if not entry.metadata or value is None:
            continue
        if "rule" in entry.metadata:
            lines.append(f"{key_of(entry)} = {_figure(record, entry, value, common)}")
        elif "choices" in entry.metadata:
            source = record.sources.get(entry.name)
            if source is not None:
                cited = f"{{ value = {_value(value)}, source = {_text(source)} }}"
                lines.append(f"{key_of(entry)} = {cited}")
            elif entry.default is MISSING or value != entry.default:
                lines.append(f"{key_of(entry)} = {_value(value)}")
        else:
            inner.append((entry, value))
    if lines or not inner:
        yield from ("", heading, *lines)
    for entry, value in inner:
        below = f"{where}.{key_of(entry)}"
        if isinstance(value, Record):
            yield from _table(f"[{below}]", below, value)
        else:
            for item in value:
                yield from _table(f"[[{below}]]", below, item)


def _common_source(record: Record) -> str:
    """Return the source of all figures of a record; empty where they have several."""
    own = {
        record.sources[entry.name]
        for entry in fields(record)
        if "rule" in entry.metadata and getattr(record, entry.name) is not None
    }
    return own.pop() if len(own) == 1 else ""


def _figure(record: Record, entry: Field[Any], value: Any, common: str) -> str:
    parts = [f"value = {_value(value)}"]
    if not common:
        parts.append(f"source = {_text(record.sources[entry.name])}")
    if entry.name in record.fixed:
        parts.append(f"{FIXED_IN_SPLITS} = true")
    return _value(value) if len(parts) == 1 else f"{{ {', '.join(parts)} }}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= _GROUPED else str(value)
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value() and int(value.as_tuple().exponent) >= 0
        return _value(int(value)) if whole else f"{value:,f}".replace(",", "_")
    if isinstance(value, Fraction):
        return _text(f"{value.numerator}/{value.denominator}")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value)


def _text(text: str) -> str:
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
