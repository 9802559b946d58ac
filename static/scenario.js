// A scenario works without this. With it, one is led to what followed, is told when a choice could not be kept, and has it
// sent again by itself, with the same form_id, so that it counts once. (Points that are left: learning.js.)
(() => {
  const PATIENCE = 15_000; // ms that an answer may take
  const WAITS = [2, 5, 10, 30, 60]; // seconds before trying again; the last one for ever
  let failures = 0;
  let timer;
  const asked = (ctx) => ctx?.sourceElement?.matches?.("[data-scenario]") && ctx.sourceElement;

  document.addEventListener("htmx:config:request", (event) => {
    if (asked(event.detail.ctx)) event.detail.ctx.request.timeout = PATIENCE;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.id !== "scene") return; // a whole page: app.js leads to its title
    failures = 0;
    const said = document.querySelector("#scene [data-feedback], #scene [data-outcome]");
    if (!said) return;
    said.focus({ preventScroll: true });
    said.scrollIntoView({ block: "start" });
  });

  // Anything but the page itself: what was chosen stays, and the form says so.
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (!asked(ctx) || ctx.response.status < 400 || [409, 422].includes(ctx.response.status)) return;
    event.preventDefault();
    complain(asked(ctx));
  });
  document.addEventListener("htmx:error", (event) => {
    const form = asked(event.detail?.ctx);
    if (form) complain(form);
  });

  function complain(form) {
    const said = form.querySelector(":scope > .error") ?? Object.assign(document.createElement("p"), { className: "error" });
    said.setAttribute("role", "alert");
    said.textContent = form.dataset.failedText;
    form.append(said);
    form.dataset.waits = "";
    clearTimeout(timer);
    timer = setTimeout(sendAgain, 1000 * WAITS[Math.min(failures++, WAITS.length - 1)]);
  }

  function sendAgain() {
    clearTimeout(timer);
    document.querySelector("form[data-scenario][data-waits]")?.requestSubmit();
  }
  window.addEventListener("online", sendAgain);

  // Who chooses something else meanwhile, says again when it is decided.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-scenario][data-waits]");
    if (!form) return;
    clearTimeout(timer);
    delete form.dataset.waits;
    form.querySelector(":scope > .error").textContent = form.dataset.changedText;
  });
})();
