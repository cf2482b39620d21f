// @ts-check
// Numbers as the language writes them, by the rules of the report (`planner/language/numbers.py`): halves
// away from zero, a real minus sign, decimals by what is measured.

/**
 * Numbers as the language writes them. To make a format costs a hundred times what using it does.
 *
 * @param {string} locale
 */
export function makeNumbers(locale) {
  /** @type {Map<string, Intl.NumberFormat>} */
  const made = new Map();
  /**
   * @param {number} value
   * @param {number} least decimals
   * @param {number} most decimals
   * @param {Intl.NumberFormatOptions} [more]
   */
  const write = (value, least, most, more = {}) => {
    const key = `${least} ${most} ${more.style} ${more.signDisplay}`;
    if (!made.has(key))
      made.set(
        key,
        new Intl.NumberFormat(locale, {
          minimumFractionDigits: least,
          maximumFractionDigits: most,
          ...more,
        }),
      );
    const told = /** @type {Intl.NumberFormat} */ (made.get(key)).format(value);
    return told.replace(/^-(?=[0.]+%?$)/, "").replace("-", "−"); // nothing has no sign
  };
  return {
    /** @param {number} value people or things */
    count: (value) => write(value, 0, 0),
    /** @param {number} value of any unit */
    figure: (value) => write(value, 0, 2),
    /** @param {number} value an amount that the payload has rounded to what tells it */
    amount: (value) => write(value, 0, 6),
    /** @param {number} value measured minutes */
    minutes: (value) => write(value, 1, 1),
    /** @param {number} value a difference of counts */
    signed: (value) => write(value, 0, 0, { signDisplay: "exceptZero" }),
    /** @param {number} value a difference in percentage points */
    points: (value) => write(value, 1, 1, { signDisplay: "exceptZero" }),
    /**
     * @param {number} value a share
     * @param {number} digits
     */
    percent: (value, digits) => write(value, digits, digits, { style: "percent" }),
    /** @param {number} value a share that somebody chose */
    givenPercent: (value) => write(value, 0, 2, { style: "percent" }),
  };
}
