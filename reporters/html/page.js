"use strict";
const filters = document.getElementById("filters");
if (filters) {
  // Browsers take a second to lay out thousands of findings, and with
  // content-visibility a minute to find the next stop of the keyboard. So the first
  // 250 that match are shown, until somebody asks for all.
  const first = 250;
  const sections = Array.from(document.querySelectorAll("section.model"), (element) => ({
    element, articles: Array.from(element.querySelectorAll("article"), (a) => ({ element: a, severity: a.dataset.severity, rule: a.dataset.rule, words: null })),
  }));
  const total = sections.reduce((n, s) => n + s.articles.length, 0);
  const boxes = Array.from(filters.querySelectorAll("input[name=severity]"));
  const rule = document.getElementById("rule");
  const text = document.getElementById("text");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const more = document.getElementById("more");
  const hide = (element, hidden) => { if (element.hidden !== hidden) element.hidden = hidden; };
  const matches = (a, words) => {
    if (a.words === null) a.words = a.element.textContent.toLowerCase();
    return a.words.includes(words);
  };
  const apply = (most) => {
    const on = new Set(boxes.filter((b) => b.checked).map((b) => b.value));
    const words = text.value.toLowerCase();
    let n = 0;
    for (const s of sections) {
      let some = false;
      for (const a of s.articles) {
        const match = on.has(a.severity) && (!rule.value || rule.value === a.rule) && (!words || matches(a, words));
        if (match) n++;
        hide(a.element, !match || n > most);
        if (match && n <= most) some = true;
      }
      hide(s.element, !some);
    }
    hide(none, n > 0);
    hide(more, n <= most);
    shown.textContent = n <= most ? n + " of " + total + " shown" : n + " of " + total + " match, the first " + most + " are shown";
  };
  const lead = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || target.getClientRects().length > 0) return;
    for (const b of boxes) b.checked = true;
    rule.value = text.value = "";
    apply(Infinity);
    target.scrollIntoView();
  };
  filters.addEventListener("input", () => apply(first));
  more.addEventListener("click", () => { apply(Infinity); shown.scrollIntoView({ block: "nearest" }); });
  addEventListener("beforeprint", () => apply(Infinity));
  addEventListener("afterprint", () => apply(first));
  addEventListener("hashchange", lead);
  filters.hidden = false;
  apply(first);
  lead();
}
