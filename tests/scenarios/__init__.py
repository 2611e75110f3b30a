"""What tests do to a home while it is killed, loses power or fails: rows of operations without end, and what is found after each.

Operation number `n` of a scenario takes the home from `after(n)` to `after(n + 1)`, or leaves it as it is. Used by processes that
get killed (`crash`), by the simulation of power losses, and with injected faults (`simulation`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pixeltable as pxt
from pixeltable.storage import flush, segments
from scenarios.columns import Columns, Indexes, Recomputes
from scenarios.maintenance import Compactions, Flushes, Purges, Vacuums
from scenarios.media import Pictures
from scenarios.rows import Deletes, Inserts, Updates
from scenarios.versions import Restores, Reverts, Snapshots, Tables
from scenarios.views import ViewedDeletes, ViewedInserts, ViewedPurges, ViewedUpdates

SMALL_LIMITS: list[tuple[Any, str, Any]] = [(segments, 'INLINE_BYTES', 2 << 10), (flush, 'MAX_INLINED', 2)]
"""What users of scenarios set, so that files and flushes come often."""

SETTINGS = {'verbosity': 0, 'show_progress': False, 'vacuum_grace_s': 0}

SCENARIOS: dict[str, Inserts] = {
    'insert': Inserts(),
    'update': Updates(),
    'delete': Deletes(),
    'add_column': Columns(),
    'recompute': Recomputes(),
    'add_index': Indexes(),
    'flush': Flushes(),
    'compaction': Compactions(),
    'vacuum': Vacuums(),
    'purge': Purges(),
    'restore': Restores(),
    'revert': Reverts(),
    'snapshot': Snapshots(),
    'table': Tables(),
    'media': Pictures(),
    'insert with views': ViewedInserts(),
    'update with views': ViewedUpdates(),
    'delete with views': ViewedDeletes(),
    'purge with views': ViewedPurges(),
}


OPERATIONS: dict[str, tuple[Inserts, int]] = {
    'insert small': (SCENARIOS['insert'], 0),
    'insert large': (SCENARIOS['insert'], 1),
    'update small': (SCENARIOS['update'], 0),
    'update large': (SCENARIOS['update'], 1),
    'delete': (SCENARIOS['delete'], 1),
    'add column': (SCENARIOS['add_column'], 0),
    'drop column': (SCENARIOS['add_column'], 1),
    'recompute': (SCENARIOS['recompute'], 0),
    'add index': (SCENARIOS['add_index'], 0),
    'drop index': (SCENARIOS['add_index'], 1),
    'flush': (SCENARIOS['flush'], 3),
    'compaction': (SCENARIOS['compaction'], 3),
    'vacuum': (SCENARIOS['vacuum'], 2),
    'purge': (SCENARIOS['purge'], 1),
    'restore': (SCENARIOS['restore'], 1),
    'revert': (SCENARIOS['revert'], 1),
    'snapshot': (SCENARIOS['snapshot'], 0),
    'create table': (SCENARIOS['table'], 0),
    'drop table': (SCENARIOS['table'], 2),
    'restore table': (SCENARIOS['table'], 3),
    'store media': (SCENARIOS['media'], 0),
    'remove media': (SCENARIOS['media'], 1),
    'insert with views': (SCENARIOS['insert with views'], 1),
    'update with views': (SCENARIOS['update with views'], 1),
    'delete with views': (SCENARIOS['delete with views'], 1),
    'purge with views': (SCENARIOS['purge with views'], 1),
}
"""By name, one operation: number `n` of a scenario."""

MAINTENANCE = ('compaction', 'vacuum', 'purge', 'purge with views', 'remove media')
"""Operations of several commits, each of which leaves the home sound."""


def quiet() -> None:
    """Cells fail here on purpose."""
    warnings.filterwarnings('ignore', category=pxt.PixeltableWarning)


def state(scenario: Inserts, acknowledged: int, *, may_be_next: bool) -> int:
    """How many operations the home has seen: all acknowledged ones, and at most the next. AssertionError for anything else."""
    found = scenario.found()
    for number in range(acknowledged, acknowledged + 1 + may_be_next):
        if found == scenario.after(number):
            return number
    what = '; '.join(_differences(found, scenario.after(acknowledged)))
    raise AssertionError(f'after {acknowledged} acknowledged operations: {what}')


def _differences(found: Any, expected: Any) -> Iterator[str]:
    if not (isinstance(found, list) and isinstance(expected, list)):
        yield f'{str(found)[:500]} instead of {str(expected)[:500]}'
        return
    yield f'{len(found)} rows, expected {len(expected)}'
    for have, want in zip(found, expected, strict=False):
        if have != want:
            yield f'{have} instead of {want}'
            return
