"""The pages of a document as it was filed: text, or HTML."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from xladdin import files
from xladdin.errors import FileError

MAX_BYTES: Final = 20_000_000
"""Most bytes of a document; a prospectus has less than a million."""

COVER: Final = "cover"
"""Label of what stands before the first numbered page."""

_BREAK: Final = "\f"
_FOOTER: Final = re.compile(
    r"[ \t]*(?:[-\u2013\u2014][ \t]*)?(?:page[ \t]+)?"
    r"(?P<label>(?:(?P<series>[A-Z]{1,3})-)?(?P<number>\d{1,3}))"
    r"(?:[ \t]*[-\u2013\u2014])?[ \t]*",
    re.IGNORECASE,
)
"""A line that is a page's number and nothing else."""

_CONTENTS: Final = re.compile(r"^[ \t]*TABLE[ \t]+OF[ \t]+CONTENTS[ \t]*$", re.MULTILINE)
_NEAR_BREAK: Final = 3
"""Lines from a break of pages within which a page's number stands."""


@dataclass(frozen=True)
class Document:
    """A document.

    Attributes:
        name: Its file's name.
        pages: Its pages by label, such as ``"S-11"``, with single blanks between words.
    """

    name: str
    pages: Mapping[str, str]


def read_document(path: Path) -> Document:
    """Read a document.

    Args:
        path: A file of text, or of HTML as it was filed.

    Returns:
        The document; one without numbers of pages is a single page, under the file's name.

    Raises:
        FileError: The file cannot be read, or holds no text.
    """
    data = files.read(path, MAX_BYTES)
    text = data.decode("utf-8-sig", errors="replace")
    if re.search(r"<(?:html|body|div|p|table)\b", text[:20_000], re.IGNORECASE):
        text = _plain(text)
    if not text.strip():
        raise FileError(path, "it holds no text", "give the document as text or HTML")
    text = re.sub(r"<PAGE>", _BREAK, text)
    found = dict(_pages(text))
    pages = {label: " ".join(page.split()) for label, page in found.items()}
    return Document(path.name, MappingProxyType(pages or {path.name: " ".join(text.split())}))


def _pages(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text at the numbers at the feet of its pages; none where it has no such numbers."""
    lines = text.splitlines(keepends=True)
    feet = list(_feet(lines))
    begin = 0
    for at, label in feet:
        page = "".join(lines[begin:at])
        if begin == 0:
            contents = _CONTENTS.search(page)
            cut = contents.start() if contents else page.find(_BREAK)
            if cut > 0:
                yield COVER, page[:cut]
                page = page[cut:]
        yield label, page
        begin = at + 1


def _feet(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Find the lines that number pages: each is one more than the one before."""
    # str.splitlines cuts at form feeds, so that a break is the end of a line.
    breaks = [at for at, line in enumerate(lines) if _BREAK in line]
    near = _beside(lines, (*breaks, len(lines) - 1)) if len(breaks) > 1 else None
    series, last = "", 0
    for at, line in enumerate(lines):
        found = _FOOTER.fullmatch(line.strip("\r\n\f\v"))
        if found is None or (near is not None and at not in near):
            continue
        own, number = (found["series"] or "").upper(), int(found["number"])
        if (last == 0 and number <= _NEAR_BREAK) or (own == series and number == last + 1):
            series, last = own, number
            yield at, found["label"].upper()


def _beside(lines: list[str], breaks: Iterable[int]) -> set[int]:
    """Find the lines near a break, by number; blank ones are not counted."""
    near = set()
    for at in breaks:
        for step in (-1, 1):
            place, seen = at if step < 0 else at + 1, 0
            while 0 <= place < len(lines) and seen < _NEAR_BREAK:
                seen += bool(lines[place].strip())
                near.add(place)
                place += step
    return near


class _Text(html.parser.HTMLParser):
    """Collect the text of HTML: a line for each paragraph and row, a break where pages end."""

    _LINES = frozenset({"p", "div", "tr", "br", "hr", "h1", "h2", "h3", "h4", "li", "table"})
    _SILENT = frozenset({"script", "style", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a cell or a page."""
        style = (dict(attrs).get("style") or "").replace(" ", "").lower()
        if tag in self._SILENT:
            self._silent += 1
        if re.search(r"(?:page-)?break-(?:before|after):(?:always|page)", style):
            self.parts.append(_BREAK)
        if tag in self._LINES:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a line."""
        if tag in self._SILENT:
            self._silent -= 1
        if tag in self._LINES:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text; its own line breaks mean nothing."""
        if self._silent <= 0:
            self.parts.append(" ".join(data.split("\n")))


def _plain(text: str) -> str:
    parser = _Text()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts)


_CITED: Final = re.compile(
    r"\bcover\b|\b[A-Z]{1,3}-\d{1,3}\b|\b(?:pages?|pp?\.)\s*(?P<number>\d{1,3})\b"
)


def cited_pages(source: str, document: Document) -> list[str]:
    """List the pages that a source names, in a document's labels.

    Args:
        source: The source of a figure, such as ``"cover, S-11"`` or ``"note 8, R15.htm"``.
        document: The document.

    Returns:
        Labels, those of pages that the document has not among them; none where the source names
        no page, or another document.
    """
    names = {document.name, Path(document.name).stem}
    if set(document.pages) == {document.name}:
        named = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", source) for name in names)
        return [document.name] if named else []
    whole = source.strip()
    if whole in document.pages:
        return [whole]
    return [found["number"] or found[0] for found in _CITED.finditer(source)]
