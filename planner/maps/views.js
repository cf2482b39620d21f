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
    const homes = unpackFeet(walk.homes), feet = unpackFeet(walk.facilities);
    const spot = (of) => (i) => ({ edge: of.edge[i], share: of.share[i], access: of.access[i] });
    const streets = new Streets(walk, data.origin, head.snap);
    const community = unpackNumbers(walk.homes.community);
    made = {
      streets, walker: new Walker(streets), homes, community, people, today, home: spot(homes), facility: spot(feet),
      homesOf: groupHomes(community, data.communities.name.length), perMinute: 60 * walk.mps, search: walk.search * 60 * walk.mps,
    };
    return made;
  }

  const onStreet = (latlng) => {
    const g = ground();
    const [west, south] = data.origin;
    return g && g.streets.snap(latlng.lng * STEPS - west, latlng.lat * STEPS - south);
  };

  // Some places' wave over the streets, up to where the search ends, and its minutes from every home.
  const waveOf = (spots) => ground().walker.wave(spots, ground().search);
  const minutesOf = (wave) => ground().walker.toHomes(ground().homes, wave).map((metres) => metres / ground().perMinute);

  const lower = (a, b) => (b ? a.map((minutes, i) => Math.min(minutes, b[i])) : a);

  const keep = (kept, key, make, room) => {
    if (!kept.has(key)) {
      if (kept.size >= room) kept.clear();
      kept.set(key, make());
    }
    return kept.get(key);
  };
  const waves = new Map(), years = new Map();
  const yearWave = (kind) => keep(waves, `${kind} ${state.year}`, () => waveOf(facilitiesOf(kind).map(ground().facility)), 6);
  const ofYear = (kind) => (state.year === null ? ground().today[kind] : keep(years, `${kind} ${state.year}`, () => minutesOf(yearWave(kind)), 200));
  const facilitiesOf = (kind) => data.facilities.kind.map((_, i) => i).filter((i) => data.facilities.kind[i] === kind && app.operates(i));

  function sitesOf(kind) {
    const answer = data.answers.find((one) => one.kind === kind);
    return answer ? answer.at.map((at) => onStreet(L.latLng(app.unpack.point(at)))) : [];
  }

  const sitesWave = (kind) => keep(waves, `${kind} sites`, () => waveOf(sitesOf(kind)), 6);

  // The wave of all places of a kind in the state shown.
  function wave(kind = state.kind, when = state.when) {
    const now = yearWave(kind);
    const more = when === "trial" ? app.trials.of(kind).map((one) => one.wave) : when === "after" ? [sitesWave(kind)] : [];
    return more.reduce(bothWaves, now);
  }

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
      if (sites) minutes = lower(minutes, minutesOf(sitesWave(kind)));
      for (const trial of trials) minutes = lower(minutes, trial.minutes);
      views.set(key, measure(kind, minutes, [...trials.map((one) => one.community), ...(sites ? sites.community : [])]));
    }
    return views.get(key);
  }

  return { ground, view, wave, waveOf, minutesOf, yearWave, onStreet, lower, ofYear, facilitiesOf, sitesOf };
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
