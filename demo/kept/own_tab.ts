/** In the tab's own storage, which a reload leaves as it is. */
const KEY = 'lstm-webgpu kept';

/** The id of the training that this tab has kept last; undefined: none, or the browser does not say. */
export function ownTraining(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined; // site data is blocked, so nothing is kept either
  }
}

export function setOwnTraining(id: string): void {
  try {
    sessionStorage.setItem(KEY, id);
  } catch {} // it is found without: by being the newest
}
