// Saves a draft a moment after each change; without script the save buttons do the same.
"use strict";
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const told = document.getElementById("autosaved");
  const revision = form.querySelector('input[name="revision"]');
  let timer = 0;
  let running = Promise.resolve();
  let isLeaving = false;
  let isSaving = false;
  const send = async () => {
    const values = new FormData(form);
    values.set("auto", "yes");
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(values), credentials: "same-origin" });
    if (answer.status === 409) told.textContent = form.dataset.stale;
    if (!answer.ok) return;
    const saved = await answer.json();
    revision.value = saved.revision;
    told.textContent = form.dataset.autosave.replace("{}", saved.saved);
  };
  const save = async () => {
    if (isLeaving) return;
    isSaving = true;
    try { await send(); } finally { isSaving = false; }
  };
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { running = running.then(save, save); }, 600);
  });
  // What is on its way is let through first, else the revision that is sent would be an old one.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (isLeaving || !isSaving) return;
    isLeaving = true;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    running.finally(() => form.requestSubmit(button));
  });
}
