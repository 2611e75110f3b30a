"""What a program loads, before it asks for it: importing costs next to nothing, and plain tables need no pandas and no film."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

USE = """
t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String})
t.insert([{'k': 1, 's': 'x'}])
assert t.where(t.k == 1).select(t.s, n=t.k + 1).collect() == [{'s': 'x', 'n': 2}]
for k in range(2, 100):  # so many that they go into Parquet
    t.insert([{'k': k, 's': 'x'}])
"""
MEDIA = """
import PIL.Image
folder = pxt.home().parent
PIL.Image.new('RGB', (8, 8)).save(folder / 'a.png')
t = pxt.create_table('t', {'k': pxt.Int, 'img': pxt.Image | None})
t.insert([{'k': 1, 'img': folder / 'a.png'}, {'k': 2}])
assert t.collect()[0, 'img'].size == (8, 8)
assert t.tail(2)['k'] == [1, 2]
pxt.io.export_json(t, folder / 'rows.json')
"""

CHANGE = (
    USE
    + """
t.update({'s': 'y'}, where=t.k == 1)
t.add_computed_column(length=t.s.len())
t.add_computed_column(error=t.length.errortype)
t.update({'s': 'longer'}, where=t.k == 2)
t.delete(where=t.k == 99)
t.optimize()
"""
)
SEARCH = """
@pxt.udf
def embedded(s: str) -> pxt.Array[(2,), pxt.Float]:
    import numpy as np

    return np.array([len(s), 1], np.float32)

t = pxt.create_table('t', {'s': pxt.String | None})
t.insert([{'s': 'x'}, {'s': None}, {'s': 'xyz'}])
t.add_embedding_index('s', embedding=embedded)
similarity = t.s.similarity(string='xy')
assert t.order_by(similarity, asc=False).limit(1).select(t.s).collect()['s'] == ['xyz']
assert t.select(score=similarity).collect()['score'][1] is None
"""
FAIL = """
import warnings

@pxt.udf
def picky(k: int) -> int:
    if k == 3:
        raise ValueError('3 is not liked')
    return k

warnings.simplefilter('ignore')
t = pxt.create_table('t', {'k': pxt.Int})
t.add_computed_column(a=picky(t.k))
t.add_computed_column(b=t.a + 1)
t.insert([{'k': k} for k in range(5)])
t.add_computed_column(c=t.a.errortype)
assert t.where(t.a.errortype != None).select(t.a.errormsg).collect()['a_errormsg'] == ['3 is not liked']
t.recompute_columns('a', errors_only=True)
t.insert([{'k': 3}, {'k': 4}])
assert pxt.verify().ok
assert len(t.errors('a')) == 2
assert set(t.stale()['reason']) == {'error'}
assert t.diff(1)['change'] == ['inserted'] * 7
assert len(t.changes(t.changes()['cursor'][0])) == 6
assert len(t.where(t.k > 9).collect()) == 0
"""


@pytest.mark.parametrize(
    ('program', 'modules'),
    [
        ('', ('numpy', 'pyarrow', 'sqlalchemy', 'duckdb', 'asyncio')),
        (USE, ('pandas', 'numpy.ma', 'pyarrow.dataset', 'av', 'PIL')),
        (CHANGE, ('pandas', 'pyarrow.dataset', 'av', 'PIL')),
        (FAIL, ('pandas', 'pyarrow.dataset', 'av', 'PIL')),
        (SEARCH, ('pandas', 'pyarrow.dataset', 'av', 'PIL')),
        (MEDIA, ('pandas', 'numpy.ma', 'pyarrow.dataset', 'av')),
    ],
)
def test_nothing_is_loaded_that_is_not_used(
    tmp_path: Path, monkeypatch, program: str, modules: tuple[str, ...]
) -> None:
    monkeypatch.setenv('PIXELTABLE_HOME', str(tmp_path / 'home'))
    text = f'import pixeltable as pxt, sys\n{program}\nsys.exit(str([m for m in {modules} if m in sys.modules] or ""))'
    done = subprocess.run(
        [sys.executable, '-c', text], capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    assert (done.returncode, done.stderr) in ((0, ''), (1, '\n'))
