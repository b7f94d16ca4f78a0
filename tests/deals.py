"""Deals that tests change line by line."""

from __future__ import annotations

from typing import Final

from paths import DATA

NEOT_1: Final = (DATA / "format_1" / "NEOT-2001.toml").read_text("utf-8")
"""The shipped deal as a file of format 1."""


def head(name: str, day: str = "2023-01-03") -> str:
    """Begin the file of a deal that is made up; its sections follow."""
    return f"""format = 2
name = "{name}"
issuer = "{name.title()}, Inc."
ticker = "{name[:4]}"
document = "An agreement, made up"
document_date = {day}
calendar = "XNYS"
"""
