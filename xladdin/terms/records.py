"""What the records of a deal share: their names, words and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

from xladdin.terms.exact import Ratio, ratio
from xladdin.terms.fields import Exact, FigureError, Record, Rule, figure_fields

_Made = TypeVar("_Made", bound=Record)

STEP: Final = "USD"
"""Unit of what a price is rounded to, which no split moves."""

HALVES: Final = Rule(
    "at least 0, in halves of a year",
    lambda value: (
        value >= 0
        and value % 1
        in (
            0,
            Decimal("0.5"),
        )
    ),
)
BELOW_ONE: Final = Rule("from 0 to less than 1", lambda value: 0 <= value < 1)
AGENTS: Final = Rule(
    "one or more different names, none of them empty",
    lambda names: all(name.strip() for name in names) and len(set(names)) == len(names) > 0,
)
ANY: Final = Rule("any", lambda _: True)

FULL_RATCHET: Final = "full ratchet"
FIXED: Final = "fixed"
AT_MOST: Final = "at most"
NEAREST: Final = "nearest"
ROUNDINGS: Final = (NEAREST, "down", "up")
IN_USD: Final = "USD"


def as_ratio(number: Exact | int | None) -> Ratio | None:
    """Return a figure as a pair; None where there is none."""
    return None if number is None else ratio(number)


def need_together(record: Record, *names: str) -> None:
    """Raise `FigureError` where some but not all of the fields are given."""
    missing = [name for name in names if getattr(record, name) is None]
    if missing and len(missing) < len(names):
        (given, *_) = (name for name in names if name not in missing)
        raise FigureError(missing[0], f"is missing; {given} needs it beside it")


def refuse_figures(record: Record, names: Iterable[str], why: str) -> None:
    """Raise `FigureError` where one of the fields is given."""
    for name in names:
        if getattr(record, name) is not None:
            raise FigureError(name, f"must be left out: {why}")


def need_figures(record: Record, names: Iterable[str], why: str) -> None:
    """Raise `FigureError` where some of the fields are not given, and name them all."""
    missing = [name for name in names if getattr(record, name) is None]
    if missing:
        first, *others = missing
        also = f", and {', '.join(others)}" if others else ""
        raise FigureError(first, f"is missing{also}: {why}")


def check_below(record: Record, name: str, other: str) -> None:
    """Raise `FigureError` unless one figure is below another, where both are given."""
    low, high = getattr(record, name), getattr(record, other)
    if low is not None and high is not None and low >= high:
        raise FigureError(name, f"must be below {other}, {high}")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Keyed(Record):
    """A record that has a name of its own in the deal.

    Attributes:
        key: The name.
    """

    key: str


def copied(
    made: type[_Made], sources: Mapping[str, tuple[Record | None, str]], /, **more: Any
) -> _Made:
    """Make a record of figures of others, each with its source.

    Args:
        made: The record's type.
        sources: By field name, the record and the field that the figure is taken from.
        more: Further fields, which are no figures.
    """
    values: dict[str, Any] = dict(more)
    cited: dict[str, str] = {}
    fixed = set()
    for name, (record, field) in sources.items():
        value = getattr(record, field, None)
        if record is not None and value is not None:
            values[name], cited[name] = value, record.sources[field]
            if field in record.fixed:
                fixed.add(name)
    return made(**values, sources=MappingProxyType(cited), fixed=frozenset(fixed))


def same_figures(record: Record | None, kind: type[Record], *left_out: str) -> dict[str, Any]:
    """Map the figures of a type to those of the same names of a record."""
    names = (entry.name for entry in figure_fields(kind))
    return {name: (record, name) for name in names if name not in left_out}
