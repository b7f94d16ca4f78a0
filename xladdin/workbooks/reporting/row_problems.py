"""What may be wrong or odd about a row of the sales log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xladdin.core.capacity import PARTS_OF_A_SHARE
from xladdin.workbooks.layout.remarks import RowProblem, half_typed, no_session, when
from xladdin.workbooks.layout.table import Column, whole
from xladdin.workbooks.reporting import agreements as lists
from xladdin.workbooks.reporting import headings as col
from xladdin.workbooks.reporting.headings import TABLE, here, of_agreement, up_to
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.sold import MOST_WITHOUT_CAPACITY

_NO_OWN_RATE: Final = "Own rate where none is agreed"


def blanks(programme: Programme) -> str:
    """Count the blanks among what a row cannot do without."""
    first = col.AGREEMENT if programme.several else "Date"
    return f"COUNTBLANK({TABLE}[[#This Row],[{first}]:[{col.PRICE}]])"


def failures(programme: Programme) -> list[RowProblem]:
    """List what is wrong about a sale, beside what breaks the rule of its cell."""
    at, found = here(col.AT), []

    def figure(name: str) -> str:
        return of_agreement(name, at, several=programme.several)

    def on_the_day(name: str, formulas: Sequence[str]) -> str:
        """Refer to a figure of the row's day, where commissions were amended."""
        if not programme.amended:
            return figure(name)
        each = [programme.on_the_day(one or "0", here(col.STAGE)) for one in formulas]
        return f"CHOOSE({at},{','.join(each)})" if programme.several else each[0]

    limits = [one.limit_formula for one in programme.agreements]
    if any(limits):
        limit = on_the_day(lists.LIMITS, limits)
        over = f"{here(col.TO_DATE)}-{limit}>={figure(lists.MET_WITHIN)}"
        if not all(limits):
            over = f"AND({limit}>0,{over})"
        found.append(RowProblem("Above what may be sold in all", when(f"IF({at}=0,FALSE,{over})")))
    if programme.in_shares:
        limit = figure(lists.LIMITS_IN_SHARES)
        over = f"ROUND({here(col.SHARES_TO_DATE)}-{limit},{PARTS_OF_A_SHARE})>0"
        over = f"AND({limit}>0,{over})"
        problem = RowProblem(
            "More shares than may be sold in all", when(f"IF({at}=0,FALSE,{over})")
        )
        found.append(problem)
    if not all(limits):
        over = f"{here(col.AMOUNT)}>{MOST_WITHOUT_CAPACITY:.0E}".replace("E+0", "E+")
        found.append(RowProblem("Gross above 1 billion of which cents are lost", when(over)))
    if programme.own_rates and (programme.several or programme.amended):
        highest = on_the_day(lists.HIGHEST, [one.highest for one in programme.agreements])
        above = f"{here(col.READ_RATE)}>0,ROUND({here(col.READ_RATE)},16)>{highest}"
        others = [f"{at}={one.number}" for one in programme.agreements if not one.own_rates]
        if others:
            typed = f"AND({here(col.READ_RATE)}>0,OR({','.join(others)}))"
            found.append(RowProblem(_NO_OWN_RATE, when(typed)))
            above += f",{here(_NO_OWN_RATE)}=0"
        above = f"IF({at}=0,FALSE,AND({above}))"
        found.append(RowProblem("Own rate above the most that is agreed", when(above)))
    if programme.fees_typed and programme.pays:
        stated = [f"{at}={one.number}" for one in programme.agreements if one.pays]
        paid = f"AND(LEN({here(col.FEE_PAID)})>0,OR({','.join(stated)}))"
        found.append(RowProblem("Fee paid beside the one that is agreed", when(paid)))
    return found


def warnings(programme: Programme, typed: Sequence[Column]) -> list[RowProblem]:
    """List what is odd about a sale and may be right."""
    day = here(col.DAY)
    same = "*".join(
        f"({whole(TABLE, name)}={here(name)})"
        for name in (col.AT, col.DAY, col.COUNT, col.READ_PRICE)
    )
    found = [
        half_typed(TABLE, typed, blanks(programme)),
        RowProblem("Before a sale above", when(f"AND({day}>0,{day}<MAX({up_to(col.DAY)}))")),
        RowProblem("Not on a session of the exchange", no_session(day)),
    ]
    if any(one.dated for one in programme.agreements):
        dated = of_agreement(lists.DATES, here(col.AT), several=programme.several)
        found.append(RowProblem("Before the agreement", when(f"IF({day}=0,FALSE,{day}<{dated})")))
    if programme.fees_typed:
        above = f"AND({here(col.READ_FEE)}>0,{here(col.READ_FEE)}>{here(col.AMOUNT)})"
        found.append(RowProblem("Fee above the gross proceeds", when(above)))
        unstated = f",{here(col.PAYS)}=0" if programme.pays else ""
        blank = f"AND({here(col.AMOUNT)}>0,COUNTBLANK({here(col.FEE_PAID)})=1{unstated})"
        found.append(RowProblem("Fee paid missing", when(blank)))
    found.append(
        RowProblem("The same as another sale", when(f"IF({day}=0,FALSE,SUMPRODUCT({same})>1)"))
    )
    return found
