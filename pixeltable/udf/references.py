"""What the code of a function reads from outside itself: globals, closed-over variables, and attributes of modules.

Read from the bytecode, because that is exact: it knows which names are local and it is there when the source is not.
"""

from __future__ import annotations

import dis
import importlib
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from pixeltable.udf import lookup

_LIBRARIES = tuple(
    {
        str(Path(path).resolve())
        for key, path in sysconfig.get_paths().items()
        if key in ('stdlib', 'platstdlib', 'purelib', 'platlib')
    }
)
_GLOBAL = ('LOAD_GLOBAL', 'LOAD_NAME')
_ATTRIBUTE = ('LOAD_ATTR', 'LOAD_METHOD')
_CLOSURE = ('LOAD_DEREF', 'LOAD_CLASSDEREF')


def is_user_module(name: str | None) -> bool:
    """True for the user's own modules, which change from day to day; False for the standard library, Pixeltable and whatever
    is installed in site-packages."""
    if name is None or name == '__main__':
        return True
    if name.partition('.')[0] in sys.stdlib_module_names or name.partition('.')[0] == 'pixeltable':
        return False
    module = sys.modules.get(name)
    file = getattr(module, '__file__', None)
    if file is None:
        spec = lookup.find_module(name) if module is None else None
        file = spec.origin if spec is not None else None
    return file is None or not str(Path(file).resolve()).startswith(_LIBRARIES)


def read_by(function: FunctionType) -> dict[str, Any]:
    """What `function` reads, by the text that names it there, such as `helper`, `THRESHOLD` or `module.attribute`.

    Names that it also assigns (`global counter`) are state, not input, and are left out.
    """
    found: dict[str, Any] = {}
    for code in _codes(function.__code__):
        found |= _read_by_code(function, code)
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    """`code` and the functions, classes and comprehensions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _read_by_code(function: FunctionType, code: CodeType) -> dict[str, Any]:
    steps = list(dis.get_instructions(code))
    assigned = {step.argval for step in steps if step.opname == 'STORE_GLOBAL'}
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    found: dict[str, Any] = {}
    for index, step in enumerate(steps):
        name = step.argval
        if step.opname in _GLOBAL and name in function.__globals__ and name not in assigned:
            text, value = _follow(name, function.__globals__[name], steps[index + 1 :])
            found[text] = value
        elif step.opname in _CLOSURE and name in cells:
            found[name] = _content(cells[name])
        elif step.opname == 'IMPORT_NAME' and is_user_module(name):
            found |= _imported(name, step, steps[index + 1 :])
    return found


def _follow(text: str, value: Any, rest: list[dis.Instruction]) -> tuple[str, Any]:
    """Goes from a module to the attribute of it that is read: `helpers` followed by `.norm` is `helpers.norm`."""
    for step in rest:
        if not isinstance(value, ModuleType) or step.opname not in _ATTRIBUTE or not hasattr(value, step.argval):
            break
        text, value = f'{text}.{step.argval}', getattr(value, step.argval)
    return text, value


def _imported(name: str, step: dis.Instruction, rest: list[dis.Instruction]) -> dict[str, Any]:
    """What an `import` inside the function brings in."""
    try:
        module = importlib.import_module(name)
    except Exception:  # noqa: BLE001  the function itself will fail on it, and say so where the user sees it
        return {name: None}
    names = []
    for following in rest:
        if following.opname == 'IMPORT_FROM':
            names.append(following.argval)
        elif not following.opname.startswith('STORE'):
            break
    return {f'{name}.{found}': getattr(module, found, None) for found in names} or {name: module}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None
