// A stand-in for Excel's Office.js: one sheet, whose formulas a test puts in with their calls.
//
// As in Excel, a property can be read only after it was loaded and the context synchronised.
(() => {
  const functions = new Map();
  const cells = new Map(); // address -> { formula, calls, results, parent }
  const book = { active: "Sheet1!A1", manual: false, refuses: "", calculated: "" };

  class FunctionError {
    constructor(code, message) {
      this.code = code;
      this.message = message;
    }
  }

  globalThis.CustomFunctions = {
    associate: (id, run) => functions.set(id, run),
    Error: FunctionError,
    ErrorCode: {
      divisionByZero: "#DIV/0!",
      invalidName: "#NAME?",
      invalidNumber: "#NUM!",
      invalidReference: "#REF!",
      invalidValue: "#VALUE!",
      notAvailable: "#N/A",
      nullReference: "#NULL!",
    },
  };

  // What a cell shows: rows of values, an error being {error}.
  async function called(name, args, address = "[Book1]Sheet1!A1") {
    try {
      const rows = await functions.get(name)(...args, { address });
      return {
        rows: rows.map((row) => row.map((cell) => {
          if (cell === null || typeof cell !== "object") return cell;
          if (cell.type !== "Error" || cell.basicType !== "Error") throw new Error("no value");
          return { error: cell.basicValue, type: cell.errorType };
        })),
      };
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      return { rows: [[{ error: error.code }]], reason: error.message };
    }
  }

  async function calculate(address) {
    const cell = cells.get(address);
    if (cell?.nested) { // each call waits for the one in its argument
      for (const [name, args] of cell.calls) await called(name, args, address);
    } else if (cell) {
      cell.results = await Promise.all(cell.calls.map(([name, args]) => called(name, args, address)));
    }
  }

  class Range {
    constructor(context, address) {
      this.context = context;
      this.where = address;
      this.wanted = new Set();
      this.known = new Map();
      this.isNullObject = address === null;
    }
    load(names) {
      names.split(",").forEach((name) => this.wanted.add(name));
      this.context.loads.push(this);
    }
    synchronise() {
      const cell = cells.get(this.where);
      if (this.wanted.has("address")) this.known.set("address", this.where);
      if (this.wanted.has("formulas")) this.known.set("formulas", [[cell?.parent ? cell.shows : cell?.formula ?? ""]]);
    }
    read(name) {
      if (!this.known.has(name)) throw new Error(`${name} was not loaded`);
      return this.known.get(name);
    }
    get address() { return this.read("address"); }
    get formulas() { return this.read("formulas"); }
    set formulas([[formula]]) {
      this.context.writes.push(() => {
        if (book.refuses) throw new Error(book.refuses);
        cells.set(this.where, { formula, calls: [] });
      });
    }
    getSpillParentOrNullObject() {
      return new Range(this.context, cells.get(this.where)?.parent ?? null);
    }
    setDirty() {
      this.context.writes.push(() => { if (!book.manual) setTimeout(() => calculate(this.where), 20); });
    }
  }

  class Context {
    loads = [];
    writes = [];
    workbook = {
      getActiveCell: () => new Range(this, book.active),
      application: { calculate: (kind) => this.writes.push(() => { book.calculated = kind; }) },
    };
    async sync() {
      this.writes.splice(0).forEach((write) => write());
      this.loads.splice(0).filter((one) => !one.isNullObject).forEach((one) => one.synchronise());
    }
  }

  globalThis.Excel = { run: async (work) => work(new Context()) };
  globalThis.Office = { onReady: async () => ({ host: "Excel", platform: "OfficeOnline" }) };
  globalThis.standIn = { book, cells, functions, called };
})();
