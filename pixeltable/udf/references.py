"""What the code of a function reads from outside itself: globals, closed-over variables, and attributes of modules.

Read from the bytecode, because that is exact: it knows which names are local and it is there when the source is not.
"""

from __future__ import annotations

import dis
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from pixeltable.udf import imports, lookup

_LIBRARIES = tuple(
    {
        str(Path(path).resolve())
        for key, path in sysconfig.get_paths().items()
        if key in ('stdlib', 'platstdlib', 'purelib', 'platlib')
    }
)
_GLOBAL = ('LOAD_GLOBAL', 'LOAD_NAME', 'LOAD_FROM_DICT_OR_GLOBALS')
_ATTRIBUTE = ('LOAD_ATTR', 'LOAD_METHOD')
_CLOSURE = ('LOAD_DEREF', 'LOAD_CLASSDEREF', 'LOAD_FROM_DICT_OR_DEREF')


class Step(NamedTuple):
    """One instruction, of those that do two things at once each by itself."""

    opname: str
    argval: Any


def is_user_module(name: Any) -> bool:
    """True for the user's own modules, which change from day to day; False for the standard library, Pixeltable and whatever
    is installed in site-packages."""
    if name is None or name == '__main__':
        return True
    if not isinstance(name, str):  # of a few classes that are written in C
        return False
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
    codes = [list(_steps(code)) for code in _codes(function.__code__)]
    found: dict[str, Any] = {}
    modules: dict[str, tuple[str, ModuleType]] = {}
    for steps in codes:
        for variable, name, value in imports.imported(function, steps, is_user_module):
            if isinstance(value, ModuleType):
                modules[variable] = (name, value)
            else:
                found[name] = value
    for steps in codes:
        found |= _read_by_code(function, steps, modules)
    return found


def attributes_set(method: FunctionType) -> set[str]:
    """The attributes of its first argument that `method` sets."""
    own = method.__code__.co_varnames[:1]
    steps = list(_steps(method.__code__))
    return {
        step.argval
        for before, step in pairwise(steps)
        if step.opname == 'STORE_ATTR' and before.opname.startswith('LOAD_FAST') and (before.argval,) == own
    }


def _codes(code: CodeType) -> Iterator[CodeType]:
    """`code` and the functions, classes and comprehensions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _steps(code: CodeType) -> Iterator[Step]:
    for step in dis.get_instructions(code):
        parts = re.findall(r'(LOAD|STORE)_FAST', step.opname)
        if len(parts) == 2 and isinstance(step.argval, tuple):
            yield from (Step(f'{part}_FAST', name) for part, name in zip(parts, step.argval, strict=True))
        else:
            yield Step(step.opname, step.argval)


def _read_by_code(
    function: FunctionType, steps: Sequence[Step], modules: Mapping[str, tuple[str, ModuleType]]
) -> dict[str, Any]:
    """`modules` are what the function imports itself, by the variable that holds it."""
    assigned = {step.argval for step in steps if step.opname == 'STORE_GLOBAL'}
    given = {step.argval for step in steps if step.opname == 'STORE_ATTR'}
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    found: dict[str, Any] = {}
    for index, step in enumerate(steps):
        name, rest = step.argval, steps[index + 1 :]
        if step.opname in _GLOBAL and name in function.__globals__ and name not in assigned:
            found |= _follow(name, function.__globals__[name], rest, given)
        elif step.opname in _CLOSURE and name in cells:
            found |= _follow(name, _content(cells[name]), rest, given)
        elif name in modules and step.opname.startswith(('LOAD_FAST', *_CLOSURE)):
            found |= _follow(*modules[name], rest, given)
    return found


def _follow(text: str, value: Any, rest: Sequence[Step], given: set[Any]) -> dict[str, Any]:
    """Goes from a module to the attribute of it that is read: `helpers` followed by `.norm` is `helpers.norm`.

    Of a function, an attribute of its own is read as well as the function, unless the code sets it (`given`).
    """
    for step in rest:
        if step.opname not in _ATTRIBUTE:
            break
        if isinstance(value, FunctionType) and step.argval in vars(value) and step.argval not in given:
            return {text: value, f'{text}.{step.argval}': vars(value)[step.argval]}
        if not isinstance(value, ModuleType) or not hasattr(value, step.argval):
            break
        text, value = f'{text}.{step.argval}', getattr(value, step.argval)
    return {text: value}


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None
