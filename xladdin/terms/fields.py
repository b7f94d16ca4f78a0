"""How the records of a deal declare their figures: meaning, unit, rule and source of each.

Amounts, prices and rates are `decimal.Decimal`, so that a 4% read from a file is exactly 4/100, or
`fractions.Fraction` where no decimal is exact, such as 1/3; counts and windows are `int`.
"""

from __future__ import annotations

import datetime
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

Exact: TypeAlias = Decimal | Fraction
"""An amount, price or rate."""

FigureValue: TypeAlias = Decimal | int | str | datetime.date
"""A figure as a cell holds it."""


class FigureError(ValueError):
    """A figure breaks the rule of its field.

    Attributes:
        key: Dotted name of the entry, relative to the record.
        reason: What is wrong, in words.
    """

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key, reason)
        self.key = key
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"


class Rule(NamedTuple):
    """The rule of a figure: in words, and as a test."""

    words: str
    holds: Callable[[Any], bool]


POSITIVE = Rule("above 0", lambda value: value > 0)
NOT_NEGATIVE = Rule("at least 0", lambda value: value >= 0)
SHARE = Rule("from 0 to 1", lambda value: 0 <= value <= 1)
PART = Rule("above 0 and at most 1", lambda value: 0 < value <= 1)
TEXT = Rule("a text that is not empty", lambda value: bool(value.strip()))
ANY = Rule("any", lambda _: True)
USD = "USD"
USD_A_SHARE = "USD a share"
SHARES = "shares"
FRACTION = "fraction"
MULTIPLE = "multiple"
SESSIONS = "sessions"
SETTLEMENT_DAYS = "settlement days"
DAYS = "calendar days"
YEARS = "years"
MONTHS = "months"


MOST: Final[Mapping[str, int]] = MappingProxyType(
    {SESSIONS: 1_000, DAYS: 2_000, YEARS: 100, MONTHS: 1_200}
)
"""Greatest value of a figure by unit: far more than any contract has, and small enough for a
workbook that shows them all."""

MOST_MULTIPLE: Final = 10
"""From here on a multiple or rate written as a decimal is taken for a percentage and refused; one
that is meant, such as by the ratio of depositary shares, is written as a fraction: "100/1"."""

MOST_PARTS: Final = 50
"""Greatest number of agreements, tiers and blocks, for the same reason."""

FIXED_IN_SPLITS: Final = "fixed_in_splits"
"""Name, beside a figure in a file, of whether splits leave it as it is."""

FIRST_DAY: Final = datetime.date(1900, 3, 1)
"""First day that is the same in all spreadsheet programs; Excel has none before 1900."""


def figure(
    meaning: str, unit: str = "", rule: Rule = ANY, *, optional: bool = False, key: str = ""
) -> Any:
    """Declare a field of a record.

    Args:
        meaning: Meaning of the figure, in a few words.
        unit: Its unit; empty for text and dates.
        rule: Its rule.
        optional: Whether a deal may leave it out; it is None then.
        key: Its name in a file, where that is no name of an attribute.

    Returns:
        A dataclass field with that metadata.
    """
    metadata = {"meaning": meaning, "unit": unit, "rule": rule, "key": key}
    return field(default=None, metadata=metadata) if optional else field(metadata=metadata)


_REQUIRED: Final = object()


def word(
    meaning: str, choices: Sequence[str] = (), default: Any = _REQUIRED, *, key: str = ""
) -> Any:
    """Declare a field that says how other figures are read: no figure, and without a source.

    Args:
        meaning: Meaning of the word.
        choices: The words that it may be; any text or logical if there are none.
        default: Its value where a file leaves it out; required if not given.
        key: Its name in a file, where that is no name of an attribute.
    """
    metadata = {"meaning": meaning, "choices": tuple(choices), "key": key}
    if default is _REQUIRED:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


def part(meaning: str, *, optional: bool = False, several: bool = False) -> Any:
    """Declare a field that is a record, or a tuple of records, of its own.

    Args:
        meaning: What the records are.
        optional: Whether a deal may leave the record out; it is None then.
        several: Whether a deal may leave all records out; there are none then.
    """
    metadata = {"meaning": meaning}
    if several:
        return field(default=(), metadata=metadata)
    return field(default=None, metadata=metadata) if optional else field(metadata=metadata)


def key_of(entry: Field[Any]) -> str:
    """Return the name of a field in a file."""
    return entry.metadata.get("key") or entry.name


def required(entries: Mapping[str, Field[Any]]) -> Iterator[str]:
    """Yield the names of the entries that a deal must not leave out."""
    return (name for name, entry in entries.items() if entry.default is MISSING)


class Figure(NamedTuple):
    """One figure of a deal, as it is looked up and listed."""

    name: str
    value: FigureValue
    unit: str
    meaning: str
    source: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Record:
    """A group of figures that belong together, each with its source.

    Equality and text are defined here, once for all records: generating them for each dataclass
    takes longer than everything else that Excel waits for when it loads the functions.

    Attributes:
        sources: Where each figure comes from, such as ``"S-11"``, by the figure's field name.
        fixed: Field names of the figures that splits leave as they are.
    """

    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    fixed: frozenset[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        """Check every figure against its field's rule, and that it names its source."""
        for entry in figure_fields(type(self)):
            value = getattr(self, entry.name)
            if value is None:
                continue
            key = key_of(entry)
            rule: Rule = entry.metadata["rule"]
            if isinstance(value, Decimal) and not value.is_finite():
                raise FigureError(key, "must be a finite number")
            if not rule.holds(value):
                found = ", ".join(map(str, value)) if isinstance(value, tuple) else value
                reason = f"must be {rule.words}, not {found}"
                raise FigureError(key, reason + _percentage(value, entry.metadata["unit"]))
            if _is_percentage(value, entry.metadata["unit"]) and value >= MOST_MULTIPLE:
                over, under = value.as_integer_ratio()
                meant = f'; if {value} is meant, write it as "{over}/{under}"'
                reason = f"must be below {MOST_MULTIPLE}, not {value}"
                raise FigureError(key, reason + _percentage(value, entry.metadata["unit"]) + meant)
            most = MOST.get(entry.metadata["unit"])
            if most is not None and abs(value) > most:
                bounds = f"at most {most:,}" if value > 0 else f"at least {-most:,}"
                found = value if isinstance(value, Fraction) else f"{value:,}"
                raise FigureError(key, f"must be {bounds}, not {found}")
            if isinstance(value, datetime.date) and value < FIRST_DAY:
                raise FigureError(key, f"must not be before {FIRST_DAY}, and is {value}")
            if not self.sources.get(entry.name, "").strip():
                raise FigureError(key, "has no source; every figure names one")

    def unit_of(self, entry: Field[Any]) -> str:
        """Return the unit of a figure."""
        unit: str = entry.metadata["unit"]
        return unit

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__getstate__() == other.__getstate__()

    __hash__ = None  # type: ignore[assignment]  # sources are a mapping

    def __repr__(self) -> str:
        shown = (f"{item.name}={getattr(self, item.name)!r}" for item in fields(self) if item.repr)
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields alone: deals are passed to other processes without derived values."""
        state = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return state | {"sources": dict(self.sources)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Set the fields again, the sources read-only as before."""
        self.__dict__.update(state | {"sources": MappingProxyType(state["sources"])})


def _is_percentage(value: Any, unit: str) -> bool:
    return unit in (FRACTION, MULTIPLE) and isinstance(value, Decimal) and value > 1


def _percentage(value: Any, unit: str) -> str:
    """Say how a percentage is written, where a rate or multiple looks like one."""
    if not _is_percentage(value, unit):
        return ""
    return f": {value}% is written as {(value / 100).normalize():f}"


def figure_fields(record: type[Record]) -> Iterator[Field[Any]]:
    """Yield the fields of a record that are single figures, in order."""
    return (entry for entry in fields(record) if "rule" in entry.metadata)


def refuse_many(key: str, parts: Sequence[object]) -> None:
    """Raise `FigureError` where there are more parts than a deal may have."""
    if len(parts) > MOST_PARTS:
        raise FigureError(key, f"must be at most {MOST_PARTS}, not {len(parts)}")


def as_decimal(exact: Exact) -> Decimal:
    """Write an amount, price or rate as a cell holds it; a fraction to the digits of a double."""
    return exact if isinstance(exact, Decimal) else Decimal(repr(float(exact)))


def types_of(hint: Any) -> tuple[Any, ...]:
    """Return the types of a field's hint, None left out."""
    return tuple(one for one in typing.get_args(hint) or (hint,) if one is not type(None))
