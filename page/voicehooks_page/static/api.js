/** Requests to the server that serves this page. All addresses are relative to the page's own. */

import { signal } from "@preact/signals";

/** @typedef {{ method: string, path: string, body?: unknown }} ApiRequest */

/** What the server refused, in its own words. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The request that the focused or hovered button makes, or else the last one that a button made. */
export const shownRequest = signal(/** @type {ApiRequest | null} */ (null));

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
export const get = (path) => send({ method: "GET", path });

/**
 * Send a request and return the answer's JSON; null if it has no body.
 *
 * @param {ApiRequest} request
 * @returns {Promise<any>}
 */
export async function send({ method, path, body }) {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, messageOf(text) ?? `The server answered ${response.status}.`);
  return text === "" ? null : JSON.parse(text);
}

/**
 * Read what a server may not have.
 *
 * @param {string} path
 * @returns {Promise<any>} null if it does not have it
 */
export async function getOptional(path) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof ApiError && [404, 405, 501].includes(error.status)) return null;
    throw error;
  }
}

/**
 * A request as a command line.
 *
 * @param {ApiRequest} request
 */
export function asCurl({ method, path, body }) {
  const url = new URL(path, document.baseURI).href;
  const data = body === undefined ? "" : ` -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`;
  return `curl${method === "GET" ? "" : ` -X ${method}`} ${quoted(url)}${data}`;
}

/**
 * A word for a POSIX shell.
 *
 * @param {string} text
 */
export function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} text */
function messageOf(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return undefined;
  }
}
