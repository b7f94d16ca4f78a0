"""The shell sessions of the documents: each command with what it prints, run anew."""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import openpyxl
from click.testing import CliRunner

from xladdin.cli import main

ROOT: Final = Path(__file__).parents[1]

_BLOCK: Final = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_COMMAND: Final = re.compile(r"^\$ (.*)$", re.MULTILINE)

_PRINTING: Final = """format = 2
name = "PRINTED-2024"
issuer = "Example, Inc."
ticker = "EXPL"
document = "A prospectus of today"
document_date = 2024-01-02
calendar = "XNYS"

[agreements.ATM]
source = "s. 1"
capacity = 75_000_000
rate = 0.03
delivery_sessions = 2

"""
"""The deal whose printed results docs/new-deal.md shows."""

_SLIP: Final = "rate = { value = 3"
"""What docs/new-deal.md says is written by mistake."""


def pages() -> Mapping[str, str]:
    """Read the documents that show sessions.

    Returns:
        For each document's path, its text.
    """
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}
    return {name: text for name, text in texts.items() if _BLOCK.search(text)}


def run_anew(page: str) -> str:
    """Run the sessions of a document.

    Args:
        page: The document's path in the checkout.

    Returns:
        Its text, with what each command prints now.
    """
    return _BLOCK.sub(lambda block: _block(block[0]), pages()[page])


def commands(text: str) -> list[str]:
    """List the commands of a document's sessions."""
    return _COMMAND.findall("".join(_BLOCK.findall(text)))


def _block(text: str) -> str:
    return "".join(f"$ {command}\n{_printed(command)}" for command in _COMMAND.findall(text))


def _printed(command: str) -> str:
    """Run a command in a folder with the files that the documents mention."""
    program, *arguments = shlex.split(command)
    if program != "xladdin":
        raise ValueError(f"{command}: only xladdin can be run")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        _prepare(Path(folder), arguments)
        return CliRunner().invoke(main, arguments).output


def _prepare(folder: Path, arguments: list[str]) -> None:
    text = (ROOT / "tests" / "data" / "MERIDIAN-2024.toml").read_text(encoding="utf-8")
    slip = text.replace("MERIDIAN-2024", "SLIP-2024").replace("rate = { value = 0.03", _SLIP)
    (folder / "MERIDIAN-2024.toml").write_text(text, encoding="utf-8")
    (folder / "SLIP-2024.toml").write_text(slip, encoding="utf-8")
    guide = (ROOT / "docs" / "new-deal.md").read_text(encoding="utf-8")
    (entries,) = re.findall(r"^```toml\n(\[\[printed\]\].*?)^```$", guide, re.MULTILINE | re.DOTALL)
    (folder / "PRINTED-2024.toml").write_text(_PRINTING + entries, encoding="utf-8")
    if "--data" in arguments:
        data = folder / "data" / "NEOT-2001"
        data.mkdir(parents=True)
        shown = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```text\n(.*?)^```$", shown, re.MULTILINE | re.DOTALL)
        table, inputs = (block for block in blocks if "," in block.partition("\n")[0])
        (data / "placements.csv").write_text(table, encoding="utf-8")
        (data / "inputs.csv").write_text(inputs, encoding="utf-8")
    if arguments[0] == "upgrade":
        sys.path[:0] = [str(ROOT / "tests")]
        from filling import type_placements

        book = openpyxl.load_workbook(ROOT / "workbooks" / "placements.xlsx")
        type_placements(book)
        book.save(folder / arguments[1])
