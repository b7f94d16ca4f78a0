"""TRADING_DAY: sessions of the deal's exchange."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from xladdin.calendars import calendar
from xladdin.functions.arguments import DATE, OFFSET, TERMS_ARGUMENT, Argument
from xladdin.functions.derivation import Step, fitting, given, in_words
from xladdin.functions.function import Function
from xladdin.functions.twins import CLOSURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.terms.selection import Selection


def _trading_day(date: datetime.date, offset: int, selection: Selection) -> datetime.date:
    return calendar(selection.terms.calendar).offset(date, offset)


def _trading_day_steps(
    date: datetime.date, offset: int, selection: Selection, value: datetime.date
) -> Iterator[Step]:
    """Derive whether the date is a session, and the target session."""
    days = calendar(selection.terms.calendar)
    kind = "a session" if days.is_session(date) else "no session: between its neighbours"
    yield Step(f"{in_words(date)} is {kind}", date, None, date, f"calendar {days.code}")
    yield given("Sessions to move", fitting(offset))
    if offset:
        label = f"Session {offset:+d} from there"
    else:
        label = "The session itself" if days.is_session(date) else "The next session"
    label += f", {in_words(value)}"
    yield Step(label, date, None, value, f"calendar {days.code}")


def trading_day_twin(_selection: Selection, date: str, offset: str) -> str:
    """Call WORKDAY with the exchange's closures; from the day before if the offset is 0."""
    return f"IF({offset}=0,WORKDAY({date}-1,1,{CLOSURES}),WORKDAY({date},{offset},{CLOSURES}))"


TRADING_DAY = Function(
    name="TRADING_DAY",
    summary="The session some sessions away from a date; 0 gives the date or the next session.",
    arguments=(
        Argument("date", DATE, "Any day; no session counts as lying between its neighbours."),
        Argument("offset", OFFSET, "Sessions to move: forward if positive, back if negative."),
        TERMS_ARGUMENT,
    ),
    result="date of a session",
    source="NEOT-2001, S-11",
    implementation=_trading_day,
    each=True,
    derivation=_trading_day_steps,
    twin=trading_day_twin,
    example="=TRADING_DAY(DATE(2001,9,10),1)",
    shows="37151",
)
