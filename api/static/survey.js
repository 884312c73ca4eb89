// A survey on a phone: one group of questions a screen, kept on the server as you go, and looked over before it is sent.
// Without script the whole form stands on one page, with a button that keeps the draft.
"use strict";
for (const form of document.querySelectorAll("form[data-steps]")) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const told = document.getElementById("draft-saved");
  let timer = 0;
  let isSaving = false;
  let running = Promise.resolve();
  const send = async () => {
    isSaving = true;
    const values = new FormData(form);
    values.set("auto", "yes");
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(values), credentials: "same-origin", keepalive: true }).catch(() => null);
    isSaving = false;
    if (answer?.ok) told.textContent = form.dataset.saved.replace("{}", (await answer.json()).saved);
    else told.textContent = answer?.status === 410 ? form.dataset.closed : form.dataset.unsaved;
  };
  const keep = () => {
    clearTimeout(timer);
    timer = 0;
    running = running.then(send);
  };
  form.addEventListener("change", () => {
    clearTimeout(timer);
    if (form.dataset.draft) timer = setTimeout(keep, 600);
  });
  addEventListener("online", () => { if (form.dataset.draft && told.textContent === form.dataset.unsaved) keep(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && timer) keep(); });
  // A draft on its way is let through first: after the answer it would look like something unsent.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    timer = 0;
    if (!isSaving) return;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    running.then(() => form.requestSubmit(button));
  });
  if (!window.matchMedia("(max-width: 40rem)").matches || form.querySelector(".fault")) continue;

  const bar = document.createElement("div");
  bar.className = "actions steps-bar";
  const counter = document.createElement("p");
  counter.className = "soft";
  counter.setAttribute("role", "status");
  const back = document.createElement("button");
  back.type = "button";
  back.className = "quiet";
  back.textContent = form.dataset.back;
  const next = document.createElement("button");
  next.type = "button";
  next.textContent = form.dataset.next;
  bar.append(back, next);
  const last = form.querySelector("[data-last]");
  form.insertBefore(counter, steps[0]);
  form.insertBefore(bar, last);
  const summary = last.querySelector("[data-summary]");

  const sumUp = () => {
    summary.replaceChildren();
    for (const field of form.querySelectorAll("fieldset.field, fieldset.row, .field:has(> select)")) {
      if (field.closest("details:not([open])")) continue;
      const name = field.querySelector("legend, label");
      const chosen = [...field.querySelectorAll("input:checked")].map((one) => field.querySelector(`label[for="${one.id}"]`).textContent);
      const select = field.querySelector("select");
      if (select) chosen.push(select.selectedOptions[0].textContent);
      if (field.classList.contains("row") && field.querySelector('input[value="0"]:checked')) continue;
      const term = document.createElement("dt");
      term.textContent = name.textContent;
      const told = document.createElement("dd");
      told.textContent = chosen.join(", ") || form.dataset.nothing;
      summary.append(term, told);
    }
  };
  let at = Math.min(history.state?.step ?? 0, steps.length);
  const show = (moves) => {
    steps.forEach((step, number) => { step.hidden = number !== at; });
    last.hidden = at < steps.length;
    next.hidden = at === steps.length;
    back.hidden = at === 0;
    counter.textContent = form.dataset.counter.replace("{}", at + 1).replace("{}", steps.length + 1);
    if (at === steps.length) sumUp();
    if (moves) counter.scrollIntoView({ block: "start" });
  };
  // Each step is a place in the browser's history: its own way back leads to the step before.
  next.addEventListener("click", () => {
    at += 1;
    history.pushState({ step: at }, "");
    show(true);
  });
  back.addEventListener("click", () => { history.back(); });
  addEventListener("popstate", (event) => {
    at = Math.min(event.state?.step ?? 0, steps.length);
    show(true);
  });
  show(false);
}
