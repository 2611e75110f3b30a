"""Bringing an old catalog to this release's format: all of it or nothing, whatever happens, and by whoever comes first."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ready import Program, script

from pixeltable.catalog.home import open_home
from pixeltable.catalog.migrations import FORMAT_VERSION
from pixeltable.errors import Error, ErrorCode, RequestError

OLD = [f'format_{number}' for number in range(1, FORMAT_VERSION)]
ALL = sorted(path.name for path in Path(__file__).parent.glob('format_*'))
"""The newest one too: it shows a change that came without a new format."""


def number_of_paths(description: Any) -> int:
    return len(description['directories']) + len(description['tables'])


def layout(home: Path) -> tuple[str, list[Any]]:
    """The recorded format, and the columns of all tables."""
    with closing(sqlite3.connect(home / 'catalog.db')) as connection:
        (version,) = connection.execute("SELECT value FROM meta WHERE key = 'format_version'").fetchone()
        columns = connection.execute(
            'SELECT m.name, c.name, c.type, c.pk, c."notnull" FROM sqlite_master m, pragma_table_info(m.name) c '
            "WHERE m.type = 'table' ORDER BY 1, 2"
        ).fetchall()
        indexes = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY 1").fetchall()
        return version, columns + indexes


def opened(home: Path) -> int:
    catalog = open_home(home)
    try:
        return len(catalog.list_paths())
    finally:
        catalog.close()


@pytest.fixture(scope='module')
def newest(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Any]]:
    home = tmp_path_factory.mktemp('newest') / 'home'
    open_home(home).close()
    return layout(home)


@pytest.mark.parametrize('name', ALL)
def test_a_migrated_catalog_is_laid_out_like_a_new_one(unpack: Callable[[str], Path], newest: Any, name: str) -> None:
    home = unpack(name)
    opened(home)
    assert layout(home) == newest


class Faults:
    """Lets a driver's statement number `at` fail, before it is carried out or after."""

    def __init__(self) -> None:
        self.at = self.count = 0
        self.afterwards = False

    def arm(self, at: int, afterwards: bool) -> None:
        self.at, self.count, self.afterwards = at, 0, afterwards

    def run(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        if self.count != self.at:
            return execute(*arguments)
        if self.afterwards:
            execute(*arguments)
        error = sqlite3.OperationalError('disk I/O error')
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    found = Faults()

    class Cursor(sqlite3.Cursor):
        def execute(self, *arguments: Any) -> Any:
            return found.run(super().execute, *arguments)

    class Connection(sqlite3.Connection):
        def cursor(self) -> Cursor:  # type: ignore[override]
            return super().cursor(Cursor)

        def execute(self, *arguments: Any) -> Any:
            return found.run(super().execute, *arguments)

    connect = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, 'connect', lambda *a, **k: connect(*a, **k, factory=Connection))
        yield found


@pytest.mark.parametrize('afterwards', [False, True], ids=['before', 'after'])
@pytest.mark.parametrize('name', OLD)
def test_a_statement_that_fails_leaves_the_old_format_or_the_new(
    unpack: Callable[[str], Path],
    expected: Callable[[str], Any],
    newest: Any,
    faults: Faults,
    name: str,
    afterwards: bool,
) -> None:
    home, paths = unpack(name), number_of_paths(expected(name))
    content = (home / 'catalog.db').read_bytes()
    old = layout(home)
    for at in range(1, 1000):
        for path in home.glob('catalog.db*'):
            path.unlink()
        (home / 'catalog.db').write_bytes(content)
        faults.arm(at, afterwards)
        try:
            opened(home)
        except Error as error:
            assert error.error_code is ErrorCode.DATABASE_UNAVAILABLE  # noqa: PT017
        else:
            break
        faults.arm(0, afterwards)
        assert layout(home) in (old, newest)
        assert opened(home) == paths
        assert layout(home) == newest
    assert at > 10  # to open the home and change one thing


KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from pixeltable.catalog.home import open_home

connect, home = sqlite3.connect, Path(sys.argv[1])
content = (home / 'catalog.db').read_bytes()

def killed_at(at):
    count = 0
    def look(*_):
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
    class Cursor(sqlite3.Cursor):
        def execute(self, *arguments):
            look()
            return super().execute(*arguments)
    class Connection(sqlite3.Connection):
        def cursor(self):
            return super().cursor(Cursor)
    sqlite3.connect = lambda *a, **k: connect(*a, **k, factory=Connection)
    open_home(home).close()

for at in range(1, 1000):
    for path in home.glob('catalog.db*'):
        path.unlink()
    (home / 'catalog.db').write_bytes(content)
    child = os.fork()
    if not child:
        killed_at(at)
        os._exit(0)
    killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    catalog = open_home(home)
    assert len(catalog.list_paths()) == int(sys.argv[2])
    catalog.close()
    if not killed:
        print(at)
        break
"""


@pytest.mark.parametrize('name', OLD)
def test_a_killed_migration_is_taken_up_again(
    unpack: Callable[[str], Path], expected: Callable[[str], Any], newest: Any, name: str
) -> None:
    home = unpack(name)
    arguments = [str(home), str(number_of_paths(expected(name)))]
    run = subprocess.run([sys.executable, '-c', KILLED, *arguments], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 5
    assert layout(home) == newest


OPENS = 'import sys, pathlib, pixeltable.catalog.home as home; print(home.open_home(pathlib.Path(sys.argv[1])).last_commit())'


@pytest.mark.parametrize('name', OLD)
def test_processes_that_open_an_old_home_at_once(unpack: Callable[[str], Path], newest: Any, name: str) -> None:
    home = unpack(name)
    workers = [Program(script(OPENS), home) for _ in range(3)]
    outputs = {worker.communicate(timeout=60)[0] for worker in workers}
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert len(outputs) == 1
    assert layout(home) == newest


def test_a_newer_format_is_refused_and_nothing_is_touched(unpack: Callable[[str], Path]) -> None:
    home = unpack('format_1')
    with closing(sqlite3.connect(home / 'catalog.db')) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format_version'")
    before = {path: path.read_bytes() for path in home.rglob('*') if path.is_file()}
    with pytest.raises(RequestError, match=r'format 99, and this release reads up to .*Upgrade: pip install') as caught:
        open_home(home)
    assert caught.value.error_code is ErrorCode.INVALID_CONFIGURATION
    assert {path: path.read_bytes() for path in home.rglob('*') if path.is_file()} == before
