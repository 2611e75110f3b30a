import datetime
import enum
import math
import subprocess
import sys
import uuid
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.ledger.canonical import canonical

BERLIN = ZoneInfo('Europe/Berlin')
TIME = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)
VALUES = [
    None, True, False, 0, 1, -1, 2**70, 0.0, -0.0, 1.0, math.inf, math.nan, '', 'a', 'n', '1', 'x' * 64, 'x' * 65, 'é', '\ud800',
    b'', b'a', [], [[]], [1, 2], [2, 1], ['a', 'b'], ['ab'], (1, 2), {}, {'a': 1}, {'a': 2}, {'b': 1}, {'a': {'b': None}}, [None],
    TIME, TIME.replace(fold=1), TIME.replace(tzinfo=None), TIME.astimezone(datetime.UTC), TIME.astimezone(ZoneInfo('UTC')).date(),
    uuid.UUID(int=1), uuid.UUID(int=2), np.zeros(2), np.zeros(2, np.float32), np.zeros((2, 1)), np.array(['a']),
    np.array([-0.0, 0.0]), np.array(['a', None], object),
]  # fmt: skip


def test_different_values_have_different_bytes():
    assert len({canonical(value) for value in VALUES}) == len(VALUES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


def told_apart(value):
    """What a function can tell of a value, as text."""
    if isinstance(value, dict):
        return f'dict {sorted((key, told_apart(item)) for key, item in value.items())}'
    return str([told_apart(item) for item in value]) if isinstance(value, list) else repr(value)


@given(JSON, JSON, JSON)
def test_bytes_are_equal_for_equal_values_only(one, other, more):
    assert (canonical(one) == canonical(other)) == (told_apart(one) == told_apart(other))
    assert (canonical(one) + canonical(more) == canonical(other)) is False
    assert (canonical([one, more]) == canonical([other, more])) == (canonical(one) == canonical(other))


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_a_dict_does_not_matter(value):
    assert canonical(value) == canonical(dict(reversed(value.items())))


def test_all_nans_are_one():
    assert canonical(-math.nan) == canonical(math.nan) == canonical(np.float64('nan'))


class Colour(enum.Enum):
    RED = 'red'


@pytest.mark.parametrize(
    ('value', 'plain'),
    [(np.int32(5), 5), (np.float64(0.5), 0.5), (np.str_('a'), 'a'), (np.bool_(True), True), (Colour.RED, 'red')],
)
def test_wrapped_values_count_as_what_they_hold(value, plain):
    assert canonical(value) == canonical(plain)


def test_an_array_counts_whatever_its_layout():
    array = np.arange(6.0).reshape(2, 3)
    assert canonical(np.asfortranarray(array)) == canonical(array) == canonical(array.astype('>f8'))


def test_pictures_count_by_their_pixels():
    image = pytest.importorskip('PIL.Image')
    red, blue = image.new('RGB', (2, 2), 'red'), image.new('RGB', (2, 2), 'blue')
    indexed = red.quantize(), blue.quantize()
    assert canonical(red) == canonical(red.copy())
    assert len(set(map(canonical, (red, blue, *indexed, red.convert('RGBA'), red.resize((4, 1)))))) == 6


def test_an_object_of_the_users_own_has_no_bytes():
    with pytest.raises(RequestError, match=r'argument of type .*ZoneInfo.*cache=False') as caught:
        canonical([BERLIN])
    assert caught.value.error_code is ErrorCode.TYPE_MISMATCH


def test_another_process_gives_the_same_bytes():
    code = 'from pixeltable.exec.ledger.canonical import canonical; print(canonical({"b": [1, "x" * 100], "a": 0.5}).hex())'
    output = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout
    assert output.strip() == canonical({'a': 0.5, 'b': [1, 'x' * 100]}).hex()
