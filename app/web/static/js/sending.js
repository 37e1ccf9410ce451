// One file on its way: XMLHttpRequest, for fetch cannot say how much has been sent.

import { problemFrom } from "./api.js";

export function sendFile(file, metadata, onProgress) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
  form.append("file", file, file.name);
  const done = new Promise((resolve) => {
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.total));
    request.addEventListener("abort", () => resolve({ stopped: true }));
    request.addEventListener("error", () => resolve({ problem: "The connection broke before the file was here. Nothing is lost: try again." }));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve({ call: JSON.parse(request.responseText) });
      else resolve({ problem: problemFrom(request.status, request.responseText).message });
    });
  });
  request.open("POST", "/api/v1/calls");
  request.send(form);
  return { done, stop: () => request.abort() };
}
