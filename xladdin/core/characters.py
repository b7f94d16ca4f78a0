"""Characters that no reader sees: they break a line, steer a terminal, or turn text around."""

from __future__ import annotations

from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that show as nothing, break a line, change the direction of what is
read, or are no characters: line breaks and tabs, marks of direction, blanks without width."""


def unseen(text: str, allowed: str = "") -> str:
    """Name the first character of a text that no reader sees.

    Args:
        text: The text.
        allowed: Such characters that it may hold, as cells hold line breaks.

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
