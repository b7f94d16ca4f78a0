"""captable.xlsx: what is outstanding, what may be added to it, and within which limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xladdin.errors import REF, NothingToShowError
from xladdin.terms.securities import Capitalisation
from xladdin.terms.selection import Selection
from xladdin.workbooks import explain_sheet as explain
from xladdin.workbooks import quantities
from xladdin.workbooks.captable import conversions
from xladdin.workbooks.captable.capitalisation import (
    DILUTION_SHARE,
    OUTSTANDING,
    UNDER_OPTIONS,
    VOTING,
    based,
    latest_name,
    write_capitalisation,
)
from xladdin.workbooks.captable.exercise import (
    AVERAGE,
    COUNTED,
    MARKET,
    TABLE,
    UNROUNDED_SHARES,
    tranches,
    write_exercise,
)
from xladdin.workbooks.captable.headroom import (
    EXCHANGE_HEADROOM,
    ISSUED,
    exchange_cap,
    within,
    write_headroom,
)
from xladdin.workbooks.captable.make_whole import INSTRUCTION, write_make_whole
from xladdin.workbooks.captable.totals import write_totals
from xladdin.workbooks.common_sheets import Instruction, sources, write_closing_sheets, write_start
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import Placed, whole
from xladdin.workbooks.layout.user_inputs import NOTHING, Entries

TITLE: Final = "Capitalisation"


def build(selection: Selection, entries: Entries = NOTHING) -> Book:
    """Write the workbook, formulas without values.

    Args:
        selection: The deal; it must say what its issuer's stock is, or have an instrument.
        entries: What users entered.

    Returns:
        The workbook.

    Raises:
        NothingToShowError: The deal does neither (#REF!).
    """
    stock = selection.deal.capitalisation
    if stock is None and not selection.deal.instruments:
        rule = "has no capitalisation (shares outstanding, options and warrants) and no instrument"
        raise NothingToShowError(REF, "terms", selection.text, rule)
    book = Book(selection, entries=entries)
    has_tranches = TABLE in entries.tables or bool(tranches(book))
    exchange = "the exchange's limit and " if exchange_cap(selection) else ""
    limits = f"what may still be issued under {exchange}the charter, " if stock else ""
    purpose = (
        f"Type share counts and read the dilution from options and warrants, {limits}and what an "
        "exercise or a conversion adds."
    )
    instructions = _instructions(selection, has_tranches=has_tranches)
    write_start(book, TITLE, purpose, instructions)
    if stock is not None:
        write_capitalisation(book)
        write_headroom(book)
    placed = write_exercise(book)
    conversions.write_conversions(book)
    write_totals(book)
    if selection.deal.grids:
        write_make_whole(book)
    _explain(book, stock, placed if has_tranches else None)
    write_closing_sheets(book, calendar=False)
    return book


def _instructions(selection: Selection, *, has_tranches: bool) -> tuple[Instruction, ...]:
    """List what to type where."""
    return (
        *(_of_the_document(selection) if selection.deal.capitalisation else ()),
        Instruction(
            "Exercise",
            "Name, Source, Securities, Exercise price",
            "One row for each tranche of options or warrants. Rows that say so are "
            "illustrative: clear them to begin.",
        ),
        Instruction(
            "Exercise",
            "rows below the table",
            "The table grows: type under its last row, and formulas follow.",
        ),
        Instruction(
            "Totals",
            "Average price, Market price"
            + ("" if selection.deal.capitalisation else ", Shares outstanding"),
            "The period's average for the treasury stock method, which is illustrative at "
            "first, and the price on the day of a cashless exercise.",
        ),
        Instruction(
            "Conversions",
            "Principal, Conversion price",
            "One row for each note or preferred stock; interest, issue price and ownership limit "
            "where it has them.",
        ),
        *(
            [
                Instruction(
                    "Explain",
                    "Row of Tranches",
                    "Number of the tranche whose shares are explained.",
                )
            ]
            if has_tranches
            else []
        ),
        *([INSTRUCTION] if selection.deal.grids else []),
    )


def _of_the_document(selection: Selection) -> Iterator[Instruction]:
    """Yield what to type on the sheets of a deal that says what its issuer's stock is."""
    yield Instruction(
        "Capitalisation",
        "column Now",
        "Newer counts, as they come. They begin with those of the document, which stay "
        "beside them under As documented.",
    )
    if exchange_cap(selection):
        words = "In the transaction that is planned."
        yield Instruction("Headroom", "Shares issued so far", words)
    words = "Illustrative at first: the issue asked about."
    yield Instruction("Headroom", "Planned issue", words)
    if selection.terms.class_b:
        yield Instruction("Headroom", "Class B warrants to add", "Only those in no other count.")


def _explain(book: Book, stock: Capitalisation | None, placed: Placed | None) -> None:
    """Explain dilution and headroom as they are now, and what a tranche and a conversion add."""
    stories = []
    if stock is not None:
        stories.append(
            explain.Story(
                "Dilution if all options and warrants are exercised",
                "DILUTION",
                (OUTSTANDING, UNDER_OPTIONS),
                3,
                DILUTION_SHARE,
                only_if=f"{OUTSTANDING}>0",
            )
        )
    cap = exchange_cap(book.selection)
    if cap and stock is not None:
        stories.append(
            explain.Story(
                f"Further shares that stay {within(cap)}",
                "NASDAQ20_HEADROOM",
                (latest_name(stock), ISSUED, "Deal"),
                4 if cap.base and cap.rate is None else 3,
                EXCHANGE_HEADROOM,
            )
        )
    parts: list[explain.Choice | explain.ExplainedPart] = []
    if placed:
        # One that is in the money at both prices, so that there is something to see.
        prices = placed.values["Exercise price"]
        last = stock.last_sale if stock else 0
        in_the_money = [isinstance(one, float) and one < last for one in prices]
        first = 1 + (in_the_money.index(True) if any(in_the_money) else 0)
        name, rule = "Explained_tranche", "Number of a row of Tranches"
        choice, at = explain.row_choice(book, "Row of Tranches", name, TABLE, rule, first=first)
        parts = [choice, explain.ExplainedPart("Tranche", "Tranche_at", at, styles.COUNT)]
        parts += [
            explain.ExplainedPart(f"{label}{unit}", name, _chosen(label), form)
            for label, unit, name, form in (
                ("Securities", "", "Explained_securities", styles.COUNT),
                (COUNTED, "", "Explained_counted", styles.COUNT),
                ("Exercise price", ", USD a share", "Explained_price", styles.QUOTE),
            )
        ]
        stories += _tranche_stories()
    parts += _conversion(book, explain.FIRST_ROW + len(parts))
    latest = latest_name(stock)
    call = (latest, "Conversion_total")
    share, given = "Conversion_dilution", f"{latest}>0"
    stories.append(
        explain.Story("Dilution if all convert", "DILUTION", call, 3, share, only_if=given)
    )
    accounts = _accounts(book, stock, latest)
    explain.write_explain(book, [*stories, _CONVERSION_STORY, *accounts], parts)


def _accounts(book: Book, stock: Capitalisation | None, latest: str) -> Iterator[explain.Account]:
    """Yield what is added up to diluted shares, a vote, and the authorised stock that is left."""
    shares, percent, form = quantities.COUNT, quantities.PERCENT, styles.COUNT
    count = explain.Term("Shares outstanding, latest count", latest)
    diluted = (
        count,
        explain.Term("By the treasury stock method", based(latest, "Treasury_stock_total")),
        explain.Term("By conversions, if-converted", based(latest, "Conversion_total")),
        explain.Term("Diluted shares"),
    )
    yield explain.Account("Diluted shares", "Diluted_if_converted", UNROUNDED_SHARES, diluted)
    if stock is None:
        return
    outstanding, under = as_counted(OUTSTANDING), as_counted(UNDER_OPTIONS)

    def page(figure: str) -> str:
        return sources(book, f"capitalisation.{figure}")

    every = (
        explain.Term("Shares outstanding", outstanding, source=page("outstanding")),
        explain.Term(
            "Under options and warrants",
            based(outstanding, under),
            source=page("options_and_warrants"),
        ),
        explain.Term("All shares then"),
    )
    yield explain.Account(
        "Shares if all options and warrants are exercised", "Fully_diluted", shares, every
    )
    if stock.voting_shares is not None:
        voting = (
            explain.Term("Shares of holders with voting agreements", VOTING["shares"], format=form),
            explain.Term("Their warrants", VOTING["warrants"], format=form),
            explain.Term("Shares outstanding", VOTING["outstanding"], format=form),
            explain.Term("Their part of all, per cent", based("{2}", "({0}+{1})/({2}+{1})")),
        )
        yield explain.Account(
            "Vote of holders with agreements", "Voting_total_share", percent, voting
        )
    taken = [
        ("Outstanding, latest count", "Stock_outstanding"),
        ("Under options and warrants", "Stock_under_options"),
        *([("Class B warrants to add", "Stock_class_b")] if book.selection.terms.class_b else []),
        ("Planned issue", "Stock_planned"),
    ]
    left = (
        explain.Term("Authorised common stock", "Stock_authorised", source=page("authorised")),
        *(
            explain.Term(f"Less {what}", f"IF(Stock_authorised=0,0,0-{name})")
            for what, name in taken
        ),
        explain.Term("Left to issue"),
    )
    yield explain.Account("Authorised stock left to issue", "Authorised_headroom", shares, left)


def _conversion(book: Book, row: int) -> Iterator[explain.Choice | explain.ExplainedPart]:
    """Yield the choice of a conversion, on a row of the sheet, and what is explained of it."""
    name, table, rule = "Explained_conversion", conversions.TABLE, "Number of a row of Conversions"
    choice, at = explain.row_choice(book, "Row of Conversions", name, table, rule, at=row)
    yield choice
    yield explain.ExplainedPart("Row", "Converted_at", at, styles.COUNT)
    for label, name, column, form in (
        ("Principal, USD", "Converted_principal", conversions.READ_PRINCIPAL, styles.USD),
        ("Conversion price, USD a share", "Converted_price", conversions.READ_PRICE, styles.PRICE),
        ("Shares", "Converted_shares", conversions.SHARES, styles.COUNT),
    ):
        formula = f"IF(Converted_at=0,0,INDEX({whole(table, column)},Converted_at))"
        yield explain.ExplainedPart(label, name, formula, form)


_CONVERSION_STORY: Final = explain.Story(
    "Shares of the conversion",
    "DEBENTURE_SHARES",
    ("Converted_principal", "Converted_price", "Deal"),
    3,
    "Converted_shares",
    only_if="Converted_price>0",
)


def _tranche_stories() -> list[explain.Story]:
    """Explain what the chosen tranche adds."""
    counted = "Explained_counted>0"
    return [
        explain.Story(
            "Treasury stock shares of the tranche",
            "TREASURY_STOCK_SHARES",
            ("Explained_securities", "Explained_price", AVERAGE),
            4,
            _chosen("Treasury stock shares"),
            only_if=f'AND({counted},{AVERAGE}<>"")',
        ),
        explain.Story(
            "Cashless shares of the tranche",
            "NET_EXERCISE_SHARES",
            ("Explained_securities", MARKET, "Explained_price"),
            5,
            _chosen("Cashless shares"),
            only_if=f'AND({counted},{MARKET}<>"")',
        ),
    ]


def _chosen(column: str) -> str:
    """Take a figure of the chosen tranche; 0 where there is no tranche of that number."""
    return f"IF(Tranche_at=0,0,INDEX({whole(TABLE, column)},Tranche_at))"
