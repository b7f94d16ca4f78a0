// The page's side of the worker: starts it, asks it, and knows what state it is in.

export const state = { name: "starting", reason: "", about: null };

const MOST = 500; // calls that go to the worker at once
const watchers = new Set();
let worker = null;
let waiting = new Map();
let queue = [];
let busy = false;
let last = 0;

// Call a function whenever the state changes.
export function watch(watcher) {
  watchers.add(watcher);
  watcher(state);
}

function become(name, reason = "", about = null) {
  Object.assign(state, { name, reason, about });
  watchers.forEach((watcher) => watcher(state));
}

// Start Python, or start it again.
export function start() {
  const lost = [...waiting.values(), ...queue];
  waiting = new Map();
  queue = [];
  busy = false;
  worker?.terminate();
  become("starting");
  lost.forEach(({ reject }) => reject(new Error("Python was started again")));
  try {
    worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  } catch (error) {
    failed(`The browser cannot start it (${error.message})`);
    return;
  }
  worker.onmessage = ({ data }) => received(data);
  worker.onerror = (event) => failed(event.message ||
    "worker.js could not be loaded: its server does not answer, or the network is not there");
}

function failed(reason) {
  become("failed", reason);
  const lost = [...waiting.values(), ...queue];
  waiting = new Map();
  queue = [];
  lost.forEach(({ reject }) => reject(new Error(reason)));
}

function received(data) {
  if (data.type === "ready") {
    become("ready", "", data.about);
    send();
  } else if (data.type === "failed") {
    failed(data.reason);
  } else {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (asked === undefined) return;
    if (data.failure === undefined) asked.resolve(JSON.parse(data.text));
    else asked.reject(new Error(data.failure));
  }
}

// Ask the worker; the promise waits until Python is there.
export function ask(verb, value) {
  if (state.name === "failed") return Promise.reject(new Error(state.reason));
  return new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    worker.postMessage({ id: last, verb, text: JSON.stringify(value) });
  });
}

// Call a function. What Excel calls while Python computes goes to it together.
export function call(name, args) {
  if (state.name === "failed") return Promise.reject(new Error(state.reason));
  return new Promise((resolve, reject) => {
    queue.push({ call: { name, args }, resolve, reject });
    if (queue.length === 1) queueMicrotask(send);
  });
}

function send() {
  if (busy || queue.length === 0 || state.name !== "ready") return;
  busy = true;
  const sent = queue.splice(0, MOST);
  ask("answer", sent.map((one) => one.call))
    .then(
      (answers) => sent.forEach((one, place) => one.resolve(answers[place])),
      (error) => sent.forEach((one) => one.reject(error)),
    )
    .finally(() => {
      busy = false;
      send();
    });
}
