"""Commands that make workbooks."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xladdin._version import __version__
from xladdin.cli.console import FAILED, WRONG_USE, fail, progress, stoppable
from xladdin.core.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xladdin.templates.building import Built
    from xladdin.templates.upgrading import Upgraded


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--deal",
    "deals",
    multiple=True,
    metavar="NAME|FILE|FOLDER",
    help="Deal to build for; may be given more than once. Default: NEOT-2001.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("workbooks"),
    show_default=True,
    help="Folder to write to.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(("xlsx", "xlsm")),
    default="xlsx",
    show_default=True,
    help="xlsm carries macros, bound to this machine's Python and xlwings.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes to compute many deals with.",
)
@click.option("--cluster", metavar="ADDRESS", default="", help="Dask scheduler to compute on.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with each deal's own figures, which fill the tables and input cells.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not up to date.")
def build(
    names: tuple[str, ...],
    deals: tuple[str, ...],
    out: Path,
    *,
    kind: str,
    jobs: int,
    cluster: str,
    data: Path | None,
    check: bool,
) -> None:
    """Build template workbooks, with every formula computed and its value stored.

    NAMES are templates; without any, all are built. Of many deals, one that fails does not stop
    the others, and workbooks that would come out the same are left alone.
    """
    from xladdin.templates import building

    unknown = [name for name in names if name not in building.TEMPLATES]
    if unknown:
        known = ", ".join(building.TEMPLATES)
        fail(f"no template is named {unknown[0]!r}; there are {known}", WRONG_USE)
    count = building.count_of(names, deals=deals)
    batch = count > len(building.TEMPLATES)
    each = building.each_built(
        names,
        deals=deals,
        out=out,
        check=check,
        jobs=jobs,
        cluster=cluster,
        format=kind,
        data=data,
    )
    done: Counter[str] = Counter()
    bad: list[Path] = []
    # On a terminal, a thousand lines would hide the few that matter; elsewhere they are a record.
    shows_bar = batch and sys.stderr.isatty()
    # Closed outright: on the way out of an interruption, too, the manifest is to be saved.
    with (
        stoppable(lambda: f"{done.total():,} of {count:,} workbooks are done") as check_stop,
        contextlib.closing(each),
        progress(count if shows_bar else 0) as advance,
    ):
        for built in each:
            advance()
            done[built.change] += 1
            wrong = not built.checks_ok or built.change == "stale"
            if wrong:
                bad.append(built.path)
            if not shows_bar:
                click.echo(_built_line(built))
            for failure in built.failures if wrong else ():
                click.echo(
                    f"  {failure}" if not shows_bar else f"{built.path}: {failure}", err=True
                )
            check_stop()
    if batch:
        changes = ", ".join(f"{many:,} {building.CHANGES[change]}" for change, many in done.items())
        click.echo(f"{done.total():,} workbooks: {changes}")
        for path in bad:
            click.echo(f"not well: {path}", err=True)
    if bad:
        raise SystemExit(FAILED)


def _built_line(built: Built) -> str:
    from xladdin.templates.building import CHANGES

    if built.change in ("failed", "left out"):
        reason = f": {built.failures[0]}" if built.change == "left out" else ""
        return f"{built.path}  {CHANGES[built.change]}{reason}"
    state = "checks hold" if built.checks_ok else "CHECKS FAIL"
    return f"{built.path}  {built.formulas:,} formulas  {state}  {CHANGES[built.change]}"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the new workbooks. Default: in place, the old ones kept beside.",
)
@click.option(
    "--deal",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the deal, where it is not installed.",
)
def upgrade(files: Sequence[Path], out: Path | None, deal: Path | None) -> None:
    """Make filled workbooks anew on the present templates and terms, with what was typed into them.

    What cannot be carried over is named, and then the old file stays as it is.
    """
    from xladdin.templates import upgrading

    worst = 0
    for file in files:
        try:
            done = upgrading.upgrade(file, out=out, deal=deal)
        except FileError as error:
            click.echo(f"xladdin: {error}", err=True)
            for problem in getattr(error, "problems", ()):
                click.echo(f"  {problem}", err=True)
            worst = WRONG_USE
            continue
        _tell_upgrade(file, done)
        if not done.rendered.checks_ok:
            for failure in done.rendered.failures:
                click.echo(f"  {failure}", err=True)
            worst = max(worst, FAILED)
    if worst:
        raise SystemExit(worst)


def _tell_upgrade(file: Path, done: Upgraded) -> None:
    state = "checks hold" if done.rendered.checks_ok else "CHECKS FAIL"
    change = f"upgraded from {done.version} to {__version__}" if done.changed else "is up to date"
    click.echo(f"{done.path}  {change}  {done.rendered.formulas:,} formulas  {state}")
    if done.before not in (file, done.path):
        click.echo(f"  the old file is kept as {done.before}")
    for name, old, new in done.terms:
        click.echo(f"  terms: {name} was {old}, is {new}")
    for cell, name, value in done.entries:
        click.echo(f"  {cell}  {name}  {value or 'cleared'}")


@click.command("build-oxt")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="File to write, or a folder for it. Default: the present folder.",
)
def build_oxt(out: Path) -> None:
    """Make the extension for LibreOffice Calc."""
    from xladdin.hosts import oxt

    click.echo(str(oxt.build_oxt(out)))
