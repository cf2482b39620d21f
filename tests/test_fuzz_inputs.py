"""The fuzzer of inputs: few cases here, and that it would notice; `make fuzz` tries more."""

import pytest

from planner.errors import InputError, fail
from tests.fuzz import inputs


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(3))
def test_no_input_ends_in_a_traceback_or_a_wrong_answer(seed):
    found = list(inputs.fuzz(50, seed, run_every=25))
    assert [one for one in found if one.fault] == []
    assert {one.label for one in found} == {"refuse", "accept", "either"}


def test_the_same_seed_gives_the_same_cases():
    one, two = (list(inputs.fuzz(2, 4, run_every=50)) for _ in range(2))
    assert one == two


def broken(*_, **__):
    raise ZeroDivisionError


def refusing(*_, **__):
    raise fail(InputError, "io.empty")


@pytest.mark.parametrize(
    ("answer", "label", "fault"),
    [
        (broken, "refuse", "traceback"),
        (refusing, "accept", "sound refused"),
        (refusing, "refuse", "refused without a place"),
    ],
)
def test_the_fuzzer_notices_what_is_wrong(toy_city, monkeypatch, answer, label, fault):
    monkeypatch.setattr("planner.api.check", answer)
    case = inputs.Case(None, None, {}, toy_city.parent)
    case.label = label
    assert inputs.attempt(case, toy_city, runs=False)[0] == fault


def test_the_fuzzer_notices_what_is_wrongly_accepted(toy_city):
    case = inputs.Case(None, None, {}, toy_city.parent)
    case.label = "refuse"
    assert inputs.attempt(case, toy_city, runs=False)[0] == "wrong accepted"
