"""One program of inserts, queries and searches, for whichever `pixeltable` this interpreter has. Prints name, tab, time."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

started = time.perf_counter()
import pixeltable as pxt  # noqa: E402

imported = time.perf_counter() - started

import versus_functions as functions  # noqa: E402

ROWS = 100_000
VECTORS = 20_000


def report(name: str, seconds: float) -> None:
    print(f'{name}\t{seconds * 1e3:.4f}', flush=True)


def clock(work: Callable[[], Any], times: int = 1) -> float:
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return median(taken)


def people(first: int, count: int) -> list[dict[str, Any]]:
    return [{'number': n, 'name': f'person number {n}', 'weight': n / 4} for n in range(first, first + count)]


def tables() -> None:
    t = pxt.create_table('versus.people', {'number': pxt.Int, 'name': pxt.String, 'weight': pxt.Float})
    singles = iter(people(-500, 200))
    report('insert one row', clock(lambda: t.insert([next(singles)]), 200))
    many = people(0, ROWS)
    report('insert 100,000 rows', clock(lambda: t.insert(many)))
    report('add a computed column, arithmetic', clock(lambda: t.add_computed_column(pounds=t.weight * 2.2 + 0.5)))
    report(
        'add a computed column, Python', clock(lambda: t.add_computed_column(letters=functions.count_letters(t.name)))
    )
    report('insert 10,000 rows with both', clock(lambda: t.insert(people(ROWS, 10_000))))
    few = (t.number >= 500) & (t.number < 510)
    report('filter to 10 rows', clock(lambda: t.where(few).select(t.number, t.name).collect(), 9))
    report('count', clock(t.count, 9))
    total = pxt.functions.sum(t.weight)
    report('group and sum', clock(lambda: t.group_by(t.number % 50).select(t.number % 50, total=total).collect(), 9))
    report('two columns to pandas', clock(lambda: t.select(t.number, t.weight).collect().to_pandas(), 3))
    report('update one row', clock(lambda: t.update({'name': 'someone else'}, where=t.number == 42), 5))
    report('delete half', clock(lambda: t.delete(where=t.number % 2 == 1)))


def calls() -> None:
    t = pxt.create_table('versus.calls', {'text': pxt.String})
    t.insert([{'text': f'call {n}'} for n in range(2000)])
    report('2,000 calls that wait 50 ms', clock(lambda: t.add_computed_column(reply=functions.wait_and_shout(t.text))))


def vectors() -> None:
    t = pxt.create_table('versus.vectors', {'number': pxt.Int, 'text': pxt.String})
    t.insert([{'number': n, 'text': f'text {n}'} for n in range(VECTORS)])
    embed = functions.pretend_embedding
    report('embed and index 20,000 rows', clock(lambda: t.add_embedding_index('text', embedding=embed)))

    def nearest() -> Any:
        return t.order_by(t.text.similarity(string='text 7'), asc=False).limit(10)

    report('nearest 10', clock(lambda: nearest().select(t.number).collect(), 30))
    tenth = t.number % 10 == 4
    report('nearest 10 of a tenth', clock(lambda: nearest().where(tenth).select(t.number).collect(), 30))
    late = iter(range(50))
    report('insert one indexed row', clock(lambda: t.insert([{'number': -1, 'text': f'late {next(late)}'}]), 50))


report('import', imported)
pxt.create_dir('versus')
tables()
calls()
vectors()
