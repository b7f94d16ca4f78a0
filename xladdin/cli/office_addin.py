"""The command `office-addin`."""

from __future__ import annotations

from pathlib import Path

import click

from xladdin.cli.console import FAILED, echo, note

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("office-addin", short_help="Make the add-in for Excel in a browser and on a Mac.")
@click.option(
    "--host",
    required=True,
    metavar="ADDRESS",
    help="Address under which a web server will show the folder: https://...",
)
@click.option("--out", type=_FOLDER, required=True, help="Folder to write to.")
@click.option("--deals", type=_FOLDER, help="Folder of deals to bring, besides those that ship.")
@click.option(
    "--pyodide",
    type=_FOLDER,
    help="Folder of Pyodide to bring. Default: the browser loads it from its own address.",
)
@click.option(
    "--office-js",
    type=_FOLDER,
    help="Folder of Office.js to bring. Default: the browser loads it from Microsoft's address.",
)
@click.option(
    "--replace", is_flag=True, help="Replace files, too, that somebody changed; copies are kept."
)
def office_addin(
    host: str,
    out: Path,
    *,
    deals: Path | None,
    pyodide: Path | None,
    office_js: Path | None,
    replace: bool,
) -> None:
    """Make the add-in for Excel in a browser, on a Mac and on Windows, as a folder of files.

    Any web server can show the folder; no program runs there. Excel gets its manifest.xml.
    """
    from xladdin.excel.office_addin import folder

    done = folder.make(
        host, out, deals=deals, pyodide=pyodide, office_js=office_js, replace=replace
    )
    echo(
        f"{out}  {done.files} files, {done.bytes:,} bytes, {done.written} written  "
        f"deals: {', '.join(done.deals)}"
    )
    for name in done.removed:
        echo(f"  removed: {name}")
    for copy in done.copies:
        echo(f"  the old file is kept as {copy}")
    for name in done.left:
        note(f"xladdin: {out / name}: somebody changed it, and it is of no use any more; it stays")
    if done.left:
        raise SystemExit(FAILED)
