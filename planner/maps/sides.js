// The states there are to look at. A state is `when` (today, with suggested or trial sites, or the same
// of a second plan) and a year; a side of the swipe is one of them, written as one word.

const isOther = (when) => when === "other" || when === "other_after";

// The states that buttons choose from, for the kind shown.
function states({ data, state, trials }) {
  const { kind } = state;
  const figures = data.figures[kind] || {};
  return [
    "before", ...(figures.after ? ["after"] : []), ...(trials.of(kind).length ? ["trial"] : []),
    ...(figures.other ? ["other"] : []), ...(figures.other_after ? ["other_after"] : []),
  ];
}

// What can stand on a side of the swipe: the states, and the years in which a facility opens or closes.
function sides(app) {
  const { data, state } = app;
  const span = data.walk && state.kind ? yearSpan(app) : null;
  const { opened, closed, kind } = data.facilities;
  const years = span ? [...opened, ...closed].filter((year, i) => year !== null && year >= span[0] && kind[i % kind.length] === state.kind) : [];
  const others = new Set(years);
  others.delete(data.head.year);
  return [...states(app), ...[...others].sort((a, b) => a - b).map(String)];
}

const sideOf = ({ when, year }) => (year === null ? when : String(year));
const stateOf = (side) => (/^\d+$/.test(side) ? { when: "before", year: Number(side) } : { when: side, year: null });

function sideName({ data, say }, side) {
  if (/^\d+$/.test(side)) return say("year", { n: side });
  if (!data.other) return say(side);
  const after = side === "after" || side === "other_after";
  return side === "trial" ? say("trial") : `${isOther(side) ? "B" : "A"}${after ? ` · ${say("after")}` : ""}`;
}

// A side by its full name, for where there is room.
function sideTitle(app, side) {
  const { other } = app.data;
  const short = sideName(app, side);
  if (!other || side === "trial" || /^\d+$/.test(side)) return short;
  return `${short}: ${other.names[isOther(side) ? 1 : 0]}`;
}

// Does some work in another state, and comes back.
function inState({ state }, side, work) {
  const { when, year } = state;
  Object.assign(state, stateOf(side));
  try {
    return work();
  } finally {
    Object.assign(state, { when, year });
  }
}
