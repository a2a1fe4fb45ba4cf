"""Tables at URLs, and messages that hold nothing of the credentials in a URL."""

from __future__ import annotations

import io
import traceback
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.errors import DataError, first_line, without_credentials
from kpi.tables.sources.layout import Layout
from kpi.tables.sources.paths import open_paths
from kpi.tables.sources.resolve import resolve_sources
from tests.commands import mistakes, run
from tests.tables.sources.file_server import served
from tests.tables.sources.many_files import EXPECTED, PLAN, ROWS, figures, split, write
from tests.tables.sources.test_delta import delta
from tests.tables.sources.test_part_files import TWO_TABLES
from tests.tables.sources.test_parts import in_chunks

SECRETS = ("pa55word", "S1GNATURE", "analyst")
QUERY = "?X-Amz-Credential=analyst&X-Amz-Signature=S1GNATURE"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    parquet, arrow = io.BytesIO(), io.BytesIO()
    ROWS.write_parquet(parquet)
    ROWS.write_ipc(arrow)
    files = {
        "cases.parquet": parquet.getvalue(),
        "cases.arrow": arrow.getvalue(),
        "broken.parquet": b"PAR1" * 9,
        "a/old.parquet": parquet.getvalue(),
    }
    for n, (kind, rows) in enumerate(ROWS.group_by("case_type", maintain_order=True)):
        part = io.BytesIO()
        rows.drop("case_type").write_parquet(part)
        files[f"box/cases/case_type={kind[0]}/month=0{n}/part-0.parquet"] = part.getvalue()
    directory = delta(tmp_path_factory.mktemp("store") / "delta")
    for path in directory.rglob("*.*"):
        files[f"box/delta/{path.relative_to(directory).as_posix()}"] = path.read_bytes()
    with served(files) as address:
        yield address


def test_a_parquet_file_at_a_url(host: str) -> None:
    for url in (
        f"http://{host}/cases.parquet",
        f"http://{host}/cases.parquet{QUERY}",
        f"http://analyst:pa55word@{host}/cases.parquet#top",
        f"http://{host}/cases.arrow",
    ):
        assert figures(url) == EXPECTED
        assert figures({"cases": url}) == EXPECTED


def test_a_table_at_a_url_is_never_left_there(host: str) -> None:
    with in_chunks():
        extract = kpi.check(PLAN, f"http://{host}/cases.parquet")
    assert isinstance(extract.tables["cases"].frame, pl.DataFrame)


def test_the_name_in_a_url_is_that_of_the_table(host: str) -> None:
    assert set(resolve_sources(TWO_TABLES, f"http://{host}/a/old.parquet{QUERY}")) == {"old"}
    assert set(resolve_sources(TWO_TABLES, f"http://{host}/cases.parquet")) == {"cases"}


@pytest.fixture
def store(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment in which the server is a store of S3."""
    for name, value in (
        ("ENDPOINT_URL", f"http://{host}"),
        ("ACCESS_KEY_ID", "analyst"),
        ("SECRET_ACCESS_KEY", "pa55word"),
        ("REGION", "eu-north-1"),
        ("ALLOW_HTTP", "true"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.mark.usefixtures("store")
def test_a_pattern_in_an_object_store() -> None:
    url = "s3://box/cases/case_type=*/month=*/*.parquet"
    assert figures(url) == EXPECTED
    frame = resolve_sources(PLAN, url)["cases"].frame.collect()
    assert isinstance(frame, pl.DataFrame)
    assert sorted(frame["month"].unique()) == ["00", "01"]
    with pytest.raises(DataError) as error:
        figures("s3://box/none/*.parquet")
    assert str(error.value).startswith("s3://box/none/*.parquet: cannot be read: ")
    assert len(str(error.value).splitlines()) == 1
    assert not any(secret in str(error.value) for secret in SECRETS)


@pytest.mark.usefixtures("store")
def test_a_delta_table_in_an_object_store() -> None:
    assert figures("s3://box/delta") == EXPECTED
    with in_chunks():
        extract = kpi.check(PLAN, {"cases": "s3://box/delta/"})
    assert isinstance(extract.tables["cases"].frame, pl.DataFrame)
    layout = Layout(table="cases", key=("case_id",), version=0)
    first = open_paths("s3://box/delta", layout).frame.collect()
    assert isinstance(first, pl.DataFrame)
    assert sorted(first["case_id"]) == ["v1", "v2"]
    with pytest.raises(DataError) as error:
        open_paths("s3://analyst:pa55word@box/none", layout)
    assert str(error.value).startswith("s3://box/none: cannot be read: ")
    assert len(str(error.value).splitlines()) == 1
    assert not any(secret in str(error.value) for secret in SECRETS)


@pytest.mark.usefixtures("here")
def test_a_command_takes_a_url(host: str) -> None:
    found = run("evaluate", "plan.toml", f"http://{host}/cases.parquet{QUERY}", "--format", "csv")
    assert found.exit_code == 0
    written = run("evaluate", "plan.toml", f"http://{host}/cases.parquet", "--out", "out.csv")
    assert written.exit_code == 0


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    extract = tmp_path / "an extract"
    for suffix in (".parquet", ".csv"):
        assert figures(write(ROWS, extract / f"cases{suffix}").as_uri()) == EXPECTED
    (extract / "cases.csv").unlink()
    assert figures(extract.as_uri()) == EXPECTED
    split(ROWS, extract / "parts", ("a.csv", "b.csv"))
    assert figures(f"file://{tmp_path}/an%20extract/parts/*.csv") == EXPECTED
    assert figures([path.as_uri() for path in (extract / "parts").iterdir()]) == EXPECTED
    with pytest.raises(DataError, match=r"cases.csv: no such file$"):
        figures((extract / "cases.csv").as_uri())


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.parquet", "cannot be read: no such file"),
        ("secret.parquet", "cannot be read: access is refused; give credentials in the environment, as Polars takes them"),
        ("cases.csv", "unknown kind of file at a URL; accepted: .parquet, .arrow, .ipc, .feather; download other kinds first"),
        ("cases", "unknown kind of file at a URL; accepted: .parquet, .arrow, .ipc, .feather; download other kinds first"),
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_read_is_one_line(name: str, message: str, host: str) -> None:
    shown = f"http://{host}/{name}"
    for url in (shown, shown + QUERY, shown.replace("//", "//analyst:pa55word@")):
        assert mistakes("evaluate", "plan.toml", url, code=3) == [f"{shown}: {message}"]
        with pytest.raises(DataError) as error:
            figures(url)
        told = "".join(traceback.format_exception(error.value, chain=True))
        said = told.partition("kpi.errors.DataError")[2]
        assert said
        assert not any(secret in said for secret in SECRETS)
        # What Polars says holds the whole URL.
        assert error.value.__cause__ is None


@pytest.mark.usefixtures("here")
def test_what_polars_says_is_told_without_credentials(host: str) -> None:
    url = f"http://analyst:pa55word@{host}/broken.parquet{QUERY}"
    [line] = mistakes("evaluate", "plan.toml", url, code=3)
    assert line.startswith(f"http://{host}/broken.parquet: cannot be read: ")
    assert not any(secret in line for secret in SECRETS)


@pytest.mark.usefixtures("here")
def test_other_addresses_are_named_without_credentials() -> None:
    assert mistakes("evaluate", "plan.toml", "ftp://analyst:pa55word@h/cases.parquet", code=3) == [
        (
            "ftp://h/cases.parquet: unknown kind of URL; accepted: file, s3, s3a, gs, az, azure, adl, abfs, "
            "abfss, http, https, hf"
        )
    ]
    with pytest.raises(DataError) as error:
        figures(["a.parquet", f"https://h/cases.parquet{QUERY}"])
    assert str(error.value) == (
        "cases: a URL in a list of files; give the URL alone, or a pattern of URLs"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET https://u:p@h/x.parquet?sig=1 in 3 s", "GET https://h/x.parquet in 3 s"),
        ("(path: http://u:p@h:80) x", "(path: http://h:80) x"),
        ("postgresql://u:p%40@h/db: refused", "postgresql://h/db: refused"),
        ("https://u:p@ss/w@h/x", "https://h/x"),
        ("(location: x.parquet?sig=S1GNATURE) failed", "(location: x.parquet) failed"),
        ("https://t0ken@h/x", "https://h/x"),
        ("'abfss://box@account/x#y'", "'abfss://box@account/x'"),
        ("abfs://box:key@account/x", "abfs://account/x"),
        ("hf://datasets/a/b@main/x.parquet", "hf://datasets/a/b@main/x.parquet"),
        ("missing column x (did you mean 'y'?); found z", "missing column x (did you mean 'y'?); found z"),
        ("s3://bucket/cases/*.parquet", "s3://bucket/cases/*.parquet"),
    ],
)  # fmt: skip
def test_texts_lose_what_may_be_secret(text: str, said: str) -> None:
    assert without_credentials(text) == said
    assert first_line(ValueError(f"{text}\nmore")) == said


def test_an_error_while_rows_are_read_is_told_without_credentials(host: str) -> None:
    url = f"http://analyst:pa55word@{host}/none.parquet{QUERY}"
    late = pl.scan_parquet(url, schema=ROWS.schema)
    with pytest.raises(DataError) as error:
        kpi.check(PLAN, late)
    told = "".join(traceback.format_exception(error.value))
    assert "cases: cannot be read: " in told
    assert not any(secret in told for secret in SECRETS)
