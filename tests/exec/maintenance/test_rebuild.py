"""What can be read of a damaged file is saved."""

from __future__ import annotations

import numpy as np

import pixeltable as pxt


def test_plain_columns_of_a_large_file_are_saved(home, damage, reopen) -> None:
    """Damage that lies in a computed column alone: the digests of blocks prove that the others are as they were."""

    @pxt.udf
    def wide(a: int) -> pxt.Array[(64,), pxt.Float]:
        return np.random.default_rng(a).random(64, dtype=np.float32)

    t = pxt.create_table('t', {'a': pxt.Int, 's': pxt.String})
    t.add_computed_column(e=wide(t.a))
    t.insert({'a': a, 's': f'text {a}'} for a in range(8000))
    whole = damage.contents()
    ((path,),) = damage.sql(home, 'SELECT path FROM files WHERE path IS NOT NULL')
    file = home / 'data' / path
    size = file.stat().st_size
    file.write_bytes(damage.flip(file.read_bytes(), size // 2))
    reopen()
    (problem,) = pxt.verify(sample=0).problems
    assert 'its content has changed in bytes' in problem.what
    t = pxt.get_table('t')
    assert t.select(t.s).collect()['s'][-1] == 'text 7999'
    report = pxt.repair()
    assert report.ok, report
    assert "'e' of 8,000 rows computed again" in report.repaired[0]
    assert damage.contents() == whole
    file.write_bytes(b'')  # which nothing names any more
    reopen()
    assert damage.contents() == whole
