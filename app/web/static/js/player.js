// The sound: play, seek, speed, one side alone, skipping silence. Tells everybody else what time it is.

import { SoloChannel } from "./solo.js";
import { call, partyOf } from "./store.js";
import { toast } from "./toast.js";
import { stretchBegun } from "./turns.js";

const WORTH_SKIPPING = 1.2; // seconds of silence
const LEAD = 0.25; // seconds before the next word at which to land
const AFTER = 0.35; // seconds to let a word ring out

export class Player {
  constructor(turns) {
    this.turns = turns;
    this.sound = document.getElementById("sound");
    this.solo = "";
    this.skip = false;
    this.listeners = new Set();
    this.channel = new SoloChannel(this.sound);
    this.wanted = null;
    this.#wire();
  }

  get time() {
    return this.wanted ?? this.sound.currentTime;
  }

  get duration() {
    return Number.isFinite(this.sound.duration) && this.sound.duration > 0 ? this.sound.duration : call.duration;
  }

  get playing() {
    return !this.sound.paused;
  }

  onTime(listen) {
    this.listeners.add(listen);
  }

  toggle() {
    if (this.playing) this.sound.pause();
    else this.play();
  }

  async play() {
    await this.#applySolo();
    try {
      await this.sound.play();
    } catch (error) {
      if (error.name !== "AbortError") toast("The sound cannot be played. Reload the page; if it stays silent, download the recording.", { bad: true });
    }
  }

  pause() {
    this.sound.pause();
  }

  seek(seconds) {
    const to = Math.max(0, Math.min(seconds, Math.max(0, this.duration - 0.05)));
    if (this.sound.readyState === 0) this.wanted = to;
    else this.sound.currentTime = to;
    this.#tell();
  }

  playFrom(seconds) {
    this.seek(seconds);
    this.play();
  }

  setSpeed(rate) {
    this.sound.playbackRate = rate;
    this.sound.defaultPlaybackRate = rate;
  }

  async setSolo(voice) {
    this.solo = partyOf(voice) ? voice : "";
    if (this.playing || !this.solo) await this.#applySolo();
    this.#tell();
  }

  #wire() {
    const { sound } = this;
    sound.addEventListener("loadedmetadata", () => {
      if (this.wanted !== null) sound.currentTime = this.wanted;
      this.wanted = null;
      this.#tell();
    });
    for (const name of ["play", "pause", "ended"]) {
      sound.addEventListener(name, () => {
        document.body.classList.toggle("playing", this.playing);
        this.#tell();
      });
    }
    sound.addEventListener("play", () => requestAnimationFrame(() => this.#frame()));
    // Also where no frames are drawn, as in a tab at the back.
    sound.addEventListener("timeupdate", () => this.#step());
    sound.addEventListener("seeking", () => this.#tell());
  }

  #frame() {
    if (!this.playing) return;
    this.#step();
    requestAnimationFrame(() => this.#frame());
  }

  #step() {
    if (this.playing) {
      this.#muteTheOther();
      if (this.skip) this.#skipSilence();
    }
    this.#tell();
  }

  #tell() {
    for (const listen of this.listeners) listen(this.time);
  }

  async #applySolo() {
    const party = partyOf(this.solo);
    const byChannel = Boolean(party && call.separate && party.channel !== null);
    this.byChannel = byChannel && (await this.channel.only(party.channel));
    if (!byChannel) await this.channel.everything();
    if (!party) this.sound.muted = false;
  }

  /** In a mixed recording one side alone is the sound while that voice speaks. */
  #muteTheOther() {
    if (!this.solo || this.byChannel) {
      if (this.sound.muted) this.sound.muted = false;
      return;
    }
    const stretches = this.turns.stretches(this.solo);
    const at = stretchBegun(stretches, this.sound.currentTime + 0.08);
    const speaks = at >= 0 && this.sound.currentTime < stretches[at][1] + 0.12;
    if (this.sound.muted === speaks) this.sound.muted = !speaks;
  }

  #skipSilence() {
    if (this.sound.seeking) return;
    const stretches = this.turns.stretches(this.solo);
    const now = this.sound.currentTime;
    const at = stretchBegun(stretches, now);
    const until = at >= 0 ? stretches[at][1] : 0;
    const next = at + 1 < stretches.length ? stretches[at + 1][0] : this.duration;
    if (now > until + AFTER && next - until > WORTH_SKIPPING && next - LEAD > now + 0.2) this.sound.currentTime = next - LEAD;
  }
}
