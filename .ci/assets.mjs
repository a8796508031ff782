// Prepares static/vendor: everything that the page loads and that is not written here.

import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT, run, say } from "./console.mjs";
import { stamp } from "./stamps.mjs";
import { PYTHON } from "./toolchain.mjs";

const MODULES = join(ROOT, "node_modules");
const VENDOR = join(ROOT, "static/vendor");

/** What the engine imports, and micropip, which PyScript loads whether it is used or not. */
const WHEELS = ["numpy", "pandas", "python-dateutil", "six", "micropip", "xlsxwriter"];

// Parts of PyScript that it loads on demand only: for its editor, its terminal, archives in MicroPython.
const PYSCRIPT_UNUSED = /\.map$|^(codemirror|index-|service-worker|storage\.js|xterm|zip-)/;

const INPUTS = ["assets.mjs", "wheels.py", "wheels.json", "compile_wheels.mjs", "compile_archive.py"];

export function prepareAssets() {
  const done = stamp(
    "assets",
    ["package-lock.json", ...INPUTS.map((file) => `.ci/${file}`)],
    ["static/vendor/pyodide/pyodide-lock.json", "static/vendor/idb.js"],
  );
  if (done.fresh()) return;

  fetchWheels();
  say("Byte-compiling them for a quick start of the page (about 10 s) …");
  rmSync(VENDOR, { recursive: true, force: true });
  mkdirSync(VENDOR, { recursive: true });
  copyPyScript();
  copyMicroPython();
  copyLibraries();
  run("compile", process.execPath, [".ci/compile_wheels.mjs", ...WHEELS]);
  done.write();
}

function fetchWheels() {
  const lock = "node_modules/pyodide/pyodide-lock.json";
  const own = ".ci/wheels.json";
  const { packages } = JSON.parse(readFileSync(join(ROOT, lock), "utf8"));
  Object.assign(packages, JSON.parse(readFileSync(join(ROOT, own), "utf8")));
  const files = WHEELS.map((name) => `.cache/wheels/${packages[name].file_name}`);
  const done = stamp("wheels", [lock, own, ".ci/wheels.py"], files);
  if (done.fresh()) return;
  say("Fetching the browser's Python packages (7 MB from Pyodide's CDN, or 106 MB from PyPI) …");
  const { version } = JSON.parse(readFileSync(join(MODULES, "pyodide/package.json"), "utf8"));
  run("wheels", PYTHON, [".ci/wheels.py", lock, version, ...WHEELS], {
    advice: "One of these sources must be reached once; run the same command again when the network is there.",
  });
  done.write();
}

function copyPyScript() {
  const source = join(MODULES, "@pyscript/core/dist");
  for (const file of readdirSync(source)) {
    if (!PYSCRIPT_UNUSED.test(file)) cpSync(join(source, file), join(VENDOR, "pyscript", file));
  }
}

function copyMicroPython() {
  const source = join(MODULES, "@micropython/micropython-webassembly-pyscript");
  for (const file of ["micropython.mjs", "micropython.wasm"]) {
    cpSync(join(source, file), join(VENDOR, "micropython", file));
  }
}

function copyLibraries() {
  cpSync(join(MODULES, "idb/build/index.js"), join(VENDOR, "idb.js"));
  cpSync(
    join(MODULES, "plotly.js-basic-dist-min/plotly-basic.min.js"),
    join(VENDOR, "plotly-basic.min.js"),
  );
  const grid = join(MODULES, "tabulator-tables/dist");
  cpSync(join(grid, "js/tabulator.min.js"), join(VENDOR, "tabulator.min.js"));
  cpSync(join(grid, "css/tabulator_simple.min.css"), join(VENDOR, "tabulator.min.css"));
  // The package has the locale as a CommonJS module only. The page may load it before Plotly or after.
  const locale = readFileSync(join(MODULES, "plotly.js-locales/ru.js"), "utf8");
  writeFileSync(
    join(VENDOR, "plotly-locale-ru.js"),
    `(() => {
const module = {};
${locale}
if (window.Plotly) window.Plotly.register(module.exports);
else (window.PlotlyLocales ??= []).push(module.exports);
})();
`,
  );
}
