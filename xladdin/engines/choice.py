"""What computes workbooks: the embedded engine, LibreOffice, or each of them what it can."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from xladdin.cells import Cell
from xladdin.engines.combined import combined
from xladdin.engines.cross_check import checked
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.partial import where_of, without_inherited
from xladdin.engines.proved import OFFICES
from xladdin.engines.result import Computed
from xladdin.engines.single_calls import Request
from xladdin.errors import FileError, MissingDealError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms.store import remedy_for_missing
from xladdin.xlsx.workbook_part import Workbook

AUTO: Final = "auto"
"""The choice of the embedded engine for all that it is proved to compute as Excel does, and of
LibreOffice, if that is installed, for calls that it is proved for instead."""

_BY_HAND: Final = "recalculate it in Excel"

_offices: list[contextlib.ExitStack] = []
"""Where the LibreOffice that is kept running is ended."""


@contextlib.contextmanager
def office() -> Iterator[None]:
    """Keep one LibreOffice for several workbooks, in a ``with`` statement.

    It starts with the first workbook that needs it.
    """
    with contextlib.ExitStack() as stack:
        _offices.append(stack)
        try:
            yield
        finally:
            _offices.remove(stack)


def _embedded(book: Workbook, path: Path | str) -> Computed:
    """Compute with the embedded engine, and name the other one only where it may help."""
    computed = embedded.compute(book, path)
    if not computed.refusals:
        return computed
    dependencies = Dependencies(book, computed)
    for item in computed.refusals:
        if dependencies.calls(*where_of(item)).isdisjoint(OFFICES):
            return replace(computed, remedy=_BY_HAND)
    return computed


def _libreoffice(book: Workbook, path: Path | str, *, compared: bool = True) -> Computed:
    """Compute with LibreOffice, as a second opinion on what is proved.

    Args:
        book: The workbook.
        path: What messages are to call it.
        compared: Whether to refuse what it has otherwise than `_automatic`, too.

    Returns:
        Its values; refused is what it cannot compute, and what is not proved.
    """
    # Only now: who never needs it is not to wait for it.
    from xladdin.engines.libreoffice import compute as libreoffice

    with office():
        best = _automatic(book, path)
        _enter_office()
        found = libreoffice.compute(book, path)
    found = without_inherited(book, found, libreoffice.PASSED_ON)
    known = {where_of(item) for item in best.refusals}
    more = [item for item in found.refusals if where_of(item) not in known]
    found = replace(found, refusals=(*best.refusals, *more))
    return replace(
        checked(book, found, best) if compared else found,
        remedy=_BY_HAND if best.refusals else found.remedy,
    )


def _enter_office() -> None:
    from xladdin.engines.libreoffice import compute as libreoffice

    if _offices:
        _offices[0].enter_context(libreoffice.session())


def _calls(requests: Sequence[Request]) -> list[Cell]:
    """Have LibreOffice compute calls."""
    from xladdin.engines.libreoffice import compute as libreoffice

    _enter_office()
    return libreoffice.computed_calls(requests)


def _automatic(book: Workbook, path: Path | str) -> Computed:
    """Compute with the embedded engine, and with LibreOffice calls that it is not proved for."""
    quick = embedded.compute(book, path)
    if not quick.refusals:
        return quick
    try:
        with office():  # one for all turns
            best = combined(book, quick, partial(embedded.compute, path=path), _calls)
    except FileError as error:
        from xladdin.libreoffice.soffice import OfficeError

        if isinstance(error, OfficeError):
            reason = f"see docs/libreoffice.md; on this machine, {error.reason}"
            remedy = f"install LibreOffice ({reason}), or {_BY_HAND}"
        else:
            remedy = f"LibreOffice cannot compute it either ({error.reason}): {_BY_HAND}"
        return replace(quick, remedy=remedy)
    return replace(best, remedy=_BY_HAND)


ENGINES: Final[Mapping[str, Callable[[Workbook, Path | str], Computed]]] = {
    "embedded": _embedded,
    "libreoffice": _libreoffice,
}
"""What computes, by name."""

CHOICES: Final = (AUTO, *ENGINES)
"""What can be chosen."""


def compute(
    engine: str,
    source: bytes | Workbook,
    path: Path | str = "workbook",
    *,
    beside_others: bool = False,
) -> Computed:
    """Compute a workbook.

    Args:
        engine: What computes: one of `CHOICES`.
        source: The workbook.
        path: What messages are to call it.
        beside_others: Whether the caller compares the engines itself, so that LibreOffice's values
            are not to be held against the embedded engine's.

    Returns:
        Its values, what computed them, and what could not be computed.

    Raises:
        FileError: The engine is not known or not available, or cannot read the workbook; or a
            formula names a deal that is not installed.
    """
    run = _automatic if engine == AUTO else ENGINES.get(engine)
    if beside_others and run is _libreoffice:
        run = partial(_libreoffice, compared=False)
    if run is None:
        there_is = f"there is: {', '.join(CHOICES)}"
        raise FileError(path, f"the engine {engine!r} is not known", there_is)
    book = Workbook.of(source, path)
    computed = run(book, path)
    missing = next(_missing_deals(computed, book), None)
    if missing is not None:
        reason = f"a formula names the deal {missing.value}: {missing.rule.partition(': ')[2]}"
        raise FileError(path, reason, f"{remedy_for_missing()}; nothing was changed")
    return computed


def _missing_deals(computed: Computed, book: Workbook) -> Iterator[MissingDealError]:
    """Go through the deals that formulas name and that are not installed.

    With them the workbook would have other values, so that the error values which the functions
    give without them are not its own.
    """
    if computed.reasons is not None:
        yield from (item for item in computed.reasons if isinstance(item, MissingDealError))
        # A derivation says in its own cells what is wrong, and so reports nothing.
        functions: Collection[str] = {"EXPLAIN"}
        if not any(_EXPLAINS.search(layout.data) for layout in computed.layouts.values()):
            return
    else:
        functions = FUNCTIONS
    dependencies = Dependencies(book, computed)
    yield from Explainer(dependencies, computed).missing_deals(functions)


_EXPLAINS: Final = re.compile(rb"\bEXPLAIN\s*\(", re.IGNORECASE)
