// @ts-check
// Tables that travel column by column.

/**
 * Return the rows of a table: a record for each, by the names of the columns.
 *
 * @template {Record<string, any[]>} Columns
 * @param {Columns} columns all of one length
 * @returns {{[name in keyof Columns]: Columns[name][number]}[]}
 */
export function rowsOf(columns) {
  const names = Object.keys(columns);
  const count = names.length ? columns[names[0]].length : 0;
  return Array.from({ length: count }, (_, i) => {
    /** @type {any} */
    const row = {};
    for (const name of names) row[name] = columns[name][i];
    return row;
  });
}
