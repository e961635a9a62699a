/** Where everything of a call is on its time axis: the data of the swim lanes. */

import { formatStatus } from "./format.js";
import { reported, resultOf } from "./stores/requests.js";

/** @typedef {import("./types.js").Story} Story */
/** @typedef {import("./types.js").WebhookRequest} WebhookRequest */
/** @typedef {import("./types.js").RowChange} RowChange */

/**
 * @typedef {object} Mark A webhook request.
 * @property {WebhookRequest} request
 * @property {number} number counted from 1
 * @property {number} sent seconds since the call began, when Twilio had something to say
 * @property {number} at seconds since the call began, when the request was made
 * @property {"accepted" | "refused" | "failed"} result
 * @property {boolean} late
 * @property {boolean} repeated the same content was accepted before
 * @property {RowChange[] | undefined} changes undefined while they are not known
 *
 * @typedef {{ at: number, until: number, text: string, kind: string }} Span
 * @typedef {{ at: number, text: string, kind: string }} Point
 *
 * @typedef {object} Timeline
 * @property {number} seconds the axis's length
 * @property {Span[]} caller
 * @property {Point[]} twilio
 * @property {Mark[]} marks
 * @property {Span[]} crm what a CRM shows
 * @property {string[]} gaps sentences about sequence numbers that are missing
 */

const CALLS = "twilio_calls";
const SHORTEST = 4;
const LATE_SECONDS = 0.75;
const AFTERWARDS_SECONDS = 0.5;

/**
 * @param {Story} story
 * @param {WebhookRequest[]} requests
 * @param {Map<number, RowChange[]>} changes by request
 * @param {number} elapsed seconds since the call began, if it is going on
 * @param {boolean} realTime whether the call's clock runs as fast as the wall's
 * @returns {Timeline}
 */
export function layOut(story, requests, changes, elapsed, realTime) {
  const marks = marksOf(story, requests, changes, realTime);
  const last = Math.max(0, ...story.steps.map((step) => step.offset), ...marks.map((mark) => mark.at));
  const seconds = Math.max(SHORTEST, last * 1.08 + 0.5, story.finished ? 0 : elapsed);
  const end = endOf(story, story.finished ? last : seconds);
  return {
    seconds,
    caller: [{
      at: 0,
      until: end,
      text: story.call.from,
      kind: story.call.direction === "inbound" ? "calls" : "dials",
    }],
    twilio: twilioPoints(story),
    marks,
    crm: crmSpans(marks, seconds, story),
    gaps: gapsOf(requests),
  };
}

/** @param {Story} story @param {number} open */
function endOf({ call, steps }, open) {
  const over = steps.findLast((step) =>
    step.kind === "status" && step.call_sid === call.sid && /: (?!in-progress|ringing)\S+$/.test(step.text)
  );
  return over ? over.offset : open;
}

/** @param {Story} story @returns {Point[]} */
function twilioPoints({ steps }) {
  /** @type {Point[]} */
  const points = [];
  const last = new Map();
  for (const step of steps) {
    if (step.kind === "twiml") points.push({ at: step.offset, text: step.text, kind: "twiml" });
    if (step.kind === "recording" && / (begins|is completed)/.test(step.text)) {
      points.push({ at: step.offset, text: step.text.replace(/RE\w+ /, ""), kind: "recording" });
    }
    if (step.kind !== "status" || last.get(step.call_sid) === step.text) continue;
    last.set(step.call_sid, step.text);
    points.push({ at: step.offset, text: step.text, kind: "status" });
  }
  return points;
}

/**
 * A request belongs to the next webhook step of its leg, which has the time in the call. A live environment has
 * no steps, so there the time of arrival counts. What a person sends again, maybe hours later, is drawn at the end.
 *
 * @param {Story} story
 * @param {WebhookRequest[]} requests
 * @param {Map<number, RowChange[]>} changes
 * @param {boolean} realTime
 * @returns {Mark[]}
 */
function marksOf({ steps }, requests, changes, realTime) {
  const start = requests[0]?.time ?? 0;
  const notes = steps.filter((step) => step.kind === "webhook");
  const end = Math.max(0, ...steps.map((step) => step.offset)) + AFTERWARDS_SECONDS;
  const accepted = new Set();
  return requests.map((request, index) => {
    const content = JSON.stringify([request.kind, request.call_sid, reported(request)]);
    const repeated = accepted.has(content);
    const result = resultOf(request);
    if (result === "accepted") accepted.add(content);
    const note = notes.find((step) =>
      step.id > request.id && step.call_sid === request.call_sid && step.text.startsWith(`${request.kind} `)
    );
    const arrival = request.time - start;
    const sent = note ? note.offset : repeated ? Math.min(arrival, end) : arrival;
    const late = realTime && !repeated && arrival - sent > LATE_SECONDS;
    return {
      request,
      number: index + 1,
      sent,
      at: late ? arrival : sent,
      result,
      late,
      repeated,
      changes: changes.get(request.id),
    };
  });
}

/**
 * The words of `display_status` of the call's row over time; of a request whose rows are unknown, or not read yet,
 * from Twilio's status.
 *
 * @param {Mark[]} marks
 * @param {number} seconds
 * @param {Story} story
 * @returns {Span[]}
 */
function crmSpans(marks, seconds, { sid, recordings }) {
  /** @type {Span[]} */
  const spans = [];
  const known = marks.some((mark) => mark.changes?.some(({ table }) => table === CALLS));
  for (const mark of [...marks].sort((left, right) => left.at - right.at)) {
    const status = known && mark.changes ? storedStatus(mark.changes, sid) : reportedStatus(mark, sid);
    if (!status || spans.at(-1)?.kind === status) continue;
    const previous = spans.at(-1);
    if (previous) previous.until = mark.at;
    const text = status === "completed" ? "Call ended" : formatStatus(status);
    spans.push({ at: mark.at, until: seconds, text, kind: status });
  }
  const ready = marks.findLast((mark) => mark.request.params.RecordingStatus === "completed");
  const last = spans.at(-1);
  if (ready && last && recordings.length > 0 && ready.at > last.at) {
    last.until = ready.at;
    spans.push({ at: ready.at, until: seconds, text: "Recording", kind: "recording" });
  }
  return spans;
}

/**
 * What a request wrote into the call's row.
 *
 * @param {RowChange[]} changes
 * @param {string} sid
 */
function storedStatus(changes, sid) {
  const change = changes.findLast(({ table, record }) => table === CALLS && record?.call_sid === sid);
  return change?.record ? String(change.record.display_status) : "";
}

/**
 * What the row shows after a request, where rows before and after are not known.
 *
 * @param {Mark} mark
 * @param {string} sid
 */
function reportedStatus({ request: { kind, call_sid: leg, params } }, sid) {
  if (kind !== "voice" && kind !== "status") return "";
  if (params.CallStatus === "ringing" || params.CallStatus === "initiated") return "ringing";
  if (leg !== sid) return params.CallStatus === "in-progress" ? "connected" : "";
  return params.CallStatus === "in-progress" ? "" : params.CallStatus ?? "";
}

/** @param {WebhookRequest[]} requests @returns {string[]} */
function gapsOf(requests) {
  /** @type {Map<string, Set<number>>} */
  const numbers = new Map();
  for (const { call_sid: sid, kind, params, status } of requests) {
    if (kind !== "status" || !params.SequenceNumber || status === null) continue;
    numbers.set(sid, (numbers.get(sid) ?? new Set()).add(Number(params.SequenceNumber)));
  }
  return [...numbers].flatMap(([sid, present]) =>
    [...Array(Math.max(...present)).keys()].filter((number) => !present.has(number))
      .map((number) => `Status callback ${number} of ${sid.slice(0, 6)}... has not arrived.`)
  );
}
