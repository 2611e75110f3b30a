from __future__ import annotations

import io

import PIL.Image
import pytest

from pixeltable.media.jpeg import is_whole


def jpeg(**options) -> bytes:
    file = io.BytesIO()
    PIL.Image.effect_noise((64, 48), 80).convert('RGB').save(file, 'JPEG', **options)
    return file.getvalue()


def whole(data: bytes) -> bool:
    return is_whole(io.BytesIO(data))


@pytest.mark.parametrize('options', [{}, {'progressive': True}, {'optimize': True}, {'restart_marker_rows': 1}])
def test_whole_files(options) -> None:
    assert whole(jpeg(**options))


@pytest.mark.parametrize('options', [{}, {'progressive': True}])
def test_no_truncated_file_is_whole(options) -> None:
    data = jpeg(**options)
    assert not any(whole(data[:size]) for size in range(len(data) - 1))


def test_files_with_damaged_tables_are_not_whole() -> None:
    data = bytearray(jpeg())
    place = data.index(b'\xff\xc4')
    data[place + 5 : place + 21] = b'\xff' * 16
    assert not whole(bytes(data))


def test_other_files_are_not_whole() -> None:
    assert not whole(b'')
    assert not whole(b'\xff\xd8\xff')
    assert not whole(b'\x89PNG')
