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

// The same as xlwings Lite has it: its main.py, with xlwings' own code for custom functions.
python.globals.set("mains", python.toPy(work.mains));
await python.runPythonAsync(`
import os
os.environ["XLWINGS_ON_SERVER"] = "true"
os.environ["XLWINGS_LICENSE_KEY"] = "noncommercial"
await micropip.install("xlwings", index_urls=[index])
`);
const lite = python.runPython(`
import asyncio, json, types
import xlwings
from xlwings import server

def run(text, name, arguments):
    main = types.ModuleType("main")
    exec(text, vars(main))
    meta = server.custom_functions_meta(main)
    data = {"func_name": name, "args": arguments, "caller_address": "[Book1]Sheet1!A1",
            "content_language": "en-GB", "version": xlwings.__version__, "client": "Office.js",
            "runtime": "1.4"}
    call = server.custom_functions_call(data, main)
    try:
        call.send(None)
    except StopIteration as done:
        return [len(meta["functions"]), done.value]

json.dumps([run(text, name, arguments) for text, name, arguments in mains])
`);
fs.writeFileSync(path.join(folder, "result.json"),
  JSON.stringify({ answers, installed, imported, lite: JSON.parse(lite) }));
