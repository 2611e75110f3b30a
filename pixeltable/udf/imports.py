"""The imports inside a function, from its bytecode: which variable gets what."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType, ModuleType
from typing import Any, Protocol


class Step(Protocol):
    """An instruction."""

    @property
    def opname(self) -> str: ...

    @property
    def argval(self) -> Any: ...


def imported(
    function: FunctionType, steps: Sequence[Step], is_wanted: Callable[[str], bool]
) -> Iterator[tuple[str, str, Any]]:
    """`(variable, name, value)` of each name that an `import` in these instructions of `function` brings in.

    The name is as it is written there, such as `.helpers.norm`: a package may move.

    Modules that are not wanted are not imported. One that cannot be imported is None: the function itself will fail on it, and
    say so where the user sees it.
    """
    for index, step in enumerate(steps):
        if step.opname == 'IMPORT_NAME':
            level, names = (before.argval for before in steps[index - 2 : index])
            module = _full_name(function, step.argval, level)
            if is_wanted(module):
                yield from _bound(module, '.' * level + step.argval, names, steps[index + 1 :])


def _full_name(function: FunctionType, name: str, level: Any) -> str:
    """The absolute name of a module: `level` is the number of dots before `name`."""
    if not level:
        return name
    package = function.__globals__.get('__package__') or function.__module__.rpartition('.')[0]
    parts = package.split('.')
    return '.'.join([*parts[: len(parts) - level + 1], *filter(None, [name])])


def _bound(
    module: str, written: str, names: tuple[str, ...] | None, rest: Sequence[Step]
) -> Iterator[tuple[str, str, Any]]:
    """What the instructions after one import make of it: `names` are those after `from … import`, None for a plain `import`."""
    # `import a.b` binds `a`; `import a.b as c` goes down to `b` and binds that.
    found = _import(module if names else module.partition('.')[0])
    name, value = (written if names else written.partition('.')[0]), found
    for step in rest:
        if step.opname == 'IMPORT_FROM':
            name = _joined(written if names else name, step.argval)
            value = _member(found if names else value, step.argval)
        elif step.opname.startswith('STORE_'):
            yield step.argval, name, value
            if not names:
                return
        elif step.opname not in ('SWAP', 'POP_TOP', 'COPY') or (step.opname == 'POP_TOP' and names):
            return


def _joined(module: str, name: str) -> str:
    return f'{module}{name}' if module.endswith('.') else f'{module}.{name}'


def _import(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except Exception:  # noqa: BLE001  see `imported`
        return None


def _member(module: Any, name: str) -> Any:
    """An attribute or a submodule, as `from module import name` finds it."""
    found = getattr(module, name, None)
    return _import(f'{module.__name__}.{name}') if found is None and isinstance(module, ModuleType) else found
