"""The examples of the page on deals, job by job, as they stand on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from tools import deals_page
from tools.deals_page import Job, jobs
from xladdin.cli import main
from xladdin.functions.registry import FUNCTIONS
from xladdin.terms import read_terms, select, store

JOBS: Final = 25
LEFT_OUT: Final = {5: "forward price grows daily at an overnight rate"}
"""Jobs without an example, and words of the reason on the page."""


PAGE: Final = list(jobs())
EXAMPLES: Final = [
    pytest.param(formula, result, id=f"{job.number}-{at}")
    for job in PAGE
    for at, (formula, result) in enumerate(job.examples, 1)
]


def test_every_job_has_an_example_or_a_reason() -> None:
    assert [job.number for job in PAGE] == list(range(1, JOBS + 1))
    assert {job.number for job in PAGE if not job.examples} == set(LEFT_OUT)
    assert all(LEFT_OUT[job.number] in job.text for job in PAGE if job.number in LEFT_OUT)


def test_every_function_of_deals_of_today_has_an_example() -> None:
    page = " ".join(formula for job in PAGE for formula, _ in job.examples)
    wanted = {"DEAL_PRICE", "DEAL_FEE", "SPLIT_ADJUSTED", "ANTIDILUTION_PRICE", "ISSUE_HEADROOM"}
    wanted |= {"FLOAT_HEADROOM", "OWNERSHIP_HEADROOM", "WEIGHTED_SHARES", "DILUTED_EPS"}
    wanted |= {"WARRANT_VALUE", "OFFERING_DILUTION", "MAKE_WHOLE"}
    assert wanted <= FUNCTIONS.keys()
    assert {name for name in wanted if f"{name}(" not in page} == set()


@pytest.fixture(scope="module")
def deals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Install the deals of the page, and read them: the engine's processes have them then."""
    folder = tmp_path_factory.mktemp("deals")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.ENVIRONMENT, str(folder))
        store.forget()
        for job in PAGE:
            if job.deal:
                job.write(folder)
                select(job.name)
        yield
    store.forget()


@pytest.mark.usefixtures("deals")
@pytest.mark.parametrize(("formula", "result"), EXAMPLES)
def test_examples(formula: str, result: str) -> None:
    done = CliRunner().invoke(main, ["eval", formula])
    assert done.stdout.rstrip("\n") == result, done.output
    assert done.exit_code == (1 if result.startswith("#") else 0)


@pytest.mark.parametrize("job", [job for job in PAGE if job.deal], ids=lambda job: job.number)
def test_deals_are_read(tmp_path: Path, job: Job) -> None:
    assert read_terms(job.write(tmp_path)).deal.name == job.name


def table() -> str:
    """The table of what each entry is used for, as it stands on the page."""
    page = deals_page.PAGE.read_text(encoding="utf-8")
    return page[page.index(deals_page.BEGINS) :].partition("\n\n")[0]


@pytest.mark.long
def test_the_table_made_anew() -> None:
    """By `tools.deals_page`: a function, an example or a formula of a workbook may have changed."""
    try:
        assert table() + "\n" == deals_page.table()
    finally:
        store.forget()


def test_what_each_entry_is_used_for() -> None:
    """The table names functions that there are, and an entry each; `tools.deals_page` writes it."""
    rows = table().splitlines()[2:]
    assert len(rows) > 50
    named = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    entries = [entry.strip("`") for entry, _, _ in named]
    assert entries == sorted(set(entries))
    functions = {name for _, names, _ in named for name in names.split(", ")}
    assert functions - {"–"} <= FUNCTIONS.keys()
