import type { Headwater } from './options.ts';

/** The client of the page, whenever its script arrives: without it an add-on does nothing. */
export const optionalClient: Pick<Headwater, 'track' | 'setFingerprint'> = {
  track: (name, properties) => clientOfPage()?.track(name, properties),
  setFingerprint: (fingerprint) => clientOfPage()?.setFingerprint(fingerprint),
};

function clientOfPage(): Headwater | undefined {
  return (window as Window & { headwater?: Headwater }).headwater;
}
