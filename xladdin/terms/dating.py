"""A deal as it stands on a day: amendments made, prices and counts carried over splits."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from xladdin.terms.agreements import Pool
from xladdin.terms.deal import AMENDMENT, SECTIONS, CorporateAction, Deal
from xladdin.terms.exact import lowered
from xladdin.terms.fields import (
    SHARES,
    USD_A_SHARE,
    FigureError,
    Record,
    key_of,
)
from xladdin.terms.parsing import Problem, hints_of, plain
from xladdin.terms.records import FULL_RATCHET, Keyed
from xladdin.terms.securities import Capitalisation, Instrument

Path: TypeAlias = tuple[str, ...]
"""Where a figure stands: ``("prices", "first", "leg_1", "floor")``."""

_DIGITS: Final = 60
"""Digits within which a figure carried over a split is still written as a decimal."""


_ON_ONE_DAY: Final = ("split", AMENDMENT, "issue")
"""Actions of one day in their order: a split is about what is older, an issue is on new terms."""


def ordered(deal: Deal) -> list[CorporateAction]:
    """List a deal's actions by day; those of one day by kind, and then as the file has them."""
    return sorted(deal.actions, key=lambda one: (one.date, _ON_ONE_DAY.index(one.kind)))


def splits(deal: Deal, until: datetime.date | None = None) -> list[tuple[datetime.date, Fraction]]:
    """List a deal's splits up to a day; all of them without one."""
    return [
        (action.date, Fraction(action.ratio))
        for action in ordered(deal)
        if action.ratio is not None and (until is None or action.date <= until)
    ]


def in_force(deal: Deal, day: datetime.date | None) -> int:
    """Count the actions that hold on a day; all of them without one."""
    return sum(day is None or action.date <= day for action in deal.actions)


def dated(deal: Deal, actions: int) -> Deal:
    """Return a deal as it stands after some of its actions.

    Args:
        deal: The deal as its documents have it.
        actions: How many of its actions, by day, hold.

    Returns:
        The deal with figures amended; with every price multiplied by the splits after the day from
        which the figure stands, and every count divided by them. Of stock and instruments whole
        ones are left: cash is paid for fractions.

    Raises:
        FigureError: An amendment names no figure, or gives one that the deal cannot have; an issue
            lowers no price.
    """
    stands: dict[Path, datetime.date] = {}
    found = deal
    issued = Fraction()
    numbers = {id(action): number for number, action in enumerate(deal.actions, 1)}
    in_order = ordered(deal)[:actions]
    for (day, kind), group in groupby(in_order, lambda action: (action.date, action.kind)):
        together = list(group)
        if kind == AMENDMENT:
            # All of a day at once: one without the others may be no deal.
            amended = {numbers[id(action)]: action for action in together}
            found, paths = _amended(found, amended)
            stands |= dict.fromkeys(paths, day)
            continue
        for action in together:
            try:
                if kind == "split":
                    found = _split(found, Fraction(action.ratio or 1), day, stands)
                    issued /= Fraction(action.ratio or 1)
                else:
                    found = _issue(found, action, issued, stands)
                    issued += action.shares or 0
            except FigureError as error:
                key = f"actions[{numbers[id(action)]}].{error.key}"
                raise FigureError(key, error.reason) from None
    return found


# Splits


def _split(
    deal: Deal, ratio: Fraction, day: datetime.date, stands: Mapping[Path, datetime.date]
) -> Deal:
    """Carry a deal over a split: every figure that is older than it."""
    changed: dict[str, Any] = {}
    for entry in fields(deal):
        value = getattr(deal, entry.name)
        path = (entry.name,)
        if entry.name in ("actions", "printed", "exceptions"):
            continue
        if isinstance(value, Record):
            changed[entry.name] = _carried(value, path, ratio, day, deal.document_date, stands)
        elif isinstance(value, tuple):
            changed[entry.name] = tuple(
                _carried(one, (*path, one.key), ratio, day, deal.document_date, stands)
                for one in value
            )
    return _pooled(replace(deal, **changed))


def _carried(
    record: Record,
    path: Path,
    ratio: Fraction,
    day: datetime.date,
    since: datetime.date,
    stands: Mapping[Path, datetime.date],
) -> Record:
    own = getattr(record, "issued", None) or getattr(record, "dated", None)
    if own is not None:
        since = max(since, own)
    changed: dict[str, Any] = {}
    for entry in fields(record):
        value = getattr(record, entry.name)
        at = (*path, key_of(entry))
        if value is None or entry.name == "shared":
            continue
        if "rule" in entry.metadata:
            unit = record.unit_of(entry)
            older = stands.get(at, since) < day and entry.name not in record.fixed
            if older and unit in (USD_A_SHARE, SHARES):
                if unit == SHARES:
                    count = Fraction(value) / ratio
                    whole = isinstance(record, Capitalisation | Instrument)
                    changed[entry.name] = int(count) if whole else written(count)
                else:  # a price stays a decimal, though it come out whole
                    price = written(Fraction(value) * ratio)
                    changed[entry.name] = Decimal(price) if isinstance(price, int) else price
        elif isinstance(value, Record):
            changed[entry.name] = _carried(value, at, ratio, day, since, stands)
        elif isinstance(value, tuple) and value and isinstance(value[0], Record):
            stem = key_of(entry).removesuffix("s")
            changed[entry.name] = tuple(
                _carried(one, (*path, f"{stem}_{number}"), ratio, day, since, stands)
                for number, one in enumerate(value, 1)
            )
    return replace(record, **changed) if changed else record


def written(exact: Fraction) -> Decimal | Fraction | int:
    """Write an exact number as a whole number or a decimal, where one is exact."""
    if exact.denominator == 1:
        return exact.numerator
    with localcontext(Context(prec=_DIGITS)) as context:
        found = Decimal(exact.numerator) / Decimal(exact.denominator)
        return exact if context.flags[Inexact] else found


def _pooled(deal: Deal) -> Deal:
    """Update the pool that agreements share."""
    pools: dict[str, Pool] = {pool.key: pool for pool in deal.pools}
    agreements = tuple(
        replace(one, shared=pools[one.pool]) if one.pool is not None else one
        for one in deal.agreements
    )
    return replace(deal, agreements=agreements)


# Issues


def _issue(
    deal: Deal, action: CorporateAction, issued: Fraction, stands: dict[Path, datetime.date]
) -> Deal:
    """Lower the prices of the instruments that a cheaper issue lowers.

    Args:
        deal: The deal before.
        action: The issue.
        issued: Shares of the issues before it, in shares of that day.
        stands: By figure, the day from which it stands; the new prices stand from the issue's.
    """
    assert action.shares is not None
    assert action.price is not None
    moved = [
        one
        for one in deal.instruments
        if one.anti_dilution is not None
        and one.price is not None
        # An older issue is in the price that the document states.
        and max(deal.document_date, one.issued or deal.document_date) <= action.date
    ]
    if not moved:
        reason = "changes nothing: no instrument of that day has a price and anti_dilution"
        reason += f", and the document's prices are of {deal.document_date}"
        raise FigureError("kind", reason)
    source = action.sources["price"]
    changed = {}
    for one in moved:
        price, new = Fraction(one.price or 0), Fraction(action.price)
        if one.anti_dilution == FULL_RATCHET:
            after = min(price, new)
        elif deal.capitalisation is None:
            reason = f"lowers the price of {one.key} by what is outstanding: capitalisation says it"
            raise FigureError("kind", reason)
        elif action.date <= (counted := deal.capitalisation.latest_outstanding_date):
            reason = f"is not after the count of shares, {counted}, that the average rests on"
            raise FigureError("date", reason)
        else:
            outstanding = deal.capitalisation.latest_outstanding + issued
            after = lowered(price, outstanding, action.shares, new)
        if after < price:
            stands["instruments", one.key, "price"] = action.date
            exact = written(after)
            whole = Decimal(exact) if isinstance(exact, int) else exact
            sources = MappingProxyType({**one.sources, "price": source})
            changed[one.key] = replace(one, price=whole, sources=sources)
    instruments = tuple(changed.get(one.key, one) for one in deal.instruments)
    return replace(deal, instruments=instruments)


# Amendments


def _amended(deal: Deal, actions: Mapping[int, CorporateAction]) -> tuple[Deal, list[Path]]:
    """Change the figures that amendments name, and return their places, too.

    Args:
        deal: The deal before.
        actions: The amendments of one day, by their number in the file.
    """
    changes: dict[Path, tuple[int, CorporateAction]] = {}
    for number, action in actions.items():
        try:
            path = path_of(deal, action.amended or "")
        except FigureError as error:
            key = f"actions[{number}].{error.key}"
            raise FigureError(key, f"{action.amended} {error.reason}") from None
        changes[path] = number, action
    changed: dict[str, Any] = {}
    for section in dict.fromkeys(path[0] for path in changes):
        value = getattr(deal, section)
        if isinstance(value, tuple):
            changed[section] = tuple(
                _with(one, _within(changes, section, one.key)) for one in value
            )
        else:
            changed[section] = _with(value, _within(changes, section))
    return _pooled(replace(deal, **changed)), list(changes)


_Changes: TypeAlias = Mapping[Path, tuple[int, CorporateAction]]


def _within(changes: _Changes, *head: str) -> _Changes:
    """Return the changes of what stands at a place, by their places in it."""
    size = len(head)
    return {path[size:]: change for path, change in changes.items() if path[:size] == head}


def _with(record: Record, changes: _Changes) -> Record:
    """Return a record with figures of it, or of the records within it, changed."""
    if not changes:
        return record
    hints = hints_of(type(record))
    values: dict[str, Any] = {}
    sources = dict(record.sources)
    for entry in fields(record):
        inner = getattr(record, entry.name)
        if "rule" in entry.metadata and (key_of(entry),) in changes:
            number, action = changes[(key_of(entry),)]
            if isinstance(inner, tuple):
                reason = f"{action.amended} is a list, which no action amends"
                raise FigureError(f"actions[{number}].figure", reason)
            try:
                values[entry.name] = plain("value", action.value, hints[entry.name])
            except Problem as problem:
                raise FigureError(f"actions[{number}].value", problem.reason) from None
            sources[entry.name] = action.sources["value"]
        elif isinstance(inner, Record):
            values[entry.name] = _with(inner, _within(changes, entry.name))
        elif isinstance(inner, tuple) and inner and isinstance(inner[0], Record):
            stem = f"{entry.name.removesuffix('s')}_"
            values[entry.name] = tuple(
                _with(one, _within(changes, f"{stem}{at}")) for at, one in enumerate(inner, 1)
            )
    try:
        return replace(record, **values, sources=MappingProxyType(sources))
    except FigureError as error:
        if error.key.startswith("actions["):
            raise
        own = [change for path, change in changes.items() if path[-1] == error.key]
        number, action = (own or list(changes.values()))[0]
        what = "which" if own else f"after which {error.key}"
        reason = f"amends {action.amended}, {what} {error.reason}"
        raise FigureError(f"actions[{number}].value", reason) from None


def path_of(deal: Deal, name: str) -> Path:
    """Find the place of a figure by its dotted name, as DEAL_TERM takes it.

    Args:
        deal: The deal.
        name: The name, such as ``prices.first.leg_1.floor``; ``agreement`` is the first agreement,
            and the names of format 1 are those of its Class B warrants and debentures.

    Raises:
        FigureError: The deal has no such figure.
    """
    text = name.strip()
    for old, new in ALIASES.items():
        if text == old or text.startswith(f"{old}."):
            text = new + text.removeprefix(old)
            break
    section, _, rest = text.partition(".")
    if section == "agreement" and deal.agreements:
        section, rest = "agreements", f"{deal.agreements[0].key}.{rest}"
    pieces = rest.split(".")
    known = {entry.name for entry in fields(deal) if entry.metadata}
    if section in SECTIONS:
        found = deal.find(section, pieces[0]) if section not in ("actions", "printed") else None
        if isinstance(found, Keyed):
            if _has(found, pieces[1:]):
                return (section, found.key, *pieces[1:])
            if section == "grids" or _has(found, pieces[1:], "choices"):
                what = "part of a table" if section == "grids" else "a word"
                raise FigureError("figure", f"is {what}, and no figure by itself")
    elif section in known and _has(getattr(deal, section), pieces):
        return (section, *pieces)
    raise FigureError("figure", "is no figure of the deal")


def check_exceptions(deal: Deal) -> None:
    """Check that exceptions are about figures of the deal.

    Raises:
        FigureError: One of them names none.
    """
    for number, exception in enumerate(deal.exceptions, 1):
        follows = re.split(r"[+-]", exception.follows or "")
        for name in (*exception.figures, *filter(str.strip, follows)):
            try:
                path_of(deal, name)
            except FigureError as error:
                reason = f"{name.strip()} {error.reason}"
                raise FigureError(f"exceptions[{number}]", reason) from None


def _has(record: Any, path: Sequence[str], what: str = "rule") -> bool:
    if not isinstance(record, Record) or not path:
        return False
    name, *rest = path
    if not rest:
        return any(key_of(entry) == name for entry in fields(record) if what in entry.metadata)
    for entry in fields(record):
        inner = getattr(record, entry.name)
        if entry.name == name:
            return _has(inner, rest, what)
        stem, _, number = name.rpartition("_")
        if isinstance(inner, tuple) and entry.name.removesuffix("s") == stem and number.isdecimal():
            return 0 < int(number) <= len(inner) and _has(inner[int(number) - 1], rest, what)
    return False


ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "limits.exchange_limit": "caps.exchange.rate",
        "class_b.cap_price": "prices.class_b.leg_1.price",
        "class_b.rate": "prices.class_b.leg_2.multiple",
        "class_b.low_price_rate": "prices.class_b.leg_3.multiple",
        "class_b.outstanding": "instruments.class_b.count",
        "class_b.original_issue": "instruments.class_b.original_count",
        "class_b.financing_floor": "instruments.class_b.available_from",
        "class_b": "instruments.class_b",
        "debentures.initial_multiple": "prices.debenture.leg_1.multiple",
        "debentures.floating_multiple": "prices.debenture.leg_2.multiple",
        "debentures.floating_after_days": "prices.debenture.leg_2.after_days",
        "debentures.lowest_bids": "prices.debenture.leg_2.lowest",
        "debentures.price_floor": "prices.debenture.floor",
        "debentures.price_cap": "prices.debenture.cap",
        "debentures.block_1": "instruments.debenture_1",
        "debentures.block_2": "instruments.debenture_2",
    }
)
"""Names of figures of format 1, and where the figures are in a deal of any kind."""
