"""States as Arrow tables that any engine adds up, and tables that are no states."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve, field, frozen

import kpi
from kpi.rules import about
from kpi.sample import sample
from tests.builders import average, plan, spans, within

PLANS = [
    path
    for path in sorted((Path(__file__).parents[2] / "examples" / "plans").glob("*.toml"))
    if not path.name.endswith(".expected.toml")
]


def in_sql(states: Sequence[kpi.State]) -> pa.Table:
    """Return the rows of states added up by DuckDB, which knows their columns and nothing else."""
    rows = pa.concat_tables([state.to_arrow() for state in states])
    keys = ", ".join(f'"{name}"' for name in rows.column_names if name != "n")
    with duckdb.connect() as connection:
        query = f"SELECT {keys}, SUM(n) AS n FROM rows GROUP BY {keys}"  # noqa: S608 - our own columns
        found = connection.sql(query)
        assert found is not None, "a query gives a table"
        summed = found.to_arrow_table()
    return summed.replace_schema_metadata(rows.schema.metadata)


def thirds(tables: Mapping[str, pl.DataFrame]) -> list[dict[str, pl.DataFrame]]:
    return [
        {name: rows.filter(pl.int_range(pl.len()) % 3 == n) for name, rows in tables.items()}
        for n in range(3)
    ]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_sql_that_groups_and_sums_is_a_merge(path: Path) -> None:
    asked = kpi.load_plan(path)
    first, last = asked.period.closed
    # In two of the plans cases are open; the last batch lacks the tables of pauses.
    day = first + (last - first) / 2 if path.stem in ("us-2017", "uk-foi") else last
    batches = thirds(sample(asked, 90, seed=5))
    batches[2] = {n: rows for n, rows in batches[2].items() if asked.table(n).pauses is None}
    states = [
        kpi.partial(asked, batch, day, every="quarter", batch=str(n), fingerprint=True)
        for n, batch in enumerate(batches)
    ]
    merged, summed = kpi.merge(states), kpi.State.from_arrow(in_sql(states))
    assert summed == merged
    result = kpi.finish(summed)
    assert result == kpi.finish(merged)
    assert result.plan == asked
    assert result.fingerprints == kpi.finish(merged).fingerprints
    assert summed.batch_names == ("0", "1", "2")
    assert summed.batches == 3


ACTIONS = kpi.Table("actions", key="id", entry="done")
PERSONS = kpi.Plan(
    id="p",
    period="2017",
    tables=[ACTIONS],
    targets=[
        kpi.Count(id="t", table="actions", distinct="person", requires={"at_least": 3}),
    ],
)


def actions(*rows: tuple[Any, str, str], kind: Any = pl.String) -> pl.DataFrame:
    made = pl.DataFrame(rows, schema=["id", "person", "office"], orient="row")
    return made.with_columns(pl.col("id").cast(kind), done=pl.date(2017, 1, 1))


@pytest.mark.parametrize("kind", [pl.String, pl.Int16, pl.Categorical, pl.Enum(["3", "2", "1"])])
def test_s23_sql_counts_a_person_once_in_the_group_of_the_first_row(kind: Any) -> None:
    # By the key A's first row is 1, in the north; B's is 2, in the south.
    batches = [
        actions(("3", "A", "south"), ("2", "B", "south"), kind=kind),
        actions(("1", "A", "north"), kind=kind),
    ]
    states = [kpi.partial(PERSONS, {"actions": batch}, by="office") for batch in batches]
    for order in (states, states[::-1]):
        found = kpi.finish(kpi.State.from_arrow(in_sql(order)))["t"]
        assert {g.group["office"]: g.counted for g in found.groups} == {"north": 1, "south": 1}
        assert (found.counted, found.excluded) == (2, {"counted already": 1})


def test_s23_sql_counts_a_person_once_without_a_break_down() -> None:
    batches = [actions(("1", "A", "north"), ("2", "B", "south")), actions(("3", "A", "south"))]
    states = [kpi.partial(PERSONS, {"actions": batch}) for batch in batches]
    found = kpi.State.from_arrow(in_sql(states))
    assert found == kpi.merge(states)
    assert kpi.finish(found)["t"].counted == 2


@pytest.mark.parametrize(
    "key",
    [
        pl.Series([True, False]),
        pl.Series(["2017-01-02", "2017-01-01"]).str.to_date(),
        pl.Series(["2017-01-02", "2017-01-01"]).str.to_datetime(time_unit="ms"),
        pl.Series(["2017-01-02", "2017-01-01"]).str.to_datetime(time_zone="Europe/Copenhagen"),
        pl.Series(["a\x1fb\x1b1", "\x1b0"]),
        pl.Series([10, 9]),
    ],
    ids=lambda key: str(key.dtype),
)
def test_keys_of_every_type_travel(key: pl.Series) -> None:
    frame = actions(("1", "A", "north"), ("2", "B", "south")).with_columns(id=key)
    state = kpi.partial(PERSONS, {"actions": frame}, by="office")
    travelled = kpi.State.from_arrow(state.to_arrow())
    assert travelled == state
    name = "kpi:key 0"
    assert travelled.values["t"].sort(name)[name].equals(state.values["t"].sort(name)[name])


def test_s23_keys_of_two_types_do_not_add_up() -> None:
    batches = [actions(("1", "A", "north")), actions(("1", "A", "north"), kind=pl.Int64)]
    states = [kpi.partial(PERSONS, {"actions": batch}, by="office") for batch in batches]
    with pytest.raises(kpi.DataError, match="target t: the key holds number in one batch and text"):
        kpi.State.from_arrow(in_sql(states))


def test_a_group_of_each_type_travels() -> None:
    frame = spans(("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-04"))
    for values, dtype in (
        (pl.Series([1, 2], dtype=pl.UInt8), pl.Int64),
        (pl.Series(["a", "b"], dtype=pl.Categorical), pl.String),
        (pl.Series([True, False]), pl.Boolean),
        (pl.Series(["2017-01-01", None]).str.to_date(), pl.Date),
        (pl.Series([None, None]), pl.String),
    ):
        state = kpi.partial(plan(average()), frame.with_columns(target=values), by=())
        assert kpi.State.from_arrow(state.to_arrow()) == state
        state = kpi.partial(plan(average()), frame.with_columns(section=values), by="section")
        table = state.to_arrow()
        assert pl.from_arrow(table).schema["by_section"] == dtype  # type: ignore[union-attr]  # a frame
        travelled = kpi.State.from_arrow(table)
        assert travelled == state
        assert kpi.finish(travelled) == kpi.finish(state)


def test_a_state_needs_no_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "limits.csv").write_text("table,case_type,limit\ncases,visa,2 days\n", "utf-8")
    text = """
        id = "p"
        period = "2017"
        [tables.cases]
        key = "case_id"
        entry = "filed"
        events = ["decided"]
        [[targets]]
        id = "t"
        rule = "within"
        start = "filed"
        end = "decided"
        limit = { file = "limits.csv", by = "case_type" }
        threshold = 90
    """
    (tmp_path / "plan.toml").write_text(text, "utf-8")
    asked = kpi.load_plan(tmp_path / "plan.toml")
    frame = spans(("2017-01-01", "2017-01-02")).with_columns(case_type=pl.lit("visa"))
    table = kpi.partial(asked, frame).to_arrow()
    (tmp_path / "limits.csv").unlink()
    travelled = kpi.State.from_arrow(table)
    assert travelled.plan == asked
    assert kpi.finish(travelled)["t"].met == 1
    without = {**json.loads(table.schema.metadata[b"kpi.state"])["plan"], "limits": []}
    said = "limits.csv: its limits by case_type for the table cases are not there"
    with pytest.raises(kpi.DataError, match=f"its plan cannot be read: .*{said}"):
        kpi.State.from_arrow(with_header(table, plan=without))


def test_what_a_header_says() -> None:
    frame = spans(("2017-01-01", "2017-01-02"))
    state = kpi.partial(plan(average()), frame, "2017-06-30", every="month", batch="May")
    header = json.loads(state.to_arrow().schema.metadata[b"kpi.state"])
    assert {key: header[key] for key in ("format", "kpi", "as_of", "by", "every", "rolling")} == {
        "format": 1,
        "kpi": kpi.__version__,
        "as_of": "2017-06-30",
        "by": [],
        "every": "month",
        "rolling": None,
    }
    assert (header["tables"], header["batches"]) == (["cases"], ["May"])
    result = kpi.evaluate(plan(average()), frame)
    assert header["fingerprint"] == result.to_dict()["fingerprint"]["plan"]["sha256"]
    assert repr(state).startswith("<State p, as of 2017-06-30, every month: 1 batch (May), ")


def test_equal_states() -> None:
    frame = spans(("2017-01-01", "2017-01-02"), ("2017-01-01", "2017-01-05"))
    state = kpi.partial(plan(average()), frame)
    again = kpi.partial(plan(average()), frame[::-1])
    assert (state == again, hash(state) == hash(again)) == (True, True)
    assert len({state, again, kpi.State.from_arrow(again.to_arrow())}) == 1
    for engine in ("in-memory", "streaming"):
        assert kpi.partial(plan(average()), frame, engine=engine) == state
    assert state != kpi.partial(plan(average()), frame[:1])
    assert state != kpi.partial(plan(average()), frame, batch="May")
    assert state != kpi.partial(plan(average()), frame, "2017-12-31")
    assert state != "state"


def test_many_states_merge_as_two_do() -> None:
    frame = spans(*(("2017-01-01", f"2017-01-{day:02}") for day in range(1, 10)))
    states = [kpi.partial(plan(average()), frame[n : n + 1]) for n in range(9)]
    merged = kpi.merge(states)
    one = states[0]
    for other in states[1:]:
        one = kpi.merge(one, other)
    assert merged == one == kpi.merge(*states) == kpi.merge(iter(states))
    # 0 + 1 + ... + 8 days.
    assert (kpi.finish(merged)["t"].total, kpi.finish(merged)["t"].counted) == (36, 9)
    assert kpi.merge([one]) is one
    with pytest.raises(kpi.DataError, match="merge: found no state; give at least one"):
        kpi.merge([])


FRAME = spans(("2017-01-01", "2017-01-02"))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (lambda: kpi.partial(plan(within()), FRAME), r"state 2: is of the plan p \(\w{16}\), and"),
        (lambda: kpi.partial(plan(average()), FRAME, "2017-05-01"), "is as of 2017-05-01, and state 1 as of 2017-12-31"),
        (lambda: kpi.partial(plan(average()), FRAME, by="case_type"), "state 2: is broken down by case_type, and state 1 broken down by nothing"),
        (lambda: kpi.partial(plan(average()), FRAME, every="month"), "by periods of month, and"),
        (lambda: kpi.partial(plan(average()), FRAME, every="month", rolling="2 months"), "month, rolling 2 months"),
    ],
)  # fmt: skip
def test_states_of_two_questions_are_refused(other: Callable[[], kpi.State], said: str) -> None:
    one = kpi.partial(plan(average()), FRAME)
    with pytest.raises(kpi.DataError, match=said):
        kpi.merge(one, other())
    tables = [one.to_arrow(), other().to_arrow()]
    if tables[0].schema == tables[1].schema:
        with pytest.raises(kpi.DataError, match="state: its rows are of several questions: "):
            kpi.State.from_arrow(pa.concat_tables(tables))


def test_a_batch_is_in_a_state_once() -> None:
    one, two = (kpi.partial(plan(average()), FRAME, batch=name) for name in ("May", "June"))
    assert kpi.merge(one, two).batch_names == ("June", "May")
    said = "state 3: holds the batch 'May', which state 1 holds already; merge each batch once"
    with pytest.raises(kpi.DataError, match=said):
        kpi.merge(one, two, one)
    with pytest.raises(kpi.DataError, match="the batch 'May' is added up in it 2 times"):
        kpi.State.from_arrow(in_sql([one, two, one]))
    with pytest.raises(kpi.DataError, match="batch: found ' '; accepted: a name"):
        kpi.partial(plan(average()), FRAME, batch=" ")
    with pytest.raises(kpi.DataError, match="batch: found 5; accepted: a name"):
        kpi.partial(plan(average()), FRAME, batch=5)  # type: ignore[arg-type]  # the mistake


def with_header(table: pa.Table, **changes: Any) -> pa.Table:
    header = {**json.loads(table.schema.metadata[b"kpi.state"]), **changes}
    return table.replace_schema_metadata({"kpi.state": json.dumps(header)})


def with_n(table: pa.Table, n: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index("n"), "n", n)


def stricter(table: pa.Table) -> dict[str, Any]:
    plan_of = json.loads(table.schema.metadata[b"kpi.state"])["plan"]
    return {**plan_of, "toml": plan_of["toml"].replace("30 days", "40 days")}


def other_rule(table: pa.Table) -> dict[str, Any]:
    plan_of = json.loads(table.schema.metadata[b"kpi.state"])["plan"]
    return {**plan_of, "toml": plan_of["toml"].replace('"average"', '"longest"')}


def identity(table: pa.Table, text: str | None) -> pa.Table:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    asked = pl.col("quantity") == "question"
    changed = frame.with_columns(pl.when(asked).then(pl.lit(text)).otherwise("item").alias("item"))
    return changed.to_arrow().replace_schema_metadata(table.schema.metadata)


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (lambda _: "table", "state: found str; accepted: an Arrow table"),
        (lambda t: t.replace_schema_metadata({}), "is no state of kpi: it has no header"),
        (lambda t: t.replace_schema_metadata({"kpi.state": "[["}), "its header cannot be read"),
        (lambda t: t.replace_schema_metadata({"kpi.state": "[]"}), "its header cannot be read"),
        (lambda t: with_header(t, format="1"), "its header cannot be read"),
        (lambda t: with_header(t, format=2, kpi="0.9"), "of format version 2, written by kpi 0.9, and kpi .* reads version 1; read it with that kpi"),
        (lambda t: with_header(t, by=None), "by in its header is missing or wrong"),
        (lambda t: with_header(t, by=[1]), "by in its header is missing or wrong"),
        (lambda t: with_header(t, every=1), "every in its header is missing or wrong"),
        (lambda t: with_header(t, plan={"toml": 3}), "plan in its header is missing or wrong"),
        (lambda t: with_header(t, plan=stricter(t)), "its plan p is not the one that it was made with"),
        (lambda t: with_header(t, plan=other_rule(t)), "its plan cannot be read: .*install the packages of its rules"),
        (lambda t: with_header(t, as_of="2018-01-01"), "several questions: as of 2017-12-31 beside 2018-01-01"),
        (lambda t: with_header(t, as_of="soon"), "several questions: as of 2017-12-31 beside soon"),
        (lambda t: t.drop_columns(["n"]), "it has no column n"),
        (lambda t: t.append_column("file", t["section"]), "it has a column file too many"),
        (lambda t: with_n(t, t["n"].cast(pa.float64())), "n holds Float64; add it up as whole numbers"),
        (lambda t: with_n(t, pa.nulls(t.num_rows, pa.int64())), "n holds nulls"),
        (lambda t: with_n(t, pa.array(range(t.num_rows))), "rows are missing or were changed"),
        (lambda t: t.slice(9), "rows are missing or were changed"),
        (lambda t: t.slice(0, 0), "its rows name no question"),
        (lambda t: identity(t, "{}"), "its question cannot be read"),
        (lambda t: identity(t, None), "its question cannot be read"),
        (lambda t: t.set_column(t.column_names.index("period"), "period", pa.array(["x"] * t.num_rows)), "is no state of kpi: "),
    ],
)  # fmt: skip
def test_a_table_that_is_no_state_is_refused_in_a_line(
    hostile: Callable[[pa.Table], Any], said: str
) -> None:
    table = kpi.partial(plan(average()), FRAME).to_arrow()
    with pytest.raises(kpi.DataError, match=said) as caught:
        kpi.State.from_arrow(hostile(table))
    assert "\n" not in str(caught.value)


def test_a_group_of_another_type_is_refused() -> None:
    state = kpi.partial(plan(average()), FRAME.with_columns(o=pl.lit("a")), by="o")
    table = state.to_arrow()
    floats = pa.array([1.5] * table.num_rows)
    changed = table.set_column(table.column_names.index("by_o"), "by_o", floats)
    with pytest.raises(kpi.DataError, match="column by_o holds Float64"):
        kpi.State.from_arrow(changed)


def test_sums_may_come_as_decimals_and_from_any_engine() -> None:
    state = kpi.partial(plan(average()), FRAME)
    table = state.to_arrow()
    exact = pa.array([Decimal(n) for n in table["n"].to_pylist()], pa.decimal128(38, 0))
    assert kpi.State.from_arrow(with_n(table, exact)) == state

    @frozen
    class Handed:
        table: pa.Table

        def __arrow_c_stream__(self, requested: object = None) -> object:
            return self.table.__arrow_c_stream__(requested)

    assert kpi.State.from_arrow(Handed(table)) == state


def test_a_rule_of_python_alone_cannot_travel() -> None:
    @frozen(kw_only=True)
    class Own(kpi.Average):
        rule = "own"

        most: int = field(default=3, metadata=about("The most days.", {"type": "integer"}))

    asked = plan(average())
    own = evolve(asked, targets=[Own(id="t", start="filed", end="decided", limit="30 days")])
    state = kpi.partial(own, FRAME)
    with pytest.raises(kpi.PlanError, match="plan p: the rule of t is in no entry point"):
        state.to_arrow()
