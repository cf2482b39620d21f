// @ts-check
// The page's payload, as in `planner/output/maps/payload`: made by `make page`, not by hand.

/**
 * A row for each community; `people` has a column for each group.
 * `estimated` tells that the boundaries are estimated from points.
 *
 * @typedef {object} CommunityColumns
 * @property {(string | null)[]} name
 * @property {(string | null)[]} street
 * @property {(string | null)[]} settlement
 * @property {(string | null)[]} zone
 * @property {string[]} spelling
 * @property {number[]} inside
 * @property {Record<string, (number | null)[]>} people
 * @property {(number[] | null)[]} label
 * @property {number[][][][]} shape
 * @property {boolean} estimated
 */

/**
 * A row for each subdistrict: its name and where that stands; and the borders as lines.
 *
 * @typedef {object} TownColumns
 * @property {string[]} name
 * @property {(number[] | null)[]} label
 * @property {number[][]} border
 * @property {number[][]} outline
 */

/**
 * The share of people within a limit in minutes.
 *
 * @typedef {object} ShareWithin
 * @property {number | null} minutes
 * @property {number | null} share
 */

/**
 * Communities with people, and how many of them have, reach, or are served by a facility.
 *
 * @typedef {object} UnitCounts
 * @property {number | null} communities
 * @property {number | null} has
 * @property {number | null} reached
 * @property {number | null} linked
 */

/**
 * Communities with people beyond the cutoff, the most people first.
 *
 * @typedef {object} GapColumns
 * @property {number[]} community
 * @property {(number | null)[]} lacking
 */

/**
 * Figures of a kind in one state: of the district by group, and columns of communities.
 *
 * @typedef {object} StateFigures
 * @property {Record<string, ShareWithin[]>} people
 * @property {UnitCounts | null} counts
 * @property {(number | null)[]} share
 * @property {(number | null)[]} minutes
 * @property {(number | null)[]} has
 * @property {(number | null)[]} reached
 * @property {(number | null)[]} linked
 * @property {(number | null)[]} lacking
 * @property {GapColumns} gaps
 */

/**
 * Figures of a kind: today and with suggested sites, of this plan and of a second one.
 * `nearest` is the facility that is the nearest one for most people of each community.
 *
 * @typedef {object} KindFigures
 * @property {StateFigures} before
 * @property {StateFigures | null} after
 * @property {StateFigures | null} other
 * @property {StateFigures | null} other_after
 * @property {(number | null)[]} nearest
 */

/**
 * How the page derives an indicator in another state; `need`: people beyond that need it.
 *
 * @typedef {object} DerivedFrom
 * @property {"homes" | "capacity" | "people"} source
 * @property {string | null} group
 * @property {number | null} minutes
 * @property {number | null} need
 */

/**
 * One figure that shades communities, or subdistricts where `by_street`; see `Indicator`.
 *
 * @typedef {object} IndicatorText
 * @property {string} name
 * @property {string} theme
 * @property {string | null} kind
 * @property {string} title
 * @property {string} about
 * @property {string} unit
 * @property {string | null} better
 * @property {string | null} of
 * @property {DerivedFrom | null} worked
 * @property {boolean} by_street
 * @property {(number | null)[] | null} values
 * @property {Record<string, number[]> | null} bounds
 * @property {number | null} target
 */

/**
 * People of the main group in each home; for each state and kind a text of one digit a home.
 * The digit counts the limits that are too short: 0 is within the shortest.
 *
 * @typedef {object} HomeColumns
 * @property {(number | null)[]} people
 * @property {Record<string, string>} before
 * @property {Record<string, string>} after
 * @property {Record<string, string> | null} other
 * @property {Record<string, string> | null} other_after
 */

/**
 * What of `HomeFeet` differs in a second plan.
 *
 * @typedef {object} HomeFeetChanges
 * @property {string} [edge]
 * @property {string} [share]
 * @property {string} [access]
 * @property {string} [community]
 * @property {number} [parts]
 * @property {Record<string, string>} [people]
 * @property {Record<string, string>} [ticks]
 */

/**
 * What of `WalkColumns` differs in a second plan.
 *
 * @typedef {object} WalkChanges
 * @property {number} [mps]
 * @property {number} [search]
 * @property {MetresFit} [metres]
 * @property {string} [nodes]
 * @property {string} [inner]
 * @property {string} [bends]
 * @property {string} [u]
 * @property {string} [v]
 * @property {string} [ahead]
 * @property {string | null} [back]
 * @property {HomeFeetChanges} [homes]
 * @property {Feet} [facilities]
 */

/**
 * A share of people in two plans.
 *
 * @typedef {object} ShareChange
 * @property {string} state
 * @property {string} kind
 * @property {string} group
 * @property {number | null} first
 * @property {number | null} second
 */

/**
 * A count of a kind in two plans.
 *
 * @typedef {object} UnitChange
 * @property {string} kind
 * @property {string} what
 * @property {number | null} first
 * @property {number | null} second
 */

/**
 * A target in two plans, and how its verdict turns: the key of the turn, and its words.
 *
 * @typedef {object} TargetChange
 * @property {string} name
 * @property {string} turn
 * @property {string} words
 * @property {string} first
 * @property {string} second
 */

/**
 * A facility that differs: what is different, and its words.
 *
 * @typedef {object} FacilityChange
 * @property {string} kind
 * @property {string} id
 * @property {string | null} name
 * @property {string} what
 * @property {string} words
 */

/**
 * A setting that differs.
 *
 * @typedef {object} SettingChange
 * @property {any} name
 * @property {any} first
 * @property {any} second
 */

/**
 * A second plan: what differs from the first, on the first one's ground.
 * `standing` tells of every facility whether it operates in the second plan, `None` where that has
 * none; `home_places` is missing where the homes are the same.
 *
 * @typedef {object} OtherPlan
 * @property {Head} head
 * @property {string[]} names
 * @property {(number | null)[]} standing
 * @property {SiteColumns[]} answers
 * @property {Record<string, RingShape[]>} rings
 * @property {FeatureLayer[]} features
 * @property {WalkChanges | null} walk
 * @property {string | null} home_places
 * @property {Record<string, (number | null)[] | null>} values
 * @property {ScorecardText | null} scorecard
 * @property {string[]} notes
 * @property {ShareChange[]} shares
 * @property {UnitChange[]} units
 * @property {TargetChange[]} targets
 * @property {FacilityChange[]} changes
 * @property {SettingChange[]} settings
 */

/**
 * A row for each facility; `community` is the place of its community in their columns.
 *
 * @typedef {object} FacilityColumns
 * @property {(number[] | null)[]} at
 * @property {string[]} id
 * @property {(number | null)[]} operating
 * @property {(string | null)[]} name
 * @property {(string | null)[]} kind
 * @property {(string | null)[]} tier
 * @property {string[]} spelling
 * @property {(string | null)[]} state
 * @property {string[]} status
 * @property {(number | null)[]} capacity
 * @property {(number | null)[]} floor_area_m2
 * @property {(number | null)[]} opened
 * @property {(number | null)[]} closed
 * @property {(number | null)[]} community
 * @property {number[]} approximate
 */

/**
 * A row for each candidate that no answer chose.
 *
 * @typedef {object} CandidateColumns
 * @property {(number[] | null)[]} at
 * @property {(string | null)[]} name
 * @property {string[]} spelling
 * @property {(string | null)[]} host
 */

/**
 * Facilities and the communities that they serve without a walk, by their places.
 *
 * @typedef {object} LinkColumns
 * @property {number[]} facility
 * @property {number[]} community
 */

/**
 * People of the district by how they are served.
 *
 * @typedef {object} SplitPeople
 * @property {number | null} served
 * @property {number | null} over_capacity
 * @property {number | null} out_of_reach
 */

/**
 * People of each community by how they are served.
 *
 * @typedef {object} SplitColumns
 * @property {(number | null)[]} served
 * @property {(number | null)[]} over_capacity
 * @property {(number | null)[]} out_of_reach
 */

/**
 * A row for each facility that operates: what it holds and whom it serves.
 * `wanted` counts the people for whom it is the nearest, `lack` how many more these are than it
 * holds; `short` says whether it lacks room, `rank` its place among those that do.
 *
 * @typedef {object} LoadColumns
 * @property {number[]} facility
 * @property {(number | null)[]} capacity
 * @property {(number | null)[]} people
 * @property {(number | null)[]} minutes
 * @property {(number | null)[]} wanted
 * @property {(number | null)[]} lack
 * @property {number[]} short
 * @property {(number | null)[]} rank
 */

/**
 * Who is served within the capacity of a kind.
 *
 * @typedef {object} KindSupply
 * @property {string} group
 * @property {number | null} minutes
 * @property {number} need
 * @property {SplitPeople} all
 * @property {SplitColumns} communities
 * @property {LoadColumns} facilities
 */

/**
 * The area within a walk of so many minutes.
 *
 * @typedef {object} RingShape
 * @property {number | null} minutes
 * @property {number[][][]} shape
 */

/**
 * The answer to one siting question: what was asked, what it comes to, a row for each site.
 *
 * @typedef {object} SiteColumns
 * @property {string} kind
 * @property {string} model
 * @property {number | null} minutes
 * @property {string[]} groups
 * @property {string[]} why
 * @property {boolean} optimal
 * @property {number | null} gap
 * @property {number | null} before
 * @property {number | null} after
 * @property {boolean} proposed
 * @property {number} candidates
 * @property {number[]} closed
 * @property {(number[] | null)[]} at
 * @property {string[]} spelling
 * @property {(number | null)[]} community
 * @property {(string | null)[]} name
 * @property {(string | null)[]} host
 * @property {(number | null)[]} rank
 * @property {(number | null)[]} added
 * @property {(number | null)[]} cumulative
 * @property {(number | null)[]} cost
 * @property {RingShape[]} rings
 */

/**
 * The roads of one class.
 *
 * @typedef {object} RoadLines
 * @property {string} road
 * @property {number[][]} lines
 */

/**
 * Land or water, its name and where that stands.
 *
 * @typedef {object} BackdropShape
 * @property {string} kind
 * @property {number[][][]} shape
 * @property {string | null} name
 * @property {number[] | null} label
 */

/**
 * A column of a layer's features: its heading, what it is measured in, a value for each.
 *
 * @typedef {object} ColumnOfFeatures
 * @property {string} title
 * @property {string} measure
 * @property {(number | string | null)[]} values
 */

/**
 * How features are coloured by a column, by its place: upper bounds, and a colour for each.
 *
 * @typedef {object} FeatureClasses
 * @property {number} column
 * @property {number[]} bounds
 * @property {string[]} colours
 */

/**
 * A layer that the page draws from its features: points, lines or polygons.
 * Every list has a place for each feature; `kind`, `facility` and `community` are those that it
 * belongs to. Without a `colour` a feature has that of its kind.
 *
 * @typedef {object} FeatureLayer
 * @property {string} id
 * @property {string} name
 * @property {string} about
 * @property {"point" | "line" | "polygon"} geometry
 * @property {string | null} colour
 * @property {FeatureClasses | null} classes
 * @property {(string | null)[]} title
 * @property {(string | null)[]} kind
 * @property {(number | null)[]} facility
 * @property {(number | null)[]} community
 * @property {(number[] | null)[] | null} point
 * @property {number[][][] | null} line
 * @property {number[][][][] | null} shape
 * @property {ColumnOfFeatures[]} columns
 */

/**
 * A line of the scorecard, in words; `profile` is the place of its document.
 *
 * @typedef {object} TargetText
 * @property {string} key
 * @property {string} id
 * @property {string} name
 * @property {string} value
 * @property {string} must
 * @property {string} aim
 * @property {string} short_by
 * @property {string} note
 * @property {string} source
 * @property {number} profile
 * @property {string} verdict
 * @property {string} grade
 */

/**
 * The documents of a scorecard by their titles, and its lines.
 *
 * @typedef {object} ScorecardText
 * @property {string[]} profiles
 * @property {TargetText[]} rows
 */

/**
 * Colours of shares, and the bounds between them.
 *
 * @typedef {object} ShareColours
 * @property {number[]} bounds
 * @property {string[]} colours
 */

/**
 * Colours of what misses a target and of what meets it, from the farthest below on.
 *
 * @typedef {object} TargetColours
 * @property {string[]} below
 * @property {string[]} above
 */

/**
 * Colours of minutes within the cutoff, and of those beyond.
 *
 * @typedef {object} MinuteColours
 * @property {string[]} within
 * @property {string[]} beyond
 */

/**
 * What the page draws with; `above` names the backdrop's kinds that lie over the shading.
 *
 * @typedef {object} Looks
 * @property {ShareColours} shares
 * @property {string[]} amounts
 * @property {TargetColours} target
 * @property {MinuteColours} minutes
 * @property {Record<string, string>} backdrop
 * @property {string[]} above
 */

/**
 * A walking speed: its name, metres a second, and how well its source is verified.
 *
 * @typedef {object} SpeedText
 * @property {string} name
 * @property {number} mps
 * @property {string} grade
 */

/**
 * A limit in minutes, and the metres walked in it.
 *
 * @typedef {object} LimitText
 * @property {number} minutes
 * @property {number} metres
 */

/**
 * The terms of a plan: what its figures are of. `snap` is in metres, `cutoff` in minutes.
 * `caveats` are sentences that stand beside the headline: what no figure counts.
 *
 * @typedef {object} Head
 * @property {string} title
 * @property {string | null} note
 * @property {number | null} year
 * @property {boolean} synthetic
 * @property {SpeedText} speed
 * @property {LimitText[]} limits
 * @property {number} cutoff
 * @property {number} snap
 * @property {string} group
 * @property {string} group_name
 * @property {number} covered_share
 * @property {string[]} caveats
 * @property {string | null} cost_unit
 * @property {string[]} attribution
 */

/**
 * A kind of facility; how many operate and how many are planned.
 *
 * @typedef {object} KindText
 * @property {string} id
 * @property {string} name
 * @property {string} colour
 * @property {string} unit
 * @property {number} operating
 * @property {number} planned
 */

/**
 * Polynomials from steps to metres, a row for each term.
 * The term is `x` or `y` times (steps east / scale) ** `u` times (steps north / scale) ** `v`.
 *
 * @typedef {object} MetresFit
 * @property {number[]} scale
 * @property {number[]} u
 * @property {number[]} v
 * @property {number[]} x
 * @property {number[]} y
 */

/**
 * Where points stand on the streets: edge + 1 (0: none), share of it, centimetres to it.
 *
 * @typedef {object} Feet
 * @property {string} edge
 * @property {string} share
 * @property {string} access
 */

/**
 * Where areas are entered beside the first place of each: facility after facility.
 *
 * @typedef {object} EntranceFeet
 * @property {string} edge
 * @property {string} share
 * @property {string} access
 * @property {string} facility
 */

/**
 * Homes on the streets: their communities, people times `parts`, today's ticks by kind.
 *
 * @typedef {object} HomeFeet
 * @property {string} edge
 * @property {string} share
 * @property {string} access
 * @property {string} community
 * @property {number} parts
 * @property {Record<string, string>} people
 * @property {Record<string, string>} ticks
 */

/**
 * The streets, homes and facilities that the page walks on; `search` is in minutes.
 * `straight` tells that there are no streets: what is walked on is a lattice, and never shown.
 *
 * @typedef {object} WalkColumns
 * @property {boolean} straight
 * @property {number} mps
 * @property {number} search
 * @property {MetresFit} metres
 * @property {string} nodes
 * @property {string} inner
 * @property {string} bends
 * @property {string} u
 * @property {string} v
 * @property {string} ahead
 * @property {string | null} back
 * @property {HomeFeet} homes
 * @property {Feet} facilities
 * @property {EntranceFeet | null} entrances
 */

/**
 * The layers of a plan, and of a second one where two are compared.
 *
 * @typedef {object} LayersPayload
 * @property {number[]} origin
 * @property {number[]} size
 * @property {KindText[]} kinds
 * @property {Record<string, string>} groups
 * @property {CommunityColumns} communities
 * @property {Record<string, KindFigures>} figures
 * @property {TownColumns} towns
 * @property {IndicatorText[]} indicators
 * @property {string | null} home_places
 * @property {HomeColumns | null} homes
 * @property {FacilityColumns} facilities
 * @property {Record<string, KindSupply>} supply
 * @property {ScorecardText | null} scorecard
 * @property {CandidateColumns} candidates
 * @property {LinkColumns} links
 * @property {SiteColumns[]} answers
 * @property {Record<string, RingShape[]>} rings
 * @property {FeatureLayer[]} features
 * @property {RoadLines[]} streets
 * @property {WalkColumns | null} walk
 * @property {BackdropShape[]} backdrop
 * @property {OtherPlan | null} other
 */

/**
 * All that a page's script reads: the layers, its texts and looks, and what is shown first.
 *
 * @typedef {object} Payload
 * @property {number[]} origin
 * @property {number[]} size
 * @property {KindText[]} kinds
 * @property {Record<string, string>} groups
 * @property {CommunityColumns} communities
 * @property {Record<string, KindFigures>} figures
 * @property {TownColumns} towns
 * @property {IndicatorText[]} indicators
 * @property {string | null} home_places
 * @property {HomeColumns | null} homes
 * @property {FacilityColumns} facilities
 * @property {Record<string, KindSupply>} supply
 * @property {ScorecardText | null} scorecard
 * @property {CandidateColumns} candidates
 * @property {LinkColumns} links
 * @property {SiteColumns[]} answers
 * @property {Record<string, RingShape[]>} rings
 * @property {FeatureLayer[]} features
 * @property {RoadLines[]} streets
 * @property {WalkColumns | null} walk
 * @property {BackdropShape[]} backdrop
 * @property {OtherPlan | null} other
 * @property {"zh" | "en"} lang
 * @property {string} tag
 * @property {Record<string, string>} texts
 * @property {Looks} looks
 * @property {string} tiles
 * @property {Head} head
 * @property {string | null} first
 * @property {string} shade
 * @property {string | null} unshaded
 * @property {Record<string, boolean>} layers
 */

export {};
