const SVG = 'http://www.w3.org/2000/svg';
const [BOX, GAP] = [26, 14];

function element(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** The network unrolled over time: a box a step, its input from below, its state to the right. */
export class Unrolled {
  readonly host = document.createElement('div');
  #boxes: SVGElement[] = [];
  #step = 0;

  constructor() {
    this.host.className = 'unrolled';
    this.host.setAttribute('aria-hidden', 'true'); // the line below it says the same
    this.host.tabIndex = -1; // the arrow keys of the group around it scroll it, too
    this.host.addEventListener('scroll', () => this.#fadeSides());
    new ResizeObserver(() => this.#reveal()).observe(this.host);
  }

  show(steps: number): void {
    const width = steps * (BOX + GAP);
    const svg = element('svg', { viewBox: `0 0 ${width} 62`, width, height: 62 });
    this.#boxes = Array.from({ length: steps }, (_, t) =>
      element('rect', { x: t * (BOX + GAP), y: 4, width: BOX, height: BOX, rx: 5 }),
    );
    for (const [t, box] of this.#boxes.entries()) {
      const left = t * (BOX + GAP);
      const middle = left + BOX / 2;
      const label = element('text', { x: middle, y: 58, 'text-anchor': 'middle' });
      label.textContent = `x${t + 1}`;
      svg.append(box, label, element('path', { d: `M${middle} 46V${BOX + 8}m-4 5l4 -5l4 5` }));
      if (t + 1 < steps) svg.append(element('path', { d: `M${left + BOX + 1} 17h${GAP - 3}m-5 -4l5 4l-5 4` }));
    }
    this.host.replaceChildren(svg);
  }

  moveCursor(step: number): void {
    this.#step = step;
    for (const [t, box] of this.#boxes.entries()) box.classList.toggle('now', t === step);
    this.#reveal();
  }

  /** Scrolls to the cursor, in here only: the page stays where it is. */
  #reveal(): void {
    this.host.scrollLeft = this.#step * (BOX + GAP) + BOX / 2 - this.host.clientWidth / 2;
    this.#fadeSides();
  }

  #fadeSides(): void {
    const { classList, scrollLeft, scrollWidth, clientWidth } = this.host;
    classList.toggle('more-before', scrollLeft > 1);
    classList.toggle('more-after', scrollLeft + clientWidth < scrollWidth - 1);
  }
}
