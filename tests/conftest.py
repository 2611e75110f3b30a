"""What every test gets: no network, no user's home directory, and slow tests only on request."""

from __future__ import annotations

import atexit
import gc
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for modules that tests share
pytest_plugins = ['buckets', 'catalogs', 'detectors']

# Hundreds of tests start processes: none compiles again what another has, and beside the other worker each takes one core.
sys.dont_write_bytecode = False
os.environ.pop('PYTHONDONTWRITEBYTECODE', None)
os.environ.setdefault('OMP_NUM_THREADS', '1')

# Most of a small commit is waiting for the disk; what losing power leaves is tested on disks of our own (tests/simulation).
_MEMORY = Path('/dev/shm')
_MEMORY_BYTES = 4 << 30
if _MEMORY.is_dir():
    _room = os.statvfs(_MEMORY)
    if _room.f_bavail * _room.f_frsize > _MEMORY_BYTES and not _room.f_flag & os.ST_NOEXEC:
        tempfile.tempdir = os.environ.setdefault('TMPDIR', str(_MEMORY))

hypothesis.settings.register_profile('default', deadline=None)
hypothesis.settings.register_profile('ci', deadline=None, derandomize=True)
hypothesis.settings.register_profile('slow', deadline=None, max_examples=1000)
hypothesis.settings.load_profile('ci' if os.environ.get('CI') else 'default')

_LOCAL = ('127.', '::1', 'localhost')


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption('--slow', action='store_true', help='run the tests marked slow, too')
    parser.addoption(
        '--postgres', action='store_true', help='put the catalog into PostgreSQL wherever a test does not say'
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption('--slow'):
        hypothesis.settings.load_profile('slow')


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What thousands of tests and the libraries that they import are made of stays: nobody looks whether it is garbage."""
    gc.disable()
    yield
    gc.enable()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that the libraries can tidy up


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption('--slow'):
        return
    for item in items:
        if item.get_closest_marker('slow'):
            item.add_marker(pytest.mark.skip(reason='slow; runs with --slow'))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers('needs'):
        pytest.importorskip(mark.args[0])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests recorded as `summary`: how much they looked at. Unlike what they print, it also comes from workers."""
    reports = [*terminalreporter.getreports('passed'), *terminalreporter.getreports('failed')]
    lines = [value for report in reports for name, value in report.user_properties if name == 'summary']
    if lines:
        terminalreporter.section('looked at')
        terminalreporter.write_line('\n'.join(str(line) for line in lines))


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
def catalog_url(request: pytest.FixtureRequest) -> str | None:
    """Where the catalog of `home` is: None is a file in it. A folder whose tests run on both databases overrides this."""
    return request.getfixturevalue('postgres_url') if request.config.getoption('--postgres') else None


# Of what these test the catalog sees reads and inserts like those of all others.
_ON_SQLITE_ONLY = {
    'test_async', 'test_bad_functions', 'test_bad_media', 'test_compute', 'test_cursors', 'test_data_roots', 'test_decoding_once',
    'test_edited_code', 'test_errors', 'test_expressions', 'test_functions', 'test_job_ends', 'test_media', 'test_on_error',
    'test_open_data', 'test_order', 'test_pending', 'test_plan', 'test_profiles', 'test_queries', 'test_remote_media',
    'test_results', 'test_results_media', 'test_results_pandas', 'test_results_pydantic', 'test_staleness', 'test_status',
}  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if 'either_catalog' in metafunc.fixturenames:
        is_one = Path(metafunc.module.__file__).stem in _ON_SQLITE_ONLY
        databases = ['sqlite'] if is_one else ['sqlite', 'postgresql']
        metafunc.parametrize('either_catalog', databases, indirect=True)


@pytest.fixture
def either_catalog(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """What `catalog_url` is in tests that run on both databases; processes that they start get it from the environment."""
    if request.param == 'sqlite':
        return None
    url: str = request.getfixturevalue('place_in_postgres')
    monkeypatch.setenv('PIXELTABLE_CATALOG', url)
    return url


@pytest.fixture
def data_url() -> str | None:
    """Where the data of `home` is: None is a folder in it. A file whose tests use a bucket overrides this."""
    return None


@pytest.fixture
def reopen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalog_url: str | None, data_url: str | None
) -> Iterator[Callable[[], None]]:
    """Closes the session of `home` and opens it again, as another process would. The time zone is UTC, nothing is printed."""
    from pixeltable.api import default
    from pixeltable.config.settings import Settings
    from pixeltable.session import Session

    opened: list[Session] = []
    places = {'catalog': catalog_url, 'data': data_url}
    settings = Settings(tmp_path / 'home', ZoneInfo('UTC'), verbosity=0, show_progress=False, **places)

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
