// "Explain this cell": the steps and clauses behind the selected cell.

import { plain, record } from "./functions.js";
import * as python from "./python.js";
import { by, element, line, paragraph, shown } from "./page.js";

const WAIT = 5000; // milliseconds in which a cell has to calculate again
const QUIET = 150; // and after its last call

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export function prepare(reference) {
  const button = by("explain-cell");
  button.onclick = async () => {
    button.disabled = true;
    by("explained").replaceChildren(paragraph("Calculating the cell again ..."));
    try {
      by("explained").replaceChildren(...(await explained(reference)));
    } catch (error) {
      by("explained").replaceChildren(paragraph(`It could not be explained: ${error.message}`, "wrong"));
    } finally {
      button.disabled = false;
    }
  };
}

// Read the selected cell, or the one whose formula spills into it.
async function selected(context) {
  const cell = context.workbook.getActiveCell();
  const parent = cell.getSpillParentOrNullObject();
  cell.load("address,formulas");
  parent.load("address,formulas");
  await context.sync();
  return parent.isNullObject ? cell : parent;
}

async function explained(reference) {
  return Excel.run(async (context) => {
    const cell = await selected(context);
    const formula = String(cell.formulas[0][0]);
    const head = [element("h2", "", plain(cell.address)), paragraph("")];
    head[1].append(element("code", "", formula || "(empty)"));
    const names = reference.functions.map((one) => one.name).join("|");
    // No lookbehind, which older engines of Safari do not know.
    const ours = new RegExp(`[^A-Z0-9_.]${reference.namespace}\\.(${names})\\(`, "i");
    if (!formula.startsWith("=") || !ours.test(formula.replace(/"[^"]*"/g, '""'))) {
      return [...head, paragraph("There is no function of this add-in in the cell.")];
    }
    if (python.state.name === "failed") throw new Error(python.state.reason);
    const calls = await recorded(context, cell);
    if (calls.length === 0) {
      return [...head, paragraph(
        "Excel did not calculate the cell. Where the workbook is calculated by hand, or the sheet " +
        "is protected, calculate it with F9 and try again.")];
    }
    const shownOnce = [...new Map(calls.map((one) => [JSON.stringify(one), one])).values()];
    const explanations = await python.ask("explain", shownOnce);
    return [...head, ...explanations.flatMap((rows, place) => steps(shownOnce[place].name, rows))];
  });
}

// Have Excel calculate the cell again, and keep the calls that it makes.
async function recorded(context, cell) {
  const taken = record(cell.address);
  try {
    cell.setDirty();
    await context.sync();
    const end = Date.now() + WAIT;
    let count = -1;
    // A call in the argument of another one has its answer before the other is made.
    while (taken.open > 0 || Date.now() < end) {
      if (taken.calls.length > 0 && taken.calls.length === count && taken.open === 0) break;
      count = taken.calls.length;
      await pause(QUIET);
    }
    return taken.calls;
  } finally {
    taken.end();
  }
}

function steps(name, [, ...rows]) {
  const list = element("ol", "steps");
  for (const [step, amount, factor, result, source] of rows) {
    const item = element("li", "", line(step, shown(result)));
    const parts = [shown(amount), shown(factor)].filter((part) => part !== "");
    if (parts.length === 2) item.append(paragraph(parts.join(" \u00d7 "), "small"));
    if (source) item.append(paragraph(source, "small"));
    list.append(item);
  }
  return [element("h2", "", name), list];
}
