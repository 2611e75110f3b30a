"""Names for the columns of a table that is created from data whose names may be anything."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable

_OTHER = re.compile(r'[^A-Za-z0-9_]')


def told_apart(names: Iterable[str]) -> list[str]:
    """The names, each once: the second `a` is `a_1`."""
    found: dict[str, None] = {}
    for name in names:
        unique, number = name, 0
        while unique in found:
            number += 1
            unique = f'{name}_{number}'
        found[unique] = None
    return list(found)


def column_names(names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """For each name the column's: in lower case, `_` for what no name holds, and `_1`, `_2`, … where it is taken or reserved."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        folded = _OTHER.sub('_', name).lower() or 'c'
        if folded[0].isdigit():
            folded = f'c_{folded}'
        elif folded[0] == '_':
            folded = f'c{folded}'
        unique, number = folded, 0
        while unique in taken or unique in reserved or keyword.iskeyword(unique):
            number += 1
            unique = f'{folded}_{number}'
        taken.add(unique)
        found[name] = unique
    return found
