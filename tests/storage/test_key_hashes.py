from __future__ import annotations

import datetime
import uuid

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.storage.key_hashes import canonical, key_hashes
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import BOOL, FLOAT, INT, JSON, STRING, UUID, ColumnType, Kind

TIMESTAMP, DATE, BINARY = (ColumnType(kind) for kind in (Kind.TIMESTAMP, Kind.DATE, Kind.BINARY))

VALUES = {
    INT: st.integers(-(2**63), 2**63 - 1),
    STRING: st.text(),
    FLOAT: st.floats(),
    BOOL: st.booleans(),
    UUID: st.uuids(),
    BINARY: st.binary(),
    DATE: st.dates(),
    TIMESTAMP: st.datetimes(datetime.datetime(1900, 1, 1), timezones=st.just(datetime.UTC)),
}


def hashes(values, type_) -> list[int]:
    return key_hashes([canonical(encode(values, type_), type_)]).tolist()


def test_hashes_are_the_same_for_ever() -> None:
    assert hashes([0, 1, -1], INT) == [11286133854226296554, 2717770620714153248, 4383717382385014336]
    assert hashes(['', 'a', 'primary key', 'ä'], STRING) == [
        16110860075463558282,
        17621189499708777849,
        14011212238094142520,
        14963549242632102649,
    ]
    composite = [pa.array([1]), pa.array(['x'])]
    assert key_hashes(composite).tolist() == [13446766501806817159]


@pytest.mark.parametrize('type_', VALUES, ids=str)
def test_equal_values_and_no_others_have_equal_hashes(type_) -> None:
    @given(st.lists(VALUES[type_], min_size=1, max_size=20), st.data())
    def check(values, data) -> None:
        forms = canonical(encode(values, type_), type_).to_pylist()
        found = hashes(values, type_)
        assert len(set(found)) == len(set(forms))
        # A row alone, or behind others, has the hash that it has among others.
        row = data.draw(st.integers(0, len(values) - 1))
        assert hashes([values[row]], type_) == [found[row]]
        sliced = canonical(encode(values, type_).slice(row), type_)
        assert key_hashes([sliced]).tolist() == found[row:]

    check()


def test_numbers_that_compare_equal_are_one_key() -> None:
    assert len(set(hashes([0.0, -0.0], FLOAT))) == 1
    assert len(set(hashes([float('nan'), -float('nan')], FLOAT))) == 1
    assert len(set(hashes([1.0, -1.0, float('inf'), -float('inf')], FLOAT))) == 4


def test_json_does_not_know_the_order_of_names() -> None:
    assert len(set(hashes([{'a': 1, 'b': [2, 3]}, {'b': [2, 3], 'a': 1}], JSON))) == 1
    assert len(set(hashes([[1, 2], [2, 1], '[1, 2]'], JSON))) == 3


def test_the_columns_of_a_key_do_not_run_into_each_other() -> None:
    left, right = pa.array(['ab', 'a']), pa.array(['c', 'bc'])
    assert len(set(key_hashes([left, right]).tolist())) == 2
    assert key_hashes([left, right]).tolist() != key_hashes([right, left]).tolist()


def test_nulls_stay_nulls() -> None:
    assert canonical(pa.array([1.5, None, -0.0]), FLOAT).is_valid().to_pylist() == [True, False, True]
    assert canonical(pa.array([None, 'x']), STRING).to_pylist() == [None, 'x']


def test_chunks_and_uuids_of_a_file() -> None:
    ids = [uuid.UUID(int=number) for number in range(5)]
    chunks = pa.chunked_array([encode(ids[:2], UUID), encode(ids[2:], UUID)])
    assert key_hashes([canonical(chunks, UUID)]).tolist() == hashes(ids, UUID)
    assert len(np.unique(hashes(ids, UUID))) == 5
