"""The shares that each agreement's proceeds buy, in plain Excel and step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from xladdin.functions.twins import PlainPurchase, SplitDigits
from xladdin.workbooks.layout import styles
from xladdin.workbooks.layout.by_agreement import AgreementColumn, SideBySide

_STEPS: Final[Mapping[str, Callable[[PlainPurchase], str]]] = {
    "Shares to the nearest one": lambda steps: steps.nearest,
    "Digits of the price, as a whole number": lambda steps: steps.digits,
    "How many stand behind those of the proceeds": lambda steps: steps.behind,
}
"""Steps to the shares sold, by their labels."""

_ERROR: Final = "Error of arithmetic in doubles, a share"
"""Label of the last step."""


def _purchase(sheet: SideBySide, place: AgreementColumn, gross: str, price: str) -> PlainPurchase:
    rounding = sheet.book.selection.deal.conversion_rounding
    return PlainPurchase(sheet.at(gross, place), sheet.at(price, place), rounding=rounding)


def steps_to_shares(sheet: SideBySide, gross: str, price: str) -> None:
    """Write what leads to the shares sold, in the grey columns alone.

    Args:
        sheet: The sheet.
        gross: Label of the gross proceeds.
        price: Label of the price of a share.
    """
    for label in (*_STEPS, _ERROR):
        sheet.begin(label, "on the way to the shares sold in plain Excel")
        for place, twin in zip(sheet.parties, sheet.plain, strict=False):
            purchase = _purchase(sheet, place, gross, price)
            if label == _ERROR:
                nearest, digits, behind = (sheet.at(before, twin) for before in _STEPS)
                step, shown = purchase.error(nearest, SplitDigits(digits, behind)), styles.SMALL
            else:
                step, shown = _STEPS[label](purchase), styles.DIGITS
            formula = f"IF({purchase.amount}*{purchase.price}=0,0,{step})"
            sheet.sheet.formula(f"{twin.column}{sheet.row}", formula, styles.TWIN, shown)
        sheet.row += 1


def plain_shares(sheet: SideBySide, place: AgreementColumn, gross: str, price: str) -> str:
    """Count the shares sold by these steps.

    Args:
        sheet: The sheet.
        place: The agreement's grey column.
        gross: Label of the gross proceeds.
        price: Label of the price of a share.

    Returns:
        The formula.
    """
    purchase = _purchase(sheet, place, gross, price)
    nearest, digits, behind, error = (sheet.at(label, place) for label in (*_STEPS, _ERROR))
    shares = purchase.shares(nearest, SplitDigits(digits, behind), error)
    return f"IF({purchase.price}=0,0,{shares})"
