from __future__ import annotations

import pytest

import pixeltable as pxt

from .conftest import mistakes, vector


def make(schema=None, path='new', **options):
    return lambda t: pxt.create_table(path, schema, **options)


@mistakes(
    (make(), 'MISSING_REQUIRED', 'schema'),
    (make({'a': pxt.Int}, source=[{'a': 1}]), 'MISSING_REQUIRED', 'either'),
    (make({}), 'INVALID_ARGUMENT', '{}'),
    (make(['a']), 'INVALID_ARGUMENT', "['a']"),
    (make({'a': pxt.Int}, if_exists='maybe'), 'INVALID_ARGUMENT', "'maybe'|'replace'"),
    (make({'a': pxt.Int}, media_validation='later'), 'INVALID_ARGUMENT', "'later'"),
    (make({'a': pxt.Int}, on_error='maybe'), 'INVALID_ARGUMENT', "'maybe'"),
    (make({'a': pxt.Int}, custom_metadata={1, 2}), 'INVALID_ARGUMENT', 'JSON'),
    (make({'a': pxt.Int}, primary_key=5), 'INVALID_ARGUMENT', 'primary_key'),
    (make({'title': pxt.Int}, primary_key='titel'), 'COLUMN_NOT_FOUND', "Did you mean 'title'?"),
    (make({'a': pxt.Int | None}, primary_key='a'), 'UNSUPPORTED_OPERATION', 'nullable'),
    (make({'a': str}), 'INVALID_TYPE', 'pxt.String'),
    (make({'a': int}), 'INVALID_TYPE', 'pxt.Int'),
    (make({'a': 5}), 'TYPE_MISMATCH', "'a'|5"),
    (make({'a': {'typ': pxt.Int}}), 'INVALID_ARGUMENT', "'typ'|Did you mean 'type'?"),
    (make({'a': {'comment': 'x'}}), 'MISSING_REQUIRED', "'type'"),
    (make({'count': pxt.Int}), 'INVALID_COLUMN_NAME', 'method'),
    (make({'class': pxt.Int}), 'INVALID_COLUMN_NAME', 'keyword'),
    (make({'_x': pxt.Int}), 'INVALID_COLUMN_NAME', "'_x'"),
    (make({'a-b': pxt.Int}), 'INVALID_COLUMN_NAME', "'a-b'"),
    (make({5: pxt.Int}), 'INVALID_COLUMN_NAME', '5'),
    (make({'x': pxt.Int, 'X': pxt.Int}), 'INVALID_SCHEMA', 'case'),
    (make({'a': pxt.Int}, path='t'), 'PATH_ALREADY_EXISTS', "get_table('t')|if_exists"),
    (make({'a': pxt.Int}, path='d'), 'PATH_ALREADY_EXISTS', 'directory'),
    (make({'a': pxt.Int}, path='d', if_exists='replace'), 'PATH_ALREADY_EXISTS', 'directory'),
    (make({'a': pxt.Int}, path='t', if_exists='replace'), 'CONSTRAINT_VIOLATION', 'keep'),
    (make({'a': pxt.Int}, path='missing/new'), 'DIRECTORY_NOT_FOUND', "pxt.create_dir('missing'"),
    (make({'a': pxt.Int}, path='t/new'), 'DIRECTORY_NOT_FOUND', "'t'"),
    (make({'a': pxt.Int}, path='1x'), 'INVALID_PATH', "'1x'"),
    (make({'a': pxt.Int}, path='a b'), 'INVALID_PATH', "'a b'"),
    (make({'a': pxt.Int}, path='_a'), 'INVALID_PATH', "'_a'"),
    (make({'a': pxt.Int}, path=''), 'INVALID_PATH', 'empty'),
    (make({'a': pxt.Int}, path=5), 'INVALID_PATH', '5'),
    (make(source=[]), 'UNSUPPORTED_OPERATION', 'non-empty'),
    (make(source=[1, 2]), 'UNSUPPORTED_OPERATION', 'dicts'),
    (make(source=5), 'UNSUPPORTED_OPERATION', '5'),
    (make(source=[{'a': 1}], schema_overrides={'b': pxt.Int}), 'UNSUPPORTED_OPERATION', "'b'"),
    (make(source=[{'a': 1}], schema_overrides=5), 'INVALID_ARGUMENT', '5'),
    (make(source=[{'a': 1}], primary_key='b'), 'COLUMN_NOT_FOUND', "'b'"),
    (make(source='nofile.csv'), 'STORAGE_NOT_FOUND', 'nofile.csv'),
    (make(source='x' * 5000), 'UNSUPPORTED_OPERATION', 'source_format'),
    (make(source='a\0b.csv'), 'STORAGE_NOT_FOUND', 'there is no file'),
    (make(source='nofile'), 'UNSUPPORTED_OPERATION', "'nofile'|source_format"),
    (make(source=[{'a': 1}], source_format='xml'), 'INVALID_ARGUMENT', "'xml'|'csv'"),
    (make(source=[{'a': 1}], extra_args={'sep': ';'}), 'INVALID_ARGUMENT', 'sep'),
    (make(source=[{'a': 1}, {'a': 'x'}]), 'INVALID_TYPE', "'a'"),
    (make(source=[{'a': object()}]), 'INVALID_TYPE', "'a'"),
    (lambda t: pxt.create_table('new', {'a': t.n + 1}), 'INVALID_EXPRESSION', 'add_computed_column'),
)
def test_create_table(check, mistake) -> None:
    check(mistake)


@mistakes(
    (lambda t: pxt.get_table('tt'), 'PATH_NOT_FOUND', "Did you mean 't'?|list_tables"),
    (lambda t: pxt.get_table('d'), 'INVALID_ARGUMENT', 'directory'),
    (lambda t: pxt.get_table('t:99'), 'PATH_NOT_FOUND', '99'),
    (lambda t: pxt.get_table('t:x'), 'INVALID_PATH', 'version'),
    (lambda t: pxt.get_table('t', if_not_exists='maybe'), 'INVALID_ARGUMENT', "'maybe'"),
    (lambda t: pxt.drop_table('tt'), 'PATH_NOT_FOUND', "'tt'"),
    (lambda t: pxt.drop_table('d'), 'INVALID_ARGUMENT', 'directory'),
    (lambda t: pxt.drop_table('t'), 'CONSTRAINT_VIOLATION', 'keep|force=True'),
    (lambda t: pxt.list_tables('nowhere'), 'PATH_NOT_FOUND', "'nowhere'"),
    (lambda t: pxt.list_tables('t'), 'INVALID_ARGUMENT', 'table'),
    (lambda t: pxt.create_dir('d'), 'PATH_ALREADY_EXISTS', 'if_exists'),
    (lambda t: pxt.create_dir('t'), 'PATH_ALREADY_EXISTS', 'table'),
    (lambda t: pxt.create_dir('a/b'), 'DIRECTORY_NOT_FOUND', "'a'"),
    (lambda t: pxt.create_dir('t/b', parents=True), 'DIRECTORY_NOT_FOUND', "'t'"),
    (lambda t: pxt.drop_dir('d'), 'UNSUPPORTED_OPERATION', 'd/inner|force=True'),
    (lambda t: pxt.drop_dir('dd'), 'PATH_NOT_FOUND', "Did you mean 'd'?"),
    (lambda t: pxt.drop_dir('t'), 'INVALID_ARGUMENT', 'table'),
    (lambda t: pxt.drop_dir(''), 'INVALID_PATH', 'empty'),
    (lambda t: pxt.move('t', 'T'), 'UNSUPPORTED_OPERATION', 'itself'),
    (lambda t: pxt.move('d', 'd/e'), 'UNSUPPORTED_OPERATION', 'below itself'),
    (lambda t: pxt.move('tt', 'x'), 'PATH_NOT_FOUND', "table or directory|Did you mean 't'?"),
    (lambda t: pxt.move('t', 'd'), 'PATH_ALREADY_EXISTS', "'d'"),
    (lambda t: pxt.move('d', 'nowhere/d'), 'DIRECTORY_NOT_FOUND', "'nowhere'"),
    (lambda t: pxt.move('t', 'a b'), 'INVALID_PATH', "'a b'"),
    (lambda t: pxt.move('t', 'x', if_exists='replace'), 'INVALID_ARGUMENT', "'replace'"),
    (lambda t: pxt.ls('t'), 'INVALID_ARGUMENT', 'table'),
    (lambda t: pxt.get_dir_tree('nowhere'), 'PATH_NOT_FOUND', "'nowhere'"),
    (lambda t: pxt.get_dir_contents('t'), 'INVALID_ARGUMENT', 'table'),
    (lambda t: t.add_btree_index('nope'), 'COLUMN_NOT_FOUND', "'nope'"),
    (lambda t: t.add_btree_index('n', idx_name='a b'), 'INVALID_COLUMN_NAME', "'a b'"),
    (lambda t: t.add_btree_index('n', if_exists='replace'), 'INVALID_ARGUMENT', "'replace'"),
    (lambda t: t.add_btree_index('n', idx_name='idx0'), 'INDEX_ALREADY_EXISTS', "'idx0'"),
    (lambda t: t.drop_index(), 'MISSING_REQUIRED', 'idx_name'),
    (lambda t: t.drop_index(column='n', idx_name='x'), 'MISSING_REQUIRED', 'either'),
    (lambda t: t.drop_index(idx_name='zz'), 'INDEX_NOT_FOUND', "'zz'|idx0"),
    (lambda t: t.drop_index(column='n'), 'INDEX_NOT_FOUND', "'n'"),
    (lambda t: t.drop_index(column='nope'), 'COLUMN_NOT_FOUND', "'nope'"),
    (lambda t: t.add_columns({'x': {'type': pxt.Int | None, 'stored': False}}), 'UNSUPPORTED_OPERATION', 'computed'),
    (
        lambda t: t.add_columns({'x': {'type': pxt.Image | None, 'destination': 'd'}}),
        'UNSUPPORTED_OPERATION',
        'computed',
    ),
    (lambda t: t.add_columns({'x': {'type': pxt.Int | None, 'comment': 5}}), 'INVALID_ARGUMENT', "'x'|5"),
    (lambda t: t.add_columns({'x': {'type': pxt.Int | None, 'primary_key': True}}), 'UNSUPPORTED_OPERATION', 'key'),
    (
        lambda t: t.add_columns({'x': {'type': pxt.Int | None, 'media_validation': 'on_read'}}),
        'UNSUPPORTED_OPERATION',
        'Image',
    ),
    (
        lambda t: t.add_columns({'x': {'type': pxt.Image | None, 'media_validation': 'never'}}),
        'INVALID_ARGUMENT',
        "'never'",
    ),
    (lambda t: t.add_columns({'x': {'type': pxt.Int | None, 'custom_metadata': {1}}}), 'INVALID_ARGUMENT', 'JSON'),
    (lambda t: t.alter_column('n', type_=pxt.String | None), 'UNSUPPORTED_OPERATION', "'n'|String"),
    (lambda t: t.alter_column('n', type_=int), 'INVALID_TYPE', 'pxt.Int'),
    (lambda t: t.alter_column('nope', type_=pxt.Int | None), 'COLUMN_NOT_FOUND', "'nope'"),
    (lambda t: t.alter_column('n', type_=pxt.Int | None), 'UNSUPPORTED_OPERATION', "'double'|computed from it"),
    (lambda t: t.alter_column('double', type_=pxt.Float | None), 'UNSUPPORTED_OPERATION', "'double'"),
    (
        lambda t: pxt.get_table('keyed').alter_column('key', type_=pxt.Int | None),
        'UNSUPPORTED_OPERATION',
        'primary key',
    ),
    (lambda t: t.alter_computed_column(double=t.text), 'UNSUPPORTED_OPERATION', 'Int|String'),
    (lambda t: t.alter_computed_column(double=t.quad + 1), 'UNSUPPORTED_OPERATION', 'itself'),
    (lambda t: t.alter_computed_column(double=None), 'INVALID_EXPRESSION', 'None'),
    (lambda t: t.alter_computed_column(text_embedding=vector(t.text)), 'UNSUPPORTED_OPERATION', 'embedding index'),
    (lambda t: t.alter_computed_column(), 'UNSUPPORTED_OPERATION', 'one name=expression'),
    (lambda t: t.alter_computed_column(nope=t.n), 'COLUMN_NOT_FOUND', "'nope'"),
    (lambda t: t.alter_computed_column(n=t.n + 1), 'UNSUPPORTED_OPERATION', 'not computed'),
    (lambda t: pxt.snapshot('t', name='keep'), 'PATH_ALREADY_EXISTS', "'keep'"),
    (lambda t: pxt.snapshot('t', name='a/b'), 'INVALID_ARGUMENT', "'a/b'"),
    (lambda t: pxt.snapshot('t', name='x', tags='stable'), 'INVALID_ARGUMENT', "'stable'"),
    (lambda t: pxt.snapshot(5, name='x'), 'PATH_NOT_FOUND', '5'),
    (lambda t: pxt.restore('t'), 'MISSING_REQUIRED', 'snapshot or version'),
    (lambda t: pxt.restore('t', snapshot='keeps'), 'PATH_NOT_FOUND', "Did you mean 'keep'?"),
    (lambda t: pxt.restore('t', version=77), 'PATH_NOT_FOUND', '77'),
    (lambda t: pxt.restore('t', version='1'), 'INVALID_ARGUMENT', "'1'"),
    (lambda t: pxt.drop_snapshot('t', 'none'), 'PATH_NOT_FOUND', "'none'"),
    (lambda t: t.revert(), 'UNSUPPORTED_OPERATION', "'keep'"),
    (lambda t: pxt.get_table('t:1').delete(), 'UNSUPPORTED_OPERATION', 'past version|pxt.restore'),
    (lambda t: t.get_versions(0), 'INVALID_ARGUMENT', '0'),
)
def test_paths_and_versions(check, mistake) -> None:
    check(mistake)


@mistakes(
    (lambda t: t.add_column(n=pxt.Int | None), 'COLUMN_ALREADY_EXISTS', "'n'|if_exists"),
    (lambda t: t.add_column(x=pxt.Int), 'UNSUPPORTED_OPERATION', '2 rows|pxt.Int | None'),
    (lambda t: t.add_column(a=pxt.Int | None, b=pxt.Int | None), 'UNSUPPORTED_OPERATION', 'add_columns'),
    (lambda t: t.add_column(), 'UNSUPPORTED_OPERATION', 'one column'),
    (lambda t: t.add_column(x=t.n + 1), 'INVALID_ARGUMENT', 'add_computed_column(x='),
    (lambda t: t.add_column(x=int), 'INVALID_TYPE', 'pxt.Int'),
    (lambda t: t.add_column(n=pxt.Int | None, if_exists='replace'), 'COLUMN_ALREADY_EXISTS', "'double'"),
    (lambda t: t.add_columns([1]), 'INVALID_ARGUMENT', '[1]'),
    (lambda t: t.add_computed_column(n=t.n + 1), 'COLUMN_ALREADY_EXISTS', "'n'"),
    (lambda t: t.add_computed_column(double=t.n, if_exists='replace'), 'COLUMN_ALREADY_EXISTS', "'quad' is computed"),
    (lambda t: t.add_computed_column(x=None), 'INVALID_EXPRESSION', 'None'),
    (lambda t: t.add_computed_column(x=pxt.Int), 'INVALID_EXPRESSION', 'part of an expression'),
    (lambda t: t.add_computed_column(), 'UNSUPPORTED_OPERATION', 'one name=expression'),
    (lambda t: t.add_computed_column(x=t.n, y=t.n), 'UNSUPPORTED_OPERATION', 'one name=expression'),
    (lambda t: t.add_computed_column(x=pxt.functions.sum(t.n)), 'INVALID_EXPRESSION', 'aggregate'),
    (lambda t: t.add_computed_column(x=t.id + 1), 'INVALID_EXPRESSION', 'row id'),
    (lambda t: t.add_computed_column(x=t.n + 1, on_error='maybe'), 'INVALID_ARGUMENT', "'maybe'"),
    (lambda t: t.add_computed_column(count=t.n + 1), 'INVALID_COLUMN_NAME', 'method'),
    (
        lambda t: t.add_computed_column(x=t.text.astype(pxt.Int), on_error='abort'),
        'UNSUPPORTED_OPERATION',
        "'x' = text.astype(Int|'a'|row 0",
    ),
    (
        lambda t: t.add_computed_column(x=pxt.get_table('other').title.upper()),
        'UNSUPPORTED_OPERATION',
        "'title' belongs to table 'other'|use columns of 't'",
    ),
    (
        lambda t: t.add_computed_column(x=f'{pxt.get_table("other").title}!'),
        'UNSUPPORTED_OPERATION',
        "f-string|'title' belongs to table 'other'",
    ),
    (lambda t: t.drop_column('n'), 'UNSUPPORTED_OPERATION', "'double' is computed from it"),
    (lambda t: t.drop_column('m'), 'COLUMN_NOT_FOUND', "'m'"),
    (lambda t: t.drop_column(pxt.get_table('other').title), 'COLUMN_NOT_FOUND', 'title'),
    (lambda t: pxt.get_table('keyed').drop_column('key'), 'UNSUPPORTED_OPERATION', 'primary key'),
    (lambda t: pxt.get_table('other').drop_column('title'), 'MISSING_REQUIRED', 'drop_table'),
    (lambda t: t.rename_column('n', 'text'), 'COLUMN_ALREADY_EXISTS', "'text'"),
    (lambda t: t.rename_column('m', 'x'), 'COLUMN_NOT_FOUND', "'m'"),
    (lambda t: t.rename_column('n', 'count'), 'INVALID_COLUMN_NAME', 'method'),
    (lambda t: t.rename_column('n', 'a b'), 'INVALID_COLUMN_NAME', "'a b'"),
    (lambda t: setattr(t, 'n', t.n + 1), 'UNSUPPORTED_OPERATION', 't.update()|add_computed_column'),
)
def test_columns(check, mistake) -> None:
    check(mistake)


@mistakes(
    (lambda t: t.add_embedding_index('text'), 'MISSING_REQUIRED', 'sentence_transformer.using'),
    (lambda t: t.add_embedding_index('n', embedding=len), 'TYPE_MISMATCH', "'n'|String"),
    (lambda t: t.add_embedding_index('text', embedding=len), 'INVALID_ARGUMENT', '@pxt.udf'),
    (lambda t: t.add_embedding_index('text', embedding=t.text), 'INVALID_ARGUMENT', '@pxt.udf'),
    (
        lambda t: t.add_embedding_index('text', embedding=pxt.functions.string.upper),
        'INVALID_CONFIGURATION',
        'vector|pxt.Array',
    ),
    (lambda t: t.add_embedding_index('tex', embedding=len), 'COLUMN_NOT_FOUND', "Did you mean 'text'?"),
    (lambda t: t.add_embedding_index('text', embedding=len, metric='dot'), 'INVALID_ARGUMENT', "'dot'|'cosine'"),
    (lambda t: t.add_embedding_index('text', embedding=len, precision='fp8'), 'INVALID_ARGUMENT', "'fp8'"),
    (lambda t: t.add_embedding_index('text', embedding=len, idx_name='two words'), 'INVALID_COLUMN_NAME', 'two words'),
    (lambda t: t.drop_embedding_index(), 'MISSING_REQUIRED', 'column or idx_name'),
    (lambda t: t.drop_embedding_index(idx_name='idx1'), 'INDEX_NOT_FOUND', "Did you mean 'idx0'?"),
    (lambda t: t.drop_embedding_index(column='n'), 'INDEX_NOT_FOUND', "'n'"),
    (lambda t: t.text.similarity(), 'MISSING_REQUIRED', 'exactly one'),
    (lambda t: t.text.similarity('a', vector=[1, 2]), 'UNSUPPORTED_OPERATION', 'exactly one'),
    (lambda t: t.text.similarity(5), 'UNSUPPORTED_OPERATION', '5|String'),
    (lambda t: t.text.similarity(vector=[1, 2, 3]), 'INVALID_ARGUMENT', '(3,)|(2,)'),
    (lambda t: t.text.similarity(vector='a'), 'INVALID_ARGUMENT', "'a'"),
    (lambda t: t.text.similarity('a', idx='other'), 'INDEX_NOT_FOUND', "'other'"),
    (lambda t: pxt.get_table('other').title.similarity('a'), 'INDEX_NOT_FOUND', 'add_embedding_index'),
)
def test_indexes(check, mistake) -> None:
    check(mistake)


def test_similarity_of_an_expression(world) -> None:
    with pytest.raises(pxt.Error, match='similarity'):
        world.text.upper().similarity('a')


def test_primary_key_names_a_column_twice(home) -> None:
    with pytest.raises(pxt.RequestError, match="names column 'a' twice") as error:
        pxt.create_table('twice', {'a': pxt.Int}, primary_key=['a', 'a'])
    assert error.value.error_code is pxt.ErrorCode.INVALID_ARGUMENT
