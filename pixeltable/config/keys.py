"""The keys of section `pixeltable`, and how the value of each is read: a reader raises ValueError for what it cannot take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pixeltable._support.logs import LEVELS
from pixeltable.config.data_root import data_root
from pixeltable.config.limits import pools, retry, seconds


def path(text: Any) -> Path:
    return Path(text).expanduser().absolute()


def _zone(text: Any) -> tzinfo:
    try:
        return ZoneInfo(str(text))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError('not a time zone such as Europe/Berlin') from error


def _level(value: Any) -> int:
    if int(value) not in (0, 1):
        raise ValueError('not 0 or 1')
    return int(value)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ('1', 'true', 'yes', 'on'):
        return True
    if str(value).lower() in ('0', 'false', 'no', 'off'):
        return False
    raise ValueError('not true or false')


def _log_level(value: Any) -> str:
    if str(value).upper() not in LEVELS:
        raise ValueError(f'not one of {", ".join(LEVELS)}')
    return str(value).upper()


def _bytes(value: Any) -> int:
    if isinstance(value, float) or int(value) < 0:
        raise ValueError('not a whole number of bytes from 0')
    return int(value)


def _size(value: Any) -> float:
    if isinstance(value, bool) or not float(value) > 0:
        raise ValueError('not a number of GiB above 0')
    return float(value)


def _on_error(value: Any) -> str:
    if value not in ('ignore', 'abort'):
        raise ValueError("not 'ignore' or 'abort'")
    return str(value)


def _postgresql(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(('postgresql://', 'postgres://')):
        raise ValueError('not a URL such as postgresql://user@host/database')
    return value


def _executor(value: Any) -> str:
    if value not in ('local', 'ray'):
        raise ValueError("not 'local' or 'ray'")
    return str(value)


KEYS: dict[str, Callable[[Any], Any]] = {
    'home': path,
    'time_zone': _zone,
    'verbosity': _level,
    'show_progress': _flag,
    'hide_warnings': _flag,
    'log_level': _log_level,
    'by_value_functions': _flag,
    'vacuum_grace_s': seconds,
    'catalog': _postgresql,
    'data': data_root,
    'input_media_dest': data_root,
    'output_media_dest': data_root,
    'on_error': _on_error,
    'executor': _executor,
    'ray_address': str,
    'ledger_bytes': _bytes,
    'file_cache_size_g': _size,
    'file_cache_lease_s': seconds,
    'private_hosts': _flag,
    'pools': pools,
    'retry': retry,
}
"""The keys of section `pixeltable`, and how each is read. A setting is documented in `docs/settings.md`, or a test fails."""
