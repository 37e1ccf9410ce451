// What the page knows of the call, and word of when it changed.

export const call = { parties: [], corrections: [] };

export function readCall() {
  Object.assign(call, JSON.parse(document.getElementById("call-data").textContent));
}

export const partyOf = (voice) => call.parties.find((party) => party.voice === voice);

const listeners = new Set();

export const onChange = (listen) => listeners.add(listen);
export const changed = (words) => listeners.forEach((listen) => listen(words));
