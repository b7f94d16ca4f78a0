"""A deal as it stands on a day: amendments made, prices and counts carried over splits."""

from __future__ import annotations

import datetime
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from xladdin.terms.agreements import Pool
from xladdin.terms.deal import SECTIONS, CorporateAction, Deal
from xladdin.terms.exact import lowered
from xladdin.terms.fields import (
    SHARES,
    USD_A_SHARE,
    FigureError,
    Record,
    figure_fields,
    key_of,
    suits,
)
from xladdin.terms.records import FULL_RATCHET, Keyed
from xladdin.terms.securities import Capitalisation, Instrument

Path: TypeAlias = tuple[str, ...]
"""Where a figure stands: ``("prices", "first", "leg_1", "floor")``."""

_DIGITS: Final = 60
"""Digits within which a figure carried over a split is still written as a decimal."""


def ordered(deal: Deal) -> list[CorporateAction]:
    """List a deal's actions by day; those of one day as the file has them."""
    return sorted(deal.actions, key=lambda action: action.date)


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
    for action in ordered(deal)[:actions]:
        try:
            if action.kind == "split":
                assert action.ratio is not None
                found = _split(found, Fraction(action.ratio), action.date, stands)
                issued /= Fraction(action.ratio)
            elif action.kind == "amendment":
                path, found = _amended(found, action)
                stands[path] = action.date
            else:
                found = _issue(found, action, issued, stands)
                issued += action.shares or 0
        except FigureError as error:
            places = enumerate(deal.actions, 1)
            number = next(number for number, one in places if one is action)
            reason = f"{action.amended} {error.reason}" if action.amended else error.reason
            raise FigureError(f"actions[{number}].{error.key}", reason) from None
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
        and (one.issued is None or one.issued <= action.date)
    ]
    if not moved:
        reason = "changes nothing: no instrument of that day has a price and anti_dilution"
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


def _amended(deal: Deal, action: CorporateAction) -> tuple[Path, Deal]:
    assert action.amended is not None
    path = path_of(deal, action.amended)
    section, *rest = path
    source = action.sources["value"]
    value = getattr(deal, section)
    if isinstance(value, tuple):
        key, *rest = rest
        changed: Any = tuple(
            _with(one, rest, action.value, source) if one.key == key else one for one in value
        )
    else:
        changed = _with(value, rest, action.value, source)
    return path, _pooled(replace(deal, **{section: changed}))


def _with(record: Record, path: Sequence[str], value: Any, source: str) -> Record:
    """Return a record with one figure of it, or of a record within it, changed."""
    name, *rest = path
    for entry in fields(record):
        inner = getattr(record, entry.name)
        if not rest and "rule" in entry.metadata and key_of(entry) == name:
            if not suits(value, typing.get_type_hints(type(record))[entry.name]):
                raise FigureError("value", "is of another type than the figure")
            sources = MappingProxyType({**record.sources, entry.name: source})
            return replace(record, **{entry.name: value, "sources": sources})
        if rest and isinstance(inner, Record) and entry.name == name:
            return _replaced(record, entry.name, _with(inner, rest, value, source))
        stem = f"{entry.name.removesuffix('s')}_"
        if rest and isinstance(inner, tuple) and name.startswith(stem):
            number = int(name.rpartition("_")[2])
            items = list(inner)
            items[number - 1] = _with(items[number - 1], rest, value, source)
            return _replaced(record, entry.name, tuple(items))
    raise FigureError("figure", "is no figure of the deal")


def _replaced(record: Record, name: str, value: Any) -> Record:
    changed: dict[str, Any] = {name: value}
    return replace(record, **changed)


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
        if isinstance(found, Keyed) and _has(found, pieces[1:]):
            return (section, found.key, *pieces[1:])
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


def _has(record: Any, path: Sequence[str]) -> bool:
    if not isinstance(record, Record) or not path:
        return False
    name, *rest = path
    if not rest:
        return any(key_of(entry) == name for entry in figure_fields(type(record)))
    for entry in fields(record):
        inner = getattr(record, entry.name)
        if entry.name == name:
            return _has(inner, rest)
        stem, _, number = name.rpartition("_")
        if isinstance(inner, tuple) and entry.name.removesuffix("s") == stem and number.isdecimal():
            return 0 < int(number) <= len(inner) and _has(inner[int(number) - 1], rest)
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
