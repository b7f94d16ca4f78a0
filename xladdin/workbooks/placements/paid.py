"""What is paid on a placement, and what the other agreements of a pool sold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from xladdin.functions.fees import ceo_fee_twin, ceo_net_twin
from xladdin.workbooks.figure_tables import FigureColumn
from xladdin.workbooks.illustrative import USUAL_FEE
from xladdin.workbooks.layout import data_validation as allow
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.remarks import RowProblem, when, where_counted
from xladdin.workbooks.layout.table import Column
from xladdin.workbooks.placements import headings as col
from xladdin.workbooks.placements.headings import TABLE, here, to_here
from xladdin.workbooks.placements.log_terms import LogTerms

_LEAST_RATE: Final = Decimal("0.000001")


def typed_columns(log: LogTerms, gross: Sequence[float]) -> list[Column]:
    """Make the columns of what is typed beside a sale: each may be left blank.

    Args:
        log: The agreement.
        gross: Gross proceeds of the illustrative placements, USD.
    """
    found = []
    if log.own_rates:
        highest = log.sold.highest_rate
        words = f"Rate of this placement, up to {allow.part_in_words(highest)}; blank for that."
        a_rate = allow.part_between(_LEAST_RATE, highest, words)
        found.append(_typed(col.OWN_RATE, styles.RATE, 9)._replace(allowed=a_rate))
    if not log.pays:
        a_fee = allow.amount_of("Fee paid on the placement, USD:")
        fees = [round(usd * float(USUAL_FEE), 2) for usd in gross]
        found.append(_typed(col.FEE_PAID, styles.USD, 12)._replace(allowed=a_fee, values=fees))
    if log.pooled:
        words = "sold under the pool's other agreements up to this placement"
        rule = (
            allow.whole_number(0, f"Shares {words}")
            if log.in_shares
            else allow.amount_of(f"USD {words}:")
        )
        form = styles.COUNT if log.in_shares else styles.USD
        found.append(_typed(col.OTHERS_SOLD, form, 14)._replace(allowed=rule))
    return found


def _typed(header: str, form: str, width: float) -> Column:
    return Column(header, styles.INPUT, form, width, optional=True)


def sold_to_date(log: LogTerms) -> str:
    """Name the column of all dollars that were sold by then under the capacity."""
    return col.POOL_TO_DATE if log.pooled and not log.in_shares else col.GROSS_TO_DATE


def helpers(log: LogTerms) -> list[Column]:
    """Make the columns that the commission and its plain-Excel twin stand on."""
    counts = partial(where_counted, TABLE)
    found = []
    if log.own_rates:
        rate = here(col.READ_RATE)
        found += [
            Column(col.READ_RATE, styles.TWIN, styles.RATE, 9, counts(f"N({here(col.OWN_RATE)})")),
            # A function takes an empty text for a blank.
            Column(col.RATE_GIVEN, styles.TWIN, styles.RATE, 9, f'IF({rate}=0,"",{rate})'),
        ]
    if not log.pays:
        found.append(
            Column(col.READ_FEE, styles.TWIN, styles.USD, 13, counts(f"N({here(col.FEE_PAID)})"))
        )
    if log.pooled:
        form = styles.COUNT if log.in_shares else styles.USD
        found += [
            Column(col.READ_OTHERS, styles.TWIN, form, 14, counts(f"N({here(col.OTHERS_SOLD)})")),
            # Blank says that it is what it was in the row above.
            Column(col.OTHERS_TO_DATE, styles.TWIN, form, 14, f"MAX({to_here(col.READ_OTHERS)})"),
        ]
        if not log.in_shares:
            pool = f"{here(col.GROSS_TO_DATE)}+{here(col.OTHERS_TO_DATE)}"
            waits = f"IF({here(col.COUNTED)}=0,0,{pool})"
            found.append(Column(col.POOL_TO_DATE, styles.TWIN, styles.USD, 14, waits))
    if log.pays:
        fees = (
            ceo_fee_twin(log.selection, here(sold)) for sold in (sold_to_date(log), col.PRIOR_GROSS)
        )
        found += [
            # Nothing is sold to date in a row that waits.
            Column(header, styles.TWIN, styles.USD, 14, fee)
            for header, fee in zip((col.FEE_TO_DATE, col.FEE_BEFORE), fees, strict=True)
        ]
    if log.own_rates:
        most = f"{here(col.FEE_TO_DATE)}-{here(col.FEE_BEFORE)}"
        found.append(Column(col.AT_MOST, styles.TWIN, styles.USD, 14, most))
    return found


def results(log: LogTerms) -> list[FigureColumn]:
    """Make the columns of the commission and of what is left of gross proceeds."""
    gross, prior = here("Gross"), here(col.PRIOR_GROSS)
    net = f"{gross}-{here('Commission')}"
    plain = f"{here(col.FEE_TO_DATE)}-{here(col.FEE_BEFORE)}"
    if not log.pays:
        fee = plain = here(col.READ_FEE)
    elif log.own_rates:
        fee = f"DEAL_FEE({gross},{prior},{here(col.RATE_GIVEN)},,Deal)"
        plain = f"IF({here(col.READ_RATE)}=0,{here(col.AT_MOST)},{gross}*{here(col.READ_RATE)})"
    else:
        fee, net = (f"{function}({gross},{prior},Deal)" for function in ("CEO_FEE", "CEO_NET"))
    return [
        FigureColumn("Commission", log.dollars, 13, fee, plain),
        FigureColumn(
            "Net proceeds",
            log.dollars,
            14,
            net,
            ceo_net_twin(log.selection, gross, here(col.PLAIN_COMMISSION)),
        ),
    ]


def warnings(log: LogTerms) -> list[RowProblem]:
    """List what is odd about what is typed beside a sale."""
    found = []
    if not log.pays:
        above = f"{here(col.READ_FEE)}>MAX(0,N({here('Gross')}))"
        found.append(RowProblem("Fee above the gross proceeds", when(above)))
        blank = f"AND(N({here('Gross')})>0,COUNTBLANK({here(col.FEE_PAID)})=1)"
        found.append(RowProblem("Fee paid missing", when(blank)))
    if log.pooled:
        others = here(col.READ_OTHERS)
        fallen = f"AND({others}>0,{others}<{here(col.OTHERS_TO_DATE)})"
        found.append(RowProblem("Sold by others falls", when(fallen)))
    return found
