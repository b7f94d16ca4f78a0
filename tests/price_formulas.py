"""Price formulas as a deal's file has them: compiled for the arithmetic, and drawn at random."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from xladdin.terms.exact import Leg, PriceRule, ratio


def compiled(formula: Mapping[str, Any]) -> PriceRule:
    """A formula as its deal's file has it, for the arithmetic."""

    def exact(table: Mapping[str, Any], names: str) -> dict[str, Any]:
        return {name: ratio(Fraction(table[name])) for name in names.split() if name in table}

    legs = []
    for leg in formula["legs"]:
        conditional = "when_below" in leg or "when_at_least" in leg
        legs.append(
            Leg(
                of=leg.get("of", ""),
                first=leg.get("from", 0),
                last=leg.get("to", 0),
                at_issue=leg.get("anchor") == "issue",
                lowest=leg.get("lowest", 0),
                after_days=leg.get("after_days"),
                until_days=leg.get("until_days"),
                when_of=leg.get("when_of", leg.get("of", "")) if conditional else "",
                **exact(leg, "price multiple floor when_below when_at_least"),
            )
        )
    return PriceRule(
        tuple(legs),
        least=formula.get("take", "least") == "least",
        rounding=formula.get("round", "nearest"),
        **exact(formula, "floor cap add round_to"),
    )


COLUMNS: Final = ("closing bid", "market value", "vwap", "low")


def _figure(rng: random.Random, low: float = 0.05, high: float = 40.0) -> str:
    found = f"{rng.uniform(low, high):.{rng.choice((0, 2, 4))}f}"
    return found if Fraction(found) or low < 0 else str(low)


def _window(rng: random.Random) -> dict[str, int]:
    first = rng.randint(-12, 6)
    return {"from": first, "to": first + rng.choice((0, 0, 1, 2, 4, 9))}


def random_leg(rng: random.Random) -> dict[str, Any]:
    leg: dict[str, Any] = {}
    if rng.random() < 0.25:
        leg |= {"kind": "fixed", "price": _figure(rng)}
        if rng.random() < 0.3:
            leg |= _window(rng) | {"when_of": rng.choice(COLUMNS)}
    else:
        leg |= {"kind": "series", "of": rng.choice(COLUMNS), **_window(rng)}
        leg["multiple"] = _figure(rng, 0.4, 1.6) if rng.random() < 0.9 else "1/3"
        if rng.random() < 0.3:
            leg["floor"] = _figure(rng, 0.05, 20)
        if rng.random() < 0.3:
            leg["when_of"] = rng.choice(COLUMNS)
    if "from" in leg and rng.random() < 0.5:
        leg["lowest"] = rng.randint(1, leg["to"] - leg["from"] + 1)
    if "from" in leg and ("when_of" in leg or rng.random() < 0.2):
        for name in rng.choice(
            (["when_below"], ["when_at_least"], ["when_below", "when_at_least"])
        ):
            leg[name] = _figure(rng)
        _in_order(leg, "when_at_least", "when_below")
    if rng.random() < 0.4:
        leg["anchor"] = "issue"
    if rng.random() < 0.25:
        leg["after_days"] = rng.randint(0, 60)
    if rng.random() < 0.25:
        leg["until_days"] = rng.randint(0, 60)
    _in_order(leg, "after_days", "until_days")
    return leg


def _in_order(table: dict[str, Any], low: str, high: str) -> None:
    """Put the lesser of two figures first; drop one of two that are equal."""
    if low in table and high in table:
        lesser, greater = sorted((table[low], table[high]), key=Fraction)
        table[low], table[high] = lesser, greater
        if Fraction(lesser) == Fraction(greater):
            del table[low]


def random_formula(rng: random.Random) -> dict[str, Any]:
    formula: dict[str, Any] = {"legs": [random_leg(rng) for _ in range(rng.randint(1, 4))]}
    if rng.random() < 0.5:
        formula["take"] = rng.choice(("least", "greatest"))
    for name in ("floor", "cap"):
        if rng.random() < 0.25:
            formula[name] = _figure(rng)
    _in_order(formula, "floor", "cap")
    if rng.random() < 0.2:
        formula["add"] = _figure(rng, -1, 1)
    if rng.random() < 0.3:
        formula["round_to"] = rng.choice(("0.01", "0.0001", "0.05", "1/8"))
        formula["round"] = rng.choice(("nearest", "down", "up"))
    return formula
