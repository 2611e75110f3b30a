"""Remote media in tables: fetched when they are needed, once, in parallel, from servers, buckets and `data:` URLs."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from web import Web, self_signed, web

import pixeltable as pxt
from pixeltable.media import fetching
from pixeltable.media.fetching import Fetcher
from pixeltable.storage.objects.remote import RemoteStore


def png(color: str) -> bytes:
    file = io.BytesIO()
    PIL.Image.new('RGB', (20, 10), color).save(file, 'PNG')
    return file.getvalue()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(fetching, 'PAUSE_S', 0.0)
    monkeypatch.setattr(fetching, 'SLOW_S', 0.2)
    with web() as found:
        yield found


def test_each_is_fetched_once(site: Web) -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.add_computed_column(wide=t.img.width)
    t.insert([{'img': site.put(f'/{number}.png', png('red'))} for number in range(5)])
    assert [image.size for image in t.collect()['img']] == [(20, 10)] * 5
    assert t.collect()['wide'] == [20] * 5
    assert sorted(site.requests) == [(f'/{number}.png', None) for number in range(5)]


def test_in_parallel(site: Web) -> None:
    urls = [site.put(f'/{number}.png', png('red'), delay_s=0.2) for number in range(32)]
    checked = pxt.create_table('checked', {'img': pxt.Image})
    checked.insert([{'img': url} for url in urls[:16]])
    at_insert, site.most = site.most, 0
    unseen = pxt.create_table('unseen', {'img': pxt.Image}, media_validation='on_read')
    unseen.insert([{'img': url} for url in urls])
    assert len(list(unseen.collect())) == 32
    assert min(at_insert, site.most) >= 4


def test_on_read_nothing_is_fetched_before(site: Web) -> None:
    t = pxt.create_table('t', {'img': pxt.Image, 'doc': pxt.Document}, media_validation='on_read')
    t.insert(img=site.put('/a.png', png('blue')), doc=site.put('/a.txt', b'words').replace('http', 'HTTP', 1))
    assert (site.requests, t.select(t.img.localpath).collect()['img_localpath']) == ([], [None])
    row = t.collect()[0]
    assert (row['img'].getpixel((0, 0)), Path(row['doc']).read_text()) == ((0, 0, 255), 'words')


def test_a_bucket(s3_root: str) -> None:
    RemoteStore(s3_root).put('a b.png', png('green'))
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img=f'{s3_root}/a b.png')
    assert t.collect()['img'][0].getpixel((0, 0)) == (0, 128, 0)
    with pytest.warns(pxt.PixeltableWarning, match='there is nothing at'):
        t.insert(img=f'{s3_root}/missing.png')


def test_content_within_the_url() -> None:
    t = pxt.create_table('t', {'img': pxt.Image})
    t.insert(img='data:image/png;base64,' + base64.b64encode(png('red')).decode())
    assert t.collect()['img'][0].size == (20, 10)
    with pytest.raises(pxt.RequestError, match='not base64'):
        t.insert(img='data:image/png;base64,???')


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    '404': ({'statuses': [404]}, 'NotFoundError', 'HTTP 404'),
    '500': ({'statuses': [500]}, 'ServiceUnavailableError', 'HTTP 500'),
    'endless redirect': ({'statuses': [302], 'headers': {'Location': '/x'}}, 'RequestError', 'more than 10 redirects'),
    'slow drip': ({'content': b'x' * 9999, 'drip_s': 0.05}, 'ServiceUnavailableError', 'less than 1 KiB a second'),
    'truncated': ({'content': png('red'), 'breaks_after': 50}, 'ServiceUnavailableError', 'cannot be fetched'),
    'a page': ({'content': b'<html>no picture</html>'}, 'RequestError', 'its format is not known'),
}


@pytest.mark.parametrize('name', BAD)
def test_what_cannot_be_fetched(name: str, site: Web) -> None:
    how, error, words = BAD[name]
    how = {**how, 'statuses': list(how.get('statuses', []))}
    url, fine = site.put('/x', how.pop('content', b''), **how), site.put('/fine.png', png('red'))
    t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image})
    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        t.insert([{'k': 1, 'img': url}, {'k': 2, 'img': fine}])
    rows = t.select(t.img.errortype, t.img.errormsg).order_by(t.k).collect()
    assert [row['img_errortype'] for row in rows] == [error, None]
    assert words in rows[0]['img_errormsg']
    with pytest.raises(pxt.Error, match=f"column 'img', row 0: .*{words}"):
        t.insert(k=3, img=url, on_error='abort')
    seen = pxt.create_table('seen', {'img': pxt.Image}, media_validation='on_read')
    seen.insert(img=url)
    with pytest.warns(pxt.PixeltableWarning, match=words):
        seen.add_computed_column(turned=seen.img.rotate(90))


def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path / 'server.pem')
    t = pxt.create_table('t', {'img': pxt.Image})
    with web(certificate) as site:
        url = site.put('/a.png', png('red'))
        with pytest.warns(pxt.PixeltableWarning, match='certificate'):
            t.insert(img=url)
        monkeypatch.setenv('SSL_CERT_FILE', str(certificate))
        with closing(Fetcher()) as fetch:
            fetch(url, tmp_path / 'a.png')
    assert (tmp_path / 'a.png').read_bytes() == png('red')
