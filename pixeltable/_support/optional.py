"""The one way to need an optional package, and the one wording for its absence."""

from __future__ import annotations

import importlib
from types import ModuleType

from pixeltable.errors import ErrorCode, RequestError


def require(module: str, extra: str) -> ModuleType:
    """The imported module. Raises INVALID_CONFIGURATION naming the extra to install if it is missing or broken."""
    try:
        return importlib.import_module(module)
    except Exception as error:  # such as RuntimeError, for parts of torch that do not fit together
        package = module.partition('.')[0]
        state = 'is not installed' if getattr(error, 'name', None) == package else f'cannot be imported: {error}'
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION,
            f"the package {package!r} {state}; install what it needs with: pip install 'pixeltable[{extra}]'",
        ) from error
