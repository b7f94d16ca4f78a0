"""Commands that make workbooks."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from xladdin._version import __version__
from xladdin.cli.console import (
    FAILED,
    FAILURES,
    SOME_FILE,
    WRONG_USE,
    FileTables,
    FilledPath,
    echo,
    echo_json,
    fail,
    note,
    progress,
    stoppable,
    why_failed,
)
from xladdin.errors import FileError, InputError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from xladdin.building.batch import Built
    from xladdin.building.upgrade import Upgraded

HOSTS: Final = ("excel", "office-addin", "xlwings-lite")
"""Add-ins whose functions formulas may call; `formulas.hosts` has their names in files."""


@click.command(short_help="Build template workbooks, with every value stored.")
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
    type=FilledPath(path_type=Path, file_okay=False),
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
    "--for",
    "host",
    type=click.Choice(HOSTS),
    default="excel",
    show_default=True,
    help="Add-in whose functions the formulas call: the one of Windows, or one in a browser.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes to compute with.",
)
@click.option("--cluster", metavar="ADDRESS", default="", help="Dask scheduler to compute on.")
@click.option(
    "--data",
    multiple=True,
    metavar="FOLDER|FILE",
    type=FilledPath(path_type=Path, exists=True),
    help="Folder with each deal's own figures, which fill the tables and input cells; or a filled "
    "workbook, whose log fills others of its deal, too. Workbooks may be several.",
)
@click.option(
    "--agreements",
    is_flag=True,
    help="Build what is about one agreement for every agreement of a deal.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Replace workbooks that somebody used, too; a copy of each is kept beside it.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail if a file is not up to date.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def build(
    names: tuple[str, ...], deals: tuple[str, ...], *, as_json: bool, kind: str, **options: Any
) -> None:
    """Build template workbooks, with every formula computed and its value stored.

    NAMES are templates; without any, all are built. Of many deals, one that fails does not stop
    the others, and workbooks that would come out the same are left alone. One that somebody typed
    into is never overwritten.
    """
    from xladdin.building import build as building
    from xladdin.building.executors import WorkersLostError

    if "" in deals:
        fail("--deal: it is empty; give a name, a file or a folder", WRONG_USE)
    unknown = [name for name in names if name not in building.TEMPLATES]
    if unknown:
        known = ", ".join(building.TEMPLATES)
        fail(f"no template is named {unknown[0]!r}; there are {known}", WRONG_USE)
    report = _Report(as_json=as_json)
    try:
        options["data"] = building.data_of(options["data"])  # each file is read once
        report.count = building.count_of(
            names, deals=deals, data=options["data"], agreements=options["agreements"]
        )
        each = building.each_built(names, deals=deals, format=kind, **options)
        _follow(each, report, batch=report.count > len(names or building.TEMPLATES))
    except (FileError, InputError, LookupError) as error:
        if isinstance(error, KeyError | IndexError):
            raise  # a bug of ours
        report.finish("failed", str(error))
        if isinstance(error, WorkersLostError):
            fail(f"{error} ({report.state})", FAILED)
        fail(str(error), WRONG_USE)
    report.finish("finished")
    if report.done.keys() == {"left out"}:
        fail(f"nothing was built: {report.built[0].failures[0]}", WRONG_USE)
    if report.bad:
        raise SystemExit(FAILED if report.built_any else WRONG_USE)


class _Report:
    """The report of a build, as it goes and at its end."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.count = 0
        self.done: Counter[str] = Counter()
        self.built: list[Built] = []
        self.built_any = False
        self.bad: list[Built] = []

    def add(self, built: Built, *, shows_bar: bool) -> None:
        """Report one workbook."""
        from xladdin.building.batch import MADE

        self.done[built.change] += built.workbooks
        if self.as_json or not self.built:
            self.built.append(built)
        wrong = not built.checks_ok or built.change == "stale"
        if wrong:
            self.bad.append(built)
        self.built_any |= not built.unusable and built.change != "left out"
        if not shows_bar and not self.as_json:
            echo(_built_line(built))
        for failure in built.failures if wrong else ():
            if built.change not in MADE:  # a reason, which names the file
                note(f"xladdin: {failure}")
            elif shows_bar or self.as_json:
                note(f"{built.path}: {failure}")
            else:
                note(f"  {failure}")

    @property
    def state(self) -> str:
        """How far it has come."""
        return f"{self.done.total():,} of {self.count:,} workbooks are done"

    def summary(self) -> str:
        """Count the workbooks by what became of them."""
        from xladdin.building.batch import CHANGES

        counts = [f"{many:,} {CHANGES[change]}" for change, many in self.done.items() if many]
        # Data that no deal has, or a manifest that cannot be written.
        others = sum(built.workbooks == 0 for built in self.bad)
        besides = f"; {others:,} FAILED besides" if others else ""
        return f"{self.done.total():,} workbooks: {', '.join(counts)}{besides}"

    def finish(self, ended: str, error: str = "") -> None:
        """Print the JSON document, if that is what is wanted."""
        if self.as_json:
            echo_json(
                {
                    "ended": ended,
                    "error": error,
                    "planned": self.count,
                    "counts": dict(self.done),
                    "workbooks": [_built_table(built) for built in self.built],
                }
            )


def _follow(each: Generator[Built, None, None], report: _Report, *, batch: bool) -> None:
    """Report each workbook as it is done, and all at the end."""

    def state() -> str:
        report.finish("interrupted")
        return report.state

    # On a terminal, a thousand lines would hide the few that matter; elsewhere they are a record.
    shows_bar = batch and not report.as_json and sys.stderr.isatty()
    # Closed outright: after an interruption, too, the manifest is to be saved.
    with (
        stoppable(state) as check_stop,
        contextlib.closing(each),
        progress(report.count if shows_bar else 0) as advance,
    ):
        for built in each:
            advance()
            report.add(built, shows_bar=shows_bar)
            check_stop()
    if batch and not report.as_json:
        echo(report.summary())
        for built in report.bad:
            note(f"not well: {built.path}")


def _built_line(built: Built) -> str:
    """Write what became of a workbook."""
    from xladdin.building.batch import CHANGES, MADE

    if built.change not in MADE:
        reason = f": {built.failures[0]}" if built.change == "left out" else ""
        return f"{built.path}  {CHANGES[built.change]}{reason}"
    state = "checks hold" if built.checks_ok else "CHECKS FAIL"
    warnings = f"  {built.warnings:,} warnings" if built.warnings else ""
    return f"{built.path}  {built.formulas:,} formulas  {state}{warnings}  {CHANGES[built.change]}"


def _built_table(built: Built) -> dict[str, Any]:
    from xladdin.building.batch import MADE

    made = built.change in MADE
    return {
        "path": str(built.path),
        "change": built.change,
        "reason": "" if made else built.failures[0],
        "deal": built.deal,
        "agreement": built.agreement,
        "template": built.template,
        "workbooks": built.workbooks,
        "formulas": built.formulas if made else None,
        "checks_ok": built.checks_ok if made else None,
        "failures": list(built.failures) if made else [],
        "warnings": built.warnings if made else None,
        "seconds": round(built.seconds, 3),
    }


@click.command(short_help="Make filled workbooks anew on the present templates.")
@click.argument("files", nargs=-1, required=True, type=SOME_FILE)
@click.option(
    "--out",
    type=FilledPath(path_type=Path, file_okay=False),
    help="Folder for the new workbooks. Default: in place, the old ones kept beside.",
)
@click.option(
    "--deal",
    type=FilledPath(path_type=Path, dir_okay=False),
    help="File of the deal, where it is not installed.",
)
@click.option(
    "--for",
    "host",
    type=click.Choice(HOSTS),
    help="Add-in whose functions the formulas are to call. Default: the same as in the old one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def upgrade(
    files: Sequence[Path], out: Path | None, deal: Path | None, host: str | None, *, as_json: bool
) -> None:
    """Make filled workbooks anew on the present templates and terms, with what was typed into them.

    Cells that cannot be carried over are named, and then the old file stays as it is. Conditional
    formats and validations that somebody added are carried over if that is exact; what else they
    added beside the cells is named and is in the old file, which is kept.
    """
    from xladdin.building import upgrade as upgrading
    from xladdin.files import refuse_shared_targets

    refuse_shared_targets((file, file if out is None else out / file.name) for file in files)
    worst = 0
    document = FileTables(files, {"problems": []}, as_json=as_json)
    with stoppable(document.stopped) as check_stop:
        for file in files:
            check_stop()
            try:
                done = upgrading.upgrade(file, out=out, deal=deal, host=host)
            except FAILURES as error:
                reason, status = why_failed(file, error)
                note(f"xladdin: {reason}")
                problems = getattr(error, "problems", ())
                for problem in problems:
                    note(f"  {problem}")
                document.tables.append(
                    {"path": str(file), "error": reason, "problems": list(problems)}
                )
                worst = max(worst, status)
                continue
            document.tables.append(_upgraded_table(done))
            worst = max(worst, _report_upgrade(file, done, as_json=as_json))
        check_stop()
    document.print()
    if worst:
        raise SystemExit(worst)


def _report_upgrade(file: Path, done: Upgraded, *, as_json: bool) -> int:
    """Report an upgrade, and return the exit status of it."""
    for line in () if as_json else _upgraded_lines(file, done):
        echo(line)
    if not done.rendered.checks_ok:
        for failure in done.rendered.failures:
            note(f"  {failure}")
    if done.lost:
        note(f"xladdin: {done.path}: not carried over: {', '.join(done.lost)}; see {done.before}")
    return 0 if done.rendered.checks_ok and not done.lost else FAILED


def _upgraded_lines(file: Path, done: Upgraded) -> Iterator[str]:
    state = "checks hold" if done.rendered.checks_ok else "CHECKS FAIL"
    change = f"upgraded from {done.version} to {__version__}" if done.changed else "is up to date"
    yield f"{done.path}  {change}  {done.rendered.formulas:,} formulas  {state}"
    if done.before not in (file, done.path):
        yield f"  the old file is kept as {done.before}"
    if not done.lost_is_known:
        yield "  rules, headers and the like that were added to it are in the old file only"
    for rule in done.carried:
        yield f"  carried over: {rule}"
    for name, old, new in done.terms:
        yield f"  terms: {name} was {old}, is {new}"
    for cell, name, value in done.entries:
        yield f"  {cell}  {name}  {value or 'cleared'}"


def _upgraded_table(done: Upgraded) -> dict[str, Any]:
    return {
        "path": str(done.path),
        "error": "",
        "before": str(done.before),
        "changed": done.changed,
        "version_before": done.version,
        "version": __version__,
        "formulas": done.rendered.formulas,
        "checks_ok": done.rendered.checks_ok,
        "failures": list(done.rendered.failures),
        "warnings": done.rendered.warnings,
        "terms": [{"name": name, "was": old, "is": new} for name, old, new in done.terms],
        "entries": [entry._asdict() for entry in done.entries],
        "rules_carried_over": list(done.carried),
        "not_carried_over": list(done.lost),
    }


@click.command("build-oxt")
@click.option(
    "--out",
    type=FilledPath(path_type=Path),
    default=Path(),
    help="File to write, or a folder for it. Default: the present folder.",
)
def build_oxt(out: Path) -> None:
    """Make the extension for LibreOffice Calc."""
    from xladdin.libreoffice import extension

    echo(str(extension.build_oxt(out)))
