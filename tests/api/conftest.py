"""Tables to work on. Every test of the API has a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import pixeltable as pxt


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture(autouse=True)
def _fresh_home(home: Path) -> None:
    pass


@pytest.fixture
def t() -> pxt.Table:
    """Five rows: `k` from 0 to 4, `s` `'a'` to `'e'`, `f` `0.5 * k` and NULL in the last row."""
    table = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String, 'f': pxt.Float | None})
    table.insert({'k': k, 's': 'abcde'[k], 'f': None if k == 4 else k / 2} for k in range(5))
    return table
