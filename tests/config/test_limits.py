from __future__ import annotations

import pytest

from pixeltable.config.limits import PoolSettings
from pixeltable.config.settings import load
from pixeltable.errors import ErrorCode, RequestError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory and a home with no settings."""
    for key in ('POOLS', 'RETRY'):
        monkeypatch.delenv(f'PIXELTABLE_{key}', raising=False)
    monkeypatch.setenv('PIXELTABLE_HOME', str(tmp_path / 'home'))
    (tmp_path / 'home').mkdir()
    (tmp_path / 'work').mkdir()
    return tmp_path / 'work'


def test_nothing_is_limited_by_default(folder) -> None:
    settings = load(folder=folder)
    assert (settings.pools, settings.retry) == ({}, {})


def test_sections_of_a_file(folder) -> None:
    (folder / 'pixeltable.toml').write_text(
        '[pixeltable.retry]\nattempts = 3\n'
        '[pixeltable.pools."openai:gpt-4o"]\nrequests_per_minute = 500\nconcurrency = 8\nretry = {max_wait = 5}\n'
    )
    settings = load(folder=folder)
    assert settings.pools == {'openai:gpt-4o': PoolSettings(8, 500.0, None, {'max_wait': 5.0})}
    assert settings.retry == {'attempts': 3}


def test_each_pool_comes_from_the_nearest_place(folder, monkeypatch) -> None:
    (folder.parent / 'home' / 'config.toml').write_text(
        '[pixeltable.pools.a]\nconcurrency = 1\n[pixeltable.pools.b]\nconcurrency = 1\n[pixeltable.pools.c]\nconcurrency = 1\n'
    )
    monkeypatch.setenv('PIXELTABLE_POOLS', '{"b": {"concurrency": 2}}')
    settings = load({'pixeltable.pools': {'c': {'concurrency': 3}}}, folder=folder)
    assert {name: pool.concurrency for name, pool in settings.pools.items()} == {'a': 1, 'b': 2, 'c': 3}


@pytest.mark.parametrize(
    ('pools', 'words'),
    [
        (5, 'pools is a table'),
        ('{"a": ', "setting 'pools'"),
        ({'a': 5}, "pool 'a' is a table"),
        ({'a': {'concurency': 5}}, "pool 'a' has no key 'concurency'. Did you mean 'concurrency'"),
        ({'a': {'concurrency': 0}}, "concurrency of pool 'a' is 0: not a whole number from 1"),
        ({'a': {'concurrency': 1.5}}, 'not a whole number from 1'),
        ({'a': {'requests_per_minute': 0}}, 'not a number above 0'),
        ({'a': {'tokens_per_minute': 'many'}}, "tokens_per_minute of pool 'a' is 'many'"),
        ({'a': {'retry': {'attempts': True}}}, 'attempts of retry is True'),
        ({'a': {'retry': {'max_wait': -1}}}, 'not a number of seconds from 0'),
    ],
)
def test_what_cannot_be_read(folder, pools, words) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        load({'pools': pools}, folder=folder)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
