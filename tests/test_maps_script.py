"""The script of the map's page: its bundle is fresh, its payload is typed, its parts work."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import folium
import pytest
from support.browser import Visit
from support.payload_types import MODULE, misfits, records, script
from test_maps import BARE, data_of, nasty_plan

import planner
from planner import api
from planner.output import maps
from planner.output.layers import LAYERS
from planner.output.maps.payload import Payload
from planner.output.maps.payload.terms import KindText

WEB = Path(maps.__file__).parent / "web"
BUNDLE = WEB.parent / "page.bundle.js"


def hash_of_sources() -> str:
    """Compute the hash that `web/build.mjs` writes into the bundle's first line."""
    found = hashlib.sha256()
    modules = sorted(f"src/{path.name}" for path in WEB.glob("src/*.js"))
    for name in ["build.mjs", "package.json", *modules]:
        found.update(f"{name}\n".encode() + (WEB / name).read_bytes())
    return found.hexdigest()


def test_the_bundle_is_made_of_the_sources_that_stand_beside_it():
    first_line = BUNDLE.read_text("utf-8").splitlines()[0]
    assert f"sha256 {hash_of_sources()} " in first_line, "stale: run `make page`"


def test_the_script_knows_the_payload_as_python_does():
    assert MODULE.read_text("utf-8") == script(), "stale: run `make page`"
    assert len(records()) > 40


@pytest.fixture(scope="module")
def written(toy, toy_plan, tmp_path_factory):
    """What the pages of a plan, of a bare one and of a comparison hold."""
    path = toy.write(tmp_path_factory.mktemp("later"))
    later = api.run(path, use=["later"], set=["walk.preset=elderly"])
    compared = planner.compare(toy_plan, later, names=("A", "B"))
    made = {"plan": nasty_plan(), "bare": BARE(), "comparison": compared}
    return {name: data_of(maps.page(one, lang="en")) for name, one in made.items()}


def test_what_python_writes_is_of_the_types_that_the_script_reads(written):
    for data in written.values():
        assert list(misfits(data, Payload)) == []
        of_page = {name for name, spec in LAYERS.items() if spec.make is None}
        assert of_page <= set(data["layers"]) <= set(LAYERS)
    assert written["comparison"]["other"]["walk"] is not None


def test_a_value_of_another_type_is_told():
    kind = {"id": "a", "name": "A", "colour": "#1", "unit": "beds", "operating": 1, "planned": 0}
    assert list(misfits(kind, KindText)) == []
    assert list(misfits(kind | {"operating": "1"}, KindText)) == [
        "payload.operating: '1' is no number"
    ]
    assert list(misfits(kind | {"more": 1}, KindText)) == ["payload: unknown more"]
    kind.pop("unit")
    assert list(misfits(kind, KindText)) == ["payload: no unit"]
    assert list(misfits([1, None], list[int])) == ["payload[1]: None is no number"]
    assert list(misfits(True, int)) == ["payload: True is no number"]


@pytest.mark.parametrize("made", ["plan", "comparison"])
def test_coordinates_of_homes_are_written_once(made, written):
    data = written[made]
    text = json.dumps(data)
    assert data["home_places"]
    assert text.count(data["home_places"]) == 1
    assert "at" not in data["homes"]
    assert "at" not in data["walk"]["homes"]
    if made == "comparison":
        assert data["other"]["home_places"] is None  # both plans have the same homes


def test_no_jquery_is_in_a_page():
    page = maps.page(BARE(), lang="en")
    assert "jquery" not in page.lower()
    assert "jQuery" not in "".join(path.read_text("utf-8") for path in WEB.glob("src/*.js"))


@pytest.mark.browser
def test_a_popup_of_foliums_own_opens_without_jquery(chrome, tmp_path):
    """Folium makes its popups by `$(text)[0]`: the page has that much of jQuery."""
    drawn = maps.draw(BARE(), lang="en")
    popup = folium.Popup("<b>mine</b> & <i>yours</i>")
    marker = folium.CircleMarker(drawn.location, popup=popup, tooltip="here").add_to(drawn)
    visit = Visit(chrome, drawn.get_root().render(), tmp_path)
    visit(f"() => {{ {marker.get_name()}.openPopup(); }}")
    assert visit.page.locator(".leaflet-popup b").inner_text() == "mine"
    assert visit.page.locator(".leaflet-popup-content").inner_text().strip() == "mine & yours"
    assert visit("() => typeof window.jQuery") == "undefined"
    assert visit.wrong == []


def node() -> str:
    """Find node; where it is missing the test says so, and fails in CI."""
    found = shutil.which("node")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI must have node: the parts of the map's script are proven in it")
    if found is None:
        pytest.skip("no node on this machine")
    return found


def run_in_node(*command: str) -> None:
    done = subprocess.run(
        [node(), *command], cwd=WEB, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_the_parts_of_the_script_work():
    run_in_node("--test")


def test_the_bundle_is_what_the_bundler_makes():
    node()
    if not (WEB / "node_modules" / "esbuild").exists():
        if os.environ.get("CI"):
            pytest.fail("CI must have the tools of the map's script: `make check` fetches them")
        pytest.skip("the tools of the map's script are not here: `make check` fetches them")
    run_in_node("build.mjs", "--check")
