"""The signatures that programs may rely on: names, order and defaults of parameters. What comes on top is by keyword only."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import pixeltable as pxt
from pixeltable.api.columns import ColumnExpr
from pixeltable.api.query import Query
from pixeltable.api.rows import Row, RowBatch

# `on_error=None` means: as the table or the settings say, which is to go on.
FUNCTIONS = {
    'init': '(config_overrides=None)',
    'create_table': '(path, schema=None, *, source=None, source_format=None, schema_overrides=None, has_default_idxs=False, '
    "on_error=None, primary_key=None, comment=None, custom_metadata=None, media_validation='on_write', if_exists='error', "
    'extra_args=None, _is_data_versioned=True)',
    'create_view': '(path, base, *, additional_columns=None, is_snapshot=False, iterator=None, '
    "comment=None, custom_metadata=None, media_validation='on_write', if_exists='error')",
    'create_snapshot': "(path_str, base, *, comment=None, custom_metadata=None, if_exists='error')",
    'get_table': "(path, if_not_exists='error')",
    'move': "(path, new_path, *, if_exists='error', if_not_exists='error')",
    'drop_table': "(table, force=False, if_not_exists='error')",
    'create_dir': "(path, *, if_exists='error', parents=False)",
    'drop_dir': "(path, force=False, if_not_exists='error')",
    'list_tables': "(dir_path='', recursive=True)",
    'list_dirs': "(path='', recursive=True)",
    'get_dir_contents': "(dir_path='', recursive=True)",
    'get_dir_tree': "(path='')",
    'ls': "(path='')",
    'list_functions': '()',
    'home': '()',
    'tool': '(fn, name=None, description=None)',
    'tools': '(*fns)',
    'array': '(elements)',
    'model_base': "(cls_name='TableModel')",
}
READING = {
    'select': '(*items, **named)',
    'where': '(pred)',
    'join': "(other, on=None, how='inner')",
    'order_by': '(*keys, asc=True)',
    'group_by': '(*keys)',
    'distinct': '()',
    'limit': '(n, offset=None)',
    'sample': '(n=None, n_per_stratum=None, fraction=None, seed=None, stratify_by=None)',
    'collect': '()',
    'cursor': '()',
    'show': '(n=20)',
    'head': '(n=10)',
    'tail': '(n=10)',
    'count': '()',
    'to_pytorch_dataset': "(image_format='pt')",
    'to_coco_dataset': '()',
}
TABLE = READING | {
    'columns': '()',
    'get_base_table': '()',
    'list_views': '(*, recursive=True)',
    'get_metadata': '()',
    'describe': '()',
    'add_columns': "(schema, if_exists='error')",
    'add_column': "(*, if_exists='error', **kwargs)",
    'add_computed_column': "(*, stored=None, destination=None, custom_metadata=None, comment='', print_stats=False, "
    "on_error=None, if_exists='error', **kwargs)",
    'rename_column': '(old, new)',
    'drop_column': "(column, if_not_exists='error')",
    'alter_column': '(column, *, type_)',
    'alter_computed_column': '(*, recompute=True, cascade=True, **kwargs)',
    'add_embedding_index': '(column, *, idx_name=None, embedding=None, string_embed=None, image_embed=None, audio_embed=None, '
    "video_embed=None, document_embed=None, metric='cosine', precision='fp16', if_exists='error')",
    'add_btree_index': "(column, *, idx_name=None, if_exists='error')",
    'drop_embedding_index': "(*, column=None, idx_name=None, if_not_exists='error')",
    'drop_index': "(*, column=None, idx_name=None, if_not_exists='error')",
    'insert': '(source=None, /, *, source_format=None, schema_overrides=None, on_error=None, print_stats=False, '
    'return_rows=False, **kwargs)',
    'compute': "(source, /, *, outputs=None, on_error='ignore')",
    'update': '(value_spec, where=None, cascade=True, return_rows=False)',
    'batch_update': "(rows, cascade=True, if_not_exists='error', return_rows=False)",
    'recompute_columns': '(*columns, where=None, errors_only=False, cascade=True)',
    'delete': '(where=None)',
    'revert': '()',
    'get_versions': '(n=None)',
    'history': '(n=None)',
}
QUERY = READING | {
    'describe': '()',
    'update': '(value_spec, cascade=True)',
    'delete': '()',
    'recompute_columns': '(*columns, errors_only=False, cascade=True)',
}
COLUMN = {
    'similarity': '(item=None, *, string=None, image=None, audio=None, video=None, document=None, vector=None, idx=None)',
    'embedding': '(idx=None)',
    'recompute': '(cascade=True, errors_only=False)',
    'collect': '()',
    'show': '(n=20)',
    'head': '(n=10)',
    'tail': '(n=10)',
    'distinct': '()',
}
RESULTS = {'to_pandas': '()', 'to_pydantic': '(model)'}
ROWS = {'to_json': '()'}

OWNERS: dict[str, tuple[Any, dict[str, str]]] = {
    'pxt': (pxt, FUNCTIONS),
    'Table': (pxt.Table, TABLE),
    'Query': (Query, QUERY),
    'Column': (ColumnExpr, COLUMN),
    'ResultSet': (pxt.ResultSet, RESULTS),
    'Row': (Row, ROWS),
    'RowBatch': (RowBatch, ROWS),
    'UpdateStatus': (pxt.UpdateStatus, {'insert_msg': '(start_ts=None)'}),
    'Error': (pxt.Error, {'to_dict': '()'}),
}
CASES = [(owner, name) for owner, (_, table) in OWNERS.items() for name in table]


@pytest.mark.parametrize(('owner', 'name'), CASES, ids=[f'{owner}.{name}' for owner, name in CASES])
def test_signature(owner: str, name: str) -> None:
    holder, table = OWNERS[owner]
    namespace: dict[str, Any] = {}
    exec(f'def wanted{table[name]}: pass', namespace)
    wanted = list(inspect.signature(namespace['wanted']).parameters.values())
    found = [p for p in inspect.signature(getattr(holder, name)).parameters.values() if p.name != 'self']
    by_name = {p.name: p for p in found}
    positional = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    for position, parameter in enumerate(p for p in wanted if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)):
        assert positional[position].name == parameter.name
    for parameter in wanted:
        assert by_name[parameter.name].default == parameter.default
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert by_name[parameter.name].kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        else:
            assert by_name[parameter.name].kind is parameter.kind
    more = [p for p in found if p.name not in {each.name for each in wanted}]
    assert [p.name for p in more if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)] == []
