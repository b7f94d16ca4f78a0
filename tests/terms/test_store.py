"""Where deals are found: names that are never paths, the user's folder, shipped deals first."""

from __future__ import annotations

from pathlib import Path
from typing import Final, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import DATA

from xladdin.cells import CellError
from xladdin.errors import TermsError
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import UnknownTerms, deal_names, load_terms, parsing, read_terms, select, store

AWKWARD = DATA / "AWKWARD.toml"
SOUND = AWKWARD.read_text(encoding="utf-8")
REF = CellError("#REF!")

SHIPPED_NAMES: Final = [
    "CANOO-2022",
    "CDIO-2023",
    "CGTX-2022",
    "CIK886128-SHARES",
    "MORF-2020",
    "NEOT-2001",
]


def put(folder: Path, name: str, text: str = SOUND) -> Path:
    file = folder / f"{name}.toml"
    file.write_text(text.replace('"AWKWARD"', f'"{name}"'), encoding="utf-8")
    return file


def capacity(terms: str) -> object:
    return FUNCTIONS["CEO_CAPACITY"].evaluate([0.0, None, terms])


def unknown(text: str) -> str:
    with pytest.raises(UnknownTerms) as caught:
        select(text)
    return caught.value.reason


def test_shipped_deals() -> None:
    assert list(deal_names()) == SHIPPED_NAMES
    assert load_terms() is load_terms("NEOT-2001") is select().terms
    assert select().agreement.key == "SALES"
    assert select("NEOT-2001/OTHER").agreement.key == "OTHER"


@pytest.mark.parametrize(
    ("text", "agreement", "shortest"),
    [
        ("NEOT-2001", "SALES", "NEOT-2001"),
        ("neot-2001", "SALES", "NEOT-2001"),
        ("  Neot-2001  ", "SALES", "NEOT-2001"),
        ("NEOT-2001/SALES", "SALES", "NEOT-2001"),
        ("NEOT-2001/OTHER", "OTHER", "NEOT-2001/OTHER"),
        ("neot-2001 / other", "OTHER", "NEOT-2001/OTHER"),
    ],
)
def test_ways_to_name_a_deal(text: str, agreement: str, shortest: str) -> None:
    found = select(text)
    assert found.agreement.key == agreement
    assert found.text == shortest
    assert select(found.text) == found


def test_unknown_names_say_what_there_is() -> None:
    assert "NEOT-2001" in unknown("nope")
    reason = unknown("NEOT-2001/nope")
    assert "SALES, OTHER" in reason
    assert unknown("NEOT-2001/")
    assert unknown("")
    assert issubclass(UnknownTerms, LookupError)


def test_the_users_folder(folder: Path) -> None:
    assert store.user_folder() == folder
    put(folder, "MINE")
    assert list(deal_names()) == [*SHIPPED_NAMES, "MINE"]
    assert load_terms("mine").name == "MINE"
    assert capacity("Mine") == capacity("MINE/ONLY") == 7_777_777.5
    assert capacity("NEOT-2001") == 25e6


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(store.ENVIRONMENT)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert store.user_folder() == tmp_path / ".xladdin" / "deals"
    monkeypatch.setenv(store.ENVIRONMENT, "")
    assert store.user_folder() == tmp_path / ".xladdin" / "deals"
    monkeypatch.setenv(store.ENVIRONMENT, str(Path("~", "terms")))
    assert store.user_folder() == tmp_path / "terms"


@pytest.mark.parametrize("where", ["none", "file.toml", "~no-such-user-here/deals"])
def test_a_folder_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str) -> None:
    (tmp_path / "file.toml").write_text("format = 1", encoding="utf-8")
    named = where if where.startswith("~") else str(tmp_path / where)
    monkeypatch.setenv(store.ENVIRONMENT, named)
    store.forget()
    assert list(deal_names()) == SHIPPED_NAMES
    assert capacity("NEOT-2001") == 25e6
    assert capacity("nope") is REF


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(_self: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv(store.ENVIRONMENT)
    monkeypatch.setattr(Path, "expanduser", homeless)
    store.forget()
    assert list(deal_names()) == SHIPPED_NAMES
    assert capacity("NEOT-2001") == 25e6


@pytest.mark.parametrize("name", ["NEOT-2001", "neot-2001", "Neot-2001"])
def test_no_file_takes_a_shipped_deals_place(folder: Path, name: str) -> None:
    file = put(folder, name)
    assert read_terms(file).agreements[0].key == "ONLY"  # sound in itself
    assert list(deal_names()) == SHIPPED_NAMES
    assert deal_names()["NEOT-2001"].parent == store.SHIPPED
    assert capacity("NEOT-2001") == capacity(name) == 25e6
    with pytest.raises(TermsError) as caught:
        store.offer(read_terms(file), file)
    assert caught.value.key == "name"
    assert capacity("NEOT-2001") == 25e6


def test_a_text_is_never_a_path(folder: Path) -> None:
    outside = folder.parent
    put(outside, "OUTSIDE")
    (folder / "sub").mkdir()
    put(folder / "sub", "INSIDE")
    for text in (
        "OUTSIDE",
        "../OUTSIDE",
        "..\\OUTSIDE",
        "NEOT-2001/../OUTSIDE",
        "sub/INSIDE",
        "INSIDE",
        str(outside / "OUTSIDE"),
        str(outside / "OUTSIDE.toml"),
        f"file://{outside}/OUTSIDE.toml",
        "OUTSIDE.toml",
        "*",
    ):
        assert capacity(text) is REF, text
    # A path is taken where a path is asked for, and only there.
    assert load_terms(outside / "OUTSIDE.toml").name == "OUTSIDE"
    with pytest.raises(UnknownTerms):
        load_terms(str(outside / "OUTSIDE.toml"))


@given(st.text(max_size=12))
def test_any_text_names_a_deal_or_nothing(text: str) -> None:
    if text and text.strip().casefold() != "neot-2001":  # an empty text is a blank
        assert capacity(text) is REF


def test_names_of_files_that_are_no_names(folder: Path) -> None:
    for name in (".hidden", "a b", "\u00e4", "x" * 65, "-x"):
        (folder / f"{name}.toml").write_text(SOUND, encoding="utf-8")
    (folder / "notes.txt").write_text(SOUND, encoding="utf-8")
    assert list(deal_names()) == SHIPPED_NAMES


def test_a_wrong_file_is_refused_when_it_is_asked_for(folder: Path) -> None:
    file = put(folder, "WRONG", SOUND.replace("cap_price", "cap_pirce"))
    put(folder, "RIGHT")
    assert capacity("RIGHT") == 7_777_777.5
    assert capacity("WRONG") is REF
    reports: list[Exception] = []
    FUNCTIONS["CEO_CAPACITY"].evaluate([0.0, None, "WRONG"], reports.append)
    assert str(file) in str(reports[0])
    assert "did you mean 'cap_price'?" in str(reports[0])
    with pytest.raises(TermsError) as caught:
        load_terms("WRONG")
    assert (caught.value.path, caught.value.key) == (file, "class_b.cap_pirce")
    # Corrected, it is read at once: failures are not kept.
    put(folder, "WRONG")
    assert capacity("WRONG") == 7_777_777.5


def test_forget_reads_anew(folder: Path) -> None:
    put(folder, "MINE")
    assert capacity("MINE") == 7_777_777.5
    put(folder, "MINE", SOUND.replace("7_777_777.5", "8_000_000"))
    assert capacity("MINE") == 7_777_777.5  # a workbook does not change terms in mid-calculation
    store.forget()
    assert capacity("MINE") == 8_000_000


def test_another_folder_is_another_deal(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "MINE")
    other = tmp_path / "other"
    other.mkdir()
    put(other, "MINE", SOUND.replace("7_777_777.5", "8_000_000"))
    assert capacity("MINE") == 7_777_777.5
    monkeypatch.setenv(store.ENVIRONMENT, str(other))
    assert capacity("MINE") == 8_000_000


def test_offered_deals(tmp_path: Path) -> None:
    file = put(tmp_path, "OFFERED")
    assert capacity("OFFERED") is REF
    try:
        assert store.offer(read_terms(file), file).text == "OFFERED"
        assert capacity("offered") == 7_777_777.5
        assert capacity("OFFERED/ONLY") == 7_777_777.5
        # Not a second time from a changed file until it is offered again.
        changed = read_terms(put(tmp_path, "OFFERED", SOUND.replace("7_777_777.5", "8_000_000")))
        store.offer(changed, file)
        assert capacity("OFFERED") == 8_000_000
    finally:
        store.forget()
    assert capacity("OFFERED") is REF


def test_a_shipped_deal_may_be_offered_from_its_own_file() -> None:
    path = deal_names()["NEOT-2001"]
    try:
        assert store.offer(read_terms(path), path).text == "NEOT-2001"
        assert capacity("NEOT-2001") == 25e6
    finally:
        store.forget()


def test_many_deals_are_offered_without_the_shipped_ones_being_listed_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[type] = []

    def hints(kind: type) -> dict[str, object]:
        worked_out.append(kind)
        return get_type_hints(kind)

    listed: list[Path] = []
    list_files = store._files

    def files_of(folder: Path) -> list[Path]:
        listed.append(folder)
        return list_files(folder)

    files = [put(tmp_path, name) for name in ("ONE", "OTHER")]
    monkeypatch.setattr(parsing, "_hints", {})
    monkeypatch.setattr(parsing, "get_type_hints", hints)
    monkeypatch.setattr(store, "_files", files_of)
    store._names_in.cache_clear()
    try:
        for file in files:
            store.offer(read_terms(file), file)
        assert listed == [store.SHIPPED]
        assert worked_out
        assert len(worked_out) == len(set(worked_out))
        with pytest.raises(TermsError, match="is a deal shipped with the add-in"):
            store.offer(read_terms(put(tmp_path, "NEOT-2001")), tmp_path / "NEOT-2001.toml")
    finally:
        store.forget()
