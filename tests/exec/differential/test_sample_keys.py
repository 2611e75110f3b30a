"""The keys by which samples are chosen: the same from DuckDB and from Python."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeltable.exec.scalar import row_function
from pixeltable.exprs.build import literal
from pixeltable.exprs.sql import to_sql
from pixeltable.plan.sampling import KEYS, sample_key

INTS = st.integers(-(2**63) + 1, 2**63 - 1)


@settings(max_examples=50, deadline=None)
@given(INTS, INTS)
def test_agreement(row_id: int, seed: int) -> None:
    node = sample_key(literal(row_id), seed)
    with duckdb.connect() as connection:
        ((found,),) = connection.execute(f'SELECT {to_sql(node)}').fetchall()
    assert found == row_function(node)(row_id, seed)
    assert 0 <= found < KEYS
