// call-button.js
import { postTo } from "./project.js";

/**
 * @typedef {object} Order
 * @property {string} to
 * @property {string} [from]
 * @property {string} [agent]
 * @property {string} [reference]
 */

/**
 * @typedef {object} PlacedCall
 * @property {string} id
 * @property {string} callSid
 * @property {"connecting"} status
 * @property {string | null} reference
 */

/**
 * Places a call. Throws an Error whose message is a sentence to show.
 * @param {import("./project.js").Project} project
 * @param {Order} order
 * @returns {Promise<PlacedCall>}
 */
export function placeCall(project, order) {
  return postTo(project, "place-call", order);
}
