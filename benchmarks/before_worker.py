"""Calls of the functions that there were before format 2, by whatever xladdin Python finds.

It is a program of its own, for two versions of the package to take turns. It reads lines of a
route, how often and a call, and answers each with the seconds of this process for one call; or
with a digest of its results.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any, Final

import xladdin
from xladdin import udfs

RESULTS: Final = "results"
"""What stands instead of how often where the results are asked for."""

_PRICES: Final = [round(2 + number * 0.07, 2) for number in range(50)]
_GROSS: Final = [round(37_501.25 * number, 2) for number in range(1, 51)]
_SHARES: Final = [1_001.0 * number for number in range(1, 51)]
_QUOTES: Final = [[37_140.0 + day, 4 + day % 7 / 10] for day in range(130)]
_SALES: Final = ([[shares] for shares in _SHARES[:8]], [[price] for price in _PRICES[:8]])

CALLS: Final[dict[str, list[tuple[Any, ...]]]] = {
    "CEO_FEE": [(gross, 9e6) for gross in _GROSS],
    "CEO_NET": [(gross, 9e6) for gross in _GROSS],
    "CEO_CAPACITY": [(gross,) for gross in _GROSS],
    "CEO_CAPACITY in shares": list(zip(_GROSS, _PRICES, strict=True)),
    "CANTOR_WARRANTS": [(shares,) for shares in _SHARES],
    "CANTOR_EXERCISE_PRICE": [_SALES],
    "CLASSB_EXERCISE_PRICE": [(price,) for price in _PRICES],
    "CLASSB_EXERCISE_PRICE after a split": [(price, None, 25.0) for price in _PRICES],
    "CLASSB_AVAILABLE": [(price,) for price in _PRICES],
    "DEBENTURE_CONVERSION_PRICE": [(_QUOTES, 37_161.0, 37_258.0)],
    "DEBENTURE_SHARES": [(8e6, price) for price in _PRICES],
    "TRADING_DAY": [(37_200.0 + day, 3.0) for day in range(50)],
    "NASDAQ20_HEADROOM": [(21_862_772.0, shares) for shares in _SHARES],
    "DILUTION": [(21_862_772.0, shares) for shares in _SHARES],
    "NET_EXERCISE_SHARES": [(shares, 8.0, 5.252) for shares in _SHARES],
    "TREASURY_STOCK_SHARES": [(shares, 5.252, 8.0) for shares in _SHARES],
    "DEAL_TERM": [("class_b.cap_price",), ("agreement.capacity",), ("limits.warrant_cap",)],
    "DEAL_SOURCE": [("class_b.cap_price",), ("agreement.capacity",), ("limits.warrant_cap",)],
    "EXPLAIN": [("CEO_FEE", gross, 9e6) for gross in _GROSS],
    "XLADDIN_VERSION": [()],
}
"""Arguments by function, with what they ask for where a function has two uses."""


def function(route: str, call: str) -> Callable[..., Any]:
    """Return the function of a call: as a cell has it, or as Python has it."""
    name = call.partition(" ")[0]
    found: Callable[..., Any] = (
        vars(udfs)[name] if route == "cell" else getattr(xladdin, name.lower())
    )
    return found


def seconds(run: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], times: int) -> float:
    """Call a function so many times, by turns with each of some arguments."""
    calls = list(islice(cycle(arguments), times))
    start = time.process_time()
    for given in calls:
        run(*given)
    return (time.process_time() - start) / times


def digest(run: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> str:
    """Call a function with each of some arguments, and return a digest of the results."""
    return hashlib.sha256(repr([run(*given) for given in arguments]).encode()).hexdigest()


def main() -> None:
    """Answer lines until there are no more."""
    for line in sys.stdin:
        route, request, call = line.strip().split(" ", 2)
        run, arguments = function(route, call), CALLS[call]
        if request == RESULTS:
            print(digest(run, arguments), flush=True)
        else:
            print(seconds(run, arguments, int(request)), flush=True)


if __name__ == "__main__":
    main()
