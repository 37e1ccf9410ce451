// Words that the machine was not sure of, marked quietly, and only where they can be seen.

const SURE = 0.4; // the probability that the engine gives a word

export class Unsure {
  constructor(turns) {
    this.turns = turns;
    this.light = CSS.highlights ? new Highlight() : null;
    this.ranges = new Map();
    if (!this.light) return;
    CSS.highlights.set("unsure", this.light);
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => (entry.isIntersecting ? this.#mark(entry.target) : this.#clear(entry.target))), {
      rootMargin: "400px",
    });
  }

  /** After words came or turns changed. */
  watch() {
    if (!this.light) return;
    this.observer.disconnect();
    this.light.clear();
    this.ranges.clear();
    for (const turn of this.turns.list) this.observer.observe(turn.element);
  }

  #mark(element) {
    const index = this.turns.indexOf(element);
    if (index < 0 || this.ranges.has(element)) return;
    const ranges = [];
    for (let word = 0; word < this.turns.wordCount(index); word++) {
      const range = this.turns.probability(index, word) < SURE ? this.turns.range(index, word) : null;
      if (range) ranges.push(range);
    }
    ranges.forEach((range) => this.light.add(range));
    this.ranges.set(element, ranges);
  }

  #clear(element) {
    this.ranges.get(element)?.forEach((range) => this.light.delete(range));
    this.ranges.delete(element);
  }
}
