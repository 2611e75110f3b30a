"""What the processes of these tests do. Started with a home, a task and its arguments; waits for a line, then works.

Prints `ready`, and at the end the task's result as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

import pixeltable as pxt
from pixeltable.exec import transaction
from pixeltable.storage import flush, segments

LARGE = 200
"""Rows that are not inlined in the catalog, as these tests set it."""


@pxt.udf
def tripled(n: int) -> int:
    return n * 3


def create() -> None:
    """The table of all tests: each insert is a batch of `size` rows."""
    t = pxt.create_table('t', {'batch': pxt.String, 'size': pxt.Int, 'n': pxt.Int})
    t.add_computed_column(double=t.n * 2)
    t.add_computed_column(triple=tripled(t.n))


def rows_of(batch: str, size: int) -> list[dict[str, Any]]:
    return [{'batch': batch, 'size': size, 'n': place} for place in range(size)]


def insert(name: str, times: int) -> int:
    """Inserts of one row, of some, and of many; returns the number of rows."""
    t = pxt.get_table('t')
    sizes = [(1, 3, LARGE)[number % 3] for number in range(times)]
    for number, size in enumerate(sizes):
        t.insert(rows_of(f'{name}{number}', size))
    return sum(sizes)


def add_columns(names: list[str]) -> list[str]:
    """Adds computed columns, and says which it added: another process may have taken a name."""
    t = pxt.get_table('t')
    added = []
    for name in names:
        try:
            t.add_computed_column(**{name: tripled(t.n) + 1})
        except pxt.AlreadyExistsError:
            continue
        added.append(name)
    return added


def increment(times: int) -> int:
    t = pxt.get_table('t')
    return sum(t.update({'n': t.n + 1}, where=t.batch == 'counter').num_rows for _ in range(times))


def recompute(times: int) -> None:
    t = pxt.get_table('t')
    for number in range(times):
        if number % 2:
            t.recompute_columns('triple')
        else:
            t.recompute_columns('triple', 'double', where=t.n % 2 == 0)


def flush_often(times: int) -> None:
    t = pxt.get_table('t')
    flush.MAX_INLINED = 1
    for _ in range(times):
        t._session.flush(t._table_id)


def remove(batches: list[str]) -> int:
    """Deletes batches one by one."""
    t = pxt.get_table('t')
    return sum(t.delete(where=t.batch == batch).num_rows for batch in batches)


def rate(name: str, times: int) -> int:
    """Inserts, updates and deletes rows of the table `rated`, which refer to batches of `t`; returns how many it left."""
    rated = pxt.get_table('rated')
    for number in range(times):
        rated.insert([{'batch': f'{batch}{number}', 'by': name, 'stars': number} for batch in 'ab'])
        if number % 3 == 1:
            rated.update({'stars': rated.stars + 100}, where=(rated.by == name) & (rated.stars == number - 1))
        if number % 3 == 2:
            rated.delete((rated.by == name) & (rated.stars == number))
    return int(rated.where(rated.by == name).count())


def create_keyed() -> None:
    """A table with a primary key, of which some rows are Parquet, with a filter, and some are inlined."""
    t = pxt.create_table('keyed', {'k': pxt.Int, 'by': pxt.String, 'n': pxt.Int}, primary_key='k')
    t.add_computed_column(triple=tripled(t.n))
    t.insert({'k': -1 - k, 'by': '', 'n': 0} for k in range(LARGE))
    t.insert(k=-1000, by='', n=0)


def insert_keys(by: str, keys: list[int], attempts: int) -> dict[str, Any]:
    """Inserts keys one by one, with so many attempts to commit; returns those that were free, and the longest wait."""
    transaction.ATTEMPTS = attempts
    t = pxt.get_table('keyed')
    inserted, waits = [], []
    for k in keys:
        started = time.perf_counter()
        try:
            t.insert(k=k, by=by, n=k)
            inserted.append(k)
        except pxt.RequestError as error:
            if error.error_code is not pxt.ErrorCode.CONSTRAINT_VIOLATION:
                raise
        waits.append(time.perf_counter() - started)
    return {'inserted': inserted, 'longest': max(waits)}


def upsert_keys(by: str, batches: list[list[int]]) -> list[int]:
    """Upserts batches; how many rows of each were inserted and updated."""
    t = pxt.get_table('keyed')
    counts = [0, 0]
    for batch in batches:
        done = t.upsert([{'k': k, 'by': by, 'n': len(by)} for k in batch]).row_count_stats
        counts = [counts[0] + done.ins_rows, counts[1] + done.upd_rows]
    return counts


def read(times: int) -> list[str]:
    """Looks at the table again and again; returns the batches that it ever saw in part."""
    t = pxt.get_table('t')
    torn = set()
    for _ in range(times):
        rows = list(t.select(t.batch, t.size).collect())
        found = Counter(row['batch'] for row in rows)
        torn |= {row['batch'] for row in rows if found[row['batch']] != row['size']}
    return sorted(torn)


def main() -> None:
    home, task, arguments = sys.argv[1:]
    segments.INLINE_BYTES = 2 << 10
    pxt.init({'home': home, 'verbosity': 0, 'show_progress': False})
    pxt.list_tables()
    print('ready', flush=True)  # noqa: T201
    sys.stdin.readline()
    print(json.dumps(globals()[task](**json.loads(arguments))))  # noqa: T201


if __name__ == '__main__':
    main()
