"""What Arrow computes, Python computes too."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest
from by_row import of_row
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pixeltable.exec.arithmetic import computed, is_arithmetic
from pixeltable.exprs import build
from pixeltable.exprs.bind import fields
from pixeltable.exprs.nodes import Field
from pixeltable.types import arrow
from pixeltable.types.column_type import FLOAT, INT, Kind

A, X = Field(INT, 'a'), Field(FLOAT, 'x')


def trees_of(trees: SimpleNamespace, data: st.DataObject, depth: int):
    if depth == 0:
        return data.draw(trees.leaf(data.draw(st.sampled_from([Kind.INT, Kind.FLOAT]))))
    op = data.draw(st.sampled_from(['add', 'sub', 'mul', 'neg', 'div', 'mod']))
    count = 1 if op == 'neg' else 2
    return build.operation(op, *(trees_of(trees, data, data.draw(st.integers(0, depth - 1))) for _ in range(count)))


@settings(max_examples=100)
@given(st.data())
def test_arrow_and_python_agree(trees: SimpleNamespace, data: st.DataObject) -> None:
    node = trees_of(trees, data, 3)
    assume(is_arithmetic(node))
    rows = data.draw(trees.rows_for(node))
    table = pa.table({name: arrow.encode([row[name] for row in rows], f.type) for name, f in fields(node).items()})
    try:
        expected = [of_row(node, row) for row in rows]
    except OverflowError:
        with pytest.raises(pa.ArrowInvalid):
            computed(node, table)
        return
    found = computed(node, table)
    assert found.type == (pa.int64() if node.type.kind is Kind.INT else pa.float64())
    assert list(map(repr, found.to_pylist())) == list(map(repr, expected))


def test_what_is_left_to_others() -> None:
    for constant in (0, 2**70, None):
        assert not is_arithmetic(build.operation('div', X, build.literal(constant, INT)))
    assert not is_arithmetic(build.operation('add', build.literal(1), build.literal(2)))
    for divisor in (A, build.literal(-2), build.literal(0), build.literal(None, INT)):
        assert not is_arithmetic(build.operation('mod', A, divisor))
    assert not is_arithmetic(build.operation('mod', X, build.literal(2)))
    assert not is_arithmetic(A)
