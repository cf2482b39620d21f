// @ts-check
// Numbers as the language writes them.

/**
 * Numbers as the language writes them. To make a format costs a hundred times what using it does.
 *
 * @param {string} locale
 */
export function makeNumbers(locale) {
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const signs = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const points = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  const fine = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const percents = new Map();
  return {
    /** @param {number} value */
    count: (value) => plain.format(value),
    /** @param {number} value */
    number: (value) => fine.format(value),
    /** @param {number} value */
    signed: (value) => signs.format(value).replace("-", "−"),
    /** @param {number} value */
    points: (value) => points.format(value).replace("-", "−"),
    /**
     * @param {any} value
     * @param {any} digits
     */
    percent(value, digits) {
      if (!percents.has(digits))
        percents.set(
          digits,
          new Intl.NumberFormat(locale, {
            style: "percent",
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
          }),
        );
      return percents.get(digits).format(value);
    },
  };
}
