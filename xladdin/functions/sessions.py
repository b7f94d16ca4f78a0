"""TRADING_DAY and SETTLEMENT_DATE: sessions of the deal's exchange, and delivery."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from xladdin.calendars import calendar, settlement_calendar
from xladdin.functions.arguments import DATE, OFFSET, TERMS_ARGUMENT, Argument, part
from xladdin.functions.derivation import Step, fitting, given, in_words, source_of
from xladdin.functions.function import Function
from xladdin.functions.twins import AGREEMENT, CLOSURES, NO_SETTLEMENT
from xladdin.terms.fields import SETTLEMENT_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xladdin.calendars import Calendar
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


def counts_settlement_days(selection: Selection) -> bool:
    """Check whether the agreement's delivery passes over bank holidays."""
    return selection.sales.delivery_calendar == SETTLEMENT_DAYS


def _delivery(selection: Selection) -> tuple[int, Calendar]:
    """Return the days from sale to delivery, and the calendar that counts them."""
    days = part(
        selection.sales.delivery_sessions, "a time of delivery (delivery_sessions)", selection
    )
    made = settlement_calendar if counts_settlement_days(selection) else calendar
    return days, made(selection.terms.calendar)


def _settlement_date(date: datetime.date, selection: Selection) -> datetime.date:
    days, counted = _delivery(selection)
    return counted.offset(date, days)


def _settlement_date_steps(
    date: datetime.date, selection: Selection, value: datetime.date
) -> Iterator[Step]:
    """Derive the day of the sale, the days to delivery, and the day that they lead to."""
    days, counted = _delivery(selection)
    settles = counts_settlement_days(selection)
    unit = "settlement day" if settles else "session"
    state = f"a {unit}" if counted.is_session(date) else f"no {unit}: between its neighbours"
    where = f"calendar {counted.code}"
    yield Step(f"{in_words(date)} is {state}", date, None, date, where)
    words = "Settlement days to delivery, bank holidays left out" if settles else None
    source = source_of(selection.sales, "delivery_sessions")
    yield given(words or "Sessions to delivery", days, source)
    yield Step(f"Delivery, on {in_words(value)}", date, None, value, where)


def settlement_date_twin(selection: Selection, date: str) -> str:
    """Call WORKDAY with the closures of the exchange and, where they count, of banks."""
    closed = NO_SETTLEMENT if counts_settlement_days(selection) else CLOSURES
    return f"WORKDAY({date},{AGREEMENT}.delivery_sessions,{closed})"


SETTLEMENT_DATE = Function(
    name="SETTLEMENT_DATE",
    summary="The day on which shares sold on a date are delivered, by the agreement.",
    arguments=(
        Argument("date", DATE, "Day of the sale; no session counts as lying between neighbours."),
        TERMS_ARGUMENT,
    ),
    result="date of a session",
    source="the agreement's clause of delivery; NEOT-2001, S-11",
    implementation=_settlement_date,
    each=True,
    derivation=_settlement_date_steps,
    twin=settlement_date_twin,
    example="=SETTLEMENT_DATE(DATE(2001,11,1))",
    shows="37201",
)
