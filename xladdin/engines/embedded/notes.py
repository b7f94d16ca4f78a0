"""What is noted of values on their way from one function to the next."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from xladdin.engines.embedded.substitutes.values import Raw
from xladdin.engines.proved import SEVERAL, WORDS

OTHER_RESULT: Final = "its result is one for which the embedded engine is not proved"


@dataclass
class Notes:
    """What was noted while the engine computed.

    Attributes:
        checks: By number: the kinds that a value may have, and who takes it.
        refused: By number of a cell: why its value is not to be trusted.
        keys: By number of a cell: what it looked for, and in which of its searches.
        addresses: By number of a cell: the references that it has made of texts.
        steps: By number of a cell and of a step of OFFSET in it: by how much.
        interruption: What stopped one of the functions, such as a key.
    """

    checks: list[tuple[int, str]]
    refused: dict[int, str] = field(default_factory=dict)
    keys: dict[int, set[tuple[int, float | str]]] = field(default_factory=dict)
    addresses: dict[int, set[str]] = field(default_factory=dict)
    steps: dict[tuple[int, int], set[float]] = field(default_factory=dict)
    interruption: BaseException | None = None


def number_of(check: tuple[int, str], checks: list[tuple[int, str]]) -> int:
    """Return the number of a check among those of `Notes`, where it is put if it is new."""
    if check not in checks:
        checks.append(check)
    return checks.index(check)


def given(taker: str, kind: int) -> str:
    """Say what somebody is given that the engine is not proved for."""
    word = next(word for one, word in WORDS.items() if one & kind)
    return f"{taker} is given {word}"


def rounded(value: float) -> float:
    """Round a number to the 15 digits that Excel compares."""
    return float(f"{value:.15g}") if math.isfinite(value) else value


def require_one(value: Raw, taker: str, cell: float, notes: Notes) -> None:
    """Note an array where one value is taken."""
    if isinstance(value, list) and (len(value) != 1 or len(value[0]) != 1):
        notes.refused[int(cell)] = given(taker, SEVERAL)


def each(value: Raw) -> list[Raw]:
    """Return the values of an array, or the one that it is."""
    """Return the values of an array, or the one that it is."""
    return [one for row in value for one in row] if isinstance(value, list) else [value]


def elementwise(function: Callable[[Raw], Raw], value: Raw) -> Raw:
    """Work on each value of an array."""
    if isinstance(value, list):
        return [[function(one) for one in row] for row in value]
    return function(value)
