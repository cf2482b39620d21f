// @ts-check
// The figures of a state. Those of today and with the sites of the first answer come from the plan; those
// of other answers, with trial sites, or of another year are worked out here from the ways of the homes, by
// the definitions of the plan; so are those of a second plan, on its own streets and at its own speed.

import { rowsOf } from "./columns.js";
import { STEPS } from "./coordinates.js";
import { measureState } from "./figures.js";
import { known } from "./known.js";
import { once } from "./once.js";
import { unpackPlaces } from "./packed_numbers.js";
import { bothWaves } from "./shortest_paths.js";
import { isAfter, isOther, isTrial, planOf } from "./states.js";
import { unpackGround, walkOfOther } from "./walking_ground.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Ground, Spot, View, Wave, When } from "./types.js" */

/** @param {App} app */
export function makeViews(app) {
  const { data, state } = app;
  /** @type {Partial<Record<"own" | "other", Ground | null>>} */
  const grounds = {};
  const placesOfOther = once(() => unpackPlaces(known(data.other).home_places || data.home_places));

  /**
   * What a plan walks on; null where that cannot be told here. Unpacked when first asked for, so that
   * the map is drawn before.
   *
   * @param {When} [when]
   * @returns {Ground | null}
   */
  function ground(when = state.when) {
    const plan = planOf(when);
    const there = grounds[plan];
    if (there !== undefined) return there;
    if (plan === "own")
      grounds.own = data.walk && unpackGround(data, data.walk, data.head.snap, app.homePlaces);
    else
      grounds.other =
        data.other?.walk &&
        unpackGround(data, walkOfOther(data), data.other.head.snap, placesOfOther, ground("before"));
    return grounds[plan] ?? null;
  }
  /**
   * What a plan walks on, where the caller knows that there is such.
   *
   * @param {When} [when]
   */
  const walkedOn = (when = state.when) => known(ground(when));
  /**
   * @param {When} [when]
   * @returns {Data.Head}
   */
  const terms = (when = state.when) => (isOther(when) ? known(data.other).head : data.head);

  /**
   * @param {{lat: number, lng: number}} latlng
   * @param {When} [when]
   */
  const onStreet = (latlng, when = state.when) => {
    const g = ground(when);
    const [west, south] = data.origin;
    return g ? g.streets.snap(latlng.lng * STEPS - west, latlng.lat * STEPS - south) : null;
  };

  /**
   * Some places' wave over the streets, up to where the search ends, and its minutes from every home.
   *
   * @param {(Spot | null)[]} spots
   * @param {When} [when]
   */
  const waveOf = (spots, when = state.when) => walkedOn(when).walker.wave(spots, walkedOn(when).search);
  /**
   * @param {Wave} wave
   * @param {When} [when]
   */
  const minutesOf = (wave, when = state.when) => {
    const { walker, homes, perMinute } = walkedOn(when);
    return walker.toHomes(homes, wave).map((/** @type {number} */ metres) => metres / perMinute);
  };

  /**
   * @param {Float64Array} a
   * @param {Float64Array} b
   */
  const lower = (a, b) => (b ? a.map((minutes, i) => Math.min(minutes, b[i])) : a);

  /**
   * @param {Map<string, any>} kept
   * @param {number} room
   * @param {string} key
   * @param {() => any} make
   * @returns {any}
   */
  const keep = (kept, room, key, make) => {
    if (!kept.has(key)) {
      if (kept.size >= room) kept.clear();
      kept.set(key, make());
    }
    return kept.get(key);
  };
  const waves = keep.bind(null, new Map(), 12),
    years = keep.bind(null, new Map(), 200),
    minutesKept = keep.bind(null, new Map(), 30);
  /**
   * The answer whose sites stand in a state: the one chosen of the kind shown, of others the first.
   *
   * @param {string} kind
   * @param {When} [when]
   */
  function answerOf(kind, when = state.when) {
    if (!isAfter(when)) return null;
    const own = (isOther(when) ? known(data.other) : data).answers.filter((one) => one.kind === kind);
    return (kind === state.kind && own[state.answer]) || own[0] || null;
  }
  /**
   * Whether the plan has figures of a state with sites: of the first answer of each kind.
   *
   * @param {string} kind
   * @param {When} when
   */
  const isFirst = (kind, when) => {
    const answer = answerOf(kind, when);
    return (
      !answer ||
      (isOther(when) ? known(data.other) : data).answers.find((one) => one.kind === kind) === answer
    );
  };
  /**
   * @param {string} kind
   * @param {When} [when]
   */
  const trialsOf = (kind, when = state.when) => (isTrial(when) ? app.trials.of(kind) : []);

  /**
   * The facilities that operate in a state, by their numbers: of those of the year, suggested sites may
   * close some.
   *
   * @param {string} kind
   * @param {When} [when]
   */
  function facilitiesOf(kind, when = state.when) {
    const answer = answerOf(kind, when);
    const gone = new Set(answer ? answer.closed : []);
    return data.facilities.kind
      .map((_, i) => i)
      .filter((i) => data.facilities.kind[i] === kind && app.operates(i, when) && !gone.has(i));
  }
  /**
   * How many places of a kind there are in a state, suggested and trial sites among them.
   *
   * @param {string} kind
   * @param {When} [when]
   */
  const placesOf = (kind, when = state.when) =>
    facilitiesOf(kind, when).length +
    (answerOf(kind, when)?.at.length ?? 0) +
    trialsOf(kind, when).length;
  /**
   * @param {string} kind
   * @param {When} when
   */
  const nameOf = (kind, when) =>
    `${kind} ${planOf(when)} ${state.year} ${answerOf(kind, when)?.closed ?? ""}`;
  /**
   * @param {string} kind
   * @param {When} [when]
   */
  const yearWave = (kind, when = state.when) =>
    waves(nameOf(kind, when), () => waveOf(facilitiesOf(kind, when).flatMap(walkedOn(when).facility), when));
  /**
   * @param {string} kind
   * @param {When} [when]
   */
  const ofYear = (kind, when = state.when) => {
    const answer = answerOf(kind, when);
    if (state.year === null && !answer?.closed.length) return walkedOn(when).today[kind];
    return years(nameOf(kind, when), () => minutesOf(yearWave(kind, when), when));
  };

  /**
   * @param {string} kind
   * @param {When} [when]
   */
  function sitesOf(kind, when = state.when) {
    const answer = answerOf(kind, when);
    return answer ? answer.at.map((at) => at && onStreet(L.latLng(app.unpack.place(at)), when)) : [];
  }
  /**
   * @param {string} kind
   * @param {When} when
   */
  const sitesWave = (kind, when) =>
    waves(`${kind} ${planOf(when)} sites ${state.answer}`, () => waveOf(sitesOf(kind, when), when));

  /**
   * The wave of all places of a kind in the state shown.
   *
   * @param {string} [kind]
   * @param {When} [when]
   */
  function wave(kind = known(state.kind), when = state.when) {
    const more = isAfter(when)
      ? [sitesWave(kind, when)]
      : trialsOf(kind, when).map((one) => one.walk(when).wave);
    return more.reduce(bothWaves, yearWave(kind, when));
  }

  /**
   * Minutes from every home to the nearest of a kind, in a state.
   *
   * @param {string} kind
   * @param {When} when
   */
  const stateKey = (kind, when) =>
    [
      kind,
      when,
      state.year,
      isAfter(when) && kind === state.kind ? state.answer : 0,
      ...trialsOf(kind, when).map((one) => one.key),
    ].join(" ");
  /**
   * @param {string} kind
   * @param {When} [when]
   * @returns {Float64Array}
   */
  const minutes = (kind, when = state.when) =>
    minutesKept(stateKey(kind, when), () => {
      const more = isAfter(when)
        ? [minutesOf(sitesWave(kind, when), when)]
        : trialsOf(kind, when).map((one) => one.walk(when).minutes);
      return more.reduce(lower, ofYear(kind, when));
    });

  /**
   * The figures of a state that the plan has none of.
   *
   * @param {string} kind
   * @param {When} when
   * @param {(number | null)[]} newHomes
   */
  function measure(kind, when, newHomes) {
    const own = known(data.figures[kind][isOther(when) ? "other" : "before"]);
    const held = new Set(newHomes);
    if (state.year !== null) for (const i of facilitiesOf(kind, when)) held.add(data.facilities.community[i]);
    const counted = isOther(when)
      ? own.has.map((value) => value !== null)
      : data.communities.inside.map(Boolean);
    return measureState(walkedOn(when), terms(when), app.views.minutes(kind, when), {
      counted,
      has: own.has.map((value, i) =>
        counted[i] ? Number(held.has(i) || (state.year === null && value === 1)) : null,
      ),
      linked: state.year === null ? own.linked : own.linked.map(() => /** @type {number | null} */ (null)),
    });
  }

  // The plan's own figures, their gaps row by row.
  /** @type {Map<Data.StateFigures, View>} */
  const own = new Map();
  /** @param {Data.StateFigures} figures */
  const read = (figures) => {
    if (!own.has(figures))
      own.set(figures, {
        ...figures,
        gaps: rowsOf(figures.gaps).map(({ community, lacking }) => ({ community, lacking: lacking ?? 0 })),
      });
    return known(own.get(figures));
  };
  /**
   * @param {string} kind
   * @param {When} when
   */
  const given = (kind, when) => {
    const of = data.figures[kind];
    const trial = when === "trial" || when === "other_trial";
    return read((!trial && of[when]) || (isOther(when) && of.other) || of.before);
  };

  const views = keep.bind(null, new Map(), 60);
  /**
   * @param {string | null} [kind]
   * @param {When} [when]
   * @returns {View | null}
   */
  function view(kind = state.kind, when = state.when) {
    if (!kind || !data.figures[kind]) return null;
    const trials = trialsOf(kind, when);
    if (!ground(when) || (state.year === null && !trials.length && isFirst(kind, when)))
      return given(kind, when);
    const sites = answerOf(kind, when);
    return views(stateKey(kind, when), () =>
      measure(kind, when, [...trials.map((one) => one.community), ...(sites ? sites.community : [])]),
    );
  }

  return {
    ground,
    terms,
    view,
    wave,
    waveOf,
    minutes,
    minutesOf,
    yearWave,
    onStreet,
    lower,
    ofYear,
    facilitiesOf,
    placesOf,
    answerOf,
    sitesOf,
    stateKey,
  };
}
