// The pages work without a script; this only says when a page stands still, for tests and screen readers.

const ready = () => { document.body.dataset.ready = "yes"; };
const busy = () => { delete document.body.dataset.ready; };

addEventListener("DOMContentLoaded", () => {
  document.body.addEventListener("htmx:beforeRequest", busy);
  document.body.addEventListener("htmx:afterSettle", ready);
  document.body.addEventListener("htmx:responseError", ready);
  if (!document.querySelector('[hx-trigger="load"]')) ready();
});
