"""The field that a mistake is told of."""

from __future__ import annotations

import functools

import pytest
from attrs import field, frozen

import kpi
from kpi.definitions.fields import placed


def test_the_field_of_a_mistake_is_named_whatever_its_converter_is_made_of() -> None:
    """A rule of one's own may wrap its converters."""

    @functools.lru_cache
    def converter(value: object) -> object:
        raise kpi.PlanError(f"found {value}; accepted: nothing")

    @frozen(kw_only=True, field_transformer=placed)
    class Thing:
        x: object = field(converter=converter)  # type: ignore[misc]  # mypy takes plain functions alone

    @frozen(kw_only=True, field_transformer=placed)
    class Other(Thing):
        y: int = 0

    for made in (Thing, Other):
        with pytest.raises(kpi.PlanError) as caught:
            made(x=1)
        assert str(caught.value) == "x: found 1; accepted: nothing"
