// Checks the source without running it: `node .ci/lint.mjs`. Shows every finding of every check, then fails.

import { spawnSync } from "node:child_process";

import { ROOT } from "./console.mjs";
import { PYTHON } from "./toolchain.mjs";

const CHECKS = [
  ["ruff", "check", "--quiet"],
  ["ruff", "format", "--check", "--quiet"],
  ["mypy"],
];

const failed = CHECKS.filter(
  (check) => spawnSync(PYTHON, ["-m", ...check], { cwd: ROOT, stdio: "inherit" }).status !== 0,
);
if (failed.length) {
  console.error(`Failed: ${failed.map((check) => check.join(" ")).join(", ")}`);
  console.error("Put right by itself what can be: .venv/bin/ruff check --fix && .venv/bin/ruff format");
  process.exitCode = 1;
} else {
  console.log("ruff check, ruff format and mypy --strict: nothing found");
}
