// The lesson player works without this. With it, focus goes to the feedback, one moves the lines of an order with buttons,
// and what is typed survives a reload until it is saved.

document.addEventListener("DOMContentLoaded", prepare);
document.addEventListener("htmx:after:swap", (event) => {
  prepare();
  const { request, response } = event.detail.ctx;
  if (request?.form && response?.status < 400) {
    forgetDrafts(request.form);
    request.form.closest(".ask")?.querySelector(":scope > .error")?.remove();
  }
  if (!event.target.matches?.(".ask")) return; // only when a question was replaced
  const said = event.target.querySelector("[data-feedback]") ?? event.target;
  said.focus({ preventScroll: true });
  said.scrollIntoView({ block: "nearest" });
});

// What could not be sent or kept: what was filled in stays, and the form says so.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!asked(ctx) || ctx.response.status < 400 || ctx.response.status === 422) return;
  event.preventDefault();
  complain(ctx);
});
document.addEventListener("htmx:error", (event) => {
  if (asked(event.detail?.ctx)) complain(event.detail.ctx);
});

const asked = (ctx) => ctx?.select && ctx.sourceElement?.closest?.(".ask");

function complain(ctx) {
  const ask = asked(ctx);
  const said = ask.querySelector(":scope > .error") ?? element("p", { className: "error", role: "alert" });
  ask.append(said);
  said.textContent = document.querySelector("[data-failed]").dataset.failed;
}

function prepare() {
  for (const list of document.querySelectorAll("[data-order]:not([data-ready])")) {
    list.dataset.ready = "";
    for (const part of list.parentElement.querySelectorAll("[data-scripted]")) part.hidden = false;
    for (const part of list.parentElement.querySelectorAll("[data-plain]")) part.hidden = true;
    writePlaces(list);
  }
  for (const set of document.querySelectorAll("[data-sort]:not([data-ready])")) startSorting(set);
}

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
  button.focus();
  const place = [...list.children].indexOf(line) + 1;
  list.nextElementSibling.textContent = list.dataset.order.replace("#", place);
});

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
  set.form.querySelector("[type=submit]").hidden = Boolean(now);
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
  (now ? now.querySelector("button") : set.form.querySelector("[type=submit]")).focus();
});

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// ── drafts: kept by the browser while they are not saved, for this person only, until this tab is closed ──

const DRAFT = "concept:";
const owner = () => document.querySelector("[data-drafts]")?.dataset.drafts;
const nameOf = (field) => `${DRAFT}${owner()}:${location.pathname}:${field.id}`;

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-draft]") && owner()) sessionStorage.setItem(nameOf(event.target), event.target.value);
});
document.addEventListener("submit", (event) => {
  if (new URL(event.target.action, location.href).pathname === "/afmelden") clearDrafts(() => true);
});

// Not before htmx listens, so that a restored note saves itself.
document.addEventListener(window.htmx ? "htmx:after:process" : "DOMContentLoaded", restoreDrafts);

function restoreDrafts() {
  if (!owner()) return;
  clearDrafts((name) => !name.startsWith(`${DRAFT}${owner()}:`));
  for (const field of document.querySelectorAll("[data-draft]:not([data-restored])")) {
    field.dataset.restored = "";
    const draft = sessionStorage.getItem(nameOf(field));
    if (draft === null || draft === field.value) continue;
    field.value = draft;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function forgetDrafts(form) {
  for (const field of form.querySelectorAll("[data-draft]")) {
    // What was typed while the answer was under way is not saved yet.
    if (!form.isConnected || form.dataset.sent === field.value) sessionStorage.removeItem(nameOf(field));
  }
}

function clearDrafts(wanted) {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith(DRAFT) && wanted(name)) sessionStorage.removeItem(name);
  }
}

document.addEventListener("htmx:before:request", (event) => {
  const { form } = event.detail.ctx.request;
  const field = form?.querySelector("[data-draft]");
  if (field) form.dataset.sent = field.value;
});
