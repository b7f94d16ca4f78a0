"""The records of a deal of any kind: what a file of format 2 says.

A contract is data here, and not only the figures of one kind of contract: price formulas of any
legs, schedules of fees, caps, dated actions, instruments. A deal of format 1 is turned into these
records when it is read (`conversion`), so that one arithmetic computes all.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from xladdin.calendars import FIRST_BANK_YEAR
from xladdin.terms.agreements import FeeSchedule, Pool, SalesAgreement
from xladdin.terms.fields import (
    NOT_NEGATIVE,
    POSITIVE,
    SESSIONS,
    SETTLEMENT_DAYS,
    SHARES,
    TEXT,
    USD_A_SHARE,
    Exact,
    FigureError,
    FigureValue,
    Record,
    figure,
    part,
    refuse_many,
    word,
)
from xladdin.terms.price_formulas import PriceFormula
from xladdin.terms.records import (
    Keyed,
    need_together,
)
from xladdin.terms.securities import (
    Cap,
    Capitalisation,
    CompensationLimits,
    Expenses,
    Instrument,
    MakeWholeTable,
)

AMENDMENT: Final = "amendment"
"""The kind of actions that change a figure to what they state."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CorporateAction(Record):
    """Something that changes the deal from a day on."""

    kind: str = word("What happens", ("split", AMENDMENT, "issue"))
    date: datetime.date = figure("Day from which it holds")
    ratio: Exact | int | None = figure(
        "Old shares for each new share", "old per new", POSITIVE, optional=True
    )
    amended: str | None = word(
        "The figure that is amended, by its dotted name", (), None, key="figure"
    )
    value: FigureValue | None = figure("What it is from that day on", optional=True)
    shares: int | None = figure("Shares issued", SHARES, POSITIVE, optional=True)
    price: Exact | None = figure("Price of those", USD_A_SHARE, NOT_NEGATIVE, optional=True)

    def __post_init__(self) -> None:
        """Check the figures, and that they fit the kind."""
        super().__post_init__()
        own = {
            "split": ("ratio",),
            AMENDMENT: ("amended", "value"),
            "issue": ("shares", "price"),
        }
        for kind, names in own.items():
            for name in names:
                key = "figure" if name == "amended" else name
                if kind == self.kind and getattr(self, name) is None:
                    raise FigureError(key, f"is missing: the action is of kind {kind!r}")
                if kind != self.kind and getattr(self, name) is not None:
                    raise FigureError(key, f"must be left out: the action is of kind {self.kind!r}")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class PrintedFigure(Record):
    """A figure that the document prints, and what must reproduce it.

    Attributes:
        sources: Where it is printed, by the name "value".
    """

    name: str = word("Name of the figure")
    value: str = figure("The figure as printed", rule=TEXT)
    call: str | None = word("A formula that gives it", (), None)
    workbook: str | None = word("A workbook that shows it", (), None)
    cell: str | None = word("The defined name of its cell", (), None)
    exception: str | None = word("Why nothing gives it", (), None)

    def __post_init__(self) -> None:
        """Check the figure, and that one thing reproduces it."""
        super().__post_init__()
        need_together(self, "workbook", "cell")
        if sum(name is not None for name in (self.call, self.workbook, self.exception)) != 1:
            raise FigureError("call", "or workbook and cell, or exception is needed, and only one")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CitationException(Record):
    """Figures that do not stand on the pages that they cite, and why."""

    figures: tuple[str, ...] = word("The figures, by their dotted names")
    follows: str | None = word(
        "The figure, or the sum of figures, that gives them: names with + or - between", (), None
    )
    printed: str | None = word("Words that stand on the page in their place", (), None)
    reason: str = word("Why they do not stand there")

    def __post_init__(self) -> None:
        """Check that figures are named, and what there is in their place."""
        super().__post_init__()
        if not self.figures:
            raise FigureError("figures", "must name at least one figure")
        if self.follows is None and self.printed is None:
            raise FigureError("printed", "or follows is needed")


ADJUSTED: Final = "adjusted"
QUOTES_ARE: Final = ("as traded", ADJUSTED)
"""Whether quotations from before a split are as they were traded, or carried over it already."""

_Key = TypeVar("_Key", bound=Keyed)


@dataclass(frozen=True, kw_only=True)
class Deal:
    """A deal: everything its documents fix.

    Attributes:
        name: The deal's name in a `terms` text, such as ``"NEOT-2001"``.
        issuer: The issuer's name.
        ticker: Its ticker symbol.
        document: Title of the source document.
        document_date: Its date.
        calendar: ISO 10383 code of the exchange calendar that gives the sessions.
        quotes_are: One of `QUOTES_ARE`.
    """

    name: str
    issuer: str
    ticker: str
    document: str
    document_date: datetime.date
    calendar: str
    quotes_are: str = QUOTES_ARE[0]
    pools: tuple[Pool, ...] = part("Capacities that several agreements share", several=True)
    agreements: tuple[SalesAgreement, ...] = part(
        "Sales agreements; the first is the default", several=True
    )
    prices: tuple[PriceFormula, ...] = part("Price formulas", several=True)
    fees: tuple[FeeSchedule, ...] = part("Schedules of fees", several=True)
    caps: tuple[Cap, ...] = part("Caps on shares and dollars", several=True)
    limits: CompensationLimits | None = part(
        "Limits of the self-regulator on compensation", optional=True
    )
    expenses: Expenses | None = part("Costs beside the commission", optional=True)
    instruments: tuple[Instrument, ...] = part("Securities of the issuer", several=True)
    capitalisation: Capitalisation | None = part("The issuer's stock", optional=True)
    grids: tuple[MakeWholeTable, ...] = part(
        "Tables of redemption and make-whole clauses", several=True
    )
    actions: tuple[CorporateAction, ...] = part("What changes the deal, by day", several=True)
    printed: tuple[PrintedFigure, ...] = part("Figures that the document prints", several=True)
    exceptions: tuple[CitationException, ...] = part(
        "Figures that do not stand where they are cited", several=True
    )

    def __post_init__(self) -> None:
        """Check that keys differ, that what is named is there, and that the deal has something."""
        refuse_many("exceptions", self.exceptions)
        for section, items in self.sections():
            refuse_many(section, items)
            self._refuse_twice(section, items)
        if not any(items for _, items in self.sections()) and not self.capitalisation:
            raise FigureError("agreements", "or prices, or another section is needed")
        for agreement in self.agreements:
            settles = agreement.delivery_calendar == SETTLEMENT_DAYS
            if settles and self.document_date.year <= FIRST_BANK_YEAR:
                key = f"agreements.{agreement.key}.delivery_calendar"
                reason = f"bank holidays are known from {FIRST_BANK_YEAR} on, after the document"
                raise FigureError(key, f"must be '{SESSIONS}': {reason}")
        if len({one.rounding for one in self.convertible}) > 1:
            reason = "notes and preferred stock must all have one rounding, which functions take"
            raise FigureError("instruments", reason)
        for instrument in self.instruments:
            if instrument.formula is not None and self.find("prices", instrument.formula) is None:
                key = f"instruments.{instrument.key}.formula"
                raise FigureError(key, f"names no price formula of the deal: {instrument.formula}")

    @staticmethod
    def _refuse_twice(section: str, items: Sequence[Record]) -> None:
        """Raise `FigureError` where two parts have one name, upper or lower case."""
        seen: dict[str, int] = {}
        for number, item in enumerate(items, 1):
            name = name_of(item)
            first = seen.setdefault(name.casefold(), number)
            if name and first != number:
                what = "key" if isinstance(item, Keyed) else "name"
                reason = f"{name!r} is the {what} of number {first}, too; each needs its own"
                raise FigureError(f"{section}[{number}].{what}", reason)

    @cached_property
    def conversion_rounding(self) -> str:
        """How shares of a conversion become whole: as all notes of the deal say."""
        return next((one.rounding for one in self.convertible), "down")

    @cached_property
    def conversion_formulas(self) -> tuple[str, ...]:
        """Keys of the formulas at which something converts, and nothing is sold.

        They are those of instruments, and those that need the day on which it was issued.
        """
        of_instruments = {one.formula.casefold() for one in self.instruments if one.formula}
        return tuple(
            one.key
            for one in self.prices
            if one.key.casefold() in of_instruments or one.needs_issue
        )

    @property
    def convertible(self) -> Iterator[Instrument]:
        """The notes and preferred stock of the deal."""
        return (one for one in self.instruments if one.kind in ("note", "preferred"))

    def sections(self) -> Iterator[tuple[str, Sequence[Record]]]:
        """Yield the sections that hold several records, by their names."""
        for name in SECTIONS:
            yield name, getattr(self, name)

    def find(self, section: str, key: str) -> Any:
        """Find a record by its section and key, upper or lower case; None if there is none."""
        wanted = key.strip().casefold()
        return next((one for one in getattr(self, section) if one.key.casefold() == wanted), None)

    def formula(self, key: str) -> PriceFormula | None:
        """Find a price formula."""
        found: PriceFormula | None = self.find("prices", key)
        return found

    def cap(self, key: str) -> Cap | None:
        """Find a cap."""
        found: Cap | None = self.find("caps", key)
        return found

    def schedule(self, key: str) -> FeeSchedule | None:
        """Find a schedule of fees."""
        found: FeeSchedule | None = self.find("fees", key)
        return found


SECTIONS: Final = (
    "pools",
    "agreements",
    "prices",
    "fees",
    "caps",
    "instruments",
    "grids",
    "actions",
    "printed",
)
"""Sections of several records."""


def name_of(item: Record) -> str:
    """Return the name of a part of a deal in its section; empty where parts have numbers."""
    return str(getattr(item, "key", "") or getattr(item, "name", ""))
