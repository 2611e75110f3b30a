"""Processes that work on one home at the same time, and operations that come between others."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ready import Program

import pixeltable as pxt
from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.changes import Commit, Committed, RequirementFailed
from pixeltable.exec.changes import new_segments
from pixeltable.exec.jobs.workers import Workers
from pixeltable.storage import segments

SCRIPT = Path(__file__).with_name('tasks.py')
WORKER = Path(__file__).with_name('job_worker.py')
PAGE = Path(__file__).parents[2] / 'docs' / 'concurrency.md'


class Team:
    """Starts tasks of `tasks.py`, each in a process of its own."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def work(self, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
        """Runs the tasks at the same time; the result of each."""
        processes = [self._start(name, arguments) for name, arguments in tasks]
        for process in processes:
            assert process.stdout.readline() == 'ready\n', process.communicate()
        for process in processes:
            process.stdin.write('go\n')
            process.stdin.flush()
        said = [process.communicate(timeout=120) for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes), said
        return [json.loads(output) for output, _ in said]

    def _start(self, name: str, arguments: dict[str, Any]) -> Program:
        return Program(SCRIPT, str(self._home), name, json.dumps(arguments), strict=True)


@pytest.fixture
def catalog_url(either_catalog: str | None) -> str | None:
    return either_catalog


@pytest.fixture(scope='session')
def tasks() -> ModuleType:
    """The module `tasks.py`, for what the tests do in their own process."""
    spec = importlib.util.spec_from_file_location('tasks', SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def team(home: Path, tasks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Team:
    """The table exists, and is empty."""
    monkeypatch.setattr(segments, 'INLINE_BYTES', 2 << 10)
    tasks.create()
    return Team(home)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., contextlib.AbstractContextManager[list[bool]]]:
    """Inside `meanwhile('update', f, g)`, `f` runs just before the first commit of an update, `g` before the second.

    The list says of each commit of an update whether it was refused, so that the update was planned again.
    """
    commit = Catalog.commit

    @contextlib.contextmanager
    def interrupting(operation: str, *others: Callable[[], Any]) -> Iterator[list[bool]]:
        left = list(others)
        refused: list[bool] = []

        def interrupted(self: Catalog, change: Commit) -> Committed:
            if change.operation != operation:
                return commit(self, change)
            if left:
                other = left.pop(0)
                monkeypatch.setattr(Catalog, 'commit', commit)
                other()
                monkeypatch.setattr(Catalog, 'commit', interrupted)
            refused.append(False)
            try:
                return commit(self, change)
            except RequirementFailed:
                refused[-1] = True
                raise

        monkeypatch.setattr(Catalog, 'commit', interrupted)
        yield refused
        monkeypatch.setattr(Catalog, 'commit', commit)
        assert not left, f'{operation} did not come so far'

    return interrupting


@pytest.fixture(scope='session')
def documented() -> dict[tuple[str, str], str]:
    """The table of conflicts in the documentation: what it says of an operation and one that was committed meanwhile."""
    table = [line.strip('| ').split(' | ') for line in PAGE.read_text().splitlines() if line.startswith('| ')]
    columns, *rows = [[cell.replace('`', '') for cell in cells] for cells in table if len(cells) > 8]
    return {(row[0], column): word for row in rows for column, word in zip(columns, row[1:], strict=True)}


@pytest.fixture
def start_worker(home: Path) -> Iterator[Callable[..., Program]]:
    """Starts a process that works on jobs, with the arguments of `pxt worker`."""
    started: list[Program] = []

    def start(*arguments: str) -> Program:
        started.append(Program(WORKER, '--home', str(home), 'worker', *arguments, strict=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def job(home: Path, calls: Any, monkeypatch: pytest.MonkeyPatch) -> pxt.Job:
    """On 60 rows, with a function that takes 20 ms and writes down its calls; this process does nothing about it."""
    monkeypatch.setattr(new_segments, 'PENDING_ROWS', 5)
    monkeypatch.setattr(Workers, 'start', lambda *_, **__: None)
    path = calls.path

    @pxt.udf
    def slow(k: int) -> int:
        import time

        with open(path, 'a') as log:
            log.write(f'{k}\n')
        time.sleep(0.02)
        return k * 10

    t = pxt.create_table('t', {'k': pxt.Int})
    t.add_computed_column(x=slow(t.k))
    return t.insert(({'k': k} for k in range(60)), background=True)


@pytest.fixture
def has_called(calls: Any) -> Callable[[int], None]:
    """Waits until so many calls were made."""

    def wait(number: int) -> None:
        deadline = time.monotonic() + 60
        while Path(calls.path).read_text().count('\n') < number:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return wait
