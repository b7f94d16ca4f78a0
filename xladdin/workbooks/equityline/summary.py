"""The sheet of what holds for the whole line: single inputs, caps, and what was done so far."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions.limits import OWNERSHIP_LIMIT, ownership_headroom_twin
from xladdin.workbooks import quantities, share_basis
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.equityline import headings as col
from xladdin.workbooks.equityline.caps import (
    all_lifted,
    beyond_others,
    cap_lines,
    cap_name,
    capacity_dollars,
    capacity_slack,
    plain_capacity,
    plain_left,
)
from xladdin.workbooks.equityline.headings import TABLE, drawn, sum_of
from xladdin.workbooks.equityline.line import CONVERSION, DRAW, PREPAID, EquityLine, ownership_limit
from xladdin.workbooks.figures import FigureLine, write_lines
from xladdin.workbooks.input_lines import InputLine, write_inputs
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import amount_of, part_between, whole_number
from xladdin.workbooks.layout.remarks import when
from xladdin.workbooks.layout.sheet import Book, Sheet, as_counted
from xladdin.workbooks.layout.table import twin_header, whole
from xladdin.workbooks.plain_fees import cumulative

TITLE: Final = "Line"
USED: Final = "Sensitivity_used"
PLAIN_USED: Final = "Sensitivity_used.plain"
"""Names of the amount that the sheet Sensitivity is about, and of the same in plain Excel."""

_USED_ROW: Final = 10
"""The limit that the function takes where none is given."""
_LIMITS: Final = (Decimal("0.0001"), Decimal("0.9999"))
_ILLUSTRATIVE: Final = "illustrative"


def write_summary(book: Book, line: EquityLine, outstanding: int) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        line: The deal's line.
        outstanding: Shares outstanding at first.
    """
    sheet = book.sheet(TITLE, (62, 20, 20, 14, 40))
    sheet.title(
        TITLE,
        "What holds for the whole line, and what was done under it so far. "
        + shares_in_words(line)
        + _without_commission(line),
        5,
    )
    _write_inputs(book, sheet, line, outstanding)
    row = _USED_ROW + 2
    if line.caps:
        sheet.put(f"A{row}", "Caps on shares", styles.HEADING)
        lines = cap_lines(line)
        write_lines(book, sheet, row + 1, "ABCD", lines)
        for number, cap in enumerate(line.caps, row + 2):
            book.name(cap_name(cap), sheet, f"C{number}")
        row += len(lines) + 3
    sheet.put(f"A{row}", "So far", styles.HEADING)
    write_lines(book, sheet, row + 1, "ABCD", _totals(line))
    if line.kinds == (PREPAID, CONVERSION):
        more, why = when("Advances_left<-0.005"), "conversions are of what was paid in advance"
        what = "Advances: more converted than was paid in advance"
        book.warnings.append(Check(what, more, 0, source=why))
    for key, more in beyond_others(line, "Issued_total"):
        what, why = f"Line: more issued than the cap {key} allows", "rows are held against one cap"
        book.warnings.append(Check(what, when(more), 0, source=why))
    lifted = all_lifted(line, "Average_paid")
    if lifted:
        _, reference = next(iter(book.workbook.defined_names["Cap_left"].destinations))
        words = "Not limited: the cap is lifted."
        sheet.formula(reference.replace("$B$", "E"), f'IF({lifted},"{words}"," ")', styles.TEXT)
    _write_used_amount(book, sheet, line)


def _write_used_amount(book: Book, sheet: Sheet, line: EquityLine) -> None:
    """Write what the table of assumed prices is about, and name it where the line has less."""
    left, plain = "0", "0"
    if line.has_capacity:
        _, reference = next(iter(book.workbook.defined_names["Line_left"].destinations))
        left, plain = "Line_left", reference.replace("$B", "$C")
        beyond = f"IFERROR(Sensitivity_amount-Line_left>={capacity_slack(line)},FALSE)"
        words = "More than is left of the capacity."
        sheet.formula(f"D{_USED_ROW}", f'IF({beyond},"{words}"," ")', styles.ALARM)
        book.warnings.append(
            Check(
                "Line!B8, Sensitivity amount: above what is left of the capacity",
                when(beyond),
                0,
                source="the table goes beyond the line",
            )
        )
    sheet.put(f"A{_USED_ROW}", "Amount of the sheet Sensitivity that is used, USD", styles.TEXT)
    blank, counted = "COUNTBLANK(Sensitivity_amount)=1", as_counted("Sensitivity_amount")
    for name, letter, style, otherwise, given in (
        (USED, "B", styles.RESULT, left, "Sensitivity_amount"),
        (PLAIN_USED, "C", styles.TWIN, plain, counted),
    ):
        sheet.formula(f"{letter}{_USED_ROW}", f"IF({blank},{otherwise},{given})", style, styles.USD)
        book.name(name, sheet, f"{letter}{_USED_ROW}")


def shares_in_words(line: EquityLine) -> str:
    """Say which shares are bought and which are issued, as far as they differ."""
    words = ["Bought are the shares that the amount pays for"]
    if line.splits:
        last = max(day for day, _ in line.splits)
        words.append(
            ", as they are on the day of their row; issued are the same carried over all splits up "
            f"to {last.day} {last:%B %Y}"
        )
    else:
        words.append("; issued are these")
    words.append(", with the commitment shares." if line.commitment else ".")
    return "".join(words) if line.splits or line.commitment else ""


def _without_commission(line: EquityLine) -> str:
    """Say that a commission which the agreement itself states is not counted; empty if none is."""
    if line.agreement is None or line.agreement.schedule is None:
        return ""
    key = line.selection.sales.key
    return f" The commission of the agreement {key} is not counted here: see reporting.xlsx."


def _own_day(line: EquityLine) -> str:
    return ", in shares of each row's day" if line.splits else ""


def _after_splits(line: EquityLine) -> str:
    basis = share_basis.of_the_deal(line.selection)
    return f", in shares{basis}" if basis else ""


def _write_inputs(book: Book, sheet: Sheet, line: EquityLine, outstanding: int) -> None:
    """Write what is typed for the whole line, and the ownership limit that is used."""
    sheet.put("A4", "Inputs", styles.HEADING)
    stock = line.selection.deal.capitalisation
    blocker, source = ownership_limit(line.selection)
    lines = [
        InputLine(
            "Line_outstanding",
            f"Shares outstanding before the first row{_after_splits(line)}; blank for "
            "no ownership limit",
            outstanding,
            styles.COUNT,
            whole_number(0, "Shares outstanding before the first row"),
            sources(book, "capitalisation.outstanding") if stock else _ILLUSTRATIVE,
        ),
        InputLine(
            "Ownership_limit",
            f"Ownership limit, per cent of all shares; blank for {OWNERSHIP_LIMIT:.2%}",
            blocker,
            styles.RATE,
            part_between(*_LIMITS, "Part of all shares that the investor may hold, below 1."),
            source,
        ),
        InputLine(
            "Sensitivity_amount",
            "Amount of the sheet Sensitivity, USD; blank for what is left",
            None if line.has_capacity else float(line.amount),
            styles.USD,
            amount_of("Amount that the table of assumed prices is about, USD:"),
            "what the table is about",
        ),
    ]
    write_inputs(sheet, 5, lines)
    sheet.put("A9", "Ownership limit that is used, per cent", styles.TEXT)
    used = f"IF(COUNTBLANK(Ownership_limit)=1,{OWNERSHIP_LIMIT},{as_counted('Ownership_limit')})"
    sheet.formula("C9", used, styles.TWIN, styles.RATE)
    book.name("Ownership_used", sheet, "C9")


def averaged_amount(line: EquityLine) -> str:
    """Refer to what was paid for the shares whose average price may lift a cap, USD."""
    if line.averaged == CONVERSION:
        return "Converted_total" if line.mixed else "Amount_total"
    return sum_of(line, col.COUNTED_AMOUNT, DRAW) if line.prepaid else "Amount_total"


def averaged_shares(line: EquityLine) -> str:
    """Name the cell with these shares, in shares of the deal's day."""
    apart = line.mixed or line.commitment or line.splits
    return "Averaged_shares" if apart else "Issued_total"


def all_issued(line: EquityLine, column: str) -> str:
    """Add up the shares issued, in whole shares: those of the function's column, or its twin's."""
    return line.in_whole_shares(f"SUM({whole(TABLE, column)})")


def _totals(line: EquityLine) -> list[FigureLine]:
    """Make the lines of what was done: by draws on the line, by conversions, and together."""
    amounts = f"SUM({whole(TABLE, drawn(line))})"
    label = {DRAW: "Drawn", PREPAID: "Paid in advance", CONVERSION: "Converted"}[line.kinds[0]]
    if line.kinds[:2] == (DRAW, PREPAID):
        label = "Drawn and paid in advance"
    lines = [FigureLine("Amount_total", f"{label}, USD", quantities.USD, amounts)]
    if DRAW in line.kinds:
        lines += _shares(line, DRAW, "Shares bought", "Shares_bought")
    if line.commitment:
        lines.append(
            _sum("Commitment_total", f"Commitment shares{_after_splits(line)}", col.COMMITMENT)
        )
    lines += _fees(line, amounts)
    if CONVERSION in line.kinds:
        lines += _converted(line)
    label = f"All shares issued{_after_splits(line)}"
    sums = (all_issued(line, one) for one in (col.ISSUED, twin_header(col.ISSUED)))
    lines.append(FigureLine("Issued_total", label, quantities.COUNT, *sums))
    return lines + _left(line)


def _shares(line: EquityLine, kind: str, label: str, name: str) -> Iterator[FigureLine]:
    """Yield the lines of the shares of one kind of rows, and of their average price."""
    after = _after_splits(line)
    figure, plain = (sum_of(line, one, kind) for one in (col.SHARES, twin_header(col.SHARES)))
    yield FigureLine(name, f"{label}{_own_day(line)}", quantities.COUNT, figure, plain)
    average, carried, paid = "Average_converted", "Converted_issued", "Converted_total"
    if kind == line.averaged:
        average, carried, paid = "Average_paid", averaged_shares(line), averaged_amount(line)
    if carried != "Issued_total":
        figure, plain = (sum_of(line, one, kind) for one in (col.ISSUED, twin_header(col.ISSUED)))
        if line.commitment and kind == DRAW:
            figure += f"-{sum_of(line, col.COMMITMENT, kind)}"
            plain += f"-{sum_of(line, twin_header(col.COMMITMENT), kind)}"
        yield FigureLine(carried, f"{label}{after or ', to date'}", line.shares, figure, plain)
    price = f"IF({carried}=0,0,{paid}/{carried})"
    what = "Average conversion price" if kind == CONVERSION else "Average price of shares bought"
    yield FigureLine(average, f"{what}, USD a share{after}", quantities.PRICE, price)


def _converted(line: EquityLine) -> Iterator[FigureLine]:
    """Yield the lines of what was converted, which counts against no capacity and bears no fee."""
    if line.mixed:
        figure = sum_of(line, col.COUNTED_AMOUNT, CONVERSION)
        yield FigureLine("Converted_total", "Converted, USD", quantities.USD, figure)
    name = "Shares_converted" if DRAW in line.kinds else "Shares_bought"
    yield from _shares(line, CONVERSION, "Shares converted", name)
    if line.kinds == (PREPAID, CONVERSION):
        label = "Paid in advance less converted, before repayments in cash, USD"
        left = "Amount_total-Converted_total"
        yield FigureLine("Advances_left", label, quantities.USD, left)


def _fees(line: EquityLine, amounts: str) -> Iterator[FigureLine]:
    """Yield the lines of the fee and of what the capacity has left."""
    if line.fee:
        due = cumulative(line.fee, "Amount_total")
        call = f'DEAL_FEE(Amount_total,0,,"{line.fee.key}",Deal)'
        yield FigureLine("Fee_total", f"{col.FEE}, USD", quantities.USD, call, due)
        yield FigureLine(
            "Net_total",
            "Left after the fee, USD",
            quantities.USD,
            "Amount_total-Fee_total",
            f"{amounts}-({due})",
        )
    if line.has_capacity:
        yield FigureLine(
            "Line_left",
            "Left of the capacity, USD",
            capacity_dollars(line),
            "CEO_CAPACITY(Amount_total,,Deal)",
            plain_capacity(line, "Amount_total"),
        )


def _left(line: EquityLine) -> list[FigureLine]:
    """Make the lines of what caps and the ownership limit leave."""
    lines = []
    plain_issued = all_issued(line, twin_header(col.ISSUED))
    if line.cap:
        given = 'IF(Average_paid=0,"",Average_paid)' if line.cap.lifted_at is not None else ""
        call = f'ISSUE_HEADROOM("{line.cap.key}",Issued_total,{given},Deal)'
        figure = f"IF(ISNA({call}),0,{call})" if given else call
        plain = plain_left(line, plain_issued, "Average_paid")
        label = f"Shares left under the cap {line.cap.key}{_after_splits(line)}"
        lines.append(FigureLine("Cap_left", label, quantities.COUNT, figure, plain))
    blank = "COUNTBLANK(Line_outstanding)=1"
    after = f"({as_counted('Line_outstanding')}+{plain_issued})"
    owned = ownership_headroom_twin(line.selection, after, "0", "Ownership_used")
    lines.append(
        FigureLine(
            "Ownership_left",
            f"Shares that the ownership limit leaves a holder of none{_after_splits(line)}",
            quantities.COUNT,
            f"IF({blank},0,OWNERSHIP_HEADROOM(Line_outstanding+Issued_total,0,Ownership_limit))",
            f"IF({blank},0,{owned})",
        )
    )
    share = "DILUTION(Line_outstanding,Issued_total)"
    lines.append(
        FigureLine(
            "Issued_share",
            "Shares issued, per cent of all shares after",
            quantities.PERCENT,
            f"IF(OR({blank},Issued_total=0),0,{share})",
            f"IF(OR({blank},{plain_issued}=0),0,{plain_issued}/{after})",
        )
    )
    return lines


def _sum(name: str, label: str, column: str) -> FigureLine:
    return FigureLine(
        name,
        label,
        quantities.COUNT,
        f"SUM({whole(TABLE, column)})",
        f"SUM({whole(TABLE, twin_header(column))})",
    )
