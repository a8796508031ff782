// Node, Python and their packages: found, or said plainly what is missing.

import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ROOT, Stop, run, say } from "./console.mjs";
import { stamp } from "./stamps.mjs";

const NODE_MAJOR = 20;
const PYTHON_MINOR = 11;
const PYTHONS = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];
const PROBE = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])";
const NO_NETWORK =
  "If the network is not there, connect it and run the same command again: what is done already is kept. " +
  "Behind a proxy set HTTPS_PROXY first.";

const WINDOWS = process.platform === "win32";
const VENV_PYTHON = WINDOWS ? ".venv/Scripts/python.exe" : ".venv/bin/python";

/** The Python of the virtual environment inside the repository. */
export const PYTHON = join(ROOT, VENV_PYTHON);

export function checkNode() {
  if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR) {
    throw new Stop(
      `Node ${NODE_MAJOR} or newer is needed, this is Node ${process.versions.node} (${process.execPath}).\n` +
        "Install a newer one from nodejs.org or your system's packages, then run the same command again.",
    );
  }
}

/** Makes .venv with the locked packages of tests/requirements.txt. */
export function preparePython() {
  const done = stamp("python", ["tests/requirements.txt"], [VENV_PYTHON]);
  if (done.fresh()) return;
  const base = findPython();
  say(`Making the Python environment in .venv (Python ${base.version}, packages from PyPI, about a minute) …`);
  rmSync(join(ROOT, ".venv"), { recursive: true, force: true });
  run("venv", base.command, ["-m", "venv", ".venv"], {
    advice: "Python could not make a virtual environment. On Debian and Ubuntu it needs the package python3-venv.",
  });
  run(
    "pip",
    PYTHON,
    ["-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", "tests/requirements.txt"],
    { advice: `pip could not install the packages of tests/requirements.txt. ${NO_NETWORK}` },
  );
  done.write();
}

/** Installs node_modules as package-lock.json says. */
export function prepareNodeModules() {
  const done = stamp("node_modules", ["package-lock.json"], ["node_modules/pyodide/pyodide.mjs"]);
  if (done.fresh()) return;
  say("Installing the JavaScript packages into node_modules (npm, about 60 MB) …");
  const [command, ...before] = npm();
  run("npm", command, [...before, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    advice: `npm could not install the packages of package-lock.json. ${NO_NETWORK}`,
  });
  done.write();
}

/** The command that runs npm: the very one that runs us, where there is one. */
function npm() {
  const script = process.env.npm_execpath;
  if (script && existsSync(script)) return [process.execPath, script];
  return [WINDOWS ? "npm.cmd" : "npm"];
}

function findPython() {
  const seen = [];
  for (const command of [process.env.PYTHON, ...PYTHONS].filter(Boolean)) {
    const probe = spawnSync(command, ["-c", PROBE], { encoding: "utf8" });
    if (probe.error) continue;
    if (probe.status !== 0) {
      seen.push(`${command}: ${probe.stderr.trim().split("\n").at(-1)}`);
      continue;
    }
    const [major, minor] = probe.stdout.trim().split(" ").map(Number);
    if (major === 3 && minor >= PYTHON_MINOR) return { command, version: `${major}.${minor}` };
    seen.push(`${command}: is Python ${major}.${minor}`);
  }
  throw new Stop(
    `Python 3.${PYTHON_MINOR} or newer (with venv) is needed and was not found.\n` +
      seen.map((line) => `  ${line}\n`).join("") +
      "Install it from python.org or your system's packages (on Debian and Ubuntu with python3-venv),\n" +
      "or name it: PYTHON=/path/to/python3 npm start",
  );
}
