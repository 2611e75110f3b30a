"""With `private_hosts = false`, no URL leads to this machine or to a private network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from web import Web, self_signed, web

import pixeltable as pxt
from pixeltable.api import default
from pixeltable.media import public_hosts
from pixeltable.media.fetching import Fetcher
from pixeltable.media.public_hosts import is_public


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as found:
        yield found


@pytest.fixture
def fetch() -> Iterator[Fetcher]:
    with closing(Fetcher(private_hosts=False)) as fetcher:
        yield fetcher


class Names:
    """Knows names that end in `.test`, and says something else of them each time, if told so."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked, self.real = list(answers), 0, socket.getaddrinfo

    def __call__(self, host: str, *args: Any, **options: Any) -> list[Any]:
        if not host.endswith('.test'):
            return self.real(host, *args, **options)
        self.asked += 1
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, '', (address, 0)) for address in addresses]


PRIVATE = (
    '127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fe80::1 '
    'fe80::1%eth0 fc00::1 ff02::1 ::ffff:127.0.0.1 2002:7f00:1:: 64:ff9b::7f00:1 2001:db8::1 '
    '192.0.0.8 168.63.129.16 64:ff9b:1::a00:1 fec0::1 ::10.0.0.1 ::ffff:0:127.0.0.1'
)


@pytest.mark.parametrize('address', PRIVATE.split())
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    'address', ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::']
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    'host', ['127.0.0.1', 'localhost', '2130706433', '0x7f000001', '127.1', '[::1]', '[::ffff:127.0.0.1]']
)
def test_all_forms_are_refused(host: str, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    site.put('/a', b'secret')
    with pytest.raises(pxt.AuthorizationError, match='private_hosts') as raised:
        fetch(site.url.replace('127.0.0.1', host) + '/a', tmp_path / 'a')
    assert raised.value.error_code is pxt.ErrorCode.INSUFFICIENT_PRIVILEGES
    assert site.requests == []


def test_a_name_with_one_private_address(monkeypatch, fetch: Fetcher, tmp_path: Path) -> None:
    monkeypatch.setattr(socket, 'getaddrinfo', Names(['8.8.8.8', '10.0.0.1']))
    with pytest.raises(pxt.AuthorizationError):
        fetch('http://media.test/a', tmp_path / 'a')


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """As nothing else can be reached here: 127.0.0.1 counts as public, and 127.0.0.2 does not."""
    monkeypatch.setattr(public_hosts, 'is_public', lambda address: address == '127.0.0.1')


@pytest.mark.usefixtures('loopback_is_public')
def test_the_address_that_was_checked_is_connected_to(monkeypatch, site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    names = Names(['127.0.0.1'], ['127.0.0.2'])
    monkeypatch.setattr(socket, 'getaddrinfo', names)
    site.put('/a', b'there')
    fetch(site.url.replace('127.0.0.1', 'media.test') + '/a', tmp_path / 'a')
    assert ((tmp_path / 'a').read_bytes(), names.asked) == (b'there', 1)


@pytest.mark.usefixtures('loopback_is_public')
def test_redirects_are_checked(site: Web, fetch: Fetcher, tmp_path: Path) -> None:
    elsewhere = site.url.replace('127.0.0.1', '127.0.0.2')
    with pytest.raises(pxt.AuthorizationError):
        fetch(site.put('/a', b'', statuses=[302], headers={'Location': f'{elsewhere}/b'}), tmp_path / 'a')
    assert [path for path, _ in site.requests] == ['/a']


@pytest.mark.usefixtures('loopback_is_public')
def test_certificates_are_those_of_the_name(monkeypatch, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path / 'server.pem', 'media.test')
    monkeypatch.setenv('SSL_CERT_FILE', str(certificate))
    monkeypatch.setattr(socket, 'getaddrinfo', Names(['127.0.0.1']))
    with web(certificate) as site, closing(Fetcher(private_hosts=False)) as fetch:
        url = site.put('/a', b'there')
        fetch(url.replace('127.0.0.1', 'media.test'), tmp_path / 'a')
        assert (tmp_path / 'a').read_bytes() == b'there'
        with pytest.raises(pxt.ServiceUnavailableError, match='certificate'):
            fetch(url.replace('127.0.0.1', 'other.test'), tmp_path / 'b')


@pytest.fixture
def t(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pxt.Table]:
    """A table of a program that keeps URLs away from private hosts."""
    monkeypatch.setenv('PIXELTABLE_HOME', str(tmp_path / 'home'))
    pxt.init({'pixeltable.private_hosts': False, 'pixeltable.verbosity': 0})
    yield pxt.create_table('t', {'img': pxt.Image | None, 'pdf': pxt.Document | None})
    assert default._session is not None
    default._session.close()
    default._session = None


def test_the_setting(t: pxt.Table, site: Web) -> None:
    with pytest.warns(pxt.PixeltableWarning, match='private_hosts'):
        t.insert(pdf=site.put('/a.pdf', b''))
    assert t.select(t.pdf.errortype).collect()['pdf_errortype'] == ['AuthorizationError']


@pxt.udf
def mean(image: PIL.Image.Image) -> pxt.Array[(1,), pxt.Float]:
    return np.array([image.getpixel((0, 0))[0]], np.float32)


def test_however_a_url_comes_in(t: pxt.Table, site: Web) -> None:
    url = site.put('/a.png', b'')
    t.insert(img=PIL.Image.new('RGB', (2, 2)))
    t.add_embedding_index('img', image_embed=mean)
    for ask in (
        lambda: t.insert([{'pdf': url}], on_error='abort'),
        lambda: t.update({'pdf': url}),
        lambda: t.select(s=t.img.similarity(image=url)).collect(),
    ):
        with pytest.raises(pxt.AuthorizationError, match='private_hosts'):
            ask()
    assert site.requests == []
