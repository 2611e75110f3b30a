"""The demo, on a few rows: what it prints is what it claims, wherever the catalog and the data are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import ready

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / 'examples' / 'knowledge_base' / 'main.py'
LIMIT = 10
"""Files of each kind."""

DECISIONS = ROOT / 'docs' / 'decisions'


def run(home: Path) -> str:
    """What one run of the demo prints."""
    picture = home.with_suffix('.svg')
    return ready.printed(MAIN, '--home', home, '--limit', str(LIMIT), '--svg', picture, libraries=ready.MODELS)


@pytest.fixture(params=['SQLite, local', 'PostgreSQL, local', 'PostgreSQL, S3'])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sets the environment of a program that knows nothing of it."""
    monkeypatch.setenv('COLUMNS', '100')
    if 'PostgreSQL' in request.param:
        monkeypatch.setenv('PIXELTABLE_CATALOG', request.getfixturevalue('postgres_url'))
    if 'S3' in request.param:
        monkeypatch.setenv('PIXELTABLE_DATA', request.getfixturevalue('s3_root'))
    place: str = request.param
    return place


def test_it_prints_what_it_claims(tmp_path: Path, place: str) -> None:
    first, second = run(tmp_path / 'home'), run(tmp_path / 'home')
    files = re.search(r'(\d+) files: (\d+) new', first)
    assert files is not None
    assert files[1] == files[2]
    assert f'{files[1]} texts embedded; ' in first
    assert '0 new, 0 changed, 0 gone' in second
    assert '0 texts embedded; ' in second
    for text in (first, second):
        embedded = '1 text embedded' if text is first else '0 texts embedded'  # the ledger has it from the first run
        assert f'update: 1 row, 5 computed cells. {embedded}.' in text
        assert re.search(r'kb\.revert\(\) brings .* back: 0 texts embedded', text)
        assert 'columns and index are back; 0 texts embedded' in text
        assert 'gives the same answers as before' in text
        assert re.search(r'heading\(\) raised in \d+ of', text)
        assert f'finds {min(LIMIT, len(list(DECISIONS.glob("0*.md"))))} architectural decisions' in text
        assert 'adr/0002-sqlite-and-postgresql.md' in text
    assert (tmp_path / 'home' / 'catalog.db').exists() == (place == 'SQLite, local')
    assert (tmp_path / 'home' / 'data').exists() == ('local' in place)
