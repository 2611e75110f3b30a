"""Jobs and the leases on their parts, on both databases."""

from __future__ import annotations

import time

import numpy as np
import pytest

from pixeltable.catalog.changes import Commit, DropTable, RequirementFailed
from pixeltable.catalog.jobs import AdvanceJob, JobSpec, StartJob, Tally, joined, runs
from pixeltable.catalog.removals import RemoveTable

SPEC = JobSpec('recompute', 'numbers', (1, 2), ('x', 'name'), 20, where=({'literal': 1, 'type': 'Int'},))


@pytest.fixture
def jobs(bench, table):
    bench.insert(10)
    return bench.catalog.jobs


@pytest.fixture
def job(bench, jobs, table):
    return jobs.get(bench.run(StartJob(table, SPEC)).job)


def test_a_job_is_kept_as_it_was_begun(jobs, job, table) -> None:
    assert (job.table_id, job.status, job.low, job.high) == (table, 'queued', 1, 10)
    assert (job.spec, job.tally, job.error, job.ended_at) == (SPEC, Tally(), None, None)
    assert jobs.all() == jobs.open() == jobs.open(table) == [job]
    assert (jobs.open('other'), jobs.get(job.id + 1)) == ([], None)


def test_a_job_on_new_rows(bench, jobs, table) -> None:
    started = bench.run(bench.segment(3), bench.segment(2), StartJob(table, SPEC, on_new_rows=True))
    found = jobs.get(started.job)
    assert (found.low, found.high) == (11, 15)
    assert found.id > max(bench.segment_ids())


def test_a_job_without_cells_is_done(bench, jobs, table) -> None:
    found = jobs.get(bench.run(StartJob(table, JobSpec('insert', 'numbers'))).job)
    assert (found.status, found.is_open, jobs.open()) == ('done', False, [])


def test_what_is_done_adds_up(bench, jobs, job) -> None:
    bench.run(AdvanceJob(job.id, Tally(6, 5, 3, {'x': 1}, {'x': ['E', 'no']}, 0.5, ((1, 3),)), 'a:1'))
    bench.run(AdvanceJob(job.id, Tally(4, 4, 2, {'x': 2, 'name': 1}, {'x': ['F', '']}, 1.0, ((7, 8), (4, 4))), 'a:1'))
    found = jobs.get(job.id)
    assert found.tally == Tally(10, 9, 5, {'x': 3, 'name': 1}, {'x': ['E', 'no']}, 1.5, ((1, 4), (7, 8)))
    assert [found.has_left(row, row) for row in range(12)] == [row in (5, 6, 9, 10) for row in range(12)]
    assert (found.has_left(1, 4), found.has_left(1, 5), found.has_left(8, 20)) == (False, True, True)


@pytest.mark.parametrize('status', ['done', 'failed', 'cancelled'])
def test_a_job_that_is_over_takes_nothing_more(bench, jobs, job, status) -> None:
    error = {'error_code': 'INTERNAL_ERROR', 'message': 'no'} if status == 'failed' else None
    assert jobs.end(job.id, status, error)
    assert not jobs.end(job.id, 'cancelled')
    assert (jobs.get(job.id).status, jobs.get(job.id).error, jobs.open()) == (status, error, [])
    with pytest.raises(RequirementFailed):
        bench.run(bench.segment(), AdvanceJob(job.id, Tally(1), 'a:1'))
    assert len(bench.segment_ids()) == 1
    assert jobs.lease(job, 1, 2, 'a', 60) is None


def test_leases_do_not_overlap(bench, jobs, job, table) -> None:
    lease = jobs.lease(job, 3, 6, 'a', 60)
    assert lease.startswith('a:')
    assert jobs.get(job.id).status == 'running'
    assert [jobs.lease(job, low, high, 'b', 60) for low, high in [(6, 9), (1, 3), (4, 5), (1, 10)]] == [None] * 4
    assert jobs.lease(job, 7, 9, 'b', 60) is not None
    assert sorted(jobs.leased(table)) == sorted(jobs.leased(table, job.id)) == [(3, 6), (7, 9)]
    assert jobs.leased(table, job.id + 1) == []
    bench.run(AdvanceJob(job.id, Tally(1), lease))
    assert jobs.leased(table) == [(7, 9)]


def test_leases_are_given_back_and_expire(jobs, job, table) -> None:
    lease = jobs.lease(job, 1, 2, 'a', 60)
    jobs.lease(job, 3, 4, 'a', 0.2)
    jobs.lease(job, 5, 6, 'b', 60)
    jobs.give_back(lease)
    assert sorted(jobs.leased(table)) == [(3, 4), (5, 6)]
    jobs.renew('a', 0.05)
    time.sleep(0.06)
    assert jobs.leased(table) == [(5, 6)]
    assert jobs.lease(job, 1, 4, 'c', 60) is not None
    jobs.give_back('b')
    assert jobs.leased(table) == [(1, 4)]


def test_the_end_of_a_job_ends_its_leases(jobs, job, table) -> None:
    jobs.lease(job, 1, 2, 'a', 60)
    jobs.end(job.id, 'cancelled')
    assert jobs.leased(table) == []


def test_old_jobs_are_forgotten(bench, jobs, job, table, monkeypatch) -> None:
    jobs.end(job.id, 'done')
    monkeypatch.setattr('pixeltable.catalog.apply.jobs.KEPT_US', -1_000_000)
    newer = bench.run(StartJob(table, SPEC)).job
    assert [each.id for each in jobs.all()] == [newer]


def test_jobs_go_with_their_table(bench, jobs, job, table) -> None:
    dropped = bench.run(DropTable(table)).commit
    assert jobs.get(job.id) is not None
    bench.catalog.commit(Commit('vacuum', (RemoveTable(table, dropped, time.time_ns() // 1000),)))
    assert jobs.get(job.id) is None


@pytest.mark.parametrize(
    ('ranges', 'expected'),
    [
        ((), ()),
        (((1, 2), (3, 4)), ((1, 4),)),
        (((5, 9), (1, 2), (6, 7)), ((1, 2), (5, 9))),
        (((1, 1), (1, 3)), ((1, 3),)),
    ],
)
def test_ranges_are_joined(ranges, expected) -> None:
    assert joined(ranges) == expected


def test_numbers_as_ranges() -> None:
    assert runs(np.array([5, 2, 1, 9])) == ((1, 2), (5, 5), (9, 9))
    assert runs(np.arange(3, 8)) == ((3, 7),)
