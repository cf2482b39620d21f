// @ts-check
// What need not be drawn again.

/**
 * Return what does a part's work only when what it shows has changed: a trial site must answer at once.
 *
 * @returns {(part: string, work: () => void, ...inputs: unknown[]) => void}
 */
export function changes() {
  /** @type {Record<string, string>} */
  const drawn = {};
  return (part, work, ...inputs) => {
    const key = JSON.stringify(inputs);
    if (drawn[part] === key) return;
    drawn[part] = key;
    work();
  };
}
