// @ts-check
// Limits that several parts share.

export const WORST = 8;

export const SLACK = 1e-9;

/** The dashed edge of a facility whose place is estimated. */
export const ESTIMATED_EDGE = "#20242b";
