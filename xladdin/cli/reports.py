"""What recalculating or verifying a workbook found: as lines to read, and as data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from xladdin.cells import shown_formula
from xladdin.checking.findings import KINDS
from xladdin.checking.recalc import Recalculated
from xladdin.checking.root_cell import RootCell
from xladdin.checking.verify import AGREES, DIFFERS, NOT_JUDGED, NOTHING, Verified
from xladdin.cli.console import plain
from xladdin.formulas.structured_references import quoted

LISTED: Final = 20
"""Most cells of each kind that are listed; the others are counted."""


LISTED_WARNINGS: Final = 10
"""Most warnings that are listed likewise."""


class Report(NamedTuple):
    """What was found in one workbook.

    Attributes:
        well: Whether nothing is wrong.
        lines: It in words: a summary, then a line for each cell, indented.
        table: It as data that JSON can hold.
    """

    well: bool
    lines: tuple[str, ...]
    table: Mapping[str, Any]


def verified(done: Verified) -> Report:
    """Report on a workbook that was verified."""
    lines = (summary(done), *(f"  {line}" for line in _details(done)))
    return Report(done.agrees, lines, _verified_table(done))


def recalculated(done: Recalculated) -> Report:
    """Report on a workbook that was recalculated."""
    details = [
        *([] if done.kept is None else [f"the workbook that stood there is kept as {done.kept}"]),
        *_left(done),
        *_roots(done.roots, done.following_errors, done.checks.failing - len(done.failures)),
        *_listed(done.failures, "failing checks"),
        *_listed([reason for _, reason in done.checks.problems], "problems of its checks"),
        *_warnings(done.checks.odd),
    ]
    lines = (_recalculated_line(done), *(f"  {line}" for line in details))
    return Report(done.well, lines, _recalculated_table(done))


def summary(done: Verified) -> str:
    """Return in a line what was compared and how it came out."""
    checks = _counted(done.twins, "check", "checks") if done.twins else "no checks"
    pieces = [_counted(done.stored, "stored value", "stored values"), checks]
    if len(done.engines) > 1:
        pieces.append(f"{done.between:,} cells between engines")
    return (
        f"{done.path}  {_state(done)}  {done.compared:,} compared ({', '.join(pieces)}) "
        f"by {' and '.join(done.engines)}, worst relative difference {done.worst:.1E}"
    )


def _state(done: Verified) -> str:
    if done.state == DIFFERS:
        wrong, other = done.wrong_entries, len(done.differences)
        parts = [_entries(wrong)] if wrong else []
        parts += [_counted(other, "DIFFERENCE", "DIFFERENCES")] if other else []
        return ", ".join(parts) or "CHECKS FAIL"
    if done.state == NOTHING:
        why = "each formula changes with each calculation" if done.formulas else "no formulas"
        return f"NOTHING TO COMPARE: {why}"
    refused = _counted(len(done.refused), "CELL", "CELLS")
    return {AGREES: "agrees", NOT_JUDGED: f"{refused} NOT COMPUTED HERE"}[done.state]


def _details(done: Verified) -> Iterator[str]:
    """Yield the details of a verified workbook beside its summary."""
    yield from _roots(done.roots, done.following_errors, done.following_checks)
    yield from _listed(done.differences, "differences")
    if done.following_differences:
        count = _counted(done.following_differences, "cell differs", "cells differ")
        yield f"{count} only because of these"
    yield from _listed(done.refused, "cells not computed here")
    if done.unjudged:
        yield f"{_counted(done.unjudged, 'cell depends', 'cells depend')} on these: not judged"
    if done.volatile:
        count = _counted(done.volatile, "cell changes", "cells change")
        yield f"{count} with each calculation (NOW, TODAY, RAND and the like): not compared"
    yield from _warnings(done.warnings)


def _recalculated_line(done: Recalculated) -> str:
    pieces = [
        str(done.path),
        _counted(done.formulas, "formula", "formulas"),
        _counted(done.changed, "value", "values") + " changed",
    ]
    if done.wrong_entries:
        pieces.append(_entries(done.wrong_entries))
    if done.errors or not done.wrong_entries:
        pieces.append(_counted(done.errors, "error", "errors"))
    if done.checks.verdict is not None or done.checks.problems:
        pieces.append("checks hold" if done.checks.hold else "CHECKS FAIL")
    if done.refused:
        pieces.append(f"{_counted(len(done.refused), 'CELL', 'CELLS')} NOT COMPUTED")
    pieces.append(f"by {done.engine}")
    return "  ".join(pieces)


def _left(done: Recalculated) -> Iterator[str]:
    """Yield the cells that stay as they were."""
    refused = (
        f"{quoted(item.sheet)}!{item.cell}  {item.reason}{shown_formula(item.formula)}"
        for item in done.refused
    )
    yield from _listed(refused, "cells not computed")
    if done.dependents:
        count = _counted(len(done.dependents), "cell depends", "cells depend")
        more = len(done.dependents) - LISTED
        tail = f" and {more:,} more" if more > 0 else ""
        named = ", ".join(done.dependents[:LISTED])
        yield f"{count} on these, left alone: {named}{tail}"


def _roots(roots: Iterable[RootCell], errors: int, checks: int) -> Iterator[str]:
    """Yield root cells and what follows from them, entries first."""
    found = list(roots)
    yield from _listed([root for root in found if root.is_entry], "entries")
    yield from _listed([root for root in found if not root.is_entry], "errors")
    follow = [_counted(errors, "error", "errors")] if errors else []
    follow += [_counted(checks, "failing check", "failing checks")] if checks else []
    if follow:
        yield f"{' and '.join(follow)} only because of these"


def _warnings(warnings: Iterable[str]) -> Iterator[str]:
    return _listed((f"warning: {warning}" for warning in warnings), "warnings", LISTED_WARNINGS)


def _listed(items: Iterable[object], what: str, most: int = LISTED) -> Iterator[str]:
    """Yield the first of some things, and how many more there are."""
    found = list(items)
    yield from map(str, found[:most])
    if len(found) > most:
        yield f"and {len(found) - most:,} more {what}"


def _entries(count: int) -> str:
    return _counted(count, "ENTRY IS WRONG", "ENTRIES ARE WRONG")


def _counted(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _verified_table(done: Verified) -> dict[str, Any]:
    return {
        "path": str(done.path),
        "state": done.state,
        "agrees": done.agrees,
        "engines": list(done.engines),
        "seconds": round(done.seconds, 3),
        "formulas": done.formulas,
        "compared": done.compared,
        "stored": done.stored,
        "twins": done.twins,
        "between_engines": done.between,
        "worst_relative_difference": done.worst,
        "wrong_entries": done.wrong_entries,
        "root_cells": [_root_table(root) for root in done.roots],
        "following_errors": done.following_errors,
        "following_checks": done.following_checks,
        "differences": [
            {
                "kind": item.kind,
                "what": KINDS[item.kind],
                "sheet": item.sheet,
                "cell": item.cell,
                "formula": item.formula,
                "engine": item.engine,
                "stored": plain(item.stored),
                "computed": plain(item.computed),
                "relative_difference": item.relative,
                "note": item.note,
            }
            for item in done.differences
        ],
        "following_differences": done.following_differences,
        "refused": [
            {
                "sheet": item.sheet,
                "cell": item.cell,
                "formula": item.formula,
                "engine": item.engine,
                "reason": item.reason,
            }
            for item in done.refused
        ],
        "not_judged": done.unjudged,
        "volatile": done.volatile,
        "warnings": list(done.warnings),
    }


def _recalculated_table(done: Recalculated) -> dict[str, Any]:
    checks = done.checks
    return {
        "path": str(done.path),
        "state": "well" if done.well else "fails",
        "engine": done.engine,
        "seconds": round(done.seconds, 3),
        "written": done.written,
        "kept": None if done.kept is None else str(done.kept),
        "formulas": done.formulas,
        "changed": done.changed,
        "errors": done.errors,
        "refused": [item._asdict() for item in done.refused],
        "dependents": list(done.dependents),
        "wrong_entries": done.wrong_entries,
        "root_cells": [_root_table(root) for root in done.roots],
        "following_errors": done.following_errors,
        "checks": checks.number,
        "failing_checks": checks.failing,
        "checks_ok": checks.hold if checks.verdict is not None or checks.problems else None,
        "failures": list(done.failures),
        "problems": [reason for _, reason in checks.problems],
        "warnings": list(checks.odd),
    }


def _root_table(root: RootCell) -> dict[str, Any]:
    return {
        "kind": root.kind,
        "what": KINDS[root.kind],
        "sheet": root.sheet,
        "cell": root.cell,
        "value": plain(root.value),
        "reason": root.reason,
        "formula": root.formula,
        "also": root.also,
    }
