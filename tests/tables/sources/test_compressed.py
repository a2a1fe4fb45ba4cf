"""Compressed text: unpacked whole or refused in one line."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

import kpi
from kpi.tables.sources import compressed
from kpi.tables.sources.files import open_file
from kpi.tables.sources.layout import Layout
from tests.tables.four_cases import PLAN

LAYOUT = Layout(table="cases", key=("case_id",))
TEXT = b"case_id,filed\n" + b"".join(b"%d,2017-01-01\n" % n for n in range(5_000))


def gzipped(data: bytes) -> bytes:
    """Return packed bytes, the same at any time: they are in the names of tests."""
    return gzip.compress(data, mtime=0)


def zstandard(content: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(content, asbytes=True)
    return packed


def archive(**files: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return into.getvalue()


def encrypted(content: bytes) -> bytes:
    """Mark the file of an archive as encrypted, as its two headers do."""
    made = bytearray(archive(cases=content))
    central = made.rindex(b"PK\x01\x02")
    made[6] |= 1
    made[central + 8] |= 1
    return bytes(made)


def broken(content: bytes) -> bytes:
    """Change a byte of the checksum of a gzip file."""
    packed = bytearray(gzipped(content))
    packed[-6] ^= 1
    return bytes(packed)


def rows(path: Path) -> int:
    found: int = open_file(path, LAYOUT).frame.collect().height
    return found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cases.csv.gz", gzipped(TEXT[:20_000]) + gzipped(TEXT[20_000:])),
        ("cases.csv.gz", gzipped(TEXT) + bytes(512)),
        ("cases.csv.zst", zstandard(TEXT[:20_000]) + zstandard(TEXT[20_000:])),
        ("cases.csv.zip", archive(a=TEXT)),
        ("CASES.CSV.GZ", gzipped(TEXT)),
    ],
)
def test_every_part_of_a_compressed_file_is_read(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert rows(tmp_path / name) == 5_000


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("cases.csv.gz", gzipped(TEXT)[:-9], "the gzip file was cut short; fetch it again"),
        ("cases.csv.gz", TEXT, "no gzip file, or broken: Not a gzipped file (b'ca'); fetch it again"),
        ("cases.csv.gz", broken(TEXT), "no gzip file, or broken: CRC check failed "),
        ("cases.csv.gz", gzipped(TEXT) + b"junk", "no gzip file, or broken: Not a gzipped file (b'ju'); fetch it again"),
        ("cases.csv.gz", gzipped(b""), "the file is empty"),
        ("cases.csv.zst", zstandard(TEXT)[:-9], "the Zstandard file was cut short; fetch it again"),
        ("cases.csv.zst", TEXT, "no Zstandard file, or broken: ZSTD decompress failed: Unknown frame descriptor; fetch it again"),
        ("cases.csv.zip", archive(a=TEXT)[:-30], "no zip archive, or broken: File is not a zip file; fetch it again"),
        ("cases.csv.zip", archive(a=TEXT, b=b"x"), "a zip archive of 2 files (a, b); accepted: exactly one"),
        ("cases.csv.zip", archive(), "a zip archive of 0 files (none); accepted: exactly one"),
        ("cases.csv.zip", encrypted(TEXT), "the zip archive is encrypted; unpack it with its password first"),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_whole_is_one_line(
    name: str, content: bytes, line: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(kpi.DataError) as error:
        rows(path)
    assert str(error.value).startswith(f"{path}: {line}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["cases.csv.gz", "cases.csv.zst", "cases.csv.zip"])
def test_what_unpacks_to_more_than_can_be_meant_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzipped,
        ".zst": zstandard,
        ".zip": lambda text: archive(a=text),
    }
    path = tmp_path / name
    path.write_bytes(pack[path.suffix](TEXT))
    monkeypatch.setattr(compressed, "MOST", len(TEXT))
    assert rows(path) == 5_000
    monkeypatch.setattr(compressed, "MOST", len(TEXT) - 1)
    with pytest.raises(kpi.DataError, match="unpacks to more than 0 GiB; unpack and split it"):
        rows(path)


def test_lines_of_mistakes_are_those_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv.gz"
    path.write_bytes(gzipped(TEXT + b"1,2017-01-01,x\n"))
    with pytest.raises(kpi.DataError, match=r"cases.csv.gz:5002: a row has more fields"):
        rows(path)
    path.write_bytes(gzipped(TEXT + b"\xe6,2017-01-01\n"))
    with pytest.raises(kpi.DataError, match=r"cases.csv.gz:5002: not UTF-8"):
        rows(path)


def test_only_text_may_be_compressed(tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet.gz"
    path.write_bytes(gzipped(TEXT))
    with pytest.raises(kpi.DataError, match=r"says what it is, such as cases.csv.gz; accepted"):
        kpi.check(PLAN, path)
