"""Settings: one frozen value, read once when a session starts.

A key comes from, in this order: the overrides given to `pxt.init`, the environment (`PIXELTABLE_TIME_ZONE`), the project file
(`pixeltable.toml`, or `[tool.pixeltable]` in `pyproject.toml`, found upwards from the working directory), and
`$PIXELTABLE_HOME/config.toml`. Of a key that is a table each entry does: one pool may be set in the project, another at home.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pixeltable._support.urls import without_secrets
from pixeltable.config.data_root import data_root
from pixeltable.config.keys import KEYS, path
from pixeltable.config.limits import PoolSettings
from pixeltable.config.sections import SECTIONS, Sections, check
from pixeltable.errors import ErrorCode, RequestError, did_you_mean


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    Attributes:
        home: the folder of the catalog and, by default, of the data.
        time_zone: the zone in which timestamps are shown, and which naive timestamps are taken to be in.
        verbosity: 0 prints nothing, 1 (default) one line for each operation.
        show_progress: whether long work shows a progress bar.
        hide_warnings: whether warnings of this library are left out.
        log_level: from which level on records go into the log of the home: DEBUG, INFO, WARNING, ERROR, or OFF for none.
        by_value_functions: whether functions that live in scripts and notebooks may be stored in, and loaded from, the catalog.
        vacuum_grace_s: seconds for which a vacuum leaves what is no longer needed, for those who still read or write.
        catalog: the URL of the PostgreSQL database that is the catalog; None for a file in the home.
        data: the URL of the folder or the bucket of the data; None for a folder in the home.
        input_media_dest: the URL of the folder or the bucket for media that users give in memory, for columns made from then on;
            None for the media stores of the tables.
        output_media_dest: the same for what functions make.
        on_error: what failing cells do unless a call or the table says so: 'ignore' or 'abort'.
        executor: where functions run: 'local' is this process and its children, 'ray' a Ray cluster.
        ray_address: where the cluster is; None for the one that runs on this machine.
        ledger_bytes: how large the results of functions that are kept in the ledger may grow.
        file_cache_size_g: how many GiB of remote media may be kept in the home; None for a fifth of the free disk.
        file_cache_lease_s: seconds for which what was used is not removed from there.
        private_hosts: whether URLs of media may lead to this machine and to private networks.
        pools: the limits of resource pools, by name; that of `openai` holds for a pool `openai:gpt-4o` that has none of its own.
        retry: what differs from the defaults of `pxt.Retry`, for functions and pools that say nothing else.
        sections: what is configured about providers.
    """

    home: Path
    time_zone: tzinfo
    verbosity: int = 1
    show_progress: bool = True
    hide_warnings: bool = False
    log_level: str = 'WARNING'
    by_value_functions: bool = True
    vacuum_grace_s: float = 600.0
    catalog: str | None = field(default=None, repr=False)  # it may hold a password
    data: str | None = None
    input_media_dest: str | None = None
    output_media_dest: str | None = None
    on_error: str = 'ignore'
    executor: str = 'local'
    ray_address: str | None = None
    ledger_bytes: int = 2 * 1024**3
    file_cache_size_g: float | None = None
    file_cache_lease_s: float = 600.0
    private_hosts: bool = True
    pools: Mapping[str, PoolSettings] = field(default_factory=dict)
    retry: Mapping[str, float] = field(default_factory=dict)
    sections: Sections = field(default_factory=Sections, repr=False)  # it holds credentials

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


_TABLES = ('pools', 'retry')


def load(overrides: Mapping[str, Any] | None = None, *, folder: Path | None = None) -> Settings:
    """Reads the settings. `overrides` has keys such as `'pixeltable.verbosity'`; `folder` is where project files are looked for.

    Raises INVALID_CONFIGURATION for an unknown key or a value that cannot be read, naming where it stands.
    """
    values: dict[str, Any] = {}
    given: dict[str, dict[str, Any]] = {}
    for key, value in (overrides or {}).items():
        section, _, name = key.rpartition('.')
        if section in SECTIONS:
            given.setdefault(section, {}).update(check(section, {name: value}, 'pxt.init()'))
            continue
        _take(values, name if section in ('', 'pixeltable') else key, value, 'pxt.init()')
    for name in KEYS:
        variable = f'PIXELTABLE_{name.upper()}'
        if os.environ.get(variable):
            _take(values, name, os.environ[variable], f'environment variable {variable}')
    filed: dict[str, dict[str, Any]] = {}
    for file, document in _project_files(folder or Path.cwd()):
        _take_file(values, filed, file, document)
    values.setdefault('home', path('~/.pixeltable'))
    at_home = values['home'] / 'config.toml'
    _take_file(values, filed, at_home, _section(at_home, ()))
    values.setdefault('time_zone', _system_zone())
    return Settings(**values, sections=Sections(given, filed))


def _take_file(values: dict[str, Any], filed: dict[str, dict[str, Any]], file: Path, document: dict[str, Any]) -> None:
    """Takes the settings and the sections of providers."""
    for section in SECTIONS.keys() & document.keys():
        filed[section] = {**check(section, document[section], str(file)), **filed.get(section, {})}
    for name, value in _table(document, 'pixeltable', file).items():
        _take(values, name, value, str(file))


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
        own = _section(parent / 'pixeltable.toml', ())
        if own.keys() & {'pixeltable', *SECTIONS}:
            yield parent / 'pixeltable.toml', own
            return
        shared = _section(parent / 'pyproject.toml', ('tool', 'pixeltable'))
        if shared:  # where the sections of providers are within that of Pixeltable
            sections = {name: shared.pop(name) for name in SECTIONS.keys() & shared.keys()}
            yield parent / 'pyproject.toml', {**sections, 'pixeltable': shared}
            return


def _section(file: Path, keys: tuple[str, ...]) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        data = tomllib.loads(file.read_text(encoding='utf-8'))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(ErrorCode.INVALID_CONFIGURATION, f'{file} is not valid TOML: {error}.') from error
    for key in keys:
        data = _table(data, key, file)
    return dict(data)


def _table(data: dict[str, Any], key: str, file: Path) -> dict[str, Any]:
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise RequestError(ErrorCode.INVALID_CONFIGURATION, f'{file}: {key!r} must be a section, not {found!r}.')
    return found


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
