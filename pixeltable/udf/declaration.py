"""What is declared about a function besides its signature, and the identity of a declaration."""

from __future__ import annotations

import collections
import threading
from dataclasses import dataclass

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
    `version` stands for the source in the fingerprint.
    """

    batch_size: int | None = None
    is_method: bool = False
    is_property: bool = False
    is_deterministic: bool = True
    display_name: str | None = None
    version: str | None = None
    sql: str | None = None
    cache: bool = False
    resource_pool: str | None = None
