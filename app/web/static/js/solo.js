// One channel of a stereo call, to both ears. Made only when first asked for: browsers want a gesture before sound.

export class SoloChannel {
  constructor(sound) {
    this.sound = sound;
    this.context = null;
  }

  #make() {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    if (!Context) return false;
    this.context = new Context();
    const source = this.context.createMediaElementSource(this.sound);
    const splitter = this.context.createChannelSplitter(2);
    const merger = this.context.createChannelMerger(2);
    source.connect(splitter);
    // gains[from][to]: how much of each channel goes to each ear
    this.gains = [0, 1].map((from) =>
      [0, 1].map((to) => {
        const gain = this.context.createGain();
        splitter.connect(gain, from);
        gain.connect(merger, 0, to);
        return gain;
      }),
    );
    merger.connect(this.context.destination);
    return true;
  }

  /** Whether only that channel is heard now. */
  async only(channel) {
    if (!this.context && !this.#make()) return false;
    this.#set((from) => (from === channel ? 1 : 0));
    await this.context.resume();
    return true;
  }

  async everything() {
    if (!this.context) return;
    this.#set((from, to) => (from === to ? 1 : 0));
    await this.context.resume();
  }

  #set(amount) {
    this.gains.forEach((row, from) => row.forEach((gain, to) => gain.gain.setTargetAtTime(amount(from, to), this.context.currentTime, 0.01)));
  }
}
