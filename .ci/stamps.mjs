// Stamps: a step that has been done leaves the hash of its inputs, so that the next run can skip it.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CACHE, ROOT } from "./console.mjs";

/**
 * A step's stamp. `inputs`: files whose content decides the result, from the root of the repository;
 * `outputs`: files or folders that must be there for the stamp to count.
 */
export function stamp(name, inputs, outputs) {
  const path = join(CACHE, "stamps", name);
  return {
    fresh: () =>
      existsSync(path) &&
      readFileSync(path, "utf8") === digest(inputs) &&
      outputs.every((output) => existsSync(join(ROOT, output))),
    write: () => {
      mkdirSync(join(CACHE, "stamps"), { recursive: true });
      writeFileSync(path, digest(inputs));
    },
  };
}

function digest(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input).update("\0").update(readFileSync(join(ROOT, input)));
  return hash.digest("hex");
}
