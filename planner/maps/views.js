// The figures of a state. Today's and those with suggested sites come from the plan; those with trial
// sites, or of another year, are computed here from the homes' ways, by the plan's own definitions; so
// are those of a second plan, on its own streets and at its own speed.

const SLACK = 1e-9;

function makeViews(app) {
  const { data, state } = app;
  const grounds = {};

  // What a plan walks on; null where that cannot be told here. Unpacked when first asked for, so that
  // the map is drawn before.
  function ground(when = state.when) {
    const plan = planOf(when);
    if (plan in grounds) return grounds[plan];
    if (plan === "own") grounds.own = data.walk && unpackGround(app, data.walk, data.head.snap);
    else grounds.other = data.other && data.other.walk && unpackGround(app, walkOfOther(data), data.other.head.snap, ground("before"));
    return grounds[plan];
  }
  const terms = (when = state.when) => (isOther(when) ? data.other.head : data.head);

  const onStreet = (latlng, when = state.when) => {
    const g = ground(when);
    const [west, south] = data.origin;
    return g && g.streets.snap(latlng.lng * STEPS - west, latlng.lat * STEPS - south);
  };

  // Some places' wave over the streets, up to where the search ends, and its minutes from every home.
  const waveOf = (spots, when = state.when) => ground(when).walker.wave(spots, ground(when).search);
  const minutesOf = (wave, when = state.when) => {
    const { walker, homes, perMinute } = ground(when);
    return walker.toHomes(homes, wave).map((metres) => metres / perMinute);
  };

  const lower = (a, b) => (b ? a.map((minutes, i) => Math.min(minutes, b[i])) : a);

  const keep = (kept, room, key, make) => {
    if (!kept.has(key)) {
      if (kept.size >= room) kept.clear();
      kept.set(key, make());
    }
    return kept.get(key);
  };
  const waves = keep.bind(null, new Map(), 12), years = keep.bind(null, new Map(), 200), known = keep.bind(null, new Map(), 30);
  const answerOf = (kind, when = state.when) => (isAfter(when) && (isOther(when) ? data.other : data).answers.find((one) => one.kind === kind)) || null;
  const trialsOf = (kind, when = state.when) => (isTrial(when) ? app.trials.of(kind) : []);

  // The facilities that operate in a state, by their numbers: of those of the year, suggested sites may
  // close some.
  function facilitiesOf(kind, when = state.when) {
    const answer = answerOf(kind, when);
    const gone = new Set(answer ? answer.closed : []);
    return data.facilities.kind.map((_, i) => i).filter((i) => data.facilities.kind[i] === kind && app.operates(i, when) && !gone.has(i));
  }
  const nameOf = (kind, when) => `${kind} ${planOf(when)} ${state.year} ${answerOf(kind, when) ? answerOf(kind, when).closed : ""}`;
  const yearWave = (kind, when = state.when) => waves(nameOf(kind, when), () => waveOf(facilitiesOf(kind, when).map(ground(when).facility), when));
  const ofYear = (kind, when = state.when) => {
    const answer = answerOf(kind, when);
    if (state.year === null && !(answer && answer.closed.length)) return ground(when).today[kind];
    return years(nameOf(kind, when), () => minutesOf(yearWave(kind, when), when));
  };

  function sitesOf(kind, when = state.when) {
    const answer = answerOf(kind, when);
    return answer ? answer.at.map((at) => at && onStreet(L.latLng(app.unpack.point(at)), when)) : [];
  }
  const sitesWave = (kind, when) => waves(`${kind} ${planOf(when)} sites`, () => waveOf(sitesOf(kind, when), when));

  // The wave of all places of a kind in the state shown.
  function wave(kind = state.kind, when = state.when) {
    const more = isAfter(when) ? [sitesWave(kind, when)] : trialsOf(kind, when).map((one) => one.walk(when).wave);
    return more.reduce(bothWaves, yearWave(kind, when));
  }

  // Minutes from every home to the nearest of a kind, in a state.
  const stateKey = (kind, when) => [kind, when, state.year, ...trialsOf(kind, when).map((one) => one.key)].join(" ");
  const minutes = (kind, when = state.when) => known(stateKey(kind, when), () => {
    const more = isAfter(when) ? [minutesOf(sitesWave(kind, when), when)] : trialsOf(kind, when).map((one) => one.walk(when).minutes);
    return more.reduce(lower, ofYear(kind, when));
  });

  // People within the limits, communities reached, the median person's minutes, gaps.
  function measure(kind, when, newHomes) {
    const g = ground(when), head = terms(when);
    const minutes = app.views.minutes(kind, when);
    const limits = head.limits.map(([limit]) => limit);
    const groups = Object.keys(g.people);
    const n = data.communities.name.length;
    const people = {};
    for (const group of groups) {
      const weight = g.people[group];
      let all = 0;
      const within = limits.map(() => 0);
      for (let i = 0; i < minutes.length; i++) {
        all += weight[i];
        for (let l = 0; l < limits.length; l++) if (minutes[i] <= limits[l] + SLACK) within[l] += weight[i];
      }
      people[group] = limits.map((limit, l) => [limit, all > 0 ? within[l] / all : null]);
    }
    const weight = g.people[head.group];
    const total = new Float64Array(n), covered = new Float64Array(n);
    for (let i = 0; i < minutes.length; i++) {
      total[g.community[i]] += weight[i];
      if (minutes[i] <= head.cutoff + SLACK) covered[g.community[i]] += weight[i];
    }
    const own = data.figures[kind][isOther(when) ? "other" : "before"];
    const places = isOther(when) ? own.has.map((value) => value !== null) : data.communities.inside;
    const share = [...places].map((inside, i) => (inside && total[i] > 0 ? covered[i] / total[i] : null));
    const lacking = share.map((value, i) => (value === null ? null : total[i] - covered[i]));
    const reached = share.map((value, i) => (places[i] ? Number(value !== null && value >= head.covered_share - SLACK) : null));
    const held = new Set(newHomes);
    if (state.year !== null) for (const i of facilitiesOf(kind, when)) held.add(data.facilities.community[i]);
    const has = own.has.map((value, i) => (places[i] ? Number(held.has(i) || (state.year === null && value === 1)) : null));
    const linked = state.year === null ? own.linked : own.linked.map(() => null);
    const sum = (column) => column.reduce((so, value, i) => so + (share[i] === null ? 0 : value || 0), 0);
    const links = linked.some((value) => value !== null);
    return {
      people, share, reached, has, linked, minutes: medians(g, g.people[head.group], minutes, total), homes: minutes,
      counts: [share.filter((value) => value !== null).length, sum(has), sum(reached), links ? sum(linked) : null],
      lacking: lacking.map((people) => (people === null ? null : Math.round(people))),
      gaps: lacking.map((people, i) => [i, people]).filter(([, people]) => people > 0.5).sort((a, b) => b[1] - a[1]),
    };
  }

  function medians(g, weight, minutes, total) {
    return Array.from(total, (all, place) => {
      const homes = Array.from(g.homesOf(place)).filter((i) => weight[i] > 0).sort((a, b) => minutes[a] - minutes[b]);
      let soFar = 0;
      const most = homes.find((i) => (soFar += weight[i]) >= (all / 2) * (1 - SLACK));
      return most !== undefined && Number.isFinite(minutes[most]) ? minutes[most] : null;
    });
  }

  const given = (kind, when) => {
    const of = data.figures[kind];
    return of[when] || (isOther(when) && of.other) || of.before;
  };

  const views = keep.bind(null, new Map(), 60);
  function view(kind = state.kind, when = state.when) {
    if (!kind || !data.figures[kind]) return null;
    const trials = trialsOf(kind, when);
    if (!ground(when) || (state.year === null && !trials.length)) return given(kind, when);
    const sites = answerOf(kind, when);
    return views(stateKey(kind, when), () => measure(kind, when, [...trials.map((one) => one.community), ...(sites ? sites.community : [])]));
  }

  return { ground, terms, view, wave, waveOf, minutes, minutesOf, yearWave, onStreet, lower, ofYear, facilitiesOf, answerOf, sitesOf, stateKey };
}

// The streets, homes and facilities that a plan walks on. Streets that another plan has, too, are shared.
function unpackGround(app, walk, snap, like = null) {
  const { data } = app;
  const people = Object.fromEntries(Object.entries(walk.homes.people).map(([group, text]) => [group, Float64Array.from(unpackNumbers(text), (n) => n / walk.homes.parts)]));
  const today = Object.fromEntries(Object.entries(walk.homes.ticks).map(([kind, text]) => [kind, Float64Array.from(unpackNumbers(text), (n) => (n ? (n - 1) / TICKS : Infinity))]));
  const homes = unpackFeet(walk.homes), feet = unpackFeet(walk.facilities);
  const spot = (of) => (i) => ({ edge: of.edge[i], share: of.share[i], access: of.access[i] });
  const same = like && like.streets.maxSnap === snap && ["nodes", "inner", "bends", "u", "v", "ahead", "back"].every((name) => walk[name] === data.walk[name]);
  const streets = same ? like.streets : new Streets(walk, data.origin, snap);
  const community = unpackNumbers(walk.homes.community);
  let places = null;
  return {
    streets, walker: same ? like.walker : new Walker(streets), homes, community, people, today, home: spot(homes), facility: spot(feet),
    homesOf: groupHomes(community, data.communities.name.length), perMinute: 60 * walk.mps, search: walk.search * 60 * walk.mps,
    get places() { // of the homes, in steps
      if (!places) {
        const flat = unpackRun(walk.homes.at);
        places = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
      }
      return places;
    },
  };
}

// A second plan tells only what differs from the first.
function walkOfOther({ walk, other }) {
  const own = walk || { homes: {} };
  return { ...own, ...other.walk, homes: { ...own.homes, ...other.walk.homes } };
}

// Homes of each community, in their order.
function groupHomes(community, count) {
  const first = new Int32Array(count + 1), order = new Int32Array(community.length);
  for (const place of community) first[place + 1] += 1;
  for (let place = 0; place < count; place++) first[place + 1] += first[place];
  const next = first.slice();
  community.forEach((place, i) => { order[next[place]++] = i; });
  return (place) => order.subarray(first[place], first[place + 1]);
}
