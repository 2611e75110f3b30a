"""Homes and settings that cannot be used. How a catalog file is recognised is tested in `catalog/test_home.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ready import Program, script


def run(home: Path, code: str, **environment: str) -> str:
    """The last line that a program prints to stderr; it must fail with one of our errors."""
    environment = os.environ | {'PIXELTABLE_HOME': str(home)} | environment
    process = Program(script(code), environment=environment, folder=home.parent)
    _, errors = process.communicate()
    assert process.returncode == 1
    last = [line for line in errors.splitlines() if line.startswith('pixeltable.errors.')][-1]
    assert last.startswith('pixeltable.errors.RequestError')
    return last


def files(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob('*')}


LIST = 'import pixeltable as pxt; pxt.list_tables()'


def test_a_foreign_home(tmp_path) -> None:
    home = tmp_path / 'home'
    (home / 'pgdata').mkdir(parents=True)
    (home / 'pgdata' / 'PG_VERSION').write_text('16')
    before = files(home)
    message = run(home, LIST)
    assert 'another program' in message
    assert 'PIXELTABLE_HOME' in message
    assert files(home) == before


def test_a_corrupt_catalog(tmp_path) -> None:
    home = tmp_path / 'home'
    home.mkdir()
    (home / 'catalog.db').write_bytes(b'SQLite format 3\0' + b'garbage' * 1000)
    before = files(home)
    assert 'catalog.db' in run(home, LIST)
    assert files(home) == before


@pytest.mark.parametrize(
    ('code', 'environment', 'words'),
    [
        ("import pixeltable as pxt; pxt.init({'pixeltable.verbosty': 1})", {}, ["'verbosty'", "'verbosity'"]),
        ("import pixeltable as pxt; pxt.init({'time_zone': 'Mars'})", {}, ['Mars', 'time_zone']),
        (LIST, {'PIXELTABLE_VERBOSITY': 'loud'}, ['PIXELTABLE_VERBOSITY', "'loud'"]),
        (LIST + "; pxt.init({'verbosity': 0})", {}, ['before anything else']),
    ],
)
def test_settings(tmp_path, code, environment, words) -> None:
    message = run(tmp_path / 'home', code, **environment)
    for word in words:
        assert word in message
