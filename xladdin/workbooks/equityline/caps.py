"""Caps on shares as counts and what they and the capacity leave, beside plain-Excel checks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.core.decimals import slack
from xladdin.functions.twins import limit_tolerance, part_of
from xladdin.terms.securities import Cap
from xladdin.terms.selection import Selection
from xladdin.workbooks import quantities
from xladdin.workbooks.equityline.headings import MOST_SHARES
from xladdin.workbooks.equityline.line import EquityLine
from xladdin.workbooks.figures import FigureLine
from xladdin.workbooks.layout import styles
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.share_basis import of_the_deal

_EXCHANGE_LIMIT = "limits.exchange_limit"


def cap_name(cap: Cap) -> str:
    """Name the cell with the greatest count that a cap allows, in plain Excel."""
    return f"Cap_in_shares.{cap.key}"


def lifted_name(cap: Cap) -> str:
    """Name the figure of the Terms sheet with the average price from which a cap is off."""
    return f"caps.{cap.key}.lifted_at"


def cap_lines(line: EquityLine) -> list[FigureLine]:
    """Make a line for each cap on shares."""
    return [
        FigureLine(
            f"Cap.{cap.key}",
            f"Cap {cap.key}, shares that it allows{of_the_deal(line.selection)}",
            quantities.COUNT,
            f'ISSUE_HEADROOM("{cap.key}",0,,Deal)',
            f"MAX(0,{_allowed(cap, line.selection)})",
        )
        for cap in line.caps
    ]


def beyond(line: EquityLine, issued: str) -> str:
    """Test whether more is issued than the cap of the line allows.

    Shares carried over splits are compared with the cap before that is made whole: what was within
    it on its day stays so.
    """
    assert line.cap is not None
    return _beyond(line, line.cap, issued)


def beyond_others(line: EquityLine, issued: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of the deal's other caps on issues, and whether more is issued than each."""
    for cap in line.caps:
        if cap.kind == "issue" and cap is not line.cap:
            yield cap.key, _beyond(line, cap, issued)


def _beyond(line: EquityLine, cap: Cap, issued: str) -> str:
    if not line.splits:
        return f"{issued}>{cap_name(cap)}"
    least = ">=0" if cap.inclusive is False else ">0"
    return f"ROUND({issued}-{_reached(cap, line.selection)},{PARTS_OF_A_SHARE}){least}"


def _allowed(cap: Cap, selection: Selection) -> str:
    found = _reached(cap, selection)
    return f"-INT(-{found})-1" if cap.inclusive is False else f"INT({found})"


def _reached(cap: Cap, selection: Selection) -> str:
    """Write the shares at which a cap is reached, which may be no whole count."""
    known = selection.figures
    prefix = f"caps.{cap.key}"
    base = ""
    if f"{prefix}.base" in known:
        base = f"{prefix}.base"
    elif selection.deal.capitalisation and (cap.rate is not None or cap.kind == "authorised"):
        base = "capitalisation.outstanding"
    if cap.rate is not None:
        rate = f"{prefix}.rate" if f"{prefix}.rate" in known else _EXCHANGE_LIMIT
        return part_of(base, rate, cap.rate)
    return f"ROUND({prefix}.shares{f'-{base}' if base else ''},6)"


def capacity_dollars(line: EquityLine) -> Quantity:
    """Return the quantity of what is left of the capacity: running sums carry its error."""
    capacity = line.selection.sales.capacity
    assert capacity is not None
    error = float(slack(Decimal(str(float(capacity)))))
    return Quantity(styles.USD, max(error, quantities.USD_TOLERANCE))


def plain_capacity(line: EquityLine, sold: str) -> str:
    """Subtract what is sold from the capacity; see `ceo_capacity_twin`."""
    capacity = line.selection.sales.capacity
    assert capacity is not None
    near = limit_tolerance(Decimal(str(float(capacity))))
    left = f"agreement.capacity-{sold}"
    return f"IF(ABS({left})<{near},0,IF({left}<0,NA(),{left}))"


def capacity_slack(line: EquityLine) -> str:
    """Return the USD by which the capacity must be exceeded to count as exceeded."""
    capacity = line.selection.sales.capacity
    assert capacity is not None
    return limit_tolerance(Decimal(str(float(capacity))))


def plain_left(line: EquityLine, issued: str, average: str) -> str:
    """Subtract what is issued from the cap, or from the least other one where it is lifted."""
    assert line.cap is not None
    own = f"MAX(0,{cap_name(line.cap)}-{issued})"
    if line.cap.lifted_at is None:
        return own
    others = [_or_none(cap, average) for cap in line.caps if cap.key != line.cap.key]
    rest = f"MIN({','.join(others)})" if others else MOST_SHARES
    rest = f"IF({rest}={MOST_SHARES},0,MAX(0,{rest}-{issued}))" if others else "0"
    return f"IF({is_lifted(line.cap, average)},{rest},{own})"


def is_lifted(cap: Cap, average: str) -> str:
    """Test whether an average price lifts a cap; none, which is 0, does not."""
    return f"ROUND({average},10)>={lifted_name(cap)}"


def all_lifted(line: EquityLine, average: str) -> str:
    """Test whether an average price lifts every cap on shares; empty where one is never lifted."""
    if not line.cap or any(cap.lifted_at is None for cap in line.caps):
        return ""
    return f"AND({','.join(is_lifted(cap, average) for cap in line.caps)})"


def _or_none(cap: Cap, average: str) -> str:
    if cap.lifted_at is None:
        return cap_name(cap)
    return f"IF({is_lifted(cap, average)},{MOST_SHARES},{cap_name(cap)})"
