// The call page: puts the parts together.

import { listenToAbout } from "./about.js";
import { Follow } from "./follow.js";
import { listenToKeys } from "./keys.js";
import { clock, Lanes } from "./lanes.js";
import { askedMoment, copyLink } from "./links.js";
import { Player } from "./player.js";
import { call, onChange, readCall } from "./store.js";
import { Tools } from "./tools.js";
import { Turns } from "./turns.js";
import { Unsure } from "./unsure.js";

readCall();
listenToAbout();
if (document.getElementById("player")) start();

function start() {
  const turns = new Turns(document.getElementById("conversation"));
  const player = new Player(turns);
  const lanes = new Lanes(player, turns);
  const follow = new Follow(player, turns);
  const tools = new Tools(turns, player);
  const unsure = new Unsure(turns);
  showControls(player);
  const jump = (way) => jumpToProspect(way, { player, turns, follow });
  const solo = (number) => chooseSolo(number, { player, lanes });
  listenToKeys({ player, tools, follow, jump, solo, turns });
  listenToControls({ player, lanes, jump });
  listenToWords({ player, turns, tools, follow });
  keepRoomForPlayer();
  onChange((words) => {
    turns.read();
    turns.setWords(words);
    if (player.solo && !call.parties.some((party) => party.voice === player.solo)) player.setSolo("");
    showSolo(player);
    follow.forget();
    lanes.draw();
    unsure.watch();
  });
  const moment = askedMoment();
  if (moment !== null) goTo(moment, { player, turns, follow });
  lanes.load().catch(() => {});
  loadWords(turns).then(() => {
    lanes.draw();
    follow.forget();
    unsure.watch();
    document.documentElement.dataset.words = "here";
  });
}

async function loadWords(turns) {
  const answer = await fetch(`/calls/${call.id}/words`).catch(() => null);
  if (answer?.ok) turns.setWords(await answer.json());
}

function goTo(moment, { player, turns, follow }) {
  player.seek(moment);
  const index = turns.at(moment)[0] ?? turns.lastBegun(moment);
  if (index < 0) return;
  follow.bring(index, true);
  // The letters' own typeface may come later, and change every height.
  document.fonts.ready.then(() => follow.following && follow.bring(index, true));
  turns.list[index].element.classList.add("found");
}

function showControls(player) {
  const now = document.getElementById("now");
  const play = document.getElementById("play");
  player.onTime((seconds) => {
    const text = clock(seconds);
    if (now.textContent !== text) now.textContent = text;
    const label = player.playing ? "Pause" : "Play";
    if (play.getAttribute("aria-label") !== label) play.setAttribute("aria-label", label);
  });
}

function listenToControls({ player, lanes, jump }) {
  const on = (id, run) => document.getElementById(id).addEventListener("click", run);
  on("play", () => player.toggle());
  on("previous", () => jump(-1));
  on("next", () => jump(1));
  on("copy-moment", () => copyLink(player.time));
  on("show-help", () => document.getElementById("help").showModal());
  on("skip", (event) => {
    player.skip = !player.skip;
    event.currentTarget.setAttribute("aria-pressed", player.skip);
  });
  document.getElementById("speed").addEventListener("change", (event) => {
    player.setSpeed(Number(event.target.value));
    event.target.blur();
  });
  document.getElementById("solo").addEventListener("click", (event) => {
    const buttons = [...document.querySelectorAll("#solo button")];
    const at = buttons.indexOf(event.target.closest("button"));
    if (at >= 0) chooseSolo(at, { player, lanes });
  });
  // A click with the mouse leaves the keyboard to the page: space plays, whatever was clicked last.
  document.getElementById("player").addEventListener("click", (event) => {
    if (event.detail > 0) event.target.closest("button")?.blur();
  });
}

function chooseSolo(number, { player, lanes }) {
  const button = document.querySelectorAll("#solo button")[number];
  if (!button) return;
  player.setSolo(button.dataset.solo);
  showSolo(player);
  lanes.draw();
}

function showSolo(player) {
  for (const button of document.querySelectorAll("#solo button")) button.setAttribute("aria-pressed", button.dataset.solo === player.solo);
}

function jumpToProspect(way, { player, turns, follow }) {
  const theirs = new Set(call.parties.filter((party) => party.side === "prospect").map((party) => party.voice));
  const now = player.time;
  const found =
    way > 0
      ? turns.list.findIndex((turn) => theirs.has(turn.voice) && turn.start > now + 0.05)
      : turns.list.findLastIndex((turn) => theirs.has(turn.voice) && turn.start < now - 1);
  if (found < 0) return;
  player.seek(turns.list[found].start);
  follow.following = true;
  follow.bring(found);
}

function listenToWords({ player, turns, tools, follow }) {
  turns.root.addEventListener("click", (event) => {
    const link = event.target.closest("a.t");
    if (link && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      history.replaceState(null, "", link.href);
      follow.following = true;
      player.playFrom(turns.list[turns.indexOf(link.closest("article"))].start);
      return;
    }
    if (!event.target.closest("article.turn > p") || !getSelection().isCollapsed || event.detail > 1) return;
    const hit = turns.wordUnder(event.clientX, event.clientY);
    if (!hit) return;
    follow.following = true;
    player.playFrom(turns.wordTime(hit.index, hit.word)[0]);
  });
  turns.root.addEventListener("dblclick", (event) => {
    if (!event.target.closest("article.turn > p") || !turns.selected()) return;
    event.preventDefault();
    tools.correct();
  });
}

function keepRoomForPlayer() {
  const player = document.getElementById("player");
  new ResizeObserver(() => document.documentElement.style.setProperty("--player", `${player.offsetHeight}px`)).observe(player);
}
