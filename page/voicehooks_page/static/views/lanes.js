/** A call as swim lanes: who did what, on one time axis. */

import { html } from "htm/preact";
import { go, place } from "../address.js";
import { formatNumber, formatStatus } from "../format.js";
import { useWidth } from "../parts/width.js";
import { reported } from "../stores/requests.js";

/** @typedef {import("../timeline.js").Timeline} Timeline */
/** @typedef {import("../timeline.js").Mark} Mark */

const LANES = ["Caller", "Twilio", "Handler", "Postgres", "CRM"];
const MARK_PIXELS = 24;
const TICKS = 10;
const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800];
const HOUR = 3600;
const POINT_PIXELS = 8;
const CHARACTER_PIXELS = 7.5;

/** @param {{ timeline: Timeline }} props */
export function Lanes({ timeline }) {
  const { seconds, caller, twilio, marks, crm, gaps } = timeline;
  const [area, width] = useWidth();
  /** @param {number} at */
  const pixels = (at) => Math.round(width * Math.min(1, at / seconds));
  const placed = sideBySide(marks, pixels);
  return html`
    <div class="lanes" role="group" aria-label="The call on a time axis">
      <div class="lane-names" aria-hidden="true">
        <span></span>${LANES.map((name) => html`<span key=${name}>${name}</span>`)}
      </div>
      <div class="lane-area" ref=${area}>
        <div class="axis" aria-hidden="true">
          ${ticks(seconds).map((tick) =>
            html`<span key=${tick} style=${{ left: `${pixels(tick)}px` }}>${tick} s</span>`
          )}
        </div>
        <div class="lane">
          ${caller.map((span) =>
            html`<${Bar} span=${span} pixels=${pixels}>${formatNumber(span.text)} ${span.kind}<//>`
          )}
        </div>
        <div class="lane">
          ${twilio.map((point) =>
            html`
              <span
                class="point point-${point.kind}"
                style=${{ left: `${pixels(point.at)}px` }}
                title="${point.at.toFixed(2)} s: ${point.text}"
              ></span>
            `
          )}
          ${labelled(twilio, pixels, width).map(({ left, room, text }) =>
            html`
              <span class="point-label" aria-hidden="true" style=${{
                left: `${left}px`,
                maxWidth: `${room}px`,
              }}>${text}</span>
            `
          )}
        </div>
        <svg class="lane-arrows" aria-hidden="true">
          ${placed.map(({ mark, left }) =>
            html`
              <line
                key=${mark.request.id}
                class="arrow arrow-${mark.result} ${mark.repeated ? "arrow-repeated" : ""}"
                x1=${pixels(mark.sent)} y1="0" x2=${left + MARK_PIXELS / 2} y2="100%"
              />
            `
          )}
        </svg>
        <div class="lane">
          ${placed.map(({ mark, left }) => html`<${MarkButton} key=${mark.request.id} mark=${mark} left=${left} />`)}
        </div>
        <div class="lane">
          ${placed.map(({ mark, left }) =>
            mark.result === "accepted" && html`
              <span
                key=${mark.request.id}
                class="write ${mark.changes?.length ? "write-changed" : ""}"
                style=${{ left: `${left}px` }}
                title="Request ${mark.number}: ${describeChanges(mark)}"
              ></span>
            `
          )}
        </div>
        <div class="lane">
          ${crm.map((span) => html`<${Bar} key=${span.at} span=${span} pixels=${pixels}>${span.text}<//>`)}
        </div>
      </div>
    </div>
    ${gaps.map((gap) => html`<p class="problem" key=${gap}>${gap}</p>`)}
  `;
}

/**
 * @param {object} props
 * @param {{ at: number, until: number, kind: string }} props.span
 * @param {(at: number) => number} props.pixels
 * @param {import("preact").ComponentChildren} props.children
 */
function Bar({ span: { at, until, kind }, pixels, children }) {
  const left = pixels(at);
  return html`
    <span class="span span-${kind}" style=${{ left: `${left}px`, width: `${Math.max(2, pixels(until) - left)}px` }}>
      ${children}
    </span>
  `;
}

/** @param {{ mark: Mark, left: number }} props */
function MarkButton({ mark, left }) {
  const selected = String(mark.request.id) === place.value.request;
  const text = describeMark(mark);
  return html`
    <button
      type="button"
      class="mark mark-${mark.result} ${mark.repeated ? "mark-repeated" : ""}"
      style=${{ left: `${left}px` }}
      title=${text}
      aria-label=${text}
      aria-pressed=${selected}
      onClick=${() => go({ request: String(mark.request.id), pane: "request" })}
    >
      ${mark.number}
    </button>
  `;
}

/** @param {Mark} mark */
export function describeMark({ request, number, at, late, repeated }) {
  const { status } = reported(request);
  const answer = request.status === null ? `no answer (${request.error})` : `${request.status ?? "stored"}`;
  const notes = [late && "late", repeated && "repeated", (request.attempt ?? 1) > 1 && `attempt ${request.attempt}`];
  const duration = request.duration_ms === undefined ? "" : ` in ${request.duration_ms} ms`;
  const words = [
    `${number}. ${request.kind} ${formatStatus(status)}`,
    `${answer}${duration}`,
    `at ${at.toFixed(1)} s`,
    ...notes,
  ];
  return words.filter(Boolean).join(", ");
}

/** @param {Mark} mark */
function describeChanges({ changes = [] }) {
  return changes.map(({ type, table }) => `${type} ${table}`).join(", ") || "no row changed";
}

/**
 * The left edges of the marks: where there is no room for another one, the next is to the right.
 *
 * @param {Mark[]} marks
 * @param {(at: number) => number} pixels
 */
function sideBySide(marks, pixels) {
  let free = -Infinity;
  return [...marks].sort((left, right) => left.at - right.at || left.number - right.number).map((mark) => {
    const left = Math.max(pixels(mark.at), free);
    free = left + MARK_PIXELS + 1;
    return { mark, left };
  });
}

/**
 * The words next to the points, where there is room until the next one.
 *
 * @param {import("../timeline.js").Point[]} points
 * @param {(at: number) => number} pixels
 * @param {number} width
 */
function labelled(points, pixels, width) {
  return points.flatMap((point, index) => {
    const left = pixels(point.at);
    const next = points.slice(index + 1).find(({ at }) => pixels(at) > left);
    const room = (next ? pixels(next.at) : width) - left - POINT_PIXELS;
    const text = wordOf(point);
    const isLast = points[index + 1] === undefined || points[index + 1] === next;
    return isLast && room >= text.length * CHARACTER_PIXELS ? [{ left, room, text }] : [];
  });
}

/** @param {import("../timeline.js").Point} point */
function wordOf({ kind, text }) {
  if (kind === "twiml") return text.split(" ")[0];
  if (kind === "recording") return "recording";
  const status = text.split(": ").at(-1) ?? "";
  return status === "in-progress" ? "answered" : status;
}

/**
 * Round seconds on the axis, ten at most.
 *
 * @param {number} seconds
 */
function ticks(seconds) {
  let step = STEPS.find((size) => seconds / size <= TICKS) ?? HOUR;
  while (seconds / step > TICKS) step *= 2;
  return [...Array(Math.floor(seconds / step) + 1).keys()].map((index) => index * step);
}
