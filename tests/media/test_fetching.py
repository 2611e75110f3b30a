"""Fetching from real servers that break off, send slowly, redirect, and change what they have."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from web import OLD, Web, web

import pixeltable as pxt
from pixeltable.media import fetching
from pixeltable.media.fetching import Fetcher

CONTENT = os.urandom(300_000)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(fetching, 'PAUSE_S', 0.0)
    with web() as found:
        yield found


@pytest.fixture
def fetch() -> Iterator[Fetcher]:
    fetcher = Fetcher()
    yield fetcher
    fetcher.close()


@pytest.mark.parametrize('headers', [{'ETag': '"a"'}, {'Last-Modified': OLD}])
def test_what_broke_off_goes_on_where_it_stopped(headers, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    url = site.put('/a', CONTENT, headers=headers, breaks_after=100_000, times=2)
    fetch(url, tmp_path / 'a')
    assert (tmp_path / 'a').read_bytes() == CONTENT
    assert site.ranges() == [None, 'bytes=100000-', 'bytes=200000-']
    assert os.listdir(tmp_path) == ['a']


@pytest.mark.parametrize(
    'how',
    [
        {'headers': {'ETag': 'W/"a"'}},  # the same to readers, maybe not byte by byte
        {'headers': {}},
        {'headers': {'ETag': '"a"'}, 'has_ranges': False},
    ],
)
def test_what_may_differ_begins_anew(how, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    url = site.put('/a', CONTENT, breaks_after=100_000, times=1, **how)
    fetch(url, tmp_path / 'a')
    assert (tmp_path / 'a').read_bytes() == CONTENT


def test_content_that_changed_meanwhile_begins_anew(site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    url = site.put('/a', CONTENT, headers={'ETag': '"a"'}, breaks_after=50_000)
    with pytest.raises(pxt.ServiceUnavailableError, match='cannot be fetched'):
        fetch(url, tmp_path / 'a')
    site.put('/a', CONTENT[::-1], headers={'ETag': '"b"'})
    fetch(url, tmp_path / 'a')
    assert (tmp_path / 'a').read_bytes() == CONTENT[::-1]


def test_a_bad_line_gets_a_large_file_through(site: Web, fetch: Fetcher, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fetching, 'PROGRESS', 10_000)
    url = site.put('/a', CONTENT, headers={'ETag': '"a"'}, breaks_after=20_000, times=14)
    fetch(url, tmp_path / 'a')
    assert (tmp_path / 'a').read_bytes() == CONTENT
    assert len(site.requests) == 15


def test_a_server_without_lengths_and_with_compression(site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    packed = gzip.compress(CONTENT)
    fetch(site.put('/a', packed, headers={'Content-Encoding': 'gzip'}, has_length=False), tmp_path / 'a')
    assert (tmp_path / 'a').read_bytes() == CONTENT


@pytest.mark.parametrize('status', [429, 500, 503])
def test_a_busy_server_is_asked_again(status: int, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    fetch(site.put('/a', b'x', statuses=[status, status, 200], headers={'Retry-After': '0'}), tmp_path / 'a')
    assert len(site.requests) == 3
    with pytest.raises(pxt.ServiceUnavailableError, match=f'HTTP {status}'):
        fetch(site.put('/b', b'x', statuses=[status]), tmp_path / 'b')


@pytest.mark.parametrize(
    ('status', 'error'), [(404, pxt.NotFoundError), (410, pxt.NotFoundError), (403, pxt.RequestError)]
)
def test_what_is_not_to_be_had(status: int, error, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    with pytest.raises(error, match=f'HTTP {status}'):
        fetch(site.put('/a', b'', statuses=[status]), tmp_path / 'a')
    assert len(site.requests) == 1


def test_redirects(site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    site.put('/b', b'there')
    fetch(site.put('/a', b'', statuses=[302], headers={'Location': '/b'}), tmp_path / 'a')
    assert (tmp_path / 'a').read_bytes() == b'there'
    with pytest.raises(pxt.RequestError, match='more than 10 redirects'):
        fetch(site.put('/loop', b'', statuses=[302], headers={'Location': '/loop'}), tmp_path / 'b')
    with pytest.raises(pxt.RequestError, match='cannot be fetched'):
        fetch(site.put('/file', b'', statuses=[302], headers={'Location': 'file:///etc/passwd'}), tmp_path / 'c')


def test_a_slow_drip(site: Web, fetch: Fetcher, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fetching, 'SLOW_S', 0.1)
    with pytest.raises(pxt.ServiceUnavailableError, match='less than 1 KiB a second'):
        fetch(site.put('/a', CONTENT, drip_s=0.02), tmp_path / 'a')


@pytest.mark.parametrize('has_length', [True, False])
def test_more_than_there_is_room_for(has_length: bool, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    with pytest.raises(pxt.RequestError, match='file_cache_size_g') as raised:
        fetch(site.put('/a', CONTENT, has_length=has_length), tmp_path / 'a', 100_000)
    assert raised.value.error_code is pxt.ErrorCode.FILE_CACHE_FULL


def test_secrets_are_not_shown(site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    url = site.url.replace('//', '//user:pass@') + '/gone?X-Amz-Signature=secret'
    with pytest.raises(pxt.NotFoundError) as raised:
        fetch(url, tmp_path / 'a')
    assert 'pass' not in str(raised.value)
    assert 'secret' not in str(raised.value)


@pytest.mark.parametrize('url', ['http://', 'http://127.0.0.1:1/a', 'http://127.0.0.1:x/a', 'http://a b/'])
def test_no_server(url: str, fetch: Fetcher, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fetching, 'PAUSE_S', 0.0)
    with pytest.raises(pxt.Error, match='cannot be fetched'):
        fetch(url, tmp_path / 'a')
