"""A plan that was saved comes back as it was, from its folder alone; what is no plan is told."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import planner
from planner.errors import InputError
from planner.language import text
from planner.output import report
from planner.study import plan_file
from planner.study.stages import value_bytes

SAID = ("map.html", "plan.json", "report.md", "summary.txt", plan_file.NAME)


def altered(content, **told):
    magic, header, packed = content.split(b"\n", 2)
    return b"\n".join([magic, json.dumps(json.loads(header) | told).encode(), packed])


def other_byte(content, at):
    """`content` with one byte turned around: another one whatever it was."""
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def test_it_is_the_same_plan_and_says_the_same(toy_plan, toy_saved, tmp_path):
    folder = toy_saved("en")
    again = planner.load_plan(folder)
    assert isinstance(again, planner.Plan)
    assert again.settings == toy_plan.settings
    assert report.record(again) == report.record(toy_plan)
    pd.testing.assert_frame_equal(again.summary(), toy_plan.summary())
    second = again.save(tmp_path / "second", lang="en")
    for name in SAID:
        assert (second / name).read_bytes() == (folder / name).read_bytes(), name
    assert planner.load_plan(folder / plan_file.NAME).kinds == toy_plan.kinds


def test_a_plan_is_pickled_without_what_was_drawn_of_it(toy_plan):
    toy_plan.explore(lang="en")
    again = pickle.loads(pickle.dumps(toy_plan))  # noqa: S301  our own
    assert not again.kept
    assert not again.area.network.kept
    assert report.record(again) == report.record(toy_plan)
    with pytest.raises(ValueError, match="read-only"):
        again.area.network.node_xy[:] = 0.0
    assert isinstance(again.area.network.reach(toy_plan.area.facilities, 5).area.sum(), np.floating)


@pytest.mark.parametrize(
    ("fault", "spoil"),
    [
        ("none", lambda _: None),
        ("damaged", lambda content: content[:-10]),
        ("damaged", lambda content: other_byte(content, 2000)),
        ("damaged", lambda _: b""),
        ("damaged", lambda _: b"planner plan\n{}\n"),
        ("damaged", lambda content: altered(content, bytes=10)),
        ("damaged", lambda content: altered(content, bytes=10**18)),
        ("damaged", lambda content: altered(content, schema="?")),
        ("damaged", lambda _: b'planner plan\n{"schema": 1e999, "planner": "", "bytes": 1}\n'),
        ("damaged", lambda _: b"planner plan\n" + b"[" * 100_000 + b"\n"),
        ("damaged", lambda content: packed_of({"no": "plan"}, content)),
        ("other_schema", lambda content: altered(content, schema=plan_file.SCHEMA + 1)),
    ],
)
def test_what_is_no_plan_is_told_with_its_file(toy_saved, tmp_path, fault, spoil):
    content = spoil((toy_saved("en") / plan_file.NAME).read_bytes())
    if content is not None:
        (tmp_path / plan_file.NAME).write_bytes(content)
    with pytest.raises(InputError) as told:
        planner.load_plan(tmp_path)
    (problem,) = told.value.problems
    assert problem.file == str(tmp_path / plan_file.NAME)
    assert problem.key == f"plan_file.{fault}"


def test_what_cannot_be_kept_takes_nothing_else_away(toy_plan, tmp_path, caplog):
    odd = replace(toy_plan, gaps=toy_plan.gaps.assign(odd=[object()] * len(toy_plan.gaps)))
    folder = planner.save(odd, tmp_path / "out", lang="en", outputs=["record", "plan"])
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "plan.json"]
    assert "no whole plan (plan.planner)" in caplog.messages[0]


def test_remarks_of_readers_and_dates_are_no_hindrance(toy_plan, tmp_path):
    gaps = toy_plan.gaps.assign(day=pd.Timestamp("2025-06-01"))
    gaps.attrs["read by"] = object()
    folder = planner.save(replace(toy_plan, gaps=gaps), tmp_path / "out", outputs=["plan"])
    pd.testing.assert_frame_equal(planner.load_plan(folder).gaps, gaps.rename_axis(None))


def packed_of(value, content):
    whole = value_bytes(value, {})
    packed = pa.compress(whole, codec="zstd", asbytes=True)
    lead = altered(content, bytes=len(whole)).split(b"\n", 2)[:2]
    return b"\n".join([*lead, packed])


def test_its_messages_name_the_remedy():
    for lang in ("zh", "en"):
        assert "plan.planner" in text("plan_file.none.what", lang, name=plan_file.NAME)
