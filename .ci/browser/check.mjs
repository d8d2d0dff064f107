// Opens the HTML reports of a directory in headless Chromium as a reader would:
// looks, filters, types, and lets axe judge. TestBrowser of package reporters
// writes the reports and runs this; it prints one line a page, and exits 1 with
// what is wrong.
//
//   NODE_PATH=node_modules CHROMIUM=/path/to/chromium node check.mjs DIR
import { createRequire } from "node:module";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

// Packages are found by NODE_PATH, which import does not look at and require does.
const require = createRequire(import.meta.url);
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core"), "utf8");

// slowest is how long a filter may take to be applied and laid out, in milliseconds.
const slowest = 200;

// first is how many findings are shown until somebody asks for all.
const first = 250;

const dir = process.argv[2];
const wrong = [];

// counts are what the page says and what it shows.
const counts = (page) => page.evaluate(() => ({
  said: document.getElementById("shown").textContent,
  shown: Array.from(document.querySelectorAll("article")).filter((e) => e.checkVisibility()).length,
  sections: Array.from(document.querySelectorAll("section.model")).filter((e) => e.checkVisibility()).length,
}));

// timed changes the filters and measures until the browser has painted.
const timed = (page, change, arg) => page.evaluate(([source, arg]) => new Promise((done) => {
  const start = performance.now();
  new Function("arg", source)(arg);
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - start);
    channel.port2.postMessage(null);
  });
}), [change, arg]);

// use filters the findings in every way, by pointer and keyboard, and returns how
// long the slowest filter took.
async function use(page, file, all, expect, say) {
  const total = all.length;
  let worst = 0;

  const click = "document.querySelector(`input[value=${arg}]`).click()";
  for (const severity of ["critical", "high", "medium", "low", "info", "waived"]) {
    const some = all.filter((f) => f.severity === severity).length;
    const box = page.locator(`input[name=severity][value=${severity}]`);
    await box.click();
    await expect(`without ${severity}`, total - some);
    worst = Math.max(worst, await timed(page, click, severity));
    await expect(`with ${severity} again`, total);
    worst = Math.max(worst, await timed(page, click, severity));
    await box.click();
    const said = await page.locator("label", { has: box }).innerText();
    if (said.trim() !== `${severity} (${some})`) say(`the filter says "${said}", there are ${some}`);
  }
  for (const rule of Array.from(new Set(all.map((f) => f.rule))).slice(0, 5)) {
    await page.selectOption("#rule", rule);
    await expect(`rule ${rule}`, all.filter((f) => f.rule === rule).length);
  }
  await page.selectOption("#rule", "");
  await page.locator("#text").pressSequentially("zqx");
  await expect("words that are nowhere", 0);
  if (!await page.locator("#none").isVisible()) say("nothing says that no finding matches");
  await page.locator("#text").fill("");
  await expect("words taken back", total);
  const word = all[0].fingerprint.slice(0, 24);
  await page.locator("#text").fill(word);
  await expect("words of one finding", all.filter((f) => f.fingerprint.startsWith(word)).length);
  await page.locator("#text").fill("");
  const type = "const t = document.getElementById('text'); t.value = arg; t.dispatchEvent(new Event('input', {bubbles: true}))";
  for (const text of ["layer", ""]) worst = Math.max(worst, await timed(page, type, text));
  if (worst > slowest) say(`a filter took ${Math.round(worst)} ms, want less than ${slowest}`);

  // A reader of the keyboard: the first stop leads past everything, and every
  // filter can be reached and set.
  await page.goto(file, { waitUntil: "load" });
  const stop = async () => {
    const start = Date.now();
    await page.keyboard.press("Tab");
    const took = Date.now() - start;
    if (took > 1000) say(`the next stop of the keyboard took ${took} ms to find`);
    return page.evaluate(() => document.activeElement.className);
  };
  const begins = await stop();
  if (begins !== "skip") say(`the first stop of the keyboard is ${begins}, want the link to the findings`);
  await page.keyboard.press("Enter");
  await stop();
  await page.keyboard.press("Space");
  await expect("Space on the first filter", total - all.filter((f) => f.severity === "critical").length);
  await page.keyboard.press("Space");

  // The last model of the table leads to its findings, whatever is shown.
  for (const box of await page.locator("input[name=severity]").all()) await box.click();
  await expect("no severity", 0);
  await page.locator(".tall").first().locator("a").last().click();
  await page.waitForFunction(() => document.getElementById(location.hash.slice(1))?.checkVisibility(), null, { timeout: 5000 }).catch(() => say("the link of the last model leads nowhere"));
  await expect("a link to a model", total, true);
  await page.goto(file, { waitUntil: "load" });
  if (total > first) {
    await page.locator("#more button").click();
    await expect("all that match", total, true);
    await page.goto(file, { waitUntil: "load" });
  }
  return worst;
}

async function check(page, name, scheme) {
  const say = (text) => wrong.push(`${name} (${scheme}): ${text}`);
  const all = JSON.parse(fs.readFileSync(path.join(dir, name + ".json"), "utf8"));
  const total = all.length;
  const expect = async (what, want, everything = false) => {
    const got = await counts(page);
    const shown = everything ? want : Math.min(want, first);
    const said = shown === want ? `${want} of ${total} shown` : `${want} of ${total} match, the first ${first} are shown`;
    if (got.shown !== shown || got.said !== said) say(`${what}: ${got.shown} findings shown and "${got.said}" said, want ${shown} and "${said}"`);
    if (want === 0 && got.sections > 0) say(`${what}: headings of models without a finding`);
  };
  const complaints = [];
  page.removeAllListeners("console");
  page.removeAllListeners("request");
  page.removeAllListeners("pageerror");
  page.on("console", (m) => complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(String(e)));
  page.on("request", (r) => { if (!r.url().startsWith("file:")) complaints.push("asks for " + r.url()); });

  await page.emulateMedia({ colorScheme: scheme });
  const file = pathToFileURL(path.join(dir, name + ".html")).href;
  const start = Date.now();
  await page.goto(file, { waitUntil: "load" });
  const loaded = Date.now() - start;
  await page.screenshot({ path: path.join(dir, `${name}-${scheme}.png`) });
  await expect("as opened", total);
  const worst = scheme === "light" ? await use(page, file, all, expect, say) : 0;

  for (const summary of (await page.locator("summary").all()).slice(0, 6)) await summary.click();
  await page.screenshot({ path: path.join(dir, `${name}-${scheme}-open.png`) });

  // Nothing may stick out of a narrow window.
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 320) say(`${wide} pixels wide in a window of 320`);
  await page.screenshot({ path: path.join(dir, `${name}-${scheme}-narrow.png`) });
  await page.setViewportSize({ width: 1280, height: 900 });

  // axe compares everything with everything; of thousands alike it judges the first.
  await page.evaluate(() => {
    for (const many of ["section.model", "tbody tr", "section[aria-labelledby=unread-title] li"]) {
      Array.from(document.querySelectorAll(many)).slice(60).forEach((e) => e.remove());
    }
  });
  const before = Date.now();
  await page.evaluate(axe);
  const verdict = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  for (const v of verdict.violations) {
    say(`axe: ${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.any.concat(n.all).map((c) => c.message).join("; ")).join(" | ")}`);
  }
  const judged = Date.now() - before;
  for (const c of complaints) say("console: " + c);
  console.log(`${name} ${scheme}: ${total} findings, loaded in ${loaded} ms, slowest filter ${Math.round(worst)} ms, axe: ${verdict.passes.length} rules passed, ${verdict.violations.length} broken, undecided: ${verdict.incomplete.map((i) => `${i.id} (${i.nodes[0].target.join(" ")}: ${i.nodes[0].any.concat(i.nodes[0].all).map((c) => c.message).join("; ")})`).join(", ") || "none"}; ${judged} ms of ${Date.now() - start}`);
}

// Without JavaScript everything is there to read.
async function plain(browser, name) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(pathToFileURL(path.join(dir, name + ".html")).href);
  const total = JSON.parse(fs.readFileSync(path.join(dir, name + ".json"), "utf8")).length;
  const shown = await page.locator("article").count();
  if (shown !== total || await page.locator("#filters").isVisible()) wrong.push(`${name} without JavaScript: ${shown} findings, want ${total} and no filters`);
  await context.close();
}

// 200 prints a page as an auditor files it.
async function print(page, name) {
  await page.goto(pathToFileURL(path.join(dir, name + ".html")).href);
  await page.pdf({ path: path.join(dir, name + ".pdf"), format: "A4" });
}

const profile = fs.mkdtempSync(path.join(os.tmpdir(), "kerasvet-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = context.pages()[0];
  const names = fs.readdirSync(dir).filter((f) => f.endsWith(".html")).map((f) => f.slice(0, -5)).sort((a, b) => Number(a) - Number(b));
  for (const name of names) {
    for (const scheme of ["light", "dark"]) await check(page, name, scheme);
  }
  await print(page, names[1]);
} finally {
  await context.close();
}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
try {
  await plain(browser, fs.readdirSync(dir).find((f) => f.endsWith(".html")).slice(0, -5));
} finally {
  await browser.close();
  fs.rmSync(profile, { recursive: true, force: true });
}
for (const w of wrong) console.error(w);
process.exit(wrong.length > 0 ? 1 : 0);
