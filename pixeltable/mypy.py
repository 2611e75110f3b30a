"""A plugin for mypy, which has no words for `pxt.Array[(384,), pxt.Float]` and its like: to it they are Any.

    [mypy]
    plugins = pixeltable.mypy

Everything else of the API has types without it.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.plugin import AnalyzeTypeContext, Plugin
from mypy.types import AnyType, Type, TypeOfAny

_NAMES = frozenset(f'pixeltable.types.spelling.{name}' for name in ('Array', 'Image', 'Json'))


class PixeltablePlugin(Plugin):
    """Reads the types with parameters."""

    def get_type_analyze_hook(self, fullname: str) -> Callable[[AnalyzeTypeContext], Type] | None:
        """What mypy asks for each name in a hint."""
        return _anything if fullname in _NAMES else None


def _anything(context: AnalyzeTypeContext) -> Type:
    return AnyType(TypeOfAny.explicit)


def plugin(version: str) -> type[Plugin]:
    """What mypy calls to load the plugin."""
    return PixeltablePlugin
