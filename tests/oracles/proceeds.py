"""What proceeds.xlsx must show for a filling: exact, and written from the specification."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from oracles.contract import shown
from oracles.placements import DUST, MOST_PRICE, Figures

NAMES = ("Gross", "Price", "Reimbursed", "Other_expenses")
"""What is typed for each agreement; the agreement's number follows."""


@dataclass(frozen=True)
class Shared:
    """What a deal says of all its agreements together; None where it says nothing."""

    advisory: Fraction | None
    compensation_limit: Fraction | None
    warrants_limit: Fraction | None


def shared(path: Path) -> Shared:
    """Read it from a deal's file."""
    deal = tomllib.loads(path.read_text("utf-8"), parse_float=str)
    limits, expenses = (
        {name: Fraction(item["value"]) for name, item in deal[part].items()}
        if part in deal
        else None
        for part in ("limits", "expenses")
    )
    return Shared(
        (expenses["advisory_retainer"] + expenses["advisory_deposit"]) * expenses["advisory_share"]
        if expenses
        else None,
        limits["compensation_cap"] if limits else None,
        limits["warrant_cap"] if limits else None,
    )


def allowed(name: str, given: Any, own: Figures) -> bool:
    """Whether a value may be typed into an input cell; a blank always may."""
    if given in (None, ""):
        return True
    if not isinstance(given, int | float) or isinstance(given, bool):
        return False
    exact = Fraction(given)
    if name == "Price":
        return own.least_price() <= given <= MOST_PRICE
    most = {"Gross": own.capacity, "Reimbursed": own.reimbursement}.get(name, Fraction(10**9))
    return exact >= 0 and exact - most < DUST


def expected(
    cells: Mapping[str, Any], agreements: Sequence[Figures], deal: Shared
) -> dict[str, list[Any]]:
    """Work the Proceeds sheet out.

    Args:
        cells: What is typed, all of it allowed.
        agreements: The agreements.
        deal: The deal.

    Returns:
        By label: the figure of each agreement, and of all together if there are several.
    """
    rows: dict[str, list[Any]] = {}

    def put(label: str, values: Sequence[Fraction]) -> Sequence[Fraction]:
        rows[label] = [*values, sum(values, Fraction())]
        return values

    def typed(name: str) -> list[Fraction]:
        return [Fraction(cells[f"{name}_{number}"] or 0) for number, _ in enumerate(agreements, 1)]

    gross, prices = typed("Gross"), typed("Price")
    reimbursed, other = typed("Reimbursed"), typed("Other_expenses")
    advisory = [deal.advisory or Fraction()] * len(agreements)
    fees = put("Commission", [own.fee(sold) for own, sold in zip(agreements, gross, strict=True)])
    net = put("Net of commission", [sold - fee for sold, fee in zip(gross, fees, strict=True)])
    if deal.advisory is not None:
        put("Advisory share", advisory)
    costs = zip(net, reimbursed, other, advisory, strict=True)
    put("Net proceeds after all", [first - sum(rest, Fraction()) for first, *rest in costs])
    put(
        "Compensation",
        [sum(parts, Fraction()) for parts in zip(fees, reimbursed, advisory, strict=True)],
    )
    _ratio(rows, "Compensation over proceeds", "Compensation", [*gross, sum(gross)])
    _within(rows, "compensation", "Compensation over proceeds", deal.compensation_limit)
    if any(own.warrants for own in agreements):
        shares = [
            math.floor(as_shown(sold) / as_shown(price)) if price else 0
            for sold, price in zip(gross, prices, strict=True)
        ]
        put("Shares sold", [Fraction(count) for count in shares])
        earned = [own.earned(count) for own, count in zip(agreements, shares, strict=True)]
        put("Warrants earned", [Fraction(count) for count in earned])
        _ratio(rows, "Warrants over shares sold", "Warrants earned", rows["Shares sold"])
        _within(rows, "warrants", "Warrants over shares sold", deal.warrants_limit)
        _rounded(
            rows,
            [bool(own.warrants) and own.rounding != "down" for own in agreements],
            deal.warrants_limit,
        )
        rows["Exercise price of the warrants"] = [
            as_shown(price) * own.warrants[1] if count and own.warrants else Fraction()
            for own, count, price in zip(agreements, shares, prices, strict=True)
        ]
    return rows


def _rounded(rows: dict[str, list[Any]], up: Sequence[bool], limit: Fraction | None) -> None:
    """Name the limits that are passed by less than one warrant for each count rounded up."""
    if limit is None:
        return
    answers = rows["Within the limit on warrants"]
    for at, roundings in enumerate((*up, sum(up))):
        beyond = rows["Warrants earned"][at] - limit * rows["Shares sold"][at]
        if answers[at] == "no" and beyond < roundings:
            answers[at] = "but for rounding"


def as_shown(number: Fraction) -> Fraction:
    """A number as a sheet shows it: 15 significant digits."""
    return shown(float(number))


def _ratio(rows: dict[str, list[Any]], label: str, part: str, whole: Sequence[Any]) -> None:
    rows[label] = [
        above / below if below else Fraction()
        for above, below in zip(rows[part], whole, strict=True)
    ]


def _within(rows: dict[str, list[Any]], what: str, ratio: str, limit: Fraction | None) -> None:
    if limit is not None:
        rows[f"Limit on {what}"] = [limit] * len(rows[ratio])
        rows[f"Within the limit on {what}"] = [
            "yes" if value <= limit else "no" for value in rows[ratio]
        ]
