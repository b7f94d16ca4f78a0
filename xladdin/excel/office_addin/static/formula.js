// The formula that "Insert a function" makes of what is typed into its fields.

// What a formula has for one field; an error, in a sentence, where that could mean something else.
function argumentOf(typed, argument, names) {
  const text = typed.trim().replace(/^=/, "");
  const refuse = (reason) => {
    throw new Error(`${argument.name}: ${reason}`);
  };
  if (names.has(text.split("@")[0].toUpperCase())) return `"${text}"`;
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (date) return `DATE(${date.slice(1).map(Number).join(",")})`;
  if (/^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}$/.test(text)) {
    refuse("write the date as 2001-12-31, or give a cell that holds it.");
  }
  // Texts and names of sheets, in which every character stands for itself, are taken out.
  const bare = text.replace(/"[^"]*"|'[^']*'/g, "");
  let depth = 0;
  for (const letter of bare) {
    if ("([{".includes(letter)) depth += 1;
    if (")]}".includes(letter)) depth -= 1;
    if (depth < 0) break;
    if (depth === 0 && (letter === ";" || (letter === "," && !argument.repeats))) {
      refuse("a comma or semicolon would begin the next argument. Write a number as 2000000.5: " +
        "a point before decimals, and no thousands separators.");
    }
  }
  if (depth !== 0 || bare.includes("\"")) refuse("a bracket or a quotation mark has no partner.");
  return text;
}

// Names that are texts in a formula: of functions, deals with their agreements, and figures. One that
// could be a number or a cell stays as it is typed.
export function namesOf({ functions, deals }) {
  const selections = deals.flatMap((deal) => deal.selections);
  const all = [
    ...functions.map((one) => one.name),
    ...deals.map((one) => one.name),
    ...selections.map((one) => one.text),
    ...selections.flatMap((one) => one.figures.map((figure) => figure.name)),
  ].map((name) => name.toUpperCase());
  return new Set(all.filter((name) => Number.isNaN(Number(name)) && !/^[A-Z]{1,3}\d+$/.test(name)));
}

export function formulaOf(namespace, one, values, names) {
  const given = values.map((value, place) => argumentOf(value, one.arguments[place], names));
  while (given.length && given[given.length - 1] === "") given.pop();
  return `=${namespace}.${one.name}(${given.join(",")})`;
}
