"""Settings: one frozen value, read once when a session starts.

A key comes from, in this order: the overrides given to `pxt.init`, the environment (`PIXELTABLE_TIME_ZONE`), the project file
(`pixeltable.toml`, or `[tool.pixeltable]` in `pyproject.toml`, found upwards from the working directory), and
`$PIXELTABLE_HOME/config.toml`. Of a key that is a table each entry does: one pool may be set in the project, another at home.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pixeltable._support.logs import LEVELS
from pixeltable._support.urls import without_secrets
from pixeltable.config.data_root import data_root
from pixeltable.config.limits import PoolSettings, pools, retry, seconds
from pixeltable.errors import ErrorCode, RequestError, did_you_mean


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    Attributes:
        home: the folder of the catalog and, by default, of the data.
        time_zone: the zone in which timestamps are shown, and which naive timestamps are taken to be in.
        verbosity: 0 prints nothing, 1 (default) one line for each operation.
        show_progress: whether long work shows a progress bar.
        log_level: from which level on records go into the log of the home: DEBUG, INFO, WARNING, ERROR, or OFF for none.
        by_value_functions: whether functions that live in scripts and notebooks may be stored in, and loaded from, the catalog.
        vacuum_grace_s: seconds for which a vacuum leaves what is no longer needed, for those who still read or write.
        catalog: the URL of the PostgreSQL database that is the catalog; None for a file in the home.
        data: the URL of the folder or the bucket of the data; None for a folder in the home.
        on_error: what failing cells do unless a call or the table says so: 'ignore' or 'abort'.
        executor: where functions run: 'local' is this process and its children, 'ray' a Ray cluster.
        ray_address: where the cluster is; None for the one that runs on this machine.
        ledger_bytes: how large the results of functions that are kept in the ledger may grow.
        file_cache_size_g: how many GiB of remote media may be kept in the home; None for a fifth of the free disk.
        file_cache_lease_s: seconds for which what was used is not removed from there.
        pools: the limits of resource pools, by name; that of `openai` holds for a pool `openai:gpt-4o` that has none of its own.
        retry: what differs from the defaults of `pxt.Retry`, for functions and pools that say nothing else.
    """

    home: Path
    time_zone: tzinfo
    verbosity: int = 1
    show_progress: bool = True
    log_level: str = 'WARNING'
    by_value_functions: bool = True
    vacuum_grace_s: float = 600.0
    catalog: str | None = field(default=None, repr=False)  # it may hold a password
    data: str | None = None
    on_error: str = 'ignore'
    executor: str = 'local'
    ray_address: str | None = None
    ledger_bytes: int = 2 * 1024**3
    file_cache_size_g: float | None = None
    file_cache_lease_s: float = 600.0
    pools: Mapping[str, PoolSettings] = field(default_factory=dict)
    retry: Mapping[str, float] = field(default_factory=dict)

    @property
    def data_root(self) -> str:
        """Where the data lies, as a URL."""
        return self.data or data_root(self.home / 'data')

    @property
    def file_cache_bytes(self) -> int:
        """How many bytes of remote media may be kept in the home."""
        if self.file_cache_size_g is not None:
            return int(self.file_cache_size_g * 1024**3)
        return shutil.disk_usage(self.home).free // 5 if self.home.exists() else 0


def _path(text: Any) -> Path:
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
    'home': _path,
    'time_zone': _zone,
    'verbosity': _level,
    'show_progress': _flag,
    'log_level': _log_level,
    'by_value_functions': _flag,
    'vacuum_grace_s': seconds,
    'catalog': _postgresql,
    'data': data_root,
    'on_error': _on_error,
    'executor': _executor,
    'ray_address': str,
    'ledger_bytes': _bytes,
    'file_cache_size_g': _size,
    'file_cache_lease_s': seconds,
    'pools': pools,
    'retry': retry,
}
"""The keys of section `pixeltable`, and how each is read. A setting is documented in `docs/settings.md`, or a test fails."""

_TABLES = ('pools', 'retry')


def load(overrides: Mapping[str, Any] | None = None, *, folder: Path | None = None) -> Settings:
    """Reads the settings. `overrides` has keys such as `'pixeltable.verbosity'`; `folder` is where project files are looked for.

    Raises INVALID_CONFIGURATION for an unknown key or a value that cannot be read, naming where it stands.
    """
    values: dict[str, Any] = {}
    for key, value in (overrides or {}).items():
        section, _, name = key.rpartition('.')
        _take(values, name if section in ('', 'pixeltable') else key, value, 'pxt.init()')
    for name in KEYS:
        variable = f'PIXELTABLE_{name.upper()}'
        if os.environ.get(variable):
            _take(values, name, os.environ[variable], f'environment variable {variable}')
    for path, section_values in _project_files(folder or Path.cwd()):
        for name, value in section_values.items():
            _take(values, name, value, str(path))
    values.setdefault('home', _path('~/.pixeltable'))
    for name, value in _section(values['home'] / 'config.toml', ('pixeltable',)).items():
        _take(values, name, value, str(values['home'] / 'config.toml'))
    values.setdefault('time_zone', _system_zone())
    return Settings(**values)


def _take(values: dict[str, Any], name: str, value: Any, where: str) -> None:
    if name not in KEYS:
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f'{where}: there is no setting {name!r}.{did_you_mean(name, list(KEYS))} Settings: {", ".join(KEYS)}.',
        )
    if name in values and name not in _TABLES:
        return
    try:
        read = KEYS[name](value)
        values[name] = {**read, **values.get(name, {})} if name in _TABLES else read
    except (TypeError, ValueError) as error:
        shown = without_secrets(value) if isinstance(value, str) else value
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION, f'{where}: {shown!r} is no value for setting {name!r}: {error}.'
        ) from error


def _project_files(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for parent in (folder, *folder.parents):
        for name, keys in (('pixeltable.toml', ('pixeltable',)), ('pyproject.toml', ('tool', 'pixeltable'))):
            found = _section(parent / name, keys)
            if found:
                yield parent / name, found
                return


def _section(path: Path, keys: tuple[str, ...]) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        data: Any = tomllib.loads(path.read_text(encoding='utf-8'))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(ErrorCode.INVALID_CONFIGURATION, f'{path} is not valid TOML: {error}.') from error
    for key in keys:
        data = data.get(key, {})
        if not isinstance(data, dict):
            raise RequestError(ErrorCode.INVALID_CONFIGURATION, f'{path}: {key!r} must be a section, not {data!r}.')
    return dict(data)


def _system_zone() -> tzinfo:
    """The zone of the machine by name, because an offset alone does not know daylight saving time."""
    name = os.environ.get('TZ')
    if not name:
        target = os.path.realpath('/etc/localtime')
        name = target.partition('zoneinfo/')[2] or 'UTC'
    try:
        return ZoneInfo(name.lstrip(':'))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo('UTC')
