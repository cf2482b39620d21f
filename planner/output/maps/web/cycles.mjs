// Circles among modules, from the metafile that esbuild writes.

/**
 * Find the modules that import each other in a circle, directly or through others.
 *
 * Tarjan's strongly connected components: each of more than one module is a circle.
 *
 * @param {{inputs: Record<string, {imports: {path: string}[]}>}} metafile
 * @returns {string[][]} the modules of each circle; none where there is no circle
 */
export function findCycles({ inputs }) {
  const number = new Map();
  const lowest = new Map();
  const stack = [];
  const circles = [];
  function visit(file) {
    number.set(file, number.size);
    lowest.set(file, number.get(file));
    stack.push(file);
    for (const { path } of inputs[file]?.imports ?? []) {
      if (!number.has(path)) visit(path);
      if (stack.includes(path)) lowest.set(file, Math.min(lowest.get(file), lowest.get(path)));
    }
    if (lowest.get(file) !== number.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1 || inputs[file]?.imports.some(({ path }) => path === file)) circles.push(circle);
  }
  for (const file of Object.keys(inputs)) if (!number.has(file)) visit(file);
  return circles;
}
