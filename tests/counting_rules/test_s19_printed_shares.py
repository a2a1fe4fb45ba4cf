"""What is printed stands to what is printed beside it as the exact numbers do (S19)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any

import polars as pl
import pytest
from attrs import evolve

import kpi
from kpi.report import markdown, terminal, words
from kpi.report.csv import csv_text
from kpi.report.rounding import rounded
from tests.builders import average, cases, one, plan, spans, within

MOST = 400
"""Shares of up to so many cases are printed against thresholds of up to two decimals."""
ALL_TO = 150
"""Of every number of cases up to this one; of a draw of the larger ones."""

CENTS = [Fraction(cents, 100) for cents in range(10_001)]
ENDS = [CENTS[0], CENTS[10_000]]


def hundredths(text: str) -> tuple[int, int]:
    """A printed number as an integer, and how many of it make a hundredth."""
    whole, _, rest = text.partition(".")
    rest = rest.ljust(2, "0")
    return int(whole + rest), 10 ** (len(rest) - 2)


def test_s19_no_printed_share_contradicts_any_threshold_of_two_decimals() -> None:
    """All met <= n of n <= 400 against each threshold near them; the integers here are hundredths of a per cent.

    Without a threshold a share is printed within 0.05 of the exact one. Only to a threshold between
    the two, or one that is equal to either, could that stand wrong: those and the next ones are tried.
    """
    larger = random.Random(0).sample(range(ALL_TO + 1, MOST), 20)  # noqa: S311 - choices, not secrets
    for n in (*range(1, ALL_TO + 1), *larger, MOST):
        for met in range(n + 1):
            # A fraction that is not in lowest terms has been printed already.
            if gcd(met, n) > 1:
                continue
            exact = Fraction(100 * met, n)
            alone, unit = hundredths(rounded(exact, ENDS))
            assert abs(alone * n - met * 10_000 * unit) <= 5 * n * unit
            low, high = sorted((met * 10_000 // n, alone // unit))
            for mark in range(max(low - 1, 0), min(high + 3, 10_001)):
                shown, unit = hundredths(rounded(exact, [*ENDS, CENTS[mark]]))
                for against in (mark, 0, 10_000):
                    printed, truth = shown - against * unit, met * 10_000 - against * n
                    assert (printed > 0, printed < 0) == (truth > 0, truth < 0), (met, n, mark)


def test_s19_a_threshold_far_from_a_share_changes_nothing_of_it() -> None:
    chance = random.Random(0)  # noqa: S311 - choices, not secrets
    for _ in range(5_000):
        n = chance.randint(1, MOST)
        exact = Fraction(100 * chance.randint(0, n), n)
        mark = chance.choice(CENTS)
        if abs(mark - exact) > Fraction(1, 20):
            assert rounded(exact, [*ENDS, mark]) == rounded(exact, ENDS)


@pytest.mark.parametrize(
    ("met", "counted", "threshold", "printed"),
    [
        (15, 16, "93.75", "93.75 %"),  # exactly the threshold
        (15, 16, "93.8", "93.75 %"),  # below it
        (15, 16, "93.7", "93.8 %"),
        (2_000, 2_001, "90", "99.95 %"),  # one is late
        (1, 2_001, "90", "0.05 %"),  # one is in time
        (99_999, 100_000, "90", "99.999 %"),
        (2_001, 2_001, "100", "100.0 %"),
        (0, 7, "90", "0.0 %"),
        (2, 3, "66.67", "66.667 %"),
        (2, 3, "66.66", "66.7 %"),
        (8_996, 10_000, "90", "89.96 %"),
        (9, 10, "90", "90.0 %"),
    ],
)
def test_s19_a_share_by_hand(met: int, counted: int, threshold: str, printed: str) -> None:
    record = one(within(threshold=threshold), spans(("2017-01-01", "2017-01-02")))
    record = evolve(record, met=met, counted=counted, value=met / counted)
    assert record.threshold == Decimal(threshold)
    assert words.value(record) == printed


def fifteen_of_sixteen(*more: tuple[str | None, str | None]) -> pl.DataFrame:
    late = ("2017-01-01", "2017-12-31")
    return spans(late, *[("2017-12-01", "2017-12-31")] * 15, *more)


FORMATS: list[Callable[[kpi.Result], str]] = [
    lambda result: terminal.plain(terminal.result_table(result, 120)),
    lambda result: terminal.plain(terminal.result_table(result, 80)),
    markdown.result_markdown,
]


@pytest.mark.parametrize("form", FORMATS, ids=["terminal", "narrow", "markdown"])
def test_s19_a_share_is_printed_true_in_every_format(form: Callable[[kpi.Result], str]) -> None:
    frame = fifteen_of_sixteen().with_columns(office=pl.lit("North"))
    target = within(threshold="93.75", each="case_type")
    result = kpi.evaluate(plan(target), frame, by="office", every="month")
    assert result["t"].verdict == "met"
    text = form(result)
    # The target, the type that must reach it on its own, and the office's December.
    assert text.count("93.75 %") >= 3
    assert "93.8 %" not in text
    assert "93.7 %" not in text


def test_s19_readings_are_printed_true() -> None:
    target = within(threshold="93.75", readings=[{"name": "93.8", "threshold": 93.8}])
    found = kpi.readings(plan(target), fifteen_of_sixteen())
    for text in (
        terminal.plain(terminal.readings_table(found, 120)),
        markdown.readings_markdown(found),
    ):
        # Each reading's value and, of the first, the threshold.
        assert text.count("93.75 %") == 3
        assert "missed" in text


@pytest.mark.parametrize(
    ("threshold", "range_"),
    [
        # 15 of 17 are 88.235 %, 16 of 17 are 94.118 %.
        ("90", "88.2–94.1 %"),
        ("88.2", "88.24–94.1 %"),
        ("88.23", "88.24–94.1 %"),
        ("88.24", "88.2–94.1 %"),
        ("94.1", "88.2–94.12 %"),
        ("94.12", "88.2–94.1 %"),
    ],
)
def test_s19_the_range_of_the_excluded_is_printed_true(threshold: str, range_: str) -> None:
    record = one(within(threshold=threshold), fifteen_of_sixteen((None, "2017-12-31")))
    assert (record.met, record.counted, record.excluded) == (15, 16, {"start missing": 1})
    assert words.share_range(record) == range_


def test_s19_a_range_ends_at_all_or_none_only_where_it_does() -> None:
    record = one(within(), spans(("2017-12-01", "2017-12-31"), (None, "2017-12-31")))
    assert words.share_range(evolve(record, met=2_000, counted=2_000)) == "99.95–100.0 %"
    assert words.share_range(evolve(record, met=0, counted=2_000)) == "0.0–0.05 %"
    assert words.share_range(evolve(record, met=1_999, counted=2_000)) == "99.9–99.95 %"


@pytest.mark.parametrize(
    ("limit", "total", "counted", "printed"),
    [
        ("120 days", 12_004, 100, "120.04 days"),
        ("120 days", 11_996, 100, "119.96 days"),
        ("120 days", 12_000, 100, "120.0 days"),
        ("3 weeks", 2_104, 100, "21.04 days"),
        ("2 weeks and 1 day", 1_504, 100, "15.04 days"),
        ("0 days", 4, 100, "0.04 days"),
        ("7 months", 21_204, 100, "212.0 days"),
    ],
)
def test_s19_an_average_is_printed_true(limit: str, total: int, counted: int, printed: str) -> None:
    record = one(average(limit), spans(("2017-01-01", "2017-01-02")))
    assert words.value(evolve(record, total=total, counted=counted)) == printed


@pytest.mark.parametrize(
    ("stock", "base", "most", "printed"),
    [
        (1_801, 2_001, -10, "-9.995 %"),
        (1_799, 1_999, -10, "-10.01 %"),
        (1_800, 2_000, -10, "-10.0 %"),
        (2_001, 2_000, 0, "+0.05 %"),
        (1_999, 2_000, -10, "-0.05 %"),
        (2_000, 2_000, 0, "0.0 %"),
    ],
)
def test_s19_a_change_is_printed_true(stock: int, base: int, most: int, printed: str) -> None:
    target = kpi.Stock(
        id="t",
        start="filed",
        end="decided",
        at={"end_of": "2017"},
        against={"end_of": "2016"},
        change={"at_most": most},
    )
    record = one(target, spans(("2016-01-01", None)))
    record = evolve(record, figures={"stock": stock, "base": base}, value=(stock - base) / base)
    assert words.value(record) == printed


def test_s19_a_clearance_rate_and_its_figure_are_printed_true() -> None:
    # 2,001 come in and 2,000 go out.
    frame = spans(*[("2017-02-01", "2017-03-01")] * 2_000, ("2017-02-01", None))
    target = kpi.Flow(
        id="t", start="filed", end="decided", requires={"at_least": Decimal("99.951")}
    )
    record = one(target, frame)
    assert record.verdict == "missed"
    assert words.value(record) == "99.95 %"
    assert "clearance rate 99.95 %" in words.figures(record)
    days = kpi.Flow(
        id="t",
        start="filed",
        end="decided",
        indicator="mean_age",
        requires={"at_most": Decimal("10.3")},
    )
    # Open on 31 December for 10, 10 and 11 days: 10.333 on average.
    record = one(days, spans(("2017-12-21", None), ("2017-12-21", None), ("2017-12-20", None)))
    assert (record.verdict, words.value(record)) == ("missed", "10.33 days")
    assert "mean age 10.33 days" in words.figures(record)


@pytest.mark.engine_alone("a state keeps a reported number in millionths, the oracle all of it")
@pytest.mark.parametrize(
    ("value", "requires", "printed"),
    [
        (6.99, {"less_than": 7}, "6.99"),
        (6.9999999, {"less_than": 7}, "just under 7"),
        (7.0, {"less_than": 7}, "7"),
        (7.0000001, {"at_most": 7}, "just over 7"),
        (6.9999999, {"at_least": 7}, "just under 7"),
        (7.0000001, {"more_than": 7}, "just over 7"),
        (1234.5, {"at_least": 7}, "1234.5"),
    ],
)
def test_s19_a_reported_number_is_printed_true(
    value: float, requires: dict[str, int], printed: str
) -> None:
    table = kpi.Table("reported", key="target", events="done")
    target = kpi.Reported(id="t", requires=requires)
    asked = kpi.Plan(id="p", period="2017", tables=[table], targets=[target])
    frame = pl.DataFrame({"target": ["t"], "value": [value], "done": [dt.date(2017, 1, 1)]})
    assert words.value(kpi.evaluate(asked, frame)["t"]) == printed


def test_s19_the_threshold_is_printed_as_it_is_written() -> None:
    for threshold in ("93.75", "90", "66.667", "0.01"):
        record = one(within(threshold=threshold), cases())
        assert record.requirement == f"{threshold} % within 1 month"


def shown_with(**changes: Any) -> str:
    return words.value(evolve(one(within(), spans(("2017-01-01", "2017-01-02"))), **changes))


def test_s19_a_share_without_a_threshold_is_of_all_or_none_only_where_it_is() -> None:
    assert shown_with(threshold=None, met=2_000, counted=2_001) == "99.95 %"
    assert shown_with(threshold=None, met=1, counted=3_000) == "0.03 %"


THRESHOLDS = ("93.75", "66.67", "0.8", "100")
SIZES = (1, 3, 7, 16, 32, 125)
Printed = list[tuple[str, str, Decimal]]
"""Of each share: its threshold, "met of n", and the printed number in per cent."""


def in_sections(text: str, heading: str, share: str) -> Printed:
    found, threshold = [], ""
    for line in text.splitlines():
        if line.removeprefix(heading) in THRESHOLDS:
            threshold = line.removeprefix(heading)
        elif threshold and (its := re.match(share, line)):
            found.append((threshold, its[1], Decimal(its[2])))
    return found


def in_terminal(result: kpi.Result) -> Printed:
    text = terminal.plain(terminal.result_table(result, 120))
    return in_sections(text, "", r"(\d+ of \d+) +([\d.]+) %")


def in_markdown(result: kpi.Result) -> Printed:
    return in_sections(markdown.result_markdown(result), "## ", r"\| (\d+ of \d+) \| ([\d.]+) % \|")


def in_json(result: kpi.Result) -> Printed:
    targets = json.loads(result.to_json(), parse_float=Decimal)["targets"]
    assert [Decimal(target["threshold"]) for target in targets] == list(map(Decimal, THRESHOLDS))
    return [
        (target["id"], group["group"]["office"], 100 * Decimal(group["value"]))
        for target in targets
        for group in target["groups"]
    ]


def in_csv(result: kpi.Result) -> Printed:
    rows = csv.DictReader(csv_text(result.groups).splitlines())
    return [(row["id"], row["office"], 100 * Decimal(row["value"])) for row in rows]


def in_parquet(result: kpi.Result) -> Printed:
    file = io.BytesIO()
    result.groups.write_parquet(file)
    rows = pl.read_parquet(file.getvalue()).select("id", "office", "value").rows()
    return [(name, office, 100 * Decimal(repr(value))) for name, office, value in rows]


@pytest.fixture(scope="module")
def many_shares() -> kpi.Result:
    shares = [(met, n) for n in SIZES for met in range(n + 1)]
    offices = [f"{met} of {n}" for met, n in shares for _ in range(n)]
    late = [k >= met for met, n in shares for k in range(n)]
    frame = spans(("2017-12-01", "2017-12-31")).select(pl.exclude("case_id", "filed"))
    filed = [dt.date(2017, 1, 1) if its else dt.date(2017, 12, 1) for its in late]
    frame = pl.DataFrame({"filed": filed, "office": offices}).join(frame, how="cross")
    frame = frame.with_columns(case_id=pl.int_range(pl.len()).cast(pl.String))
    asked = plan(*(within(id=threshold, threshold=threshold) for threshold in THRESHOLDS))
    return kpi.evaluate(asked, frame, by="office")


@pytest.mark.parametrize("read", [in_terminal, in_markdown, in_json, in_csv, in_parquet])
def test_s19_every_share_in_every_format_stands_to_its_threshold_as_the_exact_one_does(
    read: Callable[[kpi.Result], Printed], many_shares: kpi.Result
) -> None:
    printed = read(many_shares)
    assert len(printed) == len(THRESHOLDS) * sum(n + 1 for n in SIZES)
    for threshold, share, number in printed:
        met, _, n = share.partition(" of ")
        for mark in (Fraction(threshold), *ENDS):
            side, exact = Fraction(number) - mark, Fraction(100 * int(met), int(n)) - mark
            assert (side > 0, side < 0) == (exact > 0, exact < 0), (threshold, share, number)
