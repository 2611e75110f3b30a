"""Homes that a command cannot look after."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixeltable.catalog.home import open_home
from pixeltable.cli.main import COMMANDS


def test_home(command, t, tmp_path) -> None:
    open_home(tmp_path / 'other').close()
    assert command('--home', str(tmp_path / 'other'), 'ls')[1].split() == ['path', 'kind', 'version', 'rows']


@pytest.mark.parametrize('name', COMMANDS)
def test_no_command_makes_a_home(command, tmp_path: Path, name: str) -> None:
    status, out, error = command('--home', str(tmp_path / 'typo'), name)
    assert (status, out, error.count('\n')) == (2, '', 1)
    assert error.startswith(f'pxt {name}: there is no home of Pixeltable in {str(tmp_path / "typo")!r}')
    assert not (tmp_path / 'typo').exists()


def test_empty_database_is_no_home(command, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('PIXELTABLE_CATALOG', postgres_url)
    assert command('verify')[0] == 2
    assert 'there is no home' in command('ls')[2]


def test_what_cannot_be_done_is_said_in_one_line(command, t, tmp_path) -> None:
    for arguments in (['verify', 'no'], ['vacuum', 't', '--retain', '0'], ['ls', 'no']):
        status, out, err = command(*arguments)
        assert (status, out) == (2, '')
        assert err.startswith(f'pxt {arguments[0]}: ')
        assert len(err.splitlines()) == 1
    (tmp_path / 'file').touch()
    status, _, err = command('--home', str(tmp_path / 'file'), 'ls')
    assert status == 2
    assert 'cannot be the home folder' in err
