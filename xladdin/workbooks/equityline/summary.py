"""The sheet of what holds for the whole line: single inputs, caps, and what was done so far."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from xladdin.checking.checks_sheet import Check
from xladdin.functions.limits import OWNERSHIP_HEADROOM, ownership_headroom_twin
from xladdin.workbooks import quantities
from xladdin.workbooks.common_sheets import sources
from xladdin.workbooks.equityline.caps import (
    cap_lines,
    cap_name,
    capacity_dollars,
    capacity_slack,
    plain_capacity,
    plain_left,
)
from xladdin.workbooks.equityline.headings import (
    COMMITMENT,
    COUNTED_AMOUNT,
    FEE,
    ISSUED,
    SHARES,
    TABLE,
)
from xladdin.workbooks.equityline.line import EquityLine
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
_USUAL_LIMIT: Final = OWNERSHIP_HEADROOM.arguments[-1].default
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
    sheet = book.sheet(TITLE, (58, 20, 20, 14, 40))
    sheet.title(
        TITLE,
        "What holds for the whole line, and what was done under it so far. "
        + shares_in_words(line),
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


def _own_day(line: EquityLine) -> str:
    return ", in shares of each row's day" if line.splits else ""


def _after_splits(line: EquityLine) -> str:
    return ", in shares after all splits" if line.splits else ""


def _write_inputs(book: Book, sheet: Sheet, line: EquityLine, outstanding: int) -> None:
    """Write what is typed for the whole line, and the ownership limit that is used."""
    sheet.put("A4", "Inputs", styles.HEADING)
    stock = line.selection.deal.capitalisation
    blocker, source = _blocker(line)
    lines = [
        InputLine(
            "Line_outstanding",
            "Shares outstanding before the first row; blank for no ownership limit",
            outstanding,
            styles.COUNT,
            whole_number(0, "Shares outstanding before the first row"),
            sources(book, "capitalisation.outstanding") if stock else _ILLUSTRATIVE,
        ),
        InputLine(
            "Ownership_limit",
            f"Ownership limit, per cent of all shares; blank for {_USUAL_LIMIT:.2%}",
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
    write_inputs(book, sheet, 5, lines)
    sheet.put("A9", "Ownership limit that is used, per cent", styles.TEXT)
    used = f"IF(COUNTBLANK(Ownership_limit)=1,{_USUAL_LIMIT},{as_counted('Ownership_limit')})"
    sheet.formula("C9", used, styles.TWIN, styles.RATE)
    book.name("Ownership_used", sheet, "C9")


def _blocker(line: EquityLine) -> tuple[float, str]:
    """Find the ownership limit of the deal's instruments; the usual one if they have none."""
    for one in line.selection.deal.instruments:
        if one.blocker is not None:
            return float(one.blocker), one.sources["blocker"]
    return float(_USUAL_LIMIT), "usual; the deal states none"


def _totals(line: EquityLine) -> list[FigureLine]:
    amounts = f"SUM({whole(TABLE, COUNTED_AMOUNT)})"
    lines = [
        FigureLine("Amount_total", "Amount, USD", quantities.USD, amounts),
        _sum("Shares_bought", f"Shares bought or converted{_own_day(line)}", SHARES),
    ]
    if line.commitment:
        lines.append(_sum("Commitment_total", "Commitment shares", COMMITMENT))
    lines.append(_sum("Issued_total", f"Shares issued{_after_splits(line)}", ISSUED))
    if line.fee:
        due = cumulative(line.fee, "Amount_total")
        call = f'DEAL_FEE(Amount_total,0,,"{line.fee.key}",Deal)'
        lines += [
            FigureLine("Fee_total", f"{FEE}, USD", quantities.USD, call, due),
            FigureLine(
                "Net_total",
                "Left after the fee, USD",
                quantities.USD,
                "Amount_total-Fee_total",
                f"{amounts}-({due})",
            ),
        ]
    if line.has_capacity:
        lines.append(
            FigureLine(
                "Line_left",
                "Left of the capacity, USD",
                capacity_dollars(line),
                "CEO_CAPACITY(Amount_total,,Deal)",
                plain_capacity(line, "Amount_total"),
            )
        )
    bought = "(Issued_total-Commitment_total)" if line.commitment else "Issued_total"
    average = f"IF({bought}=0,0,Amount_total/{bought})"
    label = f"Average price, USD a share{_after_splits(line)}"
    lines.append(FigureLine("Average_paid", label, quantities.PRICE, average))
    return lines + _left(line)


def _left(line: EquityLine) -> list[FigureLine]:
    """Make the lines of what caps and the ownership limit leave."""
    lines = []
    plain_issued = f"SUM({TABLE}[Plain issued])"
    if line.cap:
        given = 'IF(Average_paid=0,"",Average_paid)' if line.cap.lifted_at is not None else ""
        call = f'ISSUE_HEADROOM("{line.cap.key}",Issued_total,{given},Deal)'
        figure = f"IF(ISNA({call}),0,{call})" if given else call
        plain = plain_left(line, plain_issued, "Average_paid")
        label = f"Shares left under the cap {line.cap.key}"
        lines.append(FigureLine("Cap_left", label, quantities.COUNT, figure, plain))
    blank = "COUNTBLANK(Line_outstanding)=1"
    after = f"({as_counted('Line_outstanding')}+{plain_issued})"
    owned = ownership_headroom_twin(line.selection, after, "0", "Ownership_used")
    lines.append(
        FigureLine(
            "Ownership_left",
            "Shares that the ownership limit leaves a holder of none",
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
