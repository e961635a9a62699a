/** A table of any length, of which only the visible rows are in the document. */

import { html } from "htm/preact";
import { Component } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const BEYOND = 6;

/**
 * @template T
 * @param {object} props
 * @param {string} props.label
 * @param {T[]} props.items
 * @param {string[]} props.columns headings
 * @param {string} props.className
 * @param {number} props.rowHeight pixels
 * @param {(item: T) => string | number} props.keyOf
 * @param {(item: T) => import("preact").ComponentChildren} props.cells
 * @param {(item: T) => boolean} props.isSelected
 * @param {(item: T) => void} props.onSelect
 * @param {() => void} [props.onEnd] called when the last rows are shown
 */
export function VirtualList({
  label,
  items,
  columns,
  className,
  rowHeight,
  keyOf,
  cells,
  isSelected,
  onSelect,
  onEnd,
}) {
  const scroller = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / rowHeight) + BEYOND);
  useEffect(() => {
    if (last === items.length && items.length > 0) onEnd?.();
  }, [last === items.length, items.length]);

  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const step = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 })[event.key];
    if (!step) return;
    event.preventDefault();
    const index = Math.min(items.length - 1, Math.max(0, items.findIndex(isSelected) + step));
    if (!items[index]) return;
    onSelect(items[index]);
    const element = scroller.current;
    if (!element) return;
    if (index * rowHeight < element.scrollTop) element.scrollTop = index * rowHeight;
    const end = (index + 1) * rowHeight - element.clientHeight;
    if (end > element.scrollTop) element.scrollTop = end;
  };

  return html`
    <div class="list ${className}" role="table" aria-label=${label} aria-rowcount=${items.length + 1}>
      <div class="list-head" role="rowgroup">
        <div class="list-row" role="row" aria-rowindex="1">
          ${columns.map((column) => html`<span role="columnheader" key=${column}>${column}</span>`)}
        </div>
      </div>
      <div
        class="list-body"
        role="rowgroup"
        tabindex="0"
        ref=${scroller}
        onScroll=${() => setTop(scroller.current?.scrollTop ?? 0)}
        onKeyDown=${onKeyDown}
      >
        <div class="list-space" role="presentation" style=${{ height: `${items.length * rowHeight}px` }}>
          ${items.slice(first, last).map((item, offset) =>
            html`
              <${ListRow}
                key=${keyOf(item)}
                item=${item}
                index=${first + offset}
                height=${rowHeight}
                selected=${isSelected(item)}
                cells=${cells}
                onSelect=${onSelect}
              />
            `
          )}
        </div>
      </div>
    </div>
  `;
}

/**
 * One row, drawn again only if its item, place or selection has changed.
 *
 * @extends {Component<{ item: any, index: number, height: number, selected: boolean, cells: (item: any) => any,
 *   onSelect: (item: any) => void }>}
 */
class ListRow extends Component {
  /**
   * @override
   * @param {{ item: unknown, index: number, selected: boolean }} next
   */
  shouldComponentUpdate({ item, index, selected }) {
    return item !== this.props.item || index !== this.props.index || selected !== this.props.selected;
  }

  /** @override */
  render() {
    const { item, index, height, selected, cells, onSelect } = this.props;
    return html`
      <div
        class="list-row"
        role="row"
        aria-rowindex=${index + 2}
        aria-current=${selected ? "true" : undefined}
        style=${{ transform: `translateY(${index * height}px)`, height: `${height}px` }}
        onClick=${() => onSelect(item)}
      >
        ${cells(item)}
      </div>
    `;
  }
}
