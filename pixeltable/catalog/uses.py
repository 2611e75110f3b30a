"""Which functions the stored documents of expressions use."""

from __future__ import annotations

from typing import Any


def functions_of(*expressions: Any) -> set[str]:
    """The hashes of the functions, stored by value (`udf.storing`), that the documents of expressions name."""
    found, rest = set(), list(expressions)
    while rest:
        document: Any = rest.pop()
        if isinstance(document, dict):
            if 'python' in document and isinstance(document.get('value'), str):
                found.add(document['value'])
            rest += document.values()
        elif isinstance(document, (list, tuple)):
            rest += document
    return found
