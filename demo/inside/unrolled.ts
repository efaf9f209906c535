const SVG = 'http://www.w3.org/2000/svg';
const [BOX, GAP, BARS] = [26, 14, 34];
/** Of a box's outline, which would be cut off at the side. */
const EDGE = 1;
const [BOX_TOP, LABEL] = [BARS + 6, BARS + 60];

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/**
 * The network unrolled over time: a box a step, its input from below, its state to the right; above it a bar for what the output
 * keeps of the step.
 */
export class Unrolled {
  readonly host = document.createElement('div');
  readonly #onStep: (step: number) => void;
  #boxes: SVGElement[] = [];
  #bars: SVGElement[] = [];
  #step = 0;

  constructor(onStep: (step: number) => void) {
    this.#onStep = onStep;
    this.host.className = 'unrolled';
    this.host.setAttribute('aria-hidden', 'true'); // the line below it has the same
    this.host.tabIndex = -1; // the arrow keys of the group around it scroll it, too
    this.host.addEventListener('scroll', () => this.#fadeSides());
    new ResizeObserver(() => this.#reveal()).observe(this.host);
  }

  /** @param kept how much the output depends on each step, of any size; undefined: no bars. */
  show(steps: number, kept?: ArrayLike<number>): void {
    if (this.#boxes.length !== steps) this.#draw(steps);
    const most = Math.max(...Array.from(kept ?? [])) || 1;
    for (const [t, bar] of this.#bars.entries()) {
      const height = BARS * ((kept?.[t] ?? 0) / most);
      bar.setAttribute('y', String(BARS - height));
      bar.setAttribute('height', String(height));
    }
  }

  moveCursor(step: number): void {
    this.#step = step;
    for (const [t, box] of this.#boxes.entries()) box.classList.toggle('now', t === step);
    this.#reveal();
  }

  #draw(steps: number): void {
    const [width, height] = [steps * (BOX + GAP), LABEL + 4];
    const svg = element('svg', { viewBox: `0 0 ${width} ${height}`, width, height });
    const left = (t: number) => EDGE + t * (BOX + GAP);
    const boxes = Array.from({ length: steps }, (_, t) =>
      element('rect', { x: left(t), y: BOX_TOP, width: BOX, height: BOX, rx: 5 }),
    );
    this.#bars = boxes.map((_, t) => element('rect', { class: 'kept-bar', x: left(t) + 7, width: BOX - 14 }));
    for (const [t, box] of boxes.entries()) {
      const middle = left(t) + BOX / 2;
      const label = element('text', { x: middle, y: LABEL, 'text-anchor': 'middle' });
      label.textContent = `x${t + 1}`;
      svg.append(this.#bars[t]!, box, label);
      svg.append(element('path', { d: `M${middle} ${LABEL - 12}V${BOX_TOP + BOX + 4}m-4 5l4 -5l4 5` }));
      if (t + 1 < steps) {
        const arrow = `M${left(t) + BOX + 1} ${BOX_TOP + BOX / 2}h${GAP - 3}m-5 -4l5 4l-5 4`;
        svg.append(element('path', { d: arrow }));
      }
    }
    svg.addEventListener('pointermove', ({ offsetX }) =>
      this.#onStep(Math.max(0, Math.min(steps - 1, Math.floor(offsetX / (BOX + GAP))))),
    );
    this.#boxes = boxes;
    this.host.replaceChildren(svg);
  }

  /** Scrolls to the cursor where it is out of sight, in here only: the page stays where it is. */
  #reveal(): void {
    const { host } = this;
    const left = this.#step * (BOX + GAP);
    if (left < host.scrollLeft || left + BOX > host.scrollLeft + host.clientWidth)
      host.scrollLeft = left + BOX / 2 - host.clientWidth / 2;
    this.#fadeSides();
  }

  #fadeSides(): void {
    const { classList, scrollLeft, scrollWidth, clientWidth } = this.host;
    classList.toggle('more-before', scrollLeft > 1);
    classList.toggle('more-after', scrollLeft + clientWidth < scrollWidth - 1);
  }
}
