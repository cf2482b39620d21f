// @ts-check
// Work that is done when its result is first asked for.

/**
 * @template Result
 * @param {() => Result} work
 * @returns {() => Result}
 */
export function once(work) {
  /** @type {{result: Result} | null} */
  let done = null;
  return () => {
    done ??= { result: work() };
    return done.result;
  };
}
