from __future__ import annotations

import warnings
from contextlib import closing
from pathlib import Path

import pytest

from pixeltable.config.settings import KEYS, load
from pixeltable.errors import ErrorCode, PixeltableWarning, RequestError
from pixeltable.session import Session


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory and a home with no settings."""
    for key in KEYS:
        monkeypatch.delenv(f'PIXELTABLE_{key.upper()}', raising=False)
    monkeypatch.setenv('PIXELTABLE_HOME', str(tmp_path / 'home'))
    monkeypatch.setenv('TZ', 'Europe/Berlin')
    (tmp_path / 'home').mkdir()
    (tmp_path / 'work' / 'deep').mkdir(parents=True)
    return tmp_path / 'work' / 'deep'


def refused(words: str, **arguments) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        load(**arguments)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION


def test_defaults(folder, monkeypatch) -> None:
    settings = load(folder=folder)
    assert (settings.verbosity, settings.show_progress, str(settings.time_zone)) == (1, True, 'Europe/Berlin')
    monkeypatch.delenv('PIXELTABLE_HOME')
    monkeypatch.setenv('HOME', str(folder))
    assert load(folder=folder).home == folder / '.pixeltable'


def test_the_nearest_place_wins(folder, monkeypatch) -> None:
    (folder.parents[1] / 'home' / 'config.toml').write_text('[pixeltable]\nverbosity = 0\ntime_zone = "Asia/Tokyo"\n')
    assert (load(folder=folder).verbosity, str(load(folder=folder).time_zone)) == (0, 'Asia/Tokyo')
    (folder.parent / 'pyproject.toml').write_text('[tool.pixeltable]\nverbosity = 1\n')
    assert load(folder=folder).verbosity == 1
    (folder.parent / 'pixeltable.toml').write_text('[pixeltable]\nverbosity = 0\n')
    assert load(folder=folder).verbosity == 0
    monkeypatch.setenv('PIXELTABLE_VERBOSITY', '1')
    assert load(folder=folder).verbosity == 1
    assert load({'pixeltable.verbosity': 0}, folder=folder).verbosity == 0
    assert load({'verbosity': 0}, folder=folder).verbosity == 0


def test_bytes(folder) -> None:
    assert load({'pixeltable.ledger_bytes': '1000'}, folder=folder).ledger_bytes == 1000
    refused('whole number of bytes', overrides={'pixeltable.ledger_bytes': 0.5}, folder=folder)
    refused('whole number of bytes', overrides={'pixeltable.ledger_bytes': -1}, folder=folder)


def test_flags(folder, monkeypatch) -> None:
    for text, value in {'1': True, 'yes': True, 'off': False, 'FALSE': False}.items():
        monkeypatch.setenv('PIXELTABLE_SHOW_PROGRESS', text)
        assert load(folder=folder).show_progress is value


@pytest.mark.parametrize(
    ('overrides', 'words'),
    [
        ({'verbosty': 1}, "'verbosty'. Did you mean 'verbosity'"),
        ({'acme.api_key': 'x'}, 'acme.api_key'),
        ({'verbosity': 7}, 'verbosity'),
        ({'time_zone': 'Mars/Olympus'}, 'Europe/Berlin'),
        ({'time_zone': '../secret'}, 'time_zone'),
        ({'show_progress': 'perhaps'}, 'true or false'),
        ({'home': 5}, 'home'),
    ],
)
def test_what_cannot_be_read(folder, overrides, words) -> None:
    refused(words, overrides=overrides, folder=folder)


def test_messages_say_where(folder, monkeypatch) -> None:
    (folder / 'pixeltable.toml').write_text('[pixeltable]\nvolume = 3\n')
    refused('pixeltable.toml.*volume', folder=folder)
    (folder / 'pixeltable.toml').write_text('[pixeltable\n')
    refused('not valid TOML', folder=folder)
    (folder / 'pixeltable.toml').unlink()
    monkeypatch.setenv('PIXELTABLE_VERBOSITY', 'loud')
    refused('PIXELTABLE_VERBOSITY', folder=folder)


def test_a_section_that_is_no_table(folder) -> None:
    (folder / 'pixeltable.toml').write_text('pixeltable = 5\n')
    refused('pixeltable.toml', folder=folder)


def test_data(folder, monkeypatch) -> None:
    home = folder.parents[1] / 'home'
    assert load(folder=folder).data_root == f'{home.as_uri()}/data'
    monkeypatch.setenv('PIXELTABLE_DATA', 's3://bucket/prefix/')
    assert load(folder=folder).data_root == 's3://bucket/prefix'
    monkeypatch.setenv('PIXELTABLE_DATA', 's4://bucket')
    refused(
        "environment variable PIXELTABLE_DATA: 's4://bucket' is no value for setting 'data': its scheme", folder=folder
    )
    refused("'az://a/b.?sig=...' is no value", overrides={'data': 'az://a/b?sig=secret'}, folder=folder)


def test_warnings_are_hidden_where_they_are_not_wanted(folder) -> None:
    (folder.parents[1] / 'home' / 'config.toml').write_text('[pixeltable]\nhide_warnings = true\n')
    with warnings.catch_warnings(), closing(Session(load({'pixeltable.verbosity': 0}, folder=folder))):
        warnings.warn('a cell failed', PixeltableWarning, stacklevel=1)  # which is an error in tests, else
