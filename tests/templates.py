"""Which templates the deals of the tests have."""

from __future__ import annotations

from typing import Final

from xladdin.building.render import TEMPLATES

OF_2001: Final = tuple(name for name in TEMPLATES if name != "equityline")
"""Templates of which NEOT-2001, or a deal of its kind, has a workbook."""

LINES: Final = ("CGTX-2022", "CANOO-2022", "CDIO-2023")
"""Shipped deals that have an equity line, or notes that convert like one."""

OFFERINGS: Final = ("CGTX-2022", "CANOO-2022", "MORF-2020", "CIK886128-SHARES")
"""Further shipped deals of which there is an offering.xlsx."""
