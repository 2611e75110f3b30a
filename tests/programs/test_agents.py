"""An agent: a model asks for tools, and answers with what they gave; a call that fails is made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from wire import Reply, Request, Wire

import pixeltable as pxt
from pixeltable.functions import openai

pytestmark = [pytest.mark.needs('openai'), pytest.mark.filterwarnings('ignore::pixeltable.errors.PixeltableWarning')]
CHAT = '/v1/chat/completions'


@pxt.udf
def stock_price(ticker: str) -> float:
    """Today's price of a stock."""
    return {'NVDA': 131.5, 'AAPL': 20.0}[ticker]


@pxt.udf
def with_results(question: str, results: dict) -> list[dict]:
    found = {name: values for name, values in results.items() if values}
    return [{'role': 'user', 'content': f'{question} {json.dumps(found, sort_keys=True)}'}]


def model(request: Request) -> dict[str, Any]:
    """Asks for all tools when it is offered any, else repeats what it was told."""
    calls = [('stock_price', {'ticker': 'NVDA'}), ('stock_price', {'ticker': 'AAPL'}), ('people', {'name': 'bob'})]
    functions = [{'name': name, 'arguments': json.dumps(arguments)} for name, arguments in calls]
    message: dict[str, Any] = {'role': 'assistant', 'content': f'told: {request.body["messages"][-1]["content"]}'}
    if request.body.get('tools') and 'price' in message['content']:
        asked = [{'id': f'c{n}', 'type': 'function', 'function': each} for n, each in enumerate(functions)]
        message |= {'content': None, 'tool_calls': asked}
    choices = [{'index': 0, 'message': message, 'finish_reason': 'stop'}]
    usage = {'prompt_tokens': 5, 'completion_tokens': 2, 'total_tokens': 7}
    return {'id': 'x', 'object': 'chat.completion', 'created': 1, 'model': 'm', 'choices': choices, 'usage': usage}


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    with Wire() as wire:
        monkeypatch.setenv('OPENAI_API_KEY', 'key')
        monkeypatch.setenv('OPENAI_BASE_URL', f'{wire.url}/v1')
        wire.says(CHAT, model)
        yield wire


@pytest.fixture
def agent(home, wire: Wire) -> pxt.Table:
    people = pxt.create_table('people', {'name': pxt.String, 'age': pxt.Int | None})
    people.insert([{'name': 'ann', 'age': 3}, {'name': 'bob', 'age': 5}])
    lookup = pxt.retrieval_udf(people, name='people', description='Finds people.', parameters=['name'])
    tools = pxt.tools(stock_price, lookup)
    agent = pxt.create_table('agent', {'prompt': pxt.String})
    first = openai.chat_completions(
        messages=[{'role': 'user', 'content': agent.prompt}],
        model='gpt-4o-mini',
        tools=tools,
        tool_choice=tools.choice(auto=True),
        model_kwargs={'max_tokens': 100},
    )
    agent.add_computed_column(response=first)
    agent.add_computed_column(results=openai.invoke_tools(tools, agent.response))
    agent.add_computed_column(messages=with_results(agent.prompt, agent.results))
    agent.add_computed_column(last=openai.chat_completions(agent.messages, model='gpt-4o-mini'))
    agent.add_computed_column(answer=agent.last.choices[0].message.content)
    return agent


def test_tools_are_called_and_their_results_are_told(agent: pxt.Table, wire: Wire) -> None:
    agent.insert([{'prompt': 'which price?'}, {'prompt': 'just talk'}])
    rows = agent.order_by(agent.prompt).select(agent.answer, agent.results, agent.response.usage.total_tokens).collect()
    assert rows['results'] == [
        {'stock_price': None, 'people': None},
        {'stock_price': [131.5, 20.0], 'people': [[{'name': 'bob', 'age': 5}]]},
    ]
    assert rows['answer'][0] == 'told: just talk {}'
    assert rows['answer'][1].startswith('told: which price? {"people": [[{')
    assert rows.to_pandas()['response_usage_totaltokens'].sum() == 14
    prices = agent.where(agent.results.stock_price != None)  # noqa: E711
    assert prices.select(agent.results.stock_price[0], agent.results['people'][0][0].age).collect()[0] == {
        'results_stockprice0': 131.5,
        'results_people00_age': 5,
    }
    asked = next(each.body for each in wire.requests if 'tools' in each.body)
    assert [tool['function']['name'] for tool in asked['tools']] == ['stock_price', 'people']
    assert (asked['tool_choice'], asked['max_tokens']) == ('auto', 100)


def test_a_call_that_fails_is_made_again(agent: pxt.Table, wire: Wire) -> None:
    wire.says(CHAT, Reply({'error': {'message': 'no such thing', 'type': 'invalid_request_error'}}, 400))
    with pytest.raises(pxt.exceptions.Error, match='no such thing'):
        agent.insert([{'prompt': 'a'}], on_error='abort')
    status = agent.insert([{'prompt': 'a'}], on_error='ignore')
    assert (status.num_rows, status.cols_with_excs[0]) == (1, 'agent.response')
    failed = agent.where((agent.answer == None) & (agent.response.errortype != None))  # noqa: E711
    assert failed.count() == 1
    wire.says(CHAT, model)
    assert agent.recompute_columns('response', errors_only=True).num_rows == 1
    assert agent.collect()['answer'] == ['told: a {}']
