"""Letters beyond those of English: which texts Excel surely takes for the same, and their capitals.

Excel compares texts by the tables of Windows, of which no version is documented whole. Two texts
that are the same but for capitals are the same there; two that differ whatever accents, widths,
dashes, apostrophes, signs and invisible characters count for are not. What lies between is not
known.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

UNSURE: Final = (
    "it asks for or compares a text beside one that differs in accents, dashes, apostrophes, "
    "signs or what is not seen, which Excel may take for it: write both alike"
)

_WITHOUT_A_PAIR: Final = frozenset(
    "İıĸŉſŒœŸÆÞĲŊ"
)  # of one small letter or capital alone, and ligatures
_CAPITALS: Final = [
    chr(code)
    for block in (range(0xC0, 0xDF), range(0x100, 0x180), range(0x401, 0x402), range(0x410, 0x430))
    for code in block
    if chr(code).lower() != chr(code) and chr(code) not in _WITHOUT_A_PAIR
]
"""Capitals of Latin and Russian that have one small letter, of which they are the one capital."""

_SMALL: Final = {ord(letter): letter.lower() for letter in _CAPITALS}
_LARGE: Final = {ord(letter.lower()): letter for letter in _CAPITALS}
_PAIRED: Final = "".join(letter + letter.lower() for letter in _CAPITALS)
_SIGNS: Final = "–—‘’“”„‚«»‹›•€£¥¢§©®°·±×÷→≤≥≠†‡‰¿¡"
_KNOWN: Final = re.compile(rf"[\x00-\x7f{re.escape(_PAIRED + _SIGNS)}]*")

_UNIFIED: Final = {
    **dict.fromkeys(map(ord, "‘’‚‛`´ʹʻʼʽˈ′＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»″〃"), '"'),
    **{ord(letter): plain for letter, plain in zip("øđðłħŧı", "oddlhti", strict=True)},
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
    ord("−"): "-",
}
_DROPPED: Final = frozenset("MC") | {"Sk", "So", "Sm", "Lm"}
"""Marks, what is not seen, and signs that no table may know, by the letters of their categories."""


def are_known(text: str) -> bool:
    """Whether a text has only letters whose capitals are known, and signs that have none."""
    return _KNOWN.fullmatch(text) is not None


def lowered(text: str) -> str:
    """Return a text in small letters, as far as these are known."""
    if text.isascii():
        return text.lower()
    return "".join(one.lower() if one.isascii() else one for one in text).translate(_SMALL)


def raised(text: str) -> str:
    """Return a text in capitals, as far as these are known."""
    return "".join(one.upper() if one.isascii() else one for one in text).translate(_LARGE)


@lru_cache(maxsize=1 << 16)
def widest(text: str) -> str:
    """Return what is left of a text without whatever may count for nothing."""
    if text.isascii() and text.isalnum():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_UNIFIED)).casefold()
    found = []
    for one in folded.translate(_UNIFIED):
        category = unicodedata.category(one)
        if one.isascii():
            found.append(one)
        elif category in ("Pd", "Zs"):
            found.append("-" if category == "Pd" else " ")
        elif category[0] not in _DROPPED and category not in _DROPPED:
            found.append(one)
    return "".join(found)


def alike(one: str, other: str) -> bool | None:
    """Say whether Excel takes two texts for the same.

    Returns:
        None where that is not known.

    Example:
        >>> alike("Müller", "MÜLLER"), alike("Müller", "Meier"), alike("Müller", "Muller")
        (True, False, None)
    """
    if lowered(one) == lowered(other):
        return True
    if one.isascii() and other.isascii():
        return False
    return None if widest(one) == widest(other) else False


def meets(text: str, asked: str) -> bool | None:
    """Say whether Excel finds a text by one with wildcards.

    Returns:
        None where that is not known.
    """
    surely = pattern(asked, lowered).fullmatch(lowered(text)) is not None
    perhaps = pattern(asked, widest).fullmatch(widest(text)) is not None
    return surely if surely == perhaps else None


def pattern(asked: str, folded: Callable[[str], str]) -> re.Pattern[str]:
    """Return what texts have to match that are folded so; ``~`` takes a wildcard for itself.

    What stands between two ``*`` is looked for once, from where the one before it was found: where
    a text ends so, it does for the first such place, too.
    """
    between, plain = [""], ""
    for sign in re.findall(r"~[*?~]|[*?]|[^*?~]+|~", asked):
        if sign in ("*", "?"):
            between[-1] += re.escape(folded(plain)) + ("." if sign == "?" else "")
            between += [""] if sign == "*" else []
            plain = ""
        else:
            plain += sign[1:] if len(sign) > 1 and sign[0] == "~" else sign
    first, *middle = between
    last = re.escape(folded(plain))
    if not middle:
        return re.compile(first + last, re.DOTALL)
    *middle, end = middle
    # A group within a look ahead, and then what it found: it is not gone back into.
    passed = "".join(rf"(?=(.*?{one}))\{number}" for number, one in enumerate(middle, 1))
    return re.compile(f"{first}{passed}.*{end}{last}", re.DOTALL)
