// What the theme leaves out for people who use a keyboard or a screen reader.

function label(selector, attributes) {
  for (const element of document.querySelectorAll(selector)) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }
}

/** What is wider than its place can be scrolled with the arrow keys, once it has the focus. */
function makeScrollableFocusable() {
  for (const element of document.querySelectorAll("pre, .table-wrapper, .formula")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  label(".sidebar-drawer", { "aria-label": "Pages" });
  label(".toc-drawer", { "aria-label": "On this page" });
  label(".caption[role=heading]", { "aria-level": "2" });
  label("dt dl", { role: "presentation" }); // arguments on lines of their own
  makeScrollableFocusable();
});
window.addEventListener("resize", makeScrollableFocusable);
