import { readReferral } from './referral.ts';
import type { Referral } from './referral.ts';

const { endpoint = '/hw', key, fields } = document.currentScript?.dataset ?? {};

/** What the page can wait for: `const referral = await window.headwaterReferral`. */
(window as Window & { headwaterReferral?: Promise<Referral | undefined> }).headwaterReferral =
  new Promise((resolve) => {
    const read = (): void => resolve(readReferral({ endpoint, key, fields }));
    if (document.readyState === 'loading')
      document.addEventListener('DOMContentLoaded', read, { once: true });
    else read();
  });
