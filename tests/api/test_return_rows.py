"""Statuses and the rows in them: what the numbers count, and that values are values."""

from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt


@pxt.udf
def pair(k: int) -> pxt.Array[(2,), pxt.Float]:
    return np.array([k, 1], dtype=np.float32)


@pxt.udf
def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
    return np.array([len(text), 1], dtype=np.float32)


def test_rows_hold_values_and_only_columns(t: pxt.Table) -> None:
    t.add_computed_column(v=pair(t.k))
    t.add_btree_index('k')
    t.add_embedding_index('s', embedding=embed)
    status = t.insert([{'k': 7, 's': 'x'}], return_rows=True)
    (row,) = status.rows
    assert list(row) == t.columns()
    assert row['v'].tolist() == [7.0, 1.0]
    assert (row['k'], row['s'], row['f']) == (7, 'x', None)


def test_computed_values_are_counted(t: pxt.Table) -> None:
    t.add_computed_column(v=pair(t.k))
    status = t.insert([{'k': 7, 's': 'x'}, {'k': 8, 's': 'y'}])
    assert (status.num_rows, status.num_computed_values, status.num_excs) == (2, 2, 0)
    both = status + t.update({'k': 1}, where=t.k == 7)
    assert (both.num_rows, both.num_computed_values, both.pxt_rows_updated) == (3, 3, 1)


def test_upserts_keep_to_on_error() -> None:
    @pxt.udf
    def inverse(k: int) -> float:
        return 1 / k

    t = pxt.create_table('keyed', {'k': pxt.Int}, primary_key='k', on_error='abort')
    t.add_computed_column(x=inverse(t.k))
    with pytest.raises(pxt.Error, match='ZeroDivisionError'):
        t.batch_update([{'k': 0}], if_not_exists='insert')
    assert t.count() == 0
