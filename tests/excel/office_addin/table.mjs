// The wheel in Pyodide under Node.js, installed by micropip: node table.mjs FOLDER.
//
// FOLDER holds work.json (the index, the wheels of micropip itself) and calls.json.
import fs from "node:fs";
import path from "node:path";
import { loadPyodide } from "pyodide";

const folder = process.argv[2];
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
const work = read("work.json");
const python = await loadPyodide();
const site = python.runPython("import site; site.getsitepackages()[0]");
for (const wheel of work.micropip) {
  python.unpackArchive(new Uint8Array(fs.readFileSync(wheel)), "zip", { extractDir: site });
}
python.globals.set("index", work.index);
await python.runPythonAsync(`
import micropip
await micropip.install("xladdin", index_urls=[index])
`);
const calls = python.runPython(`
from xladdin.excel.office_addin import calls
calls.start()
calls
`);
const answers = JSON.parse(calls.answer(fs.readFileSync(path.join(folder, "calls.json"), "utf8")));
const installed = python.runPython(`
import importlib.metadata, sys
" ".join(sorted({one.name.lower() for one in importlib.metadata.distributions()}))
`).split(" ");
const imported = python.runPython(`" ".join(sys.modules)`).split(" ");
fs.writeFileSync(path.join(folder, "result.json"), JSON.stringify({ answers, installed, imported }));
