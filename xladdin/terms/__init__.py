"""Deals as data: their records, the reader of their files, and the deals installed.

Records are made when the first deal is read, and not when Excel loads the functions: making them
takes longer than everything else that it waits for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xladdin.terms.fields import Figure, FigureError
from xladdin.terms.store import DEFAULT_DEAL, UnknownTerms, deal_names, load_terms, select

if TYPE_CHECKING:
    from xladdin.terms.deal import Deal
    from xladdin.terms.model import Agreement, Terms
    from xladdin.terms.reader import read_terms
    from xladdin.terms.selection import Selection

__all__ = [
    "DEFAULT_DEAL",
    "Agreement",
    "Deal",
    "Figure",
    "FigureError",
    "Selection",
    "Terms",
    "UnknownTerms",
    "deal_names",
    "load_terms",
    "read_terms",
    "select",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from xladdin.terms import deal, model, reader, selection

    return next(
        getattr(module, name)
        for module in (deal, model, reader, selection)
        if hasattr(module, name)
    )
