// @ts-check
// Names and figures on the map, none upon another.

import { WORST } from "./constants.js";
import { h } from "./dom.js";
import { known } from "./known.js";
import { showsGaps } from "./visibility.js";

/** @import { App, Label } from "./types.js" */

const LONGEST = 24;

/** How far a name moves up or down for room, in pixels: no farther than it is still read as being of its place. */
const NEAR = [0, 12, -12, 24, -24];

// Labels: the more important first, none upon another.
export class Labels {
  /**
   * @param {L.Map} map
   * @param {string} pane
   */
  constructor(map, pane) {
    this.map = map;
    this.pane = pane;
    /** @type {Label[]} */
    this.items = [];
    /** @type {Map<Label, L.Marker>} */
    this.shown = new Map();
    this.on = true;
    this.family = "";
    /** @type {{at: any, left?: boolean}[]} */
    this.avoid = []; // places of pins, 26 by 34 pixels above their point: {at, left}
    /** @type {() => number | null} */
    this.cut = () => null; // where the map is divided, in pixels from the left
    this.pen = known(document.createElement("canvas").getContext("2d"));
    /** @type {number[][] | null} */
    this.controls = null;
    map.on("resize", () => {
      this.controls = null;
    });
    map.on("moveend zoomend resize", () => this.place());
  }

  /** What stands over the map in its corners: measured once, since it makes the page lay itself out. */
  corners() {
    if (!this.controls) {
      const frame = this.map.getContainer().getBoundingClientRect();
      this.controls = [...this.map.getContainer().querySelectorAll(".leaflet-control, .stamp")]
        .map((one) => one.getBoundingClientRect())
        .map(({ left, top, right, bottom }) => [
          left - frame.left,
          top - frame.top,
          right - frame.left,
          bottom - frame.top,
        ]);
    }
    return this.controls;
  }

  /**
   * sets: lists of {at, text, css, size, from, to, room, left}; room is the width in degrees it must fit
   * in; left tells on which side of a divided map it stands, if on one alone.
   *
   * @param {Label[][]} sets
   */
  use(sets) {
    this.items = sets.flat();
    const fresh = this.items.filter((item) => item.width === undefined);
    if (fresh.length && !this.family) this.family = getComputedStyle(document.body).fontFamily; // once: it makes the page lay itself out
    for (const item of fresh) {
      const letters = [...item.text];
      if (letters.length > LONGEST) item.text = `${letters.slice(0, LONGEST - 1).join("")}…`;
      this.pen.font = `${item.weight || 400} ${item.size}px ${this.family}`;
      item.width =
        this.pen.measureText(item.text).width + (item.pad || 4) + (item.track || 0) * item.text.length;
    }
    this.place();
  }

  place() {
    const zoom = this.map.getZoom();
    const view = this.map.getBounds().pad(0.1);
    const perDegree = (256 * 2 ** zoom) / 360;
    const cut = this.cut();
    /**
     * @param {any} item
     * @param {number} x
     */
    const aside = (item, x) => cut !== null && item.left !== undefined && item.left !== x < cut;
    const taken = this.avoid
      .map((item) => ({ item, spot: this.map.latLngToContainerPoint(item.at) }))
      .filter(({ item, spot }) => !aside(item, spot.x))
      .map(({ spot: { x, y } }) => [x - 13, y - 34, x + 13, y]);
    taken.push(...this.corners());
    const keep = new Set();
    for (const item of this.on ? this.items : this.items.filter((one) => one.always)) {
      if (!item.at || zoom < item.from || zoom > item.to || !view.contains(item.at)) continue;
      const width = known(item.width);
      if (item.room && item.room * perDegree < width * 0.8) continue;
      const { x, y } = this.map.latLngToContainerPoint(item.at);
      if (aside(item, x)) continue;
      /** @param {any} dy */
      const boxAt = (dy) => [
        x - width / 2,
        y + dy - item.size * 0.75,
        x + width / 2,
        y + dy + item.size * 0.75,
      ];
      /** @param {any} box */
      const free = (box) =>
        !taken.some(
          (other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1],
        );
      const tried = item.room ? [0] : NEAR;
      const dy = tried.find((one) => free(boxAt(one)));
      if (dy === undefined) continue; // the list beside the map has it
      taken.push(boxAt(dy));
      if (this.shown.has(item) && item.dy !== dy) {
        this.shown.get(item)?.remove();
        this.shown.delete(item);
      }
      item.dy = dy;
      keep.add(item);
    }
    for (const [item, marker] of this.shown) {
      if (!keep.has(item)) {
        marker.remove();
        this.shown.delete(item);
      }
    }
    for (const item of keep) {
      if (this.shown.has(item)) continue;
      const icon = L.divIcon({
        className: `name ${item.css}`,
        html: h("span", {}, item.text),
        iconSize: undefined,
        iconAnchor: [0, -item.dy],
      });
      this.shown.set(
        item,
        L.marker(item.at, { pane: this.pane, icon, interactive: false, keyboard: false }).addTo(this.map),
      );
    }
  }
}

/** @param {App} app */
export function gapLabels(app) {
  const { data, state, unpack } = app;
  const gaps =
    state.kind && state.layers.gaps && showsGaps(app) ? known(app.view()).gaps.slice(0, WORST) : [];
  return gaps.map(({ community, lacking }) => ({
    at: unpack.point(data.communities.label[community]),
    text: app.say("gap_label", { n: app.count(lacking) }),
    css: "gap",
    size: 12,
    weight: 600,
    pad: 14,
    from: 0,
    to: 30,
    always: true,
  }));
}

/**
 * @param {App} app
 * @param {any[]} communities
 * @returns {Label[][]}
 */
export function placeLabels(app, communities) {
  const { data, unpack } = app;
  /** @param {number} i */
  const width = (i) => communities[i].getBounds().getEast() - communities[i].getBounds().getWest();
  return [
    data.towns.name.map((text, i) => ({
      at: unpack.point(data.towns.label[i]),
      text,
      css: "town",
      size: 14,
      weight: 600,
      track: 2,
      pad: 10,
      from: 0,
      to: 15.2,
    })),
    data.communities.name
      .map((text, i) => ({
        at: unpack.point(data.communities.label[i]),
        text: text || "",
        css: "community",
        size: 12,
        from: 12.5,
        to: 30,
        room: width(i),
      }))
      .filter((item) => item.text),
    data.backdrop
      .filter(({ name, label }) => name && label)
      .map(({ kind, name, label }) => ({
        at: unpack.point(label),
        text: name ?? "",
        css: `nature ${kind}`,
        size: 12,
        from: 12.5,
        to: 30,
      })),
  ];
}
