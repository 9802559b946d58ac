// Lessons: a word shows its meaning where it stands, and private fields are kept in this tab. Both work without: the word
// is a link to the list under the lesson, and what is typed is simply not kept.
(() => {
  const PREFIX = "ln-private:";

  // ── words ──
  function meaningBox() {
    let box = document.getElementById("betekenis");
    if (!box) {
      box = document.createElement("div");
      box.id = "betekenis";
      box.className = "meaning";
      box.popover = "auto";
      box.tabIndex = -1;
      document.body.append(box);
    }
    return box;
  }

  function showMeaning(link, entry) {
    const box = meaningBox();
    const word = document.createElement("strong");
    word.textContent = entry.querySelector("dt").textContent;
    box.replaceChildren(word, " ", entry.querySelector("dd").textContent);
    box.lang = document.documentElement.lang === "en" ? "nl-BE" : "";
    box.showPopover();
    const at = link.getClientRects()[0];
    const left = Math.min(at.left, document.documentElement.clientWidth - box.offsetWidth - 16);
    box.style.left = `${Math.max(16, left) + window.scrollX}px`;
    box.style.top = `${at.bottom + 8 + window.scrollY}px`;
    box.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.term");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !HTMLElement.prototype.showPopover) return;
    const entry = document.getElementById(link.hash.slice(1));
    if (!entry) return;
    event.preventDefault();
    event.stopPropagation();
    showMeaning(link, entry);
  }, true);

  // ── private fields ──
  // By account too: two people may share a computer. Signing out empties them all.
  const nameOf = (field) =>
    PREFIX + [field.closest("[data-drafts]")?.dataset.drafts ?? "", location.pathname, field.dataset.private].join("|");

  function restore() {
    for (const field of document.querySelectorAll("[data-private]:not([data-restored])")) {
      field.dataset.restored = "";
      try {
        field.value = sessionStorage.getItem(nameOf(field)) ?? field.value;
        field.closest(".private").querySelector("[data-private-kept]").hidden = false;
      } catch { /* no storage: the page says only that nothing is sent */ }
    }
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-private]")) return;
    try {
      if (field.value) sessionStorage.setItem(nameOf(field), field.value);
      else sessionStorage.removeItem(nameOf(field));
    } catch { /* full or forbidden */ }
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches('form[action$="/afmelden"]')) return;
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
    } catch { /* nothing was kept */ }
  }, true);

  document.addEventListener("DOMContentLoaded", restore);
  document.addEventListener("htmx:after:swap", restore);
  if (document.readyState !== "loading") restore();
})();
