// @ts-check
// Limits that several parts share.

export const WORST = 8;

export const SLACK = 1e-9;
