"""How many of Excel's functions the embedded engine may compute.

Run it as ``python -m xladdin.hosts.counts``.
"""

from __future__ import annotations

import sys
from collections import Counter

from openpyxl.utils import FORMULAE

from xladdin.hosts.proved import BY_FORM, EXCELS, PROVED


def lines() -> list[str]:
    """Return the count, a line each: functions proved, by whom, and functions refused."""
    names = PROVED.keys() | BY_FORM
    refused = sorted((FORMULAE | EXCELS) - names)
    witnesses = Counter(letter for entries in PROVED.values() for letter in entries[0].evidence)
    by = ", ".join(
        f"{count} by {name}"
        for letter, name in (
            ("L", "LibreOffice"),
            ("S", "the second witness"),
            ("P", "Excel's documentation"),
        )
        if (count := witnesses[letter])
    )
    shapes = sum(map(len, PROVED.values()))
    return [
        f"{len(names)} functions are proved for the embedded engine, in {shapes} shapes: {by}",
        f"{len(refused)} of Excel's other functions are refused: {', '.join(refused)}",
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
