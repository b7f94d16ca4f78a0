"""Worksheet functions of others, as xlwings imports them: the usual ways, and what does nothing.

It is imported where xlwings believes to be on Windows; see `calls`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xlwings

import xladdin
from xladdin.excel.classic import Cells


def _bare(made: Callable[..., Any]) -> Callable[..., Any]:
    made.__annotations__ = {}  # xlwings would take them for converters
    return made


def raw(made: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """Declare the converters that our own functions have."""
    made = xlwings.ret(Cells)(_bare(made))
    for name in names:
        made = xlwings.arg(name, Cells)(made)
    declared: Callable[..., Any] = xlwings.func(made)
    return declared


def _nothing(gross: Any, prior: Any = None, terms: Any = None) -> Any:  # noqa: ARG001
    return 0.0


def _nothing_raw(gross: Any, prior: Any = None, terms: Any = None) -> Any:  # noqa: ARG001
    return 0.0


def _raw_copy(gross: Any) -> Any:
    return [list(row) for row in gross]


nothing = xlwings.func(_bare(_nothing))
nothing_raw = raw(_nothing_raw, "gross", "prior", "terms")
raw_copy = raw(_raw_copy, "gross")


@xlwings.func
@xlwings.arg("gross", ndim=2)
@_bare
def usual(gross: Any) -> Any:
    """Compute as is usual: the default converters, and one call a cell."""
    return [[xladdin.ceo_fee(cell) for cell in row] for row in gross]


@xlwings.func
@xlwings.arg("gross", ndim=2)
@xlwings.arg("prior", ndim=2)
@_bare
def usual_with_prior(gross: Any, prior: Any) -> Any:
    """Compute as is usual, with a second range."""
    rows = zip(gross, prior, strict=True)
    return [[xladdin.ceo_fee(*pair) for pair in zip(*row, strict=True)] for row in rows]


@xlwings.func
@xlwings.arg("gross", ndim=2)
@_bare
def bare(gross: Any) -> Any:
    """Apply the tiers and nothing else: no terms, no checks, no errors, no blanks."""
    return [[_tiers(cell) for cell in row] for row in gross]


def _tiers(gross: float) -> float:
    fee, lower = 0.0, 0.0
    for upper, rate in ((10e6, 0.04), (20e6, 0.035), (25e6, 0.03)):
        if gross > lower:
            fee += (min(gross, upper) - lower) * rate
        lower = upper
    return fee


@xlwings.func
@xlwings.arg("gross", ndim=2)
@_bare
def default_copy(gross: Any) -> Any:
    """Return its argument, by the default converters."""
    return gross
