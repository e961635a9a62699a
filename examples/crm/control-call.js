// control-call.js
import { postTo } from "./project.js";

/**
 * Ends a call for everyone on it. Throws an Error whose message is a sentence to show.
 * @param {import("./project.js").Project} project
 * @param {string} callSid
 * @returns {Promise<{callSid: string, result: "hung-up" | "already-over"}>}
 */
export function hangUp(project, callSid) {
  return postTo(project, "control-call", { callSid, action: "hang-up" });
}

/**
 * Connects the lead with another phone. Throws an Error whose message is a sentence to show.
 * @param {import("./project.js").Project} project
 * @param {string} callSid
 * @param {string} to A number, sip:... or client:...
 * @param {string} requestId One for each click: a repeated request has no further effect.
 * @returns {Promise<{callSid: string, result: "transferred" | "already-transferred"}>}
 */
export function transfer(project, callSid, to, requestId = crypto.randomUUID()) {
  return postTo(project, "control-call", { callSid, action: "transfer", to, requestId });
}
