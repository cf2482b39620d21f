"""Random questions of every model under every mixture of rules, the same few hundred each time."""

import pytest
from support.examples import TIMES

from tests.fuzz import siting as fuzz

# Of the first 24, those in which each form meets every rule that it meets in all of them, and each
# way in which a question is taken for large.
CHOSEN = {
    "calm": (2, 3, 6, 8, 9, 10, 11, 12, 15, 17, 21, 22, 23),
    "hurried": (0, 1, 2, 3, 4, 6, 8, 9, 10, 11, 20, 21, 23),
}
SMALL = {name: own if TIMES == 1 else range(24 * TIMES) for name, own in CHOSEN.items()}
LARGE = 5 * TIMES  # questions of each form


@pytest.mark.parametrize("form", sorted(fuzz.FORMS))
def test_answers_are_those_of_enumeration(form):
    counts, wrong = fuzz.run(SMALL["calm"], form)
    assert counts[form, "asked"] == len(SMALL["calm"])
    assert counts[form, "refused"] < len(SMALL["calm"]) / 2
    assert not wrong


@pytest.mark.parametrize("form", sorted(fuzz.LARGE_FORMS))
def test_answers_are_those_of_highs_alone(form):
    counts, wrong = fuzz.run(range(LARGE), form, large=True)
    assert counts[form, "asked"] == LARGE
    assert not wrong


@pytest.mark.parametrize("form", sorted(fuzz.LARGE_FORMS))
def test_answers_without_time_claim_no_more_than_is_so(form):
    """A p-dispersion without a bound once called whatever it had best."""
    counts, wrong = fuzz.run(SMALL["hurried"], form, hurried=True)
    assert counts[form, "asked"] == len(SMALL["hurried"])
    assert not wrong


def test_the_same_seed_gives_the_same_question():
    one, other = fuzz.make(7), fuzz.make(7)
    assert one.form == other.form
    assert one.words == other.words
    assert one.od.equals(other.od)
