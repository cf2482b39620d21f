"""Random questions of every model under every mixture of rules, the same few hundred each time."""

import pytest

from tests.fuzz import siting as fuzz

SMALL, LARGE = 24, 5  # questions of each form


@pytest.mark.parametrize("form", sorted(fuzz.FORMS))
def test_answers_are_those_of_enumeration(form):
    counts, wrong = fuzz.run(range(SMALL), form)
    assert counts[form, "asked"] == SMALL
    assert counts[form, "refused"] < SMALL / 2
    assert not wrong


@pytest.mark.parametrize("form", sorted(fuzz.LARGE_FORMS))
def test_answers_are_those_of_highs_alone(form):
    counts, wrong = fuzz.run(range(LARGE), form, large=True)
    assert counts[form, "asked"] == LARGE
    assert not wrong


@pytest.mark.parametrize("form", sorted(fuzz.LARGE_FORMS))
def test_answers_without_time_claim_no_more_than_is_so(form):
    """A p-dispersion without a bound once called whatever it had best."""
    counts, wrong = fuzz.run(range(SMALL), form, hurried=True)
    assert counts[form, "asked"] == SMALL
    assert not wrong


def test_the_same_seed_gives_the_same_question():
    one, other = fuzz.make(7), fuzz.make(7)
    assert one.form == other.form
    assert one.words == other.words
    assert one.od.equals(other.od)
