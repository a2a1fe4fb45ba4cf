"""The recipes of docs/how-to/recipes/ give what their pages say: each case its outcome, each target its result.

The pages are written by hand, and their numbers are worked out by hand: nothing writes them anew.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import kpi
from kpi.testing import assert_matches_oracle
from tests.docs import recipes
from tests.docs.recipes import Recipe

HEAD, RECIPES = recipes.head(), recipes.read()


def sentence(recipe: Recipe) -> str:
    return f"{recipe.page}:{recipe.line}-{recipe.sentence}"


def plan_of(recipe: Recipe) -> kpi.Plan:
    (fragment,) = recipe.fragments
    whole = recipes.completed(HEAD, fragment)
    return kpi.parse_plan(whole, name=f"docs/how-to/recipes/{recipe.page}:{recipe.line}")


def default_table(plan: kpi.Plan) -> str:
    """Return the table that the target reads, whose rows stand on the page without a name."""
    return next(iter(plan.leaves())).table


@pytest.mark.parametrize("recipe", RECIPES, ids=sentence)
def test_a_recipe_gives_what_the_page_says(recipe: Recipe, tmp_path: Path) -> None:
    plan = plan_of(recipe)
    (requirement,) = plan.targets
    default = default_table(plan)
    recipes.write_tables(recipe, default, tmp_path)

    result = kpi.evaluate(plan, tmp_path, recipe.as_of)

    records = recipes.records(result)
    assert {
        name: recipes.result_words(record) for name, record in records.items()
    } == recipe.results
    trail = result.audit().collect().to_dicts()
    for name, table in recipe.tables.items():
        for part, outcomes in table.outcomes.items():
            by_case = {
                row["case"]: recipes.outcome_of(row)
                for row in trail
                if row["target"] == (part or requirement.id) and row["table"] == (name or default)
            }
            expected = {row[0]: word for row, word in zip(table.rows, outcomes, strict=True)}
            assert {case: by_case.get(case, "hidden") for case in expected} == expected


@pytest.mark.parametrize("recipe", RECIPES, ids=sentence)
def test_the_oracle_says_the_same_of_a_recipe(recipe: Recipe, tmp_path: Path) -> None:
    plan = plan_of(recipe)
    recipes.write_tables(recipe, default_table(plan), tmp_path)
    assert_matches_oracle(
        plan, {path.stem: pl.read_csv(path) for path in tmp_path.glob("*.csv")}, recipe.as_of
    )


def test_there_are_at_least_forty_recipes_each_with_a_heading_of_its_own() -> None:
    headings = Counter(recipe.sentence.lower() for recipe in RECIPES)
    assert [heading for heading, n in headings.items() if n > 1] == []
    assert len(headings) >= 40


@pytest.mark.parametrize("recipe", RECIPES, ids=sentence)
def test_a_recipe_has_search_words_cases_and_a_result(recipe: Recipe) -> None:
    assert len(recipe.search_words) >= 3
    assert len({word.lower() for word in recipe.search_words}) == len(recipe.search_words)
    assert recipe.results[""]
    assert any(table.outcomes for table in recipe.tables.values())


def test_the_contents_lead_to_every_recipe_by_subject_in_the_order_of_its_page() -> None:
    subjects: dict[tuple[str, str], list[str]] = {}
    for recipe in RECIPES:
        subjects.setdefault((recipe.page, recipe.subject), []).append(recipe.sentence)
    assert recipes.contents() == subjects
