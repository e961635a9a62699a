/** The width of an element, for what is laid out in pixels. */

import { useEffect, useRef, useState } from "preact/hooks";

/** @returns {[{ current: HTMLDivElement | null }, number]} the reference of the element, and its width in pixels */
export function useWidth() {
  const element = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
