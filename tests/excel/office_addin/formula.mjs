// The formulas that the pane makes of typed fields: node formula.mjs MODULE FILE, which has the reference
// and cases: the name of a function, and what is in its fields.
import fs from "node:fs";

const { formulaOf, namesOf } = await import(process.argv[2]);
const { reference, cases } = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
console.log(JSON.stringify(cases.map(([name, values]) => {
  const one = reference.functions.find((found) => found.name === name);
  try {
    return formulaOf(reference.namespace, one, values, namesOf(reference));
  } catch (error) {
    return error.message;
  }
})));
