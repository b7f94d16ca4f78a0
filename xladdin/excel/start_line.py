"""How the add-in starts Python. The check of an installation starts it in the same way.

Excel's current folder is often that of a workbook which somebody sent, and Python would import what
lies there before its own modules: a `decimal.py` beside a workbook would run in its place.
"""

from __future__ import annotations

from typing import Final

OPTIONS: Final = ("-B", "-E", "-P")
"""Python writes no compiled files (-B), takes no folders to import from out of the environment's
variables (-E), and does not import from the current folder (-P)."""

SERVE: Final = (
    "import os; os.environ['PYTHONSAFEPATH'] = '1'; import xlwings; xlwings.serve('$(CLSID)')"
)
"""What Python then runs. The variable does for Pythons which that one starts what -P does for it;
xlwings' library puts the server's class in place of the macro."""
