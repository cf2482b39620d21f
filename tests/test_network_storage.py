"""Networks on disk: the same answers, one step writes, and damage that is noticed."""

from __future__ import annotations

import json
import os
import threading

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from test_network import CRS, lattice, points
from test_network_reach import jittered

from planner.engine.network.store import storage
from planner.errors import NetworkError
from planner.network import (
    DRIVING,
    Network,
    cached_from_lines,
    cached_network,
    load_network,
    save_network,
)


@pytest.fixture
def saved(tmp_path):
    net = jittered(side=6)
    edges = net.edges.assign(
        name=["和平路", None, "O'Neill"] * (len(net.edges) // 3) + ["x"] * (len(net.edges) % 3),
        highway="residential",
        mixed=[["a", "b"] if k % 2 else "a" for k in range(len(net.edges))],
    )
    edges.index = pd.MultiIndex.from_arrays([edges["u"], edges["v"]], names=["u", "v"])
    nodes = net.nodes.set_axis([f"n{k}" for k in net.nodes.index])
    edges = edges.assign(u="n" + edges["u"].astype(str), v="n" + edges["v"].astype(str))
    net = Network.from_edges(nodes, edges, CRS)
    path = tmp_path / "deep" / "town.streets"
    save_network(net, path)
    return net, path


def test_a_saved_network_answers_the_same(saved):
    net, path = saved
    again = load_network(path)
    demand = points(np.random.default_rng(0).uniform(0, 500, (50, 2)))
    stations = points([(120, 90), (430, 380)], ["a", "b"])
    for ask in (
        lambda n: n.travel_times(demand, stations, 8),
        lambda n: n.nearest(None, stations, 4),
        lambda n: n.by(DRIVING).nearest(None, stations, 1),
        lambda n: n.reach(stations, [3]),
        lambda n: n.snap(demand).points,
        lambda n: n.nodes,
        lambda n: n.components,
        lambda n: n.edges.drop(columns="mixed"),
    ):
        one, two = ask(net), ask(again)
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two), check_dtype=False)
    assert again.edges["mixed"].tolist() == [str(one) for one in net.edges["mixed"]]
    assert again.crs == net.crs
    assert not again.graph.arc_cost.flags.writeable


@pytest.mark.parametrize("where", [0.001, 0.01, 0.3, 0.6, 0.99])
def test_any_changed_byte_is_noticed(saved, where):
    _, path = saved
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(NetworkError):
        load_network(path)


def test_half_a_file_and_another_file_are_noticed(saved, tmp_path):
    _, path = saved
    path.write_bytes(path.read_bytes()[:-64])
    with pytest.raises(NetworkError, match=path.name):
        load_network(path)
    for content in (b"", b"PK\x03\x04 something else", b"planner street network 1\n"):
        other = tmp_path / "other"
        other.write_bytes(content)
        with pytest.raises(NetworkError):
            load_network(other)
    with pytest.raises(FileNotFoundError):
        load_network(tmp_path / "none")


def test_cache_builds_once_per_content_and_options(tmp_path):
    built = []

    def build() -> Network:
        built.append(1)
        return lattice()

    source = tmp_path / "streets.geojson"
    source.write_text("one")
    ask = lambda **options: cached_network(build, tmp_path / "kept", [source], options)  # noqa: E731
    ask(mode="walk")
    ask(mode="walk")
    assert len(built) == 1
    ask(mode="drive")
    source.write_text("two")
    ask(mode="walk")
    assert len(built) == 3
    for file in (tmp_path / "kept").iterdir():
        file.write_bytes(file.read_bytes()[:200])
    assert len(ask(mode="walk").edges) == 12
    assert len(built) == 4
    assert len(ask(mode="walk").edges) == 12
    assert len(built) == 4


def some_lines() -> gpd.GeoDataFrame:
    edges = jittered(side=6).edges.drop(columns=["u", "v", "length_m", "oneway"])
    return edges.assign(name=[f"road {k % 7}" for k in range(len(edges))])


def test_lines_are_compiled_once_until_anything_about_them_changes(tmp_path, monkeypatch):
    built = []
    real = Network.from_lines
    monkeypatch.setattr(Network, "from_lines", lambda lines: built.append(1) or real(lines))
    lines = some_lines()
    fresh, again = (cached_from_lines(lines, tmp_path) for _ in range(2))
    assert len(built) == 1
    pd.testing.assert_frame_equal(fresh.edges, again.edges, check_dtype=False)
    stations = points([(120, 90), (430, 380)], ["a", "b"])
    pd.testing.assert_frame_equal(fresh.nearest(None, stations), again.nearest(None, stations))
    moved = lines.translate(1e-3)
    for other in (
        lines.assign(name="x"),
        lines.rename(columns={"name": "called"}),
        lines.set_axis(lines.index + 1),
        lines.set_axis(lines.index.astype(str)),
        lines.set_geometry(moved),
        lines.set_crs("EPSG:3857", allow_override=True),
        lines.iloc[::-1],
        lines.dissolve().explode(ignore_index=True),
    ):
        before = len(built)
        cached_from_lines(other, tmp_path)
        assert len(built) == before + 1
    # Two lines end to end are not one line with the same vertices.
    bent = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(0, 0), (1, 0), (1, 1), (2, 1)])], crs=CRS
    )
    apart = [shapely.LineString([(0, 0), (1, 0)]), shapely.LineString([(1, 1), (2, 1)])]
    parts = gpd.GeoDataFrame(geometry=[shapely.MultiLineString(apart)], crs=CRS)
    assert len(cached_from_lines(bent, tmp_path).edges) == 1
    assert len(cached_from_lines(parts, tmp_path).edges) == 2


def test_bad_lines_are_named_and_not_kept(tmp_path):
    lines = some_lines()
    with pytest.raises(NetworkError):
        cached_from_lines(lines.to_crs(4326), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_without_a_place_to_write_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert len(cached_from_lines(some_lines(), tmp_path / "file" / "kept").edges) > 0


def test_networks_unused_for_longest_make_room(tmp_path, monkeypatch):
    built = []

    def ask(name):
        cached_network(lambda: built.append(name) or lattice(), tmp_path, [], {"name": name})
        return {file for file in tmp_path.iterdir() if file.stat().st_mtime > 1e6}.pop()

    for age, name in enumerate("abc"):
        file = ask(name)
        os.utime(file, (age, age))
    monkeypatch.setattr(
        "planner.engine.network.store.cache._MOST_BYTES", int(3.5 * file.stat().st_size)
    )
    os.utime(ask("a"), (9, 9))  # used again: now b is the one unused for longest
    ask("d")
    assert len(list(tmp_path.iterdir())) == 3
    for name in "acdb":
        ask(name)
    assert "".join(built) == "abcdb"


def test_two_writers_do_not_mix(tmp_path):
    nets = [lattice(3), lattice(9)]
    path = tmp_path / "town.streets"
    save_network(nets[0], path)
    stop = threading.Event()
    seen, wrong = set(), []

    def write(net):
        while not stop.is_set():
            save_network(net, path)

    def read():
        while not stop.is_set():
            try:
                seen.add(len(load_network(path).edge_u))
            except Exception as error:  # noqa: BLE001
                wrong.append(error)

    threads = [threading.Thread(target=write, args=[net]) for net in nets]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    stop.wait(1.0)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert seen == {12, 144}
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def patched(path, change):
    """Write a kept network anew with its arrays or header changed, its digests right again."""
    data = path.read_bytes()
    lead = len(storage._MAGIC)
    length, _ = storage._HEAD.unpack(data[lead : lead + storage._HEAD.size])
    at = lead + storage._HEAD.size
    header = json.loads(data[at : at + length])
    begin = -(-(at + length) // 64) * 64
    arrays = {
        name: np.frombuffer(data, kind, int(np.prod(shape)), begin + offset).reshape(shape).copy()
        for name, (kind, shape, offset, _) in header["arrays"].items()
    }
    change(arrays, header)
    body, blocks = 0, []
    for name, array in arrays.items():
        place = [array.dtype.str, array.shape, body, storage._digest(array)]
        header["arrays"][name] = place
        blocks.append(array.tobytes() + b"\0" * (-array.nbytes % 64))
        body += len(blocks[-1])
    header["arrays"] = {name: header["arrays"][name] for name in arrays}
    header["bytes"] = header.get("told_bytes", body)
    text = json.dumps(header).encode()
    head = storage._MAGIC + storage._HEAD.pack(len(text), storage._digest_of_header(text)) + text
    path.write_bytes(head + b"\0" * (-len(head) % 64) + b"".join(blocks))


def nothing(arrays, header):
    """Change nothing."""


def told(**changes):
    def change(arrays, header):
        header.update(changes)

    return change


def without(*names):
    def change(arrays, header):
        for name in names or list(arrays):
            del arrays[name]

    return change


def put(name, value, at=0):
    def change(arrays, header):
        arrays[name].reshape(-1)[at] = value

    return change


def forged(name, array):
    def change(arrays, header):
        arrays[name] = array(arrays[name])

    return change


FORGED = {
    "a node that is not there": put("edge_u", 10**6),
    "a node below none": put("edge_v", -1),
    "a chain that is not there": put("edge_chain", 10**6),
    "a junction that is not there": put("graph.arc_head", 10**6),
    "an arc's chain that is not there": put("graph.arc_chain", 10**6),
    "an end that is not there": put("graph.chain_a", -5),
    "a start beyond the arcs": put("graph.arc_start", 10**9, 1),
    "starts that fall": put("graph.arc_start", -1, 1),
    "a cost below none": put("graph.arc_cost", -(2**40)),
    "a cost that runs over": put("graph.forward", 2**62),
    "a place that is none": put("node_xy", np.nan),
    "a vertex that is not there": put("ground.vertex_edge", 10**6),
    "a segment that is not there": put("ground.cell_segment", 10**6),
    "cells that fall": put("ground.cell_start", 10**9, 2),
    "a grid of no cells": put("ground.frame", 0, 3),
    "a cell of no size": put("ground.frame", 0, 2),
    "too few costs": forged("graph.arc_cost", lambda array: array[:-1]),
    "too few edges": forged("edge_length_m", lambda array: array[:-1]),
    "no edges": forged("edge_u", lambda array: array[:0]),
    "another kind of number": forged("edge_u", lambda array: array.astype("f4")),
    "another shape": forged("node_xy", lambda array: array.reshape(-1)),
    "a table that is none": forged("attributes", lambda array: array[::-1].copy()),
    "no such array": without("edge_u"),
    "a length that is none": told(told_bytes=10**12),
    "a CRS that is none": told(crs="nowhere"),
    "labels that are none": told(labels=[]),
    "no arrays": without(),
}


def test_a_kept_network_that_is_put_together_again_is_the_same(saved):
    net, path = saved
    patched(path, nothing)
    assert len(load_network(path).edges) == len(net.edges)


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_network_with_right_digests_is_noticed(saved, name):
    _, path = saved
    patched(path, FORGED[name])
    with pytest.raises(NetworkError, match="damaged"):
        load_network(path)


def test_changes_that_an_xor_would_not_see_are_noticed(saved):
    _, path = saved
    data = bytearray(path.read_bytes())
    last = len(data) - 64
    for at in (last, last - 128):  # the same bits in two words
        data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(NetworkError, match="damaged"):
        load_network(path)


def test_the_network_of_other_streets_is_passed_by_with_a_word(tmp_path, caplog):
    one, two = (lattice(3, spacing) for spacing in (100, 250))
    for content, net in ((b"one", one), (b"two", two)):
        cached_network(lambda net=net: net, tmp_path, [content])
    (first, second) = sorted(tmp_path.glob("*.streets"))
    first.write_bytes(second.read_bytes())  # planted: whole, and of other streets
    for content, net in ((b"one", one), (b"two", two)):
        found = cached_network(lambda net=net: net, tmp_path, [content])
        assert found.edges["length_m"].sum() == net.edges["length_m"].sum()
    assert len(caplog.records) == 1
    assert "made anew" in caplog.text or "重新生成" in caplog.text
