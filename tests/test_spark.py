"""Tables of Spark: the state is that of `kpi.partial` over the same rows, wherever they stand (S13, S14)."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve

import kpi
from kpi.engine.state import State
from kpi.planfile.plan_data import plan_data
from kpi.sample import sample
from kpi.spark import _Question, _Task
from tests.builders import plan, within
from tests.docs.places import name as name_of
from tests.docs.test_pages import OF_SPARK, Reader, blocks, room
from tests.engine.test_batches import FIRST, OF_FIRST, OF_SECOND, PAUSED, SECOND, requests
from tests.spark_session import spark_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [
    pytest.mark.needs("java"),
    # pandas is asked for and not used.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]
PLANS = Path(__file__).parents[1] / "examples" / "plans"
Tables = Mapping[str, pl.DataFrame]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory that relative paths of the session begin in."""
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def session(place: Path) -> Iterator[SparkSession]:
    with spark_session(place) as started:
        yield started


def of_spark(session: SparkSession, rows: pl.DataFrame) -> DataFrame:
    """A table of Spark, times of a wall clock as such."""
    plain = rows.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    return session.createDataFrame(plain.to_arrow())


def in_spark(
    session: SparkSession, asked: kpi.Plan, tables: Tables, day: str | None = None, **how: Any
) -> dict[str, Any]:
    """What comes out of tables that went to Spark."""
    frames = {name: of_spark(session, rows) for name, rows in tables.items()}
    return kpi.finish(kpi.spark.partial(asked, frames, day, **how)).to_dict()


@pytest.mark.parametrize(
    ("name", "day", "how"),
    [
        ("us-2017", "2017-06-30", {"by": "office", "fingerprint": True}),
        ("dk-building-permits", None, {"every": "quarter"}),
        ("service-desk", None, {"batch": "all"}),
    ],
)
def test_an_example_plan_is_as_over_all_rows_at_once(
    session: SparkSession, name: str, day: str | None, how: dict[str, Any]
) -> None:
    asked = kpi.load_plan(PLANS / f"{name}.toml")
    tables = sample(asked, 300, seed=5)
    # A repeated id here and there (S13), and a column to break down by.
    tables = {
        name: rows if asked.table(name).pauses else pl.concat([rows, rows.head(2)])
        for name, rows in tables.items()
    }
    first = next(iter(tables))
    office = pl.Series(["north", None, "south"]).gather(pl.int_range(tables[first].height) % 3)
    tables[first] = tables[first].with_columns(office=office)
    whole = kpi.finish(kpi.partial(asked, tables, day, **how)).to_dict()
    assert whole["notes"]
    assert in_spark(session, asked, tables, day, **how) == whole


def test_s13_a_repeated_id_is_found_wherever_its_rows_stand(session: SparkSession) -> None:
    # Case 1 takes 9 days; case 2 takes 19 days and 9 days, and its rows come out of two partitions.
    again = SECOND.with_columns(decided=dt.date(2017, 3, 10))
    frames = [of_spark(session, rows) for rows in (FIRST, SECOND, again)]
    rows = frames[0].union(frames[1]).union(frames[2])
    assert rows.rdd.getNumPartitions() == 3
    asked = plan(within("10 days", threshold="all"))
    result = kpi.finish(kpi.spark.partial(asked, rows))
    found = result["t"]
    assert (found.met, found.counted, found.excluded) == (1, 1, {"repeated id": 2})
    assert "cases: 2 rows with a repeated id, excluded; among them 2" in result.notes
    assert not [note for note in result.notes if note.code == "merged-batches"]


def test_s14_pauses_meet_their_cases_whatever_the_types_of_the_ids(session: SparkSession) -> None:
    # Case 1 takes 9 days; case 2 takes 19, paused for 4: in time as long as its pause is beside it.
    asked = evolve(PAUSED, targets=[within("15 days", pauses="requests", threshold="all")])
    ids = pl.col("case_id").cast(pl.Int32)
    some = pl.concat([FIRST, SECOND]).with_columns(ids)
    pauses = pl.concat([OF_FIRST, OF_SECOND]).with_columns(ids.cast(pl.Decimal(12, 2)))
    tables = {"cases": some, "requests": pauses}
    found = in_spark(session, asked, tables)
    (paused,) = found["targets"]
    assert (paused["met"], paused["counted"]) == (2, 2)
    assert found == kpi.evaluate(asked, tables).to_dict()
    texts = of_spark(session, some.with_columns(pl.col("case_id").cast(pl.String)))
    with pytest.raises(kpi.DataError) as error:
        kpi.spark.partial(asked, {"requests": of_spark(session, pauses), "cases": texts})
    assert str(error.value) == (
        "requests: column case_id holds decimal(12,2), and case_id in cases holds string; hold ids of "
        "one kind in both"
    )


def test_s25_a_table_without_rows_is_no_missing_table(session: SparkSession) -> None:
    both = {"cases": pl.concat([FIRST, SECOND])}
    for tables in (
        both,
        {**both, "requests": requests()},
        {"cases": FIRST.clear(), "requests": OF_FIRST},
        {"cases": FIRST.clear(), "requests": requests()},
    ):
        found = in_spark(session, PAUSED, tables)
        assert found == kpi.evaluate(PAUSED, tables).to_dict()
    assert kpi.spark.partial(PAUSED, {}).facts == {}


def test_s01_times_with_a_zone_are_days_of_the_plan_and_wall_clocks_stay(
    session: SparkSession,
) -> None:
    # 22:30 in UTC on 30 June is 0:30 on 1 July in Copenhagen: 9 days to the 10th, and not 10.
    instant = dt.datetime(2017, 6, 30, 22, 30, tzinfo=dt.UTC)
    rows = pl.DataFrame({"case_id": ["1"], "filed": [instant], "decided": [dt.date(2017, 7, 10)]})
    asked = plan(within("9 days", threshold="all"))
    found = kpi.finish(kpi.spark.partial(asked, of_spark(session, rows)))
    assert (found["t"].met, found["t"].counted) == (1, 1)
    clock = of_spark(session, rows.with_columns(pl.col("filed").dt.replace_time_zone(None)))
    assert dict(clock.dtypes)["filed"] == "timestamp_ntz"
    found = kpi.finish(kpi.spark.partial(asked, clock))
    assert (found["t"].met, found["t"].counted) == (0, 1)


def test_names_that_spark_takes_for_parts_and_names_that_differ_in_case_alone(
    session: SparkSession,
) -> None:
    asked = plan(within("10 days", where={"a.b `c`": "yes", "A.B `C`": "no"}, threshold="all"))
    rows = pl.concat([FIRST, SECOND]).with_columns(
        pl.Series("a.b `c`", ["yes", "yes"]), pl.Series("A.B `C`", ["no", "yes"])
    )
    found = in_spark(session, asked, {"cases": rows}, by="a.b `c`")
    assert found["targets"][0]["counted"] == 1
    assert found == kpi.evaluate(asked, rows, by="a.b `c`").to_dict()


TEXTS = pl.DataFrame(
    {
        "case_id": [str(n) for n in range(12)],
        "filed": ["2017-03-01"] * 12,
        "decided": ["2017-03-02", "n/a", *["soon"] * 10],
    }
)


def test_s12_a_partition_in_which_no_text_is_a_date_is_no_mistake(session: SparkSession) -> None:
    # 12 ids are in 4 partitions, of which one alone has the only date.
    asked = plan(within("10 days", threshold="all"))
    found = in_spark(session, asked, {"cases": TEXTS})
    assert found["targets"][0]["counted"] == 1
    assert "cases: 11 of 12 rows rejected: decided is not a date as %Y-%m-%d" in found["notes"]
    assert found == kpi.evaluate(asked, TEXTS).to_dict()
    bad = TEXTS.with_columns(decided=pl.lit("soon"))
    with pytest.raises(kpi.DataError, match=r"decided: no value is a date .*'soon'"):
        in_spark(session, asked, {"cases": bad})


def test_a_mistake_that_shows_in_rows_alone_is_that_of_the_whole(session: SparkSession) -> None:
    rows = pl.DataFrame({"case_id": [1.0, 1.5], "filed": ["2017-03-01"] * 2, "decided": [None] * 2})
    with pytest.raises(kpi.DataError) as error:
        in_spark(session, plan(within()), {"cases": rows})
    assert (
        str(error.value)
        == "cases: column case_id holds 1.5; a key takes text, whole numbers or dates"
    )


def test_mistakes_in_columns_and_arguments_show_before_a_task_runs(session: SparkSession) -> None:
    asked = plan(within("10 days", where={"tags": "x"}, threshold="all"))
    plain = of_spark(session, FIRST)
    rows = plain.selectExpr("*", "'x' AS tags")
    lists = plain.selectExpr("*", "array('x') AS tags")
    found: Any = FIRST
    mistakes: list[tuple[Any, dict[str, Any], str]] = [
        (
            lists,
            {},
            "cases: column tags holds array<string>, which cannot be read; convert it to text",
        ),
        (
            rows.selectExpr("case_id"),
            {},
            "cases: missing column filed, decided, tags; found case_id",
        ),
        (rows, {"by": "office"}, "cases: missing column office; found case_id, case_type"),
        (
            rows.selectExpr("*", "decided"),
            {},
            "cases: column decided stands twice; drop or rename one",
        ),
        (found, {}, "one table: found polars.DataFrame; accepted: a DataFrame of Spark"),
        ({"case": rows}, {}, "unknown table 'case'; the plan p declares: cases"),
        (rows, {"every": "moon"}, "every: found 'moon'; accepted: "),
        (rows, {"batch": ""}, "batch: found ''; accepted: a name"),
    ]
    with mock.patch.object(type(rows), "mapInArrow", side_effect=AssertionError):
        for tables, how, line in mistakes:
            with pytest.raises(kpi.DataError) as error:
                kpi.spark.partial(asked, tables, **how)
            assert str(error.value).startswith(line)
        with pytest.raises(kpi.PlanError, match="as_of: "):
            kpi.spark.partial(asked, rows, "soon")


@pytest.mark.usefixtures("session")
def test_the_page_is_true(place: Path) -> None:
    reader = Reader(name_of(OF_SPARK))
    with room(place):
        for block in blocks(OF_SPARK.read_text(encoding="utf-8")):
            assert block.text == reader.real(block), f"{name_of(OF_SPARK)}:{block.line}"


def answers(asked: str, rows: pl.DataFrame, version: str = kpi.__version__) -> list[Any]:
    """What a task answers about the rows of a table, in this process: pairs (state, error)."""
    question = _Question(plan=asked, as_of=None, by=(), every=None, rolling=None, fingerprint=False)
    task = _Task(question=question, version=version, without_rows={"cases": rows.clear()})
    table = rows.to_arrow().combine_chunks().to_struct_array().combine_chunks()
    numbers = pa.array([0] * rows.height, pa.int32())
    batch = pa.RecordBatch.from_arrays([numbers, table], ["table", "table 0"])
    return [(row["state"], row["error"]) for made in task([batch]) for row in made.to_pylist()]


def test_what_a_task_answers() -> None:
    asked = json.dumps(plan_data(plan(within("10 days", threshold="all"))))
    ((state, error),) = answers(asked, TEXTS)
    assert error is None
    assert State.from_arrow(pa.ipc.open_stream(state).read_all()).facts["cases"].rows == 12
    # Other partitions may hold dates: the state is there, and what is wrong.
    ((state, error),) = answers(asked, TEXTS.tail(3))
    assert state is not None
    assert error.startswith(
        "cases: column decided: no value is a date as %Y-%m-%d (the first is 'soon')"
    )
    ((state, error),) = answers(asked, TEXTS.drop("filed"))
    assert (state, error) == (None, "cases: missing column filed; found case_id, decided")
    ((state, error),) = answers(asked, TEXTS, version="9")
    assert state is None
    assert error.startswith(f"kpi {kpi.__version__} in a task of Spark, and 9 where it was called;")
    ((state, error),) = answers(asked.replace("within", "longest"), TEXTS)
    assert state is None
    assert "unknown rule 'longest'" in error
    assert answers(asked, TEXTS.clear()) == []


def test_without_pyspark_the_extra_is_named() -> None:
    with mock.patch.dict(sys.modules, {"pyspark": None}), pytest.raises(kpi.DataError) as error:
        kpi.spark.partial(plan(within()), {})
    assert str(error.value) == "evaluating tables of Spark needs an extra: pip install 'kpi[spark]'"
