// @ts-check
// Trial sites as a table and as part of a scenario.

import { h } from "./dom.js";

/** @import { App, Trial, When } from "./types.js" */

/**
 * One row for each trial: what a scenario needs to run with it, then the people it adds.
 *
 * @param {App} app
 * @param {Trial[]} trials
 * @returns {Record<string, string | number>[]}
 */
export function trialTable(app, trials) {
  const { data, state, say } = app;
  const groups = Object.keys(data.groups);
  /** @type {{when: When, lead: string, walk: unknown}[]} */
  const plans = [
    { when: "before", lead: "adds_", walk: data.walk },
    { when: "other", lead: "adds_b_", walk: data.other?.walk },
  ];
  /** @type {Map<Trial, Record<string, number>>} */
  const adds = new Map(trials.map((one) => [one, {}]));
  for (const kind of new Set(trials.map((one) => one.kind))) {
    const own = app.trials.of(kind);
    for (const { when, lead, walk } of plans) {
      if (!walk || (when === "other" && !data.figures[kind].other)) continue;
      app.trials.added(kind, when).forEach((gain, n) => {
        const added = groups.map((group) => [lead + group, Math.round(gain[group] || 0)]);
        adds.set(own[n], { ...adds.get(own[n]), ...Object.fromEntries(added) });
      });
    }
  }
  const year = state.year === null ? data.head.year : state.year;
  return trials.map((one) => ({
    id: `trial-${one.name}`,
    name: say("trial_name", { n: one.name }),
    kind: one.kind,
    status: year ? "proposed" : "existing",
    opened: year || "",
    lon: one.latlng.lng.toFixed(7),
    lat: one.latlng.lat.toFixed(7),
    ...adds.get(one),
  }));
}

/** @param {any} value */
const quoted = (value) =>
  /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);

/**
 * @param {App} app
 * @param {Trial[]} trials
 */
export function trialCsv(app, trials) {
  const rows = trialTable(app, trials);
  if (!rows.length) return "";
  const columns = Object.keys(rows[0]);
  return `\uFEFF${[columns, ...rows.map((row) => columns.map((name) => row[name]))].map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

/**
 * What to add to the scenario: the table of trial sites as facilities, or else as candidates.
 *
 * @param {App} app
 */
export function trialToml(app) {
  const datum = app.data.tiles === "amap" ? "gcj02" : "wgs84";
  /**
   * @param {string} name
   * @param {string} lead
   */
  const part = (name, lead) =>
    [`[[${name}]]`, 'file = "trial_sites.csv"', `datum = "${datum}"`].map((line) => lead + line).join("\n");
  return `# ${app.say("snippet_facilities")}\n${part("facilities", "")}\n\n# ${app.say("snippet_candidates")}\n${part("candidates", "# ")}\n`;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
export function save(name, text, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
