"use strict";

// The reader of transcripts. What was said comes as data, and is shown as text nodes: nothing here
// reads HTML. The episodes lie in pieces, which are unpacked when one of them is looked at.

(async () => {
  const PAGE = 50; // episodes in the list
  const KEPT = 4; // pieces that stay unpacked
  const ENDS = 40; // messages at either end that are shown at once
  const ROLES = { user: "environment", assistant: "agent", system: "system prompt" };
  const MATHML = "http://www.w3.org/1998/Math/MathML";
  const SVG = "http://www.w3.org/2000/svg";
  // Characters that nobody would see, or that turn others round: they are spelled out.
  const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
  const spelled = (sign) => `U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

  let chosen = []; // rows that the filters let through
  let page = 0;
  let current = null; // the row that is read
  let asWritten = false; // formulas and maps are shown as text
  let search = 0; // which one is the newest
  const pieces = new Map(); // those that are unpacked, the newest last

  const byId = (id) => document.getElementById(id);

  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  async function unpacked(id) {
    const bytes = Uint8Array.from(atob(byId(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).json();
  }

  if (!("DecompressionStream" in window)) {
    byId("found").textContent = "This browser cannot unpack the transcripts: open the file in a newer one.";
    return;
  }
  const facts = await unpacked("facts");
  const count = facts.run.length;
  const bit = Object.fromEntries(facts.flag_names.map((name, place) => [name, 1 << place]));

  // Plots: what a point shows stands beside it while the pointer is on it.

  const tip = byId("tip");
  document.addEventListener("pointerover", (event) => {
    const mark = event.target.closest?.('.plot [aria-roledescription="point"]');
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.getAttribute("aria-label");
    const box = mark.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(box.right + 8, innerWidth - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(4, box.top - tip.offsetHeight - 4)}px`;
  });

  // Problems on which runs of the same suite differ.

  const problemOf = (row) => `${facts.suites[facts.run[row]]} ${facts.number[row]}`;
  const ofProblem = new Map();
  for (let row = 0; row < count; row++) {
    const rows = ofProblem.get(problemOf(row));
    if (rows) rows.push(row);
    else ofProblem.set(problemOf(row), [row]);
  }
  const differs = new Uint8Array(count);
  for (const rows of ofProblem.values()) {
    const shares = new Map();
    for (const row of rows) {
      const [right, all] = shares.get(facts.run[row]) ?? [0, 0];
      shares.set(facts.run[row], [right + (facts.flags[row] & 1), all + 1]);
    }
    if (new Set([...shares.values()].map(([right, all]) => right / all)).size > 1) {
      for (const row of rows) differs[row] = 1;
    }
  }

  // The filters.

  const outcomes = {
    all: () => true,
    right: (row) => facts.flags[row] & bit["right"],
    wrong: (row) => !(facts.flags[row] & bit["right"]),
    unreadable: (row) => facts.flags[row] & bit["unreadable"],
    illegal: (row) => facts.flags[row] & bit["illegal"],
    "cut off": (row) => facts.flags[row] & bit["cut off"],
  };
  if (differs.includes(1)) outcomes["runs differ"] = (row) => differs[row];
  let outcome = "all";
  for (const name of Object.keys(outcomes)) {
    const choice = make("input");
    Object.assign(choice, { type: "radio", name: "outcome", value: name, checked: name === "all" });
    byId("outcomes").append(make("label", "chip", choice, name, make("small")));
  }

  function fill(select, values, any) {
    select.append(new Option(any, ""), ...values.map(([text, value]) => new Option(text, value)));
    select.closest("label").hidden = values.length < 2;
  }
  const numbered = (names) => names.map((name, place) => [visible(name), place]);
  fill(byId("of-run"), numbered(facts.runs), "all");
  fill(byId("of-id"), numbered(facts.ids), "all");
  const levels = [...new Set(facts.level)].sort((a, b) => a - b);
  fill(byId("of-level"), levels.map((level) => [level, level]), "all");
  if (facts.tokens.every((tokens) => tokens === null)) byId("order").options[1].remove();

  const is = (select, value) => select.value === "" || +select.value === value;
  async function filter() {
    const mine = ++search;
    byId("reader").classList.remove("reading"); // on a phone: back to the list
    const words = byId("words").value.toLowerCase();
    let rows = [];
    for (let row = 0; row < count; row++) {
      if (
        is(byId("of-run"), facts.run[row]) &&
        is(byId("of-id"), facts.id[row]) &&
        is(byId("of-level"), facts.level[row])
      ) {
        rows.push(row);
      }
    }
    if (words) {
      rows = await containing(words, rows, mine);
      if (mine !== search) return;
    }
    for (const label of byId("outcomes").querySelectorAll("label")) {
      const test = outcomes[label.firstChild.value];
      label.lastChild.textContent = rows.filter(test).length.toLocaleString("en");
    }
    rows = rows.filter(outcomes[outcome]);
    const order = byId("order").value;
    if (order) rows.sort((a, b) => facts[order][b] - facts[order][a] || a - b);
    chosen = rows;
    page = Math.max(0, Math.floor(chosen.indexOf(current) / PAGE));
    byId("found").textContent =
      `${chosen.length.toLocaleString("en")} of ${count.toLocaleString("en")} episodes`;
    showList();
  }

  // Rows whose conversation has the words; unpacks piece after piece.
  async function containing(words, rows, mine) {
    const inPiece = new Map();
    for (const row of rows) {
      if (!inPiece.has(facts.piece[row])) inPiece.set(facts.piece[row], []);
      inPiece.get(facts.piece[row]).push(row);
    }
    const found = [];
    let done = 0;
    for (const [number, some] of inPiece) {
      const piece = await pieceOf(number);
      if (mine !== search) return [];
      for (const row of some) {
        if (textOf(row, piece.episodes[facts.place[row]]).includes(words)) found.push(row);
      }
      done++;
      byId("found").textContent = `searching: ${Math.round((100 * done) / inPiece.size)}%`;
    }
    return found.sort((a, b) => a - b);
  }

  const sourceOf = (part) => (typeof part === "string" ? part : part[1]);
  const joined = (parts) => parts.map(sourceOf).join("");

  function textOf(row, episode) {
    const texts = [facts.ids[facts.id[row]], episode.topic ?? "", episode.problem_id];
    for (const [, parts] of episode.messages) texts.push(joined(parts));
    for (const step of episode.steps) if (step.reasoning) texts.push(joined(step.reasoning));
    return texts.join("\n").toLowerCase();
  }

  function pieceOf(number) {
    const piece = pieces.get(number) ?? unpacked(`piece-${number}`);
    pieces.delete(number);
    pieces.set(number, piece);
    if (pieces.size > KEPT) pieces.delete(pieces.keys().next().value);
    return piece;
  }

  // The list.

  function verdict(row) {
    const flags = facts.flags[row];
    const words = [flags & bit["right"] ? "right" : "wrong"];
    for (const name of ["unreadable", "illegal", "cut off"]) {
      if (flags & bit[name]) words.push(name);
    }
    return words;
  }

  function showList() {
    const pagesInAll = Math.max(1, Math.ceil(chosen.length / PAGE));
    page = Math.min(page, pagesInAll - 1);
    const shown = chosen.slice(page * PAGE, (page + 1) * PAGE);
    byId("list").replaceChildren(...shown.map(listed));
    byId("list").scrollTop = 0;
    const from = page * PAGE;
    byId("page").textContent = chosen.length
      ? `${(from + 1).toLocaleString("en")}–${(from + shown.length).toLocaleString("en")}`
      : "none";
    byId("before").disabled = page === 0;
    byId("after").disabled = page === pagesInAll - 1;
    markCurrent();
  }

  function listed(row) {
    const words = verdict(row);
    const isRight = words[0] === "right";
    const sign = make("span", words[0], isRight ? "✓" : "✗");
    sign.setAttribute("aria-hidden", "true");
    const notes = [words.join(", "), `problem ${facts.number[row] + 1}`];
    if (facts.sample[row]) notes.push(`sample ${facts.sample[row] + 1}`);
    if (facts.runs.length > 1) notes.push(visible(facts.runs[facts.run[row]]));
    const tokens = facts.tokens[row];
    notes.push(
      tokens === null
        ? amount(facts.turns[row], "turn")
        : amount(tokens, "token"),
    );
    const button = make(
      "button",
      "",
      sign,
      make("span", "name", facts.ids[facts.id[row]]),
      make("span", "", `level ${facts.level[row]}`),
      make("small", "", notes.join(" · ")),
    );
    button.type = "button";
    button.dataset.row = row;
    return make("li", "", button);
  }

  const amount = (number, noun) =>
    `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  function markCurrent() {
    for (const button of byId("list").querySelectorAll("button")) {
      if (+button.dataset.row === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  function turn(by) {
    page += by;
    showList();
    byId("list").querySelector("button")?.focus();
  }

  byId("before").addEventListener("click", () => turn(-1));
  byId("after").addEventListener("click", () => turn(1));
  byId("list").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) open(+button.dataset.row, true);
  });
  byId("list").addEventListener("keydown", (event) => {
    const buttons = [...byId("list").querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (buttons[to]) buttons[to].focus();
    else if (to < 0 && page > 0) turn(-1);
    else if (to > at && page * PAGE + buttons.length < chosen.length) turn(1);
  });

  // An episode.

  async function open(row, byHand) {
    current = row;
    markCurrent();
    const piece = await pieceOf(facts.piece[row]);
    if (current !== row) return;
    history.replaceState(null, "", `#${["episode", facts.run[row], facts.number[row], facts.sample[row]].join(".")}`);
    show(row, piece.episodes[facts.place[row]], piece.formulas);
    byId("reader").classList.add("reading");
    if (byHand) {
      byId("episode").focus({ preventScroll: true });
      const top = byId("reader").getBoundingClientRect().top;
      if (top < 0 || matchMedia("(max-width: 50rem)").matches) byId("reader").scrollIntoView();
    }
  }

  function show(row, episode, formulas) {
    const id = facts.ids[facts.id[row]];
    const isProse = ["math", "algebra"].includes(facts.families[facts.id[row]]);
    const context = {
      formulas,
      kinds: facts.kinds[id] ?? {},
      words: byId("words").value.toLowerCase(),
      isProse,
    };
    const redraw = () => show(row, episode, formulas);
    const parts = [
      make("h3", "", `${id}, level ${facts.level[row]}${episode.topic ? `: ${visible(episode.topic).replaceAll("_", " ")}` : ""}`),
      tools(row, redraw),
      factsOf(row, episode),
    ];
    const others = sameProblem(row);
    if (others) parts.push(others);
    if (episode.maze) parts.push(walkedMaze(episode.maze, context.kinds));
    byId("episode").replaceChildren(...parts, ...conversation(episode, context));
    byId("episode").querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  function tools(row, redraw) {
    const back = make("button", "", "‹ All episodes");
    back.id = "back";
    back.addEventListener("click", () => {
      byId("reader").classList.remove("reading");
      byId("list").querySelector("[aria-current]")?.focus();
    });
    const at = chosen.indexOf(row);
    const step = (text, to) => {
      const button = make("button", "", text);
      button.disabled = at < 0 || chosen[to] === undefined;
      button.addEventListener("click", () => {
        if (Math.floor(to / PAGE) !== page) {
          page = Math.floor(to / PAGE);
          showList();
        }
        open(chosen[to], true);
      });
      return button;
    };
    const box = make("input");
    Object.assign(box, { type: "checkbox", checked: asWritten, id: "as-written" });
    box.addEventListener("change", () => {
      asWritten = box.checked;
      redraw();
      byId("as-written").focus();
    });
    const label = make("label", "", box, "as written");
    label.title = "formulas and maps as they stand in the text";
    return make("div", "tools", back, step("‹ Previous", at - 1), step("Next ›", at + 1), label);
  }

  function factsOf(row, episode) {
    const words = verdict(row);
    const shown = make("div", "facts");
    const add = (name, value, className) =>
      shown.append(make("span", "", `${name} `, make("b", className ?? "", value)));
    const sign = words[0] === "right" ? "✓ " : "✗ ";
    add("outcome", sign + words.join(", "), words[0]);
    add("reward", number(episode.reward));
    add("run", visible(facts.runs[facts.run[row]]));
    add("problem", `${facts.number[row] + 1} (${episode.problem_id})`);
    add("sample", String(facts.sample[row] + 1));
    add("turns", facts.turns[row].toLocaleString("en"));
    if (facts.tokens[row] !== null) add("tokens", facts.tokens[row].toLocaleString("en"));
    if (episode.prompt_tokens !== null) add("tokens read", episode.prompt_tokens.toLocaleString("en"));
    add("seconds", number(episode.seconds));
    if (episode.cost !== null) add("dollars", number(episode.cost));
    add("seed", String(episode.seed));
    add("arguments", visible(JSON.stringify(episode.arguments)));
    return shown;
  }

  const number = (value) => String(+value.toPrecision(4));

  function sameProblem(row) {
    const rows = ofProblem.get(problemOf(row)).filter((other) => other !== row);
    if (!rows.length) return null;
    const shown = make("div", "others", "Same problem:");
    for (const other of rows.slice(0, 24)) {
      const [word] = verdict(other);
      const name = facts.runs.length > 1 ? `${visible(facts.runs[facts.run[other]])} ` : "";
      const button = make("button", "", make("span", word, word === "right" ? "✓ " : "✗ "), name, `sample ${facts.sample[other] + 1}, ${word}`);
      button.addEventListener("click", () => open(other, true));
      shown.append(button);
    }
    if (rows.length > 24) shown.append(`and ${rows.length - 24} more`);
    return shown;
  }

  function conversation(episode, context) {
    let replies = 0;
    let total = 0;
    const makers = episode.messages.map(([role, parts]) => {
      const place = role === "assistant" ? replies++ : null;
      const step = place === null ? null : episode.steps[place];
      if (step) for (const paid of Object.values(step.reward_terms)) total += paid;
      const sum = total;
      return () => message(role, parts, step, place, sum, context);
    });
    if (context.words || makers.length <= 3 * ENDS) return makers.map((each) => each());
    const between = makers.slice(ENDS, -ENDS);
    const more = make("button", "", `Show the ${between.length.toLocaleString("en")} messages between`);
    more.addEventListener("click", () => more.replaceWith(...between.map((each) => each())));
    return [
      ...makers.slice(0, ENDS).map((each) => each()),
      more,
      ...makers.slice(-ENDS).map((each) => each()),
    ];
  }

  function message(role, parts, step, place, sum, context) {
    const title = ROLES[role] ?? visible(role);
    const shown = make("section", `message ${role === "assistant" ? "assistant" : ""}`);
    shown.append(make("h4", "", place === null ? title : `${title}, turn ${place + 1}`));
    if (step?.reasoning) {
      const thoughts = make("details", "", make("summary", "", "reasoning"), body(step.reasoning, context, false));
      thoughts.open = Boolean(context.words) && joined(step.reasoning).toLowerCase().includes(context.words);
      shown.append(make("div", "body prose", thoughts));
    }
    shown.append(body(parts, context, role === "user"));
    if (step) shown.append(pay(step, sum));
    return shown;
  }

  function pay(step, sum) {
    const shown = make("div", "pay");
    for (const [name, paid] of Object.entries(step.reward_terms)) {
      shown.append(make("span", "", `${visible(name)} ${paid > 0 ? "+" : ""}${number(paid)}`));
    }
    shown.append(make("span", "", `reward so far ${number(sum)}`));
    for (const [event, times] of Object.entries(step.events ?? {})) {
      const name = event === "format" ? "unreadable" : visible(event);
      shown.append(make("span", "warn", times === 1 ? name : `${name}: ${number(times)}`));
    }
    if (step.answer_status) shown.append(make("span", "", `answer: ${visible(step.answer_status).replaceAll("_", " ")}`));
    if (step.completion_tokens !== undefined) shown.append(make("span", "", amount(step.completion_tokens, "token")));
    return shown;
  }

  // What was said.

  function body(parts, context, hasMaps) {
    const shown = make("div", `body ${context.isProse ? "prose" : ""}`);
    for (const part of asWritten ? [joined(parts)] : parts) {
      if (typeof part === "string") {
        if (hasMaps && !asWritten) shown.append(...withMaps(part, context));
        else shown.append(...text(part, context.words));
      } else if (part[0] === "code") {
        shown.append(make("span", "code", ...text(part[1], context.words)));
      } else {
        const formula = mathml(context.formulas[part[1]]);
        const found = context.words && part[1].toLowerCase().includes(context.words);
        shown.append(found ? make("mark", "", formula) : formula);
      }
    }
    return shown;
  }

  function visible(value) {
    return String(value).replace(UNSEEN, spelled);
  }

  function* text(value, words) {
    const lower = value.toLowerCase();
    const isSafe = words && lower.length === value.length; // a few letters change their length
    let at = 0;
    for (let found; isSafe && (found = lower.indexOf(words, at)) >= 0; at = found + words.length) {
      yield* signs(value.slice(at, found));
      yield make("mark", "", ...signs(value.slice(found, found + words.length)));
    }
    yield* signs(value.slice(at));
  }

  function* signs(value) {
    let at = 0;
    for (const match of value.matchAll(UNSEEN)) {
      if (match[0] === "\n" || match[0] === "\t") continue;
      if (match.index > at) yield document.createTextNode(value.slice(at, match.index));
      yield make("span", "sign", spelled(match[0]));
      at = match.index + match[0].length;
    }
    if (at < value.length) yield document.createTextNode(value.slice(at));
  }

  function mathml(tree) {
    if (typeof tree === "string") return document.createTextNode(visible(tree));
    const [tag, attributes, ...children] = tree;
    const made = document.createElementNS(MATHML, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children.map(mathml));
    return made;
  }

  // Maps.

  function draw(tag, attributes, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  // A map is three lines or more, equally long, of nothing but its characters.
  function* withMaps(value, context) {
    const isMap = (line) => line.length > 2 && [...line].every((sign) => sign in context.kinds);
    const lines = value.split("\n");
    let at = 0;
    let done = 0;
    while (at < lines.length) {
      let end = at;
      while (end < lines.length && isMap(lines[end]) && lines[end].length === lines[at].length) end++;
      if (end - at > 2) {
        const before = lines.slice(done, at).join("\n");
        if (before) yield* text(before, context.words);
        yield map(lines.slice(at, end), context.kinds);
        done = end;
      }
      at = Math.max(end, at + 1);
    }
    if (done < lines.length) yield* text(lines.slice(done).join("\n"), context.words);
  }

  function map(lines, kinds, walk) {
    const [width, height] = [lines[0].length, lines.length];
    const side = Math.max(5, Math.min(18, Math.floor(460 / width)));
    const shown = draw("svg", {
      class: "map",
      viewBox: `0 0 ${width} ${height}`,
      width: width * side,
      height: height * side,
      role: "img",
      "aria-label": `A map of ${width} by ${height} squares${walk ? " with the way that was walked" : ""}`,
    });
    const over = [];
    lines.forEach((line, y) => {
      for (let x = 0; x < width; ) {
        let end = x + 1;
        const kind = kinds[line[x]];
        const isGround = ["wall", "floor", "unseen", "goal"].includes(kind);
        while (isGround && line[end] === line[x]) end++;
        const ground = isGround ? kind : kind.endsWith(" on a goal") ? "goal" : "floor";
        shown.append(draw("rect", { class: `k-${ground}`, x, y, width: end - x, height: 1.02 }));
        if (!isGround) over.push(...thing(kind, line[x], x, y));
        x = end;
      }
    });
    if (walk?.length) {
      const points = walk.map(([row, column]) => `${column + 0.5},${row + 0.5}`).join(" ");
      const [row, column] = walk.at(-1);
      over.push(draw("polyline", { class: "way", points }));
      over.push(draw("rect", { class: "k-agent", x: column + 0.2, y: row + 0.2, width: 0.6, height: 0.6 }));
    }
    shown.append(...over);
    return shown;
  }

  function thing(kind, sign, x, y) {
    const name = `k-${kind.split(" ")[0]}`;
    if (kind.startsWith("agent")) return [draw("circle", { class: name, cx: x + 0.5, cy: y + 0.5, r: 0.4 })];
    if (kind === "one way") return [draw("text", { x: x + 0.5, y: y + 0.52 }, sign)];
    if (kind.startsWith("box")) {
      return [draw("rect", { class: name, x: x + 0.12, y: y + 0.12, width: 0.76, height: 0.76, rx: 0.1 })];
    }
    const isKey = /[a-z]/.test(sign); // a door fills its square
    return isKey
      ? [draw("circle", { class: name, cx: x + 0.5, cy: y + 0.5, r: 0.28 })]
      : [draw("rect", { class: name, x, y, width: 1, height: 1 })];
  }

  function walkedMaze(maze, kinds) {
    const caption = make("figcaption", "", "The maze, and the way that was walked: from the circle to the square. Green: the exit; other colours: keys and their doors.");
    return make("figure", "", caption, map(maze.map.split("\n"), kinds, maze.walk));
  }

  // Begin.

  byId("filters").hidden = false;
  byId("reader").hidden = false;
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("change", (event) => {
    if (event.target.name === "outcome") outcome = event.target.value;
    if (event.target.id !== "words") filter();
  });
  let waiting;
  byId("words").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 250);
  });

  function linked() {
    const match = /^#episode\.(\d+)\.(\d+)\.(\d+)$/.exec(location.hash);
    if (!match) return null;
    const [run, problem, sample] = match.slice(1).map(Number);
    for (let row = 0; row < count; row++) {
      if (facts.run[row] === run && facts.number[row] === problem && facts.sample[row] === sample) return row;
    }
    return null;
  }
  addEventListener("hashchange", () => {
    const row = linked();
    if (row !== null) open(row, true);
  });

  const first = linked();
  current = first;
  await filter();
  if (first !== null) await open(first, true);
  else if (!matchMedia("(max-width: 50rem)").matches) {
    byId("episode").append(make("p", "", "Choose an episode to read it."));
  }
  document.documentElement.dataset.ready = "yes";
})();
