"""Modules that are functions too: `from pixeltable.functions import whisper`, then `whisper(t.audio)`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class CallableModule(ModuleType):
    """Its call is that of its function `call_module`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.call_module(*args, **kwargs)


def make_callable(name: str) -> None:
    """Makes the module of that name callable."""
    sys.modules[name].__class__ = CallableModule
