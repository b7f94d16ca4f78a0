"""Deals made up from a seed: as many as a night's run has, each of another shape."""

from __future__ import annotations

import datetime
import random
from pathlib import Path
from typing import Final

_WORDS: Final = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Rowan")
_KINDS: Final = ("Instruments", "Therapeutics", "Systems", "Energy", "Materials")


def write_deals(folder: Path, count: int, seed: int = 1) -> list[Path]:
    """Write deals.

    Args:
        folder: Where to.
        count: How many.
        seed: The same seed gives the same deals.

    Returns:
        Their files, in the order of their names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(1, count + 1):
        path = folder / f"MADE-{seed}-{number:03}.toml"
        path.write_text(deal(path.stem, random.Random(f"{seed}/{number}")), "utf-8")
        paths.append(path)
    return paths


def deal(name: str, chance: random.Random) -> str:
    """Make up a deal.

    Args:
        name: Its name.
        chance: Where its figures come from.

    Returns:
        Its file's text.
    """
    dated = datetime.date(chance.randint(1998, 2024), chance.randint(1, 12), chance.randint(1, 28))
    price = chance.randint(80, 9_000) / 100
    issuer = f"{chance.choice(_WORDS)} {chance.choice(_KINDS)}, Inc."
    head = f"""\
format = 1
name = "{name}"
issuer = "{issuer}"
ticker = "{name[-3:]}X"
document = "Prospectus supplement, made up"
document_date = {dated}
calendar = 'XNYS'"""
    parts = [
        head,
        *(_agreement(key, dated, chance) for key in ("ATM", "LINE")[: chance.randint(1, 2)]),
    ]
    if chance.random() < 0.6:
        parts.append(_limits(chance))
    if chance.random() < 0.7:
        parts.append(_expenses(chance))
    # One of these at least: each of the four workbooks is about something.
    floating = chance.choice(((_class_b,), (_debentures,), (_class_b, _debentures)))
    parts += [section(chance, price) for section in floating]
    parts.append(_capitalisation(chance, price, dated))
    return "\n\n".join(parts) + "\n"


def _line(key: str, value: object) -> str:
    shown = f"'{value}'" if isinstance(value, str) else str(value)
    return f"{key} = {{ value = {shown}, source = 's. {len(key)}' }}"


def _section(head: str, **figures: object) -> str:
    return "\n".join([head, *(_line(key, value) for key, value in figures.items())])


def _agreement(key: str, dated: datetime.date, chance: random.Random) -> str:
    edges = sorted(chance.sample(range(1, 400), chance.randint(1, 4)))
    capacity = edges[-1] * 250_000
    parts = [
        _section(
            f"[agreements.{key}]",
            title=f"{key} agreement",
            dated=dated,
            capacity=capacity,
            expense_reimbursement=chance.randint(0, 20) * 5_000,
            delivery_sessions=chance.randint(1, 5),
            standstill_before=chance.randint(0, 5),
            standstill_after=chance.randint(0, 5),
        )
    ]
    if chance.random() < 0.5:
        parts.append(
            _section(
                f"[agreements.{key}.warrants]",
                rate=chance.randint(1, 15) / 100,
                exercise_multiple=chance.randint(100, 150) / 100,
                life_years=chance.randint(1, 7),
                cashless_after_years=chance.randint(0, 2),
                transfer_lock_years=chance.randint(0, 2),
            )
        )
    rate = chance.randint(20, 70)
    for edge in edges:
        parts.append(
            _section(f"[[agreements.{key}.tiers]]", up_to=edge * 250_000, rate=rate / 1000)
        )
        rate -= chance.randint(0, 5)
    return "\n\n".join(parts)


def _limits(chance: random.Random) -> str:
    return _section(
        "[limits]",
        warrant_cap=chance.randint(15, 20) / 100,  # no agreement gives more
        compensation_cap=chance.randint(8, 12) / 100,
        exchange_limit=chance.choice((0.1, 0.2, 0.25)),
    )


def _expenses(chance: random.Random) -> str:
    return _section(
        "[expenses]",
        advisory_retainer=chance.randint(0, 30) * 10_000,
        advisory_deposit=chance.randint(0, 10) * 10_000,
        advisory_share=chance.randint(0, 100) / 100,
        other_offering=chance.randint(1, 40) * 10_000,
    )


def _class_b(chance: random.Random, price: float) -> str:
    issued = chance.randint(100, 5_000) * 1_000
    left = chance.randint(0, issued // 2) * 2
    low = chance.randint(80, 95)
    return _section(
        "[class_b]",
        original_issue=issued,
        outstanding=left,
        per_holder=left // 2,
        holders=2,
        exercised=issued - left,
        exercised_proceeds=chance.randint(1, 500) * 10_000,
        cap_price=round(price * chance.randint(2, 9), 2),
        rate=chance.randint(low, 100) / 100,
        low_price_rate=low / 100,
        low_price_threshold=round(price * chance.randint(50, 150) / 100, 2),
        financing_floor=round(price / 2, 2),
    )


def _debentures(chance: random.Random, price: float) -> str:
    lookback = chance.randint(5, 30)
    figures: dict[str, object] = {
        "initial_multiple": chance.randint(100, 130) / 100,
        "initial_sessions": chance.randint(3, 12),
        "floating_after_days": chance.choice((0, 30, 60, 90, 180)),
        "floating_multiple": chance.randint(80, 101) / 100,
        "lowest_bids": chance.randint(1, lookback),
        "lookback_sessions": lookback,
    }
    if chance.random() < 0.5:
        figures["lookback_basis"] = "market value"
    if chance.random() < 0.5:
        figures["price_floor"] = round(price / 4, 2)
        figures["price_cap"] = round(price * 2, 2)
    block = _section(
        "[[debentures.blocks]]",
        principal=chance.randint(10, 400) * 25_000,
        due="made up",
        status="outstanding",
    )
    return f"{_section('[debentures]', **figures)}\n\n{block}"


def _capitalisation(chance: random.Random, price: float, dated: datetime.date) -> str:
    outstanding = chance.randint(5_000_000, 90_000_000)
    options = chance.randint(0, outstanding // 3)
    return _section(
        "[capitalisation]",
        authorised=outstanding * chance.randint(2, 4),
        outstanding=outstanding,
        outstanding_date=dated - datetime.timedelta(days=40),
        later_outstanding=outstanding + chance.randint(0, 100_000),
        later_outstanding_date=dated - datetime.timedelta(days=5),
        options_and_warrants=options,
        exercisable_now=options // 2,
        last_sale=price,
        last_sale_date=dated - datetime.timedelta(days=1),
        year_high=round(price * 2, 2),
        year_low=round(price / 2, 2),
        monthly_cash_use=chance.randint(1, 40) * 100_000,
    )
