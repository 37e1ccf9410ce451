// The upload page: choose or drop files, say what they are, send two at a time.

import { sendFile } from "./sending.js";
import { toast } from "./toast.js";

const AT_ONCE = 2;
const page = document.getElementById("upload");
const list = document.getElementById("list");
const all = document.getElementById("all");
const go = document.getElementById("go");
const start = document.getElementById("start");
const summary = document.getElementById("summary");
const maxBytes = Number(page.dataset.maxBytes);
const cards = new Set();

const field = (root, name) => root.querySelector(`[name="${name}"]`);

// Choosing files

document.getElementById("files").addEventListener("change", (event) => {
  add(event.target.files);
  event.target.value = "";
});

let depth = 0;
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
addEventListener("dragenter", (event) => {
  if (hasFiles(event)) page.classList.toggle("over", ++depth > 0);
});
addEventListener("dragleave", (event) => {
  if (hasFiles(event)) page.classList.toggle("over", --depth > 0);
});
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  depth = 0;
  page.classList.remove("over");
  add(event.dataTransfer.files);
});

function add(files) {
  const before = cards.size;
  for (const file of files) {
    const twin = [...cards].some((card) => card.file.name === file.name && card.file.size === file.size && card.file.lastModified === file.lastModified);
    if (!twin) cards.add(makeCard(file));
  }
  if (cards.size === before && files.length) toast(files.length === 1 ? "This file is already in the list." : "These files are already in the list.");
  refresh();
  if (before === 0) list.querySelector("input")?.focus();
}

// A file's card

function makeCard(file) {
  const element = document.getElementById("file-card").content.cloneNode(true).firstElementChild;
  const card = { file, element, state: "waiting", touched: new Set(), uniqueId: uniqueId(), stop: null };
  element.querySelector(".name").textContent = file.name;
  element.querySelector(".size").textContent = bytes(file.size);
  element.querySelector(".zone").textContent = `(${Intl.DateTimeFormat().resolvedOptions().timeZone} time)`;
  element.querySelector(".remove").setAttribute("aria-label", `Leave ${file.name} out`);
  field(element, "title").value = titleFrom(file.name);
  for (const name of ["rep", "prospect", "direction", "channel"]) field(element, name).value = field(all, name).value;
  offerDate(card);
  element.addEventListener("input", (event) => card.touched.add(event.target.name));
  element.querySelector(".remove").addEventListener("click", () => drop(card));
  element.querySelector(".stop").addEventListener("click", () => card.stop?.());
  element.addEventListener("click", (event) => event.target.closest(".again") && tryAgain(card));
  const wrong = faultOf(file);
  if (wrong) settle(card, "refused", wrong);
  list.append(element);
  return card;
}

// randomUUID is only there over https and on the machine itself; this number only has to be unlike any other upload's.
function uniqueId() {
  const numbers = crypto.getRandomValues(new Uint8Array(16));
  return `page-${[...numbers].map((number) => number.toString(16).padStart(2, "0")).join("")}`;
}

function faultOf(file) {
  if (file.size === 0) return "This file is empty. Choose the recording itself.";
  if (file.size > maxBytes) return `This file is larger than the ${page.dataset.maxWords} that are taken. Save it in a smaller format (MP3 or M4A) and choose it again.`;
  return "";
}

function titleFrom(name) {
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "").replace(/[_]+/g, " ").replace(/\s+/g, " ").trim();
  return (stem || name).slice(0, 300);
}

function offerDate(card) {
  if (!card.file.lastModified) return;
  const made = new Date(card.file.lastModified);
  const button = card.element.querySelector(".date");
  button.hidden = false;
  button.textContent = `Use the file’s own date, ${made.toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`;
  button.addEventListener("click", () => {
    const local = new Date(made.getTime() - made.getTimezoneOffset() * 60000);
    field(card.element, "when").value = local.toISOString().slice(0, 16);
    button.hidden = true;
    field(card.element, "when").focus();
  });
}

function drop(card) {
  card.stop?.();
  const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
  card.element.remove();
  cards.delete(card);
  (next?.querySelector(".remove") ?? document.getElementById("files")).focus();
  refresh();
}

all.addEventListener("input", (event) => {
  const { name, value } = event.target;
  for (const card of cards) {
    if (card.state === "waiting" && !card.touched.has(name)) field(card.element, name).value = value;
  }
});

// Sending

start.addEventListener("click", () => {
  for (const card of cards) if (card.state === "waiting") card.state = "queued";
  pump();
});

function pump() {
  const sending = [...cards].filter((card) => card.state === "sending").length;
  const next = [...cards].filter((card) => card.state === "queued").slice(0, AT_ONCE - sending);
  next.forEach(send);
  refresh();
}

async function send(card) {
  card.state = "sending";
  const { element } = card;
  const bar = element.querySelector(".sending");
  show(card, "sending");
  bar.querySelector("progress").setAttribute("aria-label", `How much of ${card.file.name} is sent`);
  const { done, stop } = sendFile(card.file, metadata(card), (sent, total) => {
    bar.querySelector("progress").value = total ? (100 * sent) / total : 0;
    bar.querySelector(".amount").textContent = sent < total ? `${Math.floor((100 * sent) / total)} % of ${bytes(total)}` : "Sent. Being put away …";
  });
  card.stop = stop;
  const outcome = await done;
  card.stop = null;
  if (!cards.has(card)) return;
  if (outcome.stopped) {
    card.state = "waiting";
    show(card, "waiting");
  } else if (outcome.problem) settle(card, "failed", outcome.problem);
  else settle(card, "done", "", outcome);
  pump();
}

function metadata(card) {
  const value = (name) => field(card.element, name).value.trim();
  const channel = value("channel");
  const parties = [party("rep", value("rep"), channel && Number(channel)), party("prospect", value("prospect"), channel && 1 - Number(channel))];
  const when = value("when");
  return {
    clientUniqueId: card.uniqueId,
    ...(value("title") && { title: value("title") }),
    ...(when && { actualStart: new Date(when).toISOString() }),
    direction: value("direction"),
    parties: parties.filter((one) => one.name || "mediaChannelId" in one),
  };
}

const party = (side, name, channel) => ({ side, ...(name && { name }), ...(channel !== "" && { mediaChannelId: channel }) });

function tryAgain(card) {
  card.state = "queued";
  show(card, "queued");
  pump();
}

// What the page says

function show(card, state) {
  card.element.dataset.state = state;
  const editable = state === "waiting";
  for (const input of card.element.querySelectorAll("input, select")) input.disabled = !editable;
  card.element.querySelector(".sending").hidden = state !== "sending";
  card.element.querySelector(".outcome").hidden = !["done", "failed", "refused"].includes(state);
  card.element.querySelector(".date").hidden ||= !editable;
}

function settle(card, state, words, outcome = null) {
  card.state = state;
  show(card, state);
  const box = card.element.querySelector(".outcome");
  box.replaceChildren(state === "done" ? "It is here and being worked on. " : `${words} `);
  if (state === "done") {
    const link = document.createElement("a");
    link.href = `/calls/${outcome.call.id}`;
    link.textContent = "Open the call";
    box.append(link);
  } else if (state === "failed") {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small again";
    button.textContent = "Try again";
    box.append(button);
    for (const input of card.element.querySelectorAll("input, select")) input.disabled = false;
  }
}

function refresh() {
  const count = (...states) => [...cards].filter((card) => states.includes(card.state)).length;
  const waiting = count("waiting");
  all.hidden = cards.size < 2 || waiting < 1;
  go.hidden = cards.size === 0;
  start.hidden = waiting === 0;
  start.textContent = waiting === 1 ? "Upload 1 recording" : `Upload ${waiting} recordings`;
  page.classList.toggle("some", cards.size > 0);
  const said = [
    [count("sending", "queued"), "on the way"],
    [count("done"), "here"],
    [count("failed", "refused"), "not taken"],
  ];
  const text = said.filter(([number]) => number).map(([number, words]) => `${number} ${words}`).join(", ");
  if (summary.textContent !== text) summary.textContent = text;
}

function bytes(size) {
  if (size < 1000) return `${size} bytes`;
  const units = ["kB", "MB", "GB"];
  const power = Math.min(units.length, Math.floor(Math.log10(size) / 3));
  return `${(size / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

addEventListener("beforeunload", (event) => {
  if ([...cards].some((card) => ["sending", "queued"].includes(card.state))) event.preventDefault();
});
