"""Tables to work on. Every test of the API has a home of its own."""

from __future__ import annotations

import functools
import importlib
import linecache
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.exec.changes import new_segments
from pixeltable.exec.jobs import workers
from pixeltable.exec.jobs.workers import Workers


@pytest.fixture
def place_in_postgres(empty_catalog: str) -> str:
    return empty_catalog


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture(autouse=True)
def _fresh_home(home: Path) -> None:
    pass


@pytest.fixture
def t() -> pxt.Table:
    """Five rows: `k` from 0 to 4, `s` `'a'` to `'e'`, `f` `0.5 * k` and NULL in the last row."""
    table = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String, 'f': pxt.Float | None})
    table.insert({'k': k, 's': 'abcde'[k], 'f': None if k == 4 else k / 2} for k in range(5))
    return table


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nothing is computed in the background until it is called."""
    start = Workers.start
    monkeypatch.setattr(Workers, 'start', lambda *_, **__: None)
    return lambda: monkeypatch.setattr(Workers, 'start', start)


@pytest.fixture
def http_folder(tmp_path: Path) -> Iterator[str]:
    """The URL under which the test's folder is served."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=tmp_path)
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    with ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


@pytest.fixture
def times_ten(calls: Any) -> Any:
    """A function that writes down its calls, and fails on 13."""
    path = calls.path

    @pxt.udf
    def times_ten(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        if k == 13:
            raise ValueError('unlucky')
        return k * 10

    return times_ten


class UsersModule:
    """A module of the user's own, which is edited while the program stands still: each `write` is another state of its file."""

    def __init__(self, folder: Path, reopen: Callable[[], None]) -> None:
        self._file = folder / 'users_code.py'
        self._reopen = reopen

    def write(self, text: str | None) -> Any:
        """Writes the file, or removes it; goes on as another process would. Gives the module."""
        self.forget()
        if text is None:
            self._file.unlink()
        else:
            self._file.write_text('import pixeltable as pxt\n\n' + textwrap.dedent(text))
        self._reopen()
        return None if text is None else importlib.import_module('users_code')

    def forget(self) -> None:
        sys.modules.pop('users_code', None)
        importlib.invalidate_caches()
        linecache.clearcache()


@pytest.fixture
def users_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reopen: Callable[[], None]) -> Iterator[UsersModule]:
    folder = tmp_path / 'code'
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, 'dont_write_bytecode', True)
    module = UsersModule(folder, reopen)
    yield module
    module.forget()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done in parts of four rows."""
    for owner, name in ((new_segments, 'PENDING_ROWS'), (workers, 'FIRST_ROWS'), (workers, 'MOST_ROWS')):
        monkeypatch.setattr(owner, name, 4)


@pytest.fixture
def numbers(times_ten: Any, small_parts: None) -> pxt.Table:
    """Empty: `k`, `x` ten times that and `y` one more."""
    t = pxt.create_table('numbers', {'k': pxt.Int, 's': pxt.String | None})
    t.add_computed_column(x=times_ten(t.k))
    t.add_computed_column(y=t.x + 1)
    return t
