"""How much of a long run an ordinary run does: a share of random draws, a diagonal of tables."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pytest

THOROUGH: Final = os.environ.get("XLADDIN_THOROUGH") == "1"
"""Whether all examples are drawn, as in CI."""

SHARE: Final = 12
"""Of so many examples, an ordinary run draws one."""


def draws(most: int) -> int:
    """Count the examples to draw, where a thorough run has a number of them."""
    return most if THOROUGH else max(2, most // SHARE)


def first(values: Iterable[Any]) -> list[Any]:
    """Take the first of some values in an ordinary run; the others are marked long."""
    return first_row((value,) for value in values)


def first_row(rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Take the first of some rows, each of which has a value for each of several names."""
    one, *others = rows
    return [pytest.param(*one), *(pytest.param(*row, marks=pytest.mark.long) for row in others)]


def crossed(*axes: Sequence[Any]) -> list[Any]:
    """Combine every value of some axes with every other, for ``pytest.mark.parametrize``.

    An ordinary run has each value of each axis once at least; the rest are marked long. A value
    may be a parameter with marks of its own.
    """
    most = max(map(len, axes))
    combined = []
    quick = {tuple(at % len(axis) for axis in axes) for at in range(most)}
    for places in itertools.product(*map(range, map(len, axes))):
        values: list[Any] = []
        marks: list[Any] = [] if places in quick else [pytest.mark.long]
        for axis, place in zip(axes, places, strict=True):
            one = axis[place]
            given = one if isinstance(one, _PARAMETER) else pytest.param(one)
            values += given.values
            marks += given.marks
        combined.append(pytest.param(*values, marks=marks))
    return combined


_PARAMETER: Final = type(pytest.param())
