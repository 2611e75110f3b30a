"""Media values as references: a URL that says where the content lies. Local files are referenced in place, never copied."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pixeltable.errors import ErrorCode, RequestError

REMOTE_SCHEMES = frozenset({'http', 'https', 's3', 'gs', 'wasb', 'wasbs', 'abfs', 'abfss'})


def to_reference(value: str | Path, *, column: str, row: int) -> str:
    """The URL to store for a path or URL that a user gave: `file://` with an absolute path, or the remote URL as it is.

    Raises UNSUPPORTED_OPERATION if a local file does not exist, or the scheme is unknown.
    """
    text = str(value)
    scheme = urlsplit(text).scheme.lower()
    if scheme in REMOTE_SCHEMES:
        return text
    if scheme and scheme != 'file' and len(scheme) > 1:  # one letter is a Windows drive
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {column!r}, row {row}: {text!r} has an unknown scheme; use a path, file://, '
            f'{", ".join(f"{name}://" for name in sorted(REMOTE_SCHEMES))}.',
        )
    path = Path(unquote(urlsplit(text).path) if scheme == 'file' else text).expanduser().absolute()
    if not path.is_file():
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'column {column!r}, row {row}: there is no file {str(path)!r}.'
        )
    return 'file://' + quote(str(path))


def local_path(reference: str) -> str | None:
    """The path of a `file://` reference, None for a remote one."""
    parts = urlsplit(reference)
    return unquote(parts.path) if parts.scheme == 'file' else None
