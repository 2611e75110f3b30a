"""Paths, names, words and counts as users write them, checked and folded."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from typing import Any

from pixeltable.errors import ErrorCode, RequestError

_COMPONENT = re.compile(r'[A-Za-z][A-Za-z0-9_-]*')
_COLUMN = re.compile(r'[A-Za-z][A-Za-z0-9_]*')
_SNAPSHOT = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]*')


def normal_path(path: str, *, root: bool = False) -> str:
    """`dir/sub/table` or `dir.sub.table` in lower case with `/`. `root` allows the empty path. Raises INVALID_PATH."""
    if not isinstance(path, str):
        raise RequestError(ErrorCode.INVALID_PATH, f'a path is a string such as "dir/table", not {path!r}.')
    if path == '':
        if root:
            return ''
        raise RequestError(ErrorCode.INVALID_PATH, 'the path is empty; give a name such as "dir/table".')
    parts = path.replace('.', '/').split('/')
    for part in parts:
        if not _COMPONENT.fullmatch(part):
            raise RequestError(
                ErrorCode.INVALID_PATH,
                f'path {path!r}: {part!r} is no valid name; names start with a letter and hold letters, digits, _ and -.',
            )
    return '/'.join(parts).lower()


def split_version(path: Any) -> tuple[Any, int | None]:
    """`('t', 3)` for `'t:3'`, `('t', None)` for `'t'`."""
    if not isinstance(path, str):
        return path, None  # `normal_path` refuses it
    name, colon, version = path.partition(':')
    if not colon:
        return path, None
    if not version.isdigit():
        raise RequestError(
            ErrorCode.INVALID_PATH, f'path {path!r}: after the colon stands a version number, as in "t:3".'
        )
    return name, int(version)


def check_column_name(name: str, reserved: Iterable[str]) -> None:
    """Raises INVALID_COLUMN_NAME for a name that cannot be a column's."""
    if not isinstance(name, str) or not _COLUMN.fullmatch(name) or keyword.iskeyword(name):
        raise RequestError(
            ErrorCode.INVALID_COLUMN_NAME,
            f'{name!r} is no valid column name; it starts with a letter, holds letters, digits and _, '
            'and is no Python keyword.',
        )
    if name in reserved:
        raise RequestError(
            ErrorCode.INVALID_COLUMN_NAME, f'{name!r} cannot name a column: t.{name} is a method of tables; rename it.'
        )


def check_snapshot_name(name: str) -> None:
    """Raises INVALID_ARGUMENT for a name that cannot be a snapshot's."""
    if not isinstance(name, str) or not _SNAPSHOT.fullmatch(name):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{name!r} is no valid snapshot name; use letters, digits, _, . and -.'
        )


def check_choice(value: str, allowed: tuple[str, ...], parameter: str) -> None:
    """Raises INVALID_ARGUMENT if `value` is none of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{parameter}={value!r}: it must be one of {", ".join(map(repr, allowed))}.',
        )


def check_count(value: Any, parameter: str, least: int = 0) -> int:
    """`value`, if it is a whole number from `least`. Raises INVALID_ARGUMENT."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**63:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT, f'{parameter} must be an int from {least} to 2**63 - 1, not {value!r}.'
        )
    return value
