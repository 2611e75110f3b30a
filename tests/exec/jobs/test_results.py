"""What lost attempts computed is used again for rows that are as they were."""

from __future__ import annotations

import pyarrow as pa
import pytest

import pixeltable as pxt
from pixeltable.exec.jobs.results import Results
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name


@pytest.fixture
def compute(home, calls):
    """Computes a column, which fails on 2, for rows with these ids and values."""
    path = calls.path

    @pxt.udf
    def noted(k: int) -> int:
        with open(path, 'a') as log:
            log.write(f'{k}\n')
        if k == 2:
            raise ValueError('two')
        return k * 10

    t = pxt.create_table('t', {'k': pxt.Int | None})
    t.add_computed_column(x=noted(t.k))
    engine, schema = t._session.engine, t._schema()
    columns = engine.stored_computed(schema)
    results = Results()

    def run(values):
        rows = pa.table(
            {ROW_ID_FIELD: pa.array(values.keys(), pa.int64()), field_name(1): pa.array(values.values(), pa.int64())}
        )
        table, errors = results.compute(engine.context, schema, rows, columns, None)
        return table.column(0).to_pylist(), {row: str(e.errormsg) for row, e in errors.get(field_name(2), {}).items()}

    return run


def test_only_what_is_new_is_computed(compute, calls) -> None:
    assert compute({1: 1, 2: 2, 3: 3, 4: None}) == ([10, None, 30, None], {1: 'two'})
    assert calls.take() == ['1', '2', '3']
    assert compute({1: 1, 2: 2, 3: 3, 4: None}) == ([10, None, 30, None], {1: 'two'})
    assert compute({3: 3, 2: 2}) == ([30, None], {1: 'two'})
    assert calls.take() == []
    assert compute({5: 2, 2: 2, 3: 4, 6: 6}) == ([None, None, 40, 60], {0: 'two', 1: 'two'})
    assert calls.take() == ['2', '4', '6']
