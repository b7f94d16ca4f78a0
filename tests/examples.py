"""The examples that the functions declare, as what is in the cells and what they show."""

from __future__ import annotations

import datetime
import re

from xladdin.cells import Block, Cell, serial_of
from xladdin.functions.function import Function


def arguments_of(function: Function) -> list[Cell | Block]:
    """Read the arguments of a function's example, as what cells hold."""
    match = re.fullmatch(rf"={function.name}\((.*)\)", function.example)
    assert match, function.example
    return [_parsed(piece) for piece in _split(match[1])] if match[1] else []


def shown_by(function: Function) -> Cell | Block:
    """Read what cells hold that show a function's example."""
    rows = [[_shown_cell(text) for text in row.split("\t")] for row in function.shows.split("\n")]
    return rows if function.spills else rows[0][0]


def _shown_cell(text: str) -> Cell:
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _parsed(text: str) -> Cell | Block:
    """Read one argument: a number, a text, an array constant, a DATE, a gap."""
    date = re.fullmatch(r"DATE\((\d+),(\d+),(\d+)\)", text)
    if date:
        return float(serial_of(datetime.date(*map(int, date.groups()))))
    if text.startswith("{"):
        assert text.endswith("}")
        return [[_cell(cell) for cell in row.split(",")] for row in text[1:-1].split(";")]
    if text.startswith('"'):
        assert text.endswith('"')
        return text[1:-1]
    return float(text) if text else None


def _cell(text: str) -> Cell:
    return text[1:-1] if text.startswith('"') else float(text)


def _split(text: str) -> list[str]:
    """Split arguments at the commas between them."""
    pieces, depth = [""], 0
    for sign in text:
        depth += (sign in "({") - (sign in ")}")
        if sign == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += sign
    assert depth == 0
    return pieces
