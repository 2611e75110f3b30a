"""The cache of remote files: each is fetched once, also by several threads and processes, and what is in use stays."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from web import Web, web

import pixeltable as pxt
from pixeltable.media import cache as cache_module
from pixeltable.media import fetching
from pixeltable.media.cache import FileCache
from pixeltable.media.fetching import Fetcher

CONTENT = os.urandom(50_000)


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as found:
        yield found


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[Callable[..., FileCache]]:
    opened = []

    def make(limit: int = 1 << 20, lease_s: float = 600.0) -> FileCache:
        opened.append(FileCache(tmp_path / 'cache', limit, lease_s, Fetcher()))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def age(path: str, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def fetched_elsewhere(folder: Path, url: str) -> bytes:
    cache = FileCache(folder, 1 << 20, 600.0, Fetcher())
    content = Path(cache.path(url)).read_bytes()
    cache.close()
    return content


def test_fetched_once(site: Web, open_cache) -> None:
    url = site.put('/a%20b.PNG?x=1', CONTENT)
    cache = open_cache()
    path = cache.path(url)
    assert Path(path).read_bytes() == CONTENT
    assert path.endswith('.PNG')
    assert cache.path(url) == path
    assert open_cache().path(url) == path
    assert len(site.requests) == 1


def test_threads_and_processes_wait_for_who_fetches(site: Web, open_cache, tmp_path: Path) -> None:
    url = site.put('/a', CONTENT, delay_s=0.3)
    caches = [open_cache(), open_cache()]
    with ThreadPoolExecutor(8) as threads, multiprocessing.get_context('spawn').Pool(2) as processes:
        elsewhere = processes.starmap_async(fetched_elsewhere, [(tmp_path / 'cache', url)] * 4)
        here = list(threads.map(lambda number: caches[number % 2].path(url), range(16)))
        assert {Path(path).read_bytes() for path in here} | set(elsewhere.get(60)) == {CONTENT}
    assert len(site.requests) == 1
    assert len(os.listdir(tmp_path / 'cache')) == 1


def test_what_another_process_left_unfinished_goes_on(site: Web, open_cache, monkeypatch) -> None:
    monkeypatch.setattr(fetching, 'PAUSE_S', 0.0)
    url = site.put('/a', CONTENT, headers={'ETag': '"a"'}, breaks_after=10_000, times=3)
    with pytest.raises(pxt.ServiceUnavailableError):
        open_cache().path(url)
    assert Path(open_cache().path(url)).read_bytes() == CONTENT
    assert site.ranges()[-1] == 'bytes=30000-'


def test_what_was_used_longest_ago_goes_first(site: Web, open_cache) -> None:
    cache = open_cache(limit=160_000)
    paths = [cache.path(site.put(f'/{number}', CONTENT)) for number in range(3)]
    age(paths[0], 900)
    age(paths[1], 1000)
    fourth = cache.path(site.put('/3', CONTENT))
    assert [os.path.exists(path) for path in (*paths, fourth)] == [True, False, True, True]
    cache.path(site.url + '/0')  # which makes it young
    with pytest.raises(pxt.RequestError) as raised:
        cache.path(site.put('/4', CONTENT))
    assert raised.value.error_code is pxt.ErrorCode.FILE_CACHE_FULL
    assert sorted(map(os.path.exists, paths)) == [False, True, True]
    age(paths[2], 1000)
    assert os.path.exists(cache.path(site.url + '/4'))


def test_a_cache_that_is_too_small_is_told_of_once(site: Web, open_cache) -> None:
    cache = open_cache(limit=60_000, lease_s=0.0)
    urls = [site.put(f'/{number}', CONTENT) for number in range(2)]
    for url in urls:
        cache.path(url)
    with pytest.warns(pxt.PixeltableWarning, match='file_cache_size_g'):
        cache.path(urls[0])
    cache.path(urls[1])
    assert len(site.requests) == 4


def test_other_processes_count_and_what_they_use_stays(site: Web, open_cache, monkeypatch) -> None:
    monkeypatch.setattr(cache_module, 'LOOK_S', 0.0)
    one, other = open_cache(limit=120_000), open_cache(limit=120_000)
    theirs = other.path(site.put('/theirs', CONTENT))
    mine = one.path(site.put('/mine', CONTENT))
    age(mine, 1000)
    age(theirs, 1000)
    other.path(site.url + '/theirs')
    one.path(site.put('/next', CONTENT))
    assert (os.path.exists(theirs), os.path.exists(mine)) == (True, False)


def test_leftovers_of_fetches_go_too(site: Web, open_cache, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fetching, 'PAUSE_S', 0.0)
    cache = open_cache(limit=60_000)
    with pytest.raises(pxt.ServiceUnavailableError):
        cache.path(site.put('/a', CONTENT, breaks_after=20_000))
    for left in (tmp_path / 'cache').iterdir():
        age(str(left), 1000)
    assert Path(cache.path(site.put('/b', CONTENT))).read_bytes() == CONTENT
    assert len(os.listdir(tmp_path / 'cache')) == 1


def test_what_will_never_fit_leaves_nothing(site: Web, open_cache, tmp_path: Path) -> None:
    cache = open_cache(limit=60_000)
    long = site.put('/long', os.urandom(500_000), has_length=False, headers={'ETag': '"one"'})
    with pytest.raises(pxt.RequestError, match='the file cache holds 60000'):
        cache.path(long)
    assert os.listdir(tmp_path / 'cache') == []
    assert Path(cache.path(site.put('/a', CONTENT))).read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written(site: Web, open_cache, tmp_path: Path) -> None:
    (tmp_path / 'cache').write_text('no folder')
    with pytest.raises(pxt.ServiceUnavailableError, match='cannot be kept'):
        open_cache().path(site.put('/a', CONTENT))
