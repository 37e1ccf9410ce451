// A call that is not a conversation yet, or will not become one.

import { listenForActions } from "./actions.js";

listenForActions((act) => {
  if (act === "delete") location.assign("/calls");
  else location.reload();
});
