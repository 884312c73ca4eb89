// What the page kit does with script; every part works without it.
"use strict";
{
  const drops = () => document.querySelectorAll("details.drop[open]");
  // A menu that drops down closes by Escape, and when one presses or goes elsewhere.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const drop of drops()) {
      drop.open = false;
      if (drop.contains(document.activeElement)) drop.querySelector("summary").focus();
    }
  });
  for (const kind of ["pointerdown", "focusin"]) {
    document.addEventListener(kind, (event) => {
      for (const drop of drops()) if (!drop.contains(event.target)) drop.open = false;
    });
  }
  // On a narrow screen the row of rooms begins with the one that one is in.
  const room = document.querySelector(".way [aria-current]");
  if (room) {
    const row = room.closest("ul");
    row.scrollLeft = room.offsetLeft - (row.clientWidth - room.offsetWidth) / 2;
  }
}
