"""What computes workbooks: the embedded engine, LibreOffice, or each of them what it can."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from xladdin.engines.combined import combined
from xladdin.engines.cross_check import checked
from xladdin.engines.dependencies import Dependencies
from xladdin.engines.embedded import compute as embedded
from xladdin.engines.embedded.error_reasons import Explainer
from xladdin.engines.libreoffice.differences_from_excel import refused
from xladdin.engines.partial import where_of, without_inherited
from xladdin.engines.result import CIRCULAR, DATA_TABLE, Computed, UnfitError
from xladdin.errors import FileError, MissingDealError
from xladdin.formulas.external_links import links_of
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms.store import remedy_for_missing
from xladdin.xlsx.workbook_part import Workbook

AUTO: Final = "auto"
"""The choice of the embedded engine for each formula that it is proved to compute as Excel does,
and of LibreOffice for the others, if that is installed."""

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
    """Compute with the embedded engine, and name the other one only where it computes the rest."""
    computed = embedded.compute(book, path)
    if computed.refusals and _refused_elsewhere(book, computed):
        return replace(computed, remedy=_BY_HAND)
    return computed


def _refused_elsewhere(book: Workbook, computed: Computed) -> bool:
    """Whether LibreOffice is known to refuse a formula that the embedded engine refuses."""
    links = links_of(book)
    if any(item.reason in (CIRCULAR, DATA_TABLE) for item in computed.refusals):
        return True
    layouts = computed.layouts.values()
    if any(links.elsewhere(item.text) for layout in layouts for item in layout.formulas):
        return True
    among = {where_of(item) for item in computed.refusals}
    return bool(refused(book, replace(computed, refusals=()), among).refusals)


def _libreoffice_checked(book: Workbook, path: Path | str) -> Computed:
    """Compute with LibreOffice, and refuse what the other engine is proved for and has otherwise.

    The choice of both engines is named only where that computes the rest.
    """
    computed = _libreoffice(book, path)
    try:
        best = embedded.compute(book, path)
    except FileError:
        return replace(computed, remedy=_BY_HAND)
    if best.refusals:
        best = _both(book, best, path)
    return replace(
        checked(book, computed, best), remedy=_BY_HAND if best.refusals else computed.remedy
    )


def _libreoffice(book: Workbook, path: Path | str) -> Computed:
    """Compute with LibreOffice alone."""
    return refused(book, _unjudged(book, path))


def _unjudged(book: Workbook, path: Path | str) -> Computed:
    # Only now: who never needs it is not to wait for it.
    from xladdin.engines.libreoffice import compute as libreoffice

    if _offices:
        _offices[0].enter_context(libreoffice.session())
    return without_inherited(book, libreoffice.compute(book, path), libreoffice.PASSED_ON)


def _both(book: Workbook, first: Computed, path: Path | str) -> Computed:
    """Compute with both engines what the embedded one alone does not."""
    # One LibreOffice for all its turns.
    with office():
        return combined(
            book, first, partial(embedded.compute, path=path), partial(_unjudged, path=path)
        )


def _automatic(book: Workbook, path: Path | str) -> Computed:
    """Compute with the embedded engine what it is proved for, and the rest with LibreOffice."""
    quick = unfit = None
    try:
        quick = embedded.compute(book, path)
    except UnfitError as error:
        unfit = error
    if quick is not None and not quick.refusals:
        return quick
    try:
        other = _libreoffice(book, path) if quick is None else _both(book, quick, path)
    except FileError as error:
        from xladdin.libreoffice.soffice import OfficeError

        if isinstance(error, OfficeError):
            reason = f"see docs/libreoffice.md; on this machine, {error.reason}"
            remedy = f"install LibreOffice ({reason}), or {_BY_HAND}"
        else:
            remedy = f"LibreOffice cannot compute it either ({error.reason}): {_BY_HAND}"
        if quick is not None:
            return replace(quick, remedy=remedy)
        raise UnfitError(path, unfit.reason if unfit else "", remedy) from None
    return replace(other, remedy=_BY_HAND)


ENGINES: Final[Mapping[str, Callable[[Workbook, Path | str], Computed]]] = {
    "embedded": _embedded,
    "libreoffice": _libreoffice_checked,
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
    if beside_others and run is _libreoffice_checked:
        run = _libreoffice
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
