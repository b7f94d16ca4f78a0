"""The records of a programme like that of 2001, of a deal of any kind that says all of them.

The workbooks of such a programme show these records. A deal of format 2 that says the same gives
them, figure by figure with its source.
"""

from __future__ import annotations

from dataclasses import fields
from types import MappingProxyType
from typing import Any

from xladdin.terms import model
from xladdin.terms.agreements import AgentWarrants, SalesAgreement
from xladdin.terms.conversion import OF_WARRANTS
from xladdin.terms.deal import Deal
from xladdin.terms.exact import (
    CLASS_B,
    CLOSING_BID,
    DEBENTURE,
    EXCHANGE,
    MARKET_VALUE,
)
from xladdin.terms.fields import Record, figure_fields
from xladdin.terms.parsing import as_number
from xladdin.terms.price_formulas import PriceFormula
from xladdin.terms.records import copied, same_figures


class _Incomplete(Exception):  # noqa: N818  (never leaves this module)
    """A deal does not say all that the records of format 1 hold."""


def terms_of(deal: Deal) -> model.Terms:
    """Show a deal of format 2 as the records of format 1.

    Args:
        deal: The deal.

    Returns:
        The records; those that the deal does not say in full are left out. Agreements are left out
        together, because a workbook about some of them would not be about the deal.
    """
    agreements = [_attempt(_agreement, one) for one in deal.agreements]
    complete = [one for one in agreements if one is not None]
    return model.Terms(
        name=deal.name,
        issuer=deal.issuer,
        ticker=deal.ticker,
        document=deal.document,
        document_date=deal.document_date,
        calendar=deal.calendar,
        agreements=tuple(complete) if len(complete) == len(agreements) else (),
        limits=_attempt(_limits, deal),
        expenses=deal.expenses,
        class_b=_attempt(_class_b, deal),
        debentures=_attempt(_debentures, deal),
        capitalisation=deal.capitalisation,
        printed=_attempt(_printed, deal),
        origin=deal,
    )


def _attempt(make: Any, given: Any) -> Any:
    try:
        return make(given)
    except _Incomplete:
        return None


def _complete(record: Record | None, *names: str) -> None:
    if record is None or any(getattr(record, name) is None for name in names):
        raise _Incomplete


def _is_complete(sales: SalesAgreement) -> bool:
    """Check whether the records of format 1 can hold an agreement."""
    schedule, warrants = sales.schedule, sales.warrants
    if schedule is None or schedule.at_most or sales.pool is not None:
        return False
    if any(getattr(sales, entry.name) is None for entry in figure_fields(model.Agreement)):
        return False
    if warrants is None:
        return True
    years = (warrants.life_years, warrants.cashless_after_years, warrants.transfer_lock_years)
    return warrants.price_round_to is None and all(isinstance(one, int) for one in years)


def _agreement(sales: SalesAgreement) -> model.Agreement:
    kind = model.Agreement
    if not _is_complete(sales):
        raise _Incomplete
    if sales.tiers:
        last = len(sales.tiers) - 1
        tiers = [
            copied(
                model.Tier,
                {
                    "up_to": (sales, "capacity") if number == last else (tier, "up_to"),
                    "rate": (tier, "rate"),
                },
            )
            for number, tier in enumerate(sales.tiers)
        ]
        # Where the last tier's end is printed, it has a page of its own.
        if sales.tiers[-1].up_to is not None:
            tiers[-1] = copied(model.Tier, same_figures(sales.tiers[-1], model.Tier))
    else:
        tiers = [copied(model.Tier, {"up_to": (sales, "capacity"), "rate": (sales, "rate")})]
    return copied(
        kind,
        same_figures(sales, kind),
        key=sales.key,
        tiers=tuple(tiers),
        warrants=None if sales.warrants is None else _warrants(sales.warrants),
    )


def _warrants(warrants: AgentWarrants) -> model.PlacementWarrants:
    kind = model.PlacementWarrants
    return copied(kind, same_figures(warrants, kind))


def _limits(deal: Deal) -> model.Limits:
    cap = deal.cap(EXCHANGE)
    _complete(deal.limits, "warrant_cap", "compensation_cap")
    if cap is None or cap.rate is None or cap.inclusive is not False or cap.lifted_at is not None:
        raise _Incomplete
    return copied(
        model.Limits,
        same_figures(deal.limits, model.Limits, "exchange_limit")
        | {"exchange_limit": (cap, "rate")},
    )


def _class_b(deal: Deal) -> model.ClassB:
    formula, warrants = deal.formula(CLASS_B), deal.find("instruments", CLASS_B)
    if formula is None or len(formula.legs) != 3:
        raise _Incomplete
    _complete(warrants, *OF_WARRANTS)
    cap, high, low = formula.legs
    found = (
        copied(
            model.ClassB,
            {field: (warrants, name) for name, field in OF_WARRANTS.items()}
            | {
                "cap_price": (cap, "price"),
                "rate": (high, "multiple"),
                "low_price_rate": (low, "multiple"),
                "low_price_threshold": (low, "when_below"),
            },
        )
        if _has_shape_of_class_b(formula)
        else None
    )
    # What the records of format 1 would compute must be the formula, word for word.
    if found is None or found.formula != formula.formula:
        raise _Incomplete
    return found


def _has_shape_of_class_b(formula: PriceFormula) -> bool:
    cap, high, low = formula.legs
    figures = (cap.price, high.multiple, low.multiple, low.when_below)
    return all(figure is not None for figure in figures)


def _debentures(deal: Deal) -> model.Debentures:
    formula = deal.formula(DEBENTURE)
    notes = [one for one in deal.instruments if one.formula == DEBENTURE]
    if formula is None or len(formula.legs) != 2 or deal.conversion_rounding != "down":
        raise _Incomplete
    initial, floating = formula.legs
    _complete(initial, "multiple", "first")
    _complete(floating, "multiple", "first", "lowest", "after_days")
    for note in notes:
        _complete(note, *(entry.name for entry in figure_fields(model.DebentureBlock)))
    assert initial.first is not None
    assert floating.first is not None
    if initial.first >= 0 or floating.first >= 0:
        raise _Incomplete
    figures = {
        "initial_multiple": (initial, "multiple"),
        "floating_after_days": (floating, "after_days"),
        "floating_multiple": (floating, "multiple"),
        "lowest_bids": (floating, "lowest"),
        "price_floor": (formula, "floor"),
        "price_cap": (formula, "cap"),
    }
    values = {name: getattr(record, field) for name, (record, field) in figures.items()}
    cited = {
        name: record.sources[field]
        for name, (record, field) in figures.items()
        if getattr(record, field) is not None
    }
    values |= {"initial_sessions": -initial.first, "lookback_sessions": -floating.first}
    cited |= {
        "initial_sessions": initial.sources["first"],
        "lookback_sessions": floating.sources["first"],
    }
    if floating.of not in (None, CLOSING_BID):
        values["lookback_basis"] = floating.of
        cited["lookback_basis"] = floating.sources.get("of", floating.sources["multiple"])
        if floating.of != MARKET_VALUE:
            raise _Incomplete
    block = model.DebentureBlock
    blocks = tuple(copied(block, same_figures(note, block)) for note in notes)
    found = model.Debentures(**values, blocks=blocks, sources=MappingProxyType(cited))
    if found.formula != formula.formula:
        raise _Incomplete
    return found


def _printed(deal: Deal) -> model.Printed:
    known = {entry.name: entry for entry in figure_fields(model.Printed)}
    values: dict[str, Any] = {}
    cited: dict[str, str] = {}
    for item in deal.printed:
        entry = known.get(item.name)
        number = as_number(item.value) if entry is not None else None
        if number is None:
            continue
        whole = number == number.to_integral_value()
        values[item.name] = int(number) if whole and item.name == "voting_total" else number
        cited[item.name] = item.sources["value"]
    if not values:
        raise _Incomplete
    return model.Printed(**values, sources=MappingProxyType(cited))


def covered(deal: Deal, terms: model.Terms) -> frozenset[tuple[str, str]]:
    """Name the parts of a deal, by section and key, whose figures the records of format 1 have."""
    found = set()
    if terms.class_b is not None:
        found |= {("prices", CLASS_B), ("instruments", CLASS_B)}
    if terms.debentures is not None:
        found.add(("prices", DEBENTURE))
        notes = (one.key for one in deal.instruments if one.formula == DEBENTURE)
        found |= {("instruments", key) for key in notes}
    if terms.limits is not None:
        found.add(("caps", EXCHANGE))
    if terms.printed is not None:
        found |= {("printed", entry.name) for entry in fields(model.Printed)}
    return frozenset(found)
