"""What every test gets: no network, no user's home directory, and slow tests only on request."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

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


@pytest.fixture
def reopen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Closes the session of `home` and opens it again, as another process would. The time zone is UTC, nothing is printed."""
    from pixeltable.api import default
    from pixeltable.config.settings import Settings
    from pixeltable.session import Session

    opened: list[Session] = []
    settings = Settings(tmp_path / 'home', ZoneInfo('UTC'), verbosity=0, show_progress=False)

    def open_again() -> None:
        while opened:
            opened.pop().close()
        opened.append(Session(settings))
        monkeypatch.setattr(default, '_session', opened[0])
        monkeypatch.setattr(default, '_process', os.getpid())

    yield open_again
    while opened:
        opened.pop().close()


@pytest.fixture
def home(tmp_path: Path, reopen: Callable[[], None]) -> Path:
    """A fresh home, which everything in `pxt` uses until the test ends."""
    reopen()
    return tmp_path / 'home'


class CallLog:
    """The calls of functions that write a line to `path`. A file, because stored functions run with globals of their own."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        path.touch()

    def take(self) -> list[str]:
        """The lines since the last `take`, sorted."""
        path = Path(self.path)
        lines = sorted(path.read_text().splitlines())
        path.write_text('')
        return lines


@pytest.fixture
def calls(tmp_path: Path) -> CallLog:
    return CallLog(tmp_path / 'calls')
