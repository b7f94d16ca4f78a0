"""The sheet of securities that may dilute earnings a share, and which of them do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple

from xladdin.functions.exercise import treasury_stock_shares_twin
from xladdin.terms.fields import Exact
from xladdin.terms.securities import Instrument
from xladdin.terms.selection import Selection
from xladdin.workbooks.common_sheets import leave_out, origin_of
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.illustrative import in_cents
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import (
    RowProblem,
    any_broken,
    judged,
    number_columns,
    when,
    where_counted,
)
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import Column, this_row, twin_header, whole, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.layout.user_inputs import Value
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.reporting.illustrative import PRE_FUNDED
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.share_basis import in_basis

TABLE: Final = "Securities"
COUNTED: Final = "Counted"
ISSUABLE: Final = "Shares issuable"
NAME: Final = "Name"
_NO: Final = "No"
_EXERCISE: Final = "Exercise price"
_READ: Final = "Price that counts"
_READ_SHARES: Final = "Issuable that count"
_ROWS: Final = 20
_ISSUABLE: Final = allow.whole_number(0, "Shares that it may become", allow.MOST_SECURITIES)
_NONE: Final = "1E+15"
"""Effect a share of a security without incremental shares: it is tested last."""

_NOMINAL_PRICE: Final = 0.01
_NOMINAL_PART: Final = 0.1
"""Exercise prices of at most a cent, and of a tenth of the share's price, are those of pre-funded
warrants; no rule draws a line."""

INCREMENTAL: Final = Quantity(styles.COUNT, 1e-4)
"""Shares that are not rounded: off by far less than one, and far more than double rounding is."""

_here: Final = partial(this_row, TABLE)


class EpsSpan(NamedTuple):
    """A time that earnings a share are worked out for: its name, which begins defined names."""

    name: str

    @property
    def average(self) -> str:
        """Name of the average price."""
        return f"{self.name}_average_price"

    @property
    def income(self) -> str:
        """Name of the income."""
        return f"{self.name}_income"

    @property
    def weighted(self) -> str:
        """Name of the weighted average shares."""
        return f"{self.name}_weighted"

    @property
    def diluted_shares(self) -> str:
        """Name of these shares and those of the securities that dilute."""
        return f"{self.name}_diluted_shares"

    @property
    def interest(self) -> str:
        """Heading of what a conversion adds to the income."""
        return f"{self.name} interest"

    @property
    def shares(self) -> str:
        """Heading of the incremental shares."""
        return f"{self.name} shares"

    @property
    def effect(self) -> str:
        """Heading of the same, 0 where there is none."""
        return f"{self.name} effect"

    @property
    def joins(self) -> str:
        """Heading of whether a security dilutes: 1 where it does."""
        return f"{self.name} joins"

    @property
    def securities(self) -> str:
        """The range that DILUTED_EPS takes."""
        return f"{TABLE}[[{self.name} security]:[{self.name} more shares]]"


SPANS: Final = (EpsSpan("Quarter"), EpsSpan("Year"))


class ShownSecurity(NamedTuple):
    """An illustrative row."""

    name: str
    shares: int
    price: float | None
    interest: float
    source: str = ""


def illustrative_securities(programme: Programme, price: float) -> list[ShownSecurity]:
    """List the deal's instruments, or made-up ones that fit a price."""
    found = []
    for one in programme.selection.deal.instruments:
        if one.kind == PRE_FUNDED:
            continue  # outstanding from its issue, and so on the sheet Shares
        title = getattr(one, "title", None) or one.key
        where = one.sources["principal" if one.count is None else "count"]
        if one.count is not None and one.price is not None:
            found.append(ShownSecurity(f"{title}", one.count, float(one.price), 0, where))
        elif one.principal is not None and (price_at := one.price or _floor(programme, one)):
            shares = int(float(one.principal) / float(price_at))
            year = float(one.principal) * float(one.interest or 0)
            how = "converted" if one.price else "converted at the floor"
            interest = round(year, 2)
            found.append(ShownSecurity(f"{title}, {how}", shares, None, interest, where))
    if not found:
        found = [
            ShownSecurity("Older options, illustrative", 800_000, in_cents(price * 0.6), 0),
            ShownSecurity("Newer options, illustrative", 500_000, in_cents(price * 1.25), 0),
            ShownSecurity("Restricted stock units, illustrative", 100_000, None, 0),
            ShownSecurity("Convertible notes, illustrative", 400_000, None, 160_000),
        ]
    return found


def _floor(programme: Programme, one: Instrument) -> Exact | None:
    """Return the floor of the price formula that an instrument converts by, if it has one."""
    formulas = programme.selection.deal.prices
    return next((formula.floor for formula in formulas if formula.key == one.formula), None)


def write_securities(book: Book, securities: list[ShownSecurity]) -> None:
    """Write the sheet; the sheet Inputs must be there.

    Args:
        book: The workbook.
        securities: Illustrative ones.
    """
    for one in securities:
        if not _ISSUABLE.allows(one.shares):
            leave_out(book, TABLE, one.name, f"{one.shares:,} shares", one.source)
    typed = _typed([one for one in securities if _ISSUABLE.allows(one.shares)])
    figures, waits = list(_figures()), f"{_here(COUNTED)}=0"
    made = figure_columns(book, TABLE, "the securities", figures, waits, _steps(typed))
    columns = [*typed, *_words(), *made]
    columns += [column for span in SPANS for column in _tests(span)]
    some = f"COUNTA({TABLE}[[#This Row],[{NAME}]:[{SPANS[-1].interest}]])"
    half = when(f"AND({_here(COUNTED)}=0,{some}>0)")
    warnings = [RowProblem("Name or count missing", half), _nominal()]
    columns = judged(book, TABLE, columns, [], warnings)
    sheet = book.sheet(TABLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, _ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Securities that may dilute",
        "Options and warrants have an exercise price, whose proceeds buy shares back at the "
        "average price; restricted stock units and what converts have none, and notes the interest "
        "after tax that a conversion saves. Pre-funded warrants belong on Shares, from their "
        f"issue, and not here. {origin_of(book, TABLE, 'Those shown')}",
        _units(book.selection),
        frozen=2,
    )


def _units(selection: Selection) -> dict[str, str]:
    """Return the units that do not follow from number formats: all are in the same shares."""
    counts = [ISSUABLE, _READ_SHARES]
    for one in SPANS:
        counts += [one.shares, twin_header(one.shares)]
        counts += [f"{one.name} more shares", f"{one.name} shares before"]
    return {
        **dict.fromkeys((COUNTED, *(one.joins for one in SPANS)), ""),
        **dict.fromkeys(counts, in_basis(selection, "shares")),
        **dict.fromkeys((_EXERCISE, _READ), in_basis(selection, "USD a share")),
    }


def _typed(securities: list[ShownSecurity]) -> list[Column]:
    def column(header: str, form: str, width: float, values: list[Value]) -> Column:
        return Column(header, styles.INPUT, form, width, values=values)

    a_price = allow.price_of("Exercise price, USD a share, or blank:", least=0)
    interest = allow.amount_of("Interest after tax that a conversion saves, USD:")
    quarters = [round(one.interest / 4, 2) or None for one in securities]
    halves = [round(one.interest / 2, 2) or None for one in securities]
    return [
        Column(_NO, styles.RESULT, styles.COUNT, 5, f"ROW()-ROW({TABLE}[[#Headers],[{_NO}]])"),
        column(NAME, styles.GENERAL, 34, [one.name for one in securities])._replace(
            allowed=allow.short_text(60, "A name, of at most 60 characters.")
        ),
        column(ISSUABLE, styles.COUNT, 14, [one.shares for one in securities])._replace(
            allowed=_ISSUABLE
        ),
        column(_EXERCISE, styles.PRICE, 14, [one.price for one in securities])._replace(
            allowed=a_price, optional=True
        ),
        *(
            column(span.interest, styles.USD, 13, list(values))._replace(
                allowed=interest, optional=True
            )
            for span, values in zip(SPANS, (quarters, halves), strict=True)
        ),
    ]


def _nominal() -> RowProblem:
    """Warn of a price so low that the shares count as outstanding: ASC 260-10-45-13."""
    price = _here(_READ)
    averages = ",".join(as_counted(span.average) for span in SPANS)
    low = f"AND({price}>0,{price}<={_NOMINAL_PRICE},{price}<={_NOMINAL_PART}*MAX({averages}))"
    return RowProblem("Nominal price that counts on Shares", when(low))


def _words() -> Iterator[Column]:
    """Yield what a security does to earnings a share, in words."""
    for span in SPANS:
        nothing = f'IF({_here(span.shares)}=0,"adds no shares","antidilutive")'
        words = f'IF({_here(COUNTED)}=0,"–",IF({_here(span.joins)}=1,"dilutes",{nothing}))'
        yield Column(f"In the {span.name.lower()}", styles.RESULT, styles.GENERAL, 15, words)


def _figures() -> Iterator[FigureColumn]:
    """Yield the incremental shares, by the treasury stock method where there is a price."""
    shares, price = _here(_READ_SHARES), _here(_READ)
    for span in SPANS:
        average = as_counted(span.average)
        method = f"TREASURY_STOCK_SHARES({shares},{price},{span.average})"
        plain = treasury_stock_shares_twin(None, shares, price, average)  # type: ignore[arg-type]
        yield FigureColumn(
            span.shares,
            INCREMENTAL,
            14,
            f"IF({price}=0,{shares},IF({average}=0,0,{method}))",
            f"IF({price}=0,{shares},IF({average}=0,0,{plain}))",
        )


def _steps(typed: list[Column]) -> list[Column]:
    """Make the columns of what counts of a row: 0 where it waits."""
    wrong = any_broken(TABLE, typed)
    blanks = f"COUNTBLANK({TABLE}[[#This Row],[{NAME}]:[{ISSUABLE}]])"

    counts = partial(where_counted, TABLE)
    return [
        Column(COUNTED, styles.TWIN, styles.COUNT, 9, f"IF({blanks}>0,0,IF({wrong}>0,NA(),1))"),
        *number_columns(TABLE, typed),
        Column(_READ_SHARES, styles.TWIN, styles.COUNT, 14, counts(f"ROUND({_here(ISSUABLE)},0)")),
        Column(_READ, styles.TWIN, styles.PRICE, 14, counts(f"N({_here(_EXERCISE)})")),
        *(
            Column(
                f"{one.name} effect",
                styles.TWIN,
                styles.USD,
                13,
                counts(f"N({_here(one.interest)})"),
            )
            for one in SPANS
        ),
    ]


def _tests(span: EpsSpan) -> Iterator[Column]:
    """Yield what decides whether a security joins: by rising effect a share, the first first.

    Effects are not below 0. So each that joins has an effect a share below the earnings a share
    with all those before it, and where one does not, none after it does: see ASC 260-10-55-64.
    """
    name = span.name
    shares, effect = _here(twin_header(span.shares)), _here(span.effect)
    key = f"{name} effect a share"
    yield Column(
        f"{name} security", styles.RESULT, styles.GENERAL, 20,
        f'IF({_here(COUNTED)}=0,"",{_here(NAME)}&"")',
    )  # fmt: skip
    yield Column(
        f"{name} income effect",
        styles.RESULT,
        styles.USD,
        13,
        f'IF({_here(COUNTED)}=0,"",{effect})',
    )
    yield Column(
        f"{name} more shares", styles.RESULT, styles.COUNT, 14,
        f'IF({_here(COUNTED)}=0,"",{_here(span.shares)})',
    )  # fmt: skip
    yield Column(
        key, styles.TWIN, styles.SMALL, 12, f"IFERROR(IF({shares}=0,{_NONE},{effect}/{shares}),0)"
    )
    keys = whole(TABLE, key)
    same = f"({keys}={_here(key)})*({whole(TABLE, _NO)}<{_here(_NO)})"
    before = f"(({keys}<{_here(key)})+{same})"
    for what, column in (
        ("effect before", span.effect),
        ("shares before", twin_header(span.shares)),
    ):
        form = styles.USD if what == "effect before" else styles.COUNT
        yield Column(
            f"{name} {what}", styles.TWIN, form, 14, f"SUMPRODUCT({before}*{whole(TABLE, column)})"
        )
    income = f"{as_counted(span.income)}+{_here(f'{name} effect before')}"
    count = f"({span.weighted}+{_here(f'{name} shares before')})"
    joins = f"{_here(key)}*{count}<{income}"
    yield Column(span.joins, styles.TWIN, styles.COUNT, 9, f"IF({shares}=0,0,IF({joins},1,0))")
