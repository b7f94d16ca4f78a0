"""From the records of format 1 to those of a deal of any kind, and back where a deal has them all.

The workbooks of a programme like that of 2001 show the records of format 1. A deal of format 2
that says the same gives them the same records, figure by figure with its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final, TypeVar

from xladdin.terms import model
from xladdin.terms.deal import (
    FIXED,
    AgentWarrants,
    Cap,
    CompensationLimits,
    Deal,
    FeeTier,
    Instrument,
    PriceFormula,
    PriceLeg,
    PrintedFigure,
    SalesAgreement,
)
from xladdin.terms.exact import (
    CLASS_B,
    CLOSING_BID,
    DEBENTURE,
    EXCHANGE,
    MARKET_PRICE,
    MARKET_VALUE,
)
from xladdin.terms.fields import FRACTION, USD, Record, figure_fields

_Made = TypeVar("_Made", bound=Record)


class _Incomplete(Exception):  # noqa: N818  (never leaves this module)
    """A deal does not say all that the records of format 1 hold."""


def _copied(
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


def _same(record: Record | None, kind: type[Record], *left_out: str) -> dict[str, Any]:
    """Map the figures of a type to those of the same names of a record."""
    names = (entry.name for entry in figure_fields(kind))
    return {name: (record, name) for name in names if name not in left_out}


# To a deal of any kind


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
        limits=_copied(CompensationLimits, _same(limits, CompensationLimits)) if limits else None,
        expenses=terms.expenses,
        instruments=tuple(instruments),
        capitalisation=terms.capitalisation,
        printed=tuple(_printed_figures(terms)),
    )


def sales_agreement(agreement: model.Agreement) -> SalesAgreement:
    """Turn an agreement of format 1 into one of any kind."""
    warrants = agreement.warrants
    return _copied(
        SalesAgreement,
        _same(agreement, model.Agreement),
        key=agreement.key,
        tiers=tuple(_copied(FeeTier, _same(tier, FeeTier)) for tier in agreement.tiers),
        warrants=_copied(AgentWarrants, _same(warrants, model.PlacementWarrants))
        if warrants
        else None,
    )


def _exchange_cap(limits: model.Limits) -> Cap:
    return _copied(
        Cap, {"rate": (limits, "exchange_limit")}, key=EXCHANGE, kind="issue", inclusive=False
    )


def _leg(
    figures: Mapping[str, tuple[Record, str]],
    window: tuple[int, int, str] | None = None,
    **words: Any,
) -> PriceLeg:
    """Make a leg of figures of a record of format 1, and a window with its source."""
    if window is None:
        return _copied(PriceLeg, figures, kind=FIXED)
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
    return _copied(
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


_OF_WARRANTS: Final = {
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
    return _copied(
        Instrument,
        {name: (class_b, field) for name, field in _OF_WARRANTS.items()},
        key=CLASS_B,
        kind="warrant",
        formula=CLASS_B,
    )


def _notes(debentures: model.Debentures) -> Iterator[Instrument]:
    for number, block in enumerate(debentures.blocks, 1):
        yield _copied(
            Instrument,
            _same(block, model.DebentureBlock),
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


def as_number(printed: str) -> Decimal | None:
    """Read a number as documents print it, such as ``$900,000``, ``28%``, ``$6.3 million``.

    Returns:
        The number with the digits that are printed, one in brackets below 0; None for a text that
        is none.
    """
    text = printed.strip()
    zeros = 0
    for word, more in (("thousand", 3), ("million", 6), ("billion", 9)):
        if text.endswith(f" {word}"):
            text, zeros = text.removesuffix(word).strip(), more
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()").replace("$", "").replace(",", "").strip()
    percent = text.endswith("%")
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    number = number.scaleb(zeros - 2 if percent else zeros)
    return -number if negative else number


# Back


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


def _agreement(sales: SalesAgreement) -> model.Agreement:
    kind = model.Agreement
    _complete(sales, *(entry.name for entry in figure_fields(kind)))
    schedule = sales.schedule
    if schedule is None or schedule.at_most:
        raise _Incomplete
    if sales.tiers:
        last = len(sales.tiers) - 1
        tiers = [
            _copied(
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
            tiers[-1] = _copied(model.Tier, _same(sales.tiers[-1], model.Tier))
    else:
        tiers = [_copied(model.Tier, {"up_to": (sales, "capacity"), "rate": (sales, "rate")})]
    return _copied(
        kind,
        _same(sales, kind),
        key=sales.key,
        tiers=tuple(tiers),
        warrants=None if sales.warrants is None else _warrants(sales.warrants),
    )


def _warrants(warrants: AgentWarrants) -> model.PlacementWarrants:
    kind = model.PlacementWarrants
    _complete(warrants, *(entry.name for entry in figure_fields(kind)))
    years = (warrants.life_years, warrants.cashless_after_years, warrants.transfer_lock_years)
    if (
        warrants.rounding != "down"
        or warrants.price_round_to is not None
        or not all(isinstance(one, int) for one in years)
    ):
        raise _Incomplete
    return _copied(kind, _same(warrants, kind))


def _limits(deal: Deal) -> model.Limits:
    cap = deal.cap(EXCHANGE)
    _complete(deal.limits, "warrant_cap", "compensation_cap")
    if cap is None or cap.rate is None or cap.inclusive is not False or cap.lifted_at is not None:
        raise _Incomplete
    return _copied(
        model.Limits,
        _same(deal.limits, model.Limits, "exchange_limit") | {"exchange_limit": (cap, "rate")},
    )


def _class_b(deal: Deal) -> model.ClassB:
    formula, warrants = deal.formula(CLASS_B), deal.find("instruments", CLASS_B)
    if formula is None or len(formula.legs) != 3:
        raise _Incomplete
    _complete(warrants, *_OF_WARRANTS)
    cap, high, low = formula.legs
    found = (
        _copied(
            model.ClassB,
            {field: (warrants, name) for name, field in _OF_WARRANTS.items()}
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
    if formula is None or len(formula.legs) != 2:
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
    blocks = tuple(_copied(block, _same(note, block)) for note in notes)
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
