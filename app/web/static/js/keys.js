// The keys of the call page.

import { redo, undo } from "./changes.js";
import { editing } from "./edit.js";

const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

export function listenToKeys({ player, tools, follow, jump, solo, turns }) {
  const help = document.getElementById("help");
  const ways = {
    j: () => player.seek(player.time - 5),
    l: () => player.seek(player.time + 5),
    ",": () => jump(-1),
    ".": () => jump(1),
    e: () => tools.correct(follow.current),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) redo();
      else undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || editing()) return;
    const onControl = event.target.closest?.("button, summary");
    if (key === " " && !onControl) {
      event.preventDefault();
      if (!event.repeat) player.toggle();
    } else if (key === "Enter" && turns.selected() && !event.target.closest?.("a, button, summary")) {
      event.preventDefault();
      tools.correct();
    } else if (/^[1-9]$/.test(key)) solo(Number(key) - 1);
    else if (ways[key]) {
      event.preventDefault();
      ways[key]();
    }
  });
}
