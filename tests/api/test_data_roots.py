"""Tables whose files lie in a bucket: that of the home, or one of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.config.data_root import data_root
from pixeltable.config.settings import Settings
from pixeltable.errors import ErrorCode, RequestError, ServiceUnavailableError
from pixeltable.session import WRITES_BETWEEN_CHECKS, Session
from pixeltable.storage import flush
from pixeltable.storage.objects import remote
from pixeltable.storage.objects.open import open_store

ROWS = pa.table({'k': range(20_000), 's': [f'row {k}' for k in range(20_000)]})


@pytest.fixture
def data_url(request: pytest.FixtureRequest) -> str | None:
    """The data root of the home: `@pytest.mark.parametrize('data_url', ['s3_root'], indirect=True)` makes it a bucket."""
    name = getattr(request, 'param', None)
    return None if name is None else request.getfixturevalue(name)


def files(root: str) -> list[str]:
    return [found.key for found in open_store(root).list('tables/')]


@pytest.mark.parametrize('data_url', ['s3_root', 'az_root'], indirect=True)
def test_everything_works_in_a_bucket(data_url: str, home: Path, reopen: Callable[[], None]) -> None:
    t = pxt.create_table('t', source=ROWS)
    t.add_computed_column(twice=t.k * 2)
    t.update({'s': 'changed'}, where=t.k < 10)
    t.delete(where=t.k >= 15_000)
    reopen()
    t = pxt.get_table('t')
    assert t.count() == 15_000
    assert t.where(t.k.isin([9, 10])).order_by(t.k).select(t.s, t.twice).collect()['s'] == ['changed', 'row 10']
    assert all(key.startswith('tables/') for key in files(data_url))
    assert files(data_url)
    assert not (home / 'data').exists()


@pytest.mark.parametrize('kind', ['bucket', 'folder'])
def test_table_with_a_root_of_its_own(
    kind: str, home: Path, tmp_path: Path, s3_root: str, reopen: Callable[[], None]
) -> None:
    root = s3_root if kind == 'bucket' else (tmp_path / 'own').as_uri()
    pxt.create_table('own', source=ROWS, data=root if kind == 'bucket' else tmp_path / 'own')
    pxt.create_table('other', source=ROWS)
    reopen()
    assert pxt.get_table('own').count() == pxt.get_table('other').count() == 20_000
    assert len(files(root)) == len(files((home / 'data').as_uri())) == 1


def test_small_rows_move_to_the_root_of_the_table(s3_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flush, 'MAX_INLINED', 5)
    t = pxt.create_table('t', {'k': pxt.Int}, data=s3_root)
    for k in range(WRITES_BETWEEN_CHECKS):
        t.insert([{'k': k}])
    assert len(files(s3_root)) == 1
    assert t.count() == WRITES_BETWEEN_CHECKS


def test_replaced_table_may_lie_elsewhere(home: Path, s3_root: str) -> None:
    pxt.create_table('t', source=ROWS, data=s3_root)
    pxt.create_table('t', source=ROWS.slice(5), if_exists='replace')
    assert pxt.get_table('t').count() == 19_995


@pytest.mark.parametrize(
    ('data', 'words'),
    [('ftp://host/a', 'scheme must be one of'), ([{'k': 1}], 'Rows are given as source'), ('s3://', 'names no bucket')],
)
def test_root_that_is_none(data: object, words: str) -> None:
    with pytest.raises(RequestError, match=words) as error:
        pxt.create_table('t', {'k': pxt.Int}, data=data)
    assert error.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_secret_in_a_root_is_not_shown() -> None:
    with pytest.raises(RequestError, match='environment') as error:
        pxt.create_table('t', {'k': pxt.Int}, data='az://bucket/a?sig=very-secret')
    assert 'very-secret' not in str(error.value)


def test_bucket_is_looked_for_at_once(s3_root: str) -> None:
    with pytest.raises(RequestError, match='there is no such bucket') as error:
        pxt.create_table('t', {'k': pxt.Int}, data='s3://nowhere')
    assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert pxt.list_tables() == []


@pytest.mark.parametrize('data_url', ['s3_root'], indirect=True)
def test_insert_into_a_bucket_that_fails(data_url: str, s3_server: str, proxy_of, monkeypatch) -> None:
    proxy = proxy_of(s3_server)
    monkeypatch.setenv('AWS_ENDPOINT_URL', proxy.url)
    monkeypatch.setattr(remote, 'RETRIES', {'max_retries': 1})
    t = pxt.create_table('t', source=ROWS)
    proxy.answer(503)
    with pytest.raises(ServiceUnavailableError):
        t.insert(ROWS)
    proxy.answer(0)  # the server
    assert t.count() == 20_000
    t.insert(ROWS)
    assert t.count() == 40_000


def other_home(tmp_path: Path, data: Path | str) -> Session:
    return Session(Settings(tmp_path / 'other', ZoneInfo('UTC'), data=data_root(data), verbosity=0, vacuum_grace_s=0.0))


@pytest.mark.parametrize('data_url', [None, 's3_root'], indirect=True)
def test_two_catalogs_do_not_remove_each_others_files(
    data_url: str | None, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = pxt.create_table('t', source=ROWS)
    root = data_url or home / 'data'
    with contextlib.closing(other_home(tmp_path, root)) as other, monkeypatch.context() as patch:
        patch.setattr(default, '_session', other)
        with pytest.raises(RequestError, match='belongs to another catalog'):
            pxt.create_table('t', source=ROWS)
        with pytest.raises(RequestError, match='belongs to another catalog'):
            pxt.create_table('u', {'k': pxt.Int}, data=root)
        with pytest.raises(RequestError, match='belongs to another catalog'):
            pxt.vacuum()
        pxt.create_table('v', {'k': pxt.Int}).insert(k=1)  # which stays in the catalog
    assert pxt.verify().ok
    assert t.count() == 20_000


def test_wrong_data_root_takes_no_rows(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    t = pxt.create_table('t', source=ROWS)
    settings = Settings(home, ZoneInfo('UTC'), data=data_root(tmp_path / 'wrong'), verbosity=0)
    with contextlib.closing(Session(settings)) as wrong, monkeypatch.context() as patch:
        patch.setattr(default, '_session', wrong)
        for operation in (lambda: pxt.get_table('t').insert(ROWS), lambda: pxt.vacuum(retain=1)):
            with pytest.raises(RequestError, match='has none of the files of this catalog') as error:
                operation()
            assert error.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert (t.count(), len(t.get_versions())) == (20_000, 1)
