"""How many of Excel's functions each engine is proved to compute, and how many it refuses.

Run it as ``python -m xladdin.engines.counts``.
"""

from __future__ import annotations

import sys
from collections import Counter

from openpyxl.utils import FORMULAE

from xladdin.engines.evidence import SOURCES
from xladdin.engines.libreoffice.function_groups import OTHERS
from xladdin.engines.libreoffice.known_differences import TABLE as KNOWN
from xladdin.engines.proved import BY_FORM, EXCELS, PROVED


def lines() -> list[str]:
    """Return the count, a line each: functions proved, by whom, and functions refused."""
    names = PROVED.keys() | BY_FORM
    refused = sorted((FORMULAE | EXCELS) - names)
    witnesses = Counter(
        letter
        for entries in PROVED.values()
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
    shapes = sum(map(len, PROVED.values()))
    return [
        f"{len(names)} functions are proved for the embedded engine, in {shapes} shapes: {by}",
        *(
            f"{source.name} at {source.commit[:7]}: {source.compared:,} values that Excel stored "
            f"are the same, in {source.workbooks} workbooks; {source.refused:,} formulas refused; "
            f"{source.differ} differ, since {source.why}"
            for source in SOURCES
        ),
        f"{len(refused)} of Excel's other functions are refused: {', '.join(refused)}",
        (
            f"{witnesses['L']} of the proved functions give the same in LibreOffice, but for "
            f"{len(KNOWN)} known differences in {len({one.reason for one in KNOWN})} kinds, which "
            f"are refused there; {len(OTHERS)} functions are always refused there; the others that "
            "it has are not proved for it"
        ),
    ]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
