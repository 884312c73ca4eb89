// Lets what is marked data-held be dragged to what is marked data-place; without script the form does the same.
// While it is held over a place the form's fields say so, and a form that tells what a move costs hears the change.
"use strict";
for (const area of document.querySelectorAll("[data-moves]")) {
  const form = document.getElementById(area.dataset.moves);
  if (!form) continue;
  const what = form.elements[form.dataset.what];
  const where = form.elements[form.dataset.where];
  let held = null;
  for (const thing of area.querySelectorAll("[data-held]")) {
    thing.draggable = true;
    thing.addEventListener("dragstart", (event) => {
      held = thing.dataset.held;
      event.dataTransfer.setData("text/plain", held);
      event.dataTransfer.effectAllowed = "move";
      area.classList.add("is-moving");
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
