"""What may be a data root, a folder or a place in a bucket, and the one spelling of each. It opens nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

BUCKET_SCHEMES = ('s3', 'gs', 'az', 'abfs', 'abfss')


def data_root(value: Any) -> str:
    """The URL, without a slash at its end, of a path, of `file:///folder`, or of `s3://bucket/prefix` and the like.

    Raises ValueError with a message that says what would do, and TypeError for what is no text and no path.
    """
    text = os.fspath(value)
    scheme, is_url, rest = text.partition('://')
    if not text:
        raise ValueError('a folder or a URL such as s3://bucket/prefix is needed')
    if not is_url:
        return Path(text).expanduser().absolute().as_uri()
    if scheme == 'file':
        return _folder(rest).as_uri()
    if scheme not in BUCKET_SCHEMES:
        raise ValueError(f'its scheme must be one of file, {", ".join(BUCKET_SCHEMES)}')
    bucket, _, prefix = rest.partition('/')
    if any(sign in rest for sign in '?#') or ':' in bucket:
        raise ValueError('credentials and other options do not belong in it: set them in the environment')
    if not bucket:
        raise ValueError(f'it names no bucket, as in {scheme}://bucket/prefix')
    parts = [part for part in prefix.split('/') if part]
    if any(part in ('.', '..') or '\\' in part or not part.isprintable() for part in parts):
        raise ValueError('its path must have no part . or .., no backslash and no control character')
    return '/'.join([f'{scheme}://{bucket}', *parts])


def _folder(path: str) -> Path:
    if not path.startswith('/'):
        raise ValueError('it must have three slashes, as in file:///folder')
    return Path(unquote(path))
