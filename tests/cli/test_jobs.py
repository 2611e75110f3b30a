"""`pxt jobs` and `pxt worker`."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.exec.jobs.workers import Workers


@pytest.fixture
def job(t, monkeypatch) -> pxt.Job:
    """Of a session that does nothing about it."""
    with monkeypatch.context() as patch:
        patch.setattr(Workers, 'start', lambda *_, **__: None)
        return t.insert([{'a': 100}], background=True)


def test_jobs(command, t, job) -> None:
    line = f"Job {job.id}: insert into 't': queued, 0 of 1 cells (0%)\n"
    assert command('jobs') == (0, line, '')
    assert command('jobs', '--cancel', str(job.id)) == (
        0,
        f"Job {job.id}: insert into 't': cancelled, 0 of 1 cells\n",
        '',
    )
    assert command('jobs', '--cancel', str(job.id))[1].endswith('cells; it was over already\n')
    assert command('jobs') == (0, '', '')
    assert 'cancelled' in command('jobs', '--all')[1]
    status, _, error = command('jobs', '--cancel', '12345')
    assert (status, error.startswith('pxt jobs: there is no job 12345')) == (2, True)


def test_worker(command, t, job) -> None:
    assert command('worker', '--once', '--threads', '2') == (
        0,
        f"Job {job.id}: insert into 't': done, 1 of 1 cells\n",
        '',
    )
    assert t.where(t.a == 100).select(t.b).collect()['b'] == [101]
    assert command('worker', '--once') == (0, '', '')


@pytest.mark.parametrize('text', ['0', '-1', 'two'])
def test_a_wrong_number_of_threads(command, text) -> None:
    with pytest.raises(SystemExit):
        command('worker', '--threads', text)
