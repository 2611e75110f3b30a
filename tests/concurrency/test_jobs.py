"""Worker processes on one catalog: they share jobs, die, and are stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.exec.changes import new_segments
from pixeltable.exec.jobs.workers import Workers

SCRIPT = Path(__file__).with_name('job_worker.py')
ROWS = 60


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a worker process."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, '-W', 'error', str(SCRIPT), '--home', str(home), 'worker', *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def job(home: Path, calls: Any, monkeypatch: pytest.MonkeyPatch) -> pxt.Job:
    """Of a function that takes 20 ms and writes down its calls; this process does nothing about it."""
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
    return t.insert(({'k': k} for k in range(ROWS)), background=True)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def lines(path: str) -> int:
    return Path(path).read_text().count('\n')


def is_right() -> bool:
    t = pxt.get_table('t')
    return t.where(t.x == t.k * 10).count() == ROWS and pxt.verify().ok


def test_two_workers_share_a_job(job, start, calls) -> None:
    workers = [start('--once'), start('--once')]
    said = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    assert sorted(out for out, _ in said) == ['', f"Job {job.id}: insert into 't': done, 60 of 60 cells\n"]
    assert sorted(map(int, calls.take())) == list(range(ROWS))
    assert is_right()


def test_another_one_takes_over_from_one_that_is_killed(job, start, calls) -> None:
    first = start()
    until(lambda: lines(calls.path) >= 20)
    first.kill()
    first.wait()
    assert job.status == 'running'
    second = start('--once')
    out, err = second.communicate(timeout=60)
    assert (second.returncode, 'done, 60 of 60 cells' in out) == (0, True), err
    called = calls.take()
    # Of each of its threads, what the killed one had not committed.
    assert ROWS <= len(called) <= ROWS + 3 * 5
    assert {int(call) for call in called} == set(range(ROWS))
    assert is_right()
    assert job.progress == (ROWS, ROWS)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT], ids=['SIGTERM', 'SIGINT'])
def test_a_worker_that_is_stopped_gives_its_leases_back(job, start, calls, number) -> None:
    worker = start()
    until(lambda: lines(calls.path) >= 10)
    stopped = time.monotonic()
    worker.send_signal(number)
    out, err = worker.communicate(timeout=60)
    assert (worker.returncode, out, err) == (0, '', '')
    assert time.monotonic() - stopped < 3  # a second, if the machine has nothing else to do
    catalog = pxt.get_table('t')._session.catalog
    assert catalog.jobs.leased(pxt.get_table('t')._table_id) == []
    assert job.status == 'running'


EARLY = """
import sys
import pixeltable as pxt

PLUS = 5

@pxt.udf
async def plus(k: int) -> int:
    import asyncio
    await asyncio.sleep(float(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[0].endswith('early.py') else 0)
    return k + PLUS

t = pxt.create_table('early', {'k': pxt.Int})
t.add_computed_column(x=plus(t.k))
t.insert([{'k': 1}, {'k': 2}], background=True)
"""


def test_a_script_that_exits_before_its_job_is_done(home, tmp_path, start) -> None:
    script = tmp_path / 'early.py'
    script.write_text(EARLY)
    environment = os.environ | {'PIXELTABLE_HOME': str(home), 'PIXELTABLE_SHOW_PROGRESS': '0'}
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, str(script), '60'], env=environment, capture_output=True, text=True, timeout=50
    )
    assert (run.returncode, run.stderr) == (0, '')
    assert run.stdout.splitlines()[-1].endswith(
        'is not finished: `pxt worker` goes on, and so does the next program that waits for a job.'
    )
    assert time.monotonic() - began < 30
    out, err = start('--once').communicate(timeout=60)
    assert 'done, 2 of 2 cells' in out, err
    t = pxt.get_table('early')
    assert t.order_by(t.k).select(t.x).collect()['x'] == [6, 7]
