// Saves a draft a moment after the last letter, and when the page is left; without script the save buttons do the same.
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
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(values), credentials: "same-origin", keepalive: true });
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
  const now = () => {
    clearTimeout(timer);
    timer = 0;
    running = running.then(save, save);
  };
  for (const what of ["input", "change"]) form.addEventListener(what, () => {
    clearTimeout(timer);
    timer = setTimeout(now, 1000);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden && timer) now(); });
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
