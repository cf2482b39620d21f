"""The five embedded districts give a figure for each of the 169 targets of the five documents.

``data/five_documents.toml`` holds what each comes to, counted in the files or as published;
`test_targets_recounted.py` counts every one again in the raw files, walks and spreads among them.
"""

import re
import tomllib
from fractions import Fraction
from math import prod
from pathlib import Path

import pandas as pd
import pytest
from support import target_table

import planner

PINNED = tomllib.loads(
    (Path(__file__).parent / "data" / "five_documents.toml").read_text(encoding="utf-8")
)
COUNTS = {
    "jiangbei-2009": 22, "beilun-2018": 52, "huangpu-2013": 37, "huangshigang-2022": 21,
    "baoshan-2023": 37,
}  # fmt: skip


def worked(term: str) -> float:
    """What a fraction such as ``315*100/1310`` comes to."""
    top, _, under = term.partition("/")
    return float(prod(Fraction(part) for part in top.split("*")) / Fraction(under or "1"))


def test_each_of_169_targets_has_a_figure(five_cards):
    assert {name: len(card) for name, card in five_cards.items()} == COUNTS
    assert sum(COUNTS.values()) == 169
    missing = [
        (name, key) for name, card in five_cards.items() for key in card.index[card["value"].isna()]
    ]
    assert not missing


def test_figures_are_what_was_counted(five_cards):
    wrong = {}
    for name, pinned in PINNED.items():
        card = five_cards[name]
        named = {*pinned["counted"], *pinned["walked"], *pinned["spread"]}
        assert named == set(card.index)
        for key, term in pinned["counted"].items():
            if card.loc[key, "value"] != pytest.approx(worked(term), rel=1e-9):
                wrong[key] = (card.loc[key, "value"], term)
    assert not wrong


def test_144_rows_are_computed_or_registered_with_why(five_cards):
    """The page is made from the registers and the five plans; each row stands in it."""
    assert len(target_table.classes()) == 144
    page = target_table.PAGE.read_text("utf-8")
    assert page[page.index("| Row |") :] == target_table.table(five_cards), (
        "target_table.py writes it"
    )
    shown = set(re.findall(r"^\| (\d-\d+) \|", page, re.MULTILINE))
    assert shown == set(target_table.classes())


def test_what_was_published_comes_out(five_plans):
    """Every figure that a document states agrees, but where the document contradicts itself."""
    verdicts = pd.concat(
        [plan.reported.set_index("target")["verdict"] for plan in five_plans.values()]
    )
    stated = sum("reported" in target for name in PINNED for target in profile(name).values())
    assert len(verdicts) == stated
    assert dict(verdicts[verdicts != "agrees"]) == {
        "1-23": "contradicts_itself", "1-23-edge": "contradicts_itself"
    }  # fmt: skip


def profile(name):
    path = Path(planner.__file__).parent / "standards" / "profiles" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["targets"]


@pytest.mark.parametrize("pinned", PINNED.values(), ids=list(PINNED))
def test_small_enough_to_ship(pinned):
    folder = planner.demo(pinned["district"]).parent
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    assert size < (1_300_000 if pinned["district"] == "chengwan" else 800_000)
    settings, _ = planner.read_settings(folder / "scenario.toml")
    assert settings.synthetic
    assert settings.note
    assert settings.note_en
