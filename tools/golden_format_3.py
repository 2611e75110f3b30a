"""What golden homes hold from format 3 on: jobs that ended in each way, one that waits, pending cells, choices about errors."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any


def build(pxt: Any, home: Path, restart: Callable[[], None]) -> None:
    """Adds to the home. `restart` goes on in what stands for another process."""
    _accepted(pxt)
    _jobs(pxt)
    _waiting(pxt)
    restart()
    _lease(pxt, home)


def _accepted(pxt: Any) -> None:
    """A change of code that was said to be harmless."""
    import golden_changing  # type: ignore[import-not-found]

    golden_changing.RATE = 1
    t = pxt.create_table('accepted', {'pages': pxt.Int}, on_error='ignore')
    t.insert([{'pages': number} for number in range(10)])
    t.add_computed_column(priced=golden_changing.priced(t.pages))
    t.add_computed_column(mended=golden_changing.mended(t.pages))


def _jobs(pxt: Any) -> None:
    """Jobs that are done, with errors and without, that failed, and that was cancelled."""
    from golden_functions import picky, shout  # type: ignore[import-not-found]

    t = pxt.create_table('worked', {'pages': pxt.Int, 'title': pxt.String}, on_error='abort')
    rows = [{'pages': number, 'title': f'title {number}'} for number in range(40)]
    t.insert(rows)
    t.add_computed_column(loud=shout(t.title), background=True).wait()
    t.add_computed_column(square=picky(t.pages), on_error='ignore', background=True).wait()
    t.recompute_columns('loud', where=t.pages > 30, background=True).wait()
    t.drop_column('square')
    job = t.add_computed_column(strict=picky(t.pages), on_error='abort', background=True)
    with contextlib.suppress(pxt.Error):
        job.wait()
    t.drop_column('strict')


def _waiting(pxt: Any) -> None:
    """Rows and a column whose cells nobody has computed yet."""
    from golden_functions import shout

    from pixeltable.exec.jobs.workers import Workers

    start, Workers.start = Workers.start, lambda *_, **__: None  # type: ignore[method-assign]
    try:
        t = pxt.create_table('waiting', {'title': pxt.String})
        t.add_computed_column(loud=shout(t.title))
        t.insert([{'title': f'title {number}'} for number in range(5)])
        t.insert([{'title': f'title {number}'} for number in range(5, 12)], background=True)
        t.add_computed_column(louder=shout(t.title), background=True).cancel()
        t.drop_column('louder')
    finally:
        Workers.start = start  # type: ignore[method-assign]


def _lease(pxt: Any, home: Path) -> None:
    """The lease of a worker that crashed long ago; and, now that the code is other, that this does not matter."""
    pxt.get_table('accepted').accept_stale('priced', 'mended')
    waiting = pxt.get_table('waiting')._table_id
    with contextlib.closing(sqlite3.connect(home / 'catalog.db')) as connection, connection:
        (job,) = connection.execute("SELECT id FROM jobs WHERE status = 'queued'").fetchone()
        connection.execute('INSERT INTO work_leases VALUES (?, ?, ?, ?, ?, ?)', ('crashed:1', waiting, job, 6, 12, 1))
