// Makes static/vendor/pyodide: Pyodide with byte-compiled packages, so that they are imported several times faster.
// Run in a process of its own, with the wheels in .cache/wheels: `node .ci/compile_wheels.mjs NAME...`

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { CACHE, ROOT } from "./console.mjs";

const SOURCE = join(ROOT, "node_modules/pyodide");
const TARGET = join(ROOT, "static/vendor/pyodide");
const UNCHANGED = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"];
// pandas takes pytz for a need, but only uses it where it is there.
const NOT_NEEDED = ["pytz"];

const { loadPyodide } = await import(pathToFileURL(join(SOURCE, "pyodide.mjs")));
// Without a fixed seed sets in the compiled code come out in another order every time.
const pyodide = await loadPyodide({ indexURL: SOURCE, env: { PYTHONHASHSEED: "0", HOME: "/" } });
pyodide.runPython(readFileSync(join(ROOT, ".ci/compile_archive.py"), "utf8"));

function compiled(path, name) {
  pyodide.FS.writeFile("/archive", readFileSync(path));
  pyodide.globals.set("name", name);
  pyodide.runPython(`
with open("/archive", "rb") as source, open("/compiled", "wb") as target:
    target.write(compile_archive(source.read(), name))
`);
  return Buffer.from(pyodide.FS.readFile("/compiled"));
}

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(TARGET, { recursive: true });
for (const file of UNCHANGED) copyFileSync(join(SOURCE, file), join(TARGET, file));
writeFileSync(
  join(TARGET, "python_stdlib.zip"),
  compiled(join(SOURCE, "python_stdlib.zip"), "python_stdlib"),
);

const lock = JSON.parse(readFileSync(join(SOURCE, "pyodide-lock.json"), "utf8"));
const own = JSON.parse(readFileSync(join(ROOT, ".ci/wheels.json"), "utf8"));
const packages = {};
for (const name of process.argv.slice(2)) {
  const entry = lock.packages[name] ?? own[name];
  const wheel = compiled(join(CACHE, "wheels", entry.file_name), entry.file_name.split("-")[0]);
  writeFileSync(join(TARGET, entry.file_name), wheel);
  packages[name] = {
    ...entry,
    depends: entry.depends.filter((other) => !NOT_NEEDED.includes(other)),
    sha256: createHash("sha256").update(wheel).digest("hex"),
  };
}
writeFileSync(join(TARGET, "pyodide-lock.json"), `${JSON.stringify({ ...lock, packages }, null, 1)}\n`);
