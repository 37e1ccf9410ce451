// Correcting words in their place. The text stays in the editor until the server has it.

import { correctText, stretchOf } from "./changes.js";

let open = null;

export const editing = () => open !== null;

/** Opens an editor over words `from` to `to` of a turn (all of it when not given). */
export function editWords(turns, index, from = 0, to = turns.wordCount(index) - 1) {
  if (open && !close()) return;
  const turn = turns.list[index];
  const text = turns.textNode(index)?.data ?? "";
  const offsets = turns.offsets(index);
  if (!offsets.length) return;
  const [begin, end] = [offsets[2 * from], offsets[2 * to + 1]];
  const paragraph = turn.element.querySelector(":scope > p");
  const form = document.createElement("form");
  form.className = "fix";
  form.innerHTML = `<p><span></span><span class="fix-words" contenteditable="true" role="textbox" tabindex="0" spellcheck="true" aria-label="Correct these words"></span><span></span></p>
    <div class="fix-bar"><button class="button small primary" type="submit">Save</button><button class="button small" type="button">Cancel</button>
    <span class="soft">Enter saves, Esc leaves it as it is</span><span class="fix-problem" role="alert"></span></div>`;
  const [before, words, after] = form.querySelectorAll("p > span");
  if (words.contentEditable !== "plaintext-only") {
    try {
      words.contentEditable = "plaintext-only";
    } catch {
      // An older browser: pasted markup is read as text on saving.
    }
  }
  before.textContent = text.slice(0, begin);
  words.textContent = text.slice(begin, end);
  after.textContent = text.slice(end);
  const times = [];
  for (let word = from; word <= to; word++) times.push(...turns.wordTime(index, word));
  const stretch = stretchOf(turn.anchor, times);
  open = { form, words, was: text.slice(begin, end), stretch, turn: turn.element.id };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  form.querySelector('button[type="button"]').addEventListener("click", () => close(true));
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close(true);
    else if (event.key === "Enter" && event.target === words && !event.isComposing) {
      event.preventDefault();
      save();
    }
  });
  paragraph.hidden = true;
  paragraph.after(form);
  words.focus();
  getSelection().selectAllChildren(words);
}

const written = () => open.words.textContent.split(/\s+/).filter(Boolean).join(" ");

/** Closes the editor; unless told to give the words up, only when nothing was changed. */
function close(giveUp = false) {
  if (!open) return true;
  if (!giveUp && written() !== open.was) {
    open.words.focus();
    return false;
  }
  const { form } = open;
  // Not the one that it was opened on: the turn may have been replaced under the editor.
  const paragraph = form.previousElementSibling;
  open = null;
  form.remove();
  paragraph.hidden = false;
  paragraph.parentElement.querySelector(".t")?.focus({ preventScroll: true });
  return true;
}

async function save() {
  const { form, stretch, was, turn } = open;
  if (form.getAttribute("aria-busy") === "true") return;
  const text = written();
  if (text === was) {
    close(true);
    return;
  }
  form.setAttribute("aria-busy", "true");
  form.querySelector(".fix-problem").textContent = "";
  try {
    await correctText(stretch, text);
    if (open?.form === form) close(true);
    // The turn on the page is a new one now, without the focus that the editor had.
    document.getElementById(turn)?.querySelector(".t").focus({ preventScroll: true });
  } catch (problem) {
    form.querySelector(".fix-problem").textContent = problem.message;
  } finally {
    form.removeAttribute("aria-busy");
  }
}
