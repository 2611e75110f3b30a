from __future__ import annotations

from pathlib import Path

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.references import REMOTE_SCHEMES, local_path, to_reference


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
