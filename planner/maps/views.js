// The figures of a state. Today's and those with suggested sites come from the plan; those with trial
// sites, or of another year, are computed here from the homes' ways, by the plan's own definitions.

const SLACK = 1e-9;

function makeViews(app) {
  const { data, state } = app;
  const { head, walk } = data;
  const limits = head.limits.map(([minutes]) => minutes);
  let made = null;

  // Unpacked when first asked for, so that the map is drawn before.
  function ground() {
    if (made || !walk) return made;
    const people = Object.fromEntries(Object.entries(walk.homes.people).map(([group, text]) => [group, Float64Array.from(unpackNumbers(text), (n) => n / walk.homes.parts)]));
    const today = Object.fromEntries(Object.entries(walk.homes.ticks).map(([kind, text]) => [kind, Float64Array.from(unpackNumbers(text), (n) => (n ? (n - 1) / TICKS : Infinity))]));
    const feet = unpackFeet(walk.facilities);
    made = {
      streets: new Streets(walk, head.snap), homes: unpackFeet(walk.homes), community: unpackNumbers(walk.homes.community), people, today,
      facility: (i) => ({ edge: feet.edge[i], share: feet.share[i], access: feet.access[i] }),
      perMinute: 60 * walk.mps, search: walk.search * 60 * walk.mps,
    };
    return made;
  }

  const onStreet = (latlng) => {
    const g = ground();
    const [west, south] = data.origin;
    return g && g.streets.snap(latlng.lng * STEPS - west, latlng.lat * STEPS - south);
  };

  // Minutes from every home to the nearest of some places.
  function minutesTo(spots) {
    const g = ground();
    const there = spots.filter((spot) => spot && spot.edge >= 0);
    const far = g.streets.spread(there, g.search);
    return g.streets.toHomes(g.homes, there, far, g.search).map((metres) => metres / g.perMinute);
  }

  // Stretches of street within each limit of some places, as rows of latitude and longitude.
  function reach(spots, upto = limits.filter((minutes) => minutes <= head.cutoff)) {
    const g = ground();
    const there = spots.filter((spot) => spot && spot.edge >= 0);
    const far = g.streets.spread(there, Math.max(...upto) * g.perMinute);
    const [west, south] = data.origin;
    return upto.map((minutes) => g.streets.pieces(there, far, minutes * g.perMinute)
      .map((row) => row.map(([x, y]) => [(y + south) / STEPS, (x + west) / STEPS])));
  }

  const lower = (a, b) => (b ? a.map((minutes, i) => Math.min(minutes, b[i])) : a);

  const kept = new Map();
  function ofYear(kind) {
    if (state.year === null) return ground().today[kind];
    const key = `${kind} ${state.year}`;
    if (!kept.has(key)) kept.set(key, minutesTo(facilitiesOf(kind).map(ground().facility)));
    return kept.get(key);
  }
  const facilitiesOf = (kind) => data.facilities.kind.map((_, i) => i).filter((i) => data.facilities.kind[i] === kind && app.operates(i));

  // People within the limits, communities reached, the median person's minutes, gaps.
  function measure(kind, minutes, newHomes) {
    const g = ground();
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
    const places = data.communities.inside;
    const share = [...places].map((inside, i) => (inside && total[i] > 0 ? covered[i] / total[i] : null));
    const lacking = share.map((value, i) => (value === null ? null : total[i] - covered[i]));
    const own = data.figures[kind].before;
    const reached = share.map((value, i) => (places[i] ? Number(value !== null && value >= head.covered_share - SLACK) : null));
    const held = new Set(newHomes);
    if (state.year !== null) for (const i of facilitiesOf(kind)) held.add(data.facilities.community[i]);
    const has = own.has.map((value, i) => (places[i] ? Number(held.has(i) || (state.year === null && value === 1)) : null));
    const linked = state.year === null ? own.linked : own.linked.map(() => null);
    const sum = (column) => column.reduce((so, value, i) => so + (share[i] === null ? 0 : value || 0), 0);
    const links = linked.some((value) => value !== null);
    return {
      people, share, reached, has, linked, minutes: medians(minutes, total), homes: minutes,
      counts: [share.filter((value) => value !== null).length, sum(has), sum(reached), links ? sum(linked) : null],
      lacking: lacking.map((people) => (people === null ? null : Math.round(people))),
      gaps: lacking.map((people, i) => [i, people]).filter(([, people]) => people > 0.5).sort((a, b) => b[1] - a[1]),
    };
  }

  function medians(minutes, total) {
    const g = ground();
    const weight = g.people[head.group];
    const order = Array.from(minutes.keys()).filter((i) => weight[i] > 0).sort((a, b) => minutes[a] - minutes[b]);
    const soFar = new Float64Array(total.length);
    const out = new Array(total.length).fill(null);
    for (const i of order) {
      const home = g.community[i];
      if (soFar[home] < 0) continue;
      soFar[home] += weight[i];
      if (soFar[home] >= (total[home] / 2) * (1 - SLACK)) {
        out[home] = Number.isFinite(minutes[i]) ? minutes[i] : null;
        soFar[home] = -1;
      }
    }
    return out;
  }

  const given = (kind, when) => {
    const of = data.figures[kind];
    return of[when] || (isOther(when) && of.other) || of.before;
  };

  const views = new Map();
  function view(kind = state.kind, when = state.when) {
    if (!kind || !data.figures[kind]) return null;
    const trials = when === "trial" ? app.trials.of(kind) : [];
    if (state.year === null && when !== "trial") return given(kind, when);
    if (!ground()) return given(kind, "before");
    const key = [kind, when, state.year, ...trials.map((one) => one.key)].join(" ");
    if (!views.has(key)) {
      if (views.size > 60) views.clear();
      let minutes = ofYear(kind);
      const sites = when === "after" ? data.answers.find((one) => one.kind === kind) : null;
      if (sites) minutes = lower(minutes, minutesTo(sites.at.map((at) => onStreet(L.latLng(app.unpack.point(at))))));
      for (const trial of trials) minutes = lower(minutes, trial.minutes);
      views.set(key, measure(kind, minutes, [...trials.map((one) => one.community), ...(sites ? sites.community : [])]));
    }
    return views.get(key);
  }

  return { ground, view, reach, minutesTo, onStreet, lower, ofYear, facilitiesOf, forget: () => views.clear() };
}
