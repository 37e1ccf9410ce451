// Where the sound is in the text: the turn marked, the word lit, the page scrolled along until the reader scrolls.

import { partyOf } from "./store.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const LOOKS = 12; // frames after a jump in which the place is looked at again
const SIDES = ["rep", "prospect", "manager", "other"];

export class Follow {
  constructor(player, turns) {
    this.player = player;
    this.turns = turns;
    this.current = -1;
    this.active = [];
    this.lit = "";
    this.following = true;
    this.button = document.getElementById("back-to-now");
    this.lights = this.#makeLights();
    player.onTime((seconds) => this.show(seconds));
    this.button.addEventListener("click", () => this.resume());
    for (const name of ["wheel", "touchmove"]) addEventListener(name, () => this.leave(), { passive: true });
    addEventListener("keydown", (event) => {
      const scrolls = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(event.key);
      if (scrolls && !event.defaultPrevented) this.leave();
    });
    addEventListener("pointerdown", (event) => event.target === document.documentElement && this.leave());
    addEventListener("scroll", () => this.#offerWayBack(), { passive: true });
  }

  #makeLights() {
    if (!CSS.highlights) return null;
    return Object.fromEntries(
      SIDES.map((side) => {
        const light = new Highlight();
        CSS.highlights.set(`now-${side}`, light);
        return [side, light];
      }),
    );
  }

  /** After the turns changed on the page. */
  forget() {
    this.current = -1;
    this.active = [];
    this.lit = "";
    this.show(this.player.time);
  }

  show(seconds) {
    const active = this.turns.at(seconds);
    const current = active.length ? active[0] : this.turns.lastBegun(seconds);
    if (active.join() !== this.active.join()) {
      for (const index of this.active) this.turns.list[index]?.element.classList.remove("now");
      for (const index of active) this.turns.list[index].element.classList.add("now");
      this.active = active;
    }
    this.#light(active, seconds);
    if (current === this.current) return;
    this.current = current;
    if (this.following && this.player.playing) this.bring(current);
    this.#offerWayBack();
  }

  #light(active, seconds) {
    if (!this.lights) return;
    const words = active.map((index) => [index, this.turns.wordAt(index, seconds)]).filter(([, word]) => word >= 0);
    const lit = words.join(" ");
    if (lit === this.lit) return;
    this.lit = lit;
    for (const side of SIDES) this.lights[side].clear();
    for (const [index, word] of words) {
      const range = this.turns.range(index, word);
      const side = partyOf(this.turns.list[index].voice)?.side ?? "other";
      if (range) this.lights[side].add(range);
    }
  }

  leave() {
    this.following = false;
    this.#offerWayBack();
  }

  resume() {
    this.following = true;
    this.bring(this.current, true);
    this.#offerWayBack();
  }

  /** Scrolls a turn to a good place, unless it is at one already. */
  bring(index, always = false) {
    const element = this.turns.list[index]?.element;
    if (!element) return;
    const far = () => {
      const { top, bottom } = this.#room();
      const place = element.getBoundingClientRect();
      const goal = top + (bottom - top) * 0.2;
      const fits = place.top >= top + 8 && place.bottom <= bottom - (bottom - top) * 0.15;
      return fits && !always ? 0 : place.top - goal;
    };
    const distance = far();
    if (!distance) return;
    const near = Math.abs(distance) < innerHeight * 1.5 && !calm.matches;
    scrollBy({ top: distance, behavior: near ? "smooth" : "instant" });
    if (!near) this.#settle(far, LOOKS);
  }

  /** Turns that were never drawn have only a guessed height: look again while they are being drawn. */
  #settle(far, looks) {
    requestAnimationFrame(() => {
      if (!this.following) return;
      const distance = far();
      if (Math.abs(distance) > 4) scrollBy({ top: distance, behavior: "instant" });
      if (looks > 1) this.#settle(far, looks - 1);
    });
  }

  #room() {
    const player = document.getElementById("player").getBoundingClientRect();
    return { top: Math.max(0, player.bottom), bottom: innerHeight };
  }

  #offerWayBack() {
    const element = this.turns.list[this.current]?.element;
    const { top, bottom } = this.#room();
    const place = element?.getBoundingClientRect();
    const away = Boolean(place) && (place.bottom < top || place.top > bottom);
    this.button.hidden = this.following || !away;
  }
}
