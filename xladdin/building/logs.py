"""Logs of sales, and what they fill in workbooks that are about the same sales.

The placements of an agreement give the gross proceeds and the price of it in proceeds.xlsx; these
and the rows of an equity line are the sales of reporting.xlsx.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal
from fractions import Fraction
from math import ceil
from typing import Final, NamedTuple

from xladdin.building.data_folder import MAX_ROWS
from xladdin.building.render import finish, write
from xladdin.cells import Cell, day_of, serial_of
from xladdin.checking.checks_sheet import FAILS
from xladdin.core.prices import split_factor
from xladdin.errors import FileError, InputError, NothingToShowError
from xladdin.terms import Selection
from xladdin.workbooks.equityline import headings as advances
from xladdin.workbooks.equityline.line import OF_FLOATING, PREPAID
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.user_inputs import Entries, Given, Rows, Value, one_error
from xladdin.workbooks.placements import headings as placements
from xladdin.workbooks.proceeds.input_names import GROSS_NAME, PRICE_NAME, RATE_NAME, input_name
from xladdin.workbooks.proceeds.parties import parties_of
from xladdin.workbooks.reporting import headings as sales
from xladdin.workbooks.share_basis import of_the_deal
from xladdin.xlsx.sheet_part import Layout, Place
from xladdin.xlsx.workbook_part import Workbook

LOGS: Final = {"placements": placements.TABLE, "equityline": advances.TABLE}
"""The templates that have a log, each with its table."""

FILLS: Final = {"placements": ("proceeds", "reporting"), "equityline": ("reporting",)}
"""The templates that each log fills beside its own."""

_DIGITS: Final = 15
"""Digits of a number as a sheet shows it."""


class Log(NamedTuple):
    """A log that somebody filled, and the deal and agreement that it is about."""

    selection: Selection
    template: str
    entries: Entries


class LoggedSale(NamedTuple):
    """One sale of a log: its agreement's key, day, shares, price, USD, own rate and fee paid."""

    agreement: str
    day: datetime.date
    shares: int
    price: float
    place: str
    rate: float | None = None
    fee: float | None = None

    @property
    def gross(self) -> Fraction:
        """Its gross proceeds, USD."""
        return Fraction(self.price) * self.shares


class Sales(NamedTuple):
    """The sales of a log, in words the rows of it that are none, and what a pool's others sold."""

    sales: list[LoggedSale]
    left_out: list[str]
    by_others: float = 0.0


def filled_by_logs(
    template: str, selection: Selection, entries: Entries, logs: Sequence[Log]
) -> Entries:
    """Add to a workbook's entries what follows from logs of the same deal.

    Args:
        template: The workbook's template.
        selection: Its deal.
        entries: What users entered into it, which goes before that.
        logs: The logs, of templates that fill this one.

    Returns:
        The entries.

    Raises:
        FileError: A log is wrong, or two of them are about the same sales.
    """
    if template == "proceeds":
        return _with_gross(selection, entries, logs)
    if template == "reporting" and sales.TABLE not in entries.own:
        return _with_sales(selection, entries, logs)
    return entries


def _with_gross(selection: Selection, entries: Entries, logs: Sequence[Log]) -> Entries:
    """Fill in what was sold under each agreement that has a log of placements, and the price."""
    cells, own, left_out = dict(entries.cells), set(entries.own), list[str]()
    try:
        parties = parties_of(selection)
    except NothingToShowError:
        return entries  # the template refuses such a deal, and gives the reason
    numbers = {one.sales.key: number for number, one in enumerate(parties, 1)}
    for log in logs:
        # 0 for an agreement that has no log, which `_sales_of` refuses.
        number = numbers.get(log.selection.agreement_key, 0)
        names = [input_name(name, number) for name in (GROSS_NAME, PRICE_NAME)]
        names += [input_name(RATE_NAME, number)] * parties[number - 1].own_rates
        if not own.isdisjoint(names):
            continue  # what a user entered goes before
        found = _sales_of(log)
        left_out += found.left_out
        gross = float(sum((one.gross for one in found.sales), Fraction()))
        shares = _carried(selection, found.sales)
        rounding = selection.deal.conversion_rounding
        price = _price(gross, shares, rounding) if shares else None
        values = (gross, price, _rate(log.selection, found.sales))
        for name, value in zip(names, values, strict=False):
            cells[name] = Given(value, f"{log.entries.path.name}, {placements.TABLE}")
        own |= set(names)
    return _changed(entries, logs, cells=cells, own=frozenset(own), left_out=tuple(left_out))


def _carried(selection: Selection, sold: Sequence[LoggedSale]) -> int:
    """Add up shares carried over splits to the deal's day; a part of one counts as one, at last."""
    splits, day = selection.all_splits, selection.stands or datetime.date.max
    parts = (
        one.shares * split_factor(splits, day, one.day) / split_factor(splits, one.day, day)
        for one in sold
    )
    return ceil(sum(parts, Fraction()))


def _price(gross: float, shares: int, rounding: str) -> float:
    """Work out the price at which so many dollars buy exactly so many shares, in 15 digits."""
    shown = Context(prec=_DIGITS).create_decimal(Decimal(gross))
    towards = ROUND_UP if rounding == "up" else ROUND_DOWN
    return float(Context(prec=_DIGITS, rounding=towards).divide(shown, Decimal(shares)))


def _rate(selection: Selection, found: Sequence[LoggedSale]) -> float | None:
    """Work out the rate at which all sales bear what each bears at its own; None for the most."""
    gross = sum((one.gross for one in found), Fraction())
    if not gross or all(one.rate is None for one in found):
        return None
    highest = max(selection.schedule.rates)
    rates = (highest if one.rate is None else Fraction(one.rate) for one in found)
    paid = sum((one.gross * rate for one, rate in zip(found, rates, strict=True)), Fraction())
    return min(float(paid / gross), float(highest))


def _with_sales(selection: Selection, entries: Entries, logs: Sequence[Log]) -> Entries:
    """Fill the sales of all agreements, by day."""
    found, left_out, known = list[LoggedSale](), list[str](), dict[str, Log]()
    others = list[tuple[Log, Sales]]()
    for log in logs:
        one = _sales_of(log)
        others.append((log, one))
        left_out += one.left_out
        for key in {sale.agreement for sale in one.sales}:
            if key in known:
                first = known[key].entries.path.name
                reason = f"its sales under {key} are those of {first} once more, or beside them"
                raise FileError(log.entries.path, reason, "keep one log of them")
            known[key] = log
        found += one.sales
    left_out += _sold_by_others(selection, others)
    if len(found) > MAX_ROWS:
        reason = f"its logs have {len(found):,} sales, and {sales.TABLE} takes {MAX_ROWS:,}"
        raise FileError(selection.text, reason, "build each year by itself")
    found.sort(key=lambda sale: sale.day)  # a stable sort: of one day, each log in its own order
    columns: dict[str, list[Value]] = {
        "Date": [float(serial_of(sale.day)) for sale in found],
        sales.SHARES: [float(sale.shares) for sale in found],
        sales.PRICE: [sale.price for sale in found],
        sales.AGREEMENT: [sale.agreement for sale in found],
        sales.OWN_RATE: [sale.rate for sale in found],
        sales.FEE_PAID: [sale.fee for sale in found],
    }
    if len(selection.deal.agreements) == 1:
        del columns[sales.AGREEMENT]
    for heading in (sales.OWN_RATE, sales.FEE_PAID):
        if all(value is None for value in columns[heading]):
            del columns[heading]  # which the deal's sales may not have
    table = Rows(
        logs[0].entries.path if logs else entries.path,
        tuple(columns),
        tuple(zip(*columns.values(), strict=True)),
        tuple(sale.place for sale in found),
    )
    tables = {**entries.tables, sales.TABLE: table}
    own = entries.own | {sales.TABLE}
    return _changed(entries, logs, tables=tables, own=own, left_out=tuple(left_out))


def _sold_by_others(selection: Selection, read: Sequence[tuple[Log, Sales]]) -> Iterator[str]:
    """Say which logs have sales of others that share their pool, as no log of theirs has them."""
    given = {log.selection.agreement_key for log, _ in read}
    for log, found in read:
        own = log.selection.sales
        sharing = {
            one.key for one in selection.deal.agreements if own.pool and one.pool == own.pool
        }
        missing = sorted(sharing - given)
        if found.by_others and missing:
            unit = "shares" if own.limit_shares else "USD"
            words = f"{placements.OTHERS_SOLD}, {found.by_others:,.15g} {unit}"
            remedy = f"enter the sales under {' and '.join(missing)} on {sales.TABLE}"
            yield f"{placements.TABLE} of {own.key}: {words}; {remedy}"


def _changed(entries: Entries, logs: Sequence[Log], **changes: object) -> Entries:
    """Add to entries; those of nobody yet take the logs' path."""
    if not logs:
        return entries
    path = entries.path if entries.own else logs[0].entries.path
    return replace(entries, path=path, wrong=[], **changes)  # type: ignore[arg-type]


def _sales_of(log: Log) -> Sales:
    """Read the sales of a log.

    Raises:
        FileError: The deal has no such workbook, a row of the log is wrong, or a check of it fails.
    """
    try:
        book = write(log.template, log.selection, log.entries)
    except InputError as error:
        table = LOGS[log.template]
        raise FileError(log.entries.path, f"it fills {table}: {error}", "take that out") from error
    if log.template == "placements":
        found = _placements(log, book)
        if log.entries.as_they_stand:
            _computed(log, book)
        return found
    return _advances(book, _computed(log, book))


def _computed(log: Log, book: Book) -> dict[Place, Cell]:
    """Compute the workbook of a log, and return the values of the log's sheet."""
    sheet = book.tables[LOGS[log.template]].sheet
    rendered = finish(book, path=str(log.entries.path))
    computed = Workbook(rendered.data, log.entries.path)
    part = next(one.part for one in computed.sheets if one.name == sheet)
    values = Layout(computed.read(part)).cell_values(computed.texts)
    if not rendered.checks_ok:
        # What is wrong with rows explains most checks that do not hold.
        rows = [
            f"{sheet}, row {row}: {value}"
            for (row, _), value in sorted(values.items())
            if isinstance(value, str) and value.startswith(f"{FAILS}: ")
        ]
        wrong = [FileError(log.entries.path, words) for words in rows or rendered.failures]
        reason = f"its checks do not hold: {one_error(log.entries.path, wrong).reason}"
        raise FileError(log.entries.path, reason, "correct it there first")
    return values


class _Row(NamedTuple):
    """A row of a log: its number in the sheet, its name, and what was typed into it."""

    number: int
    place: str
    typed: dict[str, Value]

    def lacks(self, *headings: str) -> str:
        """Name those of some columns that are blank; empty if none is."""
        blank = [name for name in headings if self.typed.get(name) in (None, "")]
        return f"{self.place}: {' and '.join(blank)} missing" if blank else ""


def _rows(book: Book, table: str) -> Iterator[_Row]:
    """Yield the rows of a log that are not blank."""
    placed = book.tables[table]
    for number in range(placed.last_row - placed.first_row):
        typed = {
            heading: values[number]
            for heading, values in placed.values.items()
            if number < len(values)
        }
        if any(value not in (None, "") for value in typed.values()):
            row = placed.first_row + 1 + number
            yield _Row(row, f"{placed.sheet}, row {row}", typed)


def _placements(log: Log, book: Book) -> Sales:
    found, by_others = Sales([], []), 0.0
    for row in _rows(book, placements.TABLE):
        if lack := row.lacks("Date", "Shares", "Price"):
            found.left_out.append(lack)
            continue
        shares, price = (_number(row.typed[name]) for name in ("Shares", "Price"))
        day = _day(row.typed["Date"])
        rate, fee = (
            _number(row.typed[name]) if row.typed.get(name) not in (None, "") else None
            for name in (placements.OWN_RATE, placements.FEE_PAID)
        )
        key = log.selection.agreement_key
        sale = LoggedSale(key, day, round(shares), price, row.place, rate, fee)
        found.sales.append(sale)
        by_others = max(by_others, _number(row.typed.get(placements.OTHERS_SOLD)))
    return found._replace(by_others=by_others)


def _advances(book: Book, values: dict[Place, Cell]) -> Sales:
    """Read the rows of an equity line: sales at the prices that were computed."""
    placed = book.tables[advances.TABLE]
    at = {column.header: number for number, column in enumerate(placed.columns, 1)}
    deal = book.selection.deal
    converts = {key.casefold() for key in deal.conversion_formulas}
    alone = next((one.key for one in deal.prices if one.key not in OF_FLOATING), "")
    found = Sales([], [])
    if not deal.agreements:
        return found
    paid = 0.0
    for row in _rows(book, advances.TABLE):
        counted, price, shares, fee = (
            _number(values.get((row.number, at.get(name, 0)), 0.0))
            for name in (
                advances.COUNTED, advances.PRICE, advances.SHARES, advances.COMMITMENT,
            )
        )  # fmt: skip
        paid += fee
        formula = str(row.typed.get(advances.FORMULA) or alone).casefold()
        if not counted:
            needed = (one.header for one in placed.columns if one.allowed and not one.optional)
            found.left_out.append(row.lacks(*needed) or f"{row.place}: something of it is wrong")
        elif formula == PREPAID:
            words = "money paid before its shares are issued, which are sales of no day yet"
            found.left_out.append(f"{row.place}: {words}")
        elif not price:
            found.left_out.append(f"{row.place}: no price yet, for want of quotations")
        elif formula in converts:
            words = f"a conversion; enter its {shares:,.0f} shares on Shares"
            found.left_out.append(f"{row.place}: {words}")
        else:
            day = _day(row.typed["Date"])
            key = book.selection.agreement_key
            found.sales.append(LoggedSale(key, day, round(shares), price, row.place))
    if paid:
        words = f"enter the {paid:,.0f} commitment shares on Shares"
        if basis := of_the_deal(book.selection):
            words += f": they are shares{basis}, on a day before a split its ratio times as many"
        found.left_out.append(f"{placed.sheet}: {words}")
    return found


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float | Decimal) else 0.0


def _day(value: Value) -> datetime.date:
    """Return the day that a cell holds, without its time of day."""
    if isinstance(value, datetime.datetime):
        return value.date()
    return value if isinstance(value, datetime.date) else day_of(_number(value))
