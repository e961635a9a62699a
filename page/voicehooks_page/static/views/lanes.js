/** A call as swim lanes: who did what, on one time axis. */

import { html } from "htm/preact";
import { go, place } from "../address.js";
import { formatNumber, formatStatus } from "../format.js";
import { reported } from "../stores/requests.js";

/** @typedef {import("../timeline.js").Timeline} Timeline */
/** @typedef {import("../timeline.js").Mark} Mark */

const LANES = ["Caller", "Twilio", "Handler", "Postgres", "CRM"];
/** Marks closer than this, in percent of the axis, are drawn next to each other. */
const CLOSE = 1.2;
const MARK_PIXELS = 24;

/** @param {{ timeline: Timeline }} props */
export function Lanes({ timeline }) {
  const { seconds, caller, twilio, marks, crm, gaps } = timeline;
  /** @param {number} at */
  const percent = (at) => 100 * Math.min(1, at / seconds);
  const placed = spread(marks, percent);
  return html`
    <div class="lanes" role="group" aria-label="The call on a time axis">
      <div class="lane-names" aria-hidden="true">
        <span></span>${LANES.map((name) => html`<span key=${name}>${name}</span>`)}
      </div>
      <div class="lane-area">
        <div class="axis" aria-hidden="true">
          ${ticks(seconds).map((tick) =>
            html`<span key=${tick} style=${{ left: `${percent(tick)}%` }}>${tick} s</span>`
          )}
        </div>
        <div class="lane">
          ${caller.map((span) =>
            html`
              <span class="span span-${span.kind}" style=${extent(span, percent)}>${formatNumber(span.text)} ${span
                .kind}</span>
            `
          )}
        </div>
        <div class="lane lane-twilio">
          ${twilio.map((point) =>
            html`
              <span
                class="point point-${point.kind}"
                style=${{ left: `${percent(point.at)}%` }}
                title="${point.at.toFixed(2)} s: ${point.text}"
              ></span>
            `
          )}
        </div>
        <div class="lane lane-handler">
          ${placed.map(({ mark, left }) => html`<${MarkButton} key=${mark.request.id} mark=${mark} left=${left} />`)}
        </div>
        <div class="lane lane-postgres">
          ${placed.map(({ mark, left }) =>
            mark.result === "accepted" && html`
              <span
                key=${mark.request.id}
                class="write ${mark.changes.length > 0 ? "write-changed" : ""}"
                style=${{ left }}
                title="Request ${mark.number}: ${describeChanges(mark)}"
              ></span>
            `
          )}
        </div>
        <div class="lane lane-crm">
          ${crm.map((span) =>
            html`<span key=${span.at} class="span span-${span.kind}" style=${extent(span, percent)}>${span.text}</span>`
          )}
        </div>
        <svg class="lane-arrows" aria-hidden="true">
          ${placed.map(({ mark, left }) =>
            html`
              <line
                key=${mark.request.id}
                class="arrow arrow-${mark.result} ${mark.repeated ? "arrow-repeated" : ""}"
                x1="${percent(mark.sent)}%" y1="0" x2="${percent(mark.at)}%" y2="100%"
                style=${{ transform: `translateX(${left.match(/\+ (\d+px)/)?.[1] ?? "0px"})` }}
              />
            `
          )}
        </svg>
      </div>
    </div>
    ${gaps.map((gap) => html`<p class="problem" key=${gap}>${gap}</p>`)}
  `;
}

/** @param {{ mark: Mark, left: string }} props */
function MarkButton({ mark, left }) {
  const selected = String(mark.request.id) === place.value.request;
  const text = describeMark(mark);
  return html`
    <button
      type="button"
      class="mark mark-${mark.result} ${mark.repeated ? "mark-repeated" : ""}"
      style=${{ left }}
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
function describeChanges({ changes }) {
  return changes.map(({ type, table }) => `${type} ${table}`).join(", ") || "no row changed";
}

/**
 * The left edges of the marks: those at nearly the same time are side by side.
 *
 * @param {Mark[]} marks
 * @param {(at: number) => number} percent
 */
function spread(marks, percent) {
  let anchor = -Infinity;
  let count = 0;
  return [...marks].sort((left, right) => left.at - right.at || left.number - right.number).map((mark) => {
    const at = percent(mark.at);
    if (at - anchor < CLOSE) count += 1;
    else [anchor, count] = [at, 0];
    return { mark, left: `calc(${anchor}% + ${count * MARK_PIXELS}px)` };
  });
}

/**
 * @param {{ at: number, until: number }} span
 * @param {(at: number) => number} percent
 */
function extent({ at, until }, percent) {
  return { left: `${percent(at)}%`, width: `${Math.max(0, percent(until) - percent(at))}%` };
}

/**
 * Round seconds on the axis, ten at most.
 *
 * @param {number} seconds
 */
function ticks(seconds) {
  const step = [1, 2, 5, 10, 30, 60, 300, 600, 3600].find((size) => seconds / size <= 10) ?? 3600;
  return [...Array(Math.floor(seconds / step) + 1).keys()].map((index) => index * step);
}
