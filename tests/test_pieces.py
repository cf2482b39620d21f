"""Pieces of outputs that are kept: told by all that they are made of, and by nothing else."""

from dataclasses import replace

import pytest

from planner.engine.network import Network
from planner.output.maps import base_layers
from planner.output.maps.network_payload import network_payload
from planner.output.maps.quantize import Quantizer
from planner.output.pieces import keep_pieces
from planner.study.stages import Stages

FEET = ("edge", "share", "access")


def moved(frame, metres):
    return frame.set_geometry(frame.geometry.translate(xoff=metres))


def other_homes(plan):
    return replace(plan, area=plan.area.with_tables(demand=moved(plan.area.demand, 7.0)))


def other_facilities(plan):
    return replace(plan, area=plan.area.with_tables(facilities=moved(plan.area.facilities, 7.0)))


def other_limit(plan):
    walk = plan.settings.walk.model_copy(update={"max_snap_m": 1.0})
    return replace(plan, settings=plan.settings.model_copy(update={"walk": walk}))


def scraps_passed_over(plan):
    """The same streets and cuts, but what counts as cut off from the rest."""
    network = replace(plan.area.network, pass_over_m=1e6, kept={})
    return replace(plan, area=plan.area.with_tables(network=network))


def feet(plan, folder):
    if folder is not None:
        plan.kept.clear()
        keep_pieces(plan, Stages(folder=folder))
    frame = plan.area.communities
    made = network_payload(plan, Quantizer(frame.crs, frame.total_bounds, "wgs84"))
    return [[made[of][name] for name in FEET] for of in ("homes", "facilities")]


@pytest.fixture
def plan(toy_plan):
    return replace(toy_plan, area=replace(toy_plan.area))


def test_where_homes_and_doors_stand_is_looked_up_once(plan, tmp_path, monkeypatch):
    made = feet(plan, tmp_path)
    monkeypatch.setattr(Network, "snap", None)
    again = replace(plan, area=replace(plan.area))
    assert feet(again, tmp_path) == made


@pytest.mark.parametrize("change", [other_homes, other_facilities, other_limit])
def test_what_they_stand_on_is_told_apart(plan, tmp_path, change):
    before = feet(plan, tmp_path)
    other = change(plan)
    assert feet(other, tmp_path) == feet(change(plan), None) != before


def test_what_counts_as_a_scrap_is_told_apart(plan, tmp_path):
    feet(plan, tmp_path)
    kept = sum(1 for one in tmp_path.rglob("*") if one.is_file())
    feet(scraps_passed_over(plan), tmp_path)
    assert sum(1 for one in tmp_path.rglob("*") if one.is_file()) > kept


def streets(plan, folder):
    if folder is not None:
        plan.kept.clear()
        keep_pieces(plan, Stages(folder=folder))
    frame = plan.area.communities
    return base_layers.streets(plan, Quantizer(frame.crs, frame.total_bounds, "wgs84"))


def test_streets_of_the_map_are_joined_once(plan, tmp_path, monkeypatch):
    made = streets(plan, tmp_path)
    moved_on = replace(plan, area=plan.area.with_tables(streets=moved(plan.area.streets, 7.0)))
    assert streets(moved_on, tmp_path) == streets(moved_on, None) != made
    monkeypatch.setattr(base_layers, "merge_lines", None)
    assert streets(replace(plan, area=replace(plan.area)), tmp_path) == made
