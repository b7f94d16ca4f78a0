"""The adapter for Excel's Office.js add-ins, by way of xlwings Server or xlwings Lite.

In xlwings Lite's ``main.py``, or in a module of custom functions of xlwings Server, one line offers
all functions::

    from xladdin.udfs import *

If other add-ins have functions of the same names, put them into a name space of their own
(``=XL.CEO_FEE(...)``), which the commands, such as ``recalc``, then do not know to be ours::

    from xladdin.excel.officejs import offer

    globals().update(offer(namespace="XL"))

Both programs set ``XLWINGS_ON_SERVER`` to ``true`` before they import xlwings, which then has other
decorators, under another licence than the rest of it. This module uses the decorators that xlwings
offers, and imports nothing of that part itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import xlwings
from xlwings.conversion import Accessor, Pipeline

from xladdin.errors import VALUE
from xladdin.excel.classic import signature
from xladdin.excel.office_values import decode, expressible
from xladdin.excel.values import Encoded, encode
from xladdin.functions.registry import FUNCTIONS

if TYPE_CHECKING:
    from xladdin.functions.function import Function

_log = logging.getLogger(__name__)


class Arguments(Accessor):
    """The converter by which xlwings reads an argument: unchanged, or it would drop errors."""

    @classmethod
    def reader(cls, options: object) -> Pipeline:  # noqa: ARG003  (xlwings' signature)
        """Return the stages that read an argument: none."""
        return Pipeline()


def udf(function: Function, namespace: str | None = None) -> Callable[..., Any]:
    """Build the custom function that xlwings offers for one function of the registry.

    Args:
        function: The function, from the registry.
        namespace: Prefix of the name in a formula; none by default.

    Returns:
        A function under the worksheet name that takes and returns raw values. It never raises.
        If xlwings does not run for Office.js, it is the same function, but unknown to Excel.
    """
    evaluate = function.evaluate

    def worksheet_function(*arguments: Any) -> Encoded | list[list[Encoded]]:
        try:
            return encode(expressible(evaluate([decode(argument) for argument in arguments])))
        except Exception:
            _log.exception("%s failed", function.name)
            return VALUE

    names = [argument.name for argument in function.arguments]
    worksheet_function.__name__ = worksheet_function.__qualname__ = function.name
    worksheet_function.__doc__ = function.summary
    worksheet_function.__annotations__ = {}  # xlwings would interpret them as converters
    worksheet_function.__signature__ = signature(function, names)  # type: ignore[attr-defined]

    made: Callable[..., Any] = worksheet_function
    for argument in function.arguments:
        made = xlwings.arg(argument.name, Arguments, doc=argument.help)(made)
    offered: Callable[..., Any] = xlwings.func(namespace=namespace)(made)
    return offered


def offer(namespace: str | None = None) -> dict[str, Callable[..., Any]]:
    """Build the custom functions for the whole registry.

    Args:
        namespace: Prefix of their names in a formula; none by default.

    Returns:
        The functions by name, for the module in which xlwings searches for them.
    """
    return {name: udf(function, namespace) for name, function in FUNCTIONS.items()}
