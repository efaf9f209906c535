import { button } from '../elements.ts';
import { t } from '../texts/index.ts';
import { copyText } from './download.ts';

/** Code behind a summary, with a button that copies it. */
export function codeBox(summaryText: string, testId: string): { host: HTMLElement; text: HTMLElement } {
  const host = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = summaryText;
  const text = document.createElement('pre');
  text.className = 'preview';
  text.dataset.testid = testId;
  const copy = button(t.copy, async () => {
    copy.textContent = (await copyText(text.textContent ?? '')) ? t.copied : t.copyRefused;
  });
  copy.className = 'copy';
  host.append(summary, copy, text);
  return { host, text };
}
