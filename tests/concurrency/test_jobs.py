"""Worker processes on one catalog share jobs, and take over what a killed one had begun."""

from __future__ import annotations

import pixeltable as pxt

ROWS = 60


def is_right() -> bool:
    t = pxt.get_table('t')
    return t.where(t.x == t.k * 10).count() == ROWS and pxt.verify().ok


def test_two_workers_share_a_job(job, start_worker, calls, has_called) -> None:
    workers = [start_worker('--once'), start_worker('--once')]
    said = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    assert sorted(out for out, _ in said) == ['', f"Job {job.id}: insert into 't': done, 60 of 60 cells\n"]
    assert sorted(map(int, calls.take())) == list(range(ROWS))
    assert is_right()


def test_another_one_takes_over_from_one_that_is_killed(job, start_worker, calls, has_called) -> None:
    first = start_worker()
    has_called(20)
    first.kill()
    first.wait()
    assert job.status == 'running'
    second = start_worker('--once')
    out, err = second.communicate(timeout=60)
    assert (second.returncode, 'done, 60 of 60 cells' in out) == (0, True), err
    called = calls.take()
    # Of each of its threads, what the killed one had not committed.
    assert ROWS <= len(called) <= ROWS + 3 * 5
    assert {int(call) for call in called} == set(range(ROWS))
    assert is_right()
    assert job.progress == (ROWS, ROWS)
