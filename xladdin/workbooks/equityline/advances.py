"""The sheet of advances, purchases and conversions: typed, worked out, in plain Excel, judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from xladdin.functions.limits import ownership_headroom_twin
from xladdin.terms.agreements import FeeSchedule
from xladdin.workbooks import quantities, share_basis
from xladdin.workbooks.common_sheets import origin_of
from xladdin.workbooks.equityline import headings as col
from xladdin.workbooks.equityline.caps import (
    all_lifted,
    capacity_dollars,
    plain_capacity,
    plain_left,
)
from xladdin.workbooks.equityline.headings import TABLE, here, is_of, to_here, to_here_of
from xladdin.workbooks.equityline.illustrative import Advance
from xladdin.workbooks.equityline.line import CONVERSION, DRAW, PREPAID, EquityLine
from xladdin.workbooks.equityline.plain_steps import plain_steps, whole_shares
from xladdin.workbooks.equityline.price_checks import PriceChecks
from xladdin.workbooks.equityline.quotations import quotes_range
from xladdin.workbooks.equityline.row_problems import failures, warnings
from xladdin.workbooks.equityline.typed_columns import typed_columns
from xladdin.workbooks.figure_tables import FigureColumn, figure_columns
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import judged
from xladdin.workbooks.layout.sheet import Book, as_counted
from xladdin.workbooks.layout.table import Column, twin_header, write_table
from xladdin.workbooks.layout.tables import HEADER_ROW, finish_sheet
from xladdin.workbooks.quantities import Quantity
from xladdin.workbooks.terms_sheet import count_carried

ROWS: Final = 20
"""Rows of the table at first; those beyond the illustrative ones wait for input."""


def chosen_formula(line: EquityLine) -> str:
    """Refer to the key of a row's formula, or write it where there is one alone."""
    return here(col.FORMULA) if len(line.choices) > 1 else f'"{line.formulas[0].key}"'


def write_advances(book: Book, line: EquityLine, advances: Sequence[Advance]) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        line: The deal's line.
        advances: Illustrative advances.
    """
    typed = typed_columns(book, line, advances)
    results = _results(line)
    waiting = f"{here(col.COUNTED)}=0"
    steps = plain_steps(line, typed)
    figures = figure_columns(book, TABLE, "the advances", results, waiting, steps)
    columns = [*typed, *_kind(line), *_limited(line), *figures]
    columns = judged(book, TABLE, columns, failures(line), warnings(line, typed))
    sheet = book.sheet(TABLE, ())
    placed = write_table(sheet, TABLE, HEADER_ROW, columns, ROWS)
    finish_sheet(
        sheet,
        placed,
        TABLE,
        "Advances, purchases and conversions",
        "One row each, oldest first: type the day of the notice, the amount and the rest of the "
        "yellow cells. Grey columns are the plain-Excel checks of the white ones. "
        + origin_of(book, TABLE, "The rows shown"),
        _units(),
        frozen=2,
        basis=_basis(line),
    )


def _basis(line: EquityLine) -> Callable[[str], str]:
    """Find which splits a column's figures are after: those up to its row's day, or all."""
    of_the_deal = share_basis.of_the_deal(line.selection)
    if not line.splits:
        return lambda _: of_the_deal
    carried = [
        col.COUNTED_HELD,
        col.ISSUED,
        col.ALL_ISSUED,
        col.COMMITMENT,
        col.CAP_LEFT,
        col.OWNED_LEFT,
    ]
    carried += [col.AVERAGED, col.AVERAGE]
    sessions = PriceChecks(line).carried_columns
    after = {*carried, *map(twin_header, carried), *sessions}
    after |= {f"{col.COMMITMENT} {when}" for when in ("to date", "before")}
    return lambda header: of_the_deal if header in after else share_basis.OF_ITS_DAY


def _kind(line: EquityLine) -> list[Column]:
    """Make the column of what a row is: what counts against the capacity, and what does not."""
    if not line.mixed:
        return []
    keys = ",".join(f'{here(col.FORMULA)}="{key}"' for key in line.conversions)
    found = f'IF(OR({keys}),"{CONVERSION}","{DRAW}")'
    if line.prepaid:
        found = f'IF({here(col.FORMULA)}="{PREPAID}","{PREPAID}",{found})'
    words = f'IFERROR(IF({here(col.COUNTED)}=0,"",{found}),"")'
    width = 15 if line.prepaid else 11
    return [Column(col.KIND, styles.RESULT, styles.GENERAL, width, words, centred=True)]


def _limited(line: EquityLine) -> list[Column]:
    """Make the column of whether the cap limits the line after a row: 0 left may mean either."""
    lifted = all_lifted(line, here(twin_header(col.AVERAGE)))
    if not lifted:
        return []
    words = f'IF({here(col.COUNTED)}=0,"",IF({lifted},"not limited","limited"))'
    return [Column(col.LIMITED, styles.RESULT, styles.GENERAL, 12, words, centred=True)]


def _units() -> dict[str, str]:
    shares = [
        col.SHARES,
        col.HELD,
        col.COUNTED_HELD,
        col.ISSUED,
        col.ALL_ISSUED,
        col.COMMITMENT,
        col.CAP_LEFT,
        col.OWNED_LEFT,
    ]
    shares += [col.AVERAGED]
    units = dict.fromkeys([*shares, *map(twin_header, shares)], "shares")
    return units | {col.COUNTED: "", col.FACTOR: "old for new"}


def _price(line: EquityLine) -> list[FigureColumn]:
    if not line.formulas:
        return []
    issue = here(col.ISSUED_ON) if line.takes_issue else ""
    call = (
        f"DEAL_PRICE({chosen_formula(line)},{quotes_range(line)},{here('Date')},{issue},"
        f"{line.terms})"
    )
    plain = PriceChecks(line).price(here(col.FORMULA))
    none = f"OR({is_of(PREPAID)},ISNA({call}))" if line.prepaid else f"ISNA({call})"
    figure = f"IF({none},0,{call})"
    return [FigureColumn(col.PRICE, quantities.PRICE, 12, figure, plain)]


def _results(line: EquityLine) -> list[FigureColumn]:
    """Make the columns of what the add-in works out for a row, with the plain-Excel checks."""
    price = here(col.PRICE)
    found = _price(line)
    found.append(
        FigureColumn(
            col.SHARES,
            quantities.COUNT,
            12,
            f"IF({price}=0,0,DEBENTURE_SHARES({here(col.AMOUNT)},{price},Deal))",
            whole_shares(line),
        )
    )
    if line.fee:
        found.append(_fee_column(line, col.FEE, quantities.USD, line.fee))
    if line.commitment:
        found.append(_fee_column(line, col.COMMITMENT, quantities.COUNT, line.commitment))
    found += _issued(line)
    if line.has_capacity:
        dollars = capacity_dollars(line)
        found.append(
            FigureColumn(
                "Capacity left",
                dollars,
                15,
                f"CEO_CAPACITY({here(col.TO_DATE)},,Deal)",
                plain_capacity(line, here(col.TO_DATE)),
            )
        )
    found += _left(line)
    return found


def _fee_column(
    line: EquityLine, header: str, quantity: Quantity, fee: FeeSchedule
) -> FigureColumn:
    """Make the column of a fee on a row: what is due to date less what was due before."""
    call = f'DEAL_FEE({here(col.AMOUNT)},{here(col.BEFORE)},,"{fee.key}",Deal)'
    if line.mixed:
        call = f"IF({is_of(CONVERSION)},0,{call})"
    plain = f"{here(f'{header} to date')}-{here(f'{header} before')}"
    return FigureColumn(header, quantity, 13, call, plain)


def _issued(line: EquityLine) -> list[FigureColumn]:
    """Make the columns of the shares issued, in shares of the deal's day."""
    shares, plain = here(col.SHARES), here(twin_header(col.SHARES))
    if line.splits:
        shares = count_carried(line.selection, shares, here(col.DAY))
        plain = f"{plain}/{here(col.FACTOR)}"
    if line.commitment:
        shares += f"+{here(col.COMMITMENT)}"
        plain += f"+{here(twin_header(col.COMMITMENT))}"
    found = [
        FigureColumn(col.ISSUED, line.shares, 12, shares, plain),
        FigureColumn(
            col.ALL_ISSUED, line.shares, 13, to_here(col.ISSUED), to_here(twin_header(col.ISSUED))
        ),
    ]
    if line.cap and line.cap.lifted_at is not None:
        found += _averages(line)
    return found


def _averages(line: EquityLine) -> list[FigureColumn]:
    """Make the columns of the average price to date, and of the shares that it is taken over."""
    refer = here if line.mixed else to_here
    sold = [refer(col.ISSUED), refer(twin_header(col.ISSUED))]
    if line.commitment:
        paid = (refer(col.COMMITMENT), refer(twin_header(col.COMMITMENT)))
        sold = [f"({one}-{fee})" for one, fee in zip(sold, paid, strict=True)]
    found = []
    if line.mixed:
        counts = (f"IF({is_of(line.averaged)},{one},0)" for one in sold)
        found.append(FigureColumn(col.AVERAGED, line.shares, 13, *counts))
        sold = [to_here(col.AVERAGED), to_here(twin_header(col.AVERAGED))]
    amount = to_here_of(line, col.COUNTED_AMOUNT, line.averaged)
    figure, twin = (f"IF({one}=0,0,{amount}/{one})" for one in sold)
    return [*found, FigureColumn(col.AVERAGE, quantities.PRICE, 12, figure, twin)]


def _left(line: EquityLine) -> list[FigureColumn]:
    """Make the columns of what caps and the ownership limit leave."""
    found = []
    both = col.ALL_ISSUED, twin_header(col.ALL_ISSUED)
    if line.cap:
        average = ""
        if line.cap.lifted_at is not None:
            average = f'IF({here(col.AVERAGE)}=0,"",{here(col.AVERAGE)})'
        issued, plain = (line.in_whole_shares(here(one)) for one in both)
        call = f'ISSUE_HEADROOM("{line.cap.key}",{issued},{average},Deal)'
        figure = f"IF(ISNA({call}),0,{call})" if line.cap.lifted_at is not None else call
        plain = plain_left(line, plain, here(twin_header(col.AVERAGE)))
        found.append(FigureColumn(col.CAP_LEFT, quantities.COUNT, 13, figure, plain))
    outstanding = "Line_outstanding"
    issued, plain = (
        line.in_whole_shares(f"{here(every)}-{here(own)}")
        for every, own in zip(both, (col.ISSUED, twin_header(col.ISSUED)), strict=True)
    )
    before, plain_before = f"{issued}+{outstanding}", f"({plain}+{as_counted(outstanding)})"
    blank = f"COUNTBLANK({outstanding})=1"
    held, plain_held = here(col.HELD), line.in_whole_shares(here(col.COUNTED_HELD))
    if line.splits:
        held = count_carried(line.selection, f"N({held})", here(col.DAY))
        held = line.in_whole_shares(held)
    plain = ownership_headroom_twin(line.selection, plain_before, plain_held, "Ownership_used")
    found.append(
        FigureColumn(
            col.OWNED_LEFT,
            quantities.COUNT,
            13,
            f"IF({blank},0,OWNERSHIP_HEADROOM({before},{held},Ownership_limit))",
            f"IF({blank},0,{plain})",
        )
    )
    return found
