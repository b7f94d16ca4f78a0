"""DEAL_TERM and DEAL_SOURCE: the figures of the deal, and the words that say how they are read."""

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

_NAME = Argument("name", TEXT, "Dotted name of the figure or word, such as class_b.cap_price.")
_NO_TWIN = "it looks up the installed terms, which no native function can see"


_WITHOUT_SOURCE = "the deal's file, which names no source for this word"


def _figure(name: str, selection: Selection) -> Figure:
    found = selection.figures.get(name)
    if found is not None:
        return found
    own = name.strip()
    found = selection.figures.get(own) or selection.named.get(own) or selection.words.get(own)
    if found is None:
        raise InputError(REF, "name", name, _rule(own, selection))
    return found


def _rule(name: str, selection: Selection) -> str:
    """Say what a name must be, with names of the deal that are near to it."""
    import difflib  # only now: Excel loads this module as it starts

    known = list(dict.fromkeys([*selection.figures, *selection.named, *selection.words]))
    within = [one for one in known if one.startswith(f"{name}.")]
    if within:
        return f"must name one figure: {name} has several, such as {', '.join(within[:2])}"
    near = difflib.get_close_matches(name, known, 1) or known[:1] or ["none: it has no figures"]
    deal = selection.terms.name
    return (
        f"must be the dotted name of a figure or word of {selection.text}, such as {near[0]}; "
        f"`xladdin deals {deal}` lists all"
    )


def _steps(name: str, selection: Selection, value: object) -> Iterator[Step]:
    figure = _figure(name, selection)
    return looked_up(figure.meaning, figure.source or _WITHOUT_SOURCE, value)


def _deal_term(name: str, selection: Selection) -> float | datetime.date | str:
    value = _figure(name, selection).value
    return float(value) if isinstance(value, (Decimal, int)) else value


DEAL_TERM = Function(
    name="DEAL_TERM",
    summary="A figure or word of the deal, by its dotted name.",
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
    source = _figure(name, selection).source
    if not source:
        deal = selection.terms.name
        rule = f"must name an entry that has a source: the file of {deal} names none for this word"
        raise InputError(REF, "name", name, rule)
    return source


DEAL_SOURCE = Function(
    name="DEAL_SOURCE",
    summary="Where a figure or word of the deal comes from.",
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
