"""The commands of the ribbon in classic Excel, which the add-in's VBA calls by xlwings.

No cell can call them: formulas reach `xladdin.udfs` alone. A command returns rows for a sheet, or
one text; where it fails, the reason in words. It never raises: Excel would show a traceback.
"""

from __future__ import annotations

import inspect
import logging
import os
import platform
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import xlwings

from xladdin._version import __version__
from xladdin.errors import FileError, InputError
from xladdin.excel import help_pages, ribbon
from xladdin.excel.classic import Cells
from xladdin.excel.install.paths import local, places
from xladdin.excel.values import Encoded
from xladdin.excel.vba_ribbon import DONE, FAILED
from xladdin.files import Snapshot, save
from xladdin.formulas.tokens import CALL, name_of_ours, tokens
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import deal_names, load_terms, select
from xladdin.terms.store import UnknownTerms

Answer: TypeAlias = str | list[list[Encoded]]

HEADINGS: Final = ("Terms", "Figure", "Value", "Unit", "Meaning", "Source", "Document")

_log = logging.getLogger(__name__)


def _offered(command: Callable[..., Answer]) -> Callable[..., list[list[Encoded]]]:
    """Offer a command to xlwings: a text becomes a row of how it ended and that text."""

    def run(*arguments: str) -> list[list[Encoded]]:
        try:
            found = command(*arguments)
        except (OSError, InputError, UnknownTerms) as error:
            return [[FAILED, str(error)]]
        except Exception as error:
            _log.exception("%s failed", command.__name__)
            return [[FAILED, f"The add-in failed; this is a bug in it: {error!r}"]]
        return found if isinstance(found, list) else [[DONE, found]]

    names = list(inspect.signature(command).parameters)
    run.__name__ = run.__qualname__ = command.__name__
    run.__doc__ = command.__doc__
    run.__annotations__ = {}  # xlwings would interpret them as converters
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )
    made = xlwings.ret(Cells)(run)
    for name in names:
        made = xlwings.arg(name, Cells)(made)
    offered: Callable[..., list[list[Encoded]]] = xlwings.func(made)
    return offered


@_offered
def status() -> str:
    """Name the Python that answers, and the deals that it knows."""
    deals = ", ".join(deal_names())
    return (
        f"Python {platform.python_version()} answers, with xladdin {__version__}: "
        f"{sys.executable}. Deals: {deals}."
    )


@_offered
def workbooks() -> str:
    """Write the menu of workbooks for the deals that are installed."""
    from xladdin.building.render import TEMPLATES  # only now: it loads what writes workbooks

    return ribbon.menu(TEMPLATES, deal_names())


@_offered
def insert(template: str, deal: str, path: str) -> str:
    """Make a workbook for a deal, and save it where there is none yet.

    Args:
        template: Name of the template.
        deal: Name of the deal.
        path: The new file.
    """
    from xladdin.building.render import render

    target = Path(path)
    if target.suffix.casefold() != ".xlsx":
        target = target.with_name(f"{target.name}.xlsx")
    if target.exists():
        reason = "there is a file of this name, which stays as it is"
        raise FileError(target, reason, "choose another name")
    made = render(template, select(deal))
    save(target, made.data, Snapshot(target, None, None))
    return str(target)


@_offered
def deals() -> list[list[Encoded]]:
    """List every figure of the deals that are installed, with its unit and its source."""
    rows: list[list[Encoded]] = [list(HEADINGS)]
    for name in deal_names():
        try:
            terms = load_terms(name)
        except (OSError, UnknownTerms) as error:
            rows.append([name, "", "", "", f"it cannot be used: {error}", "", ""])
            continue
        for key in [agreement.key for agreement in terms.deal.agreements] or [""]:
            selection = f"{terms.name}/{key}" if key else terms.name
            rows += (
                [
                    selection,
                    figure.name,
                    float(figure.value)
                    if isinstance(figure.value, int | Decimal)
                    else str(figure.value),
                    figure.unit,
                    figure.meaning,
                    figure.source,
                    terms.document,
                ]
                for figure in select(selection).figures.values()
            )
    return rows


@_offered
def help(formula: str) -> str:  # noqa: A001  (the command's name on the ribbon)
    """Write the page of the first function of ours in a formula, or the list of all functions.

    Args:
        formula: What is in the selected cell.

    Returns:
        The page's path.
    """
    calls = (text for kind, text in tokens(formula) if kind == CALL) if formula[:1] == "=" else ()
    name = next(filter(None, (name_of_ours(call, FUNCTIONS) for call in calls)), "")
    folder = local(places(os.environ).help)
    made = help_pages.pages(name)
    for file, page in made.items():
        save(folder / file, page)
    return str(folder / next(iter(made)))
