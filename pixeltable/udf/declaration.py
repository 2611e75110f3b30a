"""What is declared about a function besides its signature, and the identity of a declaration."""

from __future__ import annotations

import collections
import dataclasses
import threading
import time
from dataclasses import dataclass
from typing import Any, Literal

from pixeltable.udf.retry import Retry

STARTED = time.time()
"""The program can have read files of code that are older than this only as they are now."""

_names_taken: collections.Counter[str] = collections.Counter()
_names_lock = threading.Lock()


def new_identity(module: str, qualname: str) -> str:
    """A name for one declaration, unique in this process: a second declaration of the same name is another function."""
    name = f'{module}.{qualname}'
    with _names_lock:
        _names_taken[name] += 1
        count = _names_taken[name]
    return name if count == 1 else f'{name}#{count}'


@dataclass(frozen=True, slots=True)
class Options:
    """What was declared about a function besides its signature.

    `sql` is a DuckDB expression over `{parameter}` placeholders, for the calls that give exactly these parameters.
    `version` stands for the source in the fingerprint. The rest says how calls are made, and is no part of the fingerprint.
    """

    batch_size: int | None = None
    is_method: bool = False
    is_property: bool = False
    is_deterministic: bool = True
    display_name: str | None = None
    version: str | None = None
    sql: str | None = None
    cache: bool = False
    retry: Retry | None = None
    resource_pool: str | None = None
    timeout: float | None = None
    workers: Literal['threads', 'processes'] = 'threads'
    num_cpus: float | None = None
    num_gpus: float | None = None

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, each.name) for each in dataclasses.fields(self))

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Functions stored by an earlier release have fewer options: new ones stand at the end, and have their defaults."""
        for position, each in enumerate(dataclasses.fields(self)):
            value = state[position] if position < len(state) else each.default
            object.__setattr__(self, each.name, value)
