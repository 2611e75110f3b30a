"""What golden homes hold from format 2 on, table by table. `golden_home.py` makes the home, and calls this.

All of it is in `tests/golden/test_contents.py` too, which says what is missing from a home of the newest format.
"""

from __future__ import annotations

import datetime
import linecache
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LOCAL = """
SUMMANDS = {'first': [40]}


def summand(name):
    return SUMMANDS[name][0]


@pxt.udf
def local(pages: int) -> int:
    return pages + summand('first')
"""

_UTC = datetime.UTC


def build(pxt: Any, home: Path, restart: Callable[[], None]) -> None:
    """Adds to the home. `restart` goes on in what stands for another process, which imports changed modules anew."""
    pxt.get_table('kinds').optimize()  # so that each type is in a Parquet file as well as inlined
    _kept(pxt, home)
    _keyed(pxt)
    _own(pxt, home)
    _types(pxt)
    _wide(pxt)
    _expressions(pxt)
    _functions(pxt)
    _changing(pxt, restart)
    _paths(pxt)
    _lease(pxt)


def _kept(pxt: Any, home: Path) -> None:
    """Digests of blocks, vacuumed versions, a removed orphan, purged rows, and a table that was dropped and came back."""
    import numpy as np

    t = pxt.create_table('kept', {'key': pxt.Int, 'v': pxt.Array[(128,), pxt.Float] | None}, primary_key='key')
    t.insert([{'key': key, 'v': np.full(128, key % 10, dtype=np.float32)} for key in range(3000)])
    for key in range(3000, 3010):
        t.insert([{'key': key}])
    t.optimize()
    t.update({'v': None}, where=t.key == 5)
    pxt.snapshot(t, name='pinned')
    t.delete(where=t.key % 10 == 3)
    t.purge(where=t.key == 10)
    pxt.drop_table('kept', force=True)
    pxt.restore('kept')
    t.insert([{'key': 3}])
    (folder,) = (home / 'data' / 'tables').glob(t.get_metadata()['id'].hex)
    orphan = folder / f'{uuid.UUID(int=7 << 76).hex}.parquet'  # of version 7, made in 1970
    orphan.write_bytes(b'left by a crash')
    os.utime(orphan, (0, 0))
    t.vacuum(retain=2)
    t.set_retention(versions=3)


def _keyed(pxt: Any) -> None:
    """A key of two columns, with a filter in a file; rows that `upsert` and `batch_update` changed."""
    schema = {'note': pxt.String, 'name': pxt.String, 'day': pxt.Date}
    t = pxt.create_table('keyed', schema, primary_key=['name', 'day'])
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(days=number) for number in range(50)]
    t.insert([{'name': f'n{number % 51}', 'day': days[number % 50], 'note': 'again ' * 9} for number in range(2200)])
    t.upsert([{'name': 'n1', 'day': days[1], 'note': 'upserted'}, {'name': 'new', 'day': days[0], 'note': 'inserted'}])
    t.batch_update([{'name': 'n2', 'day': days[2], 'note': 'updated'}])


def _own(pxt: Any, home: Path) -> None:
    """A data root of the table's own. Its URL says where the home was made; tests put another in its place."""
    t = pxt.create_table('own', {'number': pxt.Int, 'text': pxt.String}, data=home / 'own')
    t.insert([{'number': number, 'text': f'{"long " * 30}{number}'} for number in range(500)])
    t.add_computed_column(words=t.text.split().len())
    t.insert([{'number': 500, 'text': 'short'}])
    t.delete(where=t.number == 7)
    t.set_retention(versions=100, age=datetime.timedelta(days=36500))


def _types(pxt: Any) -> None:
    """Parameters of types."""
    import numpy as np

    sizes = {'int': (8, 16, 32, 64), 'uint': (8, 16, 32, 64), 'float': (16, 32, 64)}
    dtypes = ['bool', *(f'{kind}{bits}' for kind in sizes for bits in sizes[kind])]
    schema = {
        'object': pxt.Json[{'a': pxt.Int, 'b': pxt.Json[[pxt.String | None]]}],
        'list': pxt.Json[(pxt.Int, pxt.String, ...)],
        'picture': pxt.Image[(4, 3), 'RGB'] | None,
        'free': pxt.Array[(None, 2), pxt.Float] | None,
        'texts': pxt.Array[(2,), pxt.String],
        **{f'a_{dtype}': pxt.Array[(2,), np.dtype(dtype)] for dtype in dtypes},
    }
    t = pxt.create_table('types', schema, media_validation='on_read', custom_metadata=[])
    arrays = {f'a_{dtype}': np.array([0, 1], dtype=dtype) for dtype in dtypes}
    common = {'list': [1, 'b', 'c'], 'texts': np.array(['ä', '']), **arrays}
    t.insert([{'object': {'a': 1, 'b': ['x', None]}, 'picture': 'https://example.com/4x3.png', **common}])
    t.insert([{'object': {'a': -1, 'b': []}, 'free': np.ones((3, 2), dtype=np.float32), **common}])


def _wide(pxt: Any) -> None:
    """A file of several row groups, a long text in each row, and statistics that are cut, with NaN, or of NULLs only."""
    schema = {
        'number': pxt.Int,
        'text': pxt.String,
        'start': pxt.String,
        'ratio': pxt.Float | None,
        'never': pxt.Bool | None,
    }
    t = pxt.create_table('wide', schema)
    rows = range(120)
    t.insert(
        [{'number': n, 'text': f'{n:03}' + 'x' * 300_000, 'start': f'{n:03}' * 20, 'ratio': _ratio(n)} for n in rows]
    )
    t.update({'ratio': 0.5}, where=t.number == 119)


def _ratio(number: int) -> float | None:
    return float('nan') if number == 50 else None if number % 3 == 0 else number / 4


def _expressions(pxt: Any) -> None:
    """Each kind of expression, and of constant, that a column can be computed from."""
    from golden_functions import picky  # type: ignore[import-not-found]

    schema = {
        'n': pxt.Int, 'x': pxt.Float, 's': pxt.String, 'j': pxt.Json, 'a': pxt.Array[(2, 2), pxt.Float], 'b': pxt.Bool,
        'time': pxt.Timestamp, 'day': pxt.Date, 'id_': pxt.UUID, 'raw': pxt.Binary,
    }  # fmt: skip
    t = pxt.create_table('expressions', {name: type_ | None for name, type_ in schema.items()})
    t.insert([_expressions_row(1), {}, _expressions_row(0)])
    noon = datetime.datetime(2024, 5, 17, 12, tzinfo=_UTC)
    columns = {
        'arithmetic': round(abs(-(t.n + 1 - 2) * 3 // 4 % 5) / 7**t.x, 2),
        'logic': ((t.n < 1) & (t.x <= 2.5)) | ~((t.n > 1) | (t.x >= float('-inf'))),
        'nulls': (t.s == None) & (t.j != None),  # noqa: E711  they build expressions
        'equal': (t.s != 'two') & (t.b == True),  # noqa: E712
        'constants': (t.time < noon) & (t.day == noon.date()) & (t.id_ == uuid.UUID(int=1)) & (t.raw == b'\x00\xff'),
        'member': t.n.isin([1, 2, None]),
        'cast': t.n.astype(pxt.String),
        'path': t.j.list['*'].deep[0:2:1],
        'item': t.a[..., 0:1],
        'text': f'n is {t.n:03d}, {t.s}',
        'parts': [t.n, {'s': t.s, 'rest': None}],
        'inverse': 1 / t.n,
        'picked': picky(t.n + 2),
    }
    for name, value in columns.items():
        t.add_computed_column(**{name: value})
    t.insert([_expressions_row(2)])
    t.add_computed_column(failed=t.picked.errortype)


def _expressions_row(number: int) -> dict[str, Any]:
    return {
        'n': number,
        'x': number / 4,
        's': ('zero', 'one', 'two')[number],
        'j': {'list': [{'deep': [number, 2, 3]}, {}]},
        'a': [[number, 1], [2, 3]],
        'b': number == 1,
        'time': datetime.datetime(2024, 5, 17, 10 + number, tzinfo=_UTC),
        'day': datetime.date(2024, 5, 16 + number),
        'id_': uuid.UUID(int=number),
        'raw': (b'', b'\x00\xff', b'text')[number],
    }


def _functions(pxt: Any) -> None:
    """Functions by value and by name, with bound constants, of several signatures, asynchronous, in batches; and indexes."""
    import numpy as np
    from golden_functions import doubled, lengths, nearly, vector, weighted

    schema = {'title': pxt.String | None, 'pages': pxt.Int, 'pair': pxt.Array[(2,), pxt.Float]}
    t = pxt.create_table('functions', schema, comment='by value needs Python 3.11')
    t.insert([{'title': title, 'pages': 3, 'pair': np.ones(2, dtype=np.float32)} for title in ('one', None, 'eau')])
    bound = weighted.using(weights=np.array([0.5, 2], dtype=np.float32), names={'names': ['a', 'b'], 'of': [1, None]})
    columns = {
        'local': _local(pxt)(t.pages),
        'bound': bound(t.pair),
        'number': doubled(t.pages),
        'word': doubled(t.title),
        'close': nearly(t.pages),
        'length': lengths(t.title),
    }
    for name, value in columns.items():
        t.add_computed_column(**{name: value}, on_error='abort')
    t.add_embedding_index('title', embedding=vector, idx_name='near')
    t.add_embedding_index('title', string_embed=vector, metric='l2', precision='fp32')
    t.insert([{'title': 'aie', 'pages': 4, 'pair': np.zeros(2, dtype=np.float32)}])
    t.add_computed_column(length=t.title.len() + 1, if_exists='replace')
    t.add_computed_column(alike=t.title.similarity('one', idx='near'))


def _local(pxt: Any) -> Any:
    """A function as a notebook would declare it, which no other process can import. What is stored of it names no folder."""
    linecache.cache['golden.py'] = len(_LOCAL), None, _LOCAL.splitlines(keepends=True), 'golden.py'
    namespace: dict[str, Any] = {'__name__': 'golden', 'pxt': pxt}
    exec(compile(_LOCAL, 'golden.py', 'exec'), namespace)
    return namespace['local']


def _changing(pxt: Any, restart: Callable[[], None]) -> None:
    """Cells that older code made: of a whole column, of some of its rows, and none any more, with errors that are gone."""
    import golden_changing  # type: ignore[import-not-found]

    golden_changing.RATE, golden_changing.LEAST = 1, 5
    t = pxt.create_table('changing', {'pages': pxt.Int})
    t.insert([{'pages': number} for number in range(10)])
    t.add_computed_column(older=golden_changing.priced(t.pages))
    t.add_computed_column(partly=golden_changing.priced(t.pages))
    t.add_computed_column(mended=golden_changing.mended(t.pages))
    restart()
    t = pxt.get_table('changing')
    t.recompute_columns('partly', where=t.pages > 5)
    t.recompute_columns('mended')


def _paths(pxt: Any) -> None:
    """What is gone from its path: a directory, a snapshot's name, and a table with another in its place."""
    pxt.create_dir('gone')
    pxt.drop_dir('gone')
    pxt.create_table('library/gone', {'x': pxt.String}).insert([{'x': 'the second'}])
    pxt.snapshot('own', name='unnamed')
    pxt.drop_snapshot('own', 'unnamed')
    pxt.create_table('library/gone', {'x': pxt.Float}, if_exists='replace').insert([{'x': 3.5}])


def _lease(pxt: Any) -> None:
    """The lease of a process that crashed long ago, as a clock tells that does not run in `golden_home.py`."""
    from pixeltable.api import default

    catalog = default.session().catalog
    catalog.hold(uuid.uuid4().hex, [catalog.last_commit()], (), time.time_ns() // 1000)
