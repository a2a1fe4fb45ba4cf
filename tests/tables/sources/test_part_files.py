"""Which files are the parts of a table, and in which order they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

import kpi
from kpi.tables.sources.files import ACCEPTED
from kpi.tables.sources.part_files import natural, partition_keys
from kpi.tables.sources.resolve import resolve_sources
from tests.builders import plan, within
from tests.commands import mistakes, run
from tests.tables.sources.many_files import EXPECTED, PLAN, ROWS, figures, spark, split, write

THREE = ("cases_2017-1.csv", "cases_2017-2.csv", "cases_2017-10.csv")
TWO_TABLES = kpi.Plan(
    id="p",
    period="2017",
    tables=[kpi.Table(n, key="case_id", entry="filed", events="decided") for n in ("cases", "old")],
    targets=[within("1 month", id="1", table="old")],
)


def order(source: object) -> list[str]:
    """The ids of the cases in the order in which the rows are read."""
    frame = resolve_sources(PLAN, source)["cases"].frame.collect()  # type: ignore[arg-type]
    return list(frame["case_id"].cast(str))


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_a_directory_as_spark_writes_it_is_one_table(suffix: str, tmp_path: Path) -> None:
    extract = tmp_path / "extract"
    directory = spark(ROWS, extract / f"cases{suffix}", suffix)
    assert figures(directory) == EXPECTED
    assert figures({"cases": directory}) == EXPECTED
    assert figures(extract) == EXPECTED
    assert figures(spark(ROWS, tmp_path / "cases", suffix)) == EXPECTED
    # By the marks alone, whatever the name of the directory.
    assert figures(spark(ROWS, tmp_path / "job-7", suffix)) == EXPECTED


def test_parts_come_in_the_natural_order_of_their_names(tmp_path: Path) -> None:
    split(ROWS, tmp_path, THREE)
    assert order(str(tmp_path / "cases_*.csv")) == list(ROWS["case_id"])
    names = ["b/2", "a10/x", "a2/x", "a02/x", "a/11", "a/9", "a/9b"]
    assert sorted(map(Path, names), key=natural) == list(
        map(Path, ["a/9", "a/9b", "a/11", "a02/x", "a2/x", "a10/x", "b/2"])
    )


def test_a_list_is_read_in_its_own_order(tmp_path: Path) -> None:
    split(ROWS, tmp_path, THREE)
    files = [str(tmp_path / name) for name in THREE]
    backwards = [*ROWS["case_id"][6:], *ROWS["case_id"][3:6], *ROWS["case_id"][:3]]
    assert order(files[::-1]) == backwards
    assert figures(files) == EXPECTED
    assert figures({"cases": [Path(file) for file in files]}) == EXPECTED


def test_no_file_is_read_twice(tmp_path: Path) -> None:
    split(ROWS, tmp_path, THREE)
    (tmp_path / "link.csv").symlink_to(tmp_path / THREE[0])
    patterns = ["cases_*.csv", "*_2017-1.csv", "*.csv", THREE[1], str(tmp_path / THREE[1])]
    assert figures([tmp_path / pattern for pattern in patterns]) == EXPECTED


def test_two_stars_look_into_directories(tmp_path: Path) -> None:
    split(ROWS, tmp_path, ("a/x.parquet", "a/b/x.parquet", "y.parquet"))
    write(ROWS, tmp_path / "_temporary" / "x.parquet")
    write(ROWS, tmp_path / ".hidden" / "x.parquet")
    write(ROWS, tmp_path / "a" / "_x.parquet")
    assert figures(tmp_path / "**" / "*.parquet") == EXPECTED
    assert figures(str(tmp_path / "_temporary" / "*.parquet")) == EXPECTED
    assert figures(str(tmp_path / "a" / "_*.parquet")) == EXPECTED


def test_a_pattern_takes_the_parts_of_directories_it_matches(tmp_path: Path) -> None:
    split(ROWS, tmp_path, ("cases_1.parquet/part-0.parquet", "cases_2.parquet/part-0.parquet"))
    assert figures(tmp_path / "cases_*.parquet") == EXPECTED


def test_a_name_with_the_signs_of_a_pattern_is_a_name_where_the_file_exists(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "cases[1].csv")
    write(ROWS, tmp_path / "cases1.csv")
    assert figures(tmp_path / "cases[1].csv") == EXPECTED
    assert figures([tmp_path / "cases[1].csv"]) == EXPECTED


def test_the_name_before_the_signs_is_that_of_the_table(tmp_path: Path) -> None:
    split(ROWS, tmp_path, ("old_1.csv", "old_2.csv"))
    split(ROWS, tmp_path, ("old/part-1.csv", "old/part-2.csv"))
    for source in ("old_*.csv", "old/*.csv", "old/part-[12].csv", "old"):
        assert set(resolve_sources(TWO_TABLES, str(tmp_path / source))) == {"old"}, source
    assert set(resolve_sources(TWO_TABLES, str(tmp_path / "?ld_*.csv"))) == {"cases"}
    assert set(resolve_sources(TWO_TABLES, [tmp_path / "old_*.csv", tmp_path / "old"])) == {"old"}
    with pytest.raises(kpi.DataError, match="bear the names of the tables cases, old; give a map"):
        resolve_sources(TWO_TABLES, ["cases.csv", "old.csv"])


def test_the_values_of_directories_are_decoded() -> None:
    assert partition_keys(Path("x/year=2024/p.csv")) == {"year": "2024"}
    assert list(partition_keys(Path("a=1/b=2/c=3/p.csv")).items()) == [
        ("a", "1"), ("b", "2"), ("c", "3"),
    ]  # fmt: skip
    assert partition_keys(Path("a=x%2Fy%20z/b%3D=__HIVE_DEFAULT_PARTITION__/p.csv")) == {
        "a": "x/y z",
        "b=": None,
    }
    # Only what stands directly above the file: a run, and not where the extract lies.
    assert partition_keys(Path("run=7/extract/p.csv")) == {}
    assert partition_keys(Path("run=7/extract/a=1=2/p.csv")) == {"a": "1=2"}
    assert partition_keys(Path("=7/p.csv")) == {}


def test_a_directory_whose_tables_are_named_holds_tables(tmp_path: Path) -> None:
    write(ROWS, tmp_path / "cases.csv")
    write(ROWS, tmp_path / "other.csv")
    assert figures(tmp_path) == EXPECTED
    assert figures(tmp_path / "*s.csv") == EXPECTED


@pytest.mark.usefixtures("here")
def test_a_directory_of_tables_or_of_parts_is_never_guessed(here: Path) -> None:
    split(ROWS, here, ("months/a_1.csv", "months/a_2.csv"))
    assert mistakes("evaluate", "plan.toml", "months", code=3) == [
        (
            "months: no file for any table of the plan (cases); expected e.g. cases.parquet or .csv, found "
            "a_1.csv, a_2.csv; where these are one table, pass a pattern, such as 'months/*.csv'"
        )
    ]
    split(ROWS, here, ("cases/cases.csv", "cases/more.csv"))
    assert mistakes("evaluate", "plan.toml", "cases", code=3) == [
        (
            "cases: a directory of parts of the table cases, by its name, or of tables, by cases.csv; pass a "
            "pattern such as 'cases/*' for parts, or move more.csv"
        )
    ]
    (here / "cases" / "more.csv").unlink()
    assert run("evaluate", "plan.toml", "cases").exit_code == 0


@pytest.mark.usefixtures("here")
def test_names_that_are_no_parts_are_named(here: Path) -> None:
    spark(ROWS, here / "cases.parquet")
    (here / "cases.parquet" / "notes.md").write_text("x")
    assert mistakes("evaluate", "plan.toml", "cases.parquet", code=3) == [
        (
            "cases.parquet/notes.md: unknown kind of file among the parts of a table; "
            f"{ACCEPTED}; move it, or begin the name with _"
        )
    ]
    (here / "cases.parquet" / "notes.md").unlink()
    write(ROWS, here / "cases.parquet" / "old" / "x.parquet")
    assert mistakes("evaluate", "plan.toml", "cases.parquet", code=3) == [
        (
            "cases.parquet/old: a directory among the parts of a table, and its name is no key=value; move "
            "it, or pass a pattern, such as 'cases.parquet/**/*.parquet'"
        )
    ]
    (here / "d" / "cases").mkdir(parents=True)
    (here / "d" / "cases" / "_SUCCESS").touch()
    assert mistakes("evaluate", "plan.toml", "d", code=3) == [
        f"d/cases: holds no part of a table; {ACCEPTED}"
    ]


@pytest.mark.usefixtures("here")
def test_paths_that_lead_nowhere_are_named(here: Path) -> None:
    assert mistakes("evaluate", "plan.toml", "cases_*.csv", code=3) == [
        "cases_*.csv: the pattern matches no file"
    ]
    split(ROWS, here, ("cases_1.csv",))
    for source, message in (
        (["cases_1.csv", "cases_2.csv"], "^cases_2.csv: no such file$"),
        (["cases_1.csv", "old_*.csv"], r"^old_\*.csv: the pattern matches no file$"),
        ([], "^cases: an empty list has no columns; "),
    ):
        with pytest.raises(kpi.DataError, match=message):
            figures(source)


@pytest.mark.usefixtures("here")
def test_two_sources_of_one_table_are_refused(here: Path) -> None:
    write(ROWS, here / "d" / "cases.csv")
    (here / "d" / "cases").mkdir()
    (here / "d" / "cases" / "letter.pdf").write_text("x")
    # A directory of other things is no source.
    assert run("evaluate", "plan.toml", "d").exit_code == 0
    write(ROWS, here / "d" / "cases" / "part-1.parquet")
    assert mistakes("evaluate", "plan.toml", "d", code=3) == [
        "d: two files for the table cases: cases.csv, cases; keep one"
    ]


@pytest.mark.usefixtures("here")
def test_a_directory_in_another_case_than_its_table_is_named(here: Path) -> None:
    for name, right in (("Cases.parquet", "cases.parquet"), ("CASES", "cases")):
        directory = here / name[0] / name
        spark(ROWS, directory)
        assert mistakes("evaluate", "plan.toml", name[0], code=3) == [
            f"{name[0]}/{name}: rename it {right} for the table cases"
        ]
        directory.parent.rename(here / f"{name}-done")


@pytest.mark.usefixtures("here")
def test_results_are_not_written_over_a_part(here: Path) -> None:
    directory = spark(ROWS, here / "cases.parquet", ".csv")
    part = str(next(directory.glob("part-00001*")))
    for source in ("cases.parquet", "cases.parquet/*.csv", "."):
        found = run("evaluate", "plan.toml", source, "--format", "csv", "--out", part)
        assert found.exit_code == 2, found.output
        assert "is what is read; choose another file for --out" in found.stderr
    assert figures(directory) == EXPECTED


def declared(files: str) -> str:
    text = Path("plan.toml").read_text()
    return text.replace('key = "case_id"\n', f'key = "case_id"\nfiles = {files}\n')


@pytest.mark.usefixtures("here")
def test_a_plan_names_the_files_of_a_table(here: Path) -> None:
    split(ROWS, here / "d", (*THREE, "other.csv"))
    write(ROWS[6:], here / "d" / "last" / "x.csv")
    write(ROWS, here / "d" / "old.csv")
    Path("named.toml").write_text(declared('["cases_*.csv", "cases_*1.csv", "last"]'))
    asked = kpi.load_plan("named.toml")
    assert asked.table("cases").files == ("cases_*.csv", "cases_*1.csv", "last")
    assert order_of(asked, "d") == [*ROWS["case_id"][:6], *ROWS["case_id"][6:]]
    assert order_of(asked, {"cases": "d"}) == list(ROWS["case_id"])
    # A file that is passed is that file.
    assert order_of(asked, "d/old.csv") == list(ROWS["case_id"])
    Path("one.toml").write_text(declared('"cases_*.csv"'))
    assert order_of(kpi.load_plan("one.toml"), "d") == list(ROWS["case_id"])[:6]
    write(ROWS, here / "d" / "cases.csv")
    assert mistakes("evaluate", "named.toml", "d", code=3) == [
        (
            "d/cases.csv: bears the name of the table cases, and is none of the files that the plan names "
            "(cases_*.csv, cases_*1.csv, last); move it"
        )
    ]
    Path("none.toml").write_text(declared('"case-*.csv"'))
    assert mistakes("evaluate", "none.toml", "d", code=3) == [
        "d/case-*.csv: the pattern matches no file (files of the table cases in the plan)"
    ]


def order_of(asked: kpi.Plan, source: object) -> list[str]:
    frame = resolve_sources(asked, source)["cases"].frame.collect()  # type: ignore[arg-type]
    return list(frame["case_id"].cast(str))


def test_the_files_of_a_table_are_texts() -> None:
    for wrong in (5, [""], ["a", "a"], {"a": 1}):
        with pytest.raises(
            kpi.PlanError, match=r"accepted: a pattern such as 'cases_\*.csv', or a"
        ):
            kpi.Table("cases", key="case_id", files=wrong)
    asked = plan(within("1 month"))
    assert asked.table("cases").files == ()
