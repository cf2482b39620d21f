// @ts-check
// Figures of the shading that no view holds, in the state shown. Those told by the homes' ways, or by
// the capacity of a year's facilities, are worked out here; what cannot be stays the plan's own, and is
// marked as such wherever it is shown.

import { SLACK } from "./constants.js";
import { known } from "./known.js";
import { planYear } from "./phrases.js";
import { isAfter, isOther, isTrial } from "./states.js";

/** @import * as Data from "./payload.js" */
/** @import { App, When } from "./types.js" */

/** @param {App} app */
export function makeFollowing(app) {
  const { data, state, views } = app;
  const streets = new Map(data.towns.name.map((name, i) => [name, i]));
  const streetOf = data.communities.street.map((name) => streets.get(name ?? "") ?? null);
  /**
   * @param {Data.IndicatorText} one
   * @param {number} community
   */
  const placeOf = (one, community) => (one.by_street ? streetOf[community] : community);
  const worked = new Map();

  /**
   * Whether a plan's own figures are of the state.
   *
   * @param {When} when
   */
  const isOwn = (when) => state.year === null && (when === "before" || when === "other");

  /**
   * Whether the figures shown are those of the state.
   *
   * @param {Data.IndicatorText | null} one
   * @param {When} [when]
   */
  function follows(one, when = state.when) {
    if (!one || one.of || isOwn(when) || (one.worked && one.worked.source === "people")) return true;
    if (!one.worked || !app.views.ground(when)) return false;
    return one.worked.source === "homes" || (state.year !== null && !isTrial(when) && !isAfter(when));
  }

  /**
   * The plan's own figures; of a second plan only what differs is told, and nothing it does not have.
   *
   * @param {Data.IndicatorText} one
   * @param {When} when
   */
  function own(one, when) {
    if (!isOther(when)) return one.values;
    const key = `${one.kind || ""} ${one.name}`;
    return key in known(data.other).values ? known(data.other).values[key] || one.values : null;
  }

  /**
   * @param {Data.IndicatorText} one
   * @param {When} [when]
   */
  function values(one, when = state.when) {
    if (isOwn(when) || !follows(one, when) || !one.worked || one.worked.source === "people")
      return own(one, when);
    const key = `${one.name} ${views.stateKey(known(one.kind), when)}`;
    if (!worked.has(key)) {
      if (worked.size > 60) worked.clear();
      worked.set(key, one.worked.source === "homes" ? fromHomes(one, when) : fromCapacity(one, when));
    }
    return worked.get(key);
  }

  /**
   * People within the limit, as a share of all; or the people beyond it, as many as need a place.
   *
   * @param {Data.IndicatorText} one
   * @param {When} when
   */
  function fromHomes(one, when) {
    const { community, people } = known(views.ground(when)),
      head = views.terms(when);
    const { group, minutes, need } = known(one.worked);
    const weight = people[group || head.group],
      limit = (minutes === null ? head.cutoff : minutes) + SLACK;
    const ways = views.minutes(known(one.kind), when);
    const [all, near] = sums(one, (add) => {
      for (let i = 0; i < ways.length; i++) add(community[i], weight[i], ways[i] <= limit ? weight[i] : 0);
    });
    return all.map((sum, i) =>
      need === null ? (sum > 0 ? near[i] / sum : null) : Math.round(need * (sum - near[i])),
    );
  }

  /**
   * Capacity per thousand people: none known where it is not known of a facility.
   *
   * @param {Data.IndicatorText} one
   * @param {When} when
   */
  function fromCapacity(one, when) {
    const { community, people } = known(views.ground(when));
    const weight = people[views.terms(when).group],
      of = data.facilities;
    const [all, room] = sums(one, (add) => {
      for (let i = 0; i < community.length; i++) add(community[i], weight[i], 0);
      for (const i of views.facilitiesOf(known(one.kind), when))
        add(of.community[i], 0, of.capacity[i] === null ? NaN : of.capacity[i]);
    });
    return all.map((sum, i) => (sum > 0 && !Number.isNaN(room[i]) ? (1000 * room[i]) / sum : null));
  }

  /**
   * Two sums for each place, of the communities that count.
   *
   * @param {Data.IndicatorText} one
   * @param {(add: (community: number | null, first: number, second: number) => void) => void} work
   */
  function sums(one, work) {
    const pair = [0, 1].map(() => new Array(one.by_street ? streets.size : streetOf.length).fill(0));
    work((community, first, second) => {
      const place =
        community === null || !data.communities.inside[community] ? null : placeOf(one, community);
      if (place === null) return;
      pair[0][place] += first;
      pair[1][place] += second;
    });
    return pair;
  }

  /**
   * The value of a community, or of the street that it is in.
   *
   * @param {any} one
   * @param {number} community
   * @param {When} [when]
   */
  function valueOf(one, community, when = state.when) {
    const place = placeOf(one, community),
      found = values(one, when);
    return place === null || !found ? null : found[place];
  }

  /**
   * Why the figures shown are not those of the state, in a word or a sentence; nothing where they are.
   *
   * @param {Data.IndicatorText | null} one
   * @param {boolean} [long]
   */
  function note(one, long = true) {
    if (follows(one)) return "";
    const capacity = one?.worked?.source === "capacity";
    return app.say(long ? (capacity ? "stays_capacity" : "stays") : "stays_short", { year: planYear(app) });
  }
  return { follows, valueOf, note };
}
