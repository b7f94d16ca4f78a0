"""From the records of format 1 to those of a deal of any kind.

A deal of format 1 is turned into these when it is read, so that one arithmetic computes all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from xladdin.terms import model
from xladdin.terms.agreements import AgentWarrants, FeeTier, SalesAgreement
from xladdin.terms.deal import Deal, PrintedFigure
from xladdin.terms.exact import (
    CLASS_B,
    CLOSING_BID,
    DEBENTURE,
    EXCHANGE,
    MARKET_PRICE,
    MARKET_VALUE,
)
from xladdin.terms.fields import FRACTION, USD, Record, figure_fields
from xladdin.terms.price_formulas import PriceFormula, PriceLeg
from xladdin.terms.records import FIXED, copied, same_figures
from xladdin.terms.securities import Cap, CompensationLimits, Instrument


def deal_of(terms: model.Terms) -> Deal:
    """Turn the records of format 1 into those of a deal of any kind.

    Args:
        terms: The records.

    Returns:
        The same deal: every function gives the same for it.
    """
    class_b, debentures = terms.class_b, terms.debentures
    prices = [
        *([_class_b_formula(class_b)] if class_b else []),
        *([_debenture_formula(debentures)] if debentures else []),
    ]
    instruments = [
        *([_class_b_warrants(class_b)] if class_b else []),
        *(_notes(debentures) if debentures else []),
    ]
    limits = terms.limits
    return Deal(
        name=terms.name,
        issuer=terms.issuer,
        ticker=terms.ticker,
        document=terms.document,
        document_date=terms.document_date,
        calendar=terms.calendar,
        agreements=tuple(map(sales_agreement, terms.agreements)),
        prices=tuple(prices),
        caps=(_exchange_cap(limits),) if limits else (),
        limits=copied(CompensationLimits, same_figures(limits, CompensationLimits))
        if limits
        else None,
        expenses=terms.expenses,
        instruments=tuple(instruments),
        capitalisation=terms.capitalisation,
        printed=tuple(_printed_figures(terms)),
    )


def sales_agreement(agreement: model.Agreement) -> SalesAgreement:
    """Turn an agreement of format 1 into one of any kind."""
    warrants = agreement.warrants
    return copied(
        SalesAgreement,
        same_figures(agreement, model.Agreement),
        key=agreement.key,
        tiers=tuple(copied(FeeTier, same_figures(tier, FeeTier)) for tier in agreement.tiers),
        warrants=copied(AgentWarrants, same_figures(warrants, model.PlacementWarrants))
        if warrants
        else None,
    )


def _exchange_cap(limits: model.Limits) -> Cap:
    return copied(
        Cap, {"rate": (limits, "exchange_limit")}, key=EXCHANGE, kind="issue", inclusive=False
    )


def _leg(
    figures: Mapping[str, tuple[Record, str]],
    window: tuple[int, int, str] | None = None,
    **words: Any,
) -> PriceLeg:
    """Make a leg of figures of a record of format 1, and a window with its source."""
    if window is None:
        return copied(PriceLeg, figures, kind=FIXED)
    first, last, source = window
    given = {
        name: (value, record.sources[field])
        for name, (record, field) in figures.items()
        if (value := getattr(record, field)) is not None
    }
    values = {"of": CLOSING_BID} | words | {name: value for name, (value, _) in given.items()}
    cited = {name: source for name, (_, source) in given.items()}
    return PriceLeg(
        kind="series",
        first=first,
        last=last,
        **values,
        sources=MappingProxyType(cited | {"first": source, "last": source}),
        fixed=frozenset(name for name, (record, field) in figures.items() if field in record.fixed),
    )


def _class_b_formula(class_b: model.ClassB) -> PriceFormula:
    on_delivery = (0, 0, class_b.sources["rate"])
    words = {"when_of": MARKET_PRICE}
    threshold = (class_b, "low_price_threshold")
    return PriceFormula(
        key=CLASS_B,
        legs=(
            _leg({"price": (class_b, "cap_price")}),
            _leg(
                {"multiple": (class_b, "rate"), "when_at_least": threshold},
                on_delivery,
                **words,
            ),
            _leg(
                {"multiple": (class_b, "low_price_rate"), "when_below": threshold},
                on_delivery,
                **words,
            ),
        ),
    )


def _debenture_formula(debentures: model.Debentures) -> PriceFormula:
    sources = debentures.sources
    return copied(
        PriceFormula,
        {"floor": (debentures, "price_floor"), "cap": (debentures, "price_cap")},
        key=DEBENTURE,
        legs=(
            _leg(
                {"multiple": (debentures, "initial_multiple")},
                (-debentures.initial_sessions, -1, sources["initial_sessions"]),
                of=MARKET_VALUE,
                anchor="issue",
            ),
            _leg(
                {
                    "of": (debentures, "lookback_basis"),
                    "multiple": (debentures, "floating_multiple"),
                    "lowest": (debentures, "lowest_bids"),
                    "after_days": (debentures, "floating_after_days"),
                },
                (-debentures.lookback_sessions, -1, sources["lookback_sessions"]),
            ),
        ),
    )


OF_WARRANTS: Final = {
    "count": "outstanding",
    "original_count": "original_issue",
    "per_holder": "per_holder",
    "holders": "holders",
    "exercised": "exercised",
    "exercised_proceeds": "exercised_proceeds",
    "available_from": "financing_floor",
}
"""Figures of an instrument, and what they are called among Class B warrants."""


def _class_b_warrants(class_b: model.ClassB) -> Instrument:
    return copied(
        Instrument,
        {name: (class_b, field) for name, field in OF_WARRANTS.items()},
        key=CLASS_B,
        kind="warrant",
        formula=CLASS_B,
    )


def _notes(debentures: model.Debentures) -> Iterator[Instrument]:
    for number, block in enumerate(debentures.blocks, 1):
        yield copied(
            Instrument,
            same_figures(block, model.DebentureBlock),
            key=f"{DEBENTURE}_{number}",
            kind="note",
            formula=DEBENTURE,
        )


_CALLS: Final = {
    "full_commission": "CEO_FEE({agreement.capacity},0,{deal})",
    "advisory_share": "({expenses.advisory_retainer}+{expenses.advisory_deposit})"
    "*{expenses.advisory_share}",
    "dilution": "DILUTION({capitalisation.outstanding},{capitalisation.options_and_warrants})",
    "voting_total": "{capitalisation.voting_shares}+{capitalisation.voting_warrants}",
    "voting_share": "{capitalisation.voting_shares}/{capitalisation.outstanding}",
    "voting_total_share": "({capitalisation.voting_shares}+{capitalisation.voting_warrants})"
    "/({capitalisation.outstanding}+{capitalisation.voting_warrants})",
    "within_60_days_share": "{capitalisation.voting_within_60_days}/{capitalisation.outstanding}",
}
"""What gives each printed figure of format 1: names of figures stand in braces."""


def _printed_figures(terms: model.Terms) -> Iterator[PrintedFigure]:
    if terms.printed is None:
        return
    for entry in figure_fields(model.Printed):
        value = getattr(terms.printed, entry.name)
        if value is None:
            continue
        call = _CALLS[entry.name].replace("{deal}", f'"{terms.name}"')
        for name in _names_in(call):
            call = call.replace(f"{{{name}}}", f'DEAL_TERM("{name}","{terms.name}")')
        yield PrintedFigure(
            name=entry.name,
            value=_as_printed(value, entry.metadata["unit"]),
            call=f"={call}",
            sources=MappingProxyType({"value": terms.printed.sources[entry.name]}),
        )


def _names_in(call: str) -> list[str]:
    return [piece.partition("}")[0] for piece in call.split("{")[1:]]


def _as_printed(value: Decimal | int, unit: str) -> str:
    if unit == FRACTION:
        return f"{(Decimal(value) * 100).normalize():f}%"
    return f"${value:,}" if unit == USD else f"{value:,}"
