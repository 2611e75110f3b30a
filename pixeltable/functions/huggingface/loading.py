"""Loading models of transformers: once in a process, onto the graphics processor if there is one."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pixeltable._support.optional import require
from pixeltable.config import sections
from pixeltable.functions import models

EXTRA = 'huggingface'

LONGEST = 256
"""Tokens that a model writes at the most, unless it or the user says another number."""

running = threading.Lock()
"""One model runs at a time: torch uses all cores for one call, and a tokenizer must not be used by two threads. Images are made
ready outside of it, while a model computes: on a graphics processor that takes less time than what comes before it."""


@dataclass(frozen=True)
class Loaded:
    """A model that is ready to run, and what prepares its inputs."""

    model: Any
    processor: Any
    device: str

    def tensors(self, *args: Any, **options: Any) -> Any:
        """What the processor makes of inputs, where the model is and in its precision."""
        made = self.processor(*args, return_tensors='pt', **options).to(self.device)
        for name, value in made.items():
            if hasattr(value, 'is_floating_point') and value.is_floating_point():
                made[name] = value.to(self.model.dtype)
        return made


def load(model_class: str, processor_class: str, model_id: str, revision: str | None = None) -> Loaded:
    """The model of a class of transformers. Raises INVALID_ARGUMENT if there is none of that id."""
    transformers = require('transformers', EXTRA)
    device = models.best_device()
    options = given_options(revision)

    def made(place: str) -> Loaded:
        model = getattr(transformers, model_class).from_pretrained(place, **options)
        processor = getattr(transformers, processor_class).from_pretrained(place, **options)
        return Loaded(model.eval().to(device), processor, device)

    return models.load_once(f'{model_class} {processor_class} {revision}', model_id, made)


def load_part(part_class: str, model_id: str) -> Any:
    """A part of a model that is saved beside it, such as its tokenizer."""
    made = getattr(require('transformers', EXTRA), part_class).from_pretrained
    return models.load_once(part_class, model_id, lambda place: made(place, **given_options()))


def given_options(revision: str | None = None) -> dict[str, str]:
    """What every `from_pretrained` is told, as far as it is known: the revision, and the configured token of the hub."""
    options = {'revision': revision, 'token': sections.value('hf', 'token')}
    return {name: value for name, value in options.items() if value is not None}


def label(model: Any, number: int) -> str:
    """The name of a class of the model."""
    return str(model.config.id2label.get(number, number))


def bounded(model: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of `generate`, with a bound to what is written where neither they nor the model have one."""
    names = ('max_length', 'max_new_tokens')
    is_bounded = any(name in options or getattr(model.generation_config, name, None) for name in names)
    return {**({} if is_bounded else {'max_new_tokens': LONGEST}), **options}
