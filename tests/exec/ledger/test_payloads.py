import datetime
import math
import uuid
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pixeltable as pxt
from pixeltable.exec.ledger.payloads import from_payloads, is_sound, to_payloads
from pixeltable.types.coerce import coerce
from pixeltable.types.spelling import from_hint

BERLIN = ZoneInfo('Europe/Berlin')
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=10,
).filter(lambda value: value is not None)
_times = st.datetimes(
    datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1), timezones=st.just(BERLIN) | st.just(datetime.UTC)
)

RESULTS = {
    pxt.String: st.text(),
    pxt.Int: st.integers(-(2**63), 2**63 - 1) | hnp.from_dtype(np.dtype('int32')),
    pxt.Float: st.floats() | st.integers(-(2**40), 2**40) | hnp.from_dtype(np.dtype('float32'), allow_nan=False),
    pxt.Bool: st.booleans(),
    pxt.Timestamp: _times,
    pxt.Date: st.dates(),
    pxt.UUID: st.uuids(),
    pxt.Binary: st.binary(),
    pxt.Json: _json,
    pxt.Json[{'a': int, 'b': list[str]}]: st.fixed_dictionaries(
        {'a': st.integers(0, 9), 'b': st.lists(st.text(), max_size=3)}
    ),
    pxt.Array: hnp.arrays(
        st.sampled_from(['float64', 'int8', 'bool', 'U3', 'float16']), hnp.array_shapes(min_dims=0, min_side=0)
    ),
    pxt.Array[(2, 3), np.float32]: hnp.arrays('float32', (2, 3)),
    pxt.Array[(4,), np.bool_]: hnp.arrays('bool', (4,)),
    pxt.Image: st.just('file:///tmp/a.png'),
}


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


@pytest.mark.parametrize('hint', RESULTS, ids=str)
@settings(max_examples=40)
@given(data=st.data())
def test_what_comes_back_is_what_a_column_holds(hint, data):
    type_ = from_hint(hint)
    values = data.draw(st.lists(RESULTS[hint] | st.none(), min_size=1, max_size=4))
    expected = [coerce(value, type_.with_nullable(True), column='c', zone=BERLIN) for value in values]
    payloads = to_payloads(values, type_, BERLIN)
    assert all(map(is_sound, payloads))
    found = from_payloads(payloads, type_, BERLIN)
    assert all(map(same, found, expected))
    one_by_one = [from_payloads(to_payloads([value], type_, BERLIN), type_, BERLIN)[0] for value in values]
    assert all(map(same, one_by_one, expected))


def test_what_a_column_cannot_hold_has_no_bytes():
    type_ = from_hint(pxt.Int)
    payloads = to_payloads([1, 'two', 3, 2.5], type_, BERLIN)
    assert [payload is None for payload in payloads] == [False, True, False, True]
    assert from_payloads([payloads[0], payloads[2]], type_, BERLIN) == [1, 3]


def test_a_change_of_one_bit_is_noticed(caplog):
    (payload,) = to_payloads([uuid.UUID(int=5)], from_hint(pxt.UUID), BERLIN)
    damaged = [payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :] for at in range(len(payload))]
    assert not any(map(is_sound, damaged))
    assert 'damaged' in caplog.text


SECRET = b'secret--' * 3
NUMBER = int.from_bytes(SECRET[:8], 'little')
HIDDEN = {
    pxt.String: ('a', SECRET.decode()),
    pxt.Binary: (b'a', SECRET),
    pxt.Json: (['a'], [SECRET.decode()]),
    pxt.Int: (1, NUMBER),
    pxt.UUID: (uuid.UUID(int=1), uuid.UUID(bytes=SECRET[:16])),
    pxt.Array: (np.zeros(1), np.frombuffer(SECRET, 'int64')),
    pxt.Array[(3,), np.int64]: (np.zeros(3, 'int64'), np.frombuffer(SECRET, 'int64')),
}


@pytest.mark.parametrize('hint', HIDDEN, ids=str)
def test_the_bytes_of_a_row_hold_nothing_of_others(hint):
    value, secret = HIDDEN[hint]
    payloads = to_payloads([value, secret, value, secret, secret, value], from_hint(hint), BERLIN)
    assert [b'secret' in payload for payload in payloads] == [False, True, False, True, True, False]
