// The list of calls.

import { listenForActions } from "./actions.js";
import { toast } from "./toast.js";

const SAID = { cancel: "Stopping.", retry: "It is in the queue again.", delete: "Deleted." };

listenForActions((act) => {
  toast(SAID[act]);
  window.htmx.trigger("#rows", "refresh");
});
