// Links to a moment of the call.

import { clock } from "./lanes.js";
import { toast } from "./toast.js";

export function linkTo(seconds) {
  const address = new URL(location.href);
  address.hash = "";
  address.search = `?t=${(Math.floor(seconds * 10) / 10).toFixed(1)}`;
  return address.href;
}

export async function copyLink(seconds) {
  const link = linkTo(seconds);
  try {
    await navigator.clipboard.writeText(link);
    toast(`Link to ${clock(seconds)} copied.`);
  } catch {
    history.replaceState(null, "", link);
    toast(`The browser does not let pages copy. The link to ${clock(seconds)} is in the address bar now.`);
  }
}

export function askedMoment() {
  const seconds = Number.parseFloat(new URLSearchParams(location.search).get("t") ?? "");
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}
