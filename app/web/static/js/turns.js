// The turns on the page and the words in them. A word is no element: it is a stretch of its turn's one text node.

const AN_OVERLAP_AT_MOST = 12; // turns that can lie over one another around the same moment
const ROUNDING = 0.02; // seconds: a player that was sent to a word's start is there
const LINGERS = 0.3; // seconds that a word stays lit after its end, when no other begins

export class Turns {
  constructor(root) {
    this.root = root;
    this.words = null;
    this.read();
  }

  read() {
    this.list = [];
    this.places = new Map();
    for (const element of this.root.querySelectorAll(":scope > article.turn")) {
      const { s, e, v, a } = element.dataset;
      this.places.set(element, this.list.length);
      this.list.push({ element, start: s / 100, end: e / 100, voice: v, anchor: a, offsets: null });
    }
    this.words = null;
    this.speech = new Map();
  }

  setWords(answer) {
    this.words = answer.turns.length === this.list.length ? answer.turns : null;
    this.speech = new Map();
  }

  indexOf(element) {
    return this.places.get(element) ?? -1;
  }

  textNode(index) {
    return this.list[index].element.querySelector(":scope > p").firstChild;
  }

  /** Where each word of a turn lies in its text: [start, end, start, end, …]. */
  offsets(index) {
    const turn = this.list[index];
    if (turn.offsets) return turn.offsets;
    turn.offsets = [];
    for (const match of (this.textNode(index)?.data ?? "").matchAll(/\S+/g)) {
      turn.offsets.push(match.index, match.index + match[0].length);
    }
    return turn.offsets;
  }

  wordCount(index) {
    return this.offsets(index).length / 2;
  }

  /** When a word is said, in seconds: [start, end]. Spread evenly until the words' times are here. */
  wordTime(index, word) {
    const turn = this.list[index];
    const times = this.words?.[index];
    if (times && times.length / 3 === this.wordCount(index)) {
      const start = turn.start + times[word * 3] / 100;
      return [start, start + times[word * 3 + 1] / 100];
    }
    const each = (turn.end - turn.start) / Math.max(1, this.wordCount(index));
    return [turn.start + word * each, turn.start + (word + 1) * each];
  }

  probability(index, word) {
    const times = this.words?.[index];
    return times && times.length / 3 === this.wordCount(index) ? times[word * 3 + 2] / 100 : 1;
  }

  /** The last turn that has begun at `seconds`, or -1. */
  lastBegun(seconds) {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].start <= seconds) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The turns that are being spoken at `seconds`, latest begun first. */
  at(seconds) {
    const last = this.lastBegun(seconds + ROUNDING);
    const found = [];
    for (let index = last; index >= 0 && index > last - AN_OVERLAP_AT_MOST; index--) {
      if (this.list[index].end > seconds) found.push(index);
    }
    return found;
  }

  wordAt(index, seconds) {
    for (let word = this.wordCount(index) - 1; word >= 0; word--) {
      const [start, end] = this.wordTime(index, word);
      if (start <= seconds + ROUNDING) return seconds < end + LINGERS ? word : -1;
    }
    return -1;
  }

  range(index, from, to = from) {
    const offsets = this.offsets(index);
    const node = this.textNode(index);
    if (!node || 2 * to + 1 >= offsets.length) return null;
    const range = document.createRange();
    range.setStart(node, offsets[2 * from]);
    range.setEnd(node, offsets[2 * to + 1]);
    return range;
  }

  /** The word at a place of a turn's text; the nearest one where there is white space. */
  wordAtOffset(index, offset) {
    const offsets = this.offsets(index);
    for (let word = 0; 2 * word < offsets.length; word++) if (offset <= offsets[2 * word + 1]) return word;
    return offsets.length / 2 - 1;
  }

  /** The turn and word under a point of the screen, or null. */
  wordUnder(x, y) {
    const caret = document.caretPositionFromPoint?.(x, y);
    const old = caret ? null : document.caretRangeFromPoint?.(x, y);
    const node = caret?.offsetNode ?? old?.startContainer;
    const turn = node?.nodeType === Node.TEXT_NODE && node.parentElement?.matches("article.turn > p") ? node.parentElement.parentElement : null;
    const index = turn ? this.indexOf(turn) : -1;
    return index < 0 ? null : { index, word: this.wordAtOffset(index, caret?.offset ?? old.startOffset) };
  }

  /** The selected words, when they lie in one turn: { index, from, to }, else null. */
  selected() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const element = (range.startContainer.parentElement ?? range.startContainer).closest?.("article.turn");
    const index = element ? this.indexOf(element) : -1;
    if (index < 0 || range.startContainer !== this.textNode(index)) return null;
    const length = range.startContainer.data.length;
    const end = range.endContainer === range.startContainer ? range.endOffset : length;
    const offsets = this.offsets(index);
    let from = -1;
    let to = -1;
    for (let word = 0; 2 * word < offsets.length; word++) {
      if (offsets[2 * word] < end && offsets[2 * word + 1] > range.startOffset) {
        if (from < 0) from = word;
        to = word;
      }
    }
    return from < 0 ? null : { index, from, to };
  }

  /** When a voice speaks (or anybody, for ""): sorted stretches [[start, end], …] that do not touch. */
  stretches(voice) {
    if (!this.speech.has(voice)) this.speech.set(voice, this.#joined(voice));
    return this.speech.get(voice);
  }

  #joined(voice) {
    const near = 0.35; // seconds: closer words are one stretch
    const all = [];
    this.list.forEach((turn, index) => {
      if (voice && turn.voice !== voice) return;
      const times = this.words?.[index];
      if (!times) all.push([turn.start, turn.end]);
      else for (let at = 0; at < times.length; at += 3) all.push([turn.start + times[at] / 100, turn.start + (times[at] + times[at + 1]) / 100]);
    });
    all.sort((a, b) => a[0] - b[0]);
    const joined = [];
    for (const [start, end] of all) {
      const last = joined.at(-1);
      if (last && start - last[1] <= near) last[1] = Math.max(last[1], end);
      else joined.push([start, end]);
    }
    return joined;
  }
}

/** The place in sorted stretches of the last one that has begun at `seconds`, or -1. */
export function stretchBegun(stretches, seconds) {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle][0] <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
