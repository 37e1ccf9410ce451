// The sound of both sides over time: ours above the line, theirs below. Drawn from the server's peaks.

import { call, partyOf } from "./store.js";
import { stretchBegun } from "./turns.js";

const BAR = 3; // pixels, and one between
const STEP = 4;
const GAP = 5; // pixels between the two lanes
const QUIETEST_FULL = 0.25; // a side is drawn as tall as its lane, unless it is quieter than this

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export class Lanes {
  constructor(player, turns) {
    this.player = player;
    this.turns = turns;
    this.box = document.getElementById("lanes");
    this.canvas = document.getElementById("wave");
    this.head = document.getElementById("playhead");
    this.tip = document.getElementById("hover-time");
    this.peaks = null;
    this.#listen();
    this.draw();
  }

  async load() {
    const answer = await fetch(`/api/v1/calls/${call.id}/peaks`);
    if (!answer.ok) return; // Without peaks the lanes show who speaks when.
    this.peaks = readPeaks(await answer.arrayBuffer());
    this.draw();
  }

  showTime(seconds) {
    const share = Math.min(1, seconds / (this.player.duration || 1));
    this.head.style.transform = `translateX(${share * this.box.clientWidth}px)`;
    const whole = Math.floor(seconds);
    if (whole === this.shown) return;
    this.shown = whole;
    this.box.setAttribute("aria-valuenow", whole);
    const speaking = this.turns.at(seconds).map((index) => partyOf(this.turns.list[index].voice)?.label).filter(Boolean);
    this.box.setAttribute("aria-valuetext", speaking.length ? `${clock(seconds)}, ${speaking.join(" and ")} speaking` : clock(seconds));
  }

  draw() {
    const width = this.box.clientWidth;
    const height = this.box.clientHeight;
    if (!width) return;
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    const paper = this.canvas.getContext("2d");
    paper.scale(scale, scale);
    const style = getComputedStyle(this.box);
    const middle = Math.round(height / 2);
    paper.fillStyle = style.getPropertyValue("--line");
    paper.fillRect(0, middle, width, 1);
    for (const party of call.parties) this.#drawParty(paper, party, style.getPropertyValue(`--${party.side}`), { width, middle });
    this.shown = -1;
    this.showTime(this.player.time);
  }

  #drawParty(paper, party, colour, { width, middle }) {
    const bars = this.#bars(party, width);
    const up = party.lane === "left";
    const tallest = middle - GAP - 2;
    const loudest = Math.max(QUIETEST_FULL, ...bars.map((bar) => (bar.speaks ? bar.loud : 0)));
    const faint = this.player.solo && this.player.solo !== party.voice;
    paper.fillStyle = colour;
    bars.forEach(({ loud, speaks }, at) => {
      const height = Math.max(1, Math.min(1, loud / loudest) ** 1.4 * tallest);
      paper.globalAlpha = faint ? 0.25 : speaks ? 1 : 0.4;
      paper.beginPath();
      paper.roundRect(at * STEP, up ? middle - GAP - height : middle + GAP + 1, BAR, height, height > 3 ? 1.5 : 0);
      paper.fill();
    });
    paper.globalAlpha = 1;
  }

  #bars(party, width) {
    const seconds = this.player.duration || 1;
    const stretches = this.turns.stretches(party.voice);
    const bars = [];
    for (let x = 0; x < width; x += STEP) {
      const [from, to] = [(x / width) * seconds, ((x + STEP) / width) * seconds];
      const speaks = overlaps(stretches, from, to);
      bars.push({ speaks, loud: this.#loudness(party, from, to, speaks) });
    }
    return bars;
  }

  /** 0 to 1. One party a channel: what is on the channel. All in one: the sound while the party speaks. */
  #loudness(party, from, to, speaks) {
    if (!this.peaks) return speaks ? 0.5 : 0;
    const byChannel = call.separate && party.channel !== null;
    if (!byChannel && !speaks) return 0;
    const { channels, perSecond, count, values } = this.peaks;
    const first = Math.floor(from * perSecond);
    const last = Math.min(count, Math.max(first + 1, Math.floor(to * perSecond)));
    if (first >= last) return 0;
    const mean = (channel) => values.subarray(channel * count + first, channel * count + last).reduce((sum, value) => sum + value, 0) / (last - first);
    if (byChannel) return mean(Math.min(party.channel, channels - 1)) / 255;
    return Math.max(...Array.from({ length: channels }, (_, channel) => mean(channel))) / 255;
  }

  #listen() {
    const { box, player } = this;
    const secondsAt = (event) => {
      const edges = box.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - edges.left) / edges.width)) * player.duration;
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      box.setPointerCapture(event.pointerId);
      player.seek(secondsAt(event));
    });
    box.addEventListener("pointermove", (event) => {
      this.#showTip(secondsAt(event));
      if (box.hasPointerCapture(event.pointerId)) player.seek(secondsAt(event));
    });
    box.addEventListener("pointerleave", () => this.tip.classList.remove("on"));
    box.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60, Home: -Infinity, End: Infinity };
      if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const to = player.time + steps[event.key];
      player.seek(to === Infinity ? player.duration : Math.max(0, to));
    });
    player.onTime((seconds) => this.showTime(seconds));
    new ResizeObserver(() => this.draw()).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  #showTip(seconds) {
    const share = seconds / (this.player.duration || 1);
    this.tip.textContent = clock(seconds);
    this.tip.style.left = `${share * 100}%`;
    this.tip.classList.add("on");
  }
}

function overlaps(stretches, from, to) {
  const at = stretchBegun(stretches, to);
  return at >= 0 && stretches[at][1] > from;
}

/** See storage/media/peaks.py for the layout. */
function readPeaks(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 16 || view.getUint32(0) !== 0x4253504b || view.getUint8(4) !== 1) return null;
  return { channels: view.getUint8(5), perSecond: view.getUint16(6, true), count: view.getUint32(8, true), values: new Uint8Array(buffer, 16) };
}
