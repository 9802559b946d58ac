// What JavaScript adds to pages that work without it. Small pieces, each on its own; nothing here is needed to finish a task.

// Stands beside the body, so that it outlives every swap: screen readers read what is put in it.
const announcer = document.createElement("div");
announcer.className = "sr";
announcer.setAttribute("role", "status");
document.documentElement.append(announcer);

// After a page came in by htmx, focus falls to the body. It goes to the title of the new page, or to what asks for it
// ([autofocus]) or to the place in the address, so that the keyboard goes on there and a screen reader says where one is.
// Where only a part was replaced, focus stays where it was.
document.addEventListener("htmx:after:swap", () => {
  if (!document.activeElement || document.activeElement === document.body) focusOn(placeToFocus());
  announcer.textContent = document.querySelector(".flashes")?.textContent.trim() ?? "";
});

function placeToFocus() {
  const anchor = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  return document.querySelector("[autofocus]") ?? (anchor || document.querySelector("h1"));
}

function focusOn(place) {
  if (!place) return;
  if (place.tabIndex < 0 && !place.hasAttribute("tabindex")) place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

// A whole page that cannot come because there is no connection: say so, and leave everything as it stands. Parts of a page
// say it at their place.
document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail ?? {};
  if (ctx?.target !== document.body || ctx.text !== undefined) return;
  document.querySelector(".offline")?.remove();
  const line = document.createElement("p");
  line.className = "offline";
  line.setAttribute("role", "alert");
  document.body.append(line);
  line.append(document.querySelector("template[data-offline]").content.cloneNode(true));
});

// A menu closes when one goes on elsewhere.
document.addEventListener("click", (event) => closeMenus((menu) => !menu.contains(event.target)));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(() => true);
});

function closeMenus(wanted) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!wanted(menu)) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
}

// "/" leads to the search box, as in many programs; never while one is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("#q") ?? document.querySelector("[data-search]");
  if (!box) return;
  event.preventDefault();
  box.id === "q" ? box.focus() : box.click();
});
