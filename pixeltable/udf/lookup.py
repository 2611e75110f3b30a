"""Functions by module and name: which ones another process can import, and importing them."""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from typing import Any

from pixeltable.errors import ErrorCode, NotFoundError, did_you_mean


def is_importable(function: Any) -> bool:
    """True if importing `function.module` elsewhere gives this very object under its qualified name."""
    module = sys.modules.get(function.module)
    if module is None or find_module(function.module) is None:
        return False
    found: Any = module
    for part in function.qualname.split('.'):
        found = getattr(found, part, None)
    return found is function


def public_module(function: Any) -> str:
    """The outermost module that offers an importable function: a package that re-exports it is what stays when files move."""
    parts = function.module.split('.')
    for end in range(1, len(parts)):
        name = '.'.join(parts[:end])
        module = sys.modules.get(name)
        if function.qualname in dir(module) and getattr(module, function.qualname, None) is function:
            return name  # only what a module says that it has is asked for, as looking for more can take long
    return '.'.join(parts)


def find_module(name: str) -> ModuleSpec | None:
    """Where a new process would import `name` from, None if nowhere.

    `importlib.util.find_spec` is not enough: it believes in modules that only exist in this process, such as `__main__`.
    """
    spec: ModuleSpec | None = None
    path: Any = None
    parts = name.split('.')
    if parts[0] == '__main__':
        return None
    for end in range(1, len(parts) + 1):
        full_name = '.'.join(parts[:end])
        finders = (finder for finder in sys.meta_path if hasattr(finder, 'find_spec'))
        spec = next((found for finder in finders if (found := finder.find_spec(full_name, path, None))), None)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return spec


def resolve(module: str, qualname: str) -> Any:
    """The object `qualname` of `module`, imported. Raises FUNCTION_NOT_FOUND, saying which of the two is missing."""
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = '' if error.name == module else f', because {error.name!r}, which it imports, does not exist here'
        raise _not_found(
            module,
            qualname,
            f'the module {module!r} cannot be imported{missing}; install it or add its folder to sys.path',
        ) from error
    except Exception as error:
        raise _not_found(module, qualname, f'importing {module!r} failed: {type(error).__name__}: {error}') from error
    for part in qualname.split('.'):
        if not hasattr(found, part):
            hint = did_you_mean(part, [name for name in vars(found) if not name.startswith('_')])
            raise _not_found(module, qualname, f'the module {module!r} no longer has {qualname!r}.{hint}')
        found = getattr(found, part)
    return found


def _not_found(module: str, qualname: str, reason: str) -> NotFoundError:
    text = f'the function {module}.{qualname} cannot be loaded: {reason}'
    return NotFoundError(ErrorCode.FUNCTION_NOT_FOUND, text if text.endswith(('?', '.')) else f'{text}.')
