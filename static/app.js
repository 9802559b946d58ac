// What JavaScript adds to pages that work without it. Small pieces, each on its own; nothing here is needed to finish a task.

// After a page came in by htmx, focus would fall to the body: put it on the title, so that a screen reader announces the page.
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const title = document.querySelector("[autofocus]") ?? document.querySelector("h1");
  if (!title) return;
  if (!title.hasAttribute("tabindex")) title.tabIndex = -1;
  title.focus({ preventScroll: true });
});
