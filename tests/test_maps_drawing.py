"""How a large map is drawn quickly: what is saved must not be seen."""

import pytest
from support.browser import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def visit(chrome, toy_page, tmp_path_factory):
    return Visit(chrome, toy_page, tmp_path_factory.mktemp("drawing"))


@pytest.mark.parametrize("zoom", [12, 14.5, 18])
def test_lines_are_laid_out_as_leaflet_does(visit, zoom):
    """What is left out beforehand is what Leaflet would drop, at whatever zoom."""
    same = visit(
        """(zoom) => {
        plan.map.setZoom(zoom, { animate: false });
        const round = Array.from({ length: 400 }, (_, i) => { // of 170 m, with a tremor of 2 m
            const turn = (i / 400) * 2 * Math.PI, far = 0.0015 + 0.00002 * (i % 2);
            const { lat, lng } = plan.map.getCenter();
            return [lat + far * Math.sin(turn), lng + far * Math.cos(turn)]; });
        return [0, 0.5, 0.8, 1].map((smoothFactor) => {
            const line = L.polyline(round, { smoothFactor }).addTo(plan.map);
            const all = round.map((at) => plan.map.latLngToLayerPoint(at));
            const thin = (points) => L.LineUtil.simplify(points, smoothFactor).map(String).join();
            const found = [thin(line._rings[0]) === thin(all), line._rings[0].length, all.length];
            line.remove();
            return found; }); }""",
        zoom,
    )
    assert all(one for one, _, _ in same)
    kept = [kept / all_ for _, kept, all_ in same]
    assert kept[0] == 1
    assert min(kept) < 0.5 or zoom > 14
    assert visit.wrong == []


def test_grain_paints_discs_one_over_the_other(visit):
    """A pixel is as opaque as all discs that cover it let through together."""
    found = visit(
        """() => {
        const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 });
        const ctx = canvas.getContext('2d');
        ctx.setTransform(2, 0, 0, 2, -20, 0); // as on a screen of two pixels a point
        const grain = new planMap.Grain(ctx);
        grain.at(1).moveTo(15, 10);
        grain.lineTo(35, 10);
        grain.at(2).moveTo(15, 10);
        grain.lineTo(25, 10);
        grain.at(1).lineTo(15, 10); // the nearer limit stays
        grain.paint('#ff8000', [{ level: 1, breadth: 5, opacity: 0.2 },
            { level: 1, breadth: 0.5, opacity: 0.5 }, { level: 2, breadth: 1.5, opacity: 0.5 }]);
        return [[20, 20], [40, 20], [40, 17], [20, 21], [40, 30]]
            .map(([x, y]) => [...ctx.getImageData(x, y, 1, 1).data]); }"""
    )
    assert [alpha for *_, alpha in found] == [204, 153, 51, 153, 0]
    for *colour, alpha in found[:-1]:
        near = 255 / alpha  # a canvas keeps colours multiplied by how opaque they are
        assert colour == pytest.approx([255, 128, 0], abs=near)


def test_streets_are_drawn_where_they_are(visit):
    """On screen and on paper, and gone with their layer."""
    visit("() => { plan.state.layers.streets = true; plan.refresh(); plan.whole(); }")
    ink = """() => { const canvas = document.querySelector('.leaflet-roads-pane canvas');
        if (!canvas) return 0;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, i) => i % 4 === 3 && value > 0).length; }"""
    assert visit(ink) > 500
    on_street = visit(
        """() => { const { _ctx: ctx, _bounds } = plan.drawing.renderers.roads;
        const { lines: runs } = plan.data.streets[0];
        const { width, height } = ctx.canvas, { data } = ctx.getImageData(0, 0, width, height);
        const sheet = data.filter((_, i) => i % 4 === 3);
        return plan.unpack.run(runs[0]).map((at) => {
            const { x, y } = plan.map.latLngToLayerPoint(at);
            const [px, py] = [x - _bounds.min.x - 2, y - _bounds.min.y - 2].map(Math.round);
            return Math.max(...sheet.slice(py * width + px, py * width + px + 5),
                ...sheet.slice((py + 2) * width + px, (py + 2) * width + px + 5),
                ...sheet.slice((py + 4) * width + px, (py + 4) * width + px + 5)); }); }"""
    )
    assert all(value > 0 for value in on_street)
    visit("() => window.dispatchEvent(new Event('beforeprint'))")
    assert visit("() => document.querySelectorAll('.leaflet-roads-pane path').length") > 0
    visit("() => window.dispatchEvent(new Event('afterprint'))")
    visit("() => { plan.state.layers.streets = false; plan.refresh(); }")
    assert visit(ink) == 0
    assert [line for line in visit.wrong if "willReadFrequently" not in line] == []


def test_names_keep_clear_of_what_stands_in_the_corners(visit):
    """At every zoom; only the largest gaps are told whatever is there."""
    covered = """(zoom) => {
        plan.map.setZoom(zoom, { animate: false });
        const boxes = (what) => [...document.querySelectorAll(what)]
            .map((one) => one.getBoundingClientRect());
        const corners = boxes('.leaflet-control, .stamp');
        const meet = (a, b) => a.left < b.right && a.right > b.left
            && a.top < b.bottom && a.bottom > b.top;
        return boxes('.name:not(.gap) span')
            .filter((name) => corners.some((one) => meet(name, one))).length; }"""
    there = visit(
        """() => { plan.state.layers.labels = true; plan.refresh();
        const [at] = plan.data.communities.label.map(plan.unpack.point);
        const corner = plan.map.latLngToContainerPoint(at);
        const box = document.querySelector('.leaflet-control-zoom').getBoundingClientRect();
        const frame = plan.map.getContainer().getBoundingClientRect();
        plan.map.setMaxBounds(null); // a name comes under the buttons
        const to = [box.x - frame.x + 10, box.y - frame.y + 20];
        plan.map.panBy(corner.subtract(to), { animate: false });
        const moved = plan.map.latLngToContainerPoint(at);
        return [moved.x - (box.x - frame.x), moved.y - (box.y - frame.y)]; }"""
    )
    assert there == pytest.approx([10, 20], abs=1.5)
    for zoom in (visit("() => plan.map.getZoom()"), 14, 16):
        assert visit(covered, zoom) == 0
