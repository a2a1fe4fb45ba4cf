import marimo

__generated_with = "0.25.2"
app = marimo.App()


@app.cell
def _():
    import marimo as mo

    mo.md(
        """
        # The visa standards in marimo

        Make the extract first: the README beside this notebook has the command. A value at the end of a
        cell shows itself.
        """
    )
    return


@app.cell
def _():
    # Both in one cell: marimo takes a second import of kpi for another definition of the name.
    import polars as pl

    import kpi
    import kpi.namespace

    plan = kpi.load_plan("../plans/uk-visas.toml")
    plan
    return kpi, pl, plan


@app.cell
def _(kpi, plan):
    extract = kpi.check(plan, "extract")
    extract
    return (extract,)


@app.cell
def _(extract, kpi, plan):
    result = kpi.evaluate(plan, extract, "2023-12-31")
    result
    return (result,)


@app.cell
def _(result):
    result["1a"]
    return


@app.cell
def _(result):
    result.plot("1a", language="en", hide_below=0)
    return


@app.cell
def _(kpi, plan):
    kpi.readings(plan, "extract", "2023-12-31")
    return


@app.cell
def _(pl, plan):
    cases = pl.read_parquet("extract/cases.parquet")
    cases.kpi.evaluate(plan.only("1"), "2023-12-31")
    return


if __name__ == "__main__":
    app.run()
