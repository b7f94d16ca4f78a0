"""The sheet that lists the agreements: capacities, pools, and the tiers of their commissions."""

from __future__ import annotations

from typing import Final

from openpyxl.styles import Alignment

from xladdin.functions.twins import limit_tolerance
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.sheet import Book, Sheet
from xladdin.workbooks.reporting.programme import Programme
from xladdin.workbooks.sold import Sold, met_within
from xladdin.workbooks.terms_sheet import terms_of

TITLE: Final = "Agreements"
KEYS: Final = "Agreement_keys"
NUMBERS: Final = "Agreement_numbers"
TERMS: Final = "Agreement_terms"
POOLS: Final = "Agreement_pools"
DATES: Final = "Agreement_dates"
LIMITS: Final = "Agreement_limits"
MET_WITHIN: Final = "Agreement_met_within"
LIMITS_IN_SHARES: Final = "Agreement_limits_in_shares"
PAYS: Final = "Agreement_pays"
HIGHEST: Final = "Agreement_highest_rates"
TIER_AGREEMENTS: Final = "Tier_agreements"
TIER_STAGES: Final = "Tier_stages"
TIER_BEGINS: Final = "Tier_begins"
TIER_STEPS: Final = "Tier_steps"
"""Defined names of the lists."""

_HEADER_ROW: Final = 4
_FIRST: Final = _HEADER_ROW + 1
_LEFT: Final = Alignment("left", "center", wrap_text=True, indent=1)


def write_agreements(book: Book, programme: Programme) -> None:
    """Write the sheet.

    Args:
        book: The workbook.
        programme: The deal's agreements.
    """
    keys = [f"{book.selection.text}/{one.sales.key}" for one in programme.agreements]
    # No program breaks a name at its end: whole ones have to fit.
    key = max(16, *(len(one.sales.key) + 4 for one in programme.agreements))
    named = max(20, *(len(text) + 4 for text in keys))
    sheet = book.sheet(TITLE, (8, key, 34, 34, 13, named, 9, 19, 11, 17, 11, 11))
    sheet.title(
        TITLE,
        "The deal's agreements, as the sales log names them. Those with one number of a pool share "
        "one capacity. All figures are those of the sheet Terms.",
        6,
    )
    lists = _lists(programme)
    sheet.headers(_HEADER_ROW, [heading for heading, _, _ in lists])
    sheet.worksheet.row_dimensions[_HEADER_ROW].height = 42
    last = _HEADER_ROW + len(programme.agreements)
    for at, (_, name, number_format) in enumerate(lists):
        letter = "ABCDEFGHIJKL"[at]
        for row, sold in enumerate(programme.agreements, _FIRST):
            _write(sheet, f"{letter}{row}", name, sold, number_format)
        if name in _DEFINED:
            book.name(name, sheet, f"{letter}{_FIRST}:{letter}{last}")
    for row, sold in enumerate(programme.agreements, _FIRST):
        sheet.fit(row, [(sold.title, 32), (", ".join(sold.sales.agents or ()), 32)])
    sheet.worksheet.freeze_panes = f"C{_FIRST}"
    sheet.print_titles(f"{_HEADER_ROW}:{_HEADER_ROW}")
    _write_tiers(book, sheet, programme, last + 2)


_DEFINED: Final = (
    *(NUMBERS, KEYS, DATES, TERMS, POOLS, LIMITS, MET_WITHIN),
    *(LIMITS_IN_SHARES, PAYS, HIGHEST),
)


def _lists(programme: Programme) -> list[tuple[str, str, str]]:
    """List the columns: heading, defined name, number format."""
    found = [
        ("Number", NUMBERS, styles.COUNT),
        ("Agreement", KEYS, styles.GENERAL),
        ("Title", "title", styles.GENERAL),
        ("Agents", "agents", styles.GENERAL),
        ("Dated", DATES, styles.DATE),
        ("Deal and agreement, in formulas", TERMS, styles.GENERAL),
        ("Number of the pool", POOLS, styles.COUNT),
        ("May be sold in all, USD", LIMITS, styles.USD),
        ("Sold out within, USD", MET_WITHIN, styles.SMALL),
    ]
    if programme.in_shares:
        found.append(("May be sold in all, shares", LIMITS_IN_SHARES, styles.COUNT))
    if programme.fees_typed:
        found.append(("Deal states the fee: 1 for yes", PAYS, styles.COUNT))
    if programme.own_rates:
        found.append(("Own rate at most, per cent", HIGHEST, styles.RATE))
    return found


def _text(name: str, sold: Sold) -> str | int:
    """Return what a list holds of an agreement as it stands in the deal."""
    values: dict[str, str | int] = {
        NUMBERS: sold.number,
        KEYS: sold.sales.key,
        "title": sold.title,
        "agents": ", ".join(sold.sales.agents or ()),
        POOLS: sold.pool,
        PAYS: int(sold.pays),
    }
    return values[name]


def _formula(name: str, sold: Sold) -> str:
    """Return what a list works out of an agreement; empty where it holds a text or a number."""
    return {
        DATES: sold.dated or "0",
        TERMS: terms_of(sold.sales.key),
        LIMITS: sold.limit_formula or "0",
        MET_WITHIN: limit_tolerance(met_within(sold)),
        LIMITS_IN_SHARES: sold.capacity_shares or "0",
        HIGHEST: sold.highest,
    }.get(name, "")


def _write(sheet: Sheet, place: str, name: str, sold: Sold, number_format: str) -> None:
    formula = _formula(name, sold)
    if formula:
        style = styles.RESULT if name == TERMS else styles.TWIN
        sheet.formula(place, formula, style, number_format)
    else:
        sheet.put(place, _text(name, sold), styles.TERM, number_format)
    if number_format == styles.GENERAL:
        sheet.align(place, _LEFT)


def _write_tiers(book: Book, sheet: Sheet, programme: Programme, row: int) -> None:
    """Write the tiers of all commissions, for the plain-Excel twins: none where there are none."""
    stages = range(1, 1 + len(programme.stages)) if programme.amended else (0,)
    tiers = [
        (stage, sold, tuple(programme.on_the_day(text, str(stage)) for text in tier))
        for stage in stages
        for sold in programme.agreements
        for tier in sold.tiers()
    ]
    if not tiers:
        return
    heading = "Tiers, each with its rate less that of the tier before, for the plain-Excel twins"
    sheet.put(f"A{row}", heading, styles.HEADING)
    headings = ["Number", "Agreement", "Tier begins at, USD", "Step of the rate"]
    names = [("A", TIER_AGREEMENTS), ("C", TIER_BEGINS), ("D", TIER_STEPS)]
    if programme.amended:
        headings.append("Stage")  # its number on the sheet of commissions
        names.append(("E", TIER_STAGES))
    sheet.headers(row + 1, headings)
    first = row + 2
    for row, (stage, sold, (begins, step)) in enumerate(tiers, first):
        sheet.put(f"A{row}", sold.number, styles.TERM, styles.COUNT)
        sheet.put(f"B{row}", sold.sales.key, styles.TERM)
        sheet.align(f"B{row}", _LEFT)
        sheet.formula(f"C{row}", begins, styles.TWIN, styles.USD)
        sheet.formula(f"D{row}", step, styles.TWIN, styles.STEP)
        if programme.amended:
            sheet.put(f"E{row}", stage, styles.TERM, styles.COUNT)
    for letter, name in names:
        book.name(name, sheet, f"{letter}{first}:{letter}{row}")
