// Prepares what a command needs and what is not there yet: `node .ci/prepare.mjs COMMAND`.
// Only Node's own modules are used here, since node_modules may be missing.

import { prepareAssets } from "./assets.mjs";
import { prepareBrowser } from "./browser.mjs";
import { Stop, alone } from "./console.mjs";
import { checkNode, prepareNodeModules, preparePython } from "./toolchain.mjs";

const PACKAGES = [preparePython, prepareNodeModules];
const PAGE = [...PACKAGES, prepareAssets];
const STEPS = {
  start: PAGE,
  build: PAGE,
  licences: PAGE,
  test: [...PAGE, prepareBrowser],
  bench: [...PAGE, prepareBrowser],
  screenshots: [...PAGE, prepareBrowser],
  "test:fast": PACKAGES,
  lint: [preparePython],
};

const command = process.argv[2];
try {
  if (!(command in STEPS)) throw new Stop(`Use: node .ci/prepare.mjs ${Object.keys(STEPS).join("|")}`);
  checkNode();
  await alone(async () => {
    for (const step of STEPS[command]) await step();
  });
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
