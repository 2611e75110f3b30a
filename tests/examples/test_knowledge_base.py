"""The demo, on a few rows: what it prints is what it claims."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[2] / 'examples' / 'knowledge_base' / 'main.py'


def run(home: Path) -> str:
    """What one run of the demo prints."""
    command = [sys.executable, str(MAIN), '--home', str(home), '--limit', '8', '--svg', str(home.with_suffix('.svg'))]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {'COLUMNS': '100'})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope='module')
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The output of a first and of a second run."""
    home = tmp_path_factory.mktemp('demo') / 'home'
    return run(home), run(home)


def test_the_first_run_embeds_each_row_once(runs: tuple[str, str]) -> None:
    found = re.search(r'(\d+) files: (\d+) new', runs[0])
    assert found is not None
    assert found[1] == found[2]
    assert f'{found[1]} texts embedded' in runs[0]


def test_the_second_run_embeds_nothing(runs: tuple[str, str]) -> None:
    assert '0 new, 0 changed, 0 gone' in runs[1]
    assert '0 texts embedded; ' in runs[1]


@pytest.mark.parametrize('number', [0, 1])
def test_an_edit_embeds_one_text_and_a_restore_none(runs: tuple[str, str], number: int) -> None:
    text = ' '.join(runs[number].split())
    assert 'update: 1 row, 5 computed cells. 1 text embedded.' in text
    assert re.search(r'kb\.revert\(\) brings .* back: 0 texts embedded', text)
    assert 'columns and index are back; 0 texts embedded' in text
    assert 'gives the same answers as before' in text


def test_failed_cells_are_shown(runs: tuple[str, str]) -> None:
    assert re.search(r'heading\(\) raised in \d+ of', runs[0])
    assert 'no heading' in runs[0]


def test_decisions_are_found(runs: tuple[str, str]) -> None:
    assert 'finds 6 architectural decisions' in runs[0]
    assert 'adr/0002-sqlite-and-postgresql.md' in runs[0]
