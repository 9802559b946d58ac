// A scenario works without this. With it, one is led to what followed, sees how many points are left while choosing, and is
// told when a choice could not be kept.
(() => {
  const asked = (ctx) => ctx?.sourceElement?.matches?.("[data-scenario]") && ctx.sourceElement;

  document.addEventListener("htmx:after:swap", (event) => {
    drawAll();
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

  // ── points ──
  function draw(set) {
    const costs = [...set.querySelectorAll(":checked")].map((box) => Number(box.dataset.cost));
    const left = Number(set.dataset.budget) - costs.reduce((sum, cost) => sum + cost, 0);
    const said = set.querySelector("[data-budget-left]");
    said.hidden = false;
    said.toggleAttribute("data-over", left < 0);
    said.textContent = (left < 0 ? set.dataset.over : set.dataset.left).replace("#", Math.abs(left));
  }
  const drawAll = () => document.querySelectorAll("[data-budget]").forEach(draw);

  document.addEventListener("change", (event) => {
    const set = event.target.closest?.("[data-budget]");
    if (set) draw(set);
  });
  document.addEventListener("DOMContentLoaded", drawAll);
  if (document.readyState !== "loading") drawAll();
})();
