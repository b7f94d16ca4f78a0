"""Commands that compute: one formula, or whole workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xladdin.cli.console import (
    FAILED,
    FAILURES,
    SOME_FILE,
    FileTables,
    FilledPath,
    echo,
    echo_json,
    note,
    plain,
    stoppable,
    why_failed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xladdin.cli.reports import Report


@click.command("eval")
@click.argument("formula")
@click.option("--json", "as_json", is_flag=True, help="Print value and reasons as JSON.")
def evaluate(formula: str, *, as_json: bool) -> None:
    """Evaluate one FORMULA, such as "=CEO_FEE(25000000)"."""
    from xladdin.cells import CellError, shown_block
    from xladdin.engines.embedded import compute as embedded

    result = embedded.evaluate(formula)
    rows = result.value if isinstance(result.value, list) else [[result.value]]
    failed = any(isinstance(cell, CellError) for row in rows for cell in row)
    reasons = [str(reason) for reason in result.reasons]
    if as_json:
        value = [[plain(cell) for cell in row] for row in rows]
        shown = value if isinstance(result.value, list) else value[0][0]
        echo_json({"formula": formula, "value": shown, "reasons": reasons}, ascii_only=True)
    else:
        click.echo(shown_block(result.value))
        if failed:
            # A derivation of bad input names in its own cells what is wrong.
            in_words = any(isinstance(cell, str) for row in rows for cell in row)
            for reason in reasons or ([] if in_words else ["a native function gave this error"]):
                note(reason)
    if failed:
        raise SystemExit(FAILED)


_deals = click.option(
    "--deal",
    "deals",
    multiple=True,
    metavar="FILE",
    type=FilledPath(path_type=Path, dir_okay=False),
    help="File of a deal that is not installed; may be given more than once.",
)


def _engine(*more: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make the option that chooses what computes."""
    extra = " All also compares the engines with each other." if more else ""
    return click.option(
        "--engine",
        type=click.Choice(("auto", "embedded", "libreoffice", *more)),
        default="auto",
        show_default=True,
        help="What computes: auto takes the embedded engine for all that it is proved to compute "
        f"as Excel does, and LibreOffice for single calls that it is proved for instead.{extra}",
    )


_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.command(short_help="Recalculate the stored values of workbooks.")
@click.argument("files", nargs=-1, required=True, type=SOME_FILE)
@click.option(
    "--out",
    type=FilledPath(path_type=Path, file_okay=False),
    help="Folder for the recalculated copies.",
)
@click.option("--in-place", is_flag=True, help="Replace the files themselves.")
@_engine()
@click.option(
    "--partial",
    is_flag=True,
    help="Leave cells that cannot be computed, and all that depend on them, and compute the rest.",
)
@_deals
@_json
def recalc(
    files: Sequence[Path],
    out: Path | None,
    *,
    in_place: bool,
    engine: str,
    partial: bool,
    deals: Sequence[Path],
    as_json: bool,
) -> None:
    """Recalculate workbooks, and change nothing in them but stored values.

    What is wrong with a workbook is named where it begins: entries that break the rule of their
    cell, then formulas that give an error.
    """
    from xladdin.checking import recalc as recalculation
    from xladdin.cli import reports
    from xladdin.engines import choice
    from xladdin.files import refuse_shared_targets
    from xladdin.terms.store import offer_files

    if (out is None) == (not in_place):
        raise click.UsageError("give either --out FOLDER or --in-place")
    offer_files(deals)
    refuse_shared_targets((file, file if out is None else out / file.name) for file in files)

    def one(file: Path) -> Report:
        target = None if out is None else out / file.name
        done = recalculation.recalc(
            file, out=target, in_place=in_place, engine=engine, partial=partial
        )
        return reports.recalculated(done)

    with choice.office():
        _each(files, one, as_json=as_json)


@click.command(short_help="Compute workbooks anew, and name where they differ.")
@click.argument("files", nargs=-1, required=True, type=SOME_FILE)
@_engine("all")
@_deals
@_json
def verify(files: Sequence[Path], *, engine: str, deals: Sequence[Path], as_json: bool) -> None:
    """Compute workbooks anew, compare, and name the cells where a difference begins."""
    from xladdin.checking import verify as verification
    from xladdin.cli import reports
    from xladdin.engines import choice
    from xladdin.terms.store import offer_files

    offer_files(deals)
    with choice.office():
        _each(
            files,
            lambda file: reports.verified(verification.verify_one(file, engine=engine)),
            as_json=as_json,
        )


def _each(files: Sequence[Path], run: Callable[[Path], Report], *, as_json: bool) -> None:
    """Process each file, those that fail aside, and end with the worst exit status."""
    from xladdin.engines.result import RefusedError

    worst = 0
    document = FileTables(files, {"state": "error"}, as_json=as_json)
    with stoppable(document.stopped) as check_stop:
        for file in files:
            check_stop()
            try:
                report = run(file)
            except FAILURES as error:
                text, status = why_failed(file, error)
                note(f"xladdin: {text}")
                table: dict[str, Any] = {"path": str(file), "state": "error", "error": text}
                if isinstance(error, RefusedError):
                    table["refused"] = [refusal._asdict() for refusal in error.refusals]
                document.tables.append(table)
                worst = max(worst, status)
                continue
            worst = max(worst, 0 if report.well else FAILED)
            document.tables.append(report.table)
            for line in () if as_json else report.lines:
                echo(line)
        check_stop()
    document.print()
    if worst:
        raise SystemExit(worst)
