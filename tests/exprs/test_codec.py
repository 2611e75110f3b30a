from __future__ import annotations

import datetime
import json
import math
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pytest

from pixeltable.errors import RequestError
from pixeltable.exprs import build
from pixeltable.exprs.codec import decode, encode
from pixeltable.exprs.codec_values import decode_value, encode_value
from pixeltable.exprs.nodes import (
    AllItems,
    ArrayItem,
    Call,
    Cast,
    ColumnRef,
    InZone,
    IsIn,
    JsonPath,
    MakeDict,
    Node,
    Operation,
    Replacement,
    Slice,
    Template,
)
from pixeltable.types.column_type import ARRAY, BOOL, INT, JSON, STRING

X = ColumnRef(INT.with_nullable(True), 'table', 1, 'x', 'dir/t')


class Function:
    name = key = 'f'
    sql = None


@pytest.mark.parametrize(
    'node',
    [
        X,
        Operation(INT, 'add', (X, build.literal(1.5))),
        IsIn(BOOL, X, (build.literal(1), build.literal(2))),
        JsonPath(JSON, Cast(JSON, X), ('a', 0, Slice(1, None, 2), AllItems())),
        ArrayItem(ARRAY, X, (0, ..., Slice(None, 3))),
        InZone(INT, X, 'Asia/Tokyo'),
        Template(STRING, ('n: ', Replacement(X, '03d'))),
        MakeDict(JSON, ('k',), (X,)),
        Call(INT, Function(), 'f', ('n',), (X,)),
        build.aggregate('count', None),
        build.aggregate('sum', X),
    ],
    ids=lambda node: type(node).__name__,
)
def test_trees_come_back(node: Node) -> None:
    document = json.loads(json.dumps(encode(node, lambda function: {'name': function.name}), allow_nan=False))
    assert decode(document, lambda column: column, lambda found: Function()) == node


@pytest.mark.parametrize(
    'value',
    [
        None,
        True,
        -math.inf,
        [1, {'$date': 'no date'}, (2,)],
        datetime.datetime(2024, 5, 17, tzinfo=datetime.UTC),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')),
        datetime.datetime(2024, 5, 17),
        datetime.date(2024, 5, 17),
        uuid.UUID(int=7),
        b'\x00\xff',
    ],
    ids=repr,
)
def test_constants_come_back(value: Any) -> None:
    found = decode_value(json.loads(json.dumps(encode_value(value), allow_nan=False)))
    assert (found, repr(found)) == (value, repr(value))


def test_nan_and_arrays_come_back() -> None:
    assert math.isnan(decode_value(encode_value(math.nan)))
    array = np.arange(6, dtype='float32').reshape(2, 3)
    found = decode_value(encode_value(array))
    assert found.dtype == array.dtype
    assert (found == array).all()


def test_what_cannot_be_stored_is_named() -> None:
    with pytest.raises(RequestError, match='cannot be stored as part of a computed column'):
        encode_value(object())


def test_a_document_of_a_newer_version() -> None:
    with pytest.raises(RequestError, match='newer Pixeltable'):
        decode({'type': 'Int', 'hologram': 1}, lambda column: column, lambda found: Function())
