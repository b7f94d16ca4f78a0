"""What is paid on a placement, and what the other agreements of a pool sold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from xladdin.functions.fees import ceo_fee_twin, ceo_net_twin
from xladdin.workbooks.figure_tables import FigureColumn
from xladdin.workbooks.illustrative import USUAL_FEE
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import (
    amount_of,
    part_between,
    part_in_words,
    whole_number,
)
from xladdin.workbooks.layout.remarks import RowProblem, when
from xladdin.workbooks.layout.table import Column
from xladdin.workbooks.placements.headings import (
    AT_MOST,
    COUNTED,
    FEE_BEFORE,
    FEE_PAID,
    FEE_TO_DATE,
    GROSS_TO_DATE,
    OTHERS_SOLD,
    OTHERS_TO_DATE,
    OWN_RATE,
    PLAIN_COMMISSION,
    POOL_TO_DATE,
    PRIOR_GROSS,
    RATE_GIVEN,
    READ_FEE,
    READ_OTHERS,
    READ_RATE,
    here,
    to_here,
)
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
        words = f"Rate of this placement, up to {part_in_words(highest)}; blank for that."
        a_rate = part_between(_LEAST_RATE, highest, words)
        found.append(_typed(OWN_RATE, styles.RATE, 9)._replace(allowed=a_rate))
    if not log.pays:
        a_fee = amount_of("Fee paid on the placement, USD:")
        fees = [round(usd * float(USUAL_FEE), 2) for usd in gross]
        found.append(_typed(FEE_PAID, styles.USD, 12)._replace(allowed=a_fee, values=fees))
    if log.pooled:
        words = "sold under the pool's other agreements up to this placement"
        rule = whole_number(0, f"Shares {words}") if log.in_shares else amount_of(f"USD {words}:")
        form = styles.COUNT if log.in_shares else styles.USD
        found.append(_typed(OTHERS_SOLD, form, 14)._replace(allowed=rule))
    return found


def _typed(header: str, form: str, width: float) -> Column:
    return Column(header, styles.INPUT, form, width, optional=True)


def sold_to_date(log: LogTerms) -> str:
    """Name the column of all dollars that were sold by then under the capacity."""
    return POOL_TO_DATE if log.pooled and not log.in_shares else GROSS_TO_DATE


def helpers(log: LogTerms) -> list[Column]:
    """Make the columns that the commission and its plain-Excel twin stand on."""

    def counts(formula: str) -> str:
        return f"IFERROR(IF({here(COUNTED)}=1,{formula},0),0)"

    found = []
    if log.own_rates:
        rate = here(READ_RATE)
        found += [
            Column(READ_RATE, styles.TWIN, styles.RATE, 9, counts(f"N({here(OWN_RATE)})")),
            # A function takes an empty text for a blank.
            Column(RATE_GIVEN, styles.TWIN, styles.RATE, 9, f'IF({rate}=0,"",{rate})'),
        ]
    if not log.pays:
        found.append(Column(READ_FEE, styles.TWIN, styles.USD, 13, counts(f"N({here(FEE_PAID)})")))
    if log.pooled:
        form = styles.COUNT if log.in_shares else styles.USD
        found += [
            Column(READ_OTHERS, styles.TWIN, form, 14, counts(f"N({here(OTHERS_SOLD)})")),
            # Blank says that it is what it was in the row above.
            Column(OTHERS_TO_DATE, styles.TWIN, form, 14, f"MAX({to_here(READ_OTHERS)})"),
        ]
        if not log.in_shares:
            pool = f"{here(GROSS_TO_DATE)}+{here(OTHERS_TO_DATE)}"
            waits = f"IF({here(COUNTED)}=0,0,{pool})"
            found.append(Column(POOL_TO_DATE, styles.TWIN, styles.USD, 14, waits))
    if log.pays:
        fees = (
            ceo_fee_twin(log.selection, here(sold)) for sold in (sold_to_date(log), PRIOR_GROSS)
        )
        found += [
            # Nothing is sold to date in a row that waits.
            Column(header, styles.TWIN, styles.USD, 14, fee)
            for header, fee in zip((FEE_TO_DATE, FEE_BEFORE), fees, strict=True)
        ]
    if log.own_rates:
        most = f"{here(FEE_TO_DATE)}-{here(FEE_BEFORE)}"
        found.append(Column(AT_MOST, styles.TWIN, styles.USD, 14, most))
    return found


def results(log: LogTerms) -> list[FigureColumn]:
    """Make the columns of the commission and of what is left of gross proceeds."""
    gross, prior = here("Gross"), here(PRIOR_GROSS)
    net = f"{gross}-{here('Commission')}"
    plain = f"{here(FEE_TO_DATE)}-{here(FEE_BEFORE)}"
    if not log.pays:
        fee = plain = here(READ_FEE)
    elif log.own_rates:
        fee = f"DEAL_FEE({gross},{prior},{here(RATE_GIVEN)},,Deal)"
        plain = f"IF({here(READ_RATE)}=0,{here(AT_MOST)},{gross}*{here(READ_RATE)})"
    else:
        fee, net = (f"{function}({gross},{prior},Deal)" for function in ("CEO_FEE", "CEO_NET"))
    return [
        FigureColumn("Commission", log.dollars, 13, fee, plain),
        FigureColumn(
            "Net proceeds",
            log.dollars,
            14,
            net,
            ceo_net_twin(log.selection, gross, here(PLAIN_COMMISSION)),
        ),
    ]


def warnings(log: LogTerms) -> list[RowProblem]:
    """List what is odd about what is typed beside a sale."""
    found = []
    if not log.pays:
        above = f"{here(READ_FEE)}>MAX(0,N({here('Gross')}))"
        found.append(RowProblem("Fee above the gross proceeds", when(above)))
        blank = f"AND(N({here('Gross')})>0,COUNTBLANK({here(FEE_PAID)})=1)"
        found.append(RowProblem("Fee paid missing", when(blank)))
    if log.pooled:
        others = here(READ_OTHERS)
        fallen = f"AND({others}>0,{others}<{here(OTHERS_TO_DATE)})"
        found.append(RowProblem("Sold by others falls", when(fallen)))
    return found
