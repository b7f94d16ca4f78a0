"""Canonical XML, against the standard library's: another writer, and another standard for it."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.xlsx import xml_bytes
from xladdin.xlsx.canonical_xml import canonical

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n&<>\"'"),
    max_size=12,
)
NAMES = st.sampled_from(["a", "b", "p:a", "q:b", "p:c"])
KEYS = st.sampled_from(["a", "b", "c", "p:a", "q:a", "p:b", "xml:space"])
SPACES = {"xmlns": "urn:0", "xmlns:p": "urn:1", "xmlns:q": "urn:2"}


def escaped(text: str, quote: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(quote, "&#34;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    name = draw(NAMES)
    attributes = draw(st.dictionaries(KEYS, TEXT, max_size=3))
    if depth == 3:
        attributes |= SPACES
    elif draw(st.integers(0, 4)) == 0:
        # The standard library writes what takes a default namespace back in a wrong way.
        again = draw(st.sampled_from([{"xmlns": "urn:3"}, {"xmlns:p": "urn:9"}]))
        attributes |= again
    inside = ""
    if depth and not (depth < 3 and draw(st.booleans())):
        inside = "".join(
            draw(elements(depth - 1) | TEXT.map(lambda text: escaped(text, "\0")))
            for _ in range(draw(st.integers(0, 3)))
        )
    given = "".join(f' {key}="{escaped(value, chr(34))}"' for key, value in attributes.items())
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"


@given(elements())
def test_canonical_form_is_the_librarys(text: str) -> None:
    written = canonical(text.encode())
    assert written.decode() == ET.canonicalize(text)
    assert canonical(written) == written


@pytest.mark.parametrize(
    "text",
    [
        "<a><!-- left out --><b/></a>",
        "<a><?kept as it is?><b/></a>",
        "<a><![CDATA[<b/>]]></a>",
        "<?before it?><a>x</a>",
        '<a xml:space="preserve"> x </a>',
        "<a b='&#13;'>&#13;&#65;</a>",
    ],
)
def test_what_is_out_of_the_ordinary(text: str) -> None:
    assert canonical(text.encode()).decode() == ET.canonicalize(text)


def test_namespaces_of_the_same_meaning_and_none() -> None:
    text = b'<a xmlns="urn:0"><b xmlns=""/><q:b p:c="1" xmlns:p="urn:1" xmlns:q="urn:1"/></a>'
    written = canonical(text)
    assert [one.tag for one in ET.fromstring(written)] == ["b", "{urn:1}b"]
    assert canonical(written) == written


@pytest.mark.parametrize(
    "text",
    [
        "<a>",
        "<a/><b/>",
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>',
        f"<a>{'x' * 11_000_000}</a>",
    ],
    ids=len,
)
def test_what_is_broken_or_unsafe_is_refused(text: str) -> None:
    with pytest.raises(xml_bytes.UnsafeXMLError):
        canonical(text.encode())
