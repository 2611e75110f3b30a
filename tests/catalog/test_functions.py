import pytest

from pixeltable.errors import ErrorCode, NotFoundError


def test_put_and_get(bench):
    bench.catalog.put_function('h1', 'f', b'\x00code')
    bench.catalog.put_function('h1', 'f', b'ignored: the hash is known')
    assert bench.catalog.get_function('h1') == b'\x00code'


def test_unknown_hash(bench):
    with pytest.raises(NotFoundError) as caught:
        bench.catalog.get_function('h2')
    assert caught.value.error_code is ErrorCode.FUNCTION_NOT_FOUND
