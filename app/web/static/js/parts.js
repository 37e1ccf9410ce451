// After a change: fetch the parts of the page anew and replace what differs, keeping what is the same in place.

import { Problem, problemFrom } from "./api.js";
import { call, changed, readCall } from "./store.js";

let asked = 0;

export async function refreshParts() {
  const mine = ++asked;
  const text = await load();
  if (mine !== asked) return;
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const next = fresh.getElementById(part.id);
    if (!next) continue;
    if (part.id === "conversation") replaceTurns(part, next);
    else if (part.innerHTML !== next.innerHTML) replace(part, next);
  }
  readCall();
  document.title = `${call.title} – Both Sides`;
  changed(JSON.parse(fresh.getElementById("words").textContent));
}

async function load() {
  let answer;
  try {
    answer = await fetch(`/calls/${call.id}/conversation`);
  } catch {
    throw new Problem("It is saved, but the page could not be brought up to date: the server cannot be reached. Reload the page later.");
  }
  if (!answer.ok) throw problemFrom(answer.status, await answer.text());
  return answer.text();
}

function replace(part, next) {
  const open = [...part.querySelectorAll("details[open]")].map((details) => details.id);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceChildren(...next.childNodes);
  for (const id of open) part.querySelector(`#${id}`)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  window.htmx?.process(part);
}

function replaceTurns(part, next) {
  const putBack = takeEditorOut(part);
  replaceDiffering(part, next);
  putBack();
}

/** What somebody is writing outlives the change of something else. Returns what puts the editor back. */
function takeEditorOut(part) {
  const form = part.querySelector("form.fix");
  if (!form) return () => {};
  const { id } = form.closest(".turn");
  const focused = document.activeElement;
  const { anchorNode, anchorOffset, focusNode, focusOffset } = getSelection();
  form.previousElementSibling.hidden = false;
  form.remove();
  return () => {
    const turn = [...part.children].find((one) => one.id === id) ?? part.lastElementChild;
    const paragraph = turn?.querySelector(":scope > p");
    if (!paragraph) return;
    paragraph.hidden = true;
    paragraph.after(form);
    if (!form.contains(focused)) return;
    focused.focus({ preventScroll: true });
    if (form.contains(anchorNode) && form.contains(focusNode)) getSelection().setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
  };
}

/** Only the turns between the first and the last that differ are touched, so that three hours stay quick. */
function replaceDiffering(part, next) {
  part.querySelector(".tools")?.remove();
  for (const turn of part.querySelectorAll(".turn.now, .turn.found")) turn.classList.remove("now", "found");
  const [old, young] = [[...part.children], [...next.children]];
  let head = 0;
  while (head < old.length && head < young.length && old[head].isEqualNode(young[head])) head++;
  let tail = 0;
  const most = Math.min(old.length, young.length) - head;
  while (tail < most && old[old.length - 1 - tail].isEqualNode(young[young.length - 1 - tail])) tail++;
  const before = old[old.length - tail] ?? null;
  old.slice(head, old.length - tail).forEach((turn) => turn.remove());
  const added = document.createDocumentFragment();
  added.append(...young.slice(head, young.length - tail));
  part.insertBefore(added, before);
}
