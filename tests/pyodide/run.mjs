// Runs the tests of the rules where the rules run: in Pyodide, here under Node.
// `node tests/pyodide/run.mjs [PYTEST ARGUMENTS]`

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ROOT } from "../../.ci/console.mjs";
import { PYTHON } from "../../.ci/toolchain.mjs";

const PYODIDE = join(ROOT, "static/vendor/pyodide");
const TESTS = ["tests/unit/segmentation", "tests/unit/storage"];

const packages = execFileSync(PYTHON, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]);
const { loadPyodide } = await import(pathToFileURL(join(PYODIDE, "pyodide.mjs")));
const pyodide = await loadPyodide({ indexURL: PYODIDE, env: { HOME: "/", PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } });
await pyodide.loadPackage(["pandas"], { messageCallback() {} });
for (const [point, root] of [["/project", ROOT], ["/packages", String(packages).trim()]]) {
  pyodide.FS.mkdirTree(point);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, point);
}
pyodide.globals.set("arguments", pyodide.toPy([...TESTS, ...process.argv.slice(2)]));
// pytest is plain Python and comes from the virtual environment, after Pyodide's own packages, so that
// numpy and pandas are the browser's. Its debugger needs a module that the browser does not get.
process.exitCode = pyodide.runPython(`
import os
import sys

os.chdir("/project")
sys.path.append("/packages")
sys.dont_write_bytecode = True
import pytest

int(pytest.main(["-c", "tests/pytest.ini", "-p", "no:cacheprovider", "-p", "no:debugging", *arguments]))
`);
