// The task pane, and the page in which Excel runs the functions.

import * as deals from "./deals.js";
import * as explain from "./explain.js";
import { associate } from "./functions.js";
import * as insert from "./insert.js";
import { by, element } from "./page.js";
import * as python from "./python.js";

const WORDS = {
  starting: ["Starting Python", "Formulas wait until it is there, some seconds at the first time."],
  ready: ["Ready", "Formulas are computed in this pane."],
  failed: ["Python does not run", ""],
};

async function fetched(name) {
  const response = await fetch(name, { cache: "no-cache" });
  if (!response.ok) throw new Error(`${name} is missing in the add-in's folder`);
  return response.json();
}

function showTab(chosen) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const here = tab === chosen;
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
    by(tab.getAttribute("aria-controls")).hidden = !here;
  }
}

function prepareTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  tabs.forEach((tab, place) => {
    tab.onclick = () => showTab(tab);
    tab.onkeydown = ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step === undefined) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      showTab(next);
      next.focus();
    };
  });
  showTab(tabs[0]);
}

function showStatus(state, wrong = "") {
  const [words, sentence] = WORDS[state.name];
  by("state").className = `state ${wrong ? "failed" : state.name}`;
  by("state").textContent = wrong ? "Not in Excel" : words;
  by("sentence").textContent = wrong || (state.name === "failed"
    ? `${state.reason}. Every formula is #VALUE! until it runs. Restart Python; if that does not help, ` +
      "show this message to whoever put the add-in on its server."
    : sentence);
  by("sentence").className = wrong || state.name === "failed" ? "wrong" : "";
  const facts = state.about && {
    Version: state.about.version,
    Functions: `${state.about.functions}, as ${state.about.namespace}.NAME in a formula`,
    Deals: String(state.about.deals),
    Start: `${(state.about.milliseconds / 1000).toFixed(1)} seconds`,
  };
  by("facts").replaceChildren(...Object.entries(facts ?? {}).flatMap(
    ([name, text]) => [element("dt", "", name), element("dd", "", text)]));
}

// Say why the functions cannot reach Excel; empty where they can.
async function withoutExcel() {
  if (typeof Office === "undefined") return "Excel's script, office.js, could not be loaded.";
  const { host } = await Office.onReady();
  if (host === "Excel" && typeof CustomFunctions !== "undefined") return "";
  return "This page is part of Excel, and was opened outside of it.";
}

// Have Excel calculate all anew: what it calculated while Python did not run is #VALUE!.
async function recalculate() {
  try {
    await Excel.run((context) => {
      context.workbook.application.calculate("Full");
      return context.sync();
    });
  } catch (error) {
    by("sentence").textContent = `Excel did not calculate anew (${error.message}); Ctrl+Alt+F9 has it do so.`;
  }
}

async function main() {
  prepareTabs();
  let reference;
  let again = false;
  by("restart").onclick = () => {
    again = true;
    python.start();
  };
  python.start();
  try {
    const [metadata, found] = await Promise.all([fetched("functions.json"), fetched("reference.json")]);
    reference = found;
    const wrong = await withoutExcel();
    if (!wrong) associate(metadata.functions);
    python.watch((state) => {
      if (state.about) {
        state.about.namespace = reference.namespace;
        state.about.deals = reference.deals.length;
      }
      showStatus(state, wrong);
      if (state.name !== "ready" || wrong) return;
      if (again) recalculate();
      again = false;
    });
  } catch (error) {
    showStatus({ name: "failed", reason: error.message, about: null });
    return;
  }
  explain.prepare(reference);
  insert.prepare(reference);
  deals.prepare(reference);
  by("meanings").replaceChildren(...reference.errors.flatMap(
    ({ code, meaning }) => [element("dt", "", code), element("dd", "", meaning)]));
}

main();
