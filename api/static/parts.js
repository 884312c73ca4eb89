// Parts of a page as tabs: one is shown at a time. Without script, and on paper, all stand one after the other.
"use strict";
{
  let chosen = "";
  const show = () => {
    const links = [...document.querySelectorAll("[data-part]")];
    const names = links.map((one) => one.dataset.part);
    if (!names.includes(chosen)) {
      const hash = document.querySelector("#refusal a")?.hash ?? location.hash;
      const aimed = hash.length > 1 ? document.getElementById(hash.slice(1)) : null;
      chosen = aimed?.closest("[data-part-of]")?.dataset.partOf ?? names[0];
    }
    for (const one of links) {
      if (one.dataset.part === chosen) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    for (const one of document.querySelectorAll("[data-part-of]")) one.classList.toggle("part-off", one.dataset.partOf !== chosen);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-part]");
    if (!link) return;
    event.preventDefault();
    chosen = link.dataset.part;
    show();
  });
  // What the server sends in place of a part comes with all parts showing.
  new MutationObserver(show).observe(document.querySelector("main"), { childList: true, subtree: true });
  show();
}
