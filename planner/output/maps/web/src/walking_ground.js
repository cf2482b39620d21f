// @ts-check
// What a plan walks on: streets, homes and facilities, unpacked.

import { known } from "./known.js";
import { TICKS, unpackFeet, unpackNumbers } from "./packed_numbers.js";
import { Walker } from "./shortest_paths.js";
import { Streets } from "./streets.js";

/** @import * as Data from "./payload.js" */
/** @import { Ground, Integers, Pair, SpotColumns } from "./types.js" */

/** @type {(keyof Data.WalkColumns)[]} */
const STREET_COLUMNS = ["nodes", "inner", "bends", "u", "v", "ahead", "back"];

/** @param {SpotColumns} of */
const spot = (of) => (/** @type {number} */ i) => ({
  edge: of.edge[i],
  share: of.share[i],
  access: of.access[i],
});

/**
 * Where areas are entered beside their main entrances, by the numbers of their facilities.
 *
 * @param {Data.EntranceFeet} entrances
 */
function unpackEntrances(entrances) {
  /** @type {Map<number, number[]>} */
  const placesOf = new Map();
  unpackNumbers(entrances.facility).forEach((facility, i) => {
    placesOf.set(facility, [...(placesOf.get(facility) || []), i]);
  });
  return { placesOf, spot: spot(unpackFeet(entrances)) };
}

/**
 * The streets, homes and facilities that a plan walks on. Streets that another plan has, too, are shared.
 *
 * @param {Data.Payload} data
 * @param {Data.WalkColumns} walk
 * @param {number} snap
 * @param {() => Pair[]} places
 * @param {Ground | null} [like]
 */
export function unpackGround(data, walk, snap, places, like = null) {
  const people = Object.fromEntries(
    Object.entries(walk.homes.people).map(([group, text]) => [
      group,
      Float64Array.from(unpackNumbers(text), (n) => n / walk.homes.parts),
    ]),
  );
  const today = Object.fromEntries(
    Object.entries(walk.homes.ticks).map(([kind, text]) => [
      kind,
      Float64Array.from(unpackNumbers(text), (n) => (n ? (n - 1) / TICKS : Infinity)),
    ]),
  );
  const homes = unpackFeet(walk.homes),
    feet = unpackFeet(walk.facilities);
  const more = walk.entrances && unpackEntrances(walk.entrances);
  const main = spot(feet);
  const same =
    like && like.streets.maxSnap === snap && STREET_COLUMNS.every((name) => walk[name] === data.walk?.[name]);
  const streets = same ? like.streets : new Streets(walk, data.origin, snap);
  const community = unpackNumbers(walk.homes.community);
  return {
    streets,
    walker: same ? like.walker : new Walker(streets),
    homes,
    community,
    people,
    today,
    home: spot(homes),
    // Every place where a facility is entered: one, or of an area many.
    /** @param {number} i */
    facility: (i) => [main(i), ...(more ? (more.placesOf.get(i) || []).map(more.spot) : [])],
    homesOf: groupHomes(community, data.communities.name.length),
    perMinute: 60 * walk.mps,
    search: walk.search * 60 * walk.mps,
    places, // of the homes, in steps
  };
}

/**
 * A second plan tells only what differs from the first.
 *
 * @param {Data.Payload} data
 * @returns {Data.WalkColumns}
 */
export function walkOfOther({ walk, other }) {
  const own = walk || { homes: {} };
  const changes = known(known(other).walk);
  return /** @type {Data.WalkColumns} */ ({ ...own, ...changes, homes: { ...own.homes, ...changes.homes } });
}

/**
 * Homes of each community, in their order.
 *
 * @param {Integers} community
 * @param {number} count
 */
function groupHomes(community, count) {
  const first = new Int32Array(count + 1),
    order = new Int32Array(community.length);
  for (const place of community) first[place + 1] += 1;
  for (let place = 0; place < count; place++) first[place + 1] += first[place];
  const next = first.slice();
  community.forEach((place, i) => {
    order[next[place]++] = i;
  });
  return (/** @type {number} */ place) => order.subarray(first[place], first[place + 1]);
}
