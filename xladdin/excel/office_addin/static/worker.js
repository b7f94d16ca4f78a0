// The worker: Python in the browser (Pyodide), away from the page so that Excel stays responsive.
//
// It loads what config.json names, from the add-in's own address, holds each file against its
// digest, and then answers requests: {id, verb, text} with {id, text} or {id, failure}.

const here = (name) => new URL(name, self.location.href).href;
const started = performance.now();

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function responseOf(path, options) {
  let response;
  try {
    response = await fetch(here(path), options);
  } catch (error) {
    throw new Error(`${here("")} does not answer, or the network is not there (${error.message})`);
  }
  if (!response.ok) {
    throw new Error(`${path.split("?")[0]} is missing in the add-in's folder (status ${response.status})`);
  }
  return response;
}

// Fetch a file of the add-in, and see that it is the one that the add-in was made with.
async function fetched(file) {
  const response = await responseOf(`${file.path}?${file.sha256.slice(0, 16)}`);
  const bytes = await response.arrayBuffer();
  if ((await sha256(bytes)) !== file.sha256) {
    throw new Error(`${file.path} is not the file that the add-in was made with`);
  }
  return new Uint8Array(bytes);
}

async function pyodideOf(configuration) {
  const address = here(configuration.pyodide);
  let loader;
  try {
    loader = await import(`${address}pyodide.mjs`);
  } catch (error) {
    throw new Error(`Pyodide could not be loaded from ${address} (${error.message})`);
  }
  return loader.loadPyodide({ indexURL: address });
}

async function start() {
  const response = await responseOf("config.json", { cache: "no-cache" });
  const configuration = await response.json();
  const [python, archive, ...deals] = await Promise.all([
    pyodideOf(configuration),
    fetched(configuration.python),
    ...configuration.deals.map(fetched),
  ]);
  python.unpackArchive(archive, "zip", { extractDir: "/add-in" });
  python.FS.mkdir("/deals");
  configuration.deals.forEach((deal, place) => {
    python.FS.writeFile(`/deals/${deal.path.split("/").pop()}`, deals[place]);
  });
  const calls = python.runPython(`
import os, sys
os.environ["XLADDIN_DEALS"] = "/deals"
sys.path.insert(0, "/add-in")
from xladdin.excel.office_addin import calls
calls
`);
  const about = JSON.parse(calls.start());
  about.milliseconds = Math.round(performance.now() - started);
  return { about, verbs: { answer: calls.answer, explain: calls.explain } };
}

const running = start();
running.then(
  ({ about }) => self.postMessage({ type: "ready", about }),
  (error) => self.postMessage({ type: "failed", reason: error.message }),
);

self.onmessage = async ({ data: { id, verb, text } }) => {
  try {
    const { verbs } = await running;
    self.postMessage({ type: "answer", id, text: verbs[verb](text) });
  } catch (error) {
    // Of a Python error, its last line; the rest is where in the code it was.
    const reason = error.message.trim().split("\n").pop();
    self.postMessage({ type: "answer", id, failure: reason });
    // Pyodide marks the errors after which it does not run any more.
    if (error.pyodide_fatal_error) self.postMessage({ type: "failed", reason: `Python broke off: ${reason}` });
  }
};
