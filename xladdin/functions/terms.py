"""DEAL_TERM and DEAL_SOURCE: the figures of the deal."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from xladdin.errors import REF, InputError
from xladdin.functions.arguments import TERMS_ARGUMENT, TEXT, Argument
from xladdin.functions.derivation import Step, looked_up
from xladdin.functions.function import Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.fields import Figure
    from xladdin.terms.selection import Selection

_NAME = Argument("name", TEXT, "Dotted name of the figure, such as class_b.cap_price.")
_NO_TWIN = "it looks up the installed terms, which no native function can see"


def _figure(name: str, selection: Selection) -> Figure:
    figures, own = selection.figures, name.strip()
    found = figures.get(own) or selection.named.get(own)
    if found is None:
        example = next(iter(figures), "none: it has no figures")
        rule = f"must be the dotted name of a figure of {selection.text}, such as {example}"
        raise InputError(REF, "name", name, rule)
    return found


def _steps(name: str, selection: Selection, value: object) -> Iterator[Step]:
    figure = _figure(name, selection)
    return looked_up(figure.meaning, figure.source, value)


def _deal_term(name: str, selection: Selection) -> float | datetime.date | str:
    value = _figure(name, selection).value
    return float(value) if isinstance(value, (Decimal, int)) else value


DEAL_TERM = Function(
    name="DEAL_TERM",
    summary="A figure of the deal, by its dotted name.",
    arguments=(_NAME, TERMS_ARGUMENT),
    result="number, date or text",
    source="the figure's own",
    implementation=_deal_term,
    each=False,
    derivation=_steps,
    no_twin=_NO_TWIN,
    example='=DEAL_TERM("class_b.cap_price")',
    shows="33.75",
)


def _deal_source(name: str, selection: Selection) -> str:
    return _figure(name, selection).source


DEAL_SOURCE = Function(
    name="DEAL_SOURCE",
    summary="Where a figure of the deal comes from.",
    arguments=(_NAME, TERMS_ARGUMENT),
    result="text, such as a page",
    source="the figure's own",
    implementation=_deal_source,
    each=False,
    derivation=_steps,
    no_twin=_NO_TWIN,
    example='=DEAL_SOURCE("class_b.cap_price")',
    shows="S-7",
)
