"""Chats: messages and users, what was said last as context, directories that are moved."""

from __future__ import annotations

import datetime

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf

START = datetime.datetime(2024, 5, 1, 10, tzinfo=datetime.UTC)


@pxt.udf
def conversation(past: list[dict], prompt: str) -> list[dict]:
    return [*reversed(past), {'role': 'user', 'content': prompt}]


@pytest.fixture
def messages(home) -> pxt.Table:
    pxt.create_dir('chat/logs', parents=True)
    types = {'user': pxt.String, 'role': pxt.String, 'content': pxt.String, 'at': pxt.Timestamp}
    messages = pxt.create_table('chat/logs/messages', types | {'meta': pxt.Json[{'tokens': pxt.Int}] | None})
    messages.insert(
        {
            'user': f'u{n % 2 + 1}',
            'role': 'assistant' if n % 2 else 'user',
            'content': f'message {n} about {"cats" if n % 3 else "dogs"}',
            'at': START + datetime.timedelta(minutes=n),
            'meta': {'tokens': n * 10},
        }
        for n in range(8)
    )
    return messages


@pytest.fixture
def users(messages: pxt.Table) -> pxt.Table:
    users = pxt.create_table('chat/users', {'name': pxt.String, 'plan': pxt.String | None}, primary_key='name')
    users.insert([{'name': 'u1', 'plan': 'pro'}, {'name': 'u2'}, {'name': 'u3', 'plan': 'free'}])
    return users


def test_tokens_of_users(messages: pxt.Table, users: pxt.Table) -> None:
    m, u = messages, users
    spent = u.join(m, on=u.name == m.user, how='left').group_by(u.name)
    totals = spent.select(u.name, n=pxtf.count(m.content), tokens=pxtf.sum(m.meta.tokens)).order_by(u.name).collect()
    assert [tuple(row.values()) for row in totals] == [('u1', 4, 120), ('u2', 4, 160), ('u3', 0, None)]
    assert m.where(m.meta.tokens > 30).select(t=m.meta.tokens + 1).order_by(m.at).collect()['t'] == [41, 51, 61, 71]
    with pytest.raises(pxt.Error, match='tokens'):
        m.insert([{'user': 'u1', 'role': 'user', 'content': 'x', 'at': START, 'meta': {'tokens': 'many'}}])


def test_what_was_said_last_is_the_context(messages: pxt.Table, users: pxt.Table) -> None:
    @pxt.query
    def last(user: str, n: int):
        of_user = messages.where(messages.user == user).order_by(messages.at, asc=False).limit(n)
        return of_user.select(messages.role, messages.content)

    users.add_computed_column(past=last(users.name, 2))
    users.add_computed_column(chat=conversation(users.past, 'hello ' + users.name))
    shown = users.order_by(users.name).select(users.chat[-1].content, said=users.chat['*'].content).collect()
    assert shown[0]['said'] == ['message 4 about cats', 'message 6 about dogs', 'hello u1']
    assert shown['chat_1_content'] == ['hello u1', 'hello u2', 'hello u3']
    pxt.move('chat/logs', 'chat/archive')
    messages.insert([{'user': 'u3', 'role': 'user', 'content': 'first', 'at': START}])
    users.recompute_columns('past')
    assert users.where(users.name == 'u3').collect()[0]['chat'][0]['content'] == 'first'
    assert pxt.list_tables('chat') == ['chat/archive/messages', 'chat/users']
