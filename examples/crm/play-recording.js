// play-recording.js
import { answerOf } from "./project.js";

/** @typedef {import("./project.js").Project} Project */

/**
 * @typedef {Pick<import("./database.types.ts").Tables<"twilio_recordings">,
 *   "recording_sid" | "status" | "duration_seconds">} Recording
 */

/**
 * The recordings of a call that this user may read.
 * @param {Project} project
 * @param {string} callSid
 * @returns {Promise<Recording[]>}
 */
export async function recordingsOf(project, callSid) {
  const query = `call_sid=eq.${callSid}&select=recording_sid,status,duration_seconds&order=created_at`;
  const headers = { apikey: project.key, authorization: `Bearer ${project.token}` };
  return await answerOf(await fetch(`${project.url}/rest/v1/twilio_recordings?${query}`, { headers }));
}

/**
 * An address for the src of an <audio>; give it to URL.revokeObjectURL when it is no longer shown.
 * @param {Project} project
 * @param {string} recordingSid
 */
export async function audioOf(project, recordingSid) {
  const headers = { authorization: `Bearer ${project.token}` };
  const response = await fetch(`${project.url}/functions/v1/recording/${recordingSid}`, { headers });
  if (!response.ok) await answerOf(response);
  return URL.createObjectURL(await response.blob());
}
