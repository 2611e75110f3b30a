"""How processes that work on jobs end, and what they leave to others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

import pixeltable as pxt


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT], ids=['SIGTERM', 'SIGINT'])
def test_a_worker_that_is_stopped_gives_its_leases_back(job, start_worker, has_called, number) -> None:
    worker = start_worker()
    has_called(10)
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


def test_a_script_that_exits_before_its_job_is_done(home, tmp_path, start_worker) -> None:
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
    out, err = start_worker('--once').communicate(timeout=60)
    assert 'done, 2 of 2 cells' in out, err
    t = pxt.get_table('early')
    assert t.order_by(t.k).select(t.x).collect()['x'] == [6, 7]
