// The list of calls.

import { listenForActions } from "./actions.js";
import { toast } from "./toast.js";

const SAID = { cancel: "Stopping.", retry: "It is in the queue again.", delete: "Deleted." };

listenForActions((act) => {
  toast(SAID[act]);
  window.htmx.trigger("#rows", "refresh");
});

// The address names what the list shows, so that it can be kept, shared and come back to.
document.addEventListener("htmx:after:swap", () => {
  const { address } = document.getElementById("rows").dataset;
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
});
