// @ts-check
// The figures of a state, worked out from the minutes of every home by the plan's own definitions.

import { SLACK } from "./constants.js";

/** @import * as Data from "./payload.js" */
/** @import { Ground } from "./types.js" */

/**
 * Shares of people within each limit, for every group: null where there is nobody.
 *
 * @param {ArrayLike<number>} minutes
 * @param {Record<string, ArrayLike<number>>} people
 * @param {number[]} limits
 */
export function sharesWithin(minutes, people, limits) {
  /** @type {Record<string, Data.ShareWithin[]>} */
  const shares = {};
  for (const [group, weight] of Object.entries(people)) {
    let all = 0;
    const within = limits.map(() => 0);
    for (let i = 0; i < minutes.length; i++) {
      all += weight[i];
      for (let l = 0; l < limits.length; l++) if (minutes[i] <= limits[l] + SLACK) within[l] += weight[i];
    }
    shares[group] = limits.map((limit, l) => ({ minutes: limit, share: all > 0 ? within[l] / all : null }));
  }
  return shares;
}

/**
 * The minutes of the median person of each community; null where there is nobody, or they reach none.
 *
 * @param {(community: number) => Int32Array} homesOf
 * @param {ArrayLike<number>} weight
 * @param {ArrayLike<number>} minutes
 * @param {Float64Array} total
 */
export function medianMinutes(homesOf, weight, minutes, total) {
  return Array.from(total, (all, community) => {
    const homes = Array.from(homesOf(community))
      .filter((i) => weight[i] > 0)
      .sort((a, b) => minutes[a] - minutes[b]);
    let soFar = 0;
    const median = homes.find((i) => {
      soFar += weight[i];
      return soFar >= (all / 2) * (1 - SLACK);
    });
    return median !== undefined && Number.isFinite(minutes[median]) ? minutes[median] : null;
  });
}

/**
 * People within the limits, communities reached, the median person's minutes, gaps. `communities` tells
 * of each whether it counts, whether a facility stands in it, and whether one serves it otherwise.
 *
 * @param {Pick<Ground, "people" | "community" | "homesOf">} ground
 * @param {Pick<Data.Head, "group" | "cutoff" | "covered_share" | "limits">} head
 * @param {Float64Array} minutes
 * @param {{counted: boolean[], has: (number | null)[], linked: (number | null)[]}} given
 */
export function measureState(ground, head, minutes, { counted, has, linked }) {
  const { people, community, homesOf } = ground;
  const weight = people[head.group];
  const total = new Float64Array(counted.length),
    covered = new Float64Array(counted.length);
  for (let i = 0; i < minutes.length; i++) {
    total[community[i]] += weight[i];
    if (minutes[i] <= head.cutoff + SLACK) covered[community[i]] += weight[i];
  }
  const share = counted.map((counts, i) => (counts && total[i] > 0 ? covered[i] / total[i] : null));
  const lacking = share.map((value, i) => (value === null ? null : total[i] - covered[i]));
  const reached = share.map((value, i) =>
    counted[i] ? Number(value !== null && value >= head.covered_share - SLACK) : null,
  );
  /** @param {(number | null)[]} column */
  const sum = (column) =>
    column.reduce((/** @type {number} */ so, value, i) => so + (share[i] === null ? 0 : value || 0), 0);
  return {
    people: sharesWithin(
      minutes,
      people,
      head.limits.map((limit) => limit.minutes),
    ),
    share,
    reached,
    has,
    linked,
    minutes: medianMinutes(homesOf, weight, minutes, total),
    homes: minutes,
    counts: {
      communities: share.filter((value) => value !== null).length,
      has: sum(has),
      reached: sum(reached),
      linked: linked.some((value) => value !== null) ? sum(linked) : null,
    },
    lacking: lacking.map((people) => (people === null ? null : Math.round(people))),
    gaps: lacking
      .map((people, i) => ({ community: i, lacking: people ?? 0 }))
      .filter((gap) => gap.lacking > 0.5)
      .sort((a, b) => b.lacking - a.lacking),
  };
}
