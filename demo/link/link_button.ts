import { copyText, fileButton } from '../take_away/download.ts';
import { t } from '../texts/index.ts';

/** How long a button says what became of its click. */
const SAID_MS = 3000;

/** A button that copies the address of what is shown, which for a large file leaves the file out. */
export function linkButton(linkOf: () => Promise<string>): HTMLButtonElement {
  const button = fileButton(t.copyLink, 'copy-link', async () => {
    const link = await linkOf();
    const text = new URL(link).hash.includes('&file=') ? t.linkNeedsFile : t.copied;
    button.textContent = (await copyText(link)) ? text : t.copyLinkRefused;
    setTimeout(() => {
      button.textContent = t.copyLink;
    }, SAID_MS);
  });
  return button;
}
