"""What is required is data: complete, in both languages, with its source."""

import re
from itertools import combinations
from typing import get_args

from planner.district.matching import normal
from planner.language import has_text
from planner.standards import Grade, kinds, speeds


def test_kinds_are_complete():
    assert list(kinds())[:6] == [
        "care_station", "canteen", "shelter", "institution", "street_centre", "health"
    ]  # fmt: skip
    for name, kind in kinds().items():
        assert kind.id == name
        assert (kind.name("zh"), kind.name("en")) == (kind.zh, kind.en)
        assert re.fullmatch(r"#[0-9A-Fa-f]{6}", kind.colour)
        assert len(kind.symbol) == 1
        assert has_text(f"map.units.{kind.unit}")
    for field in ("zh", "en"):
        assert len({getattr(kind, field) for kind in kinds().values()}) == len(kinds())


def test_no_name_means_two_kinds():
    names = {
        kind.id: {normal(name) for name in (kind.id, kind.zh, kind.en, *kind.aliases)}
        for kind in kinds().values()
    }
    for one, two in combinations(names, 2):
        assert not names[one] & names[two]


def test_speeds_say_what_they_rest_on():
    found = {name: speed.speed_mps for name, speed in speeds().items()}
    assert found == {
        "brisk": 1.2,
        "standard": 1.0,
        "elderly": 0.8,
        "frail": 0.64,
        "wheelchair": 0.79,
    }
    for speed in speeds().values():
        assert speed.source
        assert speed.grade in get_args(Grade)
        assert speed.name("zh") != speed.name("en")
