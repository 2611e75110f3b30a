"""A user's program that calls a paid service for each row: `program.py HOME URL ROWS`. It may be killed, and run again."""

from __future__ import annotations

import sys

import pyarrow as pa
from paid_service import paid

import pixeltable as pxt

home, url, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})

t = pxt.get_table('t', if_not_exists='ignore')
if t is None:
    t = pxt.create_table('t', {'x': pxt.Int}, if_exists='ignore')
if t.count() == 0:
    t.insert(pa.table({'x': range(rows)}))
print('ready', flush=True)  # noqa: T201
t.add_computed_column(y=paid(t.x, url), if_exists='ignore')
assert t.where(t.y != t.x * 2).count() == 0
assert t.count() == rows
print('done', flush=True)  # noqa: T201
