"""f-strings over expressions.

`f'Classify: {t.entities}'` is evaluated by Python before Pixeltable sees it, so formatting an expression puts a marked token into
the string, and `parse` turns a string with tokens back into a `Template` node. A token reads as the expression itself between
invisible marks, because users will print such strings.
"""

from __future__ import annotations

import re
import threading

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Node, Replacement, Template
from pixeltable.types.column_type import STRING

MARK = '\u2063\u2062'
_TOKEN = re.compile(f'{MARK}(\\d+)\u2062(.*?){MARK}', re.DOTALL)

# Formatting happens outside any session, and the string that comes out of it holds no reference to the expression. Equal
# expressions share an entry, so this grows with the number of different expressions in the program, not with their use.
_nodes: list[tuple[Node, str]] = []
_numbers: dict[tuple[Node, str], int] = {}
_lock = threading.Lock()


def token(node: Node, format_spec: str) -> str:
    """The text that stands for `node` inside an f-string."""
    with _lock:
        number = _numbers.setdefault((node, format_spec), len(_nodes))
        if number == len(_nodes):
            _nodes.append((node, format_spec))
    shown = display(node) + (f':{format_spec}' if format_spec else '')
    return f'{MARK}{number}\u2062{{{shown}}}{MARK}'


def parse(text: str) -> Template:
    """The template that a string with tokens stands for."""
    parts: list[str | Replacement] = []
    nullable = False
    for index, piece in enumerate(_TOKEN.split(text)):
        if index % 3 == 0:
            if MARK in piece:
                raise RequestError(
                    ErrorCode.INVALID_EXPRESSION,
                    f'{text!r} holds only a part of an expression: pass the whole f-string, do not slice it.',
                )
            if piece:
                parts.append(piece)
        elif index % 3 == 1:
            if int(piece) >= len(_nodes):
                raise RequestError(
                    ErrorCode.INVALID_EXPRESSION,
                    f'{text!r} was made from expressions in another process: write the f-string here.',
                )
            node, format_spec = _nodes[int(piece)]
            parts.append(Replacement(node, format_spec))
            nullable = nullable or node.type.nullable
    return Template(STRING.with_nullable(nullable), tuple(parts))
