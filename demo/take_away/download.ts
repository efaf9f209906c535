import type { Chart } from '../../src/charts/chart.ts';
import { chartSvg, type Svg } from '../../src/charts/svg.ts';
import { button } from '../elements.ts';
import { t } from '../texts/index.ts';

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

/** A button that saves a file. */
export function downloadButton(...[text, save, testId]: Parameters<typeof button>): HTMLButtonElement {
  const made = button(text, save, testId);
  made.className = 'download';
  return made;
}

/** Pixels of a PNG for one of CSS: enough for print. */
const SCALE = 3;

/** Buttons that save what a chart shows, as PNG and as SVG. @param name of the files, and of the buttons behind `take-`. */
export function chartButtons(
  name: string,
  chart: Chart,
  title: () => string,
  fail: (error: unknown) => void,
): HTMLButtonElement[] {
  const save = async (type: 'png' | 'svg') => {
    if (!chart.drawn) return;
    const picture = chartSvg(chart.drawn, title());
    try {
      if (type === 'svg') download(`${name}.svg`, picture.svg, 'image/svg+xml');
      else download(`${name}.png`, await pngOf(picture), 'image/png');
    } catch (error) {
      fail(error);
    }
  };
  return [
    downloadButton(t.takeChart, () => void save('png'), `take-${name}-png`),
    downloadButton(t.takeChartSvg, () => void save('svg'), `take-${name}-svg`),
  ];
}

/** @throws Error where the browser makes no picture of it. */
async function pngOf({ svg, width, height }: Svg): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(SCALE * width, SCALE * height);
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
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
