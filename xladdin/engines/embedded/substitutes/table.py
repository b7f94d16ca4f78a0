"""All functions of Excel that are computed here, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from xladdin.engines.embedded.substitutes import (
    aggregates,
    cell_by_cell,
    dates,
    last_digits,
    rates,
    texts,
)
from xladdin.engines.embedded.substitutes.values import Raw

SUBSTITUTES: Final[Mapping[str, Callable[..., Raw]]] = {
    "AGGREGATE": aggregates.aggregate,
    "ATAN2": last_digits.angle,
    "CEILING": last_digits.ceiling,
    "CEILING.MATH": last_digits.ceiling_math,
    "CEILING.PRECISE": last_digits.ceiling_math,
    "CHAR": texts.character,
    "CODE": texts.code,
    "COS": last_digits.cosine,
    "DATE": dates.serial,
    "DATEDIF": dates.datedif,
    "DATEVALUE": dates.datevalue,
    **{f"EACH.{name}": function for name, function in cell_by_cell.EACH.items()},
    "FIXED": texts.fixed,
    "FLOOR": last_digits.floor,
    "FLOOR.MATH": last_digits.floor_math,
    "FLOOR.PRECISE": last_digits.floor_math,
    "HARMEAN": aggregates.harmonic_mean,
    "HOUR": dates.hour,
    "INT": last_digits.integer,
    "INDEX.OF.OURS": cell_by_cell.cell_of_array,
    "ISO.CEILING": last_digits.ceiling_math,
    "LOOKUP.LAST": cell_by_cell.last_of,
    "LOOKUP.LAST.CELL": cell_by_cell.last_cell,
    "MINUTE": dates.minute,
    "MOD": last_digits.remainder,
    "MODE": aggregates.mode,
    "MODE.SNGL": aggregates.mode,
    "MROUND": last_digits.nearest_multiple,
    "NETWORKDAYS.INTL": dates.networkdays,
    "PERCENTRANK.EXC": last_digits.percent_rank_within,
    "PERCENTRANK.INC": last_digits.percent_rank,
    "PROPER": texts.proper,
    "QUOTIENT": last_digits.quotient,
    "RATE": rates.rate,
    "REPLACE": texts.replace,
    "ROUNDDOWN": last_digits.rounded_down,
    "ROUNDUP": last_digits.rounded_up,
    "SECOND": dates.second,
    "SIN": last_digits.sine,
    "TEXT": texts.formatted,
    "TAN": last_digits.tangent,
    "TRIM": texts.trimmed,
    "TRUNC": last_digits.rounded_down,
    "VALUE": texts.value_of_text,
    "WORKDAY.INTL": dates.workday,
    "XIRR": rates.xirr,
    "XNPV": rates.xnpv,
}
"""By function of Excel: what computes it."""
