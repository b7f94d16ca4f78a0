"""Commands that compute: one formula, or whole workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xladdin.cli.console import FAILED, WRONG_USE, echo_json, plain
from xladdin.core.errors import FileError
from xladdin.files import refuse_shared_targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xladdin.verification import Verified


@click.command("eval")
@click.argument("formula")
@click.option("--json", "as_json", is_flag=True, help="Print value and reasons as JSON.")
def evaluate(formula: str, *, as_json: bool) -> None:
    """Evaluate one FORMULA, such as "=CEO_FEE(25000000)"."""
    from xladdin.hosts import embedded
    from xladdin.values import CellError, shown_block

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
            # A derivation of bad input says in its own cells what is wrong.
            said = any(isinstance(cell, str) for row in rows for cell in row)
            for reason in reasons or ([] if said else ["a native function gave this error"]):
                click.echo(reason, err=True)
    if failed:
        raise SystemExit(FAILED)


_deals = click.option(
    "--deal",
    "deals",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of a deal that is not installed; may be given more than once.",
)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the recalculated copies.",
)
@click.option("--in-place", is_flag=True, help="Replace the files themselves.")
@click.option(
    "--engine",
    type=click.Choice(("embedded", "libreoffice")),
    default="embedded",
    show_default=True,
    help="What computes.",
)
@_deals
def recalc(
    files: Sequence[Path],
    out: Path | None,
    *,
    in_place: bool,
    engine: str,
    deals: Sequence[Path],
) -> None:
    """Recalculate workbooks, and change nothing in them but stored values."""
    from xladdin import recalculation, verification
    from xladdin.terms.store import offer_files

    if (out is None) == (not in_place):
        raise click.UsageError("give either --out FOLDER or --in-place")
    offer_files(deals)
    refuse_shared_targets((file, file if out is None else out / file.name) for file in files)
    worst = 0
    with verification.session(engine):
        for file in files:
            target = None if out is None else out / file.name
            try:
                done = recalculation.recalc(file, out=target, in_place=in_place, engine=engine)
            except FileError as error:
                click.echo(f"xladdin: {error}", err=True)
                worst = WRONG_USE
                continue
            click.echo(
                f"{done.path}  {done.formulas:,} formulas  {done.changed:,} values changed  "
                f"{done.errors:,} errors"
            )
    if worst:
        raise SystemExit(worst)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--engine",
    type=click.Choice(("embedded", "libreoffice", "all")),
    default="embedded",
    show_default=True,
    help="What computes; all also compares the engines with each other.",
)
@_deals
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify(files: Sequence[Path], *, engine: str, deals: Sequence[Path], as_json: bool) -> None:
    """Compute workbooks anew, compare, and name every cell that differs; change nothing."""
    from xladdin import verification
    from xladdin.terms.store import offer_files

    offer_files(deals)
    worst = 0
    tables = []
    with verification.session(engine):
        for file in files:
            try:
                done = verification.verify_one(file, engine=engine)
            except FileError as error:
                click.echo(f"xladdin: {error}", err=True)
                tables.append({"path": str(file), "error": str(error)})
                worst = WRONG_USE
                continue
            worst = max(worst, 0 if done.agrees else FAILED)
            tables.append(_verified(done))
            if not as_json:
                click.echo(verification.summary(done))
                for difference in done.differences:
                    click.echo(f"  {difference}")
    if as_json:
        echo_json(tables)
    if worst:
        raise SystemExit(worst)


def _verified(done: Verified) -> dict[str, Any]:
    from xladdin.verification import KINDS

    return {
        "path": str(done.path),
        "agrees": done.agrees,
        "engines": list(done.engines),
        "formulas": done.formulas,
        "compared": done.compared,
        "stored": done.stored,
        "twins": done.twins,
        "between_engines": done.between,
        "worst_relative_difference": done.worst,
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
    }
