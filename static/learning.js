// The lesson player works without this. With it, focus goes to the feedback, one moves the lines of an order with buttons,
// things to sort come one by one, and one sees how many points or characters are left.

document.addEventListener("DOMContentLoaded", prepare);
// After an answer, focus goes to what is said about it; after a part of a question was replaced, back to the question. An
// answer may be sent again by itself (sending.js): then nobody who is busy elsewhere is called away.
document.addEventListener("htmx:before:swap", (event) => {
  const now = document.activeElement ?? document.body;
  const ask = event.target.closest?.(".ask");
  event.detail.ctx.hadFocus = now === document.body ? "nothing" : ask?.contains(now) && "question";
});
document.addEventListener("htmx:after:swap", (event) => {
  prepare();
  const ask = event.target.closest?.(".ask");
  const { hadFocus } = event.detail.ctx;
  const isAnswered = ask === event.target;
  if (!ask || !(hadFocus === "question" || (isAnswered && hadFocus))) return;
  if (!isAnswered && ask.contains(document.activeElement)) return;
  const said = (isAnswered && ask.querySelector("[data-feedback]")) || ask;
  said.focus({ preventScroll: true });
  if (isAnswered) said.scrollIntoView({ block: "nearest" });
});

function prepare() {
  for (const part of document.querySelectorAll("body [data-scripted]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-plain]")) part.hidden = true;
  for (const list of document.querySelectorAll("[data-order]")) writePlaces(list);
  for (const set of document.querySelectorAll("[data-sort]:not([data-ready])")) startSorting(set);
  for (const set of document.querySelectorAll("[data-budget]")) tellBudget(set);
  for (const line of document.querySelectorAll("[data-count]")) tellLength(line);
}

// A form that was filled in again by a script (sending.js) shows what it holds.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("form")) {
    for (const set of event.target.querySelectorAll(".sort[data-ready]")) drawSorting(set);
    for (const list of event.target.querySelectorAll("[data-order]")) arrange(list);
  }
  const set = event.target.closest?.("[data-budget]") ?? event.target.querySelector?.("[data-budget]");
  if (set) tellBudget(set);
});

// ── order: up and down ──

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-move]");
  if (!button) return;
  const line = button.closest("li");
  const list = line.parentElement;
  const other = button.dataset.move === "-1" ? line.previousElementSibling : line.nextElementSibling;
  if (!other) return;
  button.dataset.move === "-1" ? other.before(line) : other.after(line);
  delete line.dataset.result;
  writePlaces(list);
  line.querySelector("select").dispatchEvent(new Event("input", { bubbles: true })); // what saves by itself hears of it
  button.focus();
  const place = [...list.children].indexOf(line) + 1;
  list.nextElementSibling.textContent = list.dataset.order.replace("#", place);
});

function arrange(list) {
  const place = (line) => Number(line.querySelector("select").value);
  list.append(...[...list.children].sort((one, other) => place(one) - place(other)));
}

function writePlaces(list) {
  for (const [index, line] of [...list.children].entries()) line.querySelector("select").value = String(index + 1);
}

// ── sort: one thing at a time, into columns that one can take it out of again ──

function startSorting(set) {
  set.dataset.ready = "";
  const items = [...set.querySelectorAll(".sort-item")];
  const columns = element("div", { className: "sort-cols" });
  for (const radio of items[0].querySelectorAll("input")) {
    const column = element("section", {}, element("h3", { textContent: radio.parentElement.textContent }), element("ul", {}));
    column.dataset.place = radio.value;
    columns.append(column);
  }
  for (const item of items) {
    const keys = element("div", { className: "sort-keys" });
    for (const radio of item.querySelectorAll("input")) {
      const key = element("button", { type: "button", className: "btn btn-quiet btn-s", textContent: radio.parentElement.textContent });
      key.dataset.put = radio.value;
      keys.append(key);
    }
    item.prepend(element("p", { className: "label" }));
    item.append(keys);
  }
  set.append(element("p", { className: "hint", hidden: true, textContent: set.dataset.done }), columns, element("span", { className: "sr", role: "status" }));
  drawSorting(set);
}

function drawSorting(set, wanted) {
  const items = [...set.querySelectorAll(".sort-item")];
  const placed = items.filter((item) => item.querySelector(":checked"));
  const now = wanted ?? items.find((item) => !placed.includes(item));
  for (const list of set.querySelectorAll(".sort-cols ul")) list.replaceChildren();
  for (const [index, item] of items.entries()) {
    item.hidden = item !== now;
    item.querySelector(".label").textContent = set.dataset.sort.replace("#", Math.min(placed.length + 1, items.length));
    const chosen = item.querySelector(":checked");
    if (!chosen || item === now) continue;
    const back = element("button", { type: "button", textContent: item.querySelector("legend").textContent });
    back.dataset.back = index;
    back.append(element("span", { className: "sr", textContent: `, ${set.dataset.back}` }));
    set.querySelector(`[data-place="${CSS.escape(chosen.value)}"] ul`).append(element("li", {}, back));
  }
  set.querySelector(":scope > .hint").hidden = Boolean(now);
  submitOf(set).hidden = Boolean(now);
  return now;
}

document.addEventListener("click", (event) => {
  const key = event.target.closest?.("[data-put], [data-back]");
  const set = key?.closest(".sort[data-ready]");
  if (!set) return;
  const items = set.querySelectorAll(".sort-item");
  let now;
  if (key.dataset.put !== undefined) {
    key.closest(".sort-item").querySelector(`input[value="${CSS.escape(key.dataset.put)}"]`).checked = true;
    now = drawSorting(set);
    set.lastElementChild.textContent = set.dataset.said.replace("#", key.textContent);
  } else {
    now = items[Number(key.dataset.back)];
    now.querySelector(":checked").checked = false;
    drawSorting(set, now);
  }
  (now ? now.querySelector("button") : submitOf(set)).focus();
  set.querySelector("input").dispatchEvent(new Event("input", { bubbles: true })); // what saves by itself hears of it
});

function submitOf(set) {
  return set.closest(".ask").querySelector("[type=submit]");
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// ── how much is left ──

function tellBudget(set) {
  const line = set.querySelector("[data-left]");
  if (!line) return;
  const spent = [...set.querySelectorAll(":checked")].reduce((sum, box) => sum + Number(box.dataset.cost ?? 0), 0);
  tellLeft(line, Number(set.dataset.budget) - spent);
  line.hidden = false;
}

function tellLength(line) {
  const field = document.querySelector(`[aria-describedby~="${CSS.escape(line.parentElement.id)}"]`);
  tellLeft(line, Number(line.dataset.count) - [...field.value].length); // as people count, and the server
}

function tellLeft(line, left) {
  line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("#", Math.abs(left));
  line.dataset.is = left < 0 ? "over" : "left";
}

document.addEventListener("input", (event) => {
  const line = document.getElementById(event.target.getAttribute?.("aria-describedby"))?.querySelector("[data-count]");
  if (line) tellLength(line);
});
