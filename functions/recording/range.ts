// Byte ranges of a whole body, for a source that ignores the Range header (RFC 9110, section 14).

export interface Range {
  start: number;
  /** The last byte, inclusive. */
  end: number;
}

/**
 * The requested range of a body of `size` bytes.
 *
 * @returns null if the header must be ignored (none, several ranges, another unit); "unsatisfiable" if the
 *   body has no such bytes.
 */
export function parseRange(header: string | null, size: number): Range | "unsatisfiable" | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  if (match[1] === "") {
    const length = Number(match[2]);
    return length === 0 || size === 0
      ? "unsatisfiable"
      : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== "" && Number(match[2]) < start) return null;
  return start >= size ? "unsatisfiable" : { start, end };
}

/** Passes on only the bytes of a range. */
export function sliceStream(range: Range): TransformStream<Uint8Array, Uint8Array> {
  let position = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const from = Math.max(0, range.start - position);
      const to = Math.min(chunk.byteLength, range.end + 1 - position);
      position += chunk.byteLength;
      if (from < to) controller.enqueue(chunk.subarray(from, to));
      if (position > range.end) controller.terminate();
    },
  });
}
