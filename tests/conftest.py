"""What every test gets: no network, no user's home directory, and slow tests only on request."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile('default', deadline=None)
hypothesis.settings.register_profile('ci', deadline=None, derandomize=True)
hypothesis.settings.load_profile('ci' if os.environ.get('CI') else 'default')

_LOCAL = ('127.', '::1', 'localhost')


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption('--slow', action='store_true', help='run the tests marked slow, too')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption('--slow'):
        return
    for item in items:
        if item.get_closest_marker('slow'):
            item.add_marker(pytest.mark.skip(reason='slow; runs with --slow'))


@pytest.fixture(autouse=True, scope='session')
def _no_network() -> Iterator[None]:
    """A test that reaches for another machine fails at once; child processes at least ask no model hub."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ''
        if host and not str(host).startswith(_LOCAL):
            raise RuntimeError(f'a test tried to connect to {address!r}; tests use local servers only')
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, 'connect', local_only)
        patch.setenv('HF_HUB_OFFLINE', '1')
        yield


@pytest.fixture(autouse=True, scope='session')
def _no_user_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A test that forgets to name a home gets an empty one, never the developer's own."""
    home = tmp_path_factory.mktemp('home')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PIXELTABLE_HOME', str(home))
        yield home
