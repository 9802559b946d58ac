// Lessons: a word shows its meaning where it stands, private fields are kept in this tab, a piece can be printed, and a page
// with hurtful words can be left at once. All of it works without: the word is a link to the list under the lesson, what is
// typed is simply not kept, and the way out is a link.
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

  // Which fields are empty, and which say the same.
  document.addEventListener("click", (event) => {
    const card = document.getElementById(event.target.closest?.("[data-find-gaps]")?.dataset.findGaps);
    if (!card) return;
    const seen = new Map();
    const lines = [];
    for (const field of card.querySelectorAll("[data-private]")) {
      const text = field.value.trim().toLowerCase();
      const prompt = field.labels[0].textContent;
      if (!text) lines.push(`${card.dataset.empty} ${prompt}`);
      else if (seen.has(text)) lines.push(`${card.dataset.same} ${seen.get(text)}, ${prompt}`);
      else seen.set(text, prompt);
    }
    card.querySelector(".gaps").replaceChildren(...(lines.length ? lines : [card.dataset.gaps]).map((line) => {
      const said = document.createElement("p");
      said.textContent = line;
      return said;
    }));
  });

  // ── printing: the lesson, or just one card of it ──
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-print]");
    if (!button) return;
    document.getElementById(button.dataset.print)?.setAttribute("data-printed", "");
    window.print();
  });
  window.addEventListener("afterprint", () => document.querySelector("[data-printed]")?.removeAttribute("data-printed"));

  // ── the quick way out: the page is gone at once, and Back does not bring it back ──
  function leave() {
    document.documentElement.hidden = true; // the network may be slow
    document.title = "";
    location.replace(document.querySelector("[data-exit]").href);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-exit]")) return;
    event.preventDefault();
    leave();
  });

  let escaped = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat || !document.querySelector("[data-exit]")) return;
    if (event.timeStamp - escaped < 1500) leave();
    escaped = event.timeStamp;
  });

  document.addEventListener("DOMContentLoaded", restore);
  document.addEventListener("htmx:after:swap", restore);
  if (document.readyState !== "loading") restore();
})();
