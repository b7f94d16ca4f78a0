"""Deals as data: their records, the reader of their files, and the deals installed."""

from xladdin.terms.deal import Deal
from xladdin.terms.fields import Figure, FigureError
from xladdin.terms.model import Agreement, Terms
from xladdin.terms.reader import read_terms
from xladdin.terms.selection import Selection
from xladdin.terms.store import DEFAULT_DEAL, UnknownTerms, deal_names, load_terms, select

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
