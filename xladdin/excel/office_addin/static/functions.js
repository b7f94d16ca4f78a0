// The custom functions: each passes its arguments to Python and gives Excel values or errors.

import * as python from "./python.js";

const CODES = {
  "#DIV/0!": ["divisionByZero", "Div0"],
  "#N/A": ["notAvailable", "NotAvailable"],
  "#NAME?": ["invalidName", "Name"],
  "#NULL!": ["nullReference", "Null"],
  "#NUM!": ["invalidNumber", "Num"],
  "#REF!": ["invalidReference", "Ref"],
  "#VALUE!": ["invalidValue", "Value"],
};
const watched = new Map();

// Keep the calls that a cell makes, and how many have no answer yet, until `end` is called.
export function record(address) {
  const kept = { calls: [], open: 0, end: () => watched.delete(plain(address)) };
  watched.set(plain(address), kept);
  return kept;
}

// An address without its workbook, apostrophes and dollars: 'My Sheet'!$B$2 as My Sheet!B2.
export function plain(address) {
  const cut = address.lastIndexOf("!");
  let sheet = address.slice(0, cut).replace(/^'|'$/g, "").replaceAll("''", "'");
  sheet = sheet.replace(/^.*\[[^\]]*\]/, "");
  return `${sheet}!${address.slice(cut + 1).replaceAll("$", "").split(":")[0]}`;
}

function fault(code, reason) {
  return new CustomFunctions.Error(CustomFunctions.ErrorCode[CODES[code][0]], reason);
}

function value(cell) {
  if (cell === null || typeof cell !== "object") return cell;
  return {
    type: "Error",
    basicType: "Error",
    basicValue: cell.error,
    errorType: CODES[cell.error][1],
  };
}

// Make one call of a formula.
async function run(name, args, address) {
  const kept = address && watched.size ? watched.get(plain(address)) : undefined;
  kept?.calls.push({ name, args });
  if (kept) kept.open += 1;
  let answer;
  try {
    answer = await python.call(name, args);
  } catch (error) {
    throw fault("#VALUE!", `xladdin: ${error.message}`);
  } finally {
    if (kept) kept.open -= 1;
  }
  const { rows, reason } = answer;
  if (rows.length === 1 && rows[0].length === 1 && rows[0][0]?.error !== undefined) {
    throw fault(rows[0][0].error, reason ?? "");
  }
  return rows.map((row) => row.map(value));
}

export function associate(functions) {
  for (const { id } of functions) {
    CustomFunctions.associate(id, (...given) => {
      // After the arguments Excel adds one, which says where the formula is.
      const invocation = given.pop();
      return run(id, given.map((argument) => argument ?? null), invocation?.address);
    });
  }
}
