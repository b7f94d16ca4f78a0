// Opens the add-in's pane in Chromium and does what a test asks for: node browser.mjs WHAT FOLDER.
//
// FOLDER holds work.json, and gets result.json, pictures, and net.json: every request that the browser
// made, its workers' included.
import fs from "node:fs";
import path from "node:path";
import puppeteer from "puppeteer-core";

const [, , what, folder] = process.argv;
const work = JSON.parse(fs.readFileSync(path.join(folder, "work.json"), "utf8"));
const browser = await puppeteer.launch({
  executablePath: work.chromium,
  headless: true,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--no-first-run", "--disable-features=NetworkTimeServiceQuerying",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--net-log-capture-mode=Default",
    `--log-net-log=${path.join(folder, "net.json")}`],
});
const problems = [];
const tooWide = [];

// Watch a page: what it complains of.
async function watched(page) {
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  return page;
}

async function opened(width = 320, height = 700) {
  const page = await watched(await browser.newPage());
  await page.setViewport({ width, height, deviceScaleFactor: 2 });
  await page.goto(`${work.address}/taskpane.html`);
  return page;
}

const ready = (page, name = "ready") =>
  page.waitForFunction((one) => document.getElementById("state").classList.contains(one),
    { timeout: 90_000 }, name);
const texts = (page, id) => page.$eval(`#${id}`, (one) => one.innerText);
const tab = (page, name) => page.click(`#tab-${name}`);
async function photographed(page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 320) tooWide.push(`${name} is ${wide} pixels wide`);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

// Seconds of processor that the browser's processes took so far, on Linux.
function processor() {
  const children = new Map();
  const taken = new Map();
  for (const name of fs.readdirSync("/proc").filter((one) => /^\d+$/.test(one))) {
    try {
      const fields = fs.readFileSync(`/proc/${name}/stat`, "utf8").split(") ").pop().split(" ");
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
      taken.set(Number(name), (Number(fields[11]) + Number(fields[12])) / 100);
    } catch { /* it ended */ }
  }
  const sum = (one) => (taken.get(one) ?? 0) + (children.get(one) ?? []).map(sum).reduce((a, b) => a + b, 0);
  return sum(browser.process().pid);
}

const DOES = {
  // Every call of the table, as Excel would make it.
  async table() {
    const page = await opened();
    await ready(page);
    const calls = JSON.parse(fs.readFileSync(path.join(folder, "calls.json"), "utf8"));
    const answers = [];
    for (let at = 0; at < calls.length; at += 500) {
      answers.push(...await page.evaluate(
        (some) => Promise.all(some.map(({ name, args }) => standIn.called(name, args))),
        calls.slice(at, at + 500)));
    }
    return { answers, associated: await page.evaluate(() => [...standIn.functions.keys()]) };
  },

  // Each part of the pane, in each state that it has.
  async pane() {
    const seen = {};
    const page = await opened();
    // The page is there before its scripts run.
    await page.waitForFunction(() => !document.getElementById("status").innerText.includes("Loading"));
    seen.starting = await texts(page, "status");
    await photographed(page, "status-starting");
    await ready(page);
    seen.ready = await texts(page, "status");
    await photographed(page, "status-ready");

    await tab(page, "explain");
    const explain = async (name, active, cells = {}, book = {}) => {
      await page.evaluate((one, given, settings) => {
        Object.entries(given).forEach(([address, cell]) => standIn.cells.set(address, cell));
        Object.assign(standIn.book, { active: one, manual: false }, settings);
      }, active, cells, book);
      await page.click("#explain-cell");
      await page.waitForFunction(() => !document.getElementById("explain-cell").disabled, { timeout: 90_000 });
      seen[name] = await texts(page, "explained");
      await photographed(page, name);
    };
    for (const [name, active, cells, book] of work.explanations) await explain(name, active, cells, book);

    await tab(page, "insert");
    await page.select("#function", "CEO_FEE");
    seen.insert = await texts(page, "insert");
    await photographed(page, "insert-empty");
    await page.click("#insert-formula");
    seen.missing = await texts(page, "inserted");
    await photographed(page, "insert-missing");
    await page.type("#argument-0", "B2");
    await page.type("#argument-2", "\"NEOT-2001/OTHER\"");
    seen.formula = await texts(page, "formula");
    await page.type("#argument-1", "9,000,000");
    seen.comma = [await texts(page, "formula"), await texts(page, "inserted")];
    await photographed(page, "insert-comma");
    await page.evaluate(() => { standIn.book.active = "Sheet1!C9"; });
    await page.click("#insert-formula");
    seen.untouched = await page.evaluate(() => standIn.cells.has("Sheet1!C9"));
    await page.$eval("#argument-1", (one) => { one.value = ""; one.dispatchEvent(new Event("input")); });
    await page.click("#insert-formula");
    await page.waitForFunction(() => standIn.cells.get("Sheet1!C9") !== undefined);
    seen.inserted = await texts(page, "inserted");
    seen.held = await page.evaluate(() => standIn.cells.get("Sheet1!C9").formula);
    await photographed(page, "insert-done");
    await page.evaluate(() => { standIn.cells.set("Sheet1!C9", { formula: "=1+1", calls: [] }); });
    await page.click("#insert-formula");
    await page.waitForFunction(() => document.getElementById("insert-formula").textContent.startsWith("Replace"));
    seen.occupied = await texts(page, "inserted");
    seen.kept = await page.evaluate(() => standIn.cells.get("Sheet1!C9").formula);
    await photographed(page, "insert-occupied");
    await page.evaluate(() => { standIn.book.refuses = "The formula is not right."; });
    await page.click("#insert-formula");
    await page.waitForFunction(() => document.getElementById("inserted").textContent.startsWith("Excel did"));
    seen.refused = await texts(page, "inserted");
    await photographed(page, "insert-refused");

    await tab(page, "deals");
    seen.options = await page.$$eval("#deal option", (all) => all.map((one) => one.value));
    for (const option of seen.options) {
      await page.select("#deal", option);
      seen[option] = await texts(page, "figures");
    }
    await photographed(page, "deals-last");
    await page.select("#deal", seen.options[0]);
    await photographed(page, "deals-first");
    seen.markup = await page.$$eval("#figures script, #figures img, #figures b", (all) => all.length);

    await tab(page, "errors");
    seen.errors = await texts(page, "errors");
    await photographed(page, "errors");

    await tab(page, "status");
    await page.setOfflineMode(true);
    await page.click("#restart");
    await ready(page, "failed");
    seen.offline = await texts(page, "status");
    await photographed(page, "status-offline");
    await page.setOfflineMode(false);
    seen.calculated = [await page.evaluate(() => standIn.book.calculated)];
    await page.click("#restart");
    // While Python starts, too: its first answer comes long after the call.
    await tab(page, "explain");
    await explain("explain-nested", ...work.nested);
    await tab(page, "status");
    await ready(page);
    seen.calculated.push(await page.evaluate(() => standIn.book.calculated));
    seen.again = await page.evaluate(() => standIn.called("CEO_FEE", [[[2e6]], null, null]));
    seen.wasm = await page.evaluate(() => typeof globalThis.loadPyodide);
    return seen;
  },

  // A folder in which something is missing or changed.
  async broken() {
    const page = await opened();
    await ready(page, "failed");
    await photographed(page, work.name);
    const call = await page.evaluate(
      () => globalThis.standIn?.functions.size ? standIn.called("CEO_FEE", [[[2e6]], null, null]) : null);
    return { status: await texts(page, "status"), call };
  },

  // A pane whose scripts do not run, or not all of them.
  async old() {
    const page = await watched(await browser.newPage());
    await page.setViewport({ width: 320, height: 700, deviceScaleFactor: 2 });
    await page.evaluateOnNewDocument(work.without);
    await page.goto(`${work.address}/taskpane.html`);
    await page.waitForFunction((words) => document.getElementById("status").innerText.includes(words),
      { timeout: 30_000 }, work.words);
    await photographed(page, work.name);
    return { status: await texts(page, "status") };
  },

  // A Python that breaks off at its first call.
  async breaks() {
    const page = await opened();
    await ready(page);
    const call = await page.evaluate(() => standIn.called("CEO_FEE", [[[2e6]], null, null]));
    await ready(page, work.state);
    return { call, status: await texts(page, "status") };
  },

  // How long a pane takes to be ready, and the first formula then: with an empty cache, and a full.
  async cold() {
    const times = [];
    for (let round = 0; round < work.rounds; round += 1) {
      const page = await watched(await browser.newPage());
      const [from, before] = [performance.now(), processor()];
      await page.goto(`${work.address}/taskpane.html`);
      await ready(page);
      const start = performance.now() - from;
      const cpu = processor() - before;
      const first = await page.evaluate(async () => {
        const begun = performance.now();
        const { rows } = await standIn.called("CEO_FEE", [[[2e6]], null, null]);
        if (rows[0][0] !== 80000) throw new Error("wrong");
        return performance.now() - begun;
      });
      times.push({ start, first, cpu });
      await page.close();
    }
    return { times };
  },
};

const found = await DOES[what]();
fs.writeFileSync(path.join(folder, "result.json"), JSON.stringify({ ...found, problems, tooWide }));
await browser.close();
