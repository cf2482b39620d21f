// @ts-check
// Types that the modules share, beside those of the payload.

/** @import * as Data from "./payload.js" */
/** @import { Streets } from "./streets.js" */
/** @import { Walker } from "./shortest_paths.js" */

/**
 * A state: today, with suggested or trial sites, or the same of a second plan.
 *
 * @typedef {"before" | "after" | "trial" | "other" | "other_after" | "other_trial"} When
 */

/**
 * A side of the map: a state, or a year, which ends in + where trial sites stand in it.
 *
 * @typedef {string} Side
 */

/** @typedef {"A4" | "A3"} Paper */

/** @typedef {[number, number]} Pair a place: steps east and north; or latitude and longitude */

/** @typedef {Pair[][][]} LatLngShape polygons, each its rings, in degrees */

/**
 * What is shown. `kind`: of facilities; `shade`: the indicator; `answer`: which siting answer;
 * `reach`: the facility whose reach is drawn; `left`: the left side where the map is divided.
 *
 * @typedef {object} State
 * @property {string | null} kind
 * @property {string} shade
 * @property {string | null} scheme
 * @property {When} when
 * @property {number} answer
 * @property {number | null} year
 * @property {boolean} placing
 * @property {number | null} reach
 * @property {boolean} swipe
 * @property {Side} left
 * @property {Record<string, boolean>} layers
 * @property {Paper} paper what the page is printed on
 */

/**
 * A place on the streets: its edge, the share of the edge before it, metres from the point to it.
 *
 * @typedef {object} Spot
 * @property {number} edge
 * @property {number} share
 * @property {number} access
 */

/**
 * Spots in columns; the edge is -1 where there is none.
 *
 * @typedef {object} SpotColumns
 * @property {Int32Array} edge
 * @property {Float64Array} share
 * @property {Float64Array} access
 */

/**
 * Shortest paths from some spots: metres to every node, Infinity beyond the limit; and the spots by
 * their edge.
 *
 * @typedef {object} Wave
 * @property {Spot[]} spots
 * @property {Float64Array} far
 * @property {number} limit
 * @property {Map<number, Spot[]>} own
 */

/** @typedef {Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array} Integers */

/**
 * Why there is no way from the home that stands for a community: the key of the text that says so.
 *
 * @typedef {{home: number, why: string}} NoRoute
 */

/**
 * The way from the home that stands for a community to a facility or site.
 *
 * @typedef {object} Route
 * @property {number} home
 * @property {undefined} [why]
 * @property {Leg[]} legs
 * @property {number} place
 * @property {number} metres
 * @property {number} minutes
 * @property {{spot: Spot | null, at: Pair | null, name: string | null, facility: number | null}} goal
 */

/** @typedef {[edge: number, from: number, to: number]} Leg a stretch of an edge, as shares of it */

/**
 * What a plan walks on: streets, homes and facilities. `people` by group and `today`, minutes by
 * kind, have a value for each home; `search` is in metres.
 *
 * @typedef {object} Ground
 * @property {Streets} streets
 * @property {Walker} walker
 * @property {SpotColumns} homes
 * @property {ArrayLike<number>} community
 * @property {Record<string, Float64Array>} people
 * @property {Record<string, Float64Array>} today
 * @property {(i: number) => Spot} home
 * @property {(i: number) => Spot[]} facility
 * @property {(community: number) => Int32Array} homesOf
 * @property {number} perMinute
 * @property {number} search
 * @property {() => Pair[]} places
 */

/**
 * People of a community beyond the cutoff.
 *
 * @typedef {object} Gap
 * @property {number} community
 * @property {number} lacking
 */

/**
 * The figures of a kind in a state, see `StateFigures` of the payload; `homes` are the minutes from
 * every home, where the page worked them out.
 *
 * @typedef {Omit<Data.StateFigures, "gaps"> & {gaps: Gap[], homes?: Float64Array}} View
 */

/**
 * A trial site: `walk` gives the paths to it, and the minutes from every home.
 *
 * @typedef {object} Trial
 * @property {number} key
 * @property {string} name
 * @property {string} kind
 * @property {L.LatLng} latlng
 * @property {number | null} community
 * @property {(when?: When) => {wave: Wave, minutes: Float64Array}} walk
 */

/**
 * A class of a shading.
 *
 * @typedef {object} ShadeClass
 * @property {(value: any) => boolean} holds
 * @property {string} text
 * @property {string} colour
 */

/** @typedef {[value: number, colour: string][]} Ramp colours by value, in rising order */

/**
 * Where lines are drawn.
 *
 * @typedef {object} Path
 * @property {(x: number, y: number) => void} moveTo
 * @property {(x: number, y: number) => void} lineTo
 */

/**
 * How a path is stroked.
 *
 * @typedef {object} Stroke
 * @property {string} colour
 * @property {number} width in pixels
 * @property {number} [opacity]
 * @property {"round" | "butt"} [cap]
 */

/**
 * A pen on canvas or paper: the scale from the world to the map's pixels, where the map begins, a
 * metre in pixels, and what is seen of the world: west, east, north, south.
 *
 * @typedef {object} Pen
 * @property {number} x
 * @property {number} y
 * @property {number} scale
 * @property {number} metre
 * @property {[number, number, number, number]} seen
 * @property {() => any} path
 * @property {() => import("./raster_streets.js").Grain | null} grain
 * @property {(path: any, stroke: Stroke) => void} stroke
 */

/** @typedef {(pen: Pen) => void} Work what a painting draws */

/** @typedef {{show: (works: Work[]) => void, onPaper: (on: boolean) => void}} Painter */

/** @typedef {Record<string, any>} Renderers by the names of their panes */

/**
 * A name or figure on the map, see `Labels`.
 *
 * @typedef {object} Label
 * @property {Pair | null} at
 * @property {string} text
 * @property {string} css
 * @property {number} size
 * @property {number} from
 * @property {number} to
 * @property {number} [weight]
 * @property {number} [pad]
 * @property {number} [track]
 * @property {number} [room] the width in degrees it must fit in
 * @property {boolean} [always]
 * @property {boolean} [left] on which side of a divided map it stands, if on one alone
 * @property {number} [width]
 * @property {number} [dy]
 */

/**
 * The sites of an answer as the search finds them.
 *
 * @typedef {"communities" | "facilities" | "candidates" | "sites"} Sort
 */

/** @typedef {ReturnType<typeof import("./coordinates.js").unpacker>} Unpacker */
/** @typedef {ReturnType<typeof import("./state_figures.js").makeViews>} Views */
/** @typedef {ReturnType<typeof import("./trials.js").makeTrials>} Trials */
/** @typedef {ReturnType<typeof import("./indicators.js").makeIndicators>} Indicators */
/** @typedef {ReturnType<typeof import("./derived_indicators.js").makeFollowing>} Following */
/** @typedef {ReturnType<typeof import("./route.js").makeWays>} Ways */
/** @typedef {ReturnType<typeof import("./drawing.js").makeDrawing>} Drawing */

/**
 * The page's parts, what is shown, and the words and numbers of its language.
 *
 * @typedef {object} App
 * @property {L.Map} map
 * @property {Data.Payload} data
 * @property {State} state
 * @property {(key: string, values?: Record<string, any>) => string} say
 * @property {(value: number | null | undefined) => string} count
 * @property {(value: number | null | undefined) => string} figure
 * @property {(value: number | null | undefined) => string} amount
 * @property {(value: number | null | undefined) => string} minutes
 * @property {(value: number | null | undefined, digits?: number) => string} percent
 * @property {(value: number) => string} givenPercent
 * @property {(value: number) => string} signed
 * @property {(was: number | null, now: number | null) => string} points
 * @property {Map<string | null, Data.KindText>} kinds
 * @property {{facility: number, community: number}[]} links
 * @property {Unpacker} unpack
 * @property {() => Pair[]} homePlaces
 * @property {() => Data.Head} head the terms of the plan shown
 * @property {(i: number) => boolean} stands whether there is such a facility in the plan shown
 * @property {(i: number, when?: When) => boolean} operates
 * @property {Views} views
 * @property {Views["view"]} view
 * @property {Trials} trials
 * @property {() => Data.SiteColumns[]} answers
 * @property {() => Data.SiteColumns | null} answer
 * @property {Indicators} indicators
 * @property {Following} following
 * @property {Ways} ways
 * @property {Drawing} drawing
 * @property {() => void} refresh
 * @property {() => void} whole
 * @property {(kind: string) => void} chooseKind
 * @property {() => void} cardShown
 * @property {(i: number) => void} show
 * @property {(sort: Sort, i: number, answer?: any) => void} open
 * @property {(i: number | null) => void} only
 * @property {(i: number | null) => void} hover
 * @property {(text: string) => any[]} find
 * @property {{key: string, list: ShadeClass[]}} [classed]
 * @property {LatLngShape[]} [outlines]
 */

/**
 * What the parts of the panel are made with: the app, and what a control does to its state.
 *
 * @typedef {object} Ui
 * @property {App} app
 * @property {(name: keyof State, value: any) => () => void} set
 * @property {(name: string) => () => void} flip
 */

export {};
