// A survey on a phone: one group of questions a screen, kept on the server as you go, and looked over before it is sent.
// Without script the whole form stands on one page, with a button that keeps the draft.
"use strict";
for (const form of document.querySelectorAll("form[data-steps]")) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const told = document.getElementById("draft-saved");
  let timer = 0;
  const keep = async () => {
    if (!form.dataset.draft) return;
    const values = new FormData(form);
    values.set("auto", "yes");
    const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(values), credentials: "same-origin" });
    if (answer.ok) told.textContent = form.dataset.saved.replace("{}", (await answer.json()).saved);
  };
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { keep().catch(() => {}); }, 600);
  });
  form.addEventListener("submit", () => { clearTimeout(timer); });
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
      if (select && select.value) chosen.push(select.selectedOptions[0].textContent);
      if (!chosen.length || (field.classList.contains("row") && field.querySelector('input[value="0"]:checked'))) continue;
      const term = document.createElement("dt");
      term.textContent = name.textContent;
      const told = document.createElement("dd");
      told.textContent = chosen.join(", ");
      summary.append(term, told);
    }
  };
  let at = 0;
  const show = (moves) => {
    steps.forEach((step, number) => { step.hidden = number !== at; });
    last.hidden = at < steps.length;
    next.hidden = at === steps.length;
    back.hidden = at === 0;
    counter.textContent = form.dataset.counter.replace("{}", at + 1).replace("{}", steps.length + 1);
    if (at === steps.length) sumUp();
    if (moves) counter.scrollIntoView({ block: "start" });
  };
  next.addEventListener("click", () => { at += 1; show(true); });
  back.addEventListener("click", () => { at -= 1; show(true); });
  show(false);
}
