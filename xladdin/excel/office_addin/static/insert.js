// "Insert a function": its help, a field for each argument, and the formula for the selected cell.

import { formulaOf, namesOf } from "./formula.js";
import { by, element, paragraph } from "./page.js";

let fields = [];
let replacing = "";

export function prepare(reference) {
  const choice = by("function");
  for (const one of reference.functions) choice.append(new Option(one.name, one.name));
  const chosen = () => reference.functions.find((one) => one.name === choice.value);
  const names = namesOf(reference);
  let formula = "";
  const refresh = () => {
    replacing = "";
    by("insert-formula").textContent = "Insert into the selected cell";
    by("inserted").className = "wrong";
    by("inserted").textContent = formula = "";
    try {
      formula = formulaOf(reference.namespace, chosen(), fields.map((one) => one.value), names);
    } catch (error) {
      by("inserted").textContent = error.message;
    }
    by("formula").textContent = formula;
  };
  const show = () => {
    describe(chosen());
    fields.forEach((field) => (field.oninput = refresh));
    refresh();
  };
  choice.onchange = show;
  by("arguments").onsubmit = (event) => event.preventDefault();
  by("insert-formula").onclick = () => formula && insert(chosen(), formula, refresh);
  show();
}

function describe(one) {
  by("about-function").replaceChildren(
    paragraph(one.summary),
    paragraph(`Result: ${one.result}.`, "small"),
    paragraph(`Source: ${one.source}`, "small"),
    paragraph(`Example: ${one.example}`, "small"),
  );
  fields = one.arguments.map((argument, place) => {
    const field = element("input", "");
    field.id = `argument-${place}`;
    field.autocomplete = "off";
    field.spellcheck = false;
    field.placeholder = argument.optional ? `optional; default: ${argument.default}` : "cell, number or \"text\"";
    return field;
  });
  by("arguments").replaceChildren(...one.arguments.flatMap((argument, place) => {
    const label = element("label", "", argument.name + (argument.optional ? " (optional)" : ""));
    label.htmlFor = fields[place].id;
    return [label, fields[place], paragraph(argument.help, "small")];
  }));
}

async function insert(one, formula, refresh) {
  const message = by("inserted");
  const missing = one.arguments.find((item, place) => !item.optional && !fields[place].value.trim());
  message.className = "wrong";
  if (missing) {
    message.textContent = `${missing.name} is missing.`;
    return;
  }
  try {
    await Excel.run(async (context) => {
      const cell = context.workbook.getActiveCell();
      cell.load("address,formulas");
      await context.sync();
      const content = cell.formulas[0][0];
      if (content !== "" && replacing !== cell.address) {
        replacing = cell.address;
        message.textContent = `${cell.address} holds something already.`;
        by("insert-formula").textContent = `Replace what is in ${cell.address}`;
        return;
      }
      cell.formulas = [[formula]];
      await context.sync();
      refresh();
      message.className = "";
      message.textContent = `${cell.address} holds ${formula}`;
    });
  } catch (error) {
    message.textContent = `Excel did not take ${formula}: ${error.message}`;
  }
}
