from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

import pixeltable as pxt

datasets = pytest.importorskip('datasets')


@pytest.fixture(autouse=True)
def _fresh_home(home) -> None:
    pass


@pytest.fixture
def dataset():
    features = datasets.Features(
        {
            'Text Body': datasets.Value('string'),
            'label': datasets.ClassLabel(names=['no', 'yes']),
            'vector': datasets.Sequence(datasets.Value('float32'), length=2),
            'tags': datasets.Sequence(datasets.Value('string')),
            'meta': {'a': datasets.Value('int64')},
            'grid': datasets.Array2D((2, 2), 'float32'),
            'picture': datasets.Image(),
        }
    )
    picture = PIL.Image.new('RGB', (3, 2), 'red')
    rows = [
        {'Text Body': 'one', 'label': 1, 'vector': [1, 2], 'tags': ['x', 'y'], 'meta': {'a': 1}, 'grid': [[1, 2], [3, 4]],
         'picture': picture},
        {'Text Body': None, 'label': 0, 'vector': [3, 4], 'tags': [], 'meta': {'a': None}, 'grid': [[0, 0], [0, 0]],
         'picture': None},
    ]  # fmt: skip
    return datasets.Dataset.from_list(rows, features=features)


def test_a_table_from_a_dataset(dataset) -> None:
    t = pxt.create_table('t', source=dataset)
    types = {name: column['type_'].removesuffix(' | None') for name, column in t.get_metadata()['columns'].items()}
    assert (types['text_body'], types['label'], types['vector']) == ('String', 'String', 'Array[(2,), float32]')
    assert (types['grid'], types['meta'], types['picture']) == ('Array[(2, 2), float32]', 'Json', 'Image')
    first, second = t.order_by(t.label, asc=False).collect()
    assert (first['text_body'], first['label'], first['meta'], list(first['tags'])) == (
        'one',
        'yes',
        {'a': 1},
        ['x', 'y'],
    )
    assert np.array_equal(first['grid'], [[1, 2], [3, 4]])
    assert first['picture'].size == (3, 2)
    assert (second['picture'], second['text_body']) == (None, None)


def test_splits_and_insertion(dataset) -> None:
    splits = datasets.DatasetDict({'train': dataset, 'test': dataset.select([0])})
    t = pxt.create_table('t', source=splits, extra_args={'column_name_for_split': 'part'})
    assert sorted(t.collect()['part']) == ['test', 'train', 'train']
    plain = pxt.create_table('plain', {'label': pxt.String})
    plain.insert(dataset.select_columns(['label']))
    assert plain.collect()['label'] == ['yes', 'no']


def test_a_stream(dataset) -> None:
    t = pxt.create_table('t', source=dataset.to_iterable_dataset())
    assert t.collect()['label'] == ['yes', 'no']
    unknown = datasets.IterableDataset.from_generator(lambda: iter([{'a': 1}, {'a': 2}]))
    assert pxt.create_table('u', source=unknown).collect()['a'] == [1, 2]
