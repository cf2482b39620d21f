// @ts-check
// Texts of the catalogue with their values filled in, as `planner.language.text` does.

/**
 * Return a text with its values: `{n}` is the value, `{n:one|other}` goes by whether it is 1.
 *
 * @param {string} template
 * @param {Record<string, any>} [values] what is not among them stays as it is
 */
export const fill = (template, values) =>
  template.replace(/\{(\w+)(?::([^|{}]*)\|([^{}]*))?\}/g, (all, name, one, other) => {
    if (!values || !(name in values)) return all;
    if (one === undefined) return values[name];
    return String(values[name]) === "1" ? one : other;
  });
