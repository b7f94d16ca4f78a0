"""Limits on the size of a deal: more than any contract has is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from deals import head

from xladdin.errors import TermsError
from xladdin.terms import read_terms

HEAD = head("LARGE")
AGREEMENT = '[agreements.X]\nsource = "1"\ncapacity = 1\n'
WARRANTS = '[agreements.X.warrants]\nsource = "1"\nrate = 0.1\nexercise_multiple = 1.1\n'


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        (
            f"{AGREEMENT}{WARRANTS}life_months = 1_201\n",
            "agreements.X.warrants.life_months",
            "must be at most 1,200, not 1,201",
        ),
        (
            f'{AGREEMENT}{WARRANTS}life_years = "401/2"\n',
            "agreements.X.warrants.life_years",
            "must be at most 100, not 401/2",
        ),
        (
            f"{AGREEMENT}agents = {list(map(str, range(51)))}\n",
            "agreements.X.agents",
            "must be at most 50, not 51",
        ),
        (
            f'[grids.g]\nsource = "1"\ncolumns = {list(range(51))}\nrows = [{list(range(52))}]\n',
            "grids.g.columns",
            "must be at most 50, not 51",
        ),
        (
            f'[grids.g]\nsource = "1"\ncolumns = [1]\nrows = {[[at, 1] for at in range(51)]}\n',
            "grids.g.rows",
            "must be at most 50, not 51",
        ),
    ],
    ids=["months", "years as a fraction", "agents", "columns", "rows"],
)
def test_more_than_any_contract_has(tmp_path: Path, text: str, key: str, reason: str) -> None:
    path = tmp_path / "LARGE.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(TermsError) as caught:
        read_terms(path)
    assert (caught.value.key, caught.value.reason) == (key, reason)
