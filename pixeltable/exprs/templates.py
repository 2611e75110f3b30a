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
_DIGITS = str.maketrans('01', '\u2061\u2064')
_FROM_DIGITS = str.maketrans('\u2061\u2064', '01')
_INVISIBLE = str.maketrans('', '', '\u2061\u2062\u2063\u2064')
_TOKEN = re.compile(f'{MARK}([\u2061\u2064]+)\u2062(.*?){MARK}', re.DOTALL)

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
    return f'{MARK}{f"{number:b}".translate(_DIGITS)}\u2062{{{shown}}}{MARK}'


def visible(text: str) -> str:
    """`text` as people see it, without marks."""
    return text.translate(_INVISIBLE)


def parse(text: str) -> Template:
    """The template that a string with tokens stands for."""
    parts: list[str | Replacement] = []
    nullable = False
    for index, piece in enumerate(_TOKEN.split(text)):
        if index % 3 == 0:
            if MARK in piece:
                raise RequestError(
                    ErrorCode.INVALID_EXPRESSION,
                    f'{visible(text)!r} holds only a part of an expression: pass the whole f-string, do not slice it.',
                )
            if piece:
                parts.append(piece)
        elif index % 3 == 1:
            number = int(piece.translate(_FROM_DIGITS), 2)
            if number >= len(_nodes):
                raise RequestError(
                    ErrorCode.INVALID_EXPRESSION,
                    f'{visible(text)!r} was made from expressions in another process: write the f-string here.',
                )
            node, format_spec = _nodes[number]
            parts.append(Replacement(node, format_spec))
            nullable = nullable or node.type.nullable
    return Template(STRING.with_nullable(nullable), tuple(parts))
