"""Addresses looked up at a map service: recorded answers from a server of the test's own."""

import csv
import json
import threading
import urllib.parse
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import geopandas as gpd
import pandas as pd
import pytest
from conftest import EAST, METRIC, NORTH

from planner import api
from planner.cli import addresses
from planner.errors import GeocodingError, InputError, PlannerError
from planner.geocoding import geocode, services
from planner.language import text

# Answers as the services give them, by the address asked for.
TIANDITU = {
    "宁波市解放路3号": {
        "msg": "ok", "status": "0", "searchVersion": "6.4.9V",
        "location": {"score": 100, "level": "门址", "lon": "121.5", "lat": "29.9", "keyWord": ""},
    },
    "宁波市和平村": {
        "msg": "ok", "status": "0",
        "location": {"score": 90, "level": "村庄", "lon": "121.6", "lat": "29.8", "keyWord": ""},
    },
    "宁波市不知何处": {
        "msg": "ok", "status": "0",
        "location": {"score": 20, "level": "区县", "lon": "121.7", "lat": "29.7", "keyWord": ""},
    },
    "宁波市无此地": {"msg": "无结果", "status": "101"},
}  # fmt: skip
AMAP = {
    "解放路3号": {
        "status": "1", "info": "OK", "infocode": "10000", "count": "1",
        "geocodes": [{"location": "121.504,29.898", "level": "门牌号"}],
    },
    "无此地": {"status": "1", "info": "OK", "infocode": "10000", "count": "0", "geocodes": []},
    "乱写": {"status": "0", "info": "ENGINE_RESPONSE_DATA_ERROR", "infocode": "30001"},
}  # fmt: skip


class _Answers:
    """A service on this machine: its answers, and what was asked."""

    def __init__(self):
        self.answers, self.asked, self.status, self.body = {}, [], 200, None
        self.upset = []  # answers that come first
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
                address = query["address"][0] if "address" in query else None
                address = address or json.loads(query["ds"][0])["keyWord"]
                outer.asked.append((address, (query.get("tk") or query.get("key"))[0]))
                found = outer.upset.pop(0) if outer.upset else outer.answers.get(address, {})
                body = outer.body or json.dumps(found, ensure_ascii=False)
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def as_service(self, name):
        return replace(services()[name], url=f"http://127.0.0.1:{self.server.server_port}/geocoder")


@pytest.fixture
def answers():
    made = _Answers()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def listed(tmp_path):
    file = tmp_path / "食堂.xlsx"
    rows = {
        "名称": ["甲", "乙", "丙", "丁", "戊", "甲"],
        "地址": ["解放路3号", "和平村", "不知何处", "无此地", "宁波市解放路3号", "解放路3号"],
        "经度": [None, None, None, "待采集", 121.55, None],
        "纬度": [None, None, None, "待采集", 29.85, None],
    }
    pd.DataFrame(rows).to_excel(file, index=False)
    return file


def looked_up(file, service, **more):
    pauses = []
    found = geocode(file, service, "KEY", wait=pauses.append, **more)
    return found, pauses


def kept(found):
    with found.file.open(encoding="utf-8-sig", newline="") as table:
        return list(csv.reader(table))


def test_what_a_service_finds_is_kept(answers, listed):
    """Doors are exact, villages near, districts no place; rows with coordinates are not asked."""
    answers.answers = TIANDITU
    found, _ = looked_up(listed, answers.as_service("tianditu"), within="宁波市")
    assert (found.rows, found.exact, found.near, found.nothing, found.asked) == (4, 1, 1, 2, 4)
    head, *rows = kept(found)
    assert head[:5] == ["名称", "地址", "经度（CGCS2000）", "纬度（CGCS2000）", "精度"]
    assert rows[0] == ["甲", "解放路3号", "121.5000000", "29.9000000", "准确", "门址", "天地图"]
    assert [row[4] for row in rows] == ["准确", "近似", "未找到", "未找到"]
    assert rows[2][2:4] == ["", ""]
    assert {key for _, key in answers.asked} == {"KEY"}
    assert "宁波市宁波市解放路3号" not in [address for address, _ in answers.asked]


def test_nothing_is_asked_twice(answers, listed):
    answers.answers = TIANDITU
    service = answers.as_service("tianditu")
    first, _ = looked_up(listed, service, within="宁波市")
    before = first.file.read_bytes()
    again, pauses = looked_up(listed, service, within="宁波市")
    assert (again.exact, again.near, again.nothing, again.asked) == (1, 1, 2, 0)
    assert pauses == []
    assert again.file.read_bytes() == before


def test_amap_answers_in_its_own_datum(answers, tmp_path):
    answers.answers = AMAP
    file = tmp_path / "list.csv"
    pd.DataFrame({"name": list("abc"), "address": [*AMAP]}).to_csv(file, index=False)
    found, _ = looked_up(file, answers.as_service("amap"), lang="en")
    head, *rows = kept(found)
    assert head[2:5] == ["lon（GCJ-02）", "lat（GCJ-02）", "precision"]
    assert [row[4] for row in rows] == ["exact", "not found", "not found"]


@pytest.mark.parametrize(
    ("name", "body", "status", "problem"),
    [
        ("tianditu", '{"msg": "非法Key", "code": "301001"}', 200, "geocoding.key_refused"),
        ("tianditu", '{"msg": "超出次数", "code": "302001"}', 200, "geocoding.used_up"),
        ("tianditu", "denied", 403, "geocoding.key_refused"),
        ("tianditu", "slow down", 429, "geocoding.used_up"),
        ("tianditu", "oops", 500, "geocoding.no_answer"),
        ("tianditu", "<html>", 200, "geocoding.no_answer"),
        ("amap", '{"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}', 200,
         "geocoding.key_refused"),
        ("amap", '{"status": "0", "info": "DAILY_QUERY_OVER_LIMIT", "infocode": "10003"}', 200,
         "geocoding.used_up"),
    ],
)  # fmt: skip
def test_what_was_found_is_kept_when_the_service_stops(
    answers, listed, name, body, status, problem
):
    answers.answers = TIANDITU if name == "tianditu" else {"宁波市解放路3号": AMAP["解放路3号"]}
    service = answers.as_service(name)
    first = listed.with_name("one.csv")
    pd.DataFrame({"名称": ["甲"], "地址": ["解放路3号"]}).to_csv(first, index=False)
    out = listed.with_name("places.csv")
    looked_up(first, service, within="宁波市", out=out)
    answers.body, answers.status = body, status
    found, _ = looked_up(listed, service, within="宁波市", out=out)
    assert [one.key for one in found.stopped.problems] == [problem]
    assert (found.exact, found.asked) == (1, 0)
    assert len(kept(found)) == 2
    for lang in ("zh", "en"):
        assert "KEY" not in found.stopped.problems[0].say(lang).replace("_KEY", "")


def test_a_service_that_asks_for_a_pause_is_given_one(answers, listed):
    answers.answers = {"解放路3号": AMAP["解放路3号"]}
    busy = {"status": "0", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT", "infocode": "10021"}
    answers.upset = [busy, busy]
    found, pauses = looked_up(listed, answers.as_service("amap"))
    assert pauses[:2] == [1.0, 5.0]
    assert found.exact == 1
    answers.upset, answers.answers = [busy] * 9, {}
    listed.with_suffix(".places.csv").unlink()
    found, _ = looked_up(listed, answers.as_service("amap"))
    assert isinstance(found.stopped, GeocodingError)


def test_a_list_that_is_another_is_left_alone(answers, listed):
    answers.answers = TIANDITU
    other = listed.with_name("other.csv")
    other.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError) as caught:
        looked_up(listed, answers.as_service("tianditu"), out=other)
    assert [one.key for one in caught.value.problems] == ["geocoding.other_list"]
    assert other.read_text("utf-8") == "a,b\n1,2\n"


def test_a_list_without_names_and_addresses_is_refused(answers, tmp_path):
    file = tmp_path / "a.csv"
    pd.DataFrame({"a": [1], "b": [2]}).to_csv(file, index=False)
    with pytest.raises(InputError, match="a, b"):
        looked_up(file, answers.as_service("tianditu"))


@pytest.mark.parametrize(
    ("by", "key", "problem"),
    [("tiandit", "K", "geocoding.unknown_service"), ("amap", "", "geocoding.no_key")],
)
def test_the_command_says_what_it_lacks(listed, monkeypatch, by, key, problem):
    monkeypatch.setenv("PLANNER_AMAP_KEY", key)
    with pytest.raises(PlannerError) as caught:
        addresses.look_up(listed, by, within="", sheet=None, out=None, lang="en")
    assert [one.key for one in caught.value.problems] == [problem]


@pytest.fixture
def command(answers, monkeypatch):
    """The command's own steps, put to the test's service without pauses."""
    service = answers.as_service("tianditu")
    monkeypatch.setenv(service.key, "KEY")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(addresses, "services", lambda: {"tianditu": service})
    monkeypatch.setattr(addresses, "geocode", partial(geocode, wait=lambda _: None))
    return partial(
        addresses.look_up, by="tianditu", within="宁波市", sheet=None, out=None, lang="en"
    )


def test_the_command_tells_what_was_found(answers, command, listed, capsys):
    answers.answers = TIANDITU
    command(listed)
    said = capsys.readouterr().out
    assert text("geocoding.done", "en", rows=4, exact=1, near=1, nothing=2, asked=4) in said
    assert 'places = "食堂.places.csv"' in said
    placed = listed.with_name("placed.csv")
    pd.DataFrame({"名称": ["甲"], "经度": [121.5], "纬度": [29.9]}).to_csv(placed, index=False)
    command(placed)
    assert capsys.readouterr().out.strip() == text("geocoding.all_placed", "en")


def test_the_command_goes_on_where_a_service_stopped(answers, command, listed, capsys):
    answers.answers = {"宁波市解放路3号": TIANDITU["宁波市解放路3号"]}
    answers.answers |= {"宁波市和平村": {"msg": "超出次数", "code": "302001"}}
    with pytest.raises(GeocodingError):
        command(listed)
    assert text("geocoding.go_on", "en") in capsys.readouterr().out
    answers.answers = TIANDITU
    command(listed)
    assert [address for address, _ in answers.asked].count("宁波市解放路3号") == 1


def test_a_scenario_takes_the_places_found(answers, toy, tmp_path):
    """What is near is estimated, what is exact is not, what was not found is a problem."""
    path = toy.write(tmp_path)
    at = pd.DataFrame({"x": [EAST + 300, EAST + 600], "y": [NORTH + 300, NORTH]})
    at = gpd.GeoSeries.from_xy(at["x"], at["y"], crs=METRIC).to_crs(4490)
    answers.answers = {
        name: {
            "status": "0",
            "location": {"lon": f"{p.x:.8f}", "lat": f"{p.y:.8f}", "level": level},
        }
        for name, level, p in zip(("一号", "二号"), ("门址", "道路"), at, strict=True)
    }
    rows = pd.DataFrame({"名称": list("甲乙丙"), "地址": ["一号", "二号", "三号"], "状态": "已建"})
    rows.to_csv(tmp_path / "stations.csv", index=False)
    found, _ = looked_up(tmp_path / "stations.csv", answers.as_service("tianditu"))
    old = 'file = "stations.csv"\nkind = "care_station"\ncrs = "EPSG:4549"\n'
    new = f'file = "stations.csv"\nkind = "care_station"\nplaces = "{found.file.name}"\n'
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(InputError) as caught:
        api.check(path, set=["siting=[]", "links=[]"])
    assert [(one.key, one.value) for one in caught.value.problems] == [("io.not_in_list", "丙")]
    path.write_text(
        path.read_text("utf-8").replace(new, new + 'missing_coordinates = "community"\n'), "utf-8"
    )
    rows.assign(地址=["一号", "二号", "东里社区"]).to_csv(tmp_path / "stations.csv", index=False)
    area = api.check(path, set=["siting=[]", "links=[]"]).area
    own = area.facilities[area.facilities["kind"] == "care_station"].set_index("name")
    assert own["approximate"].to_dict() == {"甲": False, "乙": True, "丙": True}
    assert own["community"].to_dict() == {"甲": "A", "乙": "B", "丙": "A"}
