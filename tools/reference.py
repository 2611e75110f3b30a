"""A hook of mkdocs: one page of reference for each public module, made from the code, so that no list has to be kept.

Public is what `pixeltable.__all__` names, and the modules of `pixeltable.functions` and `pixeltable.io`. The text comes from the
docstrings, by mkdocstrings; the contributor's page and the changelog are taken over from the root of the repository.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ('pixeltable.functions', 'pixeltable.io')


def home(value: Any) -> str | None:
    """Where the documented definition of a public value is, `module.name`; None for plain values."""
    module, name = getattr(value, '__module__', None), getattr(value, '__qualname__', None)
    is_definition = inspect.isclass(value) or inspect.isroutine(value) or callable(value)
    return f'{module}.{name}' if is_definition and module and name and module.startswith('pixeltable.') else None


def overview() -> str:
    """The page of `pixeltable` itself: classes and functions, in the order of their names."""
    package = importlib.import_module('pixeltable')
    lines = ['# pixeltable', '', '`import pixeltable as pxt`', '']
    for name in sorted(getattr(package, '__all__', ()), key=str.lower):
        value = getattr(package, name)
        target = home(value)
        if target:
            lines += [f'::: {target}', '']
        elif not inspect.ismodule(value):
            lines += [f'## `pxt.{name}`', '', f'A value of type `{type(value).__name__}`.', '']
    return '\n'.join(lines)


def modules() -> list[str]:
    """The public modules that have a page of their own."""
    names = ['pixeltable.errors', 'pixeltable.api.ledger']
    for package_name in PACKAGES:
        package = importlib.import_module(package_name)
        found = pkgutil.iter_modules(package.__path__, f'{package_name}.')
        names += [module.name for module in found if not module.name.rpartition('.')[2].startswith('_')]
    return names


def pages() -> dict[str, str]:
    """The generated pages by their path."""
    made = {'reference/index.md': overview()}
    for name in modules():
        made[f'reference/{name.removeprefix("pixeltable.")}.md'] = (
            f'# {name}\n\n::: {name}\n    options:\n      show_root_heading: false\n'
        )
    for source in ('CONTRIBUTING.md', 'CHANGELOG.md'):
        made[source.lower()] = (ROOT / source).read_text().replace('](docs/', '](')
    return made


def on_files(files: Files, config: MkDocsConfig) -> Files:
    made = pages()
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    for page in files.documentation_pages():
        if page.src_uri == 'architecture.md':
            page.content_string = page.content_string.replace('](../CONTRIBUTING.md', '](contributing.md')
    sections = {
        'Reference': sorted(path for path in made if path.startswith('reference/')),
        'Decisions': [
            'decisions/README.md',
            *sorted(path.name for path in (ROOT / 'docs/decisions').glob('[0-9]*.md')),
        ],
    }
    for entry in config.nav or []:
        for title in sections.keys() & entry.keys() if isinstance(entry, dict) else ():
            entry[title] = [path if '/' in path else f'decisions/{path}' for path in sections[title]]
    return files
