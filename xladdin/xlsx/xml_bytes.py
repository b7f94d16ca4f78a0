"""XML read safely and changed in place, byte by byte.

A part of a user's workbook must not be rewritten as a whole: parsing it into a tree and printing
the tree again would change prefixes, quotes and spacing, and lose what the tree does not have. So
changes are made to ranges of the bytes, which a parser that reports its position finds.
"""

from __future__ import annotations

import html
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Final, NamedTuple
from xml.parsers import expat

_ATTRIBUTE: Final = re.compile(rb"""\s+([^\s=/>"']+)\s*=\s*("[^"]*"|'[^']*')""")

_MARKED: Final = re.compile(rb"[<\r]|&#")
"""Without one of these, there are only the references to the five characters below."""

_ENTITIES: Final = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&apos;", "'"),
    ("&amp;", "&"),  # the last: its result has no references
)

_SPACES: Final = bytes.maketrans(b"\t\n\r", b"   ")
"""Line breaks and tabs in an attribute, which count as spaces."""

_TAG: Final = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")

_UNSAFE: Final = re.compile(
    # Control characters, lone surrogates and the two non-characters cannot stand in XML. A
    # carriage return can, but every reader turns it into a line feed. And what only looks like an
    # escape must be escaped itself.
    "[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)

_ESCAPE: Final = re.compile("_x([0-9A-Fa-f]{4})_")


class UnsafeXMLError(ValueError):
    """XML that is not well formed, or that uses what a workbook never needs."""


class Edit(NamedTuple):
    """A range of bytes, and its replacement."""

    start: int
    end: int
    text: bytes


class Element(NamedTuple):
    """Position of an element in the bytes.

    Attributes:
        name: Its name as written, prefix included.
        attributes: Its attributes as written.
        start: Begin of its start tag.
        inner: Begin of its content.
        stop: End of its content.
        end: End of its end tag; equal to `inner` and `stop` if it closes itself.
        text: The character data directly in it.
    """

    name: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    stop: int
    end: int
    text: str

    @property
    def empty(self) -> bool:
        """Whether it closes itself."""
        return self.inner == self.end


def parser(namespaces: bool = False) -> expat.XMLParserType:
    """Make a parser that refuses document types, and with them entities.

    Args:
        namespaces: Whether names are to come as ``namespace}local``.

    Returns:
        The parser; it raises `UnsafeXMLError` where a document type begins, and for an encoding in
        which byte positions would have another meaning.
    """
    made = expat.ParserCreate(namespace_separator="}") if namespaces else expat.ParserCreate()
    made.buffer_text = True

    def doctype(*_: object) -> None:
        raise UnsafeXMLError("it declares a document type, which no workbook needs")

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "us-ascii", "ascii"):
            raise UnsafeXMLError(f"its encoding is {encoding}, and only UTF-8 is known")

    made.StartDoctypeDeclHandler = doctype
    made.XmlDeclHandler = declaration
    return made


def feed(made: expat.XMLParserType, data: bytes) -> None:
    """Run a parser over a whole part.

    Args:
        made: A parser from `parser`.
        data: The part.

    Raises:
        UnsafeXMLError: It is not well formed, or not safe.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnsafeXMLError("its encoding is UTF-16, and only UTF-8 is known")
    try:
        made.Parse(data, True)
    except expat.ExpatError as error:
        raise UnsafeXMLError(f"its XML is broken: {error}") from None


def tree(data: bytes) -> ET.Element:
    """Parse a small part into a tree.

    Args:
        data: The part.

    Returns:
        Its root; names are ``{namespace}local``.

    Raises:
        UnsafeXMLError: It is not well formed, or not safe.
    """
    builder = ET.TreeBuilder()
    made = parser(namespaces=True)

    def named(name: str) -> str:
        return "{" + name if "}" in name else name

    def start(name: str, attributes: dict[str, str]) -> None:
        builder.start(named(name), {named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        builder.end(named(name))

    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = builder.data
    feed(made, data)
    return builder.close()


def local(name: str) -> str:
    """Return a name without its namespace or prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def elements(data: bytes, names: Iterable[str]) -> list[Element]:
    """Find elements by their local names.

    Args:
        data: The part.
        names: Local names wanted.

    Returns:
        The elements in the order of their ends.

    Raises:
        UnsafeXMLError: It is not well formed, or not safe.
    """
    wanted = frozenset(names)
    found: list[Element] = []
    stack: list[tuple[str, dict[str, str], int, list[str]]] = []
    made = parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        stack.append((name, attributes, made.CurrentByteIndex, []))

    def end(name: str) -> None:
        _, attributes, begins, text = stack.pop()
        if local(name) in wanted:
            inner = tag_end(data, begins)
            closes_itself = data[inner - 2 : inner] == b"/>"
            stop = inner if closes_itself else made.CurrentByteIndex
            finish = inner if closes_itself else tag_end(data, stop)
            found.append(Element(name, attributes, begins, inner, stop, finish, "".join(text)))

    def characters(text: str) -> None:
        if stack:
            stack[-1][3].append(text)

    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = characters
    feed(made, data)
    return found


def texts(data: bytes, name: str) -> list[str]:
    """Read the text of rich-text elements, such as the items of the shared strings.

    Args:
        data: The part, or a piece of one.
        name: Local name of the elements: ``si`` or ``is``.

    Returns:
        Their texts in order, formatting and phonetic help left out.

    Raises:
        UnsafeXMLError: It is not well formed, or not safe.
    """
    found: list[str] = []
    path: list[str] = []
    made = parser()

    def start(tag: str, _: dict[str, str]) -> None:
        path.append(local(tag))
        if path[-1] == name:
            found.append("")

    def end(_: str) -> None:
        path.pop()

    def characters(text: str) -> None:
        if path and path[-1] == "t" and name in path and "rPh" not in path:
            found[-1] += text

    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = characters
    feed(made, data)
    return [unescaped(text) for text in found]


def characters(content: bytes) -> str:
    """Read the character data of an element without other content.

    Args:
        content: The bytes between its tags, in well-formed XML.

    Returns:
        The text, its references and sections resolved.
    """
    if b"&" not in content and b"<" not in content and b"\r" not in content:
        return content.decode()
    if _MARKED.search(content) is None:
        text = content.decode()
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
        return text
    pieces: list[str] = []
    made = parser()
    made.CharacterDataHandler = pieces.append
    feed(made, b"<t>" + content + b"</t>")
    return "".join(pieces)


def attributes(tag: bytes) -> dict[str, str]:
    """Read the attributes of a start tag.

    Args:
        tag: The tag, or its bytes after the name.

    Returns:
        The attributes by name as written, prefix included.
    """
    return {
        match[1].decode(): characters(match[2][1:-1].translate(_SPACES))
        for match in _ATTRIBUTE.finditer(tag)
    }


def tag_end(data: bytes, start: int) -> int:
    """Find the end of a tag; a ``>`` may stand within the quotes of an attribute.

    Args:
        data: Well-formed XML.
        start: Position of the tag's ``<``.

    Returns:
        The position after its ``>``.
    """
    match = _TAG.match(data, start)
    if match is None:
        raise UnsafeXMLError(f"its XML is broken at byte {start}")
    return match.end()


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """Set or remove one attribute of a start tag, leaving the rest as it is.

    Args:
        tag: A whole start tag, from ``<`` to ``>``.
        name: The attribute.
        value: Its value, free of anything that needs escaping; None removes it.

    Returns:
        The tag.
    """
    wanted = name.encode()
    for match in _ATTRIBUTE.finditer(tag):
        if match[1] == wanted:
            if value is None:
                return tag[: match.start()] + tag[match.end() :]
            quote = match[2][:1]
            return tag[: match.start(2)] + quote + value.encode() + quote + tag[match.end(2) :]
    if value is None:
        return tag
    closing = len(tag) - (2 if tag.endswith(b"/>") else 1)
    head = tag[:closing].rstrip()
    return head + f' {name}="{value}"'.encode() + tag[len(head) :]


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Make edits, which must not overlap; those at one place go in as given.

    Args:
        data: The part.
        edits: Ranges and their replacements.

    Returns:
        The part with every other byte as it was.
    """
    return splice_in_order(data, sorted(edits, key=itemgetter(0, 1)))


def splice_in_order(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Make edits that come in their order, as `splice` does; none is kept in memory."""
    new, view = io.BytesIO(), memoryview(data)  # which hands its bytes over without a copy
    write = new.write
    at = 0
    for start, end, text in edits:
        if start < at:
            raise ValueError("edits overlap")
        write(view[at:start])
        write(text)
        at = end
    write(view[at:])
    return new.getvalue()


def escaped(text: str) -> str:
    """Write text as character data of a cell; what XML cannot hold becomes ``_xHHHH_``."""
    text = _UNSAFE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return html.escape(text, quote=False)


def unescaped(text: str) -> str:
    """Read a cell's text back: ``_xHHHH_`` becomes its character."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
