"""Files of code that are edited while the program runs.

The source of a function is read from its file when it is first needed, and that may hold another function by then. What the
program runs is in the code object, so the two are compared.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import CodeType

from pixeltable.udf.declaration import STARTED


def as_it_is_now(code: CodeType) -> CodeType:
    """`code` as its file has it now, which may be further up or down.

    Raises OSError if the file has other code in its place.
    """
    try:
        if os.stat(code.co_filename).st_mtime < STARTED - 2:  # seconds, within which file systems tell the time
            return code
        with open(code.co_filename, encoding='utf-8') as file:
            compiled = compile(file.read(), code.co_filename, 'exec', dont_inherit=True)
    except FileNotFoundError:  # it was typed in, or made by another program
        return code
    except (SyntaxError, ValueError) as error:
        raise OSError(f'{code.co_filename} can no longer be read') from error
    wanted = _without_places(code)
    for found in _codes(compiled):
        if found.co_qualname == code.co_qualname and _without_places(found) == wanted:
            return found
    raise OSError(f'{code.co_filename} no longer has {code.co_qualname} as it runs')


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _without_places(code: CodeType) -> CodeType:
    """The same code, wherever in the file it stands."""
    constants = (_without_places(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_consts=tuple(constants), co_firstlineno=1, co_linetable=b'', co_filename='', co_flags=0)
