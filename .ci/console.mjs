// What the preparing scripts say, and how they run other programs.

import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const CACHE = join(ROOT, ".cache");

const SHOWN_LOG_LINES = 8;

/** A reason to stop that a person can act on: shown without a stack. */
export class Stop extends Error {}

export function say(text) {
  console.log(`· ${text}`);
}

/**
 * Runs a program, its output into .cache/logs/NAME.log.
 * Throws Stop with the end of that log and the given advice when it fails.
 */
export function run(name, command, args, { advice = "", env = {} } = {}) {
  const log = join(CACHE, "logs", `${name}.log`);
  mkdirSync(join(CACHE, "logs"), { recursive: true });
  writeFileSync(log, `$ ${[command, ...args].join(" ")}\n`);
  const result = spawnSync(command, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, ...env },
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  appendFileSync(log, `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}\n`);
  if (result.status === 0) return result.stdout;
  const end = readFileSync(log, "utf8").trimEnd().split("\n").slice(-SHOWN_LOG_LINES).join("\n");
  throw new Stop(`${end}\n\n${advice}\nThe whole log: ${relative(ROOT, log)}`);
}

/**
 * Runs work while no other process of this repository prepares anything.
 * Waits for the other one, as two commands started at once need the same files.
 */
export async function alone(work) {
  const lock = join(CACHE, "preparing");
  mkdirSync(CACHE, { recursive: true });
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!holderLives(lock)) rmSync(lock, { force: true });
    else {
      if (!waited) say("Another command is preparing the same files, waiting for it …");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  const release = () => existsSync(lock) && rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener("exit", release);
  }
}

function holderLives(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
