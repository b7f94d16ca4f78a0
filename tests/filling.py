"""What somebody types into a workbook, for tests of what becomes of it."""

from __future__ import annotations

import datetime
from typing import Any


def type_placements(book: Any) -> None:
    """Type into the log: a changed count, another placement, another price for the rest."""
    sheet = book["Placements"]
    sheet["C27"] = 51000
    sheet["B34"] = datetime.date(2002, 1, 8)
    sheet["C34"] = 1000
    sheet["D34"] = 4.5
    sheet["E5"] = 5.25
