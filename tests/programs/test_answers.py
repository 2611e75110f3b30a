"""Answers out of documents: pieces of text, a search by meaning, what was found as context, a model's reply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


class Piece(TypedDict):
    text: str
    start: int


@pxt.iterator
def pieces(text: str, size: int = 10) -> Iterator[Piece]:
    for start in range(0, len(text), size):
        yield {'text': text[start : start + size], 'start': start}


@pxt.udf
def embed(text: str) -> pxt.Array[(8,), pxt.Float]:
    counts = np.bincount([ord(letter) % 8 for letter in text.lower()] or [0], minlength=8)
    return (counts / np.linalg.norm(counts)).astype(np.float32)


@pxt.udf
def prompt_of(context: list[dict], question: str) -> str:
    return '\n'.join([*(each['text'] for each in context), question])


@pxt.udf
def reply(messages: list[dict], model: str = 'small') -> dict:
    return {'choices': [{'message': {'content': f'{model}: {messages[-1]["content"]}'}}], 'usage': {'total_tokens': 7}}


@pytest.fixture
def docs(home) -> pxt.Table:
    pxt.create_dir('answers')
    docs = pxt.create_table('answers.docs', {'number': pxt.Int, 'body': pxt.String}, primary_key='number')
    bodies = ['The cat sat on the mat. It purred.', 'Dogs bark loudly at night.', 'Fish swim.']
    docs.insert({'number': number, 'body': body} for number, body in enumerate(bodies))
    return docs


def test_questions_are_answered_out_of_documents(docs: pxt.Table) -> None:
    chunks = pxt.create_view('answers.chunks', docs, iterator=pieces(docs.body, size=12))
    chunks.add_embedding_index('text', embedding=embed)

    @pxt.query
    def nearest(question: str, k: int = 2):
        similarity = chunks.text.similarity(string=question)
        return (
            chunks.where(similarity > 0.1).order_by(similarity, asc=False).limit(k).select(chunks.text, chunks.number)
        )

    qa = pxt.create_table('answers.qa', {'q': pxt.String})
    qa.add_computed_column(context=nearest(qa.q))
    qa.add_computed_column(prompt=prompt_of(qa.context, qa.q))
    qa.add_computed_column(response=reply([{'role': 'user', 'content': qa.prompt}], model='large'))
    qa.add_computed_column(answer=qa.response.choices[0].message.content)
    qa.insert([{'q': 'fish swim'}, {'q': 'dogs bark'}])

    answers = qa.order_by(qa.q).collect()
    assert [context[0]['text'] for context in answers['context']] == ['Dogs bark lo', 'Fish swim.']
    assert answers['answer'][0].startswith('large: Dogs bark lo\n')
    found = qa.order_by(qa.q).select(qa.context[0].number, n=pxtf.json.len(qa.context), all=qa.context['*'].number)
    assert list(found.collect()) == [
        {'context_0_number': 1, 'n': 2, 'all': [c['number'] for c in answers['context'][0]]},
        {'context_0_number': 2, 'n': 2, 'all': [c['number'] for c in answers['context'][1]]},
    ]

    docs.insert([{'number': 9, 'body': 'dogs bark'}])  # is found from now on
    best = chunks.order_by(chunks.text.similarity(string='dogs bark'), asc=False).limit(1)
    assert best.collect()['number'] == [9]
    assert qa.recompute_columns('context', where=qa.q == 'dogs bark').num_rows == 1
    assert 'dogs bark\n' in qa.where(qa.q == 'dogs bark').collect()['answer'][0]
    docs.delete(docs.number == 9)
    assert chunks.count() == 7


def test_an_agent_has_tools_and_remembers(home) -> None:
    @pxt.udf
    def weather(city: str, unit: str = 'c') -> str:
        """How the weather is."""
        return f'{city}: 20 {unit}'

    talk = pxt.create_table('talk', {'at': pxt.Int, 'session': pxt.Int, 'text': pxt.String})

    @pxt.query
    def before(session: int, at: int):
        return talk.where((talk.session == session) & (talk.at < at)).order_by(talk.at).select(talk.text)

    talk.add_computed_column(memory=before(talk.session, talk.at))
    for at, session, text in ((1, 1, 'hello'), (2, 2, 'other'), (3, 1, 'weather in Rome?')):
        talk.insert([{'at': at, 'session': session, 'text': text}])
    assert talk.order_by(talk.at).collect()['memory'] == [[], [], [{'text': 'hello'}]]

    lookup = pxt.retrieval_udf(talk, name='find', description='Finds texts.', parameters=['session'], limit=5)
    tools = pxt.tools(weather, lookup)
    described = {each['name']: each for each in tools.model_dump()}
    assert described['weather']['parameters']['required'] == ['city']
    assert described['find']['parameters']['properties'] == {'session': {'type': 'integer'}}
    as_function = pxt.udf(talk, return_value=talk.memory)
    assert talk.where(talk.at == 2).select(x=as_function(at=9, session=1, text='')).collect()['x'] == [
        [{'text': 'hello'}, {'text': 'weather in Rome?'}]
    ]
