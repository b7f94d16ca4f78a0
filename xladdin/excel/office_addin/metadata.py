"""Metadata of the functions for the browser add-in: for Excel, and for its pane."""

from __future__ import annotations

import html
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from xladdin._version import __version__
from xladdin.excel.help_pages import section
from xladdin.formulas.tokens import CALL, NAMESPACE, name_of_ours, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms.fields import FRACTION
from xladdin.terms.selection import selected

if TYPE_CHECKING:
    from xladdin.functions.arguments import Argument
    from xladdin.functions.function import Function
    from xladdin.terms.fields import FigureValue
    from xladdin.terms.model import Terms

ERRORS: Final = {
    "#VALUE!": "Text or TRUE stands where a number belongs, a date is none, or ranges do not fit "
    "together. In every formula: Python did not start; see Status.",
    "#NUM!": "A number is outside what the contract allows: a negative amount, a price of 0, a "
    "sale beyond the capacity, a part of a share.",
    "#N/A": "A figure is missing, such as the quotation of a session of the window.",
    "#REF!": "The deal or the agreement is not known here, or has no such terms.",
    "#NAME?": "The add-in is not there: it has not started yet, or it is not installed.",
    "#BUSY!": "Python is starting, or still computes.",
    "#SPILL!": "Cells in which the result would stand hold something.",
    "#DIV/0!": "It comes from a cell that the formula refers to.",
    "#NULL!": "It comes from a cell that the formula refers to.",
}
"""Errors in cells, and what each means."""


def functions_metadata(host: str) -> dict[str, Any]:
    """Describe the functions for Excel, which reads it as functions.json.

    Args:
        host: Address of the add-in's folder.

    Returns:
        The metadata, in the form of Office's custom functions.
    """
    return {
        "allowCustomDataForDataTypeAny": True,
        "functions": [_described(function, host) for function in FUNCTIONS.values()],
    }


def _described(function: Function, host: str) -> dict[str, Any]:
    last = len(function.arguments) - 1
    return {
        "description": function.summary,
        "helpUrl": f"{host}/help.html#{function.name}",
        "id": function.name,
        "name": function.name,
        # With its address, a call can be explained in the pane.
        "options": {"requiresAddress": True},
        "parameters": [
            _parameter(argument, repeats=function.variadic and place == last)
            for place, argument in enumerate(function.arguments)
        ],
        "result": {"dimensionality": "matrix"},
    }


def _parameter(argument: Argument, *, repeats: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": argument.help,
        "dimensionality": "matrix",
        "name": argument.name,
        "type": "any",
    }
    if repeats:
        described["repeating"] = True
    elif argument.optional:
        described["optional"] = True
    return described


def in_namespace(formula: str) -> str:
    """Write a formula's calls of our functions as Excel shows those of the add-in."""
    return "".join(
        f"{NAMESPACE}.{text}" if kind == CALL and name_of_ours(text, FUNCTIONS) else text
        for kind, text in tokens(formula)
    )


def reference(deals: Iterable[Terms]) -> dict[str, Any]:
    """Collect what the pane shows: functions with help, deals with sources, meanings of errors.

    Args:
        deals: The deals of the add-in.
    """
    return {
        "version": __version__,
        "namespace": NAMESPACE,
        "functions": [
            {
                "name": function.name,
                "summary": function.summary,
                "result": function.result,
                "source": function.source or "none",
                "example": in_namespace(function.example),
                "arguments": [
                    {
                        "name": argument.name,
                        "help": argument.help,
                        "optional": argument.optional,
                        "default": argument.default_in_words if argument.optional else "",
                        "repeats": function.variadic and argument is function.arguments[-1],
                    }
                    for argument in function.arguments
                ],
            }
            for function in FUNCTIONS.values()
        ],
        "deals": [_deal(terms) for terms in deals],
        "errors": [{"code": code, "meaning": meaning} for code, meaning in ERRORS.items()],
    }


def _deal(terms: Terms) -> dict[str, Any]:
    keys = [agreement.key for agreement in terms.deal.agreements] or [""]
    return {
        "name": terms.name,
        "issuer": terms.issuer,
        "document": terms.document,
        "date": terms.document_date.isoformat(),
        "selections": [
            {
                "text": f"{terms.name}/{key}" if key else terms.name,
                "figures": [
                    {
                        "name": figure.name,
                        "value": _shown(figure.value, figure.unit),
                        "unit": "" if figure.unit == FRACTION else figure.unit,
                        "meaning": figure.meaning,
                        "source": figure.source,
                    }
                    for figure in selected(terms, key).figures.values()
                ],
            }
            for key in keys
        ],
    }


def _shown(value: FigureValue, unit: str) -> str:
    if unit == FRACTION and isinstance(value, int | Decimal):
        return f"{(Decimal(value) * 100).normalize():f}%"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def help_page(policy: str) -> str:
    """Write the page that Excel opens for help on a function.

    Args:
        policy: The page's Content-Security-Policy.
    """
    sections = "\n".join(
        section(function, in_namespace, f"{NAMESPACE}.") for function in FUNCTIONS.values()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">
<meta name="referrer" content="no-referrer">
<title>xladdin: the functions</title>
<link rel="icon" href="icons/icon-32.png">
<link rel="stylesheet" href="pages.css">
</head>
<body>
<main class="page">
<h1>The functions</h1>
{sections}
</main>
</body>
</html>
"""
