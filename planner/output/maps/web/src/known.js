// @ts-check
// What the caller knows to be there.

/**
 * Return a value that is there: the second plan where two are compared, the kind that is shown.
 *
 * @template Value
 * @param {Value | null | undefined} value
 * @returns {Value}
 */
export function known(value) {
  if (value === null || value === undefined) throw new TypeError("a part of the page is missing");
  return value;
}
