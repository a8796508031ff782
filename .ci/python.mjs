// Runs the repository's own Python, with the application and the emulated portal to import: `node .ci/python.mjs ARGS`.

import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

import { ROOT } from "./console.mjs";
import { PYTHON } from "./toolchain.mjs";

const child = spawn(PYTHON, process.argv.slice(2), {
  stdio: "inherit",
  env: {
    ...process.env,
    PYTHONPATH: [join(ROOT, "tests"), join(ROOT, "py")].join(delimiter),
    PYTHONUTF8: "1",
  },
});
// Ctrl+C reaches the child by itself; waiting for it lets it end in order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
});
