"""Runs of models that are graded: scores, a report by model, what changed since a snapshot."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pxt.udf
def exact(answer: str | None, gold: str) -> bool:
    return answer is not None and answer.strip().lower() == gold.strip().lower()


@pxt.udf
def f1(answer: str, gold: str) -> float:
    given, wanted = set(answer.split()), set(gold.split())
    return 2 * len(given & wanted) / (len(given) + len(wanted))


@pxt.udf
def report(model: str, rows: list[dict]) -> dict:
    return {'model': model, 'n': len(rows), 'ok': sum(row['em'] for row in rows)}


@pytest.fixture
def runs(home) -> pxt.Table:
    types = {'model': pxt.String, 'q': pxt.String, 'answer': pxt.String | None, 'gold': pxt.String}
    runs = pxt.create_table('runs', types)
    runs.add_computed_column(em=exact(runs.answer, runs.gold))
    runs.add_computed_column(f1=f1(runs.answer, runs.gold))
    runs.insert(
        [
            {'model': 'm1', 'q': 'a', 'answer': 'the cat', 'gold': 'The cat '},
            {'model': 'm1', 'q': 'b', 'gold': 'dog'},
            {'model': 'm2', 'q': 'a', 'answer': 'a cat', 'gold': 'The cat'},
            {'model': 'm2', 'q': 'b', 'answer': 'dog', 'gold': 'dog'},
        ]
    )
    return runs


def test_scores(runs: pxt.Table) -> None:
    scores = runs.group_by(runs.model).select(
        runs.model, em=pxtf.sum(runs.em.astype(pxt.Int)), f=pxtf.mean(runs.f1), n=pxtf.count(runs.f1)
    )
    found = scores.order_by(runs.model).collect()
    assert [tuple(row.values()) for row in found] == [('m1', 1, 0.5, 1), ('m2', 1, 0.75, 2)]
    assert runs.where(~runs.em & (runs.f1 != None)).select(runs.model, runs.q).collect() == [  # noqa: E711
        {'model': 'm2', 'q': 'a'}
    ]


def test_a_report_is_made_again(runs: pxt.Table) -> None:
    @pxt.query
    def rows_of(model: str):
        return runs.where(runs.model == model).order_by(runs.q).select(runs.q, runs.em)

    models = pxt.create_table('models', {'name': pxt.String})
    models.insert([{'name': 'm1'}, {'name': 'm3'}])
    models.add_computed_column(evals=rows_of(models.name))
    models.add_computed_column(rep=report(models.name, models.evals))
    shown = models.order_by(models.name).select(models.rep.ok, models.evals['*'].em, models.evals[0].q)
    assert [tuple(row.items()) for row in shown.collect()] == [
        (('rep_ok', 1), ('evals_star_em', [True, False]), ('evals_0_q', 'a')),
        (('rep_ok', 0), ('evals_star_em', []), ('evals_0_q', None)),
    ]
    runs.insert([{'model': 'm3', 'q': 'z', 'answer': 'x', 'gold': 'x'}])
    models.recompute_columns('evals')
    assert models.where(models.name == 'm3').collect()['rep'] == [{'model': 'm3', 'n': 1, 'ok': 1}]


def test_what_changed_since_a_snapshot(runs: pxt.Table) -> None:
    before = pxt.create_snapshot('runs_v1', runs)
    runs.update({'answer': 'dog'}, where=runs.answer == None)  # noqa: E711
    both = runs.join(before, on=(runs.q == before.q) & (runs.model == before.model))
    changed = both.where((runs.em == True) & (before.em == False))  # noqa: E712
    assert changed.select(runs.model, runs.q, runs.f1).collect() == [{'model': 'm1', 'q': 'b', 'f1': 1.0}]
