"""A user's program, which knows nothing of a cluster: `program.py HOME WHAT`. Prints a line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from pathlib import Path

import pyarrow as pa

import pixeltable as pxt

home, what = Path(sys.argv[1]), sys.argv[2]
pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})
warnings.simplefilter('ignore', pxt.PixeltableWarning)
LOG = home / 'calls'


def log(text: object) -> None:
    with LOG.open('a') as file:
        file.write(f'{text}\n')


@pxt.udf
def plain(x: int) -> int:
    if x % 1000 == 7:
        raise ValueError(f'{x} is unlucky')
    return x * 2


@pxt.udf(batch_size=64)
def model(x: pxt.Batch[int]) -> pxt.Batch[int]:
    log(os.getpid())
    return [each + 1 for each in x]


@pxt.udf(cache=True)
def paid(x: int) -> int:
    log(x)
    return -x


@pxt.udf
def slow(x: int) -> int:
    log(os.getpid())
    time.sleep(0.004)
    return x * 3


@pxt.udf
def killer(x: int) -> int:
    os._exit(3)


def cascade(t: pxt.Table) -> object:
    """Computed columns over computed columns, and a view of them, through an insert, an update and a recomputation."""
    t.add_computed_column(a=plain(t.x))
    t.add_computed_column(b=model(t.a))
    view = pxt.create_view('v', t.where(t.b < 1000), additional_columns={'c': paid(t.b)})
    view.add_computed_column(d=plain(view.c))
    status = t.insert([{'x': 7}, {'x': 8}, {'x': 900}])
    t.update({'x': t.x + 1}, where=t.x < 20)
    t.recompute_columns('a', where=t.x < 5)
    rows = t.select(t.x, t.a, t.b).collect()
    wrong = [r for r in rows if r['x'] % 1000 != 7 and (r['a'], r['b']) != (r['x'] * 2, r['x'] * 2 + 1)]
    seen = view.select(view.x, view.c, view.d, view.d.errortype).collect()
    wrong += [r for r in seen if r['c'] != -(r['x'] * 2 + 1) or r['d'] not in (r['c'] * 2, None)]
    return {
        'wrong': len(wrong),
        'failed': rows['b'].count(None),
        'view': len(seen) == t.where(t.b < 1000).count(),
        'unlucky': [r['c'] for r in seen if r['d_errortype']],
        'status': status.num_excs,
        'ok': pxt.verify().ok,
    }


def main() -> object:
    t = pxt.get_table('t', if_not_exists='ignore')
    if t is None:
        t = pxt.create_table('t', {'x': pxt.Int})
        t.insert(pa.table({'x': range(1500 if what == 'cascade' else 5000)}))  # a process for each operation is enough
        for x in range(3):
            t.insert([{'x': x}, {'x': x + 1}])
        t.delete(where=t.x == 3)
    if what == 'plain':
        t.add_computed_column(y=plain(t.x))
        status = t.insert(pa.table({'x': range(3000)}))
        rows = t.select(t.x, t.y, t.y.errortype).collect()
        wrong = [row for row in rows if row['y'] != (None if row['x'] % 1000 == 7 else row['x'] * 2)]
        failed = t.where(t.y.errortype == 'ValueError').count()
        return {
            'rows': len(rows),
            'wrong': len(wrong),
            'failed': failed,
            'status': status.num_excs,
            'ok': pxt.verify().ok,
        }
    if what == 'model':
        t.add_computed_column(z=model(t.x))
        wrong = t.where(t.z != t.x + 1).count()
        return {'wrong': wrong, 'pids': len(set(LOG.read_text().split())), 'here': str(os.getpid()) in LOG.read_text()}
    if what == 'paid':
        t.add_computed_column(p=paid(t.x))
        t.drop_column('p')
        t.add_computed_column(p=paid(t.x))
        calls = LOG.read_text().split()
        return {'calls': len(calls), 'distinct': len(set(calls)), 'wrong': t.where(t.p != 0 - t.x).count()}
    if what == 'cascade':
        return cascade(t)
    if what == 'slow':
        t.add_computed_column(s=slow(t.x))
        return {'wrong': t.where(t.s != t.x * 3).count(), 'rows': t.count()}
    try:
        t.add_computed_column(k=killer(t.x))
    except pxt.Error as error:
        return {'error': str(error), 'columns': t.columns()}
    return None


print(json.dumps(main()))  # noqa: T201
