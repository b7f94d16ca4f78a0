"""What may be wrong or odd about a row of the advances."""

from __future__ import annotations

from collections.abc import Sequence

from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.workbooks.equityline import headings as col
from xladdin.workbooks.equityline.caps import beyond, capacity_slack, is_lifted
from xladdin.workbooks.equityline.headings import TABLE, blanks, here
from xladdin.workbooks.equityline.line import PREPAID, EquityLine
from xladdin.workbooks.layout.remarks import RowProblem, half_typed, no_session, when
from xladdin.workbooks.layout.table import Column, twin_header, whole


def failures(line: EquityLine) -> list[RowProblem]:
    """List what is wrong about a row, beside what breaks the rule of its cell."""
    found = []
    if line.takes_issue:
        found.append(
            RowProblem(
                "Issue date after the date",
                when(f"AND({here(col.DAY)}>0,{here(col.ISSUE_DAY)}>{here(col.DAY)})"),
            )
        )
    if line.has_capacity:
        over = f"{here(col.TO_DATE)}-agreement.capacity>={capacity_slack(line)}"
        found.append(RowProblem("Above the capacity of the line", when(over)))
    if line.cap:
        many = beyond(line, here(twin_header(col.ALL_ISSUED)))
        if line.cap.lifted_at is not None:
            lifted = is_lifted(line.cap, here(twin_header(col.AVERAGE)))
            many = f"AND({many},NOT({lifted}))"
        found.append(RowProblem("More shares than the cap allows", when(many)))
    # In shares of the deal's day, as the limit is; commitment shares are no part of what is bought.
    bought = f"{here(col.ISSUED)}-{here(col.COMMITMENT)}" if line.commitment else here(col.ISSUED)
    owned = f"{bought}>{here(col.OWNED_LEFT)}"
    if line.splits:
        # Unrounded: so many shares may be a whole count of the row's day, and none of the deal's.
        fixed = f"{here(col.ALL_ISSUED)}-{here(col.ISSUED)}+{bought}"
        most = f"Ownership_used*(Line_outstanding+{fixed})"
        owned = f"ROUND({here(col.COUNTED_HELD)}+{bought}-{most},{PARTS_OF_A_SHARE})>0"
    owned = f"AND(COUNTBLANK(Line_outstanding)=0,{owned})"
    found.append(RowProblem("More shares than the ownership limit leaves", when(owned)))
    many = f"{here(col.SHARES)}>={col.MOST_SHARES}"
    found.append(RowProblem("More shares than a cell shows", when(many)))
    return found


def warnings(line: EquityLine, typed: Sequence[Column]) -> list[RowProblem]:
    """List what is odd about a row and may be right."""
    day = here(col.DAY)
    above = f"MAX({TABLE}[[#Headers],[{col.DAY}]]:{day})"
    names = [col.DAY, col.COUNTED_AMOUNT, *([col.FORMULA] if len(line.choices) > 1 else [])]
    same = "*".join(f"({whole(TABLE, name)}={here(name)})" for name in names)
    found = [
        half_typed(TABLE, typed, blanks(line)),
        RowProblem("Before a row above", when(f"AND({day}>0,{day}<{above})")),
        RowProblem("Not on a session of the exchange", no_session(day)),
    ]
    if line.columns:
        waits = f"AND({here(col.COUNTED)}=1,{here(col.PRICE)}=0)"
        if line.prepaid:
            waits = f'AND({here(col.COUNTED)}=1,{here(col.PRICE)}=0,{here(col.KIND)}<>"{PREPAID}")'
        found.append(RowProblem("No price as a quotation is missing", when(waits)))
    if line.agreement and line.agreement.dated:
        found.append(
            RowProblem("Before the agreement", when(f"AND({day}>0,{day}<agreement.dated)"))
        )
    found.append(
        RowProblem("The same as another row", when(f"IF({day}=0,FALSE,SUMPRODUCT({same})>1)"))
    )
    return found
