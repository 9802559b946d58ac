// Nothing that was chosen or written in a lesson gets lost. What is typed survives a reload until it is saved. What could
// not be sent (no connection, no answer) is kept in this tab, for this person only, said to be "niet bewaard", and sent
// again with the same form_id, so that it counts once. Without JavaScript the browser says itself that it has no connection.
(() => {
  const DRAFT = "concept:";
  const UNSENT = "onverstuurd:";
  const PATIENCE = 15_000; // ms that an answer may take
  const WAITS = [2, 5, 10, 30, 60]; // seconds before trying again; the last one for ever
  let failures = 0;
  let timer;

  const owner = () => document.querySelector("[data-drafts]")?.dataset.drafts;
  const mine = (kind) => `${kind}${owner()}:`;
  const said = (which) => document.querySelector(`template[data-said="${which}"]`)?.content.cloneNode(true);
  const formFor = (action) => document.querySelector(`.ask form[action="${CSS.escape(action)}"]`);

  // ── what went wrong, said at the form and at the top of the page ──

  function tell(ask, which) {
    const line = ask.querySelector(":scope > .unsaved") ?? Object.assign(document.createElement("p"), { className: "unsaved", role: "alert" });
    ask.append(line);
    line.replaceChildren(said(which));
  }

  function tellAll() {
    const top = document.getElementById("les-bewaard");
    if (top && document.querySelector(".ask[data-waits]")) top.replaceChildren(said("unsaved"));
  }

  // ── sending with htmx ──

  const asked = (ctx) => ctx?.select && ctx.sourceElement?.closest?.(".ask");
  const isKept = (ctx) => ctx.request.method === "POST" && owner();
  const isTemporary = (status) => status === 429 || status >= 500;

  document.addEventListener("htmx:config:request", (event) => {
    if (asked(event.detail.ctx)) event.detail.ctx.request.timeout = PATIENCE;
  });
  document.addEventListener("htmx:before:request", (event) => {
    for (const field of event.detail.ctx.request.form?.querySelectorAll("[data-draft]") ?? []) field.dataset.sent = field.value;
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (!asked(ctx)) return;
    if (ctx.response.status < 400 || ctx.response.status === 422) return arrived(ctx);
    event.preventDefault();
    failed(ctx, isTemporary(ctx.response.status) ? "silent" : "failed");
  });
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    // With an answer, it was something else that went wrong.
    if (asked(ctx) && ctx.text === undefined) failed(ctx, ctx.request.signal?.reason === "timeout" ? "silent" : "offline");
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const { request, response } = event.detail.ctx;
    if (request?.form && response?.status < 400) forgetDrafts(request.form);
    tellAll();
  });

  function arrived(ctx) {
    sessionStorage.removeItem(mine(UNSENT) + ctx.request.action);
    const ask = asked(ctx);
    delete ask.dataset.waits;
    ask.querySelector(":scope > .unsaved")?.remove();
    failures = 0;
  }

  function failed(ctx, which) {
    const ask = asked(ctx);
    tell(ask, which === "failed" || isKept(ctx) ? which : "failed");
    if (which === "failed" || !isKept(ctx)) return;
    ask.dataset.waits = ctx.sourceElement.matches("form") ? "form" : "text";
    tellAll();
    later();
    sessionStorage.setItem(mine(UNSENT) + ctx.request.action, String(ctx.request.body));
  }

  // Who changes an answer that waits, sends it anew. A text is sent as it stands then.
  document.addEventListener("input", (event) => {
    const ask = event.target.closest?.(".ask[data-waits=form]");
    if (!ask || event.target.matches("[data-draft]")) return;
    sessionStorage.removeItem(mine(UNSENT) + new URL(event.target.form.action).pathname);
    delete ask.dataset.waits;
    tell(ask, "changed");
  });

  // ── sending again ──

  function later() {
    clearTimeout(timer);
    timer = setTimeout(sendAgain, 1000 * WAITS[Math.min(failures++, WAITS.length - 1)]);
  }
  window.addEventListener("online", () => sendAgain());

  function unsent() {
    return owner() ? Object.keys(sessionStorage).filter((name) => name.startsWith(mine(UNSENT))) : [];
  }

  function sendAgain() {
    clearTimeout(timer);
    for (const name of unsent()) {
      const action = name.slice(mine(UNSENT).length);
      const form = formFor(action);
      if (!form) sendUnseen(name, action);
      else if (form.closest(".ask").dataset.waits === "form") form.requestSubmit();
      else form.querySelector("[data-draft]")?.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // Its form is not on this page: somebody went on to another lesson.
  async function sendUnseen(name, action) {
    const body = new URLSearchParams(sessionStorage.getItem(name));
    try {
      const answer = await fetch(action, { method: "POST", body, redirect: "manual", headers: { "HX-Request": "true" } });
      if (isTemporary(answer.status)) later();
      else if (answer.status !== 401) sessionStorage.removeItem(name);
    } catch {
      later();
    }
  }

  // ── after a reload: what waited is filled in and sent, then what was typed since ──

  function restore() {
    const main = document.querySelector("[data-drafts]");
    if (!main) return;
    forget((name) => ![DRAFT, UNSENT].some((kind) => name.startsWith(mine(kind))));
    if (!("resumed" in main.dataset)) resume(main);
    for (const field of document.querySelectorAll("[data-draft]:not([data-restored])")) {
      field.dataset.restored = "";
      const draft = sessionStorage.getItem(nameOf(field));
      if (draft === null || draft === field.value) continue;
      field.value = draft;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function resume(main) {
    main.dataset.resumed = "";
    for (const name of unsent()) {
      const form = formFor(name.slice(mine(UNSENT).length));
      if (!form) continue;
      const body = new URLSearchParams(sessionStorage.getItem(name));
      const ask = form.closest(".ask");
      ask.dataset.waits = body.has("concept") ? "text" : "form";
      fill(form, body);
      tell(ask, "offline");
    }
    tellAll();
    clearTimeout(timer);
    timer = setTimeout(sendAgain); // once what was typed since is filled in as well
  }

  function fill(form, body) {
    for (const field of form.elements) {
      const values = body.getAll(field.name);
      if (!field.name || field.disabled) continue;
      if (field.matches("[type=radio], [type=checkbox]")) field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Not before htmx listens, so that a restored note saves itself: it begins in a timeout of its own, set before this one.
  document.addEventListener("DOMContentLoaded", () => setTimeout(restore));
  document.addEventListener("htmx:after:process", restore);

  // ── drafts ──

  const nameOf = (field) => `${mine(DRAFT)}${location.pathname}:${field.id}`;

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-draft]") && owner()) sessionStorage.setItem(nameOf(event.target), event.target.value);
  });

  function forgetDrafts(form) {
    for (const field of form.querySelectorAll("[data-draft]")) {
      // What was typed while the answer was under way is not saved yet.
      if (!form.isConnected || field.dataset.sent === field.value) sessionStorage.removeItem(nameOf(field));
    }
  }

  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action, location.href).pathname === "/afmelden") forget(() => true);
  });

  function forget(wanted) {
    for (const name of Object.keys(sessionStorage)) {
      if ((name.startsWith(DRAFT) || name.startsWith(UNSENT)) && wanted(name)) sessionStorage.removeItem(name);
    }
  }
})();
