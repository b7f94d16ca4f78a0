"""Deals that tests change line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

NEOT_1: Final = (Path(__file__).parent / "data" / "format_1" / "NEOT-2001.toml").read_text("utf-8")
"""The shipped deal as a file of format 1."""
