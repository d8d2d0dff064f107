"use strict";
const filters = document.getElementById("filters");
if (filters) {
  const sections = Array.from(document.querySelectorAll("section.model"), (element) => ({
    element, articles: Array.from(element.querySelectorAll("article"), (a) => ({ element: a, severity: a.dataset.severity, rule: a.dataset.rule, words: null })),
  }));
  const total = sections.reduce((n, s) => n + s.articles.length, 0);
  const boxes = Array.from(filters.querySelectorAll("input[name=severity]"));
  const rule = document.getElementById("rule");
  const text = document.getElementById("text");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const hide = (element, hidden) => { if (element.hidden !== hidden) element.hidden = hidden; };
  const matches = (a, words) => {
    if (a.words === null) a.words = a.element.textContent.toLowerCase();
    return a.words.includes(words);
  };
  const apply = () => {
    const on = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
    const words = text.value.toLowerCase();
    let n = 0;
    for (const s of sections) {
      let some = false;
      for (const a of s.articles) {
        const show = on.has(a.severity) && (!rule.value || rule.value === a.rule) && (!words || matches(a, words));
        hide(a.element, !show);
        if (show) { n++; some = true; }
      }
      hide(s.element, !some);
    }
    hide(none, n > 0);
    shown.textContent = n + " of " + total + " shown";
  };
  filters.addEventListener("input", apply);
  filters.hidden = false;
  apply(); // a browser that goes back keeps what was typed
}
