// The call's facts and parties: rename, sides, run again, delete.

import { removeCall, whileBusy } from "./actions.js";
import { api } from "./api.js";
import { undo } from "./changes.js";
import { editInPlace } from "./inplace.js";
import { refreshParts } from "./parts.js";
import { call } from "./store.js";
import { toast } from "./toast.js";

const at = (rest) => `/calls/${call.id}${rest}`;

const CLICKS = {
  "#toggle-about": (button) => button.setAttribute("aria-expanded", document.getElementById("about").classList.toggle("open")),
  "[data-swap]": (button) => whileBusy(button, swap),
  "#confirm-sides": (button) => whileBusy(button, async () => (await api("POST", at("/confirm-sides")), await refreshParts())),
  "#undo-last": () => undo(),
  "#rename-call": () => renameCall(),
  "[data-rename-party]": (button) => renameParty(button),
  "[data-retry-again]": (button) => whileBusy(button, async () => (await api("POST", at("/retry")), await refreshParts())),
  "[data-stop-again]": (button) => whileBusy(button, async () => (await api("POST", at("/cancel")), await refreshParts())),
  "#delete-call": (button) => whileBusy(button, async () => (await removeCall(call.id, call.title)) && location.assign("/calls")),
};

export function listenToAbout() {
  document.getElementById("main").addEventListener("click", (event) => {
    for (const [what, run] of Object.entries(CLICKS)) {
      const button = event.target.closest(what);
      if (button) run(button);
    }
  });
  const about = document.getElementById("about");
  about.addEventListener("change", (event) => event.target.matches("[data-side]") && changeSide(event.target));
  about.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.id === "rerun") whileBusy(event.target.querySelector("button"), () => runAgain(event.target));
  });
  document.addEventListener("call-changed", () => refreshParts().catch((problem) => toast(problem.message, { bad: true })));
}

async function swap() {
  await api("POST", at("/swap-sides"));
  await refreshParts();
  toast("Sides swapped.", { action: "Swap back", run: () => whileBusy(null, swap) });
}

function renameCall() {
  editInPlace(document.getElementById("title"), {
    value: call.title,
    label: "Title of the call",
    maxLength: 300,
    save: (title) => change("", { title }, title ? "" : "A call needs a title."),
  });
}

function renameParty(button) {
  const { party, name } = button.closest("[data-party]").dataset;
  editInPlace(button, {
    value: name,
    label: `Name of ${button.textContent.trim()}`,
    placeholder: button.textContent.trim(),
    save: async (text) => {
      const kept = await change(`/parties/${party}`, { name: text });
      if (kept) document.querySelector(`[data-party="${party}"] [data-rename-party]`)?.focus();
      return kept;
    },
  });
}

function changeSide(select) {
  const { party } = select.closest("[data-party]").dataset;
  change(`/parties/${party}`, { side: select.value }).then((kept) => {
    if (kept) document.querySelector(`[data-party="${party}"] [data-side]`)?.focus();
    else refreshParts().catch(() => {});
  });
}

/** Whether the server took it. */
async function change(rest, body, refusal = "") {
  try {
    if (refusal) throw new Error(refusal);
    await api("PATCH", at(rest), body);
    await refreshParts();
    return true;
  } catch (problem) {
    toast(problem.message, { bad: true });
    return false;
  }
}

async function runAgain(form) {
  const chosen = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  if (chosen.speakers) chosen.speakers = Number(chosen.speakers);
  const onlyVoices = chosen.speakers && Object.keys(chosen).length === 1;
  await api("POST", at("/rerun"), { stage: onlyVoices ? "diarize" : "transcribe", ...chosen });
  await refreshParts();
  toast("It runs again. You can go on reading.");
}
