"""The command line: parses, calls the library, prints.

Results go to standard output, messages to standard error. Exit status: 0 all well, 1 a check or
a result failed, 2 wrong use or unreadable input, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from xladdin._version import __version__
from xladdin.core.errors import FileError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xladdin.calling import Function
    from xladdin.templates.building import Built
    from xladdin.templates.upgrading import Upgraded
    from xladdin.terms import Terms
    from xladdin.values import Cell
    from xladdin.verification import Verified

FAILED = 1
WRONG_USE = 2
STOPPED = 130


_INSTALLING = ("doctor", "install", "uninstall")
"""Commands of `xladdin.installation`, which is loaded for them alone."""


class _Group(click.Group):
    """A group whose commands turn the library's errors into one clean line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_INSTALLING])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _INSTALLING:
            from xladdin.installation import commands

            found: click.Command = getattr(commands, cmd_name)
            return found
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (FileError, InputError, LookupError) as error:
            if isinstance(error, KeyError | IndexError):
                raise  # a bug of ours, not something that a user got wrong
            _fail(str(error), WRONG_USE)
        except KeyboardInterrupt:
            _fail("stopped", STOPPED)
        except BrokenPipeError:
            # The reader, such as `head`, has seen enough.
            sys.stderr.close()
            ctx.exit(0)


def _fail(message: str, status: int) -> NoReturn:
    click.echo(f"xladdin: {message}", err=True)
    raise SystemExit(status)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xladdin")
def main() -> None:
    """Contract arithmetic for equity programmes, warrants and debentures, in workbooks."""


@main.command()
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
        _fail(f"no template is named {unknown[0]!r}; there are {known}", WRONG_USE)
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
        _stoppable(lambda: f"{done.total():,} of {count:,} workbooks are done") as check_stop,
        contextlib.closing(each),
        _progress(count if shows_bar else 0) as advance,
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


def _echo_json(value: Any, *, ascii_only: bool = False) -> None:
    import json  # only now: `--help` has to be quick

    click.echo(json.dumps(value, indent=2, ensure_ascii=ascii_only))


def _built_line(built: Built) -> str:
    from xladdin.templates.building import CHANGES

    if built.change in ("failed", "left out"):
        reason = f": {built.failures[0]}" if built.change == "left out" else ""
        return f"{built.path}  {CHANGES[built.change]}{reason}"
    state = "checks hold" if built.checks_ok else "CHECKS FAIL"
    return f"{built.path}  {built.formulas:,} formulas  {state}  {CHANGES[built.change]}"


@contextlib.contextmanager
def _stoppable(state: Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Let Ctrl-C, or a request to end, stop something that saves each file whole as it goes.

    Gives what is to be called between files: Python loses an interruption that comes while some
    object is being done away with.
    """
    asked = False

    def stop(*_: object) -> NoReturn:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    def lost(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            hook(unraisable)

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    hook, sys.unraisablehook = sys.unraisablehook, lost
    try:
        yield check
    except KeyboardInterrupt:
        _fail(f"stopped: {state()}; every file is whole, the old one or the new", STOPPED)
    finally:
        sys.unraisablehook = hook
        for one, handler in before.items():
            signal.signal(one, handler)


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[], object]]:
    """Show a bar with the time left while something is done `count` times; none for 0."""
    if not count:
        yield lambda: None
        return
    with click.progressbar(length=count, file=sys.stderr, show_pos=True, label="workbooks") as bar:
        yield lambda: bar.update(1)


@main.command()
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


@main.command("eval")
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
        value = [[_plain(cell) for cell in row] for row in rows]
        shown = value if isinstance(result.value, list) else value[0][0]
        _echo_json({"formula": formula, "value": shown, "reasons": reasons}, ascii_only=True)
    else:
        click.echo(shown_block(result.value))
        if failed:
            # A derivation of bad input says in its own cells what is wrong.
            said = any(isinstance(cell, str) for row in rows for cell in row)
            for reason in reasons or ([] if said else ["a native function gave this error"]):
                click.echo(reason, err=True)
    if failed:
        raise SystemExit(FAILED)


@main.command()
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
def recalc(files: Sequence[Path], out: Path | None, *, in_place: bool, engine: str) -> None:
    """Recalculate workbooks, and change nothing in them but stored values."""
    from xladdin import recalculation, verification

    if (out is None) == (not in_place):
        raise click.UsageError("give either --out FOLDER or --in-place")
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


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--engine",
    type=click.Choice(("embedded", "libreoffice", "all")),
    default="embedded",
    show_default=True,
    help="What computes; all also compares the engines with each other.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def verify(files: Sequence[Path], *, engine: str, as_json: bool) -> None:
    """Compute workbooks anew, compare, and name every cell that differs; change nothing."""
    from xladdin import verification

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
        _echo_json(tables)
    if worst:
        raise SystemExit(worst)


@main.command("build-oxt")
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


@main.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def functions(name: str | None, *, as_json: bool) -> None:
    """List the worksheet functions, or tell all about the one called NAME."""
    from xladdin.registry import FUNCTIONS

    if name is None:
        chosen = list(FUNCTIONS.values())
    elif name.upper() in FUNCTIONS:
        chosen = [FUNCTIONS[name.upper()]]
    else:
        _fail(f"no function is named {name!r}; `xladdin functions` lists them", WRONG_USE)
    if as_json:
        tables = [_table(function) for function in chosen]
        _echo_json(tables if name is None else tables[0], ascii_only=True)
    elif name is None:
        width = max(len(function.signature) for function in chosen)
        for function in chosen:
            click.echo(f"{function.signature:<{width}}  {function.summary}")
    else:
        _describe(chosen[0])


@main.command()
@click.argument("name", required=False, metavar="[NAME|FILE]")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def deals(name: str | None, *, as_json: bool) -> None:
    """List the deals, show the figures of the one called NAME, or check a FILE."""
    from decimal import Decimal

    from xladdin.terms import deal_names, load_terms, read_terms, select
    from xladdin.terms.model import Selection

    if name is None:
        listed = [(path, load_terms(deal)) for deal, path in deal_names().items()]
        if as_json:
            found = [_heading(terms) | {"file": str(path)} for path, terms in listed]
            _echo_json(found)
            return
        for path, terms in listed:
            keys = ", ".join(agreement.key for agreement in terms.agreements)
            click.echo(f"{terms.name}  {terms.issuer}  agreements: {keys}  {path}")
        return
    if name.endswith(".toml"):
        terms = read_terms(Path(name))
        selection = Selection(terms, terms.agreements[0])
    else:
        selection = select(name)
    figures = selection.figures.values()
    if as_json:
        table = _heading(selection.terms) | {
            "figures": [
                figure._asdict() | {"value": _figure_value(figure.value)} for figure in figures
            ]
        }
        _echo_json(table)
        return
    terms = selection.terms
    click.echo(f"{selection.text}  {terms.issuer}  {terms.document}, {terms.document_date}")
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        value = f"{figure.value:,}" if isinstance(figure.value, int) else str(figure.value)
        if isinstance(figure.value, Decimal):
            value = f"{figure.value:,}"
        click.echo(
            f"{figure.name:<{width}}  {value} {figure.unit}".rstrip() + f"  [{figure.source}]"
        )


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
                "stored": _plain(item.stored),
                "computed": _plain(item.computed),
                "relative_difference": item.relative,
                "note": item.note,
            }
            for item in done.differences
        ],
    }


def _heading(terms: Terms) -> dict[str, Any]:
    return {
        "name": terms.name,
        "issuer": terms.issuer,
        "document": terms.document,
        "document_date": terms.document_date.isoformat(),
        "calendar": terms.calendar,
        "agreements": [agreement.key for agreement in terms.agreements],
    }


def _figure_value(value: Any) -> Any:
    """Turn a figure into what JSON can hold; decimals stay exact as texts."""
    return value if isinstance(value, int) else str(value)


def _describe(function: Function) -> None:
    click.echo(function.signature)
    click.echo(f"  {function.summary}")
    if function.arguments:
        width = max(len(argument.name) for argument in function.arguments)
        click.echo("Arguments")
        for argument in function.arguments:
            default = f" Default: {argument.default_said}." if argument.optional else ""
            click.echo(f"  {argument.name:<{width}}  {argument.help}{default}")
    click.echo(f"Result\n  {function.result}")
    click.echo(f"Source\n  {function.source or 'none: it tells of the add-in itself'}")
    click.echo(f"Example\n  {function.example}")


def _table(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "signature": function.signature,
        "summary": function.summary,
        "arguments": [
            {
                "name": argument.name,
                "help": argument.help,
                "kind": argument.kind.name,
                "unit": argument.kind.unit,
                "optional": argument.optional,
                "default": argument.default_said if argument.optional else None,
            }
            for argument in function.arguments
        ],
        "each": function.each,
        "result": function.result,
        "source": function.source,
        "example": function.example,
    }


def _plain(cell: Cell) -> Any:
    """Turn a cell's value into one that JSON can hold."""
    from xladdin.values import CellError

    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return int(cell)
    return cell


if __name__ == "__main__":
    main()
