// Small parts of the pane. Text becomes text nodes, never markup.

export const by = (id) => document.getElementById(id);

// Make an element: its class, and what is in it.
export function element(tag, kind, ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...content);
  return made;
}

export function paragraph(text, kind = "") {
  return element("p", kind, text);
}

// A number as a cell shows it, with thousands apart.
export function shown(cell) {
  if (cell === null || cell === "") return "";
  if (typeof cell === "object") return cell.error;
  if (typeof cell === "boolean") return cell ? "TRUE" : "FALSE";
  if (typeof cell !== "number") return cell;
  const [whole, ...rest] = String(Number(cell.toPrecision(15))).split(".");
  if (whole.includes("e") || rest.join("").includes("e")) return String(cell);
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".");
}

// A line with something at its left and its right end; under each other where there is no room.
export function line(left, right) {
  const kind = String(right).length > 22 ? "figure long" : "figure";
  return element("div", kind, element("span", "", left), element("span", "", right));
}
