// On every page: say plainly when the server cannot be reached or refuses.

import { problemFrom } from "./api.js";
import { toast } from "./toast.js";

let lost = false;

document.addEventListener("htmx:error", () => {
  if (lost) return;
  lost = true;
  toast("The server cannot be reached. This page keeps trying.", { bad: true });
});

document.addEventListener("htmx:response:error", (event) => {
  const { ctx } = event.detail;
  if (lost) return;
  lost = true;
  toast(problemFrom(ctx.response.status, ctx.text ?? "").message, { bad: true });
});

document.addEventListener("htmx:after:swap", () => {
  if (lost) toast("The server is back.");
  lost = false;
});
