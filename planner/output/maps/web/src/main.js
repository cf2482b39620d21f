// @ts-check
// The map's page: what the page calls, and what its tests look at.

import { drawPlan } from "./app.js";
import { communityTip } from "./cards.js";
import { minutesRamp, rampColour } from "./colour.js";
import { speedUpLines } from "./line_projection.js";
import { Painting } from "./painting.js";
import { Grain } from "./raster_streets.js";
import { shareAt } from "./shares.js";
import { inState, sideOf } from "./states.js";

speedUpLines();

export { communityTip, drawPlan, Grain, inState, minutesRamp, Painting, rampColour, shareAt, sideOf };
