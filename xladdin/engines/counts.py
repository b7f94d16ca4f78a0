"""How many of Excel's functions each engine is proved to compute, and how many it refuses.

Run it as ``python -m xladdin.engines.counts``.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from openpyxl.utils import FORMULAE

from xladdin.engines.evidence import SOURCES
from xladdin.engines.proved import BY_FORM, OFFICES, PROVED, Entry
from xladdin.engines.proved_table import EXCELS


def lines() -> list[str]:
    """Return the count, a line each: functions proved, by whom, and functions refused."""
    names = PROVED.keys() | BY_FORM
    refused = sorted((FORMULAE | EXCELS) - names - OFFICES.keys())
    return [
        f"{len(names)} functions are proved for the embedded engine, {_evidence(PROVED)}",
        *(
            f"{source.name} at {source.commit[:7]}: {source.compared:,} values that Excel stored "
            f"are the same, in {source.workbooks} workbooks; {source.refused:,} formulas refused; "
            f"{source.differ} differ, since {source.why}"
            for source in SOURCES
        ),
        f"{len(OFFICES)} more are proved for LibreOffice, {_evidence(OFFICES)}",
        f"these are: {', '.join(sorted(OFFICES))}",
        f"{len(refused)} of Excel's other functions are refused: {', '.join(refused)}",
    ]


def _evidence(table: Mapping[str, Sequence[Entry]]) -> str:
    """Return in how many shapes a table's functions are proved, and how many by each witness."""
    witnesses = Counter(
        letter
        for entries in table.values()
        for letter in {*"".join(one.evidence for one in entries)}
    )
    by = ", ".join(
        f"{count} by {name}"
        for letter, name in (
            ("L", "LibreOffice"),
            ("S", "the second witness"),
            ("P", "Excel's documentation"),
            ("X", "values that Excel stored"),
        )
        if (count := witnesses[letter])
    )
    return f"in {sum(map(len, table.values()))} shapes: {by}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
