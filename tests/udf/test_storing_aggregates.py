"""Aggregates that no module has are stored by value, like functions."""

from __future__ import annotations

from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.udf import storing_aggregates
from pixeltable.udf.aggregator import Aggregate, Start
from pixeltable.udf.storing_aggregates import decode_start, encode_start


def declared(factor: int) -> Any:
    @pxt.uda
    class total(pxt.Aggregator):  # noqa: N801
        def __init__(self, start: int = 0) -> None:
            self.sum = start

        def update(self, x: int) -> None:
            self.sum += factor * x

        def value(self) -> int:
            return self.sum

    return total


def start_of(aggregate: Aggregate, **constants: Any) -> Start:
    return aggregate.with_constants(constants)


def folded(start: Start) -> int:
    state = start.start()
    state.update(2)
    return int(state.value())


def test_by_value(monkeypatch) -> None:
    blobs: dict[str, bytes] = {}
    document = encode_start(start_of(declared(3), start=1), blobs, allow_by_value=True)
    assert document['aggregator']['value'] in blobs
    monkeypatch.setattr(storing_aggregates, '_loaded', {})  # as another process finds it
    found = decode_start(document, blobs.__getitem__, allow_by_value=True)
    assert folded(found) == 7
    assert decode_start(document, blobs.__getitem__, allow_by_value=True).key == found.key
    assert start_of(declared(4), start=1).key != found.key


def test_by_name() -> None:
    from pixeltable.functions.json import make_list

    blobs: dict[str, bytes] = {}
    document = encode_start(start_of(make_list), blobs, allow_by_value=False)
    assert (document['aggregator'], blobs) == (['pixeltable.functions.json', 'make_list'], {})
    assert decode_start(document, blobs.__getitem__, allow_by_value=False).origin is make_list


def test_what_must_not_be_stored() -> None:
    with pytest.raises(pxt.RequestError, match='forbids storing code'):
        encode_start(start_of(declared(1)), {}, allow_by_value=False)
    document = encode_start(start_of(declared(1)), {}, allow_by_value=True)
    with pytest.raises(pxt.RequestError, match='forbids storing code'):
        decode_start(document, {}.__getitem__, allow_by_value=False)
    with pytest.raises(pxt.NotFoundError, match='cannot be loaded'):
        decode_start(
            {**document, 'aggregator': {**document['aggregator'], 'python': '2.7'}}, {}.__getitem__, allow_by_value=True
        )
    with pytest.raises(pxt.NotFoundError, match=r'no @pxt\.uda any more'):
        decode_start({'aggregator': ['pixeltable', 'create_table'], 'using': {}}, {}.__getitem__, allow_by_value=True)


def test_in_a_view_and_in_a_column(home, reopen, monkeypatch) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'g': pxt.Int})
    total = declared(2)
    v = pxt.create_view('v', t.group_by(t.g).select(t.g, s=total(t.k)))
    t.insert([{'k': k, 'g': k % 2} for k in range(5)])
    assert v.order_by(v.g).collect()['s'] == [12, 8]
    reopen()
    monkeypatch.setattr(storing_aggregates, '_loaded', {})
    t, v = pxt.get_table('t'), pxt.get_table('v')
    pxt.vacuum()
    t.insert([{'k': 10, 'g': 1}])
    assert v.order_by(v.g).collect()['s'] == [12, 28]
    assert pxt.verify().ok
