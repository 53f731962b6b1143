/** The longest text that a source is made of; a longer one is cut. */
const lengthMax = 255;

/**
 * Text from a URL as it is stored and shown: without control characters and half surrogate pairs, trimmed, at most
 * 255 characters; nothing left is `undefined`.
 */
export function cleanText(text: string): string | undefined {
  const visible = hasControlCharacter(text) ? text.replaceAll(controlCharacters, '') : text;
  const trimmed = visible.trim();
  if (trimmed === '') return undefined;
  const cut = trimmed.length > lengthMax ? cutAtCharacter(trimmed).trimEnd() : trimmed;
  return cut.toWellFormed();
}

/** C0, DEL and C1 (Unicode category Cc), and the two line separators that end a line in logs and CSV readers. */
const controlCharacters = /[\p{Cc}\u2028\u2029]/gu;

function hasControlCharacter(text: string): boolean {
  for (let position = 0; position < text.length; position += 1) {
    const code = text.charCodeAt(position);
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029)
      return true;
  }
  return false;
}

function cutAtCharacter(text: string): string {
  const last = text.charCodeAt(lengthMax - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? lengthMax - 1 : lengthMax);
}
