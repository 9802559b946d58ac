// The lesson player works without this. With it, focus goes to the feedback, one moves the lines of an order with buttons,
// and what is typed survives a reload until it is saved.

document.addEventListener("DOMContentLoaded", prepare);
document.addEventListener("htmx:after:swap", (event) => {
  prepare();
  const { request, response } = event.detail.ctx;
  if (request?.form && response?.status < 400) forgetDrafts(request.form);
  if (!event.target.matches?.(".ask")) return; // only when a question was replaced
  const said = event.target.querySelector("[data-feedback]") ?? event.target;
  said.focus({ preventScroll: true });
  said.scrollIntoView({ block: "nearest" });
});

function prepare() {
  for (const list of document.querySelectorAll("[data-order]:not([data-ready])")) {
    list.dataset.ready = "";
    for (const part of list.parentElement.querySelectorAll("[data-scripted]")) part.hidden = false;
    for (const part of list.parentElement.querySelectorAll("[data-plain]")) part.hidden = true;
    writePlaces(list);
  }
  restoreDrafts();
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

function restoreDrafts() {
  if (!owner()) return;
  clearDrafts((name) => !name.startsWith(`${DRAFT}${owner()}:`));
  for (const field of document.querySelectorAll("[data-draft]:not([data-restored])")) {
    field.dataset.restored = "";
    const draft = sessionStorage.getItem(nameOf(field));
    if (draft === null || draft === field.value) continue;
    field.value = draft;
    field.dispatchEvent(new Event("input", { bubbles: true })); // a note saves itself now
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
