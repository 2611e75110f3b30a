from __future__ import annotations

from pathlib import Path

import pytest

from pixeltable.config.data_root import data_root


@pytest.mark.parametrize(
    ('given', 'root'),
    [
        ('s3://bucket', 's3://bucket'),
        ('s3://bucket/', 's3://bucket'),
        ('gs://bucket/a//b/', 'gs://bucket/a/b'),
        ('az://container/a b', 'az://container/a b'),
        ('abfss://container@account.dfs.core.windows.net/a', 'abfss://container@account.dfs.core.windows.net/a'),
        ('/srv/data/', 'file:///srv/data'),
        ('/srv/my data', 'file:///srv/my%20data'),
        ('file:///srv/my%20data', 'file:///srv/my%20data'),
        ('file:///srv/my data', 'file:///srv/my%20data'),
        (Path('/srv/ä'), 'file:///srv/%C3%A4'),
    ],
)
def test_one_spelling(given: str, root: str) -> None:
    assert data_root(given) == root
    assert data_root(root) == root


def test_paths_are_from_here_and_from_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('HOME', '/home/me')
    assert data_root('data') == f'file://{tmp_path}/data'
    assert data_root('~/data') == 'file:///home/me/data'


@pytest.mark.parametrize(
    ('given', 'words'),
    [
        ('', 'is needed'),
        ('ftp://host/a', 'must be one of file, s3, gs, az, abfs, abfss'),
        ('S3://bucket', 'must be one of'),
        ('s3://', 'no bucket, as in s3://bucket/prefix'),
        ('s3:///a', 'no bucket'),
        ('file://srv/data', 'three slashes'),
        ('s3://key:secret@bucket/a', 'in the environment'),
        ('az://container/a?sig=x', 'in the environment'),
        ('s3://bucket/../a', 'no part . or ..'),
        ('s3://bucket/a\\b', 'no backslash'),
        ('s3://bucket/a\nb', 'no control character'),
    ],
)
def test_refused(given: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        data_root(given)


def test_no_text_and_no_path() -> None:
    with pytest.raises(TypeError, match='list'):
        data_root([{'a': 1}])
