// People's changes to the conversation: correct, move, undo, redo. The machine's words stay under them.

import { api } from "./api.js";
import { refreshParts } from "./parts.js";
import { call } from "./store.js";
import { toast } from "./toast.js";

const undone = [];
let busy = false;

/** What a change is anchored to: a voice and the seconds of its words, wide enough to hold the shortest one. */
export function stretchOf(voice, times) {
  const start = Math.floor(Math.min(...times) * 100);
  const end = Math.max(Math.ceil(Math.max(...times) * 100), start + 1);
  return { voice, start: start / 100, end: end / 100 };
}

/** `stretch` is { voice, start, end }: the machine's voice and seconds. Throws a Problem; nothing is lost then. */
export async function correctText(stretch, text) {
  const made = await api("POST", `/calls/${call.id}/corrections`, { kind: "text", ...stretch, text });
  await settle(made.id, text ? "Corrected." : "Words taken out.");
}

export async function moveTo(stretch, party) {
  const made = await api("POST", `/calls/${call.id}/corrections`, { kind: "move", ...stretch, toVoice: party.voice });
  await settle(made.id, `Moved to ${party.label}.`);
}

async function settle(id, said) {
  undone.length = 0;
  toast(said, { action: "Undo", run: () => undo(id) });
  await refreshParts();
}

export async function undo(id = call.corrections.at(-1)) {
  if (busy) return;
  if (!id) {
    toast("There is nothing to undo.");
    return;
  }
  await alone(async () => {
    await api("DELETE", `/calls/${call.id}/corrections/${id}`);
    undone.push(id);
    await refreshParts();
    toast("Undone.", { action: "Do it again", run: redo });
  });
}

export async function redo() {
  if (busy || !undone.length) return;
  await alone(async () => {
    await api("POST", `/calls/${call.id}/corrections/${undone.at(-1)}/redo`);
    undone.pop();
    await refreshParts();
    toast("Done again.");
  });
}

async function alone(work) {
  busy = true;
  try {
    await work();
  } catch (problem) {
    toast(problem.message, { bad: true });
  } finally {
    busy = false;
  }
}
