"""What the demo computes: plain Python functions, whose types come from their hints."""

from __future__ import annotations

import ast
import re

import pixeltable as pxt

LENGTH = 700
"""An embedding model of this size reads about 256 tokens; whatever comes later would be ignored."""


@pxt.udf
def is_adr(path: str, content: str) -> bool:
    """Whether a row is an architectural decision record."""
    return 'adr' in path.lower() or 'architectural decision' in content.lower()


@pxt.udf
def passage(type: str, path: str, content: str) -> str:
    """What is embedded: what a row is about in a few words, because a file's first lines rarely say it."""
    return f'{path}: {_about_module(content) if type == "code" else _about_text(content)}'[:LENGTH]


@pxt.udf
def heading(type: str, content: str) -> str | None:
    """The first Markdown heading. Fails for a text that has none."""
    if type == 'code':
        return None
    found = re.search(r'^#+ +(.+?)[ #]*$', content, flags=re.MULTILINE)
    if found is None:
        raise ValueError('no heading')
    return found[1]


def _about_module(source: str) -> str:
    """The docstring of a module, and the names that it offers."""
    tree = ast.parse(source)
    defined = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    names = ', '.join(node.name for node in defined if not node.name.startswith('_'))
    return f'{(ast.get_docstring(tree) or "")[:450]} {names}'


def _about_text(text: str) -> str:
    """The prose of a text: no badges, pictures, links, HTML, code or underlines."""
    for noise in (
        r'```.*?```',
        r'<[^>]+>',
        r'!\[[^]]*\]',
        r'\]\([^)]*\)|\[|\]',
        r'^\.\. .*$|^[=~*#-]{3,}$',
        r'https?://\S+',
    ):
        text = re.sub(noise, ' ', text, flags=re.DOTALL | re.MULTILINE)
    return ' '.join(text.split())
