import os
import time

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.exec.ledger.contents import FileDigests
from pixeltable.exec.ledger.keys import OF_FUNCTION, call_keys
from pixeltable.exec.vectors import Vector
from pixeltable.exprs.build import literal
from pixeltable.udf.fingerprint import fingerprint


@pxt.udf
def label(text: str, model: str = 'small', size: int = 0) -> str:
    return f'{model}: {text}'


@pxt.udf
def describe(image: pxt.Image, detail: str) -> str:
    return detail


def keys(function, files=None, **given):
    """The keys for arguments of which a list is a column."""
    arguments = [Vector(value) if isinstance(value, list) else literal(value) for value in given.values()]
    rows = max((len(value) for value in given.values() if isinstance(value, list)), default=1)
    return call_keys(function, list(given), arguments, range(rows), files or FileDigests())


def test_equal_arguments_have_equal_keys():
    assert keys(label, text=['a', 'b', 'a']) == keys(label, text=['a', 'b', 'a'])
    first, second, third = keys(label, text=['a', 'b', 'a'])
    assert first == third != second


def test_a_constant_counts_like_a_column():
    assert keys(label, text=['a', 'a'], model='m' * 100) == keys(label, text=['a', 'a'], model=['m' * 100] * 2)


def test_only_the_rows_that_are_asked_for():
    every = keys(label, text=['a', 'b', 'c'])
    assert call_keys(label, ['text'], [Vector(['a', 'b', 'c'])], [2, 0], FileDigests()) == [every[2], every[0]]


def test_what_makes_another_call():
    found = [
        *keys(label, text='a'),
        *keys(label, text='b'),
        *keys(label, text='a', model='small'),
        *keys(label, text='a', model='large'),
        *keys(label, text='a', size=0),
        *keys(label.using(model='small'), text='a'),
        *keys(label.using(model='large'), text='a'),
    ]
    assert len(set(found)) == len(found)


def test_a_key_begins_with_the_fingerprint():
    assert {key[:OF_FUNCTION].hex() for key in keys(label, text=['a', 'b'])} == {fingerprint(label)}


def test_a_call_without_arguments():
    @pxt.udf
    def nothing() -> int:
        return 1

    assert call_keys(nothing, [], [], range(3), FileDigests()) == keys(nothing) * 3


def test_the_type_of_the_result_counts():
    @pxt.udf
    def vector(text: str, size: int) -> pxt.Array:
        return None

    before = keys(vector, text='a', size=3)
    vector.return_rule = lambda size: pxt.Array[(size,), pxt.Float]
    assert keys(vector, text='a', size=3) != before


def test_files_count_by_their_contents(tmp_path):
    paths = [tmp_path / name for name in ('a.png', 'b.png', 'c d.png')]
    for path, content in zip(paths, (b'same', b'same', b'other'), strict=True):
        path.write_bytes(content)
    one, two, other = keys(describe, image=[path.as_uri() for path in paths], detail='x')
    assert one == two != other
    assert keys(describe, image=str(paths[0]), detail='x') == [one]
    assert keys(describe, image='https://host/a.png', detail='x') != keys(
        describe, image='https://host/b.png', detail='x'
    )


def test_a_changed_file_has_another_key(tmp_path):
    path, files = tmp_path / 'a.png', FileDigests()
    found = set()
    for content in (b'one', b'two', b'three'):
        path.write_bytes(content)
        found |= set(keys(describe, files, image=str(path), detail='x'))
    assert len(found) == 3


def test_a_file_is_read_once_if_it_stays(tmp_path):
    path, files = tmp_path / 'a.png', FileDigests()
    path.write_bytes(b'one')
    settled = time.time() - 60
    os.utime(path, (settled, settled))
    found = keys(describe, files, image=str(path), detail='x')
    path.write_bytes(b'two')
    os.utime(path, (settled, settled))
    assert keys(describe, files, image=str(path), detail='x') == found


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(NotFoundError, match=r'there is no file .*gone\.png') as caught:
        keys(describe, image=str(tmp_path / 'gone.png'), detail='x')
    assert caught.value.error_code is ErrorCode.STORAGE_NOT_FOUND
    with pytest.raises(RequestError, match='cannot be read'):
        keys(describe, image=str(tmp_path), detail='x')


def test_null_is_an_argument():
    assert keys(describe, image=[None], detail='x') != keys(describe, image=['https://host/a.png'], detail='x')
