"""How rows come in; and `pxt.io`, the functions that make tables of files and files of tables.

Those are above tables, in `api`: here is only the name under which users know them.
"""

from __future__ import annotations

import importlib
from typing import Any

from pixeltable.errors import did_you_mean

_HOMES = {
    'pixeltable.api.importing': (
        'import_csv',
        'import_excel',
        'import_huggingface_dataset',
        'import_json',
        'import_pandas',
        'import_parquet',
        'import_rows',
        'import_sql',
    ),
    'pixeltable.api.exports.files': ('export_csv', 'export_json', 'export_parquet'),
    'pixeltable.api.exports.fiftyone': ('export_images_as_fo_dataset',),
    'pixeltable.api.exports.iceberg': ('export_iceberg',),
    'pixeltable.api.exports.lancedb': ('export_lancedb',),
    'pixeltable.api.exports.sql': ('export_sql',),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - where each of them is, is said above


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}.{did_you_mean(name, __all__)}')
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
