"""Files of deals as bytes: sizes, encodings, damage and characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refused_deals import AWKWARD, SOUND, SRC, changed, refused

from xladdin.errors import TermsError
from xladdin.terms import Terms, read_terms
from xladdin.terms.reader import MAX_BYTES


def deep(sign: str, count: int) -> str:
    return f"a = {sign * count}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        (SOUND.encode("utf-16"), "is not UTF-8 text"),
        (SOUND.replace("Awkward H", "Awkw\u00e4rd H").encode("latin-1"), "is not UTF-8 text"),
        (b"\x00", "is not TOML"),
        (b"{}", "is not TOML"),
        (b"name: AWKWARD", "is not TOML"),
        (b"a = 1\na = 2", "is not TOML"),
        (b"PK\x03\x04", "is not TOML"),
        (b"", "is missing"),
        (b"# " + b"x" * 2_000_000, "it is larger than 500,000 bytes"),
        (deep("[", 100_000).encode(), "has brackets too deep within each other"),
        (deep("{a=", 100_000).encode(), "has brackets too deep within each other"),
        (b"a = " + b"9" * 10_000, "holds a number or date that is beyond all bounds"),
        (b"a = 1e" + b"9" * 30, "holds a number or date that is beyond all bounds"),
        ((deep("[", 90) + "]" * 90).encode(), "is missing"),
    ],
    ids=[
        "bytes",
        "utf-16",
        "latin-1",
        "null",
        "json",
        "yaml",
        "twice",
        "zip",
        "empty",
        "2 MB",
        "lists in lists",
        "tables in tables",
        "digits",
        "exponent",
        "some lists in lists",
    ],
)
def test_files_that_are_no_deals(tmp_path: Path, content: bytes, reason: str) -> None:
    assert reason in refused(tmp_path, content).reason


@pytest.mark.parametrize("where", ["issuer", "calendar", "agreements", "class_b.cap_price.value"])
def test_keys_nested_deeply(tmp_path: Path, where: str) -> None:
    # Dotted keys nest tables without any recursion in the parser, which counts them in squares.
    lines = [line for line in SOUND.splitlines() if not line.startswith(("issuer", "calendar"))]
    header = "\n".join(lines[: lines.index("[agreements.ONLY]")])
    key = ".".join([where, *["a"] * 190])
    assert refused(tmp_path, f"{header}\n{key} = 1\n").key
    key = ".".join([where, *["a"] * 100_000])
    for line in (f"{key} = 1", f"[{key}]", f"[[{key}]]", f"x = {{ {key} = 1 }}"):
        assert "dots in a line" in refused(tmp_path, f"{header}\n{line}\n").reason


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "AWKWARD.toml"
    text = SOUND + "#" * (MAX_BYTES - len(SOUND.encode("utf-8")))
    file.write_bytes(text.encode("utf-8"))
    assert read_terms(file) == read_terms(AWKWARD)
    assert "larger" in refused(tmp_path, text + "#").reason


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "a" / "b.toml", Path("a\0b.toml")):
        with pytest.raises(TermsError) as caught:
            read_terms(path)
        assert (caught.value.path, caught.value.key) == (path, "")
        assert "cannot be read" in caught.value.reason


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_cleanly(tmp_path_factory: Any, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.toml"
    file.write_bytes(content)
    with pytest.raises(TermsError):
        read_terms(file)


@given(st.integers(0, len(SOUND) - 1), st.text(max_size=5), st.integers(0, 30))
def test_a_damaged_deal_is_read_or_refused(
    tmp_path_factory: Any, place: int, put: str, cut: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "AWKWARD.toml"
    text = SOUND[:place] + put + SOUND[place + cut :]
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        terms = read_terms(file)
    except TermsError as error:
        assert error.reason  # noqa: PT017  (either outcome is right)
    else:
        assert isinstance(terms, Terms)


@pytest.mark.parametrize(
    "character",
    [
        *("\x1b", "\x00", "\x9b", "\n", "\r", "\t", "\u2028", "\u2029", "\u202e", "\u2066"),
        *("\u200b", "\u200d", "\u00ad", "\ufeff", "\u061c", "\U000e0041", "\ue000", "\uffff"),
        "\ufdd0",
    ],
)
@pytest.mark.parametrize(
    ("old", "key"),
    [
        ('issuer = "Awkward Holdings"', "issuer"),
        ('ticker = "AWK"', "ticker"),
        (SRC, "agreements.ONLY.title.source"),
    ],
)
def test_characters_that_no_reader_sees(tmp_path: Path, character: str, old: str, key: str) -> None:
    new = f'{old[:-1]}\\U{ord(character):08x}"'
    if key.endswith("source"):
        whole = next(line for line in SOUND.splitlines() if line.startswith("title"))
        text = changed(whole, whole.replace(old, new))
    else:
        text = changed(old, new)
    error = refused(tmp_path, text)
    assert error.key == key
    assert f"U+{ord(character):04X}" in error.reason
    assert error.remedy
    assert str(error).isprintable()


@pytest.mark.parametrize("text", ["Société Générale", "株式会社", "A\u00a0B", "x²", "Смит"])
def test_texts_of_all_languages_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "AWKWARD.toml"
    path.write_text(changed("Awkward Holdings", text), "utf-8")
    assert read_terms(path).issuer == text


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "AWKWARD.toml"
    path.write_bytes(SOUND.encode("utf-8-sig"))
    assert read_terms(path) == read_terms(AWKWARD)


@pytest.mark.parametrize("day", ["0001-01-01", "1900-03-01", "1974-12-31", "2091-01-01"])
def test_documents_from_days_without_a_calendar(tmp_path: Path, day: str) -> None:
    error = refused(tmp_path, changed("document_date = 2010-02-28", f"document_date = {day}"))
    assert error.key == "document_date"
    assert error.reason == f"must be from 1975-01-01 to 2090-12-31, and is {day}"
