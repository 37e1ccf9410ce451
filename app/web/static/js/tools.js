// The few things to do with a turn. One set of buttons for the whole page, put into the turn that is looked at.

import { whileBusy } from "./actions.js";
import { moveTo, stretchOf } from "./changes.js";
import { editing, editWords } from "./edit.js";
import { copyLink } from "./links.js";
import { call } from "./store.js";

export class Tools {
  constructor(turns, player) {
    this.turns = turns;
    this.player = player;
    this.box = document.createElement("span");
    this.box.className = "tools";
    this.shownFor = null;
    const show = (event) => this.show(event.target.closest?.("article.turn"));
    turns.root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && show(event));
    turns.root.addEventListener("focusin", show);
    turns.root.addEventListener("click", (event) => {
      const mark = event.target.closest("button.mark");
      if (mark) this.#showMachine(mark);
      show(event);
    });
  }

  /** What the machine wrote, under a corrected turn. */
  #showMachine(mark) {
    const turn = mark.closest("article.turn");
    const open = mark.getAttribute("aria-expanded") === "true";
    mark.setAttribute("aria-expanded", !open);
    turn.querySelector(".machine")?.remove();
    if (open) return;
    const line = document.createElement("div");
    const words = document.createElement("q");
    line.className = "machine";
    words.textContent = mark.dataset.machine;
    line.append(...(mark.dataset.machine ? ["The machine wrote ", words] : ["The machine wrote nothing here."]));
    turn.append(line);
  }

  show(turn) {
    if (!turn || editing() || (turn === this.shownFor && this.box.isConnected)) return;
    if (this.box.contains(document.activeElement)) return;
    this.shownFor = turn;
    const others = call.parties.filter((party) => party.voice !== turn.dataset.v);
    this.box.replaceChildren(
      this.#button("Correct", "Correct what was heard (E)", () => this.correct()),
      ...others.map((party) => this.#button(`${party.short} said this`, `Move this turn, or the words selected in it, to ${party.label}`, (button) => this.#move(button, party))),
      this.#button("Copy link", "Copy a link to this moment", () => copyLink(this.turns.list[this.#index()].start)),
    );
    turn.querySelector(".meta").append(this.box);
  }

  #index() {
    return this.turns.indexOf(this.box.closest("article.turn"));
  }

  #button(words, title, run) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.title = title;
    // Keeps the selection that the button is about.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      run(button);
    });
    return button;
  }

  /** Opens the editor: the selected words, else the turn with the focus, else the turn being spoken. */
  correct(fallback = -1) {
    const selected = this.turns.selected();
    const here = this.turns.indexOf(document.activeElement?.closest?.("article.turn"));
    const inBox = this.box.contains(document.activeElement) || this.box.matches(":hover") ? this.#index() : -1;
    const index = selected?.index ?? [inBox, here, fallback].find((at) => at >= 0) ?? -1;
    if (index < 0) return;
    this.player.pause();
    editWords(this.turns, index, selected?.from, selected?.to);
  }

  #move(button, party) {
    const index = this.#index();
    const turn = this.turns.list[index];
    const selected = this.turns.selected();
    const words = selected?.index === index ? selected : { from: 0, to: this.turns.wordCount(index) - 1 };
    const times = [];
    for (let word = words.from; word <= words.to; word++) times.push(...this.turns.wordTime(index, word));
    whileBusy(button, () => moveTo(stretchOf(turn.anchor, times), party));
  }
}
