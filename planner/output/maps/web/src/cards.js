// @ts-check
// Cards and tips: what the pointer or a click tells about a place. Texts are set as text, never as HTML.

import { h } from "./dom.js";
import { factsOfFacility } from "./feature_cells.js";
import { hasFixed } from "./indicators.js";
import { known } from "./known.js";
import { isOther } from "./states.js";
import { communitySupply, facilitySupply, shortNote } from "./supply.js";

/** @import * as Data from "./payload.js" */
/** @import { App } from "./types.js" */

/** @type {("reached" | "linked" | "has")[]} */
const FLAGS = ["reached", "linked", "has"];

/**
 * @param {App} app
 * @param {number} i
 */
export function communityTip(app, i) {
  const { data, state, say } = app;
  const name = data.communities.name[i] || say("unnamed");
  if (!data.communities.inside[i]) return h("div", {}, h("b", {}, name), h("br"), say("left_out"));
  const one = app.indicators.find();
  if (one && !hasFixed(one)) {
    const value = app.indicators.written(one, app.indicators.valueOf(i));
    return h(
      "div",
      {},
      h("b", {}, name),
      h("br"),
      say("named", { name: one.title, told: "" }),
      one.by_street ? `${data.communities.street[i] || say("none")} ` : null,
      h("b", {}, value),
      app.following.follows(one) ? null : h("small", { class: "stays" }, app.following.note(one, false)),
    );
  }
  if (!state.kind) return h("div", {}, h("b", {}, name));
  const view = known(app.view());
  const minutes = view.minutes[i];
  return h(
    "div",
    {},
    h("b", {}, name),
    h("br"),
    `${say("share")} ${app.percent(view.share[i])} · `,
    `${say("nearest")} ${minutes === null ? say("min_none") : say("min_short", { n: app.minutes(minutes) })}`,
  );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function communityCard(app, i) {
  const { data, say } = app;
  const places = data.communities;
  const settlement = places.settlement[i] && data.texts[`settlement_${places.settlement[i]}`];
  const where = [places.street[i], settlement, places.zone[i] && say("zone", { name: places.zone[i] })]
    .filter(Boolean)
    .join(" · ");
  const people = Object.entries(data.groups).map(([group, name]) =>
    h("span", {}, name, " ", h("b", {}, app.count(places.people[group][i]))),
  );
  /** @param {any} value */
  const mark = (value) => (value === null ? say("none") : say(value ? "yes" : "no"));
  const when = app.state.when;
  /**
   * @param {Data.KindText} kind
   * @param {number | null | undefined} f
   */
  const named = (kind, f) =>
    f !== null &&
    f !== undefined &&
    h(
      "button",
      {
        type: "button",
        class: "link",
        title: say("way_show"),
        onclick: () => app.ways.choose(i, kind.id, f),
      },
      data.facilities.name[f] || say("unnamed"),
    );
  const head = app.head();
  const told = data.kinds.filter((kind) => !isOther(when) || data.figures[kind.id].other);
  const shown = FLAGS.filter((name) =>
    told.some((kind) => (known(app.view(kind.id, when))[name]?.[i] ?? null) !== null),
  );
  const rows = told.map((kind) => {
    const nearest =
      when === "before" && app.state.year === null ? named(kind, data.figures[kind.id].nearest[i]) : null;
    const view = known(app.view(kind.id, when));
    const minutes = view.minutes[i];
    return h(
      "tr",
      { class: kind.id === app.state.kind ? "chosen" : null },
      h("th", { scope: "row" }, h("i", { class: "dot", style: `--kind:${kind.colour}` }), kind.name, nearest),
      h("td", {}, app.percent(view.share[i])),
      h("td", {}, minutes === null ? say("none") : say("min_short", { n: app.minutes(minutes) })),
      h("td", {}, app.count(view.lacking ? view.lacking[i] : null)),
      shown.map((name) => h("td", {}, mark(view[name] ? view[name][i] : null))),
    );
  });
  return h(
    "div",
    { class: "card" },
    h("h3", {}, places.name[i] || say("unnamed")),
    where && h("p", { class: "where" }, where),
    h("p", { class: "people" }, people),
    h("p", { class: "way" }, app.ways.sentence(i)),
    places.inside[i]
      ? rows.length > 0 &&
          h(
            "div",
            {},
            h(
              "table",
              {},
              h(
                "thead",
                {},
                h(
                  "tr",
                  {},
                  ["kind", "share", "nearest", "lacking", ...shown].map((key) => h("th", {}, say(key))),
                ),
              ),
              h("tbody", {}, rows),
            ),
            communitySupply(app, i),
            h("p", { class: "note" }, say("card_note", { minutes: head.cutoff, group: head.group_name })),
          )
      : h("p", { class: "note" }, say("left_out")),
  );
}

/** @param {any[][]} rows */
function facts(rows) {
  return h(
    "dl",
    {},
    rows
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]),
  );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function facilityTip(app, i) {
  return h("div", {}, h("b", {}, app.data.facilities.name[i] || app.say("unnamed")));
}

/**
 * @param {App} app
 * @param {number} i
 */
export function facilityCard(app, i) {
  const { data, say } = app;
  const of = data.facilities;
  const kind = app.kinds.get(of.kind[i]);
  const served = app.links
    .filter(({ facility }) => facility === i)
    .map(({ community }) => data.communities.name[community]);
  const some = served.slice(0, 12).join(data.lang === "zh" ? "、" : ", ") + (served.length > 12 ? " …" : "");
  return h(
    "div",
    { class: "card" },
    h("h3", {}, of.name[i] || say("unnamed")),
    shortNote(app, i),
    facts([
      [say("kind"), kind ? kind.name : of.kind[i]],
      [say("tier"), of.tier[i]],
      [say("status"), of.status[i]],
      [
        say("capacity"),
        of.capacity[i] === null ? null : `${app.count(of.capacity[i])} ${kind ? kind.unit : ""}`,
      ],
      ...facilitySupply(app, i),
      [
        say("floor_area"),
        of.floor_area_m2[i] === null ? null : say("square_metres", { n: app.count(of.floor_area_m2[i]) }),
      ],
      [say("opened"), of.opened[i]],
      [say("closed"), of.closed[i]],
      [say("community"), of.community[i] === null ? null : data.communities.name[of.community[i]]],
      [say("place"), of.approximate[i] ? say("place_estimated") : null],
      ...factsOfFacility(app, i),
      [say("serves"), served.length ? say("serves_n", { n: served.length, names: some }) : null],
    ]),
  );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function candidateCard(app, i) {
  const of = app.data.candidates;
  return h(
    "div",
    { class: "card" },
    h("h3", {}, of.name[i] || app.say("unnamed")),
    h("p", { class: "where" }, app.say("candidate")),
    facts([[app.say("host"), of.host[i]]]),
  );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function siteTip(app, i) {
  const answer = known(app.answer());
  return h(
    "div",
    {},
    h("b", {}, `${answer.rank[i]}. ${answer.name[i] || ""}`),
    h("br"),
    app.say("site_adds", { n: app.count(answer.added[i]) }),
  );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function siteCard(app, i) {
  const { say } = app;
  const answer = known(app.answer());
  return h(
    "div",
    { class: "card" },
    h("h3", {}, answer.name[i] || say("unnamed")),
    h("p", { class: "where" }, say("site", { n: answer.rank[i] })),
    facts([
      [say("adds"), say("people", { n: app.count(answer.added[i]) })],
      [say("cumulative"), say("people", { n: app.count(answer.cumulative[i]) })],
      [say("host"), answer.host[i]],
      [say("cost"), answer.cost[i] === null ? null : [app.figure(answer.cost[i]), app.head().cost_unit].filter(Boolean).join(" ")],
    ]),
  );
}
