"""A program: a real Calc with the extension, asked for many cells at once.

It runs under LibreOffice's Python, as a user who is not root, and takes requests as lines of JSON
on standard input. See `calc_route`, which starts it.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from typing import Any

import uno  # type: ignore[import-not-found,unused-ignore]

FIRST_START = 81
BLOCK = 20_000


def started(program: str, profile: str, pipe: str) -> tuple[subprocess.Popen[bytes], Any]:
    """Start a Calc; a new profile has it end at once and wait for a second start."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    for _ in range(3):
        process = subprocess.Popen(
            [
                program,
                "--headless",
                "--norestore",
                "--nologo",
                "--nodefault",
                "--nolockcheck",
                f"--accept=pipe,name={pipe};urp;",
                f"-env:UserInstallation={profile}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
        )
        deadline = time.monotonic() + 90
        while process.poll() is None:
            try:
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            except Exception:
                if time.monotonic() > deadline:
                    process.kill()
                    raise
                time.sleep(0.05)
            else:
                return process, context
        if process.returncode != FIRST_START:
            raise SystemExit(f"Calc ended with status {process.returncode}")
    raise SystemExit("Calc did not start")


def described(context: Any) -> dict[str, Any]:
    """List what the function wizard knows of every function."""
    known = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.sheet.FunctionDescriptions", context
    )
    found = {}
    for one in known:
        service = {item.Name: item.Value for item in one}
        arguments = service["Arguments"] or ()
        service["Arguments"] = [[a.Name, a.Description, a.IsOptional] for a in arguments]
        found[service["Name"]] = service
    return found


class Sheets:
    """A document for requests."""

    def __init__(self, context: Any) -> None:
        desktop = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", context
        )
        hidden = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        hidden.Name, hidden.Value = "Hidden", True
        self.document = desktop.loadComponentFromURL(
            "private:factory/scalc", "_blank", 0, (hidden,)
        )
        self.document.enableAutomaticCalculation(False)  # all is computed at once
        self.sheets = self.document.Sheets
        self.calls = self.sheets.getByIndex(0)

    def fill(self, name: str, rows: list[list[Any]]) -> None:
        """Fill a new sheet; a formula is ``{"f": text}``."""
        self.sheets.insertNewByName(name, self.sheets.Count)
        sheet = self.sheets.getByName(name)
        width = max(map(len, rows))
        plain = tuple(
            tuple(
                "" if cell is None or isinstance(cell, dict) else cell  # which leaves it blank
                for cell in (*row, *[None] * (width - len(row)))
            )
            for row in rows
        )
        area = sheet.getCellRangeByPosition(0, 0, width - 1, len(rows) - 1)
        area.setDataArray(plain)
        for down, row in enumerate(rows):
            for right, cell in enumerate(row):
                if isinstance(cell, dict):
                    sheet.getCellByPosition(right, down).setFormula(cell["f"])

    def ask(self, calls: list[list[Any]]) -> list[list[list[Any]]]:
        """Compute formulas, each of which fills some rows and columns."""
        row, width, places = 0, 1, []
        single: list[tuple[str]] = []
        for formula, down, right in [*calls, ["", 0, 0]]:
            if down == right == 1:
                single.append((formula,))
            else:
                self.put(self.calls, row - len(single), single)
                single = []
                if down:
                    last = row + down - 1
                    area = self.calls.getCellRangeByPosition(0, row, right - 1, last)
                    area.setArrayFormula(formula)
            places.append((row, down, right))
            row, width = row + down, max(width, right)
        self.document.calculateAll()
        values = self.read(self.calls, row, width)
        errors = self.errors(
            [
                (line, column)
                for top, down, right in places
                for line in range(top, top + down)
                for column in range(right)
                if values[line][column] in (None, "")
            ]
        )
        return [
            [
                [errors.get((line, column), values[line][column]) for column in range(right)]
                for line in range(top, top + down)
            ]
            for top, down, right in places[:-1]
        ]

    def errors(self, places: list[tuple[int, int]]) -> dict[tuple[int, int], Any]:
        """Look twice at what has no value: it is an error, or nothing."""
        self.sheets.insertNewByName("Errors", self.sheets.Count)
        sheet = self.sheets.getByName("Errors")
        name = self.calls.Name.replace("'", "''")
        formulas = [
            (f"=ERRORTYPE($'{name}'.{letters(column)}{line + 1})",) for line, column in places
        ]
        self.put(sheet, 0, formulas)
        self.document.calculateAll()
        codes = self.read(sheet, len(places), 1)
        self.sheets.removeByName("Errors")
        return {
            place: {"error": int(code)}
            for place, (code,) in zip(places, codes, strict=True)
            if code is not None and code != ""
        }

    @staticmethod
    def put(sheet: Any, top: int, formulas: list[tuple[str]]) -> None:
        """Write formulas into the first column."""
        for start in range(0, len(formulas), BLOCK):
            block = formulas[start : start + BLOCK]
            first = top + start
            area = sheet.getCellRangeByPosition(0, first, 0, first + len(block) - 1)
            area.setFormulaArray(tuple(block))

    @staticmethod
    def read(sheet: Any, rows: int, width: int) -> list[Any]:
        """Read what cells hold, block by block."""
        values: list[Any] = []
        for top in range(0, rows, BLOCK):
            last = min(top + BLOCK, rows) - 1
            values += sheet.getCellRangeByPosition(0, top, width - 1, last).getDataArray()
        return values


def letters(column: int) -> str:
    """Name a column, counted from 0, of the first 702."""
    first, second = divmod(column, 26)
    return (chr(ord("A") + first - 1) if first else "") + chr(ord("A") + second)


def answer(context: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Answer one request, in a document of its own."""
    found: dict[str, Any] = {}
    sheets = Sheets(context)
    for name, rows in request.get("sheets", {}).items():
        sheets.fill(name, rows)
    if request.get("calls"):
        found["values"] = sheets.ask(request["calls"])
    if request.get("describe"):
        found["functions"] = described(context)
    sheets.document.close(True)
    return found


def main() -> None:
    """Answer requests, one a line, until there are no more."""
    program, profile, pipe = sys.argv[1:]
    process, context = started(program, profile, pipe)
    try:
        for line in sys.stdin:
            print(json.dumps(answer(context, json.loads(line))), flush=True)
    finally:
        with contextlib.suppress(Exception):
            context.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", context
            ).terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
