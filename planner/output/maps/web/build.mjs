// Bundles the modules of src/ to ../page.bundle.js; with --check, tells whether that file is fresh.
//
// The first line of the bundle bears a hash of its sources, which a test recomputes without node.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { findCycles } from "./cycles.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const bundle = join(here, "..", "page.bundle.js");

/** Compute the hash of all that the bundle is made of: names and texts, in the order of the names. */
function hashOfSources() {
  const hash = createHash("sha256");
  const modules = readdirSync(join(here, "src"))
    .filter((name) => name.endsWith(".js"))
    .sort();
  for (const name of ["build.mjs", "package.json", ...modules.map((one) => `src/${one}`)]) {
    hash.update(`${name}\n`);
    hash.update(readFileSync(join(here, name)));
  }
  return hash.digest("hex");
}

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/main.js"],
  banner: {
    js: `/* The map's page: made by web/build.mjs from web/src, sources sha256 ${hashOfSources()} */`,
  },
  bundle: true,
  charset: "utf8",
  format: "iife",
  globalName: "planMap",
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  minify: true,
  target: "es2020",
  write: false,
});
const problems = findCycles(metafile).map(
  (files) => `modules import each other in a circle: ${files.join(", ")}`,
);
const types = new Set(["payload.js", "types.js"]);
const unused = readdirSync(join(here, "src")).filter(
  (name) => !(`src/${name}` in metafile.inputs) && !types.has(name),
);
problems.push(...unused.map((name) => `no module imports src/${name}`));
const fresh = outputFiles[0].text;
if (process.argv.includes("--check")) {
  if (readFileSync(bundle, "utf8") !== fresh) problems.push("page.bundle.js is stale: run `make page`");
} else if (!problems.length) writeFileSync(bundle, fresh);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;
