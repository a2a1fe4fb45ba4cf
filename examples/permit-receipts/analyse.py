"""How an analyst may use kpi from Python: seven targets on 1,434 real permit cases.

Run it with the data file as the only argument:

    python examples/permit-receipts/analyse.py receipt.parquet
"""

import sys
from pathlib import Path

import polars as pl

import kpi


def main(receipt: str) -> None:
    """Print the targets, one of them by channel, and the cases that were the latest.

    Args:
        receipt: The path of receipt.parquet.
    """
    # The plan is a file of its own: what is asked stands there, and nothing of it here.
    plan = kpi.load_plan(Path(__file__).with_name("plan.toml"))

    # The columns are instants in UTC. Nothing needs converting: the plan names its time zone, and
    # kpi counts local dates there. A case filed at 23:30 UTC was filed the next day in Amsterdam.
    frame = pl.read_parquet(receipt)

    # The table is checked once (are the columns there, is the key unique, ...). The checked cases
    # can then be evaluated as often as you like.
    cases = kpi.check(plan, frame)
    result = kpi.evaluate(plan, cases)

    # One record for each target. `value` is met / counted, or days / counted for an average. It is
    # for the eye and may be rounded: the verdict was reached in whole numbers.
    print("The targets")
    for target in result.targets:
        if target.value is None:
            value = "no cases"
        elif target.met is None:  # an average has days, a share has cases that met it
            value = f"{target.value:.2f} days"
        else:
            value = f"{target.value:.2%}".replace("%", " %")
        print(f"{target.id}  {value:>10}  of {target.counted} cases  {target.verdict}")

    # The same targets for each channel. The groups are a Polars frame, to go on with as you like.
    by_channel = kpi.evaluate(plan, cases, by="channel")
    print("\nTarget 1 by channel")
    print(
        by_channel.groups.filter(pl.col("id") == "1").select(
            "channel", "counted", "met", "value", "verdict"
        )
    )

    # The audit trail has a row for each target and case, and says why the case was counted or not.
    # It is lazy: only what you ask for is worked out.
    late = (
        result.audit()
        .filter(pl.col("target") == "1", pl.col("bucket") == "counted", ~pl.col("met"))
        .sort("days", "case", descending=[True, False])
        .head(5)
        .select("case", "due", "days")
        .collect()
    )
    print("\nThe latest of the cases that missed target 1")
    print(late)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: analyse.py receipt.parquet")
    main(sys.argv[1])
