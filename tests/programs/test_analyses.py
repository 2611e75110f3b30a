"""A study: rows out of files, a model's judgements in Json, tables for pandas, and files for others."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf

pandas = pytest.importorskip('pandas')


@pxt.udf
def judge(answer: str, expected: str) -> dict:
    right = answer.lower() == expected.lower()
    return {'score': 5 if right else 2, 'confidence': 0.9 if right else 0.25, 'reason': 'same' if right else 'other'}


@pytest.fixture
def answers(home, tmp_path: Path) -> pxt.Table:
    frame = pandas.DataFrame(
        {
            'Question No': [1, 2, 3, 4],
            'Answer': ['Paris', 'four', None, 'Blue'],
            'expected': ['paris', '4', 'x', 'blue'],
            'seconds': [1.5, None, 2.5, 0.5],
        }
    )
    frame.to_csv(tmp_path / 'answers.csv', index=False)
    answers = pxt.io.import_csv('answers', str(tmp_path / 'answers.csv'), primary_key='question_no')
    answers.add_computed_column(judged=judge(answers.answer, answers.expected))
    answers.add_computed_column(percent=(answers.judged.confidence * 100.0).round())
    return answers


def test_pandas_calculates_with_what_is_in_json(answers: pxt.Table) -> None:
    a = answers
    assert a.columns() == ['question_no', 'answer', 'expected', 'seconds', 'judged', 'percent']
    scored = a.where(a.judged != None).order_by(a.question_no)  # noqa: E711
    frame = scored.select(a.question_no, score=a.judged.score, sure=a.judged.confidence, why=a.judged.reason).collect()
    frame = frame.to_pandas()
    assert frame.dtypes.astype(str).to_dict() == {
        'question_no': 'int64',
        'score': 'int64',
        'sure': 'float64',
        'why': 'str',
    }
    assert frame.nlargest(1, 'sure')['question_no'].tolist() == [1]
    assert frame.groupby('why')['score'].mean().to_dict() == {'same': 5.0, 'other': 2.0}
    assert frame.corr(numeric_only=True).shape == (3, 3)
    assert a.order_by(a.question_no).collect()['percent'] == [90.0, 25.0, None, 90.0]
    means = a.select(n=pxtf.count(a.judged), mean=pxtf.mean(a.judged.score), time=pxtf.sum(a.seconds)).collect()
    assert list(means) == [{'n': 3, 'mean': 4.0, 'time': 4.5}]


def test_what_is_written_is_read_again(answers: pxt.Table, tmp_path: Path) -> None:
    a = answers
    shown = a.order_by(a.question_no).select(a.question_no, a.answer, a.judged)
    pxt.io.export_csv(shown, tmp_path / 'out.csv')
    with open(tmp_path / 'out.csv', newline='') as file:
        lines = list(csv.DictReader(file))
    assert [json.loads(line['judged'] or 'null') for line in lines] == shown.collect()['judged']
    pxt.io.export_json(shown, tmp_path / 'out.jsonl')
    again = pxt.create_table('again', source=str(tmp_path / 'out.jsonl'), primary_key='question_no')
    assert again.order_by(again.question_no).collect() == shown.collect()
    pxt.io.export_parquet(a.select(a.question_no, a.answer, a.percent), tmp_path / 'parts')
    parts = pxt.io.import_parquet('parts', parquet_path=str(tmp_path / 'parts'))
    assert parts.where(parts.percent > 50).count() == 2
    again.insert(a.where(a.question_no == 1).select(question_no=a.question_no + 10, answer=a.answer, judged=a.judged))
    assert again.tail(1)[0]['question_no'] == 11
