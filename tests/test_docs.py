"""The documents: what they show is what happens."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
import yaml
from paths import ROOT

from tools import sessions
from tools.generate import GENERATED, ROUTES_PAGE
from xladdin.building import manifest
from xladdin.engines.evidence import stored
from xladdin.engines.proved import OFFICES
from xladdin.excel import vba_wrapper
from xladdin.excel.start_line import OPTIONS, SERVE

README = (ROOT / "README.md").read_text("utf-8")

GENERATE = "run: python -m tools.generate"

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")])


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", sessions.pages())
def test_shell_lines_print_what_is_shown(page: str) -> None:
    assert (ROOT / page).read_text("utf-8") == sessions.run_anew(page), GENERATE


def test_there_are_shell_lines() -> None:
    assert sum(len(sessions.commands(text)) for text in sessions.pages().values()) >= 8


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_python_lines_give_what_is_shown(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "".join(blocks("python", (ROOT / page).read_text("utf-8")))
    examples = doctest.DocTestParser().get_doctest(text, {}, page, None, 0)
    assert examples.examples
    flags = doctest.IGNORE_EXCEPTION_DETAIL
    runner = doctest.DocTestRunner(optionflags=flags)
    assert runner.run(examples).failed == 0


def test_the_two_commands_are_single_lines() -> None:
    commands = blocks("sh")
    assert len(commands) == 2
    assert all(command.count("\n") == 1 for command in commands)
    assert "xladdin build" in commands[0]
    assert "pytest" in commands[1]


@pytest.mark.parametrize("name", [name for name in GENERATED if name != ROUTES_PAGE])
def test_generated_files_are_current(name: str) -> None:
    written = (ROOT / name).read_text("utf-8")
    assert written == GENERATED[name](), GENERATE


def anchors(page: Path) -> set[str]:
    """Give the names that a page's headings can be linked by."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_links_lead_to_a_file_and_to_a_heading_of_it(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_linked_from_the_readme() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        assert f"(docs/{page.name})" in README, page.name


def test_the_workflow_runs_what_the_readme_says() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    jobs = workflow["jobs"]
    steps = {name: [step.get("run", "") for step in job["steps"]] for name, job in jobs.items()}
    assert ".ci/run" in steps["linux"]
    # The shell of Windows' steps does not end with a line that fails, so that each is a step.
    assert [*"".join(blocks("bat")).splitlines()] == steps["windows"][-2:]
    assert ["".join(block).strip() for block in blocks("sh")] == steps["macos"][-2:]
    for name in ("windows", "macos"):
        assert jobs[name]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", action) for action in used)


def test_nothing_is_installed_by_a_name_that_no_registry_has() -> None:
    """This package is installed from a wheel or a clone; by its name, somebody else's would be."""
    by_name = re.compile(r"pip install [^`\n]*(?<![\w\\/.-])xladdin(?![\w\\/.-])[^`\n]*")
    assert by_name.search("pip install 'xladdin[cluster]'")
    assert by_name.search("py -m pip install --upgrade xladdin")
    assert not by_name.search(r"pip install C:\Downloads\xladdin-0.1.0-py3-none-any.whl")
    for path in (*DOCUMENTS, *ROOT.glob("xladdin/**/*.py")):
        assert not by_name.search(path.read_text("utf-8")), path


def test_the_page_on_security_shows_how_python_starts() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    line = f'"C:\\...\\python.exe" {" ".join(OPTIONS)} -c "{SERVE}"\n'
    assert line in page


def test_the_page_on_excel_says_how_long_to_wait() -> None:
    page = (ROOT / "docs" / "excel.md").read_text("utf-8")
    assert f"wait up to {vba_wrapper.PAUSE} seconds" in page


def table_of(page: str, heading: str) -> dict[str, str]:
    """Read the table of two columns under a heading row of a page."""
    lines = (ROOT / "docs" / page).read_text("utf-8").splitlines()
    start = lines.index(heading) + 2
    rows = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        name, _, text = line.strip("| ").partition(" | ")
        rows[name] = text
    return rows


def test_the_page_on_engines_counts_the_values_that_excel_stored() -> None:
    rows = table_of("engines.md", "| functions | arguments | stored by Excel, and the same |")
    shown: dict[str, int] = {}
    for names, text in rows.items():
        counts = map(int, text.rpartition(" | ")[2].split(", "))
        shown |= dict(zip(names.split(", "), counts, strict=True))
    assert shown == {name: stored(name) for name in OFFICES}


def test_states_are_those_of_the_code() -> None:
    assert table_of("operations.md", "| state | meaning |") == manifest.STATES
