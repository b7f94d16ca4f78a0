"""Deals as data: what a deal is, and where it is read from."""

from xladdin.terms.model import Agreement, Figure, FigureError, Selection, Terms
from xladdin.terms.reader import read_terms
from xladdin.terms.store import DEFAULT_DEAL, UnknownTerms, deal_names, load_terms, select

__all__ = [
    "DEFAULT_DEAL",
    "Agreement",
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
