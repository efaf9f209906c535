import { byId } from './elements.ts';

/** The page's sections with a tab of their own, by their ids. One is open. */
const DOORS = ['learn', 'forecast'] as const;
export type Door = (typeof DOORS)[number];

/** Open where the link is bare. */
const USUAL: Door = 'learn';

/** The section that a link opens, `#learn...` or `#forecast...`; a link with settings alone is one of a forecast. */
function doorOf(hash: string): Door {
  const name = new URLSearchParams(hash.replace(/^#/, '')).keys().next().value;
  return name === undefined ? USUAL : (DOORS.find((door) => door === name) ?? 'forecast');
}

/** A link to a section. @param state its other entries. */
export const linkTo = (door: Door, state: readonly [string, string][]): string =>
  `#${[door, ...(state.length > 0 ? [new URLSearchParams([...state])] : [])].join('&')}`;

/** Opens the section that the link names, now and whenever another tab is followed. */
export class Doors {
  readonly #onOpen: (door: Door) => void;
  #open = doorOf(location.hash);

  /** @param onOpen called with the section that opens; not with the first. */
  constructor(onOpen: (door: Door) => void) {
    this.#onOpen = onOpen;
    addEventListener('hashchange', () => this.#follow(doorOf(location.hash)));
    this.#show();
  }

  get open(): Door {
    return this.#open;
  }

  #follow(door: Door): void {
    if (door === this.#open) return;
    this.#open = door;
    this.#show();
    this.#onOpen(door);
  }

  #show(): void {
    for (const door of DOORS) {
      const isOpen = door === this.#open;
      byId(door, HTMLElement).hidden = !isOpen;
      const tab = byId(`${door}-tab`, HTMLAnchorElement);
      if (isOpen) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
    }
  }
}
