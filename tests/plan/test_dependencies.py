from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.plan.dependencies import affected, dependents, in_order
from pixeltable.types.column_type import INT


def schema(*columns: tuple[int, tuple[int, ...]], unstored: tuple[int, ...] = ()) -> Schema:
    """Columns by id, with the ids that each is computed from; none for a plain column."""
    records = (
        ColumnRecord(id_, f'c{id_}', INT, {'op': 'x'} if inputs else None, 'f', inputs, stored=id_ not in unstored)
        for id_, inputs in columns
    )
    return Schema(TableRecord('t', 't'), tuple(records))


def ids(records) -> list[int]:
    return [record.id for record in records]


CHAIN = schema((1, ()), (2, ()), (3, (1,)), (4, (3,)), (5, (2,)), (6, (4, 5)))


def test_affected() -> None:
    assert ids(affected(CHAIN, [1])) == [3, 4, 6]
    assert ids(affected(CHAIN, [2])) == [5, 6]
    assert ids(affected(CHAIN, [6])) == []
    assert ids(affected(CHAIN, [1, 2])) == [3, 5, 4, 6]


def test_a_change_passes_through_columns_that_are_not_stored() -> None:
    through = schema((1, ()), (2, (1,)), (3, (2,)), unstored=(2,))
    assert ids(affected(through, [1])) == [3]


def test_dependents() -> None:
    assert ids(dependents(CHAIN, 3)) == [4]
    assert ids(dependents(CHAIN, 6)) == []


def test_an_input_may_have_a_greater_id() -> None:
    assert ids(in_order(schema((1, ()), (2, (3,)), (3, (1,))))) == [3, 2]


@given(st.data())
def test_each_comes_after_its_inputs(data) -> None:
    count = data.draw(st.integers(1, 8))
    order = data.draw(st.permutations(range(1, count + 1)))
    columns = [(100, ())]
    for place, id_ in enumerate(order):
        inputs = data.draw(st.sets(st.sampled_from([100, *order[:place]]), min_size=1))
        columns.append((id_, tuple(sorted(inputs))))
    found = in_order(schema(*columns))
    places = {record.id: place for place, record in enumerate(found)}
    assert len(places) == count
    for record in found:
        assert all(places[i] < places[record.id] for i in record.depends_on if i in places)
