"""Commands that list and describe functions and deals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xladdin.cli.console import FAILED, WRONG_USE, echo, echo_columns, echo_json, fail, note, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable

    from xladdin.functions.function import Function
    from xladdin.terms import Selection, Terms
    from xladdin.terms.fields import Figure
    from xladdin.terms.securities import MakeWholeTable


@click.command(short_help="List the worksheet functions, or describe one.")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def functions(name: str | None, *, as_json: bool) -> None:
    """List the worksheet functions, or describe the one called NAME."""
    from xladdin.functions.registry import FUNCTIONS

    if name is None:
        chosen = list(FUNCTIONS.values())
    elif name.upper() in FUNCTIONS:
        chosen = [FUNCTIONS[name.upper()]]
    else:
        fail(f"no function is named {name!r}; `xladdin functions` lists them", WRONG_USE)
    if as_json:
        tables = [_table(function) for function in chosen]
        echo_json(tables if name is None else tables[0], ascii_only=True)
    elif name is None:
        echo_columns([(function.signature, function.summary) for function in chosen])
    else:
        _describe(chosen[0])


@click.command(short_help="List the deals, show one's figures, or check a file.")
@click.argument("name", required=False, metavar="[NAME|FILE]")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option(
    "--format",
    "newer",
    type=click.Choice(["2"]),
    help="Print the deal as a file of this format: `xladdin deals FILE --format 2`.",
)
@click.option("--check", is_flag=True, help="Reproduce the figures that the document prints.")
@click.option(
    "--document",
    "documents",
    multiple=True,
    type=click.Path(),
    metavar="FILE",
    help="Hold each figure against the page of this document, text or HTML, that it cites. "
    "May be given several times.",
)
def deals(
    name: str | None,
    *,
    as_json: bool,
    newer: str | None,
    check: bool,
    documents: tuple[str, ...],
) -> None:
    """List the deals, show the figures of the one called NAME, or check a FILE."""
    from xladdin.terms import read_terms, select
    from xladdin.terms.selection import selected

    if name is None:
        if newer is not None or check or documents:
            what = "--format, --check and --document are about one deal"
            fail(f"{what}: name it, or give its file", WRONG_USE)
        _list_deals(as_json=as_json)
        return
    if name.endswith(".toml"):
        terms = read_terms(Path(name))
        selection = selected(terms)
    else:
        selection = select(name)
    if newer is not None:
        from xladdin.terms.writer import written

        for line in written((selection.undated or selection.terms).deal).splitlines():
            echo(line)
        return
    if check or documents:
        fine = not check or _check(selection, name, as_json=as_json)
        if documents:
            fine = _compare_documents(selection, documents, as_json=as_json) and fine
        if not fine:
            raise SystemExit(FAILED)
        return
    _show(selection, others=name.endswith(".toml") or "/" not in name, as_json=as_json)


def _show(selection: Selection, *, others: bool, as_json: bool) -> None:
    """Print the figures of a deal, and those of its further agreements if they are wanted."""
    terms, further = selection.terms, {}
    changed = {"": selection.adjusted}
    for agreement in terms.deal.agreements[1:] if others else ():
        chosen = selection.of(agreement.key)
        changed[agreement.key] = chosen.adjusted
        entries = chosen.entries.values()
        further[agreement.key] = [one for one in entries if one.name.startswith("agreement.")]
    if as_json:
        table = _heading(terms) | {"figures": _rows_of(selection.entries.values(), changed[""])}
        table["grids"] = {grid.key: _table_of(grid) for grid in terms.deal.grids}
        if further:
            table["agreements"] = {key: _rows_of(own, changed[key]) for key, own in further.items()}
        echo_json(table)
        return
    echo(f"{selection.text}  {terms.issuer}  {terms.document}, {terms.document_date}")
    echo(f"ticker {terms.ticker}, calendar {terms.calendar}, quotations {terms.deal.quotes_are}")
    _list(selection.entries.values(), changed[""])
    for grid in terms.deal.grids:
        _list_grid(grid)
    for key, own in further.items():
        echo(f"{terms.name}/{key}")
        _list(own, changed[key])


def _rows_of(entries: Iterable[Figure], adjusted: Container[str]) -> list[dict[str, Any]]:
    return [
        entry._asdict()
        | {"value": _figure_value(entry.value)}
        | ({"adjusted": True} if entry.name in adjusted else {})
        for entry in entries
    ]


def _table_of(grid: MakeWholeTable) -> dict[str, Any]:
    """Give a table, its numbers as texts, so that they stay exact."""
    return {
        "title": grid.title,
        "reading": grid.reading,
        "columns": list(map(str, grid.columns)),
        "rows": [list(map(str, row)) for row in grid.rows],
        "source": grid.sources["rows"],
    }


def _list_grid(grid: MakeWholeTable) -> None:
    """Print a table, its numbers right-aligned; its words are among the entries."""
    echo(f"grids.{grid.key}.rows  [{grid.sources['rows']}]")
    rows = [["", *map(str, grid.columns)], *(list(map(str, row)) for row in grid.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        echo("  " + "  ".join(cells))


def _list(figures: Collection[Figure], adjusted: Container[str]) -> None:
    """Print figures and words, one a line; a source alone would stand for what it does not say."""
    from decimal import Decimal

    width = max((len(figure.name) for figure in figures), default=0)
    for figure in figures:
        value = figure.value
        shown = f"{value:,}" if isinstance(value, int | Decimal) else str(value)
        since = "; adjusted for splits or issues since" if figure.name in adjusted else ""
        source = f"  [{figure.source}{since}]" if figure.source else ""
        echo(f"{figure.name:<{width}}  {shown} {figure.unit}".rstrip() + source)


def _check(selection: Selection, name: str, *, as_json: bool) -> bool:
    """Reproduce the figures that a deal's document prints; return whether all agree."""
    from xladdin.building.printed import in_words, reproduced
    from xladdin.terms.store import offer

    file = Path(name) if name.endswith(".toml") else None
    if file is not None:
        offer(selection.undated or selection.terms, file)  # its formulas name it
    deal = selection.deal
    if not deal.printed:
        fail(f"{deal.name} has no printed figures to check", WRONG_USE)
    found = []
    for one in reproduced(deal, deal.name if file is None else file):
        found.append(one)
        if not as_json:
            echo(in_words(one))
    if as_json:
        echo_json(
            [
                {
                    "name": one.figure.name,
                    "printed": one.figure.value,
                    "found": plain(one.found),
                    "agrees": one.agrees,
                    "reason": one.reason or None,
                    "exception": one.figure.exception,
                    "source": one.figure.sources["value"],
                }
                for one in found
            ]
        )
    return all(one.agrees for one in found)


def _compare_documents(selection: Selection, files: tuple[str, ...], *, as_json: bool) -> bool:
    """Compare a deal's figures with documents; return whether each is where it is cited."""
    from xladdin.terms.document import Citations
    from xladdin.terms.pages import read_document

    documents = [read_document(Path(file)) for file in files]
    citations = Citations((selection.undated or selection.terms).deal, documents)
    found = [citations.check(figure) for figure in citations.figures.values()]
    if as_json:
        echo_json([one.as_table() for one in found])
    else:
        for one in found:
            echo(one.in_words())
        missing = sum(bool(one.missing) for one in found)
        excepted = sum(bool(one.exception and not one.missing) for one in found)
        there = len(found) - missing - excepted
        echo(f"{there} figures found, {excepted} exceptions, {missing} not found")
    return not any(one.missing for one in found)


def _list_deals(*, as_json: bool) -> None:
    """List all deals. One whose file is wrong is named on stderr, and hides no other."""
    from xladdin.errors import TermsError
    from xladdin.terms import deal_names, load_terms
    from xladdin.terms.store import passed_over

    tables: list[dict[str, Any]] = []
    rows: list[tuple[str, ...]] = []
    wrong = False
    for name, path in deal_names().items():
        try:
            terms = load_terms(name)
        except TermsError as error:
            wrong = True
            note(f"xladdin: {error}")
            tables.append({"name": name, "file": str(path), "error": str(error)})
            continue
        tables.append(_heading(terms) | {"file": str(path)})
        if not as_json:
            keys = ", ".join(agreement.key for agreement in terms.deal.agreements) or "none"
            rows.append((terms.name, terms.issuer, f"agreements: {keys}", str(path)))
    for path, why in passed_over().items():
        wrong = True
        note(f"xladdin: {path}: {why}")
        tables.append({"name": path.stem, "file": str(path), "error": why})
    if as_json:
        echo_json(tables)
    elif rows:
        echo_columns(rows)
    if wrong:
        raise SystemExit(FAILED)


def _heading(terms: Terms) -> dict[str, Any]:
    return {
        "name": terms.name,
        "issuer": terms.issuer,
        "document": terms.document,
        "document_date": terms.document_date.isoformat(),
        "ticker": terms.ticker,
        "calendar": terms.calendar,
        "quotes_are": terms.deal.quotes_are,
        "agreements": [agreement.key for agreement in terms.deal.agreements],
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
            default = f" Default: {argument.default_in_words}." if argument.optional else ""
            click.echo(f"  {argument.name:<{width}}  {argument.help}{default}")
    click.echo(f"Result\n  {function.result}")
    click.echo(f"Source\n  {function.source or 'none: it is about the add-in itself'}")
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
                "default": argument.default_in_words if argument.optional else None,
            }
            for argument in function.arguments
        ],
        "each": function.each,
        "result": function.result,
        "source": function.source,
        "example": function.example,
    }
