"use strict";
(() => {
  const root = document.documentElement;
  const dark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
  });

  // paper has no summary to press: what is folded is opened to print, and folded again
  addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details:not([open])")) {
      folded.open = true;
      folded.dataset.folded = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const opened of document.querySelectorAll("details[data-folded]")) {
      opened.open = false;
      delete opened.dataset.folded;
    }
  });

  // numbers sort as numbers, the rest as text; a second press turns the order round
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent : Number(cell.dataset.sort);
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
  for (const button of document.querySelectorAll("table.grid .sorter")) {
    button.addEventListener("click", () => {
      const head = button.closest("th");
      const body = head.closest("table").tBodies[0];
      const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      const rows = [...body.rows].map((row) => [value(row, head.cellIndex), row]);
      rows.sort((a, b) => sign * compare(a[0], b[0]));
      body.append(...rows.map(([, row]) => row));
    });
  }

  // ---- the samples browser -------------------------------------------------------------------
  const source = document.getElementById("samples-data");
  if (!source) return;
  const HEIGHT = 30, SPARE = 8, RIGHT = 128;
  const make = (tag, look, text) => {
    const node = document.createElement(tag);
    if (look) node.className = look;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const unpack = async (packed) => {
    const letters = atob(packed);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  };
  const round = (x) => Number.isNaN(x) ? "" : String(Number(x.toPrecision(4)));

  const load = async () => {
    const told = JSON.parse(source.textContent);
    source.remove();
    const n = told.rows;
    const columns = [];
    for (const c of told.columns) {
      const buffer = await unpack(c.data);
      if (c.kind === "text") {
        const values = JSON.parse(new TextDecoder().decode(buffer));
        columns.push({ ...c, data: null, sort: (i) => values[i], show: (i) => values[i] });
      } else if (c.kind === "code") {
        const codes = new Uint8Array(buffer);
        const get = (i) => c.values[codes[i]];
        columns.push({ ...c, data: null, sort: get, show: get });
      } else {
        const values = new Float32Array(buffer);
        columns.push({ ...c, data: null, sort: (i) => values[i], show: (i) => round(values[i]) });
      }
    }
    const ready = new Map();
    const answers = async (k) => {
      if (!ready.has(k)) {
        const one = told.conditions[k];
        const bytes = new Uint8Array(await unpack(one.data));
        const wrong = one.wrong ? new Uint16Array(await unpack(one.wrong)) : null;
        ready.set(k, { name: one.name, key: one.key, bytes, wrong });
      }
      return ready.get(k);
    };
    await show(told, n, columns, answers);
  };

  const show = async (told, n, columns, answers) => {
    const get = (id) => document.getElementById(id);
    const box = get("rows"), under = get("under"), which = get("which"), find = get("find");
    const clean = told.conditions.length ? await answers(0) : null;
    let chosen = clean, order = [], sorted = { column: null, sign: 1 }, picked = -1;
    told.conditions.forEach((c, k) => {
      const option = make("option", "", c.name);
      option.value = String(k);
      option.title = c.key;
      under.append(option);
    });
    if (told.conditions.length > 1) under.value = "1";
    if (!clean) for (const node of [under, which]) node.closest("label").hidden = true;
    const right = (a, i) => a.bytes[i] >= RIGHT;
    const share = (a, i) => (a.bytes[i] & 127) / 100;
    const answer = (a, i) => right(a, i) ? "right" : a.wrong && a.wrong[i] ? told.classes[a.wrong[i] - 1] : "wrong";
    const fields = () => {
      const plain = (c) => ({ name: c.name, help: c.help, sort: c.sort, show: c.show, width: c.kind === "number" ? "minmax(108px, 1fr)" : "minmax(96px, 1fr)" });
      const list = columns.filter((c) => !c.audit).map(plain);
      const more = columns.filter((c) => c.audit).map(plain);
      if (!clean) return [...list, ...more];
      const told = (a, name, short) => [
        { name: short, help: "Answer: " + name, sort: (i) => answer(a, i), show: (i) => answer(a, i), look: (i) => right(a, i) ? "good" : "bad", width: "minmax(72px, 1fr)" },
        { name: "p, " + short, help: "Probability of the truth: " + name, sort: (i) => share(a, i), show: (i) => share(a, i).toFixed(2), width: "minmax(108px, 1fr)" },
      ];
      list.push(...told(clean, clean.name, "clean"));
      if (chosen !== clean) {
        list.push(...told(chosen, chosen.name, "there"));
        list.push({ name: "lost", help: "How much less probable the truth became", sort: (i) => share(clean, i) - share(chosen, i), show: (i) => (share(clean, i) - share(chosen, i)).toFixed(2), width: "minmax(64px, 1fr)" });
      }
      return [...list, ...more];
    };
    let shown = [];
    const head = make("div", "vh"), body = make("div", "vb");
    head.setAttribute("role", "row");
    box.append(head, body);

    const heads = () => {
      shown = fields();
      const template = shown.map((f) => f.width).join(" ");
      const least = shown.length * 100 + "px";
      head.replaceChildren();
      for (const node of [head, body]) node.style.minWidth = least;
      head.style.gridTemplateColumns = template;
      body.dataset.columns = template;
      for (const f of shown) {
        const cell = make("div");
        cell.setAttribute("role", "columnheader");
        if (sorted.column === f.help + f.name) cell.setAttribute("aria-sort", sorted.sign > 0 ? "ascending" : "descending");
        const button = make("button", "sorter", "");
        // a long name breaks after its dots and dashes
        for (const piece of f.name.split(/(?<=[._])/)) button.append(piece, document.createElement("wbr"));
        button.type = "button";
        button.title = f.help;
        button.addEventListener("click", () => {
          sorted = { column: f.help + f.name, sign: sorted.column === f.help + f.name ? -sorted.sign : 1 };
          refresh();
        });
        cell.append(button);
        head.append(cell);
      }
    };
    const filter = () => {
      const words = find.value.toLowerCase().trim();
      const texts = columns.filter((c) => c.kind !== "number");
      const kind = which.value;
      order = [];
      for (let i = 0; i < n; i++) {
        if (clean && kind !== "all") {
          const there = right(chosen, i), here = right(clean, i);
          if (kind === "wrong" ? there : kind === "lost" ? there || !here : !there || here) continue;
        }
        if (words && !texts.some((c) => c.show(i).toLowerCase().includes(words))) continue;
        order.push(i);
      }
      const by = shown.find((f) => f.help + f.name === sorted.column);
      if (by) {
        const keys = new Map(order.map((i) => [i, by.sort(i)]));
        const last = (x) => typeof x === "number" && Number.isNaN(x);
        order.sort((a, b) => {
          const x = keys.get(a), y = keys.get(b);
          if (last(x) || last(y)) return last(x) - last(y) || a - b;
          return sorted.sign * (typeof x === "number" ? x - y : x < y ? -1 : x > y ? 1 : 0) || a - b;
        });
      }
    };
    const draw = () => {
      const first = Math.max(0, Math.floor(box.scrollTop / HEIGHT) - SPARE);
      const last = Math.min(order.length, first + Math.ceil(box.clientHeight / HEIGHT) + 2 * SPARE);
      const rows = [];
      for (let at = first; at < last; at++) {
        const i = order[at];
        const row = make("div", i === picked ? "vr chosen" : "vr");
        row.setAttribute("role", "row");
        row.setAttribute("aria-rowindex", String(at + 2));
        row.style.top = at * HEIGHT + "px";
        row.style.gridTemplateColumns = body.dataset.columns;
        for (const f of shown) {
          const cell = make("span", f.look ? f.look(i) : "", f.show(i));
          cell.setAttribute("role", "cell");
          row.append(cell);
        }
        row.addEventListener("click", () => pick(at));
        rows.push(row);
      }
      body.style.position = "relative";
      body.style.height = order.length * HEIGHT + "px";
      body.replaceChildren(...rows);
      box.setAttribute("aria-rowcount", String(order.length + 1));
    };
    const refresh = () => {
      heads();
      filter();
      get("count").textContent = order.length.toLocaleString("en") + " of " + n.toLocaleString("en");
      box.scrollTop = 0;
      draw();
    };
    const pick = async (at) => {
      if (at < 0 || at >= order.length) return;
      const i = picked = order[at];
      const top = at * HEIGHT, visible = box.clientHeight - head.offsetHeight - HEIGHT;
      if (top < box.scrollTop) box.scrollTop = top;
      if (top > box.scrollTop + visible) box.scrollTop = top - visible;
      draw();
      const detail = get("detail");
      const list = make("dl");
      for (const c of columns.slice(1)) list.append(make("dt", "", c.audit ? c.audit + ": " + c.name : c.name), make("dd", "", c.show(i)));
      const bars = make("div", "bars");
      for (let k = 0; k < told.conditions.length; k++) {
        const a = await answers(k);
        const meter = document.createElement("meter");
        meter.min = 0; meter.max = 1; meter.value = share(a, i);
        meter.setAttribute("aria-label", "probability of the truth under " + a.name);
        const said = make("span", "", a.name);
        said.title = a.key;
        bars.append(said, meter, make("span", right(a, i) ? "good" : "bad", answer(a, i) + " " + share(a, i).toFixed(2)));
      }
      if (picked !== i) return;
      detail.replaceChildren(make("h3", "", columns[0].show(i)), list, bars);
      detail.hidden = false;
    };
    // a cell that a spreadsheet would run as a formula gets an apostrophe
    const quoted = (text) => {
      const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.]+(e[+-]?\d+)?$/i.test(text) ? "'" + text : text;
      return '"' + safe.replaceAll('"', '""') + '"';
    };
    const csv = () => {
      const lines = [shown.map((f) => quoted(f.name)).join(",")];
      for (const i of order) lines.push(shown.map((f) => quoted(f.show(i))).join(","));
      return lines.join("\r\n") + "\r\n";
    };
    get("export").addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
      link.download = "samples.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
    box.addEventListener("scroll", draw, { passive: true });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
      if (!step || event.target !== box) return;
      event.preventDefault();
      const at = order.indexOf(picked);
      pick(Math.max(0, Math.min(order.length - 1, at + (at < 0 ? 1 : step))));
    });
    find.addEventListener("input", refresh);
    which.addEventListener("change", refresh);
    under.addEventListener("change", async () => {
      chosen = await answers(Number(under.value));
      refresh();
    });
    if (told.conditions.length > 1) chosen = await answers(1);
    get("browser").hidden = false;
    refresh();
    document.documentElement.dataset.samples = "ready";
  };
  // after the first paint
  requestAnimationFrame(() => setTimeout(load, 0));
})();
