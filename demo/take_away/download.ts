/** Long enough for a browser that asks where the file should go. */
const REVOKE_AFTER_MS = 60_000;

/** Gives a file to the visitor, as if a link had been clicked. @param type its media type. */
export function download(name: string, data: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}

/**
 * A canvas as a PNG, in all of its pixels. The page's colour shines through an empty canvas, so it is painted first.
 * @param background a CSS colour; what is none counts as white. @throws Error when the browser makes no picture of it.
 */
export async function chartPng(canvas: HTMLCanvasElement, background: string): Promise<Blob> {
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext('2d');
  if (!context) throw new Error('chartPng: the browser has no 2d canvas left.');
  context.fillStyle = 'white';
  context.fillStyle = background; // keeps white where this is no colour
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  return new Promise((resolve, reject) => {
    copy.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error(`chartPng: no picture of ${copy.width} x ${copy.height} pixels could be made.`));
    }, 'image/png');
  });
}

/** Puts text on the clipboard. @returns false where the browser refuses: no permission, or neither https nor localhost. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
