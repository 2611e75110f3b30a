"""One process of the soak: plays a role on a home that others use too, until it is killed or told to stop.

    soak_worker.py SETTINGS ROLE NAME SEED

What it is about to do, and what it was told was done, goes into a log of its own, one line of JSON at a time. A line that a
kill cut short says nothing. `SETTINGS` is JSON: those of `pxt.init`, and under `folder` where logs lie.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pixeltable as pxt
from pixeltable.storage import flush, segments


class Log:
    """Appends lines; each reaches the operating system before the next step, and survives a kill."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, **entry: Any) -> None:
        os.write(self._file, (json.dumps(entry) + '\n').encode())


def digest(t: Any) -> str:
    """What a reader sees of the table, derived cells included, whatever the order of the rows."""
    rows = t.select(t.batch, t.n, t.double, row_id=t.id).collect().to_arrow().to_pydict()
    lines = sorted(zip(rows['row_id'], rows['batch'], rows['n'], rows['double'], strict=True))
    return hashlib.sha256(repr(lines).encode()).hexdigest()


def write(t: Any, log: Log, dice: random.Random, name: str) -> None:
    """One insert of a new batch, or an update or deletion of one of its own."""
    batches = sorted(
        {row['batch'] for row in t.where(t.owner == name).select(t.batch).collect()} if dice.random() < 0.6 else ()
    )
    kind = dice.choice(['insert', 'update', 'delete', 'delete']) if len(batches) > 4 else 'insert'
    if kind == 'insert':
        batch, size = f'{name}-{time.time_ns()}', dice.choice([1, 1, 2, 3, 200])
        log(do='insert', batch=batch, size=size)
        t.insert([{'owner': name, 'batch': batch, 'n': number} for number in range(size)])
    else:
        batch = dice.choice(batches)
        log(do=kind, batch=batch)
        if kind == 'update':
            t.update({'n': t.n + 1000}, where=t.batch == batch)
        else:
            t.delete(where=t.batch == batch)
    log(done=batch)


def read(t: Any, log: Log, dice: random.Random, name: str) -> None:
    """What is seen must be one of the versions between the one before and the one after."""
    before = t.get_versions(1)[0]['version']
    seen = digest(t)
    log(seen=seen, before=before, after=t.get_versions(1)[0]['version'])


def backfill(t: Any, log: Log, dice: random.Random, name: str) -> None:
    """A column computed for rows that come and go meanwhile."""
    t.add_computed_column(if_exists='replace', extra=t.n * 3)
    wrong = t.where((t.extra == None) | (t.extra != t.n * 3)).count()  # noqa: E711
    log(wrong=wrong)
    t.recompute_columns('double')
    time.sleep(dice.uniform(0, 0.1))


def maintain(t: Any, log: Log, dice: random.Random, name: str) -> None:
    """Compaction, and removal of what no version needs."""
    t.optimize()
    t.vacuum()
    time.sleep(dice.uniform(0, 0.05))


def follow(t: Any, log: Log, dice: random.Random, name: str) -> None:
    """An external system: what it has applied, and how far it came, are written in one step."""
    path = Path(SETTINGS['folder']) / 'followed.json'
    state = json.loads(path.read_text()) if path.exists() else {'cursor': None, 'rows': {}}
    for change in t.changes(since=state['cursor']):
        if change['change'] == 'deleted':
            del state['rows'][str(change['id'])]
        else:
            state['rows'].setdefault(str(change['id']), {}).update(change['after'])
        state['cursor'] = change['cursor']
    temporary = path.with_suffix(f'.{os.getpid()}')
    temporary.write_text(json.dumps(state))
    temporary.replace(path)


ROLES: dict[str, Callable[[Any, Log, random.Random, str], None]] = {
    'writer': write,
    'reader': read,
    'backfiller': backfill,
    'maintainer': maintain,
    'follower': follow,
}


def main() -> None:
    role, name, seed = sys.argv[2:]
    folder = Path(SETTINGS['folder'])
    # Small limits, so that files, flushes and compactions happen all the time.
    segments.INLINE_BYTES = 4 << 10
    flush.MAX_INLINED = 8
    pxt.init(SETTINGS['init'])
    t = pxt.get_table('t')
    log, dice = Log(folder / f'{name}.log'), random.Random(int(seed))
    print('ready', flush=True)  # noqa: T201
    while not (folder / 'stop').exists():
        try:
            ROLES[role](t, log, dice, name)
        except pxt.ConcurrencyError:
            log(lost=role)  # it lost a bounded number of times, and changed nothing


if __name__ == '__main__':
    SETTINGS: dict[str, Any] = json.loads(sys.argv[1])
    main()
