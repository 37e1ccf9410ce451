// What can be done to a call from a button: stop, try again, delete. Pending while it runs; a second click is harmless.

import { api } from "./api.js";
import { ask } from "./ask.js";
import { toast } from "./toast.js";

export async function whileBusy(button, work) {
  if (button?.getAttribute("aria-busy") === "true") return undefined;
  button?.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (problem) {
    toast(problem.message, { bad: true });
    return undefined;
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

export async function removeCall(id, title) {
  const sure = await ask("Delete this call?", `“${title}”, its recording and everything written about it are removed for good.`, "Delete");
  if (!sure) return false;
  await api("DELETE", `/calls/${id}`);
  return true;
}

const WAYS = {
  cancel: async (id) => (await api("POST", `/calls/${id}/cancel`), true),
  retry: async (id) => (await api("POST", `/calls/${id}/retry`), true),
  delete: (id, title) => removeCall(id, title),
};

export function listenForActions(done) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-act]");
    if (!button) return;
    const { act, call, title } = button.dataset;
    whileBusy(button, async () => {
      if (await WAYS[act](call, title)) done(act, call);
    });
  });
}
