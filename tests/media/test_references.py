from __future__ import annotations

from pathlib import Path

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.references import REMOTE_SCHEMES, local_path, to_reference
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import without_state


def reference(value) -> str:
    return to_reference(value, column='img', row=3)


def test_local_files(tmp_path, monkeypatch) -> None:
    file = tmp_path / 'a b%20#?.png'
    file.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('HOME', str(tmp_path))
    stored = reference(file)
    assert stored.startswith('file:///')
    assert {reference(each) for each in (str(file), file.name, Path(file.name), f'~/{file.name}', stored)} == {stored}
    assert local_path(stored) == str(file)


@pytest.mark.parametrize('scheme', sorted(REMOTE_SCHEMES))
def test_remote_urls_stay_as_they_are(scheme) -> None:
    url = f'{scheme}://host/a%20b.png?x=1'
    assert reference(url) == url
    assert local_path(url) is None


@pytest.mark.parametrize(
    ('value', 'words'),
    [
        ('missing.png', r"column 'img', row 3: there is no file '/"),
        ('.', 'there is no file'),
        ('ftp://host/a.png', "'ftp://host/a.png' has an unknown scheme"),
        ('', 'there is no file'),
        (5, 'there is no file|5'),
    ],
)
def test_what_is_no_media(value, words) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        reference(value)
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION


@pytest.mark.parametrize('part', ['#pts=-5', '#xywh=0,1,20,30'])
def test_a_part_of_a_file_that_an_export_names(part: str, tmp_path) -> None:
    (file := tmp_path / 'a.mp4').touch()
    url = f'{file.as_uri()}{part}'
    assert without_state(reference(url)) == url
    assert to_reference(reference(url), column='img', row=0) == reference(url)
    assert without_state(to_reference(url, Kind.VIDEO, column='film', row=0)) == file.as_uri()
