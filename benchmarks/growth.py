"""How costs grow with rows, with versions and with columns. What should stay flat is as much of a result as what is quick."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import measure
from measure import middle, milliseconds, once

import pixeltable as pxt

ROWS = (10_000, 100_000, 1_000_000)
VERSIONS = (1, 10, 100, 1000)
COLUMNS = (10, 100, 1000)

# A process of its own, because what has to be read before the first row is what grows with the history.
OPEN = """
import json, sys, time
import pixeltable as pxt
pxt.init({'pixeltable.home': sys.argv[1], 'pixeltable.verbosity': 0})
started = time.perf_counter()
t = pxt.get_table('versions')
opened = time.perf_counter()
assert len(t.collect()) == int(sys.argv[2])
read = time.perf_counter()
t.collect()
print(json.dumps([opened - started, read - opened, time.perf_counter() - read]))
"""


def by_rows() -> None:
    """Tables of different sizes."""
    lines = []
    for count in ROWS:
        t = pxt.create_table('grown', measure.SCHEMA, if_exists='replace')
        source = measure.arrow_rows(count)
        insert = once(lambda t=t, source=source: t.insert(source))
        ten = t.where((t.key >= 100) & (t.key < 110)).select(t.key, t.text)
        lines.append(
            [
                f'{count:,}',
                f'{count / insert:,.0f} rows/s',
                milliseconds(middle(t.count)),
                milliseconds(middle(ten.collect)),
                milliseconds(middle(lambda t=t: t.update({'text': 'changed'}, where=t.key == 77), 5)),
                milliseconds(middle(lambda t=t: t.insert(measure.rows(1, -1)), 20)),
            ]
        )
    measure.show('By rows', ['rows', 'insert from Arrow', 'count', 'filter to 10', 'update one', 'insert one'], lines)


def by_versions(home: Path) -> None:
    """One table with ever more single-row inserts, each of which is a version."""
    t = pxt.create_table('versions', measure.SCHEMA)
    lines, done = [], 0
    for count in VERSIONS:
        inserts = sorted(once(lambda i=i: t.insert(measure.rows(1, i))) for i in range(done, count))
        done = count
        command = [sys.executable, '-c', OPEN, str(home), str(count)]
        child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        times = json.loads(child.stdout.splitlines()[-1])
        lines.append([f'{count:,}', milliseconds(inserts[len(inserts) // 2]), *map(milliseconds, times)])
    measure.show('By versions', ['single-row inserts', 'insert one', 'open', 'first read', 'read again'], lines)


def by_columns() -> None:
    """Tables of different widths."""
    lines = []
    for count in COLUMNS:
        create = once(lambda n=count: pxt.create_table(f'wide{n}', {f'c{i}': pxt.Int for i in range(n)}))
        t = pxt.get_table(f'wide{count}')
        row = {f'c{i}': i for i in range(count)}
        t.insert([row] * 1000)
        lines.append(
            [
                f'{count:,}',
                milliseconds(create),
                milliseconds(middle(lambda t=t, row=row: t.insert([row]))),
                milliseconds(middle(lambda t=t: t.select(t.c0).collect())),
                milliseconds(middle(lambda t=t: t.collect().to_arrow())),
                milliseconds(once(lambda t=t: t.add_computed_column(sum=t.c0 + t.c1))),
            ]
        )
    columns = ['columns', 'create', 'insert one', 'read one column', 'read all', 'add a computed column']
    measure.show('By columns, 1,000 rows', columns, lines)
