"""The fuzzer of inputs: few cases here, and that it would notice; `make fuzz` tries more."""

import pytest
from support.examples import TIMES

from planner.errors import InputError, fail
from tests.fuzz import inputs

# Of the first 50 of three seeds, all that take no time, and those that meet whatever the others do:
# each family with what must come of it, each format, each way to spoil it, each key.
CHOSEN = {
    0: [0, 1, 5, 6, 9, 10, 11, 12, 13, 15, 18, 19, 20, 22, 24, 27, 28, 30, 31, 33, 34, 36, 38, 40,
        42, 44, 45, 46, 48, 49],
    1: [0, 1, 3, 4, 7, 8, 9, 10, 11, 12, 14, 15, 17, 19, 21, 22, 23, 24, 25, 32, 34, 35, 36, 38, 39,
        40, 41, 44, 47, 48, 49],
    2: [0, 3, 5, 7, 8, 9, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 29, 32, 33, 34,
        35, 36, 38, 39, 40, 41, 44, 45, 46, 48, 49],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", CHOSEN)
def test_no_input_ends_in_a_traceback_or_a_wrong_answer(seed):
    numbers = CHOSEN[seed] if TIMES == 1 else range(50 * TIMES)
    found = list(inputs.fuzz(numbers, seed, run_every=25))
    assert [one for one in found if one.fault] == []
    assert {one.label for one in found} == {"refuse", "accept", "either"}


def test_the_same_seed_gives_the_same_cases():
    one, two = (list(inputs.fuzz(range(2), 4, run_every=50)) for _ in range(2))
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
