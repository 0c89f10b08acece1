/* The doors of live runs: is a model there, start a run, read a run; refusals come as sentences. */

export class Refusal extends Error {
  constructor({ code, message, field = "", retry_after: retryAfter = null }) {
    super(message);
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}

const OFFLINE = {
  code: "offline",
  message: "The site cannot be reached. Check your connection, then try again.",
};
const BROKEN = {
  code: "server_error",
  message: "Something broke on our side. Try again in a minute.",
};

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, { ...options, headers: { Accept: "application/json", ...options?.headers } });
  } catch {
    throw new Refusal(OFFLINE);
  }
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  const body = isJson ? await answer.json() : {};
  if (!answer.ok) throw new Refusal(body.error ?? BROKEN);
  return body;
}

let readiness = null;
const readyUrl = () => document.querySelector("[data-ready-url]").dataset.readyUrl;

/* Fetched once a page, and again when asked for: it also brings the token that a POST needs. */
export function ready(isFresh = false) {
  if (!readiness || isFresh) {
    readiness = ask(readyUrl(), { cache: "no-store" });
    readiness.catch(() => { readiness = null; });
  }
  return readiness;
}

async function send(url, fields) {
  const { csrf } = await ready();
  return ask(url, { method: "POST", body: new URLSearchParams(fields), headers: { "X-CSRFToken": csrf } });
}

export async function post(url, fields = []) {
  try {
    return await send(url, fields);
  } catch (refusal) {
    if (refusal.code !== "csrf") throw refusal;
    // The page outlived its token: one fresh token, one more try.
    await ready(true);
    return send(url, fields);
  }
}

export const read = (url) => ask(url, { cache: "no-store" });
