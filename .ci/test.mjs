// Runs the tests tier by tier and stops at the first tier that fails: `node .ci/test.mjs [--fast] [PYTEST ARGUMENTS]`.

import { spawn } from "node:child_process";

import { ROOT } from "./console.mjs";
import { PYTHON } from "./toolchain.mjs";

const NODE = process.execPath;
const PYTEST = ["-m", "pytest", "-c", "tests/pytest.ini", process.stdout.isTTY ? "--color=yes" : "--color=no"];
const PYTEST_NO_TESTS = 5;

const fast = process.argv[2] === "--fast";
const given = process.argv.slice(fast ? 3 : 2);

const UNIT = [PYTHON, ...PYTEST, "-n", "2", "tests/unit", "tests/property"];
const FAST = { name: "unit", command: [...UNIT, "-m", "not thorough", ...given] };
const ALL = [
  { name: "lint", command: [NODE, ".ci/lint.mjs"] },
  { name: "unit and property", command: [...UNIT, ...given] },
  { name: "rules in Pyodide", command: [NODE, "tests/pyodide/run.mjs", ...given] },
  { name: "build", command: [PYTHON, ...PYTEST, "tests/build", ...given] },
  { name: "browser", command: [PYTHON, ...PYTEST, "tests/browser", ...given] },
];

/** Runs a tier, showing what it prints; returns its exit code and how many tests passed and failed. */
function run({ name, command }) {
  console.log(`\n== ${name}`);
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: ROOT,
      env: { ...process.env, PYTHONUTF8: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let end = "";
    child.stdout.on("data", (chunk) => {
      process.stdout.write(chunk);
      end = (end + chunk).slice(-2000);
    });
    child.on("close", (code) => resolve({ code, passed: count(end, "passed"), failed: count(end, "failed|errors?") }));
  });
}

/** Reads a number out of the closing line of pytest. */
function count(text, word) {
  const closing = text.split("\n").findLast((line) => / in \d+\.\d+s/.test(line)) ?? "";
  return Number(new RegExp(`(\\d+) (?:${word})\\b`).exec(closing)?.[1] ?? 0);
}

const tiers = fast ? [FAST] : ALL;
const lines = [];
const total = { passed: 0, failed: 0 };
for (const tier of tiers) {
  const start = Date.now();
  const { code, passed, failed } = await run(tier);
  const ok = code === 0 || (code === PYTEST_NO_TESTS && given.length > 0);
  total.passed += passed;
  total.failed += failed;
  const seconds = Math.round((Date.now() - start) / 1000);
  const tests = passed + failed ? `, ${passed} passed, ${failed} failed` : "";
  lines.push(`${ok ? "ok    " : "FAILED"}  ${tier.name} (${seconds} s${tests})`);
  if (ok) continue;
  process.exitCode = 1;
  total.failed ||= 1;
  for (const { name } of tiers.slice(tiers.indexOf(tier) + 1)) lines.push(`not run ${name}`);
  break;
}
console.log(`\n${lines.join("\n")}\n${total.passed} passed, ${total.failed} failed`);
