"""Deals that tests change line by line."""

from __future__ import annotations

from typing import Final

from paths import DATA

NEOT_1: Final = (DATA / "format_1" / "NEOT-2001.toml").read_text("utf-8")
"""The shipped deal as a file of format 1."""
