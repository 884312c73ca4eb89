// Circles as a board: one kind at a time, an RC dragged to another circle or RC, and the map that lights up.
// Without script all kinds stand below each other and the form moves an RC.
"use strict";
for (const area of document.querySelectorAll("[data-tabs]")) {
  // The links of the kinds show one kind at a time; an address with # leads to its own.
  const tabs = [...area.querySelectorAll("[data-tab]")];
  const show = () => {
    const asked = tabs.find((tab) => tab.hash === location.hash) || tabs[0];
    for (const tab of tabs) {
      document.getElementById(tab.dataset.tab).hidden = tab !== asked;
      if (tab === asked) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  };
  if (tabs.length > 1) {
    for (const tab of tabs) {
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        history.replaceState(history.state, "", tab.hash);
        show();
      });
    }
    addEventListener("hashchange", show);
    show();
  }
}
for (const area of document.querySelectorAll("[data-moves]")) {
  const form = document.getElementById(area.dataset.moves);
  if (!form) continue;
  const what = form.elements[form.dataset.what];
  const where = form.elements[form.dataset.where];
  let held = null;
  // What every circle would say of the RC that is held: one question, asked as it is picked up.
  const ask = async (rc) => {
    for (const line of area.querySelectorAll(".verdict")) line.textContent = "";
    const answer = await fetch(`${area.dataset.costs}&rc=${encodeURIComponent(rc)}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || held !== rc) return;
    for (const one of await answer.json()) {
      const line = area.querySelector(`.circle[data-place="${one.place}"] .verdict`);
      if (!line) continue;
      line.textContent = one.text;
      line.className = `verdict ${one.kind}`;
    }
  };
  for (const thing of area.querySelectorAll("[data-held]")) {
    thing.draggable = true;
    for (const link of thing.querySelectorAll("a")) link.draggable = false;
    thing.addEventListener("dragstart", (event) => {
      held = thing.dataset.held;
      event.dataTransfer.setData("text/plain", held);
      event.dataTransfer.effectAllowed = "move";
      area.classList.add("is-moving");
      if (area.dataset.costs) ask(held);
    });
    thing.addEventListener("dragend", () => {
      held = null;
      area.classList.remove("is-moving");
    });
  }
  const choose = (place) => {
    if (what.value === held && where.value === place) return;
    what.value = held;
    where.value = place;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };
  for (const place of area.querySelectorAll("[data-place]")) {
    place.addEventListener("dragover", (event) => {
      if (held === null) return;
      event.preventDefault();
      event.stopPropagation();
      place.classList.add("drop-here");
      choose(place.dataset.place);
    });
    place.addEventListener("dragleave", () => place.classList.remove("drop-here"));
    place.addEventListener("drop", (event) => {
      if (held === null) return;
      event.preventDefault();
      event.stopPropagation();
      choose(place.dataset.place);
      form.requestSubmit();
    });
  }
}
{
  // Whoever points at a circle or an RC, or comes to it by keyboard, sees where it lies.
  const light = (event, isOn) => {
    const thing = event.target.closest("[data-lights]");
    if (!thing) return;
    for (const id of thing.dataset.lights.trim().split(" ")) {
      for (const area of document.querySelectorAll(`.circle-map [data-rc="${id}"]`)) area.classList.toggle("lit", isOn);
    }
  };
  for (const [kind, isOn] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(kind, (event) => light(event, isOn));
  }
}
