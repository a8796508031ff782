// Finds a Chromium for the browser tests, or installs one; its path goes to .cache/browser.json.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { CACHE, Stop, run, say } from "./console.mjs";
import { PYTHON } from "./toolchain.mjs";

const RECORD = join(CACHE, "browser.json");
const KNOWN = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const ASK_PLAYWRIGHT =
  "from playwright.sync_api import sync_playwright as p\nwith p() as w: print(w.chromium.executable_path)";

export function prepareBrowser() {
  if (process.env.BROWSER_PATH || recorded()) return;
  const path = installed() ?? fromDebian() ?? fromPlaywright();
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(RECORD, `${JSON.stringify({ path })}\n`);
  say(`Browser for the tests: ${path}`);
}

function recorded() {
  return existsSync(RECORD) && runnable(JSON.parse(readFileSync(RECORD, "utf8")).path);
}

function installed() {
  return KNOWN.find((path) => runnable(path));
}

function fromDebian() {
  const root = process.getuid?.() === 0;
  if (!root || spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  say("Installing the chromium package for the browser tests (apt-get, about 300 MB) …");
  try {
    run("apt-update", "apt-get", ["update"]);
    run("apt-chromium", "apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say("apt-get could not install it, trying Playwright's own download.");
  }
  return installed();
}

function fromPlaywright() {
  say("Downloading a Chromium for the browser tests (Playwright, about 150 MB) …");
  run("playwright", PYTHON, ["-m", "playwright", "install", "chromium"], {
    advice:
      "No browser for the tests was found or could be downloaded. Install Chromium or Chrome and name it:\n" +
      "  BROWSER_PATH=/path/to/chromium npm test\n" +
      "All tests without a browser: npm run test:fast",
  });
  return run("playwright-path", PYTHON, ["-c", ASK_PLAYWRIGHT]).trim();
}

function runnable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
