import type { Headwater } from './options.ts';

/**
 * Sends a hash of what the device says about itself with the next event. It is kept with that event: many devices
 * have the same one, so it is no identifier and joins nobody. It goes only where something may be kept on the device:
 * not without consent, not with Global Privacy Control, not for a workspace without cookies.
 *
 * @example
 * addFingerprint(init({ endpoint: '/hw' }));
 */
export function addFingerprint(headwater: Pick<Headwater, 'setFingerprint'>): void {
  headwater.setFingerprint(fingerprintOf(readTraits()));
}

/** What a page is told without asking: no canvas, no sound, no list of fonts is probed. */
function readTraits(): readonly unknown[] {
  const { userAgent, languages, hardwareConcurrency, maxTouchPoints } = navigator;
  const { width, height, colorDepth } = screen;
  return [
    userAgent,
    languages,
    hardwareConcurrency,
    maxTouchPoints,
    // Turning the device does not make it another one.
    [width, height].sort((left, right) => left - right),
    colorDepth,
    devicePixelRatio,
    Intl.DateTimeFormat().resolvedOptions().timeZone,
  ];
}

/** 64 bits by FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): Web Crypto is missing on plain http. */
function fingerprintOf(traits: readonly unknown[]): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(JSON.stringify(traits)))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
