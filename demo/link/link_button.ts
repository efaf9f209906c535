import { button } from '../elements.ts';
import { copyText } from '../take_away/download.ts';
import { t } from '../texts/index.ts';

/** How long a button shows the result of its click. */
const SAID_MS = 3000;

/** A button that copies the address of what is shown, which for a large file leaves the file out. */
export function linkButton(linkOf: () => Promise<string>): HTMLButtonElement {
  const copyLink = async () => {
    const link = await linkOf();
    const text = new URL(link).hash.includes('&file=') ? t.linkNeedsFile : t.copied;
    made.textContent = (await copyText(link)) ? text : t.copyLinkRefused;
    setTimeout(() => {
      made.textContent = t.copyLink;
    }, SAID_MS);
  };
  const made = button(t.copyLink, copyLink, 'copy-link');
  return made;
}
