"""All functions of Excel that are computed here, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from xladdin.engines.embedded.substitutes import aggregates, dates, last_digits, rates, texts
from xladdin.engines.embedded.substitutes.values import Raw

SUBSTITUTES: Final[Mapping[str, Callable[..., Raw]]] = {
    "AGGREGATE": aggregates.aggregate,
    "CEILING": last_digits.ceiling,
    "CEILING.MATH": last_digits.ceiling_math,
    "CEILING.PRECISE": last_digits.ceiling_math,
    "CHAR": texts.character,
    "DATE": dates.serial,
    "DATEVALUE": dates.datevalue,
    "FIXED": texts.fixed,
    "FLOOR": last_digits.floor,
    "FLOOR.MATH": last_digits.floor_math,
    "FLOOR.PRECISE": last_digits.floor_math,
    "HARMEAN": aggregates.harmonic_mean,
    "HOUR": dates.hour,
    "ISO.CEILING": last_digits.ceiling_math,
    "MINUTE": dates.minute,
    "MOD": last_digits.remainder,
    "MODE": aggregates.mode,
    "MODE.SNGL": aggregates.mode,
    "MROUND": last_digits.nearest_multiple,
    "NETWORKDAYS.INTL": dates.networkdays,
    "PROPER": texts.proper,
    "REPLACE": texts.replace,
    "SECOND": dates.second,
    "TAN": last_digits.tangent,
    "VALUE": texts.value_of_text,
    "WORKDAY.INTL": dates.workday,
    "XIRR": rates.xirr,
    "XNPV": rates.xnpv,
}
"""By function of Excel: what computes it."""
