from __future__ import annotations

import math
import uuid

import pyarrow as pa
import pytest

from pixeltable.catalog.records import ColumnRecord
from pixeltable.exprs.conditions import Condition
from pixeltable.exprs.nodes import Field
from pixeltable.storage.row_keys import FEW, KeySet, RowKeys, named_keys
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import FLOAT, INT, JSON, STRING, UUID

N, S, F, U, J = (ColumnRecord(id_, name, type_) for id_, name, type_ in (
    (1, 'n', INT), (2, 's', STRING), (3, 'f', FLOAT), (4, 'u', UUID), (5, 'j', JSON)))  # fmt: skip


def keys(column: ColumnRecord, values) -> RowKeys:
    return RowKeys.of([column], [encode(values, column.type)])


def condition(column: ColumnRecord, op, *values) -> dict[int, list[Condition]]:
    return {column.id: [Condition(Field(column.type, f'c{column.id}'), op, values)]}


def said(found: KeySet, column: ColumnRecord) -> list[tuple]:
    return [(each.op, each.values) for each in found.conditions().get(column.id, ())]


def test_few_keys_are_named_one_by_one() -> None:
    assert said(keys(N, [3, 1, 2, 1]).set(), N) == [('in', (1, 2, 3))]
    assert said(keys(S, ['b', 'a']).set(), S) == [('in', ('a', 'b'))]
    assert said(keys(U, [uuid.UUID(int=1)]).set(), U) == [('in', (uuid.UUID(int=1).bytes,))]


def test_many_keys_are_named_by_their_bounds() -> None:
    assert said(keys(N, list(range(FEW + 1))).set(), N) == [('ge', (0,)), ('le', (FEW,))]


def test_what_has_no_order_is_not_named() -> None:
    assert said(keys(F, [1.0, math.nan]).set(), F) == []
    assert said(keys(F, [2.5, -0.0]).set(), F) == [('in', (0.0, 2.5))]
    assert said(keys(J, [{}]).set(), J) == []


def test_union() -> None:
    both = KeySet.union([keys(N, [5, 6]).set(), keys(N, [1, 6]).set()])
    assert (len(both.hashes), said(both, N)) == (4, [('in', (1, 5, 6))])
    large = KeySet.union([keys(N, list(range(FEW + 1))).set(), keys(N, [-7]).set()])
    assert said(large, N) == [('ge', (-7,)), ('le', (FEW,))]


@pytest.mark.parametrize(
    ('column', 'value', 'scalar'),
    [(N, 5, 5), (S, 'x', 'x'), (F, -0.0, 0.0), (U, uuid.UUID(int=7), uuid.UUID(int=7).bytes)],
    ids=lambda each: str(each)[:12],
)
def test_conditions_name_keys(column, value, scalar) -> None:
    found = named_keys([column], condition(column, 'eq', scalar))
    assert found is not None
    assert found.hashes.tolist() == keys(column, [value]).hashes.tolist()


def test_each_column_of_the_key_must_be_named() -> None:
    both = condition(N, 'in', 1, 2) | condition(S, 'eq', 'x')
    found = named_keys([N, S], both)
    assert found is not None
    assert found.exact() == [(1, 'x'), (2, 'x')]
    assert named_keys([N, S], condition(N, 'eq', 1)) is None
    assert named_keys([N], condition(N, 'lt', 1)) is None
    assert named_keys([N], condition(N, 'eq', 1.0)) is None
    assert named_keys([N], condition(N, 'in', *range(FEW + 1))) is None
    assert named_keys([], both) is None


def test_some_of_the_rows() -> None:
    all_ = RowKeys.of([N, S], [pa.array([1, 2, 3]), pa.array(['a', 'b', 'c'])])
    assert all_.having(all_.hashes[[2, 0]]).exact() == [(1, 'a'), (3, 'c')]
    assert (len(all_), all_.key) == (3, (1, 2))
