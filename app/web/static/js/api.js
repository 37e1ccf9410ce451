// The JSON API. Every failure becomes a Problem whose message can be shown as it is.

export class Problem extends Error {
  constructor(message, { status = 0, code = "" } = {}) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const UNREACHABLE = "The server cannot be reached. Nothing was changed; check the connection and try again.";

export async function api(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(UNREACHABLE);
  }
  if (!answer.ok) throw problemFrom(answer.status, await answer.text().catch(() => ""));
  return answer.status === 204 ? null : answer.json().catch(() => null);
}

export function problemFrom(status, text) {
  let said = {};
  try {
    said = JSON.parse(text);
  } catch {
    // Not a problem document: say what can be said from the status alone.
  }
  return new Problem(said.detail || said.title || `The server answered with an error (${status}). Try again in a moment.`, {
    status,
    code: said.code ?? "",
  });
}
