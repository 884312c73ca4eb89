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
  // On a narrow screen a row of rooms or of tabs begins with the one that one is in.
  for (const room of document.querySelectorAll(":is(.way, .tabs) [aria-current]")) {
    const row = room.closest("ul");
    row.scrollLeft = room.offsetLeft - (row.clientWidth - room.offsetWidth) / 2;
  }
}
{
  // A question that cannot be undone opens beside the page, holds the focus and gives it back.
  const asked = new WeakMap(); // what is folded -> its dialog
  const beside = (folded, opener) => {
    const body = folded.querySelector(".ask-body");
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    dialog.setAttribute("aria-label", body.getAttribute("aria-label"));
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet";
    close.textContent = body.dataset.close;
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => opener.focus());
    body.append(close);
    dialog.append(body);
    document.body.append(dialog);
    return dialog;
  };
  document.addEventListener("click", (event) => { // also in what the server sends in place of a part
    const opener = event.target.closest("details.ask > summary");
    if (!opener) return;
    event.preventDefault();
    const folded = opener.parentElement;
    if (!asked.has(folded)) asked.set(folded, beside(folded, opener));
    asked.get(folded).showModal();
  });
}
{
  // An address that aims at something folded opens it; one that aims at a question, or into it, asks it.
  const aim = (hash) => {
    const aimed = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!aimed) return;
    for (let fold = aimed.closest("details"); fold; fold = fold.parentElement?.closest("details")) {
      fold.open = !fold.matches(".ask");
      if (!fold.open) fold.querySelector("summary").click();
    }
    if (aimed.matches("input, select, textarea")) aimed.focus();
  };
  addEventListener("hashchange", () => aim(location.hash));
  // A form that was refused has come back: the first of what is to be put right is gone to.
  aim(document.querySelector("#refusal a")?.hash ?? location.hash);
}
{
  // A form that only asks shows its answer as it is filled in; its button does the same without script.
  for (const form of document.querySelectorAll("form[data-shows]")) {
    let asked = "";
    const ask = async () => {
      const query = new URLSearchParams(new FormData(form)).toString();
      if (query === asked || !form.checkValidity()) return;
      asked = query;
      form.setAttribute("aria-busy", "true");
      const address = new URL(form.action);
      address.search = query;
      const answer = await fetch(address).catch(() => null);
      form.removeAttribute("aria-busy");
      if (!answer || asked !== query) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What was shown is not true of what is written now: where that cannot be used, its faults are.
      const faults = [...page.querySelectorAll("#faults li")].map((one) => one.textContent).join(" ");
      for (const [number, name] of form.dataset.shows.split(" ").entries()) {
        const [place, found] = [document.getElementById(name), page.getElementById(name)];
        if (place.contains(document.activeElement)) continue;
        const typed = [...place.querySelectorAll("input[id], textarea[id]")].filter((one) => one.value !== one.defaultValue);
        place.replaceChildren(...(found ? found.childNodes : []));
        for (const one of typed) {
          const field = document.getElementById(one.id);
          if (field) field.value = one.value; // what was written meanwhile stays
        }
        if (faults && number === 0) place.textContent = faults;
      }
      address.hash = "";
      if (answer.ok && address.pathname === location.pathname) history.replaceState(history.state, "", address);
    };
    form.addEventListener("change", ask);
  }
}
{
  // What was just done is said once: a reload or a bookmark does not say it again.
  const receipt = document.querySelector(".receipt");
  if (receipt) {
    const address = new URL(location.href);
    for (const name of ["kvitto", "klart"]) address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
    receipt.after(receipt.cloneNode(false)); // a new region, so that what is put in it is read out
    const said = receipt.nextElementSibling;
    setTimeout(() => said.append(...receipt.childNodes), 0);
    receipt.remove();
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.setAttribute("aria-label", said.dataset.close);
    close.textContent = "×";
    close.addEventListener("click", () => said.remove());
    setTimeout(() => said.append(close), 0);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) said.remove();
    });
    // What cannot be undone needs no staying; whoever reads it or points at it keeps it.
    const leave = () => {
      if (said.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else said.remove();
    };
    if (said.classList.contains("done")) setTimeout(leave, 10000);
  }
}
{
  // A press is one press: what is on its way is not sent again, and the button says so.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    setTimeout(free, 15000, form); // an answer that is a file leaves the page as it is
  });
  const free = (form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  };
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));
}
{
  // Search: "/" leads to the box, what is found comes as one types, arrows walk it, Escape leaves it.
  const form = document.querySelector(".site-header .search");
  const box = form && form.querySelector("input");
  const isTyping = (one) => one.matches("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!box || isTyping(document.activeElement) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
  if (box) {
    const shown = document.createElement("div");
    shown.className = "search-found";
    shown.hidden = true;
    form.append(shown);
    let asked = "";
    let waiting = 0;
    const ask = async () => {
      const query = box.value.trim();
      if (query === asked) return;
      asked = query;
      if (query.length < 2) {
        shown.hidden = true;
        return;
      }
      const address = `${form.action}?${new URLSearchParams({ q: query })}`;
      const answer = await fetch(address, { headers: { "X-Part": "found" } }).catch(() => null);
      if (!answer || !answer.ok || asked !== query) return;
      shown.innerHTML = await answer.text();
      shown.hidden = false;
    };
    box.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 120);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        shown.hidden = true;
        asked = "";
        box.focus();
        return;
      }
      if (shown.hidden || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
      event.preventDefault();
      const stops = [box, ...shown.querySelectorAll("a")];
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = stops.indexOf(document.activeElement) + step;
      stops[Math.max(0, Math.min(stops.length - 1, next))].focus();
    });
    form.addEventListener("focusout", (event) => {
      if (!form.contains(event.relatedTarget)) shown.hidden = true;
    });
  }
}
