"""A program: a real Calc with the extension, asked for many cells at once.

It runs under LibreOffice's Python, as a user who is not root, and takes one request as JSON on
standard input. See `calc_route`, which starts it.
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
        told = {item.Name: item.Value for item in one}
        told["Arguments"] = [[a.Name, a.Description, a.IsOptional] for a in told["Arguments"] or ()]
        found[told["Name"]] = told
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
        for formula, down, right in calls:
            area = self.calls.getCellRangeByPosition(0, row, right - 1, row + down - 1)
            if down == right == 1:
                area.getCellByPosition(0, 0).setFormula(formula)
            else:
                area.setArrayFormula(formula)
            places.append((row, down, right))
            row, width = row + down, max(width, right)
        self.document.calculateAll()
        values = []
        for top in range(0, row, BLOCK):
            last = min(top + BLOCK, row) - 1
            values += self.calls.getCellRangeByPosition(0, top, width - 1, last).getDataArray()
        return [
            [
                [self.told(values[line][column], line, column) for column in range(right)]
                for line in range(top, top + down)
            ]
            for top, down, right in places
        ]

    def told(self, value: Any, line: int, column: int) -> Any:
        """Look twice at what has no value: it is an error, or nothing."""
        if value is not None and value != "":
            return value
        number = self.calls.getCellByPosition(column, line).getError()
        return {"error": number} if number else value


def main() -> None:
    """Answer one request."""
    program, profile, pipe = sys.argv[1:]
    request = json.load(sys.stdin)
    process, context = started(program, profile, pipe)
    answer: dict[str, Any] = {}
    try:
        sheets = Sheets(context)
        for name, rows in request.get("sheets", {}).items():
            sheets.fill(name, rows)
        if request.get("calls"):
            answer["values"] = sheets.ask(request["calls"])
        if request.get("describe"):
            answer["functions"] = described(context)
        if request.get("modules"):
            answer["modules"] = context.ServiceManager.createInstanceWithContext(
                "com.xladdin.Functions", context
            ).getImplementationName()
        sheets.document.close(True)
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
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
