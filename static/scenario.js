// A scenario works without this. With it, one is led to what followed, and is told when a choice could not be kept. (Points
// that are left: learning.js.)
(() => {
  const PATIENCE = 15_000; // ms that an answer may take
  const asked = (ctx) => ctx?.sourceElement?.matches?.("[data-scenario]") && ctx.sourceElement;

  document.addEventListener("htmx:config:request", (event) => {
    if (asked(event.detail.ctx)) event.detail.ctx.request.timeout = PATIENCE;
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target.id !== "scene") return; // a whole page: app.js leads to its title
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
  }
})();
