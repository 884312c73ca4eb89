// A programme's grid: sessions are dragged, or picked up by keyboard, and every place says what it would mean first.
// Without script each session's link opens a form in its place, which does the same.
"use strict";
{
  let board, held, target, value, verdicts, ghost, label, line, day, armed, pickedUp, isTouch = false, asked = 0;
  const find = (selector) => document.querySelector(selector);
  const places = () => [...board.querySelectorAll("td[data-place]")];
  const isShown = (place) => place.offsetParent !== null;
  const say = (text) => { find("#cost").textContent = text; };
  const card = (key) => board.querySelector(`[data-held="${CSS.escape(key)}"]`);

  const showDay = (id) => {
    day = id;
    for (const one of board.querySelectorAll(".board-day")) one.hidden = one.id !== id;
    for (const tab of board.querySelectorAll("[data-day]")) {
      if (tab.dataset.day === id) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  };

  // Who holds what: the others are told what is picked up here, and what they hold is said on the session.
  let others = {}, telling = Promise.resolve({});
  const showHeld = (now) => {
    others = now;
    for (const one of board.querySelectorAll(".held-by")) one.remove();
    for (const [key, text] of Object.entries(others)) {
      const line = document.createElement("span");
      line.className = "held-by small";
      line.textContent = text;
      card(key)?.append(line);
    }
    return others;
  };
  const tell = (key) => { // one after the other, so that the last word is the last that comes
    telling = telling.then(async () => {
      const data = new FormData(find("#board-move"));
      data.set("key", key);
      const answer = await fetch(`${board.dataset.board}/upplockat`, { method: "POST", body: new URLSearchParams(data) });
      return answer.ok ? showHeld((await answer.json()).held) : {};
    }).catch(() => ({}));
    return telling;
  };

  const set = () => {
    board = find("[data-board]");
    const days = [...board.querySelectorAll(".board-day")].map((one) => one.id);
    const chosen = board.querySelector(".is-chosen")?.closest(".board-day");
    const asked = location.hash.slice(1);
    if (chosen) day = chosen.id;
    else if (days.includes(asked) && !day) day = asked;
    board.classList.add("is-live");
    board.classList.toggle("has-tabs", days.length > 1);
    showDay(days.includes(day) ? day : days[0]);
    showHeld(others);
  };

  // A place is brought into view above the bar, however high the bar is with what it says.
  const reveal = (place) => {
    place.scrollIntoView({ block: "nearest", inline: "nearest" });
    const below = place.getBoundingClientRect().bottom - find(".board-bar").getBoundingClientRect().top;
    if (below > 0) scrollBy(0, below + 8);
  };

  // The page as the server has it now takes the place of what is shown: scroll, day and focus stay.
  const take = (html, key) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#live");
    if (!fresh) return false;
    const isFiltering = find(".board-filter").open;
    find("#live").replaceWith(fresh);
    set();
    if (isFiltering) find(".board-filter").open = true; // who takes the last choice away goes on choosing
    const focused = key && card(key);
    if (focused) {
      const its = focused.closest(".board-day");
      if (its && its.hidden) showDay(its.id);
      focused.querySelector("a")?.focus({ preventScroll: true });
    }
    const status = find("#cost");
    const text = status.innerHTML; // what is put into a region that is there already is read out
    status.textContent = "";
    requestAnimationFrame(() => {
      status.innerHTML = text;
      if (focused) reveal(focused);
    });
    history.replaceState(history.state, "", location.pathname);
    return true;
  };

  const refusal = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    return [...page.querySelectorAll("main h1, main h1 ~ p")].slice(0, 2).map((one) => one.textContent.trim().replace(/[^.!?]$/, "$&.")).join(" ");
  };

  // What is looked for is remembered as long as the tab is open, whoever moves what meanwhile.
  const sought = () => {
    const kept = sessionStorage.getItem(`board-filter ${location.pathname}`) ?? "";
    return kept ? `?${kept}` : "";
  };

  let reloads = 0;
  const reload = async (key) => {
    const mine = ++reloads;
    const answer = await fetch(location.pathname + sought());
    const html = await answer.text();
    return answer.ok && mine === reloads && take(html, key); // an older answer that comes late is not shown
  };

  const send = async (action, data, key) => {
    board.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(action, { method: "POST", body: new URLSearchParams(data) });
      const html = await answer.text();
      if (answer.ok && sought()) { await reload(key); return; }
      if (answer.ok && take(html, key)) return;
      const said = refusal(html) || board.dataset.failed;
      if (answer.status === 409) await reload(key);
      requestAnimationFrame(() => requestAnimationFrame(() => say(said)));
    } catch {
      say(board.dataset.failed);
    } finally {
      board.removeAttribute("aria-busy");
    }
  };

  // What changes the height of places does not move what is looked at.
  const still = (thing, change) => {
    const before = thing.getBoundingClientRect().top;
    change();
    if (thing.isConnected && isShown(thing)) scrollBy(0, thing.getBoundingClientRect().top - before);
  };

  const showVerdicts = () => {
    for (const place of board.querySelectorAll("[data-place]")) {
      const one = verdicts.get(place.dataset.place);
      if (!one) continue;
      place.dataset.verdict = one.kind;
      const line = document.createElement("span");
      line.className = "what-it-means";
      line.textContent = one.what;
      place.append(line);
    }
  };
  const offerBest = ([best]) => {
    const button = board.querySelector("button[data-best]");
    button.hidden = !best;
    if (!best) return;
    button.dataset.best = best.value;
    button.textContent = board.dataset.bestText.replace("{place}", best.text);
  };

  const pick = async (key) => {
    held = key;
    verdicts = null;
    const mine = ++asked;
    find(".receipt.done")?.remove(); // read by now, and in the way
    board.classList.add("is-picking");
    card(key).classList.add("is-held-up");
    const title = card(key).querySelector(".pass-title").textContent.trim();
    pickedUp = (isTouch ? board.dataset.pickTouch : board.dataset.pick).replace("{title}", title);
    say(`${pickedUp} ${board.dataset.wait}`);
    const answer = await fetch(`${board.dataset.board}/omdome/${encodeURIComponent(key)}`);
    if (held !== key || mine !== asked || !answer.ok) return;
    const judged = await answer.json();
    if (held !== key || mine !== asked) return;
    const theirs = tell(key); // whoever waits for the verdict does not wait for what others are told
    if (String(judged.version) !== board.dataset.version) {
      const said = board.dataset.other;
      letGo();
      await reload(key);
      requestAnimationFrame(() => requestAnimationFrame(() => say(said)));
      return;
    }
    verdicts = new Map(judged.places.map((one) => [one.value, one]));
    still(card(key), showVerdicts);
    offerBest(judged.best);
    say(pickedUp);
    if (target) aim(target, MOMENT.test(value) ? value : undefined);
    const holder = (await theirs)[key];
    if (holder && held === key) say(`${holder}. ${find("#cost").textContent}`);
  };

  // What is aimed at: a place of the grid, or (`at`) a moment in a room where no place begins.
  const aim = (place, at) => {
    target?.classList.remove("drop-here");
    if (!at) { line?.remove(); line = null; }
    target = place;
    value = at ?? place?.dataset.place;
    if (!place) { if (label) label.textContent = ""; return; }
    if (!at) place.classList.add("drop-here");
    const one = verdicts?.get(value);
    const text = one ? one.text : at ? board.dataset.wait : place.title || board.dataset.out;
    if (label) {
      label.textContent = text;
      label.dataset.verdict = one ? one.kind : "";
    }
    if (line) line.dataset.verdict = one ? one.kind : "";
    if (verdicts && !at && place.contains(card(held))) say(pickedUp);
    else if (verdicts || !label) say(text);
    if (at && verdicts && !one) ask(at);
  };

  // A moment that is no place of the grid is judged when it is aimed at, once each.
  const asking = new Set();
  const ask = async (at) => {
    const [key, mine] = [held, asked];
    if (asking.has(at)) return;
    asking.add(at);
    const answer = await fetch(`${board.dataset.board}/omdome/${encodeURIComponent(key)}?plats=${encodeURIComponent(at)}`).catch(() => null);
    asking.delete(at);
    if (!answer?.ok || held !== key || mine !== asked) return;
    const one = await answer.json();
    verdicts.set(at, one ?? { kind: "", text: board.dataset.home });
    if (value === at) aim(target, at);
  };

  // The ruler: each row says when it begins and how long it is; heights are read each time, never kept.
  const MAGNET = 10, MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d\|/;
  const minutesOf = (moment) => 60 * Number(moment.slice(11, 13)) + Number(moment.slice(14, 16));
  const momentAt = (row, minutes) => `${row.dataset.begins.slice(0, 11)}${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const rowsOf = (its) => [...its.querySelectorAll("tr[data-begins]")].filter((row) => row.offsetHeight);
  const rowOf = (rows, minutes) => rows.findLast((row) => minutesOf(row.dataset.begins) <= minutes);
  const longOf = (thing) => Number(thing.querySelector(".edge")?.dataset.minutes || thing.dataset.minutes || 60);
  const placeAt = (its, moment, room) => {
    const inRoom = [...its.querySelectorAll("td[data-place]")].filter((one) => one.dataset.place.endsWith(`|${room}`));
    return inRoom.find((one) => one.parentElement.dataset.begins === moment);
  };
  const aimAt = (its, minutes, room) => {
    const rows = rowsOf(its);
    const row = rowOf(rows, minutes) ?? rows[0];
    const moment = momentAt(row, minutes);
    const place = placeAt(its, moment, room);
    if (value === (place?.dataset.place ?? `${moment}|${room}`)) return;
    if (place) { aim(place); return; }
    const head = its.querySelector(`th[data-room="${CSS.escape(room)}"]`).getBoundingClientRect();
    const box = row.getBoundingClientRect();
    line ??= document.body.appendChild(Object.assign(document.createElement("p"), { className: "drop-line" }));
    line.textContent = moment.slice(11).replace(":", board.dataset.colon);
    line.style.inlineSize = `${head.width}px`;
    line.style.transform = `translate(${head.left}px, ${box.top + box.height * (minutes - minutesOf(row.dataset.begins)) / Number(row.dataset.long)}px)`;
    aim(row, `${moment}|${room}`);
  };
  // Where a dragged card's upper edge points: a place that begins within ten minutes, else the nearest five minutes.
  const under = (x, y, snap) => {
    const its = [...board.querySelectorAll(".board-day")].find((one) => !one.hidden);
    const box = its.getBoundingClientRect();
    const head = [...its.querySelectorAll("th[data-room]")].find((one) => {
      const { left, right } = one.getBoundingClientRect();
      return x >= left && x < right;
    });
    if (!head || y < box.top - 60 || y > box.bottom) return null;
    const rows = rowsOf(its);
    const row = rows.findLast((one) => one.getBoundingClientRect().top <= y) ?? rows[0];
    const { top, height } = row.getBoundingClientRect();
    const begins = minutesOf(row.dataset.begins), last = rows.at(-1);
    const exact = Math.max(begins + (y - top) / height * Number(row.dataset.long), minutesOf(rows[0].dataset.begins));
    const near = rows.find((one) => Math.abs(minutesOf(one.dataset.begins) - exact) <= MAGNET && placeAt(its, one.dataset.begins, head.dataset.room));
    const end = minutesOf(last.dataset.begins) + Number(last.dataset.long) - SNAP;
    const minutes = near ? minutesOf(near.dataset.begins) : Math.min(snap * Math.round(exact / snap), end);
    const cell = [...its.querySelectorAll("td[data-place]")].find((one) => {
      const { left, right, top: upper, bottom } = one.getBoundingClientRect();
      return left <= x && x < right && upper <= y && y < bottom;
    });
    return { its, minutes, room: head.dataset.room, cell: near ? null : cell };
  };
  const isOthers = (cell) => cell?.querySelector("[data-held]") && !cell.contains(card(held));

  const letGo = () => {
    tell("");
    target?.classList.remove("drop-here");
    board.classList.remove("is-picking");
    still(target ?? card(held), () => {
      for (const one of board.querySelectorAll("[data-verdict]")) delete one.dataset.verdict;
      for (const one of board.querySelectorAll(".what-it-means")) one.remove();
    });
    for (const one of board.querySelectorAll(".is-held-up")) one.classList.remove("is-held-up");
    for (const one of [ghost, label, line]) one?.remove();
    held = target = value = verdicts = ghost = label = line = armed = null;
  };

  const drop = () => {
    const [key, place, at] = [held, target, value];
    const isHome = !place || (at === place.dataset.place && place.contains(card(key)));
    letGo();
    if (isHome) { say(board.dataset.home); return; }
    const form = find("#board-move");
    const data = new FormData(form);
    data.set("key", key);
    data.set("place", at);
    send(form.action, data, key);
  };

  // The lower edge: by pointer five minutes at a time, with Shift fifteen; with Shift and the arrows five.
  const SNAP = 5, COARSE = 15, PER_MINUTE = 56 / 60, SHORTEST = 5, LONGEST = 480;
  let stretched = null;
  const stretch = (minutes, snap = SNAP) => {
    stretched.minutes = Math.min(Math.max(snap * Math.round(minutes / snap), SHORTEST), LONGEST);
    stretched.card.style.blockSize = `${stretched.height * stretched.minutes / stretched.from}px`;
    say(board.dataset.long.replace("{title}", stretched.title).replace("{minutes}", stretched.minutes));
  };
  const takeEdge = (thing, y) => {
    const edge = thing.querySelector(".edge");
    const from = Number(edge.dataset.minutes);
    stretched = { card: thing, key: thing.dataset.held, from, minutes: from, y, height: thing.getBoundingClientRect().height,
      title: thing.querySelector(".pass-title").textContent.trim() };
    thing.classList.add("is-stretched");
  };
  const letEdgeGo = (isKept) => {
    const { card: thing, key, from, minutes } = stretched;
    stretched = null;
    thing.classList.remove("is-stretched");
    if (!isKept || minutes === from) { thing.style.blockSize = ""; say(board.dataset.home); return; }
    const form = find("#board-length");
    const data = new FormData(form);
    data.set("key", key);
    data.set("minutes", minutes);
    send(form.action, data, key).then(() => { if (thing.isConnected) thing.style.blockSize = ""; });
  };

  const within = (x, most) => Math.max(4, Math.min(x, most - 4));
  // Pointer: a press that moves is a drag; positions are read at each move and never kept.
  let from = null;
  document.addEventListener("pointerdown", (event) => {
    isTouch = event.pointerType === "touch";
    if (!board || event.button !== 0 || event.pointerType === "touch" || held) return;
    const thing = event.target.closest("[data-board] [data-held]");
    if (!thing || event.target.closest("form, select, button, [data-solve]")) return;
    if (event.target.closest(".edge")) { event.preventDefault(); takeEdge(thing, event.clientY); return; }
    const { top, height } = thing.getBoundingClientRect();
    from = { x: event.clientX, y: event.clientY, key: thing.dataset.held, moved: false, share: (event.clientY - top) / height };
  });
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("[data-board] [data-held]")) event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    if (stretched?.y !== undefined) {
      stretch(stretched.from + (event.clientY - stretched.y) * stretched.from / stretched.height, event.shiftKey ? COARSE : SNAP);
      return;
    }
    if (!from) return;
    if (!from.moved) {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < 5) return;
      from.moved = true;
      const thing = card(from.key);
      const box = thing.getBoundingClientRect();
      ghost = thing.cloneNode(true);
      ghost.className = "pass pass-ghost";
      ghost.removeAttribute("data-held");
      from.height = thing.closest(".tray") ? longOf(thing) * PER_MINUTE : box.height; // as tall as it is long
      ghost.style.inlineSize = `${box.width}px`;
      ghost.style.blockSize = `${from.height}px`;
      ghost.setAttribute("aria-hidden", "true");
      label = document.createElement("p");
      label.className = "pick-label";
      document.body.append(ghost, label);
      pick(from.key);
    }
    event.preventDefault();
    ghost.style.transform = `translate(${event.clientX + 8}px, ${event.clientY - from.share * from.height}px)`;
    const over = document.elementFromPoint(event.clientX, event.clientY);
    const tab = over?.closest("[data-day]");
    if (tab && tab.dataset.day !== day) showDay(tab.dataset.day);
    const tray = over?.closest("[data-tray]") ?? null, cell = over?.closest("td[data-place]");
    const at = tray ? null : under(event.clientX, event.clientY - from.share * from.height, event.shiftKey ? COARSE : SNAP);
    // On a card it changes places with it; beside the others it begins where its upper edge is.
    const place = cell && (isOthers(cell) || (at && isOthers(at.cell))) ? cell : at ? null : tray;
    if (at && !place) aimAt(at.its, at.minutes, at.room);
    else if (value !== place?.dataset.place) aim(place);
    // The verdict stands at the pointer, whole inside the window, whichever edge is near.
    const { width, height } = label.getBoundingClientRect();
    const x = event.clientX > innerWidth / 2 ? event.clientX - 12 - width : event.clientX + 12;
    const y = event.clientY - 12 - height;
    label.style.transform = `translate(${within(x, innerWidth - width)}px, ${y < 4 ? event.clientY + 24 : y}px)`;
    if (event.clientY < 30) scrollBy(0, -8);
    if (event.clientY > find(".board-bar").getBoundingClientRect().top - 10) scrollBy(0, 8);
  });
  document.addEventListener("pointerup", () => {
    if (stretched?.y !== undefined) { letEdgeGo(true); return; }
    const dragged = from?.moved;
    from = null;
    if (dragged && held) {
      addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); }, { capture: true, once: true });
      setTimeout(() => dispatchEvent(new Event("click", { cancelable: true })), 0);
      drop();
    }
  });
  document.addEventListener("pointercancel", () => { if (stretched) letEdgeGo(false); from = null; if (held) letGo(); });

  // A finger rests nowhere: where no words stand at a place, the first tap says them and the second drops.
  const mayDrop = (place, isKnown) => {
    const words = place.querySelector(".what-it-means");
    const isSaid = isKnown || !isTouch || armed === place || place.contains(card(held)) || (words && isShown(words));
    armed = place;
    if (!isSaid) say(`${find("#cost").textContent} ${board.dataset.again}`);
    return isSaid;
  };
  const putBack = () => {
    const key = held;
    from = null;
    letGo();
    card(key)?.querySelector("a")?.focus();
    say(board.dataset.home);
  };

  document.addEventListener("click", (event) => {
    if (!board) return;
    const tab = event.target.closest("[data-board] [data-day]");
    if (tab) { event.preventDefault(); showDay(tab.dataset.day); return; }
    if (held && event.target.closest("[data-put-back]")) { putBack(); return; }
    if (held && event.target.closest("[data-by-clock]")) {
      location.assign(`${board.dataset.board}?flytta=${encodeURIComponent(held)}#flytta`);
      return;
    }
    if (held && event.target.closest("[data-take-out]")) { aim(board.querySelector("[data-tray]")); drop(); return; }
    const best = held && event.target.closest("button[data-best]");
    const place = best ? board.querySelector(`td[data-place="${CSS.escape(best.dataset.best)}"]`) : held && event.target.closest("[data-board] [data-place]");
    if (place) {
      event.preventDefault();
      aim(place);
      if (mayDrop(place, best)) drop();
      return;
    }
    const link = event.target.closest("[data-board] [data-held] .pass-title");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      pick(link.closest("[data-held]").dataset.held);
      target = link.closest("[data-place]");
      value = target?.dataset.place;
    }
  });

  document.addEventListener("pointerover", (event) => {
    if (!held || from) return;
    const place = event.target.closest?.("[data-board] [data-place]");
    if (place && place !== target) aim(place);
  });

  // From a moment between places the arrows go on from the place that it is in.
  const placeNear = () => {
    if (!target?.matches("tr")) return null;
    const room = value.split("|")[1];
    const above = [...target.closest(".board-day").querySelectorAll("td[data-place]")].filter((one) => one.dataset.place.endsWith(`|${room}`) && one.parentElement.dataset.begins <= value);
    return above.at(-1);
  };

  const step = (key) => {
    const shown = places();
    const at = target && target.matches("td[data-place]") ? target : placeNear() ?? card(held)?.closest("td") ?? shown.find(isShown);
    const [slot, room] = at.dataset.place.split("|");
    const rooms = [...new Set(shown.map((one) => one.dataset.place.split("|")[1]))];
    const slots = [...new Set(shown.map((one) => one.dataset.place.split("|")[0]))];
    const get = (s, r) => shown.find((one) => one.dataset.place === `${slots[s]}|${rooms[r]}`);
    let [s, r] = [slots.indexOf(slot), rooms.indexOf(room)];
    const [ds, dr] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
    for (;;) {
      s += ds;
      r += dr;
      if (s < 0 || r < 0 || s >= slots.length || r >= rooms.length) return null;
      const next = get(s, r);
      if (next) return next;
    }
  };

  // Five minutes earlier or later than what is aimed at, in the same room.
  const nudge = (by) => {
    const start = target?.matches("td, tr") ? target : card(held)?.closest("td") ?? places().find(isShown);
    const its = start.closest(".board-day"), rows = rowsOf(its), last = rows.at(-1);
    const [moment, room] = MOMENT.test(value) ? value.split("|") : [start.closest("tr").dataset.begins, start.dataset.place.split("|")[1]];
    const end = minutesOf(last.dataset.begins) + Number(last.dataset.long) - SNAP;
    const minutes = Math.min(Math.max(minutesOf(moment) + by, minutesOf(rows[0].dataset.begins)), end);
    reveal(rowOf(rows, minutes));
    aimAt(its, minutes, room);
  };

  document.addEventListener("keydown", (event) => {
    isTouch = false;
    if (!board) return;
    const isField = event.target.closest("input, select, textarea");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !isField) {
      const form = board.querySelector(event.shiftKey ? "form[action$='/gor-om']" : "form[action$='/angra']");
      if (form) { event.preventDefault(); send(form.action, new FormData(form)); }
      return;
    }
    if (held && event.key === "Escape") {
      event.preventDefault();
      putBack();
      return;
    }
    if (held && event.key === "Enter" && !event.target.closest(".while-held")) {
      event.preventDefault();
      event.stopPropagation();
      drop();
      return;
    }
    if (held && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      aim(board.querySelector("[data-tray]"));
      return;
    }
    if (stretched && event.key === "Escape") { event.preventDefault(); letEdgeGo(false); return; }
    if (!event.key.startsWith("Arrow") || isField) return;
    const link = event.target.closest("[data-board] [data-held]");
    if (!held && !link) return;
    event.preventDefault();
    if (event.shiftKey && !held && link.querySelector(".edge") && /Up|Down/.test(event.key)) {
      if (!stretched) takeEdge(link);
      stretch(stretched.minutes + (event.key === "ArrowDown" ? SNAP : -SNAP));
      return;
    }
    if (held && event.shiftKey && /Up|Down/.test(event.key)) {
      nudge(event.key === "ArrowDown" ? SNAP : -SNAP);
      return;
    }
    if (held) {
      const next = step(event.key);
      if (!next) return;
      const its = next.closest(".board-day");
      if (its.hidden) showDay(its.id);
      aim(next);
      reveal(next);
      return;
    }
    // Nothing is picked up: the arrows walk from session to session.
    let place = link.closest("td");
    held = link.dataset.held;
    target = place;
    while ((place = step(event.key))) {
      target = place;
      if (place.querySelector("[data-held] a")) break;
    }
    held = target = value = null;
    const its = place?.closest(".board-day");
    if (its?.hidden) showDay(its.id);
    place?.querySelector("[data-held] a").focus();
  });

  document.addEventListener("keyup", (event) => { if (stretched && event.key === "Shift") letEdgeGo(true); });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.id !== "board-filter" || !board) return;
    const kept = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
    sessionStorage.setItem(`board-filter ${location.pathname}`, kept);
    const { id } = event.target;
    reload().then((isShown) => { if (isShown) document.getElementById(id)?.focus({ preventScroll: true }); });
  });

  // What is written in the tray's field leaves the others out at once; the server is asked when it is done.
  document.addEventListener("input", (event) => {
    if (event.target.id !== "tray-text") return;
    const sought = event.target.value.trim().toLocaleLowerCase();
    const all = [...board.querySelectorAll(".tray li")];
    for (const one of all) one.hidden = !one.dataset.text.toLocaleLowerCase().includes(sought);
    find("#tray-none").hidden = all.some((one) => !one.hidden);
  });

  // What the grid's own forms do is shown without a new page; what leads elsewhere leads there.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!board?.contains(form) || !/\/(flytta|langd|angra|gor-om|las|las-upp)$/.test(form.action)) return;
    event.preventDefault();
    const key = form.elements.key?.value;
    send(form.action, new FormData(form, event.submitter), key);
  });

  // Somebody else's moves show within five seconds, unless something is picked up here; so does what they hold.
  setInterval(async () => {
    if (!board || stretched || document.hidden || board.hasAttribute("aria-busy")) return;
    if (held) { tell(held); return; }
    if (from) return;
    if (board.contains(document.activeElement) && document.activeElement.closest("form")) return;
    const answer = await fetch(`${board.dataset.board}/version`).catch(() => null);
    if (!answer?.ok || held || from || board.hasAttribute("aria-busy")) return;
    const { version, held: theirs } = await answer.json();
    showHeld(theirs);
    if (String(version) !== board.dataset.version) {
      const said = board.dataset.other;
      const key = document.activeElement?.closest?.("[data-held]")?.dataset.held;
      await reload(key);
      requestAnimationFrame(() => requestAnimationFrame(() => say(said)));
    }
  }, 5000);

  if (find("[data-board]")) {
    set();
    if (sought() && !location.search) reload();
  }
}
