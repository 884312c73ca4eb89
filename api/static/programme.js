// Lets a session be dragged to another time and room; without script the form below does the same.
"use strict";
const form = document.getElementById("move-session");
if (form) {
  let held = null;
  for (const cell of document.querySelectorAll("[data-session]")) {
    cell.draggable = true;
    cell.addEventListener("dragstart", (event) => {
      held = cell.dataset.session;
      event.dataTransfer.setData("text/plain", held);
      event.dataTransfer.effectAllowed = "move";
    });
  }
  for (const place of document.querySelectorAll("[data-place]")) {
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("drop-here");
    });
    place.addEventListener("dragleave", () => place.classList.remove("drop-here"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!held) return;
      form.elements.key.value = held;
      form.elements.place.value = place.dataset.place;
      form.requestSubmit();
    });
  }
}
