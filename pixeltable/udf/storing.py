"""How functions are kept in the metadata of tables: by name if another process can import them, else by value.

    {"function": {"module": "pixeltable.functions.string", "name": "upper", "signature": …}}
    {"function": {"value": "<sha256 of the pickle>", "python": "3.11", "name": "mine"}}

Both may have `"overload"` (the index of a signature) and `"using"` (bound constants). The document names no Python class, so
that a later version can read it.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError
from pixeltable.exprs import codec_values
from pixeltable.types.column_type import from_document, to_document
from pixeltable.udf import lookup
from pixeltable.udf.arguments import accepts
from pixeltable.udf.fingerprint import fingerprint, is_unchanged
from pixeltable.udf.function import Function
from pixeltable.udf.signature import Signature

PYTHON = f'{sys.version_info.major}.{sys.version_info.minor}'
"""A pickle holds bytecode, which another version of Python does not run: it may even crash."""


class Stored(Protocol):
    """A function or an aggregate, as far as it matters where it is from."""

    @property
    def name(self) -> str: ...
    @property
    def module(self) -> str: ...


_loaded: dict[str, Function] = {}
_lock = threading.RLock()


def encode(function: Function, blobs: dict[str, bytes], *, allow_by_value: bool = True) -> dict[str, Any]:
    """`function` as JSON-able data. A pickle that it needs is added to `blobs`, under its hash.

    Raises:
        RequestError: UNSUPPORTED_OPERATION if it must be stored by value and that is forbidden or impossible;
            INVALID_ARGUMENT if a bound constant cannot be stored.
    """
    document: dict[str, Any] = {'name': function.qualname}
    if lookup.is_importable(function.origin):
        document |= {
            'module': lookup.public_module(function.origin),
            'signature': _signature_document(function.full_signature),
        }
    else:
        if not allow_by_value:
            raise by_value_forbidden(function.name)
        digest, blob = pickled(function.origin)
        blobs[digest] = blob
        document |= {'value': digest, 'python': PYTHON}
    if function.overload_index:
        document['overload'] = function.overload_index
    if function.bound:
        document['using'] = codec_values.encode_value(dict(function.bound))
    return {'function': document}


def decode(document: dict[str, Any], load_blob: Callable[[str], bytes], *, allow_by_value: bool = True) -> Function:
    """The function that `encode` described. `load_blob` gives the pickle of a hash.

    Raises:
        NotFoundError: FUNCTION_NOT_FOUND if its module or name is gone, or its signature does not fit any more.
        RequestError: UNSUPPORTED_OPERATION if it is stored by value and that is forbidden.
    """
    stored = document['function']
    if 'value' in stored:
        check_by_value(stored, allow_by_value=allow_by_value)
        function = _by_value(stored, load_blob)
    else:
        function = _by_name(stored)
    using = stored.get('using')
    if not using:
        return function
    try:
        return function.using(**codec_values.decode_value(using))
    except Error as error:
        raise _not_found(stored, f'its bound constants do not fit any more: {error.message}') from error


def check_by_value(stored: dict[str, Any], *, allow_by_value: bool) -> None:
    """Raises what is wrong with running code that is stored by value here."""
    if not allow_by_value:
        raise by_value_forbidden(stored['name'])
    if stored['python'] != PYTHON:
        raise _not_found(
            stored,
            f'it was stored by Python {stored["python"]}, whose bytecode Python {PYTHON} cannot run; declare it again '
            "and replace the column with add_computed_column(..., if_exists='replace'), or keep it in a module",
        )


def is_current(function: Function) -> bool:
    """Whether a function that was decoded is still what its module holds, with the code that it had: a reload replaces it."""
    if function.known_fingerprint is not None:
        return True
    origin = function.origin
    found: Any = sys.modules.get(origin.module)
    for part in origin.qualname.split('.'):
        found = getattr(found, part, None)
    return found is origin and is_unchanged(function)


def pickled(function: Function) -> tuple[str, bytes]:
    """The hash and the pickle of a function, with the helpers, constants and functions that it uses.

    Its fingerprint goes with it, because the source that it was computed from stays behind.
    """
    blob = dumped(function, (function, [fingerprint(overload) for overload in function.overloads]))
    return hashlib.sha256(blob).hexdigest(), blob


def dumped(function: Stored, value: Any) -> bytes:
    """The pickle of a value that belongs to a function."""
    import cloudpickle

    with own_modules_by_value(function):
        try:
            blob: bytes = cloudpickle.dumps(value)
        except Exception as error:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{function.name}() cannot be stored: {error}. It reads something that cannot be copied, such as an open '
                'connection; create that inside the function, or move the function to a module that can be imported.',
            ) from error
    return blob


@contextlib.contextmanager
def own_modules_by_value(function: Stored) -> Iterator[None]:
    """A module that exists in this process only is copied along: the reader could not import it."""
    import cloudpickle

    module = sys.modules.get(function.module)
    is_private = module is not None and function.module != '__main__' and lookup.find_module(function.module) is None
    with _lock:
        if is_private:
            cloudpickle.register_pickle_by_value(module)
        try:
            yield
        finally:
            if is_private:
                cloudpickle.unregister_pickle_by_value(module)


def _by_value(stored: dict[str, Any], load_blob: Callable[[str], bytes]) -> Function:
    """Unpickles each function once in a process, so that one stored function stays one function."""
    digest = stored['value']
    with _lock:
        if digest not in _loaded:
            function, fingerprints = loaded(stored, load_blob)
            for overload, known in zip(function.overloads, fingerprints, strict=True):
                overload.known_fingerprint = known
            _loaded[digest] = function
        return _overload(stored, _loaded[digest])


def loaded(stored: dict[str, Any], load_blob: Callable[[str], bytes]) -> Any:
    """What was pickled."""
    import cloudpickle

    try:
        return cloudpickle.loads(load_blob(stored['value']))
    except Error:
        raise
    except Exception as error:
        raise _not_found(stored, f'its stored code cannot be read here: {type(error).__name__}: {error}') from error


def _by_name(stored: dict[str, Any]) -> Function:
    found = lookup.resolve(stored['module'], stored['name'])
    if not isinstance(found, Function):
        raise _not_found(stored, f'it is no @pxt.udf any more, but a {type(found).__name__}')
    function = _overload(stored, found)
    changed = _incompatibility(stored['signature'], function.full_signature)
    if changed is not None:
        raise _not_found(
            stored, f'its signature has changed: {changed}. It is now {found.name}{function.full_signature}'
        )
    return function


def _overload(stored: dict[str, Any], function: Function) -> Function:
    index = stored.get('overload', 0)
    if index >= len(function.overloads):
        raise _not_found(stored, f'the signature that was used (number {index + 1}) has been removed')
    found: Function = function.overloads[index]
    return found


def _signature_document(signature: Signature) -> dict[str, Any]:
    parameters = [
        [parameter.name, None if parameter.type is None else to_document(parameter.type)]
        for parameter in signature.parameters
    ]
    return {'parameters': parameters, 'result': to_document(signature.result)}


def _incompatibility(stored: dict[str, Any], signature: Signature) -> str | None:
    """Why calls written for the stored signature do not fit `signature`; None if they do."""
    now = {parameter.name: parameter for parameter in signature.parameters}
    before = dict(stored['parameters'])
    for name, document in before.items():
        if name not in now:
            return f'the parameter {name!r} is gone'
        wanted = now[name].type
        if document is None or wanted is None:
            continue
        if not accepts(wanted, from_document(document)):
            return f'the parameter {name!r} was of type {from_document(document)} and is now {wanted}'
    for name, parameter in now.items():
        if name not in before and not parameter.has_default and parameter.type is not None:
            return f'the parameter {name!r} is new and has no default'
    result = from_document(stored['result'])
    if not accepts(result, signature.result):
        return f'the result was of type {result} and is now {signature.result}'
    return None


def by_value_forbidden(name: str) -> RequestError:
    return RequestError(
        ErrorCode.UNSUPPORTED_OPERATION,
        f'{name}() is not in a module that other processes can import, and the configuration forbids storing code; '
        'move it to an installed module or one on sys.path.',
    )


def _not_found(stored: dict[str, Any], reason: str) -> NotFoundError:
    name = '.'.join(part for part in (stored.get('module'), stored['name']) if part)
    return NotFoundError(ErrorCode.FUNCTION_NOT_FOUND, f'the function {name} cannot be loaded: {reason}.')
