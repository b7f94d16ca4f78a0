"""Invisible characters: they break a line, control a terminal, or change a text's direction."""

from __future__ import annotations

from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that are invisible, break a line, change the direction of text or are
no characters: line breaks and tabs, bidirectional controls, spaces without width."""


def unseen(text: str, allowed: str = "") -> str:
    """Name the first invisible character of a text.

    Args:
        text: The text.
        allowed: Invisible characters that it may contain, as cells contain line breaks.

    Returns:
        The character's number and name, such as ``U+202E (right-to-left override)``; empty where
        there is none.
    """
    if text.isprintable():
        return ""
    import unicodedata  # only now: Excel loads what uses this module as it starts

    for character in text:
        number = ord(character)
        nothing = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
        if character not in allowed and (nothing or unicodedata.category(character) in _UNSEEN):
            name = unicodedata.name(character, "a control character").lower()
            return f"U+{number:04X} ({name})"
    return ""
