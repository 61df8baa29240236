"use strict";
// OIDC Session Management 1.0 §3.2. It tells a page of a client whether the session_state that it got still holds.
const NAME = `${document.currentScript.dataset.cookie}=`;

function browserState() {
  const found = document.cookie.split("; ").find((each) => each.startsWith(NAME));
  return found === undefined ? "" : found.slice(NAME.length);
}

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function verdict(message, origin) {
  const [, client, hash, salt] = /^([^ ]+) ([0-9a-f]{64})\.([^ .]+)$/.exec(message) ?? [];
  if (client === undefined) {
    return "error";
  }
  return (await sha256(`${client} ${origin} ${browserState()} ${salt}`)) === hash ? "unchanged" : "changed";
}

addEventListener("message", async (event) => {
  if (event.source !== null && event.origin !== "null") {
    event.source.postMessage(await verdict(String(event.data), event.origin), event.origin);
  }
});
