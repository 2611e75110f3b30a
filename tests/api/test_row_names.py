import pytest

import pixeltable as pxt


@pytest.fixture
def people(home) -> pxt.Table:
    table = pxt.create_table('people', {'Name': pxt.String, 'userId': pxt.Int})
    table.insert([{'name': 'Ada', 'USERID': 1}])
    return table


def test_names_in_rows_are_found_in_any_case(people) -> None:
    result = people.collect()
    for row in (result[0], next(iter(result)), people.head(1)[0], next(iter(people.cursor()))):
        assert row == {'Name': 'Ada', 'userId': 1}
        assert (row['Name'], row['name'], row['USERID'], row.get('NAME'), row.get('age', 5)) == (
            'Ada',
            'Ada',
            1,
            'Ada',
            5,
        )
        assert 'userid' in row
        assert 'age' not in row
        assert 7 not in row
        with pytest.raises(KeyError, match='age'):
            row['age']


def test_rows_without_capitals_are_plain_dicts(people) -> None:
    assert people.select(Total=people.userId).collect()[0]['total'] == 1
    assert type(people.select(total=people.userId).collect()[0]) is dict
