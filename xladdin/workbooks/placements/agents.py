"""The agents of a sales agreement who sell under one capacity: a column of the log, and a sheet."""

from __future__ import annotations

from typing import Final

from xladdin.terms.selection import Selection
from xladdin.workbooks.figures import Pair, check_of
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.data_validation import one_of
from xladdin.workbooks.layout.sheet import Book
from xladdin.workbooks.layout.table import Column, whole
from xladdin.workbooks.placements.headings import AGENT
from xladdin.workbooks.placements.log_terms import LogTerms
from xladdin.workbooks.share_basis import of_the_deal

_NAMES: Final = "Agents"
"""Title of the sheet, and defined name of the cells with the agents' names."""

_HEADER_ROW: Final = 4


def agents_of(selection: Selection) -> tuple[str, ...]:
    """Return the agents of an agreement that has several; none of any other."""
    agents = selection.sales.agents or ()
    return agents if len(agents) > 1 else ()


def agent_column(selection: Selection, rows: int) -> list[Column]:
    """Make the column of the log in which the agent of each placement is chosen.

    Args:
        selection: The deal and the agreement.
        rows: Number of illustrative placements: the agents take turns in them.

    Returns:
        The column; none where the agreement has one agent.
    """
    agents = agents_of(selection)
    if not agents:
        return []
    return [
        Column(
            AGENT,
            styles.INPUT,
            styles.GENERAL,
            max(14, *(len(agent) for agent in agents)),
            values=[agents[number % len(agents)] for number in range(rows)],
            allowed=one_of(agents, _NAMES, "An agent of the agreement, from the list."),
            optional=True,
        )
    ]


def write_agents(book: Book, table: str, shares: str, log: LogTerms) -> None:
    """Write what each agent sold, under the one capacity that all of them share.

    Args:
        book: The workbook.
        table: Name of the log.
        shares: Heading of its column of shares sold.
        log: The agreement.
    """
    agents = agents_of(book.selection)
    if not agents:
        return
    sheet = book.sheet(_NAMES, (44, 14, 18, 18, 18))
    sheet.title(
        _NAMES,
        "What each agent sold. All of them sell under one capacity, and what is left of it is left "
        "for all of them together.",
        5,
    )
    columns = (shares, "Gross", "Commission", "Net proceeds")
    sold_in = f"Shares sold{of_the_deal(book.selection)}"
    headers = ("Agent", sold_in, "Gross, USD", "Commission, USD", "Net, USD")
    sheet.headers(_HEADER_ROW, headers)
    sheet.fit(_HEADER_ROW, [(sold_in, 14)])
    row = first = _HEADER_ROW + 1
    for row, agent in enumerate((*agents, ""), first):
        label, style = (agent, styles.TERM) if agent else ("No agent named", styles.RESULT)
        sheet.put(f"A{row}", label, style)
        named = f"{whole(table, AGENT)}=" + (f"$A{row}" if agent else '""')
        for letter, column in zip("BCDE", columns, strict=True):
            number_format = styles.COUNT if column == shares else styles.USD
            sold = f"SUMPRODUCT(({named})*{whole(table, column)})"
            sheet.formula(f"{letter}{row}", sold, styles.RESULT, number_format)
    book.name(_NAMES, sheet, f"A{first}:A{row - 1}")
    row += 1
    sheet.put(f"A{row}", "All agents", styles.HEADING)
    totals = ("Shares_total", "Gross_total", "Commission_total", "Net_total")
    for letter, header, total in zip("BCDE", headers[1:], totals, strict=True):
        quantity = log.shares if letter == "B" else log.dollars
        added = f"SUM({letter}{first}:{letter}{row - 1})"
        sheet.formula(f"{letter}{row}", added, styles.RESULT, quantity.format)
        what = f"{header}: sum over the agents against the log's total"
        both = Pair(f"{_NAMES}!{letter}{row}", total)
        book.checks.append(check_of(what, both, quantity, "", "one capacity for all agents"))
    sheet.worksheet.freeze_panes = f"B{first}"
