"""Media values as references: a URL that says where the content lies. Local files are referenced in place, never copied.

What has no place yet, such as bytes and pictures in memory, becomes a `data:` URL; whoever stores it moves it to the media store.
What lies there is named by the key of its object, no URL: so it is found wherever the home, or the bucket, has moved to.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.media.data_urls import PREFIX, content_of, to_data_url
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import fragment, with_state
from pixeltable.types.media_paths import file_url
from pixeltable.types.pictures import is_image

_STORED = re.compile('tables/[0-9a-f]{32}/media/([0-9a-f]{64})')

_PICTURE_IN = re.compile(r'#(pts=-?\d+|xywh=\d+,\d+,\d+,\d+)$', re.ASCII)

PICTURE = f'{PREFIX}image/'
"""What begins the `data:` URL of a picture, as against that of the bytes of some file."""
_STORED_ANYWHERE = re.compile(f'(?:[a-z0-9]+://.*/)?{_STORED.pattern}')

REMOTE_SCHEMES = frozenset({'http', 'https', 's3', 'gs', 'az', 'wasb', 'wasbs', 'abfs', 'abfss'})


def to_reference(value: Any, kind: Kind = Kind.IMAGE, *, column: str, row: int) -> str:
    """The URL to store for what a user gave as the value of a media column.

    A path becomes `file://` with an absolute path, a remote or `data:` URL stays as it is, and bytes and Pillow images become
    `data:` URLs.

    Raises:
        RequestError: UNSUPPORTED_OPERATION if a local file does not exist, the scheme is unknown, or the value is something else.
    """
    try:
        if isinstance(value, (str, PurePath)):
            found = of_text(str(value))
            return found if kind is not Kind.IMAGE or fragment(found) else f'{found}{_picture_in(str(value))}'
        if isinstance(value, (bytes, bytearray, memoryview)):
            return to_data_url(value)
        if kind is Kind.IMAGE and is_image(value):
            from pixeltable.media.encoding import encode

            content, subtype = encode(value)
            return to_data_url(content, f'{PICTURE.removeprefix(PREFIX)}{subtype}')
    except (ValueError, OSError) as error:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'column {column!r}, row {row}: {error}.') from error
    images = ', a Pillow image' if kind is Kind.IMAGE else ''
    raise RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'column {column!r}, row {row}: cannot store {value!r:.80} (of type {type(value).__name__}) as {kind.value}: '
        f'give a path, a URL, bytes{images} or None.',
    )


def _picture_in(text: str) -> str:
    """What says in a `file://` URL which frame of a film, or which part of a picture, is meant."""
    found = _PICTURE_IN.search(text) if text[:5].lower() == 'file:' else None
    return '' if found is None else found[0]


def of_text(text: str) -> str:
    """The URL for a path or a URL. Raises ValueError for a scheme that is not known, and a file that is not there."""
    if not text or text.isspace():
        raise ValueError(f'there is no file {text!r}: it names none')
    scheme = urlsplit(text[:256]).scheme.lower()
    if scheme in REMOTE_SCHEMES or scheme == 'data':
        text = scheme + text[text.index(':') :]  # so that nobody else need look for `HTTPS:`
    if scheme in REMOTE_SCHEMES:
        return text
    if scheme == 'data':
        content_of(text)
        return text
    if scheme and scheme != 'file' and len(scheme) > 1:  # one letter is a Windows drive
        known = ', '.join(f'{name}://' for name in sorted(REMOTE_SCHEMES))
        raise ValueError(f'{text!r} has an unknown scheme; use a path, file://, data:, {known}')
    path = Path(_path_of(text) if scheme == 'file' else text).expanduser().absolute()
    state = file_state(path)
    if state is None:
        raise ValueError(f'there is no file {str(path)!r}{", but a folder" if path.is_dir() else ""}')
    return with_state(file_url(path), state)


def file_state(path: str | Path) -> str | None:
    """Size and time of the last change of a file, as a reference has them; None if there is no file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):  # of a name that is too long, or has NUL in it, too
        return None
    return f'{found.st_size}.{found.st_mtime_ns}' if stat.S_ISREG(found.st_mode) else None


def _path_of(url: str) -> str:
    return os.fsdecode(unquote_to_bytes(urlsplit(url).path))


def local_path(reference: str) -> str | None:
    """The path of a `file://` reference; None for a remote one, and for content without a file."""
    return _path_of(reference) if reference.startswith('file:') else None


def is_remote(value: Any) -> bool:
    """Whether it is the reference to something that has to be fetched."""
    return isinstance(value, str) and value.partition('://')[0] in REMOTE_SCHEMES


def is_stored(reference: str) -> bool:
    """Whether the reference is the key of an object below the data root of the home."""
    return _STORED.match(reference) is not None


def stored_digest(reference: str) -> str | None:
    """The SHA-256, in hexadecimal digits, of content that we have stored, which its name tells; None for anything else."""
    found = _STORED_ANYWHERE.match(reference)
    return None if found is None else found[1]


def stored_name(reference: str) -> str | None:
    """The name of content that we have stored, wherever that is, with the part of it that is meant; None for anything else."""
    found = _STORED_ANYWHERE.match(reference)
    return None if found is None else reference[found.start(1) :]


def stored_key(url: str) -> str | None:
    """The key of content that a home has stored at this URL, wherever that was; None for anything else."""
    found = _STORED.search(url)
    return None if found is None else url[found.start() :]


def is_settled(value: Any) -> bool:
    """Whether the value is a reference to content that has its place."""
    return isinstance(value, str) and (value.startswith('file:') or is_remote(value) or is_stored(value))


def is_content(reference: str) -> bool:
    """Whether the reference is the content itself."""
    return reference.startswith(PREFIX)
